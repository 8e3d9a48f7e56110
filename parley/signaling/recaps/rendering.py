"""Films that somebody asked for: the whole meeting composed into one, and single moments."""

from __future__ import annotations

import asyncio
from pathlib import Path

from parley.conversations.recaps import Recaps, Stage
from parley.recap import cache
from parley.recap.artefacts import Highlights, Transcript
from parley.recap.film import films
from parley.recap.pipeline import FILM, RecapSettings
from parley.recap.recording import Recording
from parley.recap.schedule import StageStatus
from parley.signaling.job_kinds import Done, JobContext, JobError
from parley.signaling.recap_job import make_recap
from parley.signaling.recaps.library import already, publish
from parley.signaling.recaps.on_demand import CLIPS
from parley.store import recording as stored
from parley.store.blobs import BlobError, BlobStore
from parley.store.recording import RecordingError


class Rendering:
    """See the module. root: the directory of recordings."""

    def __init__(self, root: Path, settings: RecapSettings, recaps: Recaps, blobs: BlobStore) -> None:
        self._root = root
        self._settings = settings
        self._recaps = recaps
        self._blobs = blobs

    async def film(self, context: JobContext) -> Done:
        """The job that composes the whole meeting. Its subject is the recording."""
        recording_id = context.job.subject

        async def changed(status: StageStatus) -> None:
            if status.name == "film":
                await self._recaps.stage(recording_id, Stage(status.name, status.state, status.progress, status.words))

        await make_recap(context, self._root / recording_id, FILM, self._settings, changed)
        await self._publish(recording_id)
        return Done()

    async def clip(self, context: JobContext) -> Done:
        """The job that renders one moment, which its payload names."""
        recording_id, wanted = context.job.subject, context.job.payload["moment"]
        directory = self._root / recording_id
        try:
            await asyncio.to_thread(self._clip, context, directory, wanted)
        except RecordingError as error:
            raise JobError(str(error), retriable=False) from error
        except films.FilmError as error:
            raise JobError(str(error)) from error
        await self._publish(recording_id)
        return Done()

    def _clip(self, context: JobContext, directory: Path, wanted: str) -> None:
        made = directory / stored.RECAP
        highlights = cache.read_artefact(made, "highlights", Highlights)
        said = cache.read_artefact(made, "transcript", Transcript)
        moment = next((one for one in highlights.moments if one.id == wanted), None) if highlights else None
        if moment is None or said is None:
            raise JobError("There is no such moment in this recap.", retriable=False)
        (made / CLIPS).mkdir(exist_ok=True)
        films.render_clip(Recording.open(directory), moment, said, made / CLIPS, context.advance)

    async def _publish(self, recording_id: str) -> None:
        try:
            directory = self._root / recording_id
            known = await already(self._blobs, recording_id, directory)
            await publish(self._blobs, recording_id, directory, known)
        except BlobError as error:
            raise JobError(f"The blob store doesn't take the film: {error}", retriable=error.retriable) from error
