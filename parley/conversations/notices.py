"""Notices: what an account is told in the app and by mail, once for each kind and subject.

Telling the same again changes nothing, so whoever tells may crash and start over. A mail is marked as sent once the
mail server took it; its Message-ID is made of the notice's id, so that one that gets it twice can see that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.ids import new_id
from parley.store.database import Database
from parley.store.tables import AccountRow, MeetingRow, MemberRow, NoticeRow, RecordingRow

MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """Something an account is told. link: a path of the client."""

    notice_id: str
    account_id: str
    kind: str
    subject: str
    title: str
    link: str
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice that was not mailed yet, and whom to."""

    notice: Notice
    name: str
    address: str


class Notices:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(
        self,
        accounts: Iterable[str],
        kind: str,
        subject: str,
        title: str,
        link: str,
        now: datetime,
        session: AsyncSession | None = None,
    ) -> None:
        """Tell these accounts, as far as they weren't told yet. session: a transaction that this becomes part of."""
        if session is None:
            async with self._database.session() as own:
                await self.tell(accounts, kind, subject, title, link, now, own)
            return
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        rows = [
            {
                "id": new_id(),
                "account_id": account,
                "kind": kind,
                "subject": subject,
                "title": title[:200],
                "link": link,
                "created_at": now,
            }
            for account in accounts
        ]
        if rows:
            await session.execute(insert(NoticeRow).values(rows).on_conflict_do_nothing())

    async def of_account(self, account_id: str) -> tuple[list[Notice], int]:
        """The newest ones, and how many are unread."""
        mine = NoticeRow.account_id == account_id
        async with self._database.session() as session:
            rows = await session.execute(
                select(NoticeRow).where(mine).order_by(NoticeRow.created_at.desc(), NoticeRow.id).limit(MAX_LISTED)
            )
            unread = await session.execute(
                select(func.count()).select_from(NoticeRow).where(mine, NoticeRow.read_at.is_(None))
            )
            return [_notice(row) for row in rows.scalars()], unread.scalar_one()

    async def read(self, account_id: str, now: datetime) -> None:
        """They have seen them all."""
        statement = update(NoticeRow).where(NoticeRow.account_id == account_id, NoticeRow.read_at.is_(None))
        async with self._database.session() as session:
            await session.execute(statement.values(read_at=now))

    async def members_of(self, recording_id: str) -> list[str]:
        """The accounts of the conversation that a recording belongs to."""
        statement = (
            select(MemberRow.account_id)
            .join(MeetingRow, MeetingRow.conversation_id == MemberRow.conversation_id)
            .join(RecordingRow, RecordingRow.meeting_id == MeetingRow.id)
            .where(RecordingRow.id == recording_id)
        )
        async with self._database.session() as session:
            return list((await session.execute(statement)).scalars())

    # --- mail -------------------------------------------------------------------------------------------------------

    async def mail_of(self, account_id: str, kind: str, subject: str) -> Mail | None:
        """What is to be mailed; None where it was mailed already, or there is no such notice."""
        statement = (
            select(NoticeRow, AccountRow)
            .join(AccountRow, AccountRow.id == NoticeRow.account_id)
            .where(
                NoticeRow.account_id == account_id,
                NoticeRow.kind == kind,
                NoticeRow.subject == subject,
                NoticeRow.mailed_at.is_(None),
            )
        )
        async with self._database.session() as session:
            found = (await session.execute(statement)).one_or_none()
        return None if found is None else Mail(_notice(found[0]), found[1].name, found[1].email)

    async def mailed(self, notice_id: str, now: datetime, session: AsyncSession) -> None:
        """The mail server took it; written in the caller's transaction."""
        row = await session.get(NoticeRow, notice_id)
        if row is not None:
            row.mailed_at = now


def _notice(row: NoticeRow) -> Notice:
    return Notice(
        notice_id=row.id,
        account_id=row.account_id,
        kind=row.kind,
        subject=row.subject,
        title=row.title,
        link=row.link,
        created_at=row.created_at,
        read=row.read_at is not None,
    )
