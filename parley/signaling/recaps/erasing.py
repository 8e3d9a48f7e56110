"""Deleting recordings with everything made of them: on request, and when their time is up.

The rows are gone at once (conversations/recaps.py), so nobody sees anything any more; here the bytes follow, among the
blobs and in the directory of recordings, and the record of the deletion says when nothing was left.
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

from parley.conversations.recaps import Recaps
from parley.signaling.job_kinds import Done, JobContext, JobError
from parley.signaling.recaps.library import folder_of
from parley.signaling.recaps.orders import CLIP, ERASE, FILM, FOLLOW, MAIL
from parley.store.blobs import BlobError, BlobStore
from parley.store.job_rules import BEAT_SECONDS
from parley.store.jobs import Jobs

AGAIN_SECONDS = BEAT_SECONDS + 2.0
"""Until then a worker whose job was cancelled has noticed; what it wrote in between goes too."""


class Erasing:
    """See the module. root: the directory of recordings; months: how long they are kept."""

    def __init__(self, root: Path, months: int, recaps: Recaps, blobs: BlobStore, jobs: Jobs) -> None:
        self._root = root
        self._months = months
        self._recaps = recaps
        self._blobs = blobs
        self._jobs = jobs

    async def work(self, context: JobContext) -> Done:
        """The job of one deletion. Its subject is the recording."""
        recording_id, now = context.job.subject, datetime.now(UTC)
        cancelled = await self._jobs.cancel(recording_id, now, (FOLLOW, FILM, CLIP, MAIL))
        try:
            await self._blobs.delete_prefix(folder_of(recording_id))
            await asyncio.to_thread(_remove, self._root / recording_id)
            left = await self._blobs.list_prefix(folder_of(recording_id))
        except BlobError as error:
            raise JobError(f"The blob store didn't delete it: {error}", retriable=error.retriable) from error
        if cancelled or left or (self._root / recording_id).exists():
            raise JobError("Somebody was still at work on it: look again.", seconds=AGAIN_SECONDS)
        await self._recaps.deleted(recording_id, now)
        return Done()

    async def expire(self, context: JobContext) -> Done:
        """The hourly job: what is over goes, and what was to go and hasn't is asked for again."""
        now = datetime.now(UTC)
        over = await self._recaps.expire(now, self._months)
        for deletion in await self._recaps.pending_deletions():
            key = f"{ERASE}:{deletion.recording_id}:{now:%Y%m%d%H}"
            await self._jobs.enqueue(ERASE, deletion.recording_id, now, key=key)
        return Done(len(over))


def _remove(directory: Path) -> None:
    if directory.is_dir():
        shutil.rmtree(directory)
