"""Transcribes a recording while it grows, and to its end: captions now, a complete transcript right after the meeting.

Call `step` again and again with the recording as it is; each time the windows that have become complete are transcribed
and written to the journal, and drafts of open ones are given as captions. What was written is never done again, also by
another process after this one was killed. `finish` does what is left.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from parley.recap.artefacts import Segment, Speech, Transcript, VoiceActivity
from parley.recap.audio import RATE, Damage, Samples
from parley.recap.engines import Engines
from parley.recap.journal import Done, Journal, Quiet, Reached, Unreadable
from parley.recap.language import LanguageMemory
from parley.recap.listener import SETTLED, Ready, TrackListener
from parley.recap.load import Load
from parley.recap.missing import holes
from parley.recap.recogniser import Context, Heard, RecogniserError, SpeechSettings
from parley.recap.recording import Recording, Span, Track
from parley.recap.segments import segments, unheard
from parley.recap.transcript import transcript, voice_activity
from parley.recap.voice import GAP, Place
from parley.recap.windows import Window

DRAFT_EVERY = 3.0
"""Seconds of new speech after which a caption is drafted anew."""
AWAY = 30.0
"""Seconds without a sign of the recorder, after which it isn't waited for: it may only have nothing to write."""
_WINDOWS_A_STEP = 4
"""Then new audio is looked at again."""
_SLICE = 60.0
"""Seconds of all tracks that are listened to at a time, which bounds the memory that a whole recording takes."""
_QUIET_ENTRY = 60 * RATE


@dataclass(frozen=True, slots=True)
class Update:
    """A window's segments, in place of those that were given for it before; gone: ids that are no more."""

    segments: tuple[Segment, ...]
    gone: tuple[str, ...] = ()


