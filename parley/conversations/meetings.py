"""Meetings: their links, and the facts about them that outlive a room.

Facts arrive from media nodes at least once and in order; writing one twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.authorization import Action, Relation
from parley.conversations.conversations import open_conversation, relation, require
from parley.conversations.errors import ForbiddenError, NotFoundError
from parley.conversations.files import ChatFile, file_of
from parley.conversations.ids import new_code, new_id
from parley.store.database import Database
from parley.store.tables import (
    AccountRow,
    ConversationRow,
    FileRow,
    MeetingPersonRow,
    MeetingRow,
    MemberRow,
    MessageRow,
)

MAX_CHAT_LINES = 1000
"""Chat lines that a reopened room knows again."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One call of a conversation."""

    meeting_id: str
    code: str
    title: str
    conversation_id: str
    host_id: str
    host_name: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line of a meeting's chat. With a file the text may be empty."""

    message_id: str
    participant_id: str
    author: str
    text: str
    at: datetime
    file: ChatFile | None = None


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What a room must know again. The people are keys: account or guest ids; admitted: with when they were first let
    in, where that is known."""

    locked: bool
    agenda: str
    admitted: dict[str, datetime | None]
    removed: tuple[str, ...]
    cohosts: tuple[str, ...]
    chat: tuple[ChatLine, ...]


class Meetings:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account_id: str, title: str | None = None, conversation_id: str | None = None) -> Meeting:
        """An instant meeting with the account as host, in a new conversation unless one is named. Raises
        NotFoundError."""
        async with self._database.session() as session:
            account = await session.get(AccountRow, account_id)
            if account is None:
                raise NotFoundError("There is no such account.")
            title = (title or "").strip() or f"{account.name}'s meeting"
            if conversation_id is None:
                conversation = await open_conversation(session, account_id, title)
            else:
                await require(session, account_id, conversation_id, Action.MEET)
                found = await session.get(ConversationRow, conversation_id)
                assert found is not None
                conversation = found
            now = datetime.now(UTC)
            conversation.active_at = now
            row = MeetingRow(
                id=new_id(),
                code=new_code(),
                title=title,
                conversation_id=conversation.id,
                host_id=account_id,
                created_at=now,
            )
            session.add(row)
            return _meeting(row, account)

    async def of_account(self, account_id: str, limit: int = 50) -> list[Meeting]:
        """Meetings of the account's conversations, newest first."""
        statement = (
            _with_host()
            .join(MemberRow, MemberRow.conversation_id == MeetingRow.conversation_id)
            .where(MemberRow.account_id == account_id)
            .order_by(MeetingRow.created_at.desc(), MeetingRow.id)
            .limit(limit)
        )
        async with self._database.session() as session:
            return [_meeting(row, account) for row, account in await session.execute(statement)]

    async def by_code(self, code: str) -> Meeting | None:
        """The meeting that a link leads to."""
        async with self._database.session() as session:
            found = (await session.execute(_with_host().where(MeetingRow.code == code))).one_or_none()
        return None if found is None else _meeting(found[0], found[1])

    async def end(self, account_id: str, code: str) -> Meeting:
        """The host ends the meeting for all; ending it again changes nothing. Who left the conversation, or was put out
        of it, is its host no more. Raises NotFoundError, ForbiddenError."""
        meeting = await self.by_code(code)
        if meeting is None:
            raise NotFoundError("There is no such meeting.")
        async with self._database.session() as session:
            standing = await relation(session, account_id, meeting.conversation_id)
        if meeting.host_id != account_id or standing is Relation.STRANGER:
            raise ForbiddenError("Only the host may end the meeting.")
        await self.ended(meeting.meeting_id, datetime.now(UTC))
        return meeting

    # --- facts ------------------------------------------------------------------------------------------------------

    async def facts(self, meeting_id: str) -> MeetingFacts:
        """Everything that was written down of this meeting."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            people = await session.execute(select(MeetingPersonRow).where(MeetingPersonRow.meeting_id == meeting_id))
            known = people.scalars().all()
            lines = await session.execute(
                select(MessageRow, FileRow)
                .outerjoin(FileRow, FileRow.id == MessageRow.file_id)
                .where(MessageRow.meeting_id == meeting_id)
                .order_by(MessageRow.at.desc(), MessageRow.id.desc())
                .limit(MAX_CHAT_LINES)
            )
            chat = [
                ChatLine(line.id, line.participant_id or "", line.author, line.text, line.at, file_of(file))
                for line, file in reversed(lines.all())
            ]
        return MeetingFacts(
            locked=row is not None and row.locked,
            agenda="" if row is None else row.agenda,
            admitted={person.key: person.admitted_at for person in known if person.admitted},
            removed=tuple(person.key for person in known if person.removed),
            cohosts=tuple(person.key for person in known if person.cohost),
            chat=tuple(chat),
        )

    async def started(self, meeting_id: str) -> datetime:
        """When the meeting's room was first opened: now, the first time. Raises NotFoundError."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            if row is None:
                raise NotFoundError("There is no such meeting.")
            if row.started_at is None:
                row.started_at = datetime.now(UTC)
            return row.started_at

    async def ended(self, meeting_id: str, at: datetime) -> None:
        """Fact: the meeting is over."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            if row is not None and row.ended_at is None:
                row.ended_at = at

    async def locked(self, meeting_id: str, locked: bool) -> None:
        """Fact: the meeting was locked or unlocked."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            if row is not None:
                row.locked = locked

    async def agenda(self, meeting_id: str, text: str) -> None:
        """Fact: the agenda was written anew."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            if row is not None:
                row.agenda = text

    async def admitted(self, meeting_id: str, key: str, at: datetime) -> None:
        """Fact: this person was let in; the first time counts."""
        async with self._database.session() as session:
            person = await self._person(session, meeting_id, key)
            person.admitted = True
            person.admitted_at = min(at, person.admitted_at or at)

    async def removed(self, meeting_id: str, key: str) -> None:
        """Fact: this person was put out, and is nothing there any more."""
        async with self._database.session() as session:
            person = await self._person(session, meeting_id, key)
            person.removed, person.admitted, person.cohost = True, False, False

    async def revoked(self, meeting_id: str, key: str) -> None:
        """Fact: this person lost membership; they may knock again."""
        async with self._database.session() as session:
            person = await session.get(MeetingPersonRow, (meeting_id, key))
            if person is not None:  # else there is nothing to take back, and most meetings never saw most members
                person.admitted = person.cohost = False

    async def cohost(self, meeting_id: str, key: str, cohost: bool) -> None:
        """Fact: this person became co-host, or no longer is."""
        async with self._database.session() as session:
            (await self._person(session, meeting_id, key)).cohost = cohost

    async def said(self, meeting_id: str, line: ChatLine, account_id: str | None) -> None:
        """Fact: a chat line; it is a message of the conversation too."""
        async with self._database.session() as session:
            row = await session.get(MeetingRow, meeting_id)
            if row is None or await session.get(MessageRow, line.message_id) is not None:
                return
            file = await session.get(FileRow, line.file.file_id) if line.file is not None else None
            session.add(
                MessageRow(
                    id=line.message_id,
                    conversation_id=row.conversation_id,
                    meeting_id=meeting_id,
                    participant_id=line.participant_id,
                    account_id=account_id,
                    author=line.author,
                    text=line.text,
                    file_id=file.id if file is not None and file.meeting_id == meeting_id else None,
                    at=line.at,
                )
            )
            conversation = await session.get(ConversationRow, row.conversation_id)
            if conversation is not None:
                conversation.active_at = max(conversation.active_at, line.at)

    async def _person(self, session: AsyncSession, meeting_id: str, key: str) -> MeetingPersonRow:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        values = {"meeting_id": meeting_id, "key": key, "admitted": False, "removed": False, "cohost": False}
        await session.execute(insert(MeetingPersonRow).values(**values).on_conflict_do_nothing())
        row = await session.get(MeetingPersonRow, (meeting_id, key))
        assert row is not None
        return row


def _with_host() -> Select[MeetingRow, AccountRow]:
    return select(MeetingRow, AccountRow).join(AccountRow, AccountRow.id == MeetingRow.host_id)


def _meeting(row: MeetingRow, host: AccountRow) -> Meeting:
    return Meeting(
        meeting_id=row.id,
        code=row.code,
        title=row.title,
        conversation_id=row.conversation_id,
        host_id=row.host_id,
        host_name=host.name,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
