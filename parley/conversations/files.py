"""Files in the chats of meetings: what is known of them, and who may have one. Bytes are in parley/store/files.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.authorization import Action, allowed
from parley.conversations.conversations import relation
from parley.conversations.errors import ConflictError, NotFoundError
from parley.store.database import Database
from parley.store.tables import FileRow, MeetingPersonRow, MeetingRow

if TYPE_CHECKING:
    from parley.conversations.meetings import Meeting

MAX_FILES = 100
"""Files that one meeting keeps."""

NO_SUCH_FILE = "There is no such file."


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file of `size` bytes. name is cleaned already; media_type is what it was found to be."""

    file_id: str
    name: str
    size: int
    media_type: str


class Files:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check_room(self, meeting_id: str) -> None:
        """Raises ConflictError when the meeting keeps as many files as it may."""
        async with self._database.session() as session:
            await _check_room(session, meeting_id, MAX_FILES - 1)

    async def add(self, meeting_id: str, file: ChatFile) -> None:
        """Keep what is known of a file. Raises NotFoundError, ConflictError."""
        async with self._database.session() as session:
            # Locked, so that those who come at once are counted one after the other; SQLite has one writer anyway.
            row = await session.get(MeetingRow, meeting_id, with_for_update=True)
            if row is None:
                raise NotFoundError("There is no such meeting.")
            session.add(
                FileRow(
                    id=file.file_id,
                    meeting_id=meeting_id,
                    name=file.name,
                    size=file.size,
                    media_type=file.media_type,
                    created_at=datetime.now(UTC),
                )
            )
            await session.flush()
            await _check_room(session, meeting_id, MAX_FILES)

    async def remove(self, meeting_id: str, file_id: str) -> None:
        """Forget a file; nothing happens when it isn't known."""
        async with self._database.session() as session:
            await session.execute(delete(FileRow).where(FileRow.id == file_id, FileRow.meeting_id == meeting_id))

    async def find(self, meeting: Meeting, file_id: str, account_id: str | None, keys: Iterable[str]) -> ChatFile:
        """A file, for someone who may have it: members of the conversation at any time, others who were let in (by
        their keys) while the meeting lasts. Raises NotFoundError for everybody else."""
        async with self._database.session() as session:
            row = await session.get(FileRow, file_id)
            if row is None or row.meeting_id != meeting.meeting_id:
                raise NotFoundError(NO_SUCH_FILE)
            if account_id is not None:
                standing = await relation(session, account_id, meeting.conversation_id)
                if allowed(standing, Action.READ):
                    return known(row)
            if meeting.ended_at is None:
                for key in keys:
                    person = await session.get(MeetingPersonRow, (meeting.meeting_id, key))
                    if person is not None and person.admitted and not person.removed:
                        return known(row)
        raise NotFoundError(NO_SUCH_FILE)


async def _check_room(session: AsyncSession, meeting_id: str, most: int) -> None:
    count = select(func.count()).select_from(FileRow).where(FileRow.meeting_id == meeting_id)
    if (await session.execute(count)).scalar_one() > most:
        raise ConflictError(f"The chat of a meeting keeps at most {MAX_FILES} files.")


def known(row: FileRow) -> ChatFile:
    """What is known of a file."""
    return ChatFile(row.id, row.name, row.size, row.media_type)


def file_of(row: FileRow | None) -> ChatFile | None:
    """The file of a message that may have none."""
    return None if row is None else known(row)
