"""Jobs: what has to be done, by whom it is being done, and what became of it. This table is the truth.

A queue (queue.py) only tells workers that there is something; what it loses or says twice does no harm. Whoever wants
to work on a job claims it, which succeeds for one: each change of a row asks in the same statement whether the row is
still as it was (compare and swap), so the same holds on SQLite and PostgreSQL. A claim has an owner of its own; whoever
lost the claim can't renew, finish or fail the job any more. So a job has one result, whatever clocks and networks do.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from parley.store.database import Database
from parley.store.job import Job, job_of
from parley.store.job_rules import LEASE_SECONDS, LONGEST_PAUSE, Lease
from parley.store.tables import JobRow

MAX_ATTEMPTS = 5
MAX_ERROR_CHARS = 500
TELL_AGAIN_SECONDS = 30.0
"""After this long without being claimed, a job is told of again."""

Also = Callable[[AsyncSession], Awaitable[None]]
"""What else is to be written in the transaction that ends a job: both come true, or neither."""


class LeaseLostError(Exception):
    """The job isn't this worker's any more: it was cancelled, or taken over by another one."""


class Jobs:
    """See the module. `now` is always the wall clock, in UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert: Any = sqlite.insert if database.is_sqlite else postgresql.insert

    # --- asking for work ---------------------------------------------------------------------------------------------

    async def enqueue(
        self,
        kind: str,
        subject: str,
        now: datetime,
        *,
        key: str = "",
        payload: Mapping[str, Any] | None = None,
        not_before: datetime | None = None,
        max_attempts: int = MAX_ATTEMPTS,
        session: AsyncSession | None = None,
    ) -> Job:
        """The job of this key (by default "kind:subject"): the one that is there, or else a new one.

        session: a transaction that the job becomes part of; then it is there when that commits.
        """
        if session is None:
            async with self._database.session() as own:
                return await self.enqueue(
                    kind, subject, now, key=key, payload=payload, not_before=not_before, max_attempts=max_attempts,
                    session=own,
                )  # fmt: skip
        values = {
            "id": secrets.token_hex(12), "kind": kind, "subject": subject, "unique_key": key or f"{kind}:{subject}",
            "payload": msgspec.json.encode(dict(payload or {})).decode(), "state": "waiting", "attempts": 0,
            "max_attempts": max_attempts, "not_before": not_before or now, "progress": 0.0, "error": "",
            "created_at": now,
        }  # fmt: skip
        await session.execute(self._insert(JobRow).values(values).on_conflict_do_nothing(index_elements=["unique_key"]))
        rows = await session.execute(select(JobRow).where(JobRow.unique_key == values["unique_key"]))
        return job_of(rows.scalar_one())

    async def again(self, job_id: str, now: datetime) -> bool:
        """Do a job that has ended once more; False when it hasn't, or there is none."""
        ended = and_(JobRow.id == job_id, JobRow.state.in_(("done", "failed", "cancelled")))
        return await self._change(
            ended, state="waiting", attempts=0, not_before=now, told_at=None, progress=0.0, error="", result=None,
            started_at=None, finished_at=None,
        )  # fmt: skip

    async def cancel(self, subject: str, now: datetime, kinds: Collection[str] = (), besides: str = "") -> int:
        """Let go of what is still to be done for a subject, or of these kinds of it; whoever works on it notices.

        besides: a job that goes on.
        """
        open_ = and_(JobRow.subject == subject, JobRow.state.in_(("waiting", "running")))
        if kinds:
            open_ = and_(open_, JobRow.kind.in_(kinds))
        if besides:
            open_ = and_(open_, JobRow.id != besides)
        async with self._database.session() as session:
            changed = await session.execute(
                update(JobRow).where(open_).values(state="cancelled", owner=None, lease_until=None, finished_at=now)
            )
            return _count(changed)

    # --- working -----------------------------------------------------------------------------------------------------

    async def claim(self, job_id: str, worker: str, now: datetime, dead: Lease | None = None) -> Job | None:
        """Take a job that is due, or take it over from a `dead` claim; None when another was faster, or it isn't due.

        One whose attempts are used up, because its workers died, comes with attempts beyond max_attempts: give it up.
        """
        owner = f"{worker}#{secrets.token_hex(6)}"
        free = (
            and_(JobRow.state == "waiting", _due(now))
            if dead is None
            else and_(JobRow.state == "running", JobRow.owner == dead.owner, JobRow.lease_until == _moment(dead.until))
        )
        claimed = await self._change(
            and_(JobRow.id == job_id, free), state="running", attempts=JobRow.attempts + 1, owner=owner,
            lease_until=now + timedelta(seconds=LEASE_SECONDS), progress=0.0, started_at=now,
        )  # fmt: skip
        if not claimed:
            return None
        job = await self.get(job_id)
        return job if job is not None and job.owner == owner else None

    async def beat(self, job: Job, now: datetime, progress: float) -> None:
        """Renew the lease. Raises LeaseLostError."""
        until = now + timedelta(seconds=LEASE_SECONDS)
        if not await self._change(_mine(job), lease_until=until, progress=progress):
            raise LeaseLostError(job.id)

    async def finish(self, job: Job, now: datetime, result: Any = None, also: Also | None = None) -> None:
        """It is done. Raises LeaseLostError, and then nothing was written."""
        encoded = None if result is None else msgspec.json.encode(result).decode()
        await self._end(job, also, state="done", result=encoded, progress=1.0, error="", finished_at=now)

    async def put_off(self, job: Job, now: datetime, words: str, seconds: float) -> None:
        """It didn't work; try again in so many seconds. Raises LeaseLostError."""
        later = now + timedelta(seconds=seconds)
        await self._end(job, None, state="waiting", not_before=later, told_at=None, error=words[:MAX_ERROR_CHARS])

    async def give_up(self, job: Job, now: datetime, words: str, also: Also | None = None) -> None:
        """It has failed for good. Raises LeaseLostError."""
        await self._end(job, also, state="failed", error=words[:MAX_ERROR_CHARS], finished_at=now)

    async def release(self, job: Job, now: datetime) -> None:
        """Give it back, as if it had not been tried. Raises LeaseLostError."""
        await self._end(job, None, state="waiting", attempts=JobRow.attempts - 1, not_before=now, told_at=None)

    async def release_all(self, worker: str, now: datetime) -> int:
        """Give back whatever a worker still has, which stops: also what it claimed in its last moment."""
        its = and_(JobRow.state == "running", JobRow.owner.startswith(f"{worker}#", autoescape=True))
        back = {"state": "waiting", "attempts": JobRow.attempts - 1, "not_before": now, "told_at": None}
        async with self._database.session() as session:
            return _count(await session.execute(update(JobRow).where(its).values(owner=None, lease_until=None, **back)))

    async def _end(self, job: Job, also: Also | None, **values: Any) -> None:
        async with self._database.session() as session:
            changed = await session.execute(
                update(JobRow).where(_mine(job)).values(owner=None, lease_until=None, **values)
            )
            if _count(changed) != 1:
                raise LeaseLostError(job.id)
            if also is not None:
                await also(session)

    # --- looking -----------------------------------------------------------------------------------------------------

    async def get(self, job_id: str) -> Job | None:
        """The job of this id."""
        async with self._database.session() as session:
            row = await session.get(JobRow, job_id)
            return None if row is None else job_of(row)

    async def of(self, subject: str) -> list[Job]:
        """All jobs of a subject, oldest first."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(JobRow).where(JobRow.subject == subject).order_by(JobRow.created_at, JobRow.id)
            )
            return [job_of(row) for row in rows.scalars()]

    async def untold(self, kinds: Collection[str], now: datetime, limit: int = 100) -> list[Job]:
        """Due jobs of these kinds that no queue was told of lately: they are marked as told, for one caller only."""
        before = now - timedelta(seconds=TELL_AGAIN_SECONDS)
        # Told in the future: the clock has jumped back.
        untold = or_(JobRow.told_at.is_(None), JobRow.told_at <= before, JobRow.told_at > now)
        async with self._database.session() as session:
            query = (
                select(JobRow)
                .where(JobRow.state == "waiting", JobRow.kind.in_(kinds), _due(now), untold)
                .order_by(JobRow.not_before, JobRow.id)
                .limit(limit)
            )
            found = [job_of(row) for row in (await session.execute(query)).scalars()]
        return [job for job in found if await self.told(job.id, now, untold)]

    async def told(self, job_id: str, now: datetime, unless: ColumnElement[bool] | None = None) -> bool:
        """Note that a queue was told of a waiting job."""
        waiting = and_(JobRow.id == job_id, JobRow.state == "waiting")
        return await self._change(waiting if unless is None else and_(waiting, unless), told_at=now)

    async def leases(self, kinds: Collection[str]) -> list[Lease]:
        """All claims on jobs of these kinds."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(JobRow.id, JobRow.kind, JobRow.owner, JobRow.lease_until).where(
                    JobRow.state == "running", JobRow.kind.in_(kinds)
                )
            )
            return [
                Lease(id_, kind, owner or "", until.timestamp() if until else 0.0) for id_, kind, owner, until in rows
            ]

    async def counts(self) -> dict[tuple[str, str], int]:
        """How many there are, by kind and state."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(JobRow.kind, JobRow.state, func.count()).group_by(JobRow.kind, JobRow.state)
            )
            return {(kind, state): count for kind, state, count in rows}

    async def durations(self, since: datetime) -> dict[str, list[float]]:
        """Seconds from the last start to the end of the jobs that were done since then, by kind; at most 1000."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(JobRow.kind, JobRow.started_at, JobRow.finished_at)
                .where(JobRow.state == "done", JobRow.finished_at >= since)
                .order_by(JobRow.finished_at.desc())
                .limit(1000)
            )
            found: dict[str, list[float]] = {}
            for kind, started, finished in rows:
                if started is not None and finished is not None:
                    found.setdefault(kind, []).append(max(0.0, (finished - started).total_seconds()))
            return found

    async def prune(self, before: datetime) -> int:
        """Forget what ended before then."""
        async with self._database.session() as session:
            return _count(await session.execute(delete(JobRow).where(JobRow.finished_at < before)))

    async def _change(self, where: ColumnElement[bool], **values: Any) -> bool:
        async with self._database.session() as session:
            return _count(await session.execute(update(JobRow).where(where).values(**values))) == 1


def _due(now: datetime) -> ColumnElement[bool]:
    """A retry is never put off for longer than the longest pause: beyond that, the clock has jumped back."""
    impossible = and_(JobRow.attempts > 0, JobRow.not_before > now + timedelta(seconds=1.5 * LONGEST_PAUSE))
    return or_(JobRow.not_before <= now, impossible)


def _mine(job: Job) -> ColumnElement[bool]:
    return and_(JobRow.id == job.id, JobRow.state == "running", JobRow.owner == job.owner)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
