"""Accounts: signing up and signing in with e-mail and password (argon2id)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from parley.conversations.errors import (
    BadCredentialsError,
    EmailTakenError,
    InvalidError,
    NotFoundError,
    SignUpClosedError,
    TermsRequiredError,
    ThrottledError,
)
from parley.conversations.ids import new_id
from parley.store.database import Database
from parley.store.tables import AccountRow

FREE_FAILURES = 5
"""Wrong passwords for one account before waiting begins."""
FREE_FAILURES_OF_ADDRESS = 20
"""The same from one network address: a whole company may stand behind it."""
MAX_WAIT = 300.0
FORGET_AFTER = 900.0
"""Seconds without a failure after which those before count no more."""
MAX_TRACKED = 10_000
HASHES_AT_ONCE = 2
"""argon2 takes 64 MiB and tens of milliseconds of a core each time."""


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who signed up."""

    account_id: str
    email: str
    name: str


class SignInThrottle:
    """Makes guessing passwords slow, by account or by address: after some failures each next one doubles the wait.

    Sans-I/O; times in seconds. Bounded: the one heard of longest ago is forgotten first.
    """

    def __init__(self, free_failures: int = FREE_FAILURES) -> None:
        self._free_failures = free_failures
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until the next attempt is allowed, 0 for now."""
        count, last = self._failures.get(key, (0, now))
        if count < self._free_failures or now - last >= FORGET_AFTER:
            return 0.0
        return max(0.0, last + min(MAX_WAIT, 2.0 ** (count - self._free_failures)) - now)

    def failed(self, key: str, now: float) -> None:
        """An attempt went wrong."""
        count, last = self._failures.pop(key, (0, now))
        if now - last >= FORGET_AFTER:
            count = 0
        self._failures[key] = (min(count + 1, self._free_failures + 40), now)
        if len(self._failures) > MAX_TRACKED:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Start anew."""
        self._failures.pop(key, None)


def normal_email(email: str) -> str:
    """How addresses are kept and compared."""
    return email.strip().lower()


class Accounts:
    """See the module. clock: seconds, monotonic. hasher: how new passwords are hashed; older hashes are replaced when
    their password is next given."""

    def __init__(
        self,
        database: Database,
        sign_up_open: bool = True,
        clock: Callable[[], float] = time.monotonic,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._database = database
        self._sign_up_open = sign_up_open
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._by_account = SignInThrottle()
        self._by_address = SignInThrottle(FREE_FAILURES_OF_ADDRESS)
        self._nobodys_hash: str | None = None

    async def sign_up(self, email: str, name: str, password: str, accept_terms: bool) -> Account:
        """A new account. Raises TermsRequiredError, SignUpClosedError, InvalidError, EmailTakenError."""
        if not accept_terms:
            raise TermsRequiredError("To create an account, accept the Terms and the Privacy Policy.")
        if not self._sign_up_open and await self.any_exist():
            raise SignUpClosedError("This server takes no new accounts. Ask its operator for one.")
        name = " ".join(name.split())
        if not name:
            raise InvalidError("Your name can't be empty.")
        email = normal_email(email)
        now = datetime.now(UTC)
        row = AccountRow(
            id=new_id(),
            email=email,
            name=name,
            password_hash=await self._hash(password),
            created_at=now,
            terms_accepted_at=now,
        )
        try:
            async with self._database.session() as session:
                session.add(row)
        except IntegrityError:
            raise EmailTakenError("There is an account with this e-mail address already. Sign in instead.") from None
        return Account(row.id, email, name)

    async def sign_in(self, email: str, password: str, address: str) -> Account:
        """The account with this password. Raises BadCredentialsError, ThrottledError.

        An unknown address takes as long as a wrong password, so that nobody learns who has an account.
        """
        email = normal_email(email)
        now = self._clock()
        wait = max(self._by_account.wait(email, now), self._by_address.wait(address, now))
        if wait > 0:
            raise ThrottledError("Too many attempts. Wait a moment and try again.", wait)
        async with self._database.session() as session:
            row = (await session.execute(select(AccountRow).where(AccountRow.email == email))).scalar_one_or_none()
        if self._nobodys_hash is None:
            self._nobodys_hash = await self._hash("nobody's password")
        known_hash = row.password_hash if row is not None else self._nobodys_hash
        if not await self._verify(known_hash, password) or row is None:
            self._by_account.failed(email, self._clock())
            self._by_address.failed(address, self._clock())
            raise BadCredentialsError("E-mail or password is wrong.")
        self._by_account.succeeded(email)
        if self._hasher.check_needs_rehash(row.password_hash):
            await self._rehash(row.id, password)
        return Account(row.id, row.email, row.name)

    async def get(self, account_id: str) -> Account:
        """The account with this id. Raises NotFoundError."""
        async with self._database.session() as session:
            row = await session.get(AccountRow, account_id)
        if row is None:
            raise NotFoundError("There is no such account.")
        return Account(row.id, row.email, row.name)

    async def any_exist(self) -> bool:
        """Whether there is any account at all."""
        async with self._database.session() as session:
            return bool((await session.execute(select(func.count()).select_from(AccountRow))).scalar_one())

    async def _rehash(self, account_id: str, password: str) -> None:
        stronger = await self._hash(password)
        async with self._database.session() as session:
            row = await session.get(AccountRow, account_id)
            if row is not None:
                row.password_hash = stronger

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _verify(self, known_hash: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, known_hash, password)
            except (VerificationError, InvalidHashError):
                return False
