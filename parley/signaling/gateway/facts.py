"""Facts from media nodes on their way into the database: in order, tried again until written.

A fact that the database refuses for good (the meeting is deleted) is logged and let go, so that it holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from parley.conversations.files import ChatFile
from parley.conversations.meetings import ChatLine, Meetings
from parley.conversations.recordings import Recording, Recordings
from parley.signaling.node_messages import (
    AgendaSet,
    AnyFact,
    ChatSaid,
    CohostSet,
    GuestAdmitted,
    LockSet,
    MeetingEnded,
    PersonRemoved,
    RecordingBegan,
    RecordingEnded,
    RecordingPaused,
    RecordingSeen,
)
from parley.signaling.recaps.orders import RecapOrders

log = logging.getLogger(__name__)

MAX_PENDING = 100_000
"""Facts that may wait for a database that is away; an hour of it in a busy company."""

FIRST_RETRY = 0.1
LONGEST_RETRY = 5.0

Write = Callable[[str, AnyFact], Awaitable[None]]


def fact_recorder(meetings: Meetings, recordings: Recordings, orders: RecapOrders) -> Write:
    """Writes facts where meetings and recordings are kept; a recording that begins is followed by a worker."""

    async def record(meeting_id: str, fact: AnyFact) -> None:
        match fact:
            case GuestAdmitted():
                await meetings.admitted(meeting_id, fact.key, datetime.fromtimestamp(fact.at, UTC))
            case PersonRemoved():
                await meetings.removed(meeting_id, fact.key)
            case CohostSet():
                await meetings.cohost(meeting_id, fact.key, fact.cohost)
            case LockSet():
                await meetings.locked(meeting_id, fact.locked)
            case AgendaSet():
                await meetings.agenda(meeting_id, fact.text)
            case ChatSaid():
                said = fact.message
                at = datetime.fromtimestamp(said.at, UTC)
                file = said.file
                known = None if file is None else ChatFile(file.file_id, file.name, file.size, file.media_type)
                line = ChatLine(said.message_id, said.participant_id, said.name, said.text, at, known)
                await meetings.said(meeting_id, line, fact.account_id)
            case MeetingEnded():
                await meetings.ended(meeting_id, datetime.fromtimestamp(fact.at, UTC))
            case RecordingBegan():
                one = fact.recording
                at = datetime.fromtimestamp(one.started_at, UTC)
                await recordings.began(
                    meeting_id, Recording(one.recording_id, meeting_id, at, recap=one.recap, gestures=one.gestures)
                )
                await orders.follow(one.recording_id)
            case RecordingPaused():
                await recordings.paused(fact.recording_id, fact.paused)
            case RecordingSeen():
                await recordings.seen(fact.recording_id, datetime.fromtimestamp(fact.at, UTC))
            case RecordingEnded():
                await recordings.ended(fact.recording_id, datetime.fromtimestamp(fact.at, UTC))

    return record


class FactWriter:
    """See the module. write: puts one fact of one meeting into the database, idempotently."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._pending: deque[tuple[str, AnyFact]] = deque()
        self._added = 0
        self._done = 0
        self._wake = asyncio.Event()
        self._progress = asyncio.Condition()
        self.dropped = 0
        """Facts that could not be kept: refused by the database, or one too many."""

    @property
    def pending(self) -> int:
        """Facts not yet written."""
        return len(self._pending)

    @property
    def written(self) -> int:
        """Facts dealt with so far."""
        return self._done

    def put(self, meeting_id: str, fact: AnyFact) -> None:
        """Take a fact over; it is written soon."""
        if len(self._pending) >= MAX_PENDING:
            self.dropped += 1
            log.error("fact dropped: the database is away for too long", extra={"meeting_id": meeting_id})
            return
        self._pending.append((meeting_id, fact))
        self._added += 1
        self._wake.set()

    async def run(self) -> None:
        """Write for ever. Run by the one writer task."""
        while True:
            while self._pending:
                await self._write_one(*self._pending[0])
                self._pending.popleft()
                self._done += 1
                async with self._progress:
                    self._progress.notify_all()
            self._wake.clear()
            await self._wake.wait()

    async def _write_one(self, meeting_id: str, fact: AnyFact) -> None:
        delay = FIRST_RETRY
        while True:
            try:
                await self._write(meeting_id, fact)
                return
            except Exception as error:
                if not _is_transient(error):
                    self.dropped += 1
                    log.exception("fact dropped", extra={"meeting_id": meeting_id, "kind": type(fact)})
                    return
                log.warning("database away, will write again: %s", type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(LONGEST_RETRY, delay * 2)

    async def flush(self) -> None:
        """Wait until everything put before is in the database. Callers bound the time they wait."""
        target = self._added
        async with self._progress:
            await self._progress.wait_for(lambda: self._done >= target)


def _is_transient(error: Exception) -> bool:
    """Whether the same write may go through later: the database is away, locked or restarting."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    kinds = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout, OSError, TimeoutError)
    return isinstance(error, kinds)
