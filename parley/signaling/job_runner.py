"""Does jobs: takes hints from the queue, claims, works, renews the lease meanwhile, and writes what came of it.

Beside that it sweeps: tells the queue again of what it lost, takes over from workers that died, and makes the jobs that
exist by the clock. While the queue is out of reach, what a sweep finds is done here without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from parley.signaling import logs
from parley.signaling.job_kinds import Done, JobContext, JobError, JobKinds, JobStoppedError, Kind
from parley.signaling.tasks import Tasks
from parley.store.job import Job
from parley.store.job_rules import BEAT_SECONDS, LEASE_SECONDS, Lease, LeaseWatch, pause_after
from parley.store.jobs import Also, Jobs, LeaseLostError
from parley.store.queue import JobQueue, Lane, QueueUnavailableError

log = logging.getLogger(__name__)

_DATABASE_FAILURES = (SQLAlchemyError, OSError)
SLOTS: dict[Lane, int] = {"short": 4, "live": 16, "long": 1}
"""How many jobs a worker does at a time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between looks into the queue, between sweeps (more or less, by chance), and between beats of a lease."""

    poll: float = 0.25
    sweep: float = 2.0
    beat: float = BEAT_SECONDS


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class JobRunner:
    """See the module.

    worker: this process's name, unlike any other's. is_gone: whether the worker of a claim is known to be dead.
    """

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        kinds: JobKinds,
        worker: str,
        *,
        is_gone: Callable[[str], bool] = lambda owner: False,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._kinds = kinds
        self._worker = worker
        self._pace = pace or Pace()
        self._clock = clock
        self._watch = LeaseWatch(is_gone)
        self._found: dict[Lane, dict[str, Lease | None]] = {lane: {} for lane in kinds.lanes}
        self._working: dict[str, tuple[JobContext, asyncio.Future[Done | None]]] = {}
        self._periods: dict[str, int] = {}
        self._queue_is_there = True
        self._stopping = False

    @property
    def working(self) -> int:
        """How many jobs it is doing."""
        return len(self._working)

    async def run(self, stop: asyncio.Event) -> None:
        """Do jobs until `stop`; then give back those that aren't finished."""
        loops, work = Tasks(), Tasks()
        for lane in self._kinds.lanes:
            loops.spawn(self._serve(lane, work), f"jobs-{lane}")
        loops.spawn(self._sweeps(), "job-sweeps")
        await stop.wait()
        await loops.close()
        self._stopping = True
        for context, task in list(self._working.values()):
            context.stop()
            task.cancel()
        await work.join()
        with contextlib.suppress(*_DATABASE_FAILURES):
            await self._jobs.release_all(self._worker, self._clock())

    # --- finding work ------------------------------------------------------------------------------------------------

    async def _serve(self, lane: Lane, work: Tasks) -> None:
        free = asyncio.Semaphore(SLOTS[lane])
        while True:
            await free.acquire()
            try:
                job = await self._next(lane)
                task = work.spawn(self._work(job), f"job-{job.kind}")
            except BaseException:
                free.release()
                raise
            task.add_done_callback(lambda _: free.release())

    async def _next(self, lane: Lane) -> Job:
        """The next job of a lane that is this worker's."""
        while True:
            hint = await self._hint(lane)
            if hint is None:
                await asyncio.sleep(self._pace.poll)
                continue
            job_id, dead = hint
            with contextlib.suppress(*_DATABASE_FAILURES):  # a sweep finds it again
                job = await self._jobs.claim(job_id, self._worker, self._clock(), dead)
                if job is not None and job.kind in self._kinds:
                    return job
                if job is not None:  # a newer version's
                    await self._jobs.release(job, self._clock())

    async def _hint(self, lane: Lane) -> tuple[str, Lease | None] | None:
        found = self._found[lane]
        if found:
            job_id = next(iter(found))
            return job_id, found.pop(job_id)
        try:
            job = await self._queue.take(lane)
        except QueueUnavailableError as error:
            if self._queue_is_there:
                log.warning("the queue is out of reach, jobs are found by sweeps: %s", error)
            self._queue_is_there = False
            return None
        self._queue_is_there = True
        return None if job is None else (job, None)

    async def _sweeps(self) -> None:
        there = True
        while True:
            try:
                await self._sweep()
                there = True
            except _DATABASE_FAILURES as error:
                if there:
                    log.error("jobs can't be looked for: %s", error)
                there = False
            await asyncio.sleep(self._pace.sweep * random.uniform(0.75, 1.25))  # noqa: S311 - not a secret

    async def _sweep(self) -> None:
        now = self._clock()
        for kind in self._kinds:
            await self._periodic(kind, now)
        for lane in self._kinds.lanes:
            names = self._kinds.in_lane(lane)
            for job in await self._jobs.untold(names, now):
                try:
                    await self._queue.tell(lane, job.id)
                except QueueUnavailableError:
                    self._found[lane][job.id] = None
        leases = await self._jobs.leases([kind.name for kind in self._kinds])
        others = [lease for lease in leases if lease.job not in self._working]
        for lease in self._watch.dead(others, now.timestamp(), time.monotonic()):
            self._found[self._kinds[lease.kind].lane][lease.job] = lease

    async def _periodic(self, kind: Kind, now: datetime) -> None:
        if kind.every is None:
            return
        period = int(now.timestamp() // kind.every)
        if self._periods.get(kind.name) != period:
            await self._jobs.enqueue(kind.name, kind.name, now, key=f"{kind.name}:{period}")
            self._periods[kind.name] = period

    # --- doing it ----------------------------------------------------------------------------------------------------

    async def _work(self, job: Job) -> None:
        kind = self._kinds[job.kind]
        if job.attempts > job.max_attempts:
            await self._fail(kind, job, f"It was given up after its worker ended {job.max_attempts} times.")
            return
        context = JobContext(job)
        started = time.monotonic()
        task = asyncio.ensure_future(kind.work(context))
        self._working[job.id] = (context, task)
        beating = asyncio.ensure_future(self._beat(job, context, task))
        try:
            await asyncio.wait([task])
            if context.lost:
                log.warning("a job is no longer this worker's", extra={"kind": job.kind})
            elif task.cancelled() or (self._stopping and isinstance(task.exception(), JobStoppedError)):
                await self._settle(job, lambda: self._jobs.release(job, self._clock()))
            else:
                await self._ended(kind, job, task)
                elapsed = round(1000 * (time.monotonic() - started))
                log.info("job ended", extra={"kind": job.kind, "elapsed_ms": elapsed})
        finally:
            beating.cancel()
            self._working.pop(job.id, None)

    async def _ended(self, kind: Kind, job: Job, task: asyncio.Future[Done | None]) -> None:
        """Write what came of it."""
        failure = task.exception()
        if failure is None:
            done = task.result() or Done()
            await self._settle(job, lambda: self._jobs.finish(job, self._clock(), done.result, done.also))
            return
        if isinstance(failure, JobError):
            words, retriable, seconds = str(failure), failure.retriable, failure.seconds
            log.warning("job failed: %s", failure, extra={"kind": job.kind, "failures": job.attempts})
        else:
            words, retriable, seconds = str(logs.safe(failure)), True, None
            log.error("job failed", extra={"kind": job.kind, "failures": job.attempts}, exc_info=failure)
        if not retriable or job.last_attempt:
            await self._fail(kind, job, words)
            return
        if seconds is None:
            seconds = pause_after(job.attempts, random.random(), kind.first_pause)  # noqa: S311 - not a secret
        pause = seconds
        await self._settle(job, lambda: self._jobs.put_off(job, self._clock(), words, pause))

    async def _fail(self, kind: Kind, job: Job, words: str) -> None:
        gave_up = kind.gave_up
        also: Also | None = None if gave_up is None else lambda session: gave_up(session, job, words)
        await self._settle(job, lambda: self._jobs.give_up(job, self._clock(), words, also))

    async def _settle(self, job: Job, write: Callable[[], Awaitable[None]]) -> None:
        """Write the end of a job, also when the database is away for a moment; the lease is renewed meanwhile."""
        until = time.monotonic() + LEASE_SECONDS
        while True:
            try:
                await write()
            except LeaseLostError:
                log.warning("a job is no longer this worker's, its outcome is dropped", extra={"kind": job.kind})
            except _DATABASE_FAILURES as error:
                if time.monotonic() < until and not self._stopping:
                    await asyncio.sleep(1.0)
                    continue
                log.error("the outcome of a job can't be written, it will be done again: %s", error)
            return

    async def _beat(self, job: Job, context: JobContext, task: asyncio.Future[Done | None]) -> None:
        """Renew the lease until it is lost: then the work is stopped."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(self._pace.beat)
            try:
                await self._jobs.beat(job, self._clock(), context.progress)
                renewed = time.monotonic()
            except LeaseLostError:
                break
            except _DATABASE_FAILURES as error:
                log.warning("a lease can't be renewed: %s", error)
                if time.monotonic() - renewed > LEASE_SECONDS:
                    break
        context.lost = True
        context.stop()
        task.cancel()
