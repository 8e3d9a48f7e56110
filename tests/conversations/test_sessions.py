"""Sessions of signed-in browsers: good for a month from the last visit, and worth nothing to who reads the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from parley.conversations import sessions as sessions_module
from parley.conversations.sessions import LIFETIME, SLIDE_AFTER, Sessions
from parley.store.database import Database
from parley.store.tables import SessionRow
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Calendar(datetime):
    """The clock of the module under test; `today` is set by tests."""

    today_is = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return cls.today_is


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> type[Calendar]:
    monkeypatch.setattr(Calendar, "today_is", datetime(2026, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(sessions_module, "datetime", Calendar)
    return Calendar


@pytest.fixture
def sessions(database: Database, calendar: type[Calendar]) -> Sessions:
    return Sessions(database)


async def rows(database: Database, account_id: str) -> list[SessionRow]:
    async with database.session() as session:
        found = await session.execute(select(SessionRow).where(SessionRow.account_id == account_id))
        return list(found.scalars())


async def test_a_token_says_whose_it_is(sessions: Sessions, people: People) -> None:
    ann, bob = await people.some("Ann", "Bob")
    assert await sessions.account_of(await sessions.create(ann.account_id)) == ann
    assert await sessions.account_of(await sessions.create(bob.account_id)) == bob


async def test_only_a_hash_of_the_token_is_kept(database: Database, sessions: Sessions, people: People) -> None:
    account = await people.one()
    token = await sessions.create(account.account_id)
    (row,) = await rows(database, account.account_id)
    assert token not in (row.token_hash, row.account_id)
    assert await sessions.account_of(row.token_hash) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 1000, "'; DROP TABLE sessions; --", "ö"])
async def test_a_token_that_was_never_given_is_nobodys(sessions: Sessions, token: str) -> None:
    assert await sessions.account_of(token) is None


async def test_a_session_ends_when_nobody_came_for_its_lifetime(
    sessions: Sessions, people: People, calendar: type[Calendar]
) -> None:
    account = await people.one()
    token = await sessions.create(account.account_id)
    calendar.today_is += LIFETIME - timedelta(seconds=1)
    last_moment = await sessions.account_of(token)
    assert last_moment == account
    calendar.today_is += LIFETIME
    assert await sessions.account_of(token) is None


async def test_each_visit_prolongs_a_session(sessions: Sessions, people: People, calendar: type[Calendar]) -> None:
    account = await people.one()
    token = await sessions.create(account.account_id)
    for _ in range(10):
        calendar.today_is += LIFETIME - timedelta(days=1)
        assert await sessions.account_of(token) == account


async def test_visits_in_a_row_dont_write_each_time(
    database: Database, sessions: Sessions, people: People, calendar: type[Calendar]
) -> None:
    account = await people.one()
    token = await sessions.create(account.account_id)
    (before,) = await rows(database, account.account_id)
    calendar.today_is += SLIDE_AFTER / 2
    await sessions.account_of(token)
    (after,) = await rows(database, account.account_id)
    assert after.expires_at == before.expires_at


async def test_signing_out_ends_this_browsers_session_only(sessions: Sessions, people: People) -> None:
    account = await people.one()
    here, there = [await sessions.create(account.account_id) for _ in range(2)]
    await sessions.revoke(here)
    await sessions.revoke(here)
    assert await sessions.account_of(here) is None
    assert await sessions.account_of(there) == account


async def test_signing_out_everywhere_ends_all_of_one_account(sessions: Sessions, people: People) -> None:
    account, other = await people.some("Ann", "Bob")
    tokens = [await sessions.create(account.account_id) for _ in range(3)]
    others = await sessions.create(other.account_id)
    await sessions.revoke_all(account.account_id)
    assert [await sessions.account_of(token) for token in tokens] == [None] * 3
    assert await sessions.account_of(others) == other


async def test_sessions_that_are_over_are_swept_away(
    database: Database, sessions: Sessions, people: People, calendar: type[Calendar]
) -> None:
    account = await people.one()
    await sessions.create(account.account_id)
    calendar.today_is += LIFETIME
    await sessions.create((await people.one()).account_id)
    assert await rows(database, account.account_id) == []
