"""Recaps as members have them: who may see and change which, what was changed, how far the stages are, when one goes.

What is in a recap are artefacts among the blobs; here is only what the database knows. A recap has its recording's id.
"""

from __future__ import annotations

import calendar
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.authorization import Action, Relation, allowed
from parley.conversations.conversations import relation
from parley.conversations.errors import ConflictError, ForbiddenError, NotFoundError
from parley.conversations.recordings import Recording, recording_of
from parley.store.database import Database
from parley.store.tables import (
    AccountRow,
    DeletionRow,
    MeetingRow,
    MemberRow,
    MessageRow,
    NoticeRow,
    RecapEditRow,
    RecapStageRow,
    RecordingRow,
)

MAX_EDITS = 5000
"""Changes that one recap keeps."""

NO_SUCH_RECAP = "There is no such recap."
NOTICE_KINDS = ("recap",)

Value = str | bool | None


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one stage is: waiting, running, done, failed or skipped; progress 0 to 1; note in words."""

    stage: str
    state: str
    progress: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of one item that a member changed. by is None when their account is gone."""

    item: str
    field: str
    value: Value
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Recap:
    """What the database knows of a recap that somebody may see. can_delete: whether they may delete it too."""

    recording: Recording
    conversation_id: str
    title: str
    stages: tuple[Stage, ...]
    can_delete: bool


@dataclass(frozen=True, slots=True)
class Deletion:
    """A recording that has to go, or is gone, with everything made of it. by is empty where its time was up."""

    recording_id: str
    conversation_id: str
    by: str
    asked_at: datetime
    finished_at: datetime | None


class Recaps:
    """See the module. What a person asks for takes who asks first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- seeing -----------------------------------------------------------------------------------------------------

    async def see(self, account_id: str, recording_id: str) -> Recap:
        """One of them. Raises NotFoundError, also for who is no member of its conversation."""
        async with self._database.session() as session:
            row, meeting = await _require(session, account_id, recording_id, Action.READ)
            return await _recap(session, account_id, row, meeting)

    async def of_account(self, account_id: str, conversation_id: str | None = None, limit: int = 50) -> list[Recap]:
        """Those of the account's conversations, or of one of these, newest first."""
        statement = (
            select(RecordingRow, MeetingRow)
            .join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)
            .join(MemberRow, MemberRow.conversation_id == MeetingRow.conversation_id)
            .where(MemberRow.account_id == account_id)
            .order_by(RecordingRow.started_at.desc())
            .limit(limit)
        )
        if conversation_id is not None:
            statement = statement.where(MeetingRow.conversation_id == conversation_id)
        async with self._database.session() as session:
            found = (await session.execute(statement)).all()
            return [await _recap(session, account_id, row, meeting) for row, meeting in found]

    # --- changing ---------------------------------------------------------------------------------------------------

    async def edit(self, account_id: str, recording_id: str, item: str, field: str, value: Value) -> Edit:
        """A member changes a field of an item. Raises NotFoundError, ConflictError."""
        async with self._database.session() as session:
            row, _ = await _require(session, account_id, recording_id, Action.WRITE)
            known = await session.execute(select(RecapEditRow.id).where(RecapEditRow.recording_id == row.id))
            if len(known.all()) >= MAX_EDITS:
                raise ConflictError("This recap was changed too often to keep one more change.")
            account = await session.get(AccountRow, account_id)
            made = RecapEditRow(
                recording_id=row.id, item=item, field=field, value=json.dumps(value), account_id=account_id,
                at=datetime.now(UTC),
            )  # fmt: skip
            session.add(made)
            return Edit(item, field, value, None if account is None else account.name, made.at)

    async def edits(self, recording_id: str) -> list[Edit]:
        """Every change, oldest first: the last one of a field counts."""
        statement = (
            select(RecapEditRow, AccountRow.name)
            .outerjoin(AccountRow, AccountRow.id == RecapEditRow.account_id)
            .where(RecapEditRow.recording_id == recording_id)
            .order_by(RecapEditRow.id)
        )
        async with self._database.session() as session:
            return [
                Edit(row.item, row.field, json.loads(row.value), name, row.at)
                for row, name in await session.execute(statement)
            ]

    # --- being made -------------------------------------------------------------------------------------------------

    async def stage(self, recording_id: str, stage: Stage) -> None:
        """A stage went on. Nothing happens for a recording that is gone."""
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        values = {
            "state": stage.state,
            "progress": stage.progress,
            "note": stage.note,
            "updated_at": datetime.now(UTC),
        }
        async with self._database.session() as session:
            if await session.get(RecordingRow, recording_id) is None:
                return
            statement = insert(RecapStageRow).values(recording_id=recording_id, stage=stage.stage, **values)
            await session.execute(
                statement.on_conflict_do_update(index_elements=["recording_id", "stage"], set_=values)
            )

    # --- going ------------------------------------------------------------------------------------------------------

    async def delete(self, account_id: str, recording_id: str, now: datetime) -> Deletion:
        """The meeting's host has it deleted: it is gone for everyone at once, its bytes follow. Raises NotFoundError,
        ForbiddenError, ConflictError while it is still being recorded."""
        async with self._database.session() as session:
            row, meeting = await _require(session, account_id, recording_id, Action.READ)
            if meeting.host_id != account_id:
                raise ForbiddenError("Only the meeting's host may delete its recording.")
            if row.ended_at is None:
                raise ConflictError("It is still being recorded. Stop the recording first.")
            account = await session.get(AccountRow, account_id)
            made = await _delete(session, row, meeting, "" if account is None else account.name, now)
            if made is None:
                raise NotFoundError(NO_SUCH_RECAP)
            return made

    async def expire(self, now: datetime, months: int) -> list[Deletion]:
        """Delete those whose time is up; see kept_until."""
        statement = select(RecordingRow, MeetingRow).join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)
        async with self._database.session() as session:
            found = (await session.execute(statement.where(RecordingRow.ended_at.is_not(None)))).all()
            over = [(row, meeting) for row, meeting in found if kept_until(row.started_at, months) <= now]
            gone = [await _delete(session, row, meeting, "", now) for row, meeting in over]
            return [one for one in gone if one is not None]

    async def pending_deletions(self) -> list[Deletion]:
        """Those whose bytes may still be there."""
        statement = select(DeletionRow).where(DeletionRow.finished_at.is_(None))
        async with self._database.session() as session:
            return [_deletion(row) for row in (await session.execute(statement)).scalars()]

    async def deleted(self, recording_id: str, now: datetime) -> None:
        """Nothing of it is left."""
        async with self._database.session() as session:
            row = await session.get(DeletionRow, recording_id)
            if row is not None and row.finished_at is None:
                row.finished_at = now


