"""Where work is asked for: puts a job into the table and tells the queue, so that a worker starts at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from parley.store.job import Job
from parley.store.jobs import MAX_ATTEMPTS, Jobs
from parley.store.queue import JobQueue, Lane, QueueUnavailableError

log = logging.getLogger(__name__)


class JobDesk:
    """See the module. Needs no knowledge of how a job is done, only in which lane."""

    def __init__(self, jobs: Jobs, queue: JobQueue) -> None:
        self.jobs = jobs
        self._queue = queue

    async def ask(
        self,
        kind: str,
        subject: str,
        lane: Lane = "long",
        *,
        key: str = "",
        payload: Mapping[str, Any] | None = None,
        not_before: datetime | None = None,
        max_attempts: int = MAX_ATTEMPTS,
        session: AsyncSession | None = None,
    ) -> Job:
        """The job of this key: the one that is there, or else a new one, of which workers are told at once.

        session: a transaction of the caller's, who calls `tell` once that has committed; a sweep does otherwise.
        """
        job = await self.jobs.enqueue(
            kind, subject, datetime.now(UTC), key=key, payload=payload, not_before=not_before,
            max_attempts=max_attempts, session=session,
        )  # fmt: skip
        if session is None:
            await self.tell(job, lane)
        return job

    async def again(self, job: Job, lane: Lane = "long") -> bool:
        """Have a job that has ended done once more; False when it hasn't ended."""
        if not await self.jobs.again(job.id, datetime.now(UTC)):
            return False
        await self._tell(job.id, lane)
        return True

    async def tell(self, job: Job, lane: Lane = "long") -> None:
        """Tell workers of a job that is due. A queue that is out of reach costs some seconds, no job."""
        if job.state == "waiting" and job.not_before <= datetime.now(UTC):
            await self._tell(job.id, lane)

    async def _tell(self, job_id: str, lane: Lane) -> None:
        try:
            await self._queue.tell(lane, job_id)
        except QueueUnavailableError as error:
            log.warning("the queue is out of reach, the next sweep finds the job: %s", error)
            return
        await self.jobs.told(job_id, datetime.now(UTC))