class LiveTranscriber:
    """See the module. clock: seconds of any monotonic clock, to measure what recognition costs."""

    def __init__(
        self,
        directory: Path,
        engines: Engines,
        settings: SpeechSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.journal = Journal(directory)
        self._engines = engines
        self._load = Load(len(engines.ladder), (settings or SpeechSettings()).patience)
        self._clock = clock
        self._listeners: dict[str, TrackListener] = {}
        self._pending: list[tuple[int, str, Ready]] = []
        self._language = LanguageMemory()
        for entry in self.journal.entries:
            if isinstance(entry, Done) and entry.strangeness is not None:
                seconds = sum(one.end - one.start for one in entry.speech)
                self._language.note(entry.track, entry.strangeness, seconds)
        self._drafted: dict[str, tuple[int, str, tuple[str, ...]]] = {}
        self._recording: Recording | None = None
        self._newest = self._grew = -math.inf
        self._began: float | None = None

    @property
    def backlog(self) -> float:
        """Seconds of speech that wait to be transcribed."""
        return sum(ready.window.seconds for _, _, ready in self._pending)

    def step(self, recording: Recording, *, now: float) -> Iterator[Update]:
        """What is new at the meeting's second `now`; some windows at a time, so that the caller stays in charge."""
        self._recording = recording
        self.journal.flush()
        self._listen(recording, complete=False, horizon=None, now=self._present(now))
        context = _context(recording)
        for _ in range(_WINDOWS_A_STEP):
            if not self._pending:
                yield from self._drafts(context)
                return
            yield from self._transcribe(context, self._load.rung(self.backlog))

    def finish(self, recording: Recording, *, hurry: bool = True) -> Iterator[Update]:
        """What is left, of a recording that is complete. hurry: take a cheaper engine rather than be late."""
        self._recording = recording
        self.journal.flush()
        context = _context(recording)
        horizon = min((one.at for one in self._listeners.values()), default=0.0)
        while True:
            horizon += _SLICE
            done = self._listen(recording, complete=True, horizon=horizon, now=recording.duration)
            while self._pending:
                yield from self._transcribe(context, self._load.rung(self.backlog) if hurry else 0)
            if done:
                return

    def transcript(self) -> Transcript:
        """What the journal holds, as the artefact."""
        return transcript(self.journal, self._engines.notes, self._recording)

    def voice_activity(self) -> VoiceActivity:
        """The speech that was found so far in finished windows."""
        return voice_activity(self.journal)

    def _listen(self, recording: Recording, *, complete: bool, horizon: float | None, now: float) -> bool:
        """Gather windows of every microphone; whether all are finished."""
        tracks = [track for track in recording.of("microphone", "screen_audio") if track.codec == "opus"]
        written = max((recording.duration, *(one.at for one in self._listeners.values())))
        written = self._written(written)
        for track in tracks:
            listener = self._listeners.get(track.id)
            if listener is None:
                listener = self._listeners[track.id] = self._listener(track)
            for ready in listener.listen(track, complete=complete, horizon=horizon, now=now, written=written):
                heapq.heappush(self._pending, (ready.window.end, ready.window.id, ready))
            for damage in listener.damage:
                self._mark(track, damage, listener)
            listener.damage.clear()
            self._note_quiet(track, listener)
        return all(self._listeners[track.id].finished for track in tracks)

    def _written(self, newest: float) -> float:
        """Up to which second everything is on the disk, when `newest` is the latest of which anything is.

        A recorder that is away writes all of what waited for it when it is back, so only what it wrote tells; one that
        showed no sign for long has nothing to write, and what was being said is over.
        """
        ticks = self._clock()
        if newest != self._newest:
            self._newest, self._grew = newest, ticks
        return newest + GAP / RATE if ticks - self._grew > AWAY else newest - SETTLED

    def _present(self, now: float) -> float:
        """The meeting's second, also after somebody has set the machine's clock back."""
        ticks = self._clock()
        if self._began is None:
            self._began = now - ticks
        return max(now, self._began + ticks)

    def _listener(self, track: Track) -> TrackListener:
        reached = self.journal.reached.get(track.id, Reached())
        return TrackListener(track, Place(reached.at, reached.speaking), reached.until)

    def _waiting(self, track: str) -> bool:
        return any(ready.window.track == track for _, _, ready in self._pending)

    def _mark(self, track: Track, damage: Damage, listener: TrackListener) -> None:
        reached = self.journal.reached.get(track.id, Reached())
        start, end = round(damage.span.start, 3), round(damage.span.end, 3)
        ident = f"{track.id}:{round(start * 1000)}.lost"
        if any(isinstance(one, Unreadable) and one.segment.id == ident for one in self.journal.entries):
            return
        segment = Segment(
            id=ident, participant=track.participant, track=track.id, start=start, end=end,
            state="untranscribed", reason=damage.reason, confidence=0.0,
        )  # fmt: skip
        self.journal.add(Unreadable(track=track.id, at=reached.at, speaking=reached.speaking, segment=segment))

    def _note_quiet(self, track: Track, listener: TrackListener) -> None:
        reached = self.journal.reached.get(track.id, Reached())
        place = listener.place
        if place.at - reached.at >= _QUIET_ENTRY and not self._waiting(track.id):
            self.journal.add(Quiet(track=track.id, at=place.at, speaking=place.speaking))

    def _transcribe(self, context: Context, rung: int) -> Iterator[Update]:
        size = max(1, self._engines.ladder[rung].batch)
        batch = [heapq.heappop(self._pending)[2] for _ in range(min(size, len(self._pending)))]
        heard, rung, failure = self._heard([ready.samples for ready in batch], context, rung, batch)
        engine = self._engines.ladder[rung]
        for index, ready in enumerate(batch):
            window = ready.window
            if heard is None:
                made = unheard(window, failure)
            else:
                said = self._judged(window, heard[index])
                made = segments(window, said, context, punctuated=engine.punctuates, holes=self._holes(window))
            strangeness = heard[index].strangeness if heard else None
            if strangeness is not None:
                self._language.note(window.track, strangeness, window.seconds)
            self.journal.add(
                Done(
                    track=window.track, at=ready.place.at, speaking=ready.place.speaking, until=window.end,
                    speech=_speech(window), segments=made, engine=engine.engine, draft=engine.draft,
                    note=failure or ("behind" if rung else ""),
                    strangeness=strangeness,
                )
            )  # fmt: skip
            yield self._update(window.track, window.id, made)
            self._drafted.pop(window.track, None)

    def _holes(self, window: Window) -> list[Span]:
        recording = self._recording
        if recording is None:
            return []
        return [one for track in recording.tracks if track.id == window.track for one in holes(recording, track)]

    def _judged(self, window: Window, heard: Heard) -> Heard:
        """What was heard, without its text where that is another language's sounds in English words."""
        strangeness = heard.strangeness
        if strangeness is None or self._language.english(window.track, strangeness, window.seconds):
            return heard
        return Heard((), "")

    def _heard(
        self, samples: list[Samples], context: Context, rung: int, batch: list[Ready]
    ) -> tuple[list[Heard] | None, int, str]:
        """What was recognised, by which rung in the end, and why not by the first."""
        failure = ""
        while True:
            began = self._clock()
            try:
                heard = self._engines.ladder[rung].transcribe(samples, context)
            except RecogniserError as error:
                failure = str(error)
                if rung + 1 == len(self._engines.ladder):
                    return None, rung, failure
                rung += 1
                continue
            self._load.measured(rung, sum(ready.window.seconds for ready in batch), self._clock() - began)
            return heard, rung, failure

    def _drafts(self, context: Context) -> Iterator[Update]:
        """Captions of windows that are still open, by the engine that has time for it."""
        for track, listener in self._listeners.items():
            ready = listener.open()
            if ready is None:
                continue
            window = ready.window
            length, ident, _ = self._drafted.get(track, (0, "", ()))
            since = window.end - window.start - (length if ident == window.id else 0)
            if since < DRAFT_EVERY * RATE:
                continue
            heard, rung, _ = self._heard([ready.samples], context, self._load.rung(self.backlog), [ready])
            if heard is None:
                continue
            punctuated = self._engines.ladder[rung].punctuates
            made = segments(
                window, self._judged(window, heard[0]), context, punctuated=punctuated, confirmed=False,
                holes=self._holes(window),
            )  # fmt: skip
            update = self._update(track, window.id, made)
            self._drafted[track] = (window.end - window.start, window.id, tuple(one.id for one in made))
            yield update

    def _update(self, track: str, window: str, made: tuple[Segment, ...]) -> Update:
        _, _, before = self._drafted.get(track, (0, "", ()))
        ids = {one.id for one in made}
        return Update(made, tuple(one for one in before if one not in ids))


def _speech(window: Window) -> tuple[Speech, ...]:
    return tuple(
        Speech(window.participant, window.track, round(one.start, 3), round(one.end, 3)) for one in window.spans
    )


def _context(recording: Recording) -> Context:
    return Context(tuple(person.name for person in recording.people.values()))