def message_of(recording_id: str) -> str:
    """The id of the message that tells a conversation of a recap."""
    return f"recap-{recording_id}"[:32]


def kept_until(started_at: datetime, months: int) -> datetime:
    """When a recording's time is up: the same day and hour so many calendar months later, or that month's last day."""
    month = started_at.month - 1 + months
    year, month = started_at.year + month // 12, month % 12 + 1
    return started_at.replace(year=year, month=month, day=min(started_at.day, calendar.monthrange(year, month)[1]))


async def _require(
    session: AsyncSession, account_id: str, recording_id: str, action: Action
) -> tuple[RecordingRow, MeetingRow]:
    """Raises NotFoundError for strangers."""
    found = (await session.execute(_with_meeting().where(RecordingRow.id == recording_id))).one_or_none()
    if found is None:
        raise NotFoundError(NO_SUCH_RECAP)
    row, meeting = found
    standing = await relation(session, account_id, meeting.conversation_id)
    if standing is Relation.STRANGER or not allowed(standing, action):
        raise NotFoundError(NO_SUCH_RECAP)
    return row, meeting


def _with_meeting() -> Select[RecordingRow, MeetingRow]:
    return select(RecordingRow, MeetingRow).join(MeetingRow, MeetingRow.id == RecordingRow.meeting_id)


async def _recap(session: AsyncSession, account_id: str, row: RecordingRow, meeting: MeetingRow) -> Recap:
    stages = await session.execute(select(RecapStageRow).where(RecapStageRow.recording_id == row.id))
    return Recap(
        recording=recording_of(row),
        conversation_id=meeting.conversation_id,
        title=meeting.title,
        stages=tuple(Stage(one.stage, one.state, one.progress, one.note) for one in stages.scalars()),
        can_delete=meeting.host_id == account_id,
    )


async def _delete(
    session: AsyncSession, row: RecordingRow, meeting: MeetingRow, by: str, now: datetime
) -> Deletion | None:
    """None where somebody else was faster."""
    gone = await session.execute(delete(RecordingRow).where(RecordingRow.id == row.id).returning(RecordingRow.id))
    if gone.first() is None:
        return None
    made = DeletionRow(recording_id=row.id, conversation_id=meeting.conversation_id, by=by, asked_at=now)
    session.add(made)
    await session.execute(delete(MessageRow).where(MessageRow.id == message_of(row.id)))
    await session.execute(delete(NoticeRow).where(NoticeRow.kind.in_(NOTICE_KINDS), NoticeRow.subject == row.id))
    await session.flush()
    return _deletion(made)


def _deletion(row: DeletionRow) -> Deletion:
    return Deletion(row.recording_id, row.conversation_id, row.by, row.asked_at, row.finished_at)
