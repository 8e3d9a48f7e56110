"""Accounts: signing up, signing in without telling who has an account, and making guesses slow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from parley.conversations import accounts as accounts_module
from parley.conversations.accounts import Account, Accounts
from parley.conversations.errors import (
    BadCredentialsError,
    EmailTakenError,
    InvalidError,
    NotFoundError,
    SignUpClosedError,
    TermsRequiredError,
    ThrottledError,
)
from parley.store.database import Database
from parley.store.tables import AccountRow
from tests.conversations.conftest import PASSWORD, QUICK, People

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = "192.0.2.1"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    return Accounts(database, clock=clock, hasher=QUICK)


async def row_of(database: Database, account: Account) -> AccountRow:
    async with database.session() as session:
        return (await session.execute(select(AccountRow).where(AccountRow.id == account.account_id))).scalar_one()


async def fails(accounts: Accounts, email: str, address: str = ADDRESS) -> None:
    with pytest.raises(BadCredentialsError):
        await accounts.sign_in(email, "not the password", address)


# --- signing up -------------------------------------------------------------------------------------------------------


async def test_signing_up_makes_an_account_that_can_sign_in(accounts: Accounts) -> None:
    made = await accounts.sign_up(" Ann@Example.ORG ", " Ann \n Lee ", PASSWORD, True)
    assert (made.email, made.name) == ("ann@example.org", "Ann Lee")
    assert await accounts.sign_in("ANN@example.org", PASSWORD, ADDRESS) == made
    assert await accounts.get(made.account_id) == made


async def test_the_password_is_kept_as_an_argon2id_hash_only(database: Database) -> None:
    made = await Accounts(database).sign_up("hashed@example.org", "Ann", PASSWORD, True)
    row = await row_of(database, made)
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in row.password_hash


async def test_two_accounts_with_one_password_have_two_hashes(database: Database, people: People) -> None:
    first, second = await people.some("Ann", "Bob")
    hashes = {(await row_of(database, account)).password_hash for account in (first, second)}
    assert len(hashes) == 2


async def test_consent_is_kept_with_its_time(database: Database, people: People) -> None:
    row = await row_of(database, await people.one())
    assert row.terms_accepted_at == row.created_at


async def test_without_consent_there_is_no_account(accounts: Accounts) -> None:
    with pytest.raises(TermsRequiredError):
        await accounts.sign_up("no-consent@example.org", "Ann", PASSWORD, False)
    await fails(accounts, "no-consent@example.org")


async def test_without_a_name_there_is_no_account(accounts: Accounts) -> None:
    with pytest.raises(InvalidError):
        await accounts.sign_up("no-name@example.org", " \n ", PASSWORD, True)


async def test_an_address_has_one_account_however_it_is_written(accounts: Accounts, people: People) -> None:
    taken = await people.one()
    with pytest.raises(EmailTakenError):
        await accounts.sign_up(taken.email.upper(), "Other", "another password", True)
    assert await accounts.sign_in(taken.email, PASSWORD, ADDRESS) == taken, "the first one is as it was"


async def test_where_sign_up_is_closed_only_the_very_first_account_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}")
    await database.migrate()
    closed = Accounts(database, sign_up_open=False, hasher=QUICK)
    assert not await closed.any_exist()
    await closed.sign_up("first@example.org", "First", PASSWORD, True)
    assert await closed.any_exist()
    with pytest.raises(SignUpClosedError):
        await closed.sign_up("second@example.org", "Second", PASSWORD, True)
    await database.close()


async def test_an_account_that_isnt_there_is_not_found(accounts: Accounts) -> None:
    with pytest.raises(NotFoundError):
        await accounts.get("nobody")


# --- signing in -------------------------------------------------------------------------------------------------------


async def test_a_wrong_password_and_an_unknown_address_are_told_alike(accounts: Accounts, people: People) -> None:
    known = await people.one()
    said = []
    for email in (known.email, "unknown@example.org"):
        with pytest.raises(BadCredentialsError) as error:
            await accounts.sign_in(email, "not the password", ADDRESS)
        said.append((type(error.value), str(error.value), error.value.code))
    assert said[0] == said[1]


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    accounts: Accounts, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work, not time: a hash is checked either way, with the same parameters."""
    known = await people.one()
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, known_hash: str, password: str) -> Any:
        checked.append(known_hash)
        return verify(hasher, known_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    await fails(accounts, known.email)
    await fails(accounts, "unknown@example.org")
    await fails(accounts, "unknown-too@example.org")
    assert len(checked) == 3
    assert checked[1] == checked[2]
    parameters = [known_hash.rsplit("$", 2)[0] for known_hash in checked]
    assert len(set(parameters)) == 1


async def test_an_unknown_address_is_throttled_like_a_known_one(accounts: Accounts, people: People) -> None:
    known = await people.one()
    waits = []
    for number, email in enumerate((known.email, "throttled-unknown@example.org")):
        for attempt in range(accounts_module.FREE_FAILURES):
            await fails(accounts, email, f"192.0.2.{number}{attempt}")
        with pytest.raises(ThrottledError) as error:
            await accounts.sign_in(email, "not the password", "192.0.2.99")
        waits.append(error.value.retry_after)
    assert waits[0] == waits[1] > 0


async def test_a_password_may_be_any_text(accounts: Accounts) -> None:
    for number, password in enumerate(("пароль и соль", "\U0001f511" * 20, "with \x00 inside", " " * 12)):
        email = f"any{number}@example.org"
        made = await accounts.sign_up(email, "Ann", password, True)
        assert await accounts.sign_in(email, password, ADDRESS) == made
        with pytest.raises(BadCredentialsError):
            await accounts.sign_in(email, password + "x", ADDRESS)


async def test_a_hash_of_weaker_days_is_replaced_when_its_password_is_given(database: Database, people: People) -> None:
    account = await people.one()
    weak = (await row_of(database, account)).password_hash
    today = Accounts(database, hasher=PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    await fails(today, account.email)
    assert (await row_of(database, account)).password_hash == weak, "a wrong password replaces nothing"
    await today.sign_in(account.email, PASSWORD, ADDRESS)
    strong = (await row_of(database, account)).password_hash
    assert "m=128,t=2" in strong
    await today.sign_in(account.email, PASSWORD, ADDRESS)
    assert (await row_of(database, account)).password_hash == strong, "and it is done once"


async def test_an_account_whose_hash_is_damaged_lets_nobody_in(
    database: Database, accounts: Accounts, people: People
) -> None:
    account = await people.one()
    async with database.session() as session:
        row = await session.get(AccountRow, account.account_id)
        assert row is not None
        row.password_hash = "damaged"
    for password in (PASSWORD, "", "damaged"):
        with pytest.raises(BadCredentialsError):
            await accounts.sign_in(account.email, password, ADDRESS)


# --- guessing ---------------------------------------------------------------------------------------------------------


async def test_guesses_at_an_account_wait_longer_and_longer_wherever_they_come_from(
    accounts: Accounts, people: People, clock: Clock
) -> None:
    account = await people.one()
    for number in range(accounts_module.FREE_FAILURES):
        await fails(accounts, account.email, f"192.0.2.{number}")
    waits = []
    for number in range(4):
        with pytest.raises(ThrottledError) as error:
            await accounts.sign_in(account.email, PASSWORD, f"198.51.100.{number}")
        waits.append(error.value.retry_after)
        clock.now += error.value.retry_after
        await fails(accounts, account.email, f"198.51.100.{number}")
    assert waits == [1.0, 2.0, 4.0, 8.0]


async def test_even_the_right_password_waits(accounts: Accounts, people: People, clock: Clock) -> None:
    account = await people.one()
    for _ in range(accounts_module.FREE_FAILURES):
        await fails(accounts, account.email)
    with pytest.raises(ThrottledError):
        await accounts.sign_in(account.email, PASSWORD, ADDRESS)
    clock.now += 1.0
    assert await accounts.sign_in(account.email, PASSWORD, ADDRESS) == account


async def test_signing_in_forgives_the_accounts_failures(accounts: Accounts, people: People) -> None:
    account = await people.one()
    for _ in range(3):
        for _ in range(accounts_module.FREE_FAILURES - 1):
            await fails(accounts, account.email)
        await accounts.sign_in(account.email, PASSWORD, ADDRESS)


async def test_trying_one_password_on_many_accounts_is_slowed_down_too(accounts: Accounts, people: People) -> None:
    for number in range(accounts_module.FREE_FAILURES_OF_ADDRESS):
        await fails(accounts, f"sprayed{number}@example.org")
    victim = await people.one()
    with pytest.raises(ThrottledError):
        await accounts.sign_in(victim.email, PASSWORD, ADDRESS)
    assert await accounts.sign_in(victim.email, PASSWORD, "198.51.100.1") == victim, "others aren't"


async def test_a_company_behind_one_address_may_mistype_now_and_then(
    accounts: Accounts, people: People, clock: Clock
) -> None:
    colleagues = await people.some(*["Colleague"] * 4)
    for _ in range(20):
        for colleague in colleagues:
            await fails(accounts, colleague.email)
            await accounts.sign_in(colleague.email, PASSWORD, ADDRESS)
        clock.now += accounts_module.FORGET_AFTER
