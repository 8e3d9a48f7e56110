"""Recordings: the facts about them that the database keeps. Their bytes are blobs, their recaps in recaps.py.

Facts arrive from media nodes at least once and in order; writing one twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from parley.store.database import Database
from parley.store.tables import DeletionRow, MeetingRow, RecordingRow

FORGOTTEN = timedelta(seconds=120)
"""A recording whose room was not heard of for so long is not taken up again: nobody would expect to be recorded."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of a meeting. ended_at is None while it runs; finished_at: when nothing more will be made of it."""

    recording_id: str
    meeting_id: str
    started_at: datetime
    ended_at: datetime | None = None
    finished_at: datetime | None = None
    paused: bool = False
    recap: bool = True
    gestures: bool = False


class Recordings:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def began(self, meeting_id: str, recording: Recording) -> None:
        """Fact: recording was turned on. One of a meeting that is no more is let go, and one that was deleted."""
        async with self._database.session() as session:
            known = await session.get(RecordingRow, recording.recording_id)
            deleted = await session.get(DeletionRow, recording.recording_id)
            if known is None and deleted is None and await session.get(MeetingRow, meeting_id) is not None:
                session.add(
                    RecordingRow(
                        id=recording.recording_id,
                        meeting_id=meeting_id,
                        started_at=recording.started_at,
                        seen_at=recording.started_at,
                        recap=recording.recap,
                        gestures=recording.gestures,
                    )
                )

    async def paused(self, recording_id: str, paused: bool) -> None:
        """Fact: the recording is paused, or goes on."""
        async with self._database.session() as session:
            row = await session.get(RecordingRow, recording_id)
            if row is not None:
                row.paused = paused

    async def ended(self, recording_id: str, at: datetime) -> None:
        """Fact: nothing will be added to it."""
        async with self._database.session() as session:
            row = await session.get(RecordingRow, recording_id)
            if row is not None and row.ended_at is None:
                row.ended_at = at

    async def get(self, recording_id: str) -> Recording | None:
        """One of them."""
        async with self._database.session() as session:
            row = await session.get(RecordingRow, recording_id)
            return None if row is None else recording_of(row)

    async def seen(self, recording_id: str, at: datetime) -> None:
        """Fact: its room says that it runs."""
        async with self._database.session() as session:
            row = await session.get(RecordingRow, recording_id)
            if row is not None:
                row.seen_at = max(row.seen_at, at)

    async def active(self, meeting_id: str, now: datetime) -> Recording | None:
        """The one of this meeting that runs, and that a room that is opened now goes on with."""
        statement = (
            select(RecordingRow)
            .where(
                RecordingRow.meeting_id == meeting_id,
                RecordingRow.ended_at.is_(None),
                RecordingRow.seen_at >= now - FORGOTTEN,
            )
            .order_by(RecordingRow.started_at.desc())
            .limit(1)
        )
        async with self._database.session() as session:
            row = (await session.execute(statement)).scalar_one_or_none()
            return None if row is None else recording_of(row)

    async def end_forgotten(self, now: datetime) -> list[Recording]:
        """End those whose room is gone and was not opened again; they are returned."""
        statement = select(RecordingRow).where(
            RecordingRow.ended_at.is_(None), RecordingRow.seen_at < now - 2 * FORGOTTEN
        )
        async with self._database.session() as session:
            rows = list((await session.execute(statement)).scalars())
            for row in rows:
                row.ended_at = row.seen_at
            return [recording_of(row) for row in rows]


def recording_of(row: RecordingRow) -> Recording:
    """The recording that a row tells of."""
    return Recording(
        recording_id=row.id,
        meeting_id=row.meeting_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        finished_at=row.finished_at,
        paused=row.paused,
        recap=row.recap,
        gestures=row.gestures,
    )
