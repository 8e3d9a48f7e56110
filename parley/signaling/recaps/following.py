"""The job that makes a recap: follows the recording while it grows, completes it when it has ended, tells everybody.

While the meeting runs, speech becomes captions and a transcript, and every few minutes of it are read ahead for the
summary; so little is left to do at the end. Killed anywhere, the next worker goes on from the journals.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.recaps import Recaps, Stage
from parley.conversations.recordings import Recording as Known
from parley.conversations.recordings import Recordings
from parley.recap import cache, summary
from parley.recap.ahead import Ahead, reel_ahead
from parley.recap.artefacts import Transcript
from parley.recap.film import films
from parley.recap.gestures.models import ModelsMissingError
from parley.recap.gestures.watch import Watcher
from parley.recap.live import LiveTranscriber
from parley.recap.pipeline import STAGES, RecapSettings, ledger_of, without_gestures
from parley.recap.playable import PlayableAhead
from parley.recap.recogniser import RecogniserError
from parley.recap.recording import Recording
from parley.recap.runner import Report
from parley.recap.schedule import StageStatus
from parley.signaling.job_kinds import Done, JobContext, JobError
from parley.signaling.recap_job import make_recap
from parley.signaling.recaps.completion import Completion
from parley.signaling.recaps.library import key_of, publish
from parley.signaling.recaps.live_lines import Said, Shown, append_lines
from parley.store import recording as stored
from parley.store.blobs import BlobError, BlobStore
from parley.store.job import Job
from parley.store.recording import RecordingError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
PUBLISH_SECONDS = 3.0
AHEAD_SECONDS = 60.0
REEL_SECONDS = 30.0
STAND_STILL_SECONDS = 10.0
"""A recording that was ended and doesn't grow any more, without its recorder having said so, is taken as it is."""
STORE_SECONDS, STORE_PAUSE = 900.0, 2.0
"""How long a blob store that is out of reach is waited for before the job has failed, and between two tries."""
WATCH_SECONDS = 0.25
"""For how long, of each LOOK_SECONDS, cameras are watched."""
FRESH = 5.0
"""Seconds for which a gesture is worth showing in the meeting."""
LIVE = "live"


