"""Signed-in browsers: a random token in a cookie, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from parley.conversations.accounts import Account
from parley.store.database import Database
from parley.store.tables import AccountRow, SessionRow

LIFETIME = timedelta(days=30)
SLIDE_AFTER = timedelta(days=1)
"""How much of the lifetime must be used up before a visit prolongs it."""


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account_id: str) -> str:
        """Sign the account in on a new browser; the token for its cookie."""
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        async with self._database.session() as session:
            await session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            session.add(
                SessionRow(token_hash=_hashed(token), account_id=account_id, created_at=now, expires_at=now + LIFETIME)
            )
        return token

    async def account_of(self, token: str) -> Account | None:
        """Whose token this is, or None; a visit prolongs it."""
        now = datetime.now(UTC)
        async with self._database.session() as session:
            found = (
                await session.execute(
                    select(SessionRow, AccountRow)
                    .join(AccountRow, AccountRow.id == SessionRow.account_id)
                    .where(SessionRow.token_hash == _hashed(token))
                )
            ).one_or_none()
            if found is None or found[0].expires_at <= now:
                return None
            row, account = found
            if row.expires_at - now < LIFETIME - SLIDE_AFTER:
                row.expires_at = now + LIFETIME
            return Account(account.id, account.email, account.name)

    async def revoke(self, token: str) -> None:
        """Sign this browser out."""
        async with self._database.session() as session:
            await session.execute(delete(SessionRow).where(SessionRow.token_hash == _hashed(token)))

    async def revoke_all(self, account_id: str) -> None:
        """Sign the account out everywhere."""
        async with self._database.session() as session:
            await session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
