"""Messages of a conversation, those of its meetings' chats among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select

from parley.conversations.authorization import Action
from parley.conversations.conversations import require
from parley.conversations.errors import InvalidError, NotFoundError
from parley.conversations.files import ChatFile, file_of
from parley.conversations.ids import new_id
from parley.store.database import Database
from parley.store.tables import AccountRow, ConversationRow, FileRow, MeetingRow, MessageRow

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One message. account_id is None for a guest; meeting_id for what was not said in a meeting.

    file: what was sent with it, in the meeting with the link meeting_code.
    """

    message_id: str
    conversation_id: str
    author: str
    account_id: str | None
    meeting_id: str | None
    text: str
    at: datetime
    file: ChatFile | None = None
    meeting_code: str | None = None


class Messages:
    """See the module. Every method takes who asks first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def post(self, account_id: str, conversation_id: str, text: str) -> Message:
        """Write a message. Raises NotFoundError, InvalidError."""
        if not text.strip():
            raise InvalidError("A message needs some text.")
        async with self._database.session() as session:
            await require(session, account_id, conversation_id, Action.WRITE)
            account = await session.get(AccountRow, account_id)
            conversation = await session.get(ConversationRow, conversation_id)
            assert account is not None
            assert conversation is not None
            now = datetime.now(UTC)
            row = MessageRow(
                id=new_id(),
                conversation_id=conversation_id,
                account_id=account_id,
                author=account.name,
                text=text,
                at=now,
            )
            conversation.active_at = now
            session.add(row)
            return _message(row, None, None)

    async def page(
        self, account_id: str, conversation_id: str, before: str | None = None, limit: int = 50
    ) -> tuple[list[Message], str | None]:
        """The newest messages older than the one with id `before`, oldest first, and the `before` that continues.
        Raises NotFoundError."""
        limit = max(1, min(MAX_PAGE, limit))
        async with self._database.session() as session:
            await require(session, account_id, conversation_id, Action.READ)
            statement = (
                select(MessageRow, FileRow, MeetingRow.code)
                .outerjoin(FileRow, FileRow.id == MessageRow.file_id)
                .outerjoin(MeetingRow, MeetingRow.id == MessageRow.meeting_id)
                .where(MessageRow.conversation_id == conversation_id)
            )
            if before is not None:
                mark = await session.get(MessageRow, before)
                if mark is None or mark.conversation_id != conversation_id:
                    raise NotFoundError("There is no such message to go back from.")
                older = or_(MessageRow.at < mark.at, and_(MessageRow.at == mark.at, MessageRow.id < mark.id))
                statement = statement.where(older)
            statement = statement.order_by(MessageRow.at.desc(), MessageRow.id.desc()).limit(limit + 1)
            rows = (await session.execute(statement)).all()
        page = [_message(*row) for row in reversed(rows[:limit])]
        return page, page[0].message_id if len(rows) > limit else None


def _message(row: MessageRow, file: FileRow | None, code: str | None) -> Message:
    return Message(
        message_id=row.id,
        conversation_id=row.conversation_id,
        author=row.author,
        account_id=row.account_id,
        meeting_id=row.meeting_id,
        text=row.text,
        at=row.at,
        file=file_of(file),
        meeting_code=code,
    )
