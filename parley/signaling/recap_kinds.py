"""The kinds of jobs that recap workers do: here the stages, the database and the blobs meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parley.conversations.notices import Notices
from parley.conversations.recaps import Recaps
from parley.conversations.recordings import Recordings
from parley.signaling.job_kinds import Done, JobContext, JobKinds, Kind, Work
from parley.signaling.recaps.completion import Completion
from parley.signaling.recaps.erasing import Erasing
from parley.signaling.recaps.following import Follower
from parley.signaling.recaps.mailing import Mailing
from parley.signaling.recaps.orders import CLIP, ERASE, FILM, FOLLOW, MAIL
from parley.signaling.recaps.rendering import Rendering
from parley.signaling.recaps.settings import recap_settings
from parley.store.blobs import BlobStore
from parley.store.database import Database
from parley.store.jobs import Jobs
from parley.store.settings import Settings

DAY, MINUTE = 86_400.0, 60.0
ENDED_JOBS_KEPT = timedelta(days=30)


def job_kinds(settings: Settings, database: Database, blobs: BlobStore) -> JobKinds:
    """All kinds, on what a worker has opened."""
    jobs, notices = Jobs(database), Notices(database)
    recordings, recaps = Recordings(database), Recaps(database)
    stages = recap_settings(settings)
    follower = Follower(
        settings.recordings, stages, recordings, recaps, blobs, Completion(notices, jobs, settings.public_url)
    )
    rendering = Rendering(settings.recordings, stages, recaps, blobs)
    erasing = Erasing(settings.recordings, settings.keep_months, recaps, blobs, jobs)
    mailing = Mailing(settings, notices)
    return JobKinds.of(
        [
            Kind(FOLLOW, follower.work, "live", gave_up=follower.gave_up),
            Kind(FILM, rendering.film),
            Kind(CLIP, rendering.clip),
            Kind(ERASE, erasing.work, "short"),
            Kind(MAIL, mailing.work, "short", first_pause=30.0),
            Kind("expire", erasing.expire, "short", every=60 * MINUTE),
            Kind("end_forgotten", _end_forgotten(recordings), "short", every=MINUTE),
            Kind("forget_jobs", _forget_jobs(jobs), "short", every=DAY),
        ]
    )


def _end_forgotten(recordings: Recordings) -> Work:
    """Every minute: recordings whose room is gone for good have ended, and their recaps can be completed."""

    async def work(context: JobContext) -> Done:
        return Done(len(await recordings.end_forgotten(datetime.now(UTC))))

    return work


def _forget_jobs(jobs: Jobs) -> Work:
    """Once a day: what ended long ago leaves the table."""

    async def work(context: JobContext) -> Done:
        return Done(await jobs.prune(datetime.now(UTC) - ENDED_JOBS_KEPT))

    return work