class Follower:
    """See the module. root: the directory of recordings. One for all jobs of a worker."""

    def __init__(
        self,
        root: Path,
        settings: RecapSettings,
        recordings: Recordings,
        recaps: Recaps,
        blobs: BlobStore,
        completion: Completion,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._settings = settings
        self._recordings = recordings
        self._recaps = recaps
        self._blobs = blobs
        self._completion = completion
        self._clock = clock
        self._heavy = asyncio.Lock()  # recordings take turns in recognising speech

    async def work(self, context: JobContext) -> Done:
        """The job. Its subject is the recording."""
        recording_id = context.job.subject
        known = await self._recordings.get(recording_id)
        if known is None:
            return Done()
        directory = self._root / recording_id
        published: dict[str, tuple[int, int]] = {}
        live = _Live(directory, self._settings, known.recap)
        try:
            await self._follow(context, known, directory, published, live)
            report = await self._complete(context, known, directory, published, live)
            await self._publish(context, known, directory, published)
        except _DeletedError:
            return Done()
        except BlobError as error:
            raise JobError(f"The blob store doesn't take what was made: {error}", retriable=error.retriable) from error
        finally:
            await live.close()
        failed = bool(report.failed)

        async def also(session: AsyncSession) -> None:
            await self._completion.tell(session, recording_id, failed, datetime.now(UTC))

        return Done({"failed": [status.name for status in report.failed]}, also)

    async def gave_up(self, session: AsyncSession, job: Job, words: str) -> None:
        """The job has failed for good: those who wait for the recap are told that too."""
        await self._completion.tell(session, job.subject, True, datetime.now(UTC))

    # --- while the meeting runs -------------------------------------------------------------------------------------

    async def _follow(
        self,
        context: JobContext,
        known: Known,
        directory: Path,
        published: dict[str, tuple[int, int]],
        live: _Live,
    ) -> None:
        next_publish = next_row = 0.0
        size, still_since = 0, self._clock()
        while True:
            context.check()
            now = self._clock()
            recording = await asyncio.to_thread(_open, directory)
            if recording is not None and recording.complete:
                return
            size, before = await asyncio.to_thread(_size, directory), size
            if known.ended_at is None or size != before:
                still_since = now
            if now - still_since > STAND_STILL_SECONDS:
                if recording is None:
                    raise JobError("Nothing of this recording was ever written.", retriable=False)
                await asyncio.to_thread(_close, directory, known)
                return
            if recording is not None:
                at = now - recording.head.started_at.timestamp()
                async with self._heavy:
                    await asyncio.to_thread(live.step, recording, at)
                if now >= live.next_ahead:
                    live.next_ahead = now + AHEAD_SECONDS
                    await live.note_ahead(recording)
                if now >= live.next_reel:
                    live.next_reel = now + REEL_SECONDS
                    live.reel_ahead(recording)
            if recording is not None and now >= next_publish:
                next_publish = now + PUBLISH_SECONDS
                await asyncio.to_thread(live.save)
                await self._publish_so_far(known, directory, published)
            if known.ended_at is None and now >= next_row:
                next_row = now + PUBLISH_SECONDS
                row = await self._recordings.get(known.recording_id)
                if row is None:
                    raise _DeletedError
                known = row
            await asyncio.sleep(LOOK_SECONDS)

    async def _publish_so_far(self, known: Known, directory: Path, published: dict[str, tuple[int, int]]) -> None:
        """What can't be put among the blobs now is put there later; the meeting goes on."""
        try:
            await publish(self._blobs, known.recording_id, directory, published)
        except (BlobError, OSError) as error:
            log.warning("what is made so far can't be seen yet: %s", error)

    # --- after it ---------------------------------------------------------------------------------------------------

    async def _complete(
        self,
        context: JobContext,
        known: Known,
        directory: Path,
        published: dict[str, tuple[int, int]],
        live: _Live,
    ) -> Report:
        async def changed(status: StageStatus) -> None:
            stage = Stage(status.name, status.state, status.progress, status.words)
            await self._recaps.stage(known.recording_id, stage)
            if status.final:
                await self._publish_so_far(known, directory, published)

        settings = replace(self._settings, ahead=await live.hand_over())
        return await make_recap(context, directory, STAGES, settings, changed, parallel=2)

    async def _publish(
        self, context: JobContext, known: Known, directory: Path, published: dict[str, tuple[int, int]]
    ) -> None:
        """Put everything among the blobs, once their store can be reached. Raises BlobError."""
        until = self._clock() + STORE_SECONDS
        while True:
            try:
                await publish(self._blobs, known.recording_id, directory, published)
                await self._keep_tracks(known, directory)
                return
            except BlobError as error:
                if not error.retriable or self._clock() > until:
                    raise
                log.warning("the blob store is waited for: %s", error)
            context.check()
            await asyncio.sleep(STORE_PAUSE)

    async def _keep_tracks(self, known: Known, directory: Path) -> None:
        """What the recorder wrote goes among the blobs too: everything can be made again from it."""
        for path in sorted((directory / stored.TRACKS).glob("*")):
            key = key_of(known.recording_id, f"{stored.TRACKS}/{path.name}")
            if not await self._blobs.exists(key):
                await self._blobs.put_file(key, path)


class _DeletedError(Exception):
    """Nobody wants the recap any more."""


class _Live:
    """What is made of one recording while it grows. next_ahead: when to read ahead again; next_reel: to render ahead.

    recap: whether anything but playable tracks is wanted.
    """

    def __init__(self, directory: Path, settings: RecapSettings, recap: bool) -> None:
        self._directory = directory
        self._recap = directory / stored.RECAP
        self._settings = settings
        self._wanted = recap
        self._live: LiveTranscriber | None = None
        self._tracks = PlayableAhead(self._recap)
        self._watcher: Watcher | None = None
        self._watches = True
        self._failed = False
        self._ledger = ledger_of(directory)
        self._reel: asyncio.Task[None] | None = None
        self._over = False
        self.next_ahead = self.next_reel = 0.0

    def step(self, recording: Recording, at: float) -> None:
        """Transcribe what is new, and say it in the meeting; make what is new of the tracks playable."""
        if self._wanted and not self._failed:
            try:
                self._transcribe(recording, at)
            except (RecogniserError, OSError) as error:
                log.warning("no captions: %s", error)
                self._failed, self._live = True, None
            except Exception:  # all of it is tried again, and told, when the meeting is over
                log.exception("no captions")
                self._failed, self._live = True, None
        if self._watches:
            self._watch(recording, at)
        self._tracks.step(recording)

    def _watch(self, recording: Recording, at: float) -> None:
        """Look for hands, and show in the meeting what they say; without models it is said at the end that none are."""
        try:
            if self._watcher is None:
                if without_gestures(recording):
                    self._watches = False
                    return
                self._recap.mkdir(exist_ok=True)
                self._watcher = self._settings.watch()
            begun = self._watcher.step(recording, at, WATCH_SECONDS)
            append_lines(self._directory, [Shown(one.participant, one.label) for one in begun if at - one.at < FRESH])
        except (ModelsMissingError, OSError) as error:
            log.warning("no gestures: %s", error)
            self._watches, self._watcher = False, None
        except Exception:  # all of it is tried again, and told, when the meeting is over
            log.exception("no gestures")
            self._watches, self._watcher = False, None

    def _transcribe(self, recording: Recording, at: float) -> None:
        if self._live is None:
            self._recap.mkdir(exist_ok=True)
            self._live = LiveTranscriber(
                self._directory, self._settings.choose(self._settings.speech), self._settings.speech
            )
        for update in self._live.step(recording, now=at):
            append_lines(
                self._directory,
                [
                    Said(one.id, one.participant, one.text, one.confirmed)
                    for one in update.segments
                    if one.state == "text" and one.text
                ],
            )

    def reel_ahead(self, recording: Recording) -> None:
        """Begin to render what the reel will most likely show, unless that is being done already."""
        if self._live is not None and (self._reel is None or self._reel.done()):
            self._reel = asyncio.ensure_future(self._render(recording, self._live.transcript()))

    async def _render(self, recording: Recording, said: Transcript) -> None:
        try:
            await asyncio.to_thread(reel_ahead, recording, said, self._ledger, self._recap, lambda: self._over)
        except films.FilmStopped:
            pass
        except films.FilmError as error:
            log.warning("the reel is rendered later: %s", error)

    async def hand_over(self) -> Ahead:
        """The meeting is over: what is there of its recap, for the stages."""
        self._over = True
        if self._reel is not None:
            await asyncio.wait([self._reel])
        live, self._live = self._live, None
        watcher, self._watcher = self._watcher, None
        return Ahead(live, self._tracks, watcher)

    async def close(self) -> None:
        """Nothing more is done here."""
        self._over = True
        if self._reel is not None:
            await asyncio.wait([self._reel])
        await asyncio.to_thread(self._tracks.close)

    async def note_ahead(self, recording: Recording) -> None:
        """Read what is settled of the transcript for the summary; what can't be read now is read at the end."""
        if self._live is not None and not self._failed:
            said = self._live.transcript()
            until = max((one.end for one in said.segments if one.confirmed), default=0.0)
            try:
                await summary.note_ahead(recording, said, self._settings.summary, self._ledger, until)
            except Exception:
                log.exception("nothing is read ahead now")

    def save(self) -> None:
        """Keep the transcript so far as an artefact, for those who look at the recap already."""
        if self._live is not None:
            try:
                cache.save_as(self._directory / stored.RECAP, LIVE, self._live.transcript())
            except OSError as error:
                log.warning("the transcript so far can't be seen: %s", error)


def _open(directory: Path) -> Recording | None:
    try:
        return Recording.open(directory)
    except RecordingError:
        return None


def _size(directory: Path) -> int:
    """Bytes that its recorder wrote."""
    total = 0
    for path in (directory / stored.TIMELINE, *(directory / stored.TRACKS).glob("*")):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _close(directory: Path, known: Known) -> None:
    """Nobody will say any more that the recording is complete: say it here."""
    recording = Recording.open(directory)
    at = recording.duration
    if known.ended_at is not None:
        at = max(at, (known.ended_at - known.started_at).total_seconds())
    with (directory / stored.TIMELINE).open("ab") as file:
        file.write(b"\n" + stored.encode_event(stored.Stopped(at=at, reason="abandoned")))
