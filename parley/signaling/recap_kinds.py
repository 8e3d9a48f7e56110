"""The kinds of jobs that recap workers do: here the stages, the database and the blobs meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parley.signaling.job_kinds import Done, JobContext, JobKinds, Kind, Work
from parley.store.blobs import BlobStore
from parley.store.database import Database
from parley.store.jobs import Jobs
from parley.store.settings import Settings

DAY = 86_400.0
ENDED_JOBS_KEPT = timedelta(days=30)


def job_kinds(settings: Settings, database: Database, blobs: BlobStore) -> JobKinds:
    """All kinds, on what a worker has opened."""
    return JobKinds.of([Kind("forget_jobs", _forget_jobs(Jobs(database)), "short", every=DAY)])


def _forget_jobs(jobs: Jobs) -> Work:
    """Once a day: what ended long ago leaves the table."""

    async def work(context: JobContext) -> Done:
        return Done(await jobs.prune(datetime.now(UTC) - ENDED_JOBS_KEPT))

    return work
