"""Who or what is shown when: a shared screen before anything else, else whoever speaks, else everyone.

Planned with the whole meeting known, so a cut can be left out because of what comes after it: a "yes" from somebody
else doesn't turn the camera away from who is speaking. Pure functions.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from parley.recap.artefacts import Transcript
from parley.recap.recording import Recording, Span, Track
from parley.store.recording import Muted, Speaking

SHORTEST_SHOT = 2.0
"""Seconds: whoever is shown is shown at least so long."""
QUIET = 6.0
"""Seconds without speech after which the composed meeting shows everyone."""


@dataclass(frozen=True, slots=True)
class Solo:
    """One person fills the picture."""

    participant: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A shared screen, with whoever speaks in a corner; None for nobody."""

    track: str
    participant: str | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Several people side by side, in the order in which they came."""

    participants: tuple[str, ...]


Scene = Solo | Screen | Grid


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene from start up to end, in seconds on the meeting's clock."""

    start: float
    end: float
    scene: Scene


@dataclass(frozen=True, slots=True)
class Talk:
    """Somebody speaks."""

    participant: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rect:
    """In pixels; all even, because colour has half the resolution."""

    x: int
    y: int
    width: int
    height: int


def talks(transcript: Transcript | None) -> tuple[Talk, ...]:
    """Who spoke when, as the transcript knows it, also where it has no text."""
    if transcript is None:
        return ()
    found = (Talk(s.participant, s.start, s.end) for s in transcript.segments if s.end > s.start)
    return tuple(sorted(found, key=lambda talk: (talk.start, talk.end, talk.participant)))


def talking(spoken: Iterable[Talk], span: Span) -> tuple[tuple[float, frozenset[str]], ...]:
    """Who speaks from each moment of a span on, until the next one; the first is the span's start."""
    changes: list[tuple[float, int, str]] = []
    for talk in spoken:
        if talk.end > span.start and talk.start < span.end:
            changes += [(max(talk.start, span.start), 1, talk.participant), (talk.end, -1, talk.participant)]
    now: Counter[str] = Counter()
    found: dict[float, frozenset[str]] = {span.start: frozenset()}
    for at, change, who in sorted(changes):
        now[who] += change
        if at < span.end:
            found[at] = frozenset(person for person, count in now.items() if count > 0)
    return tuple(found.items())


def plan(recording: Recording, spoken: tuple[Talk, ...], span: Span, *, grid: bool) -> tuple[Shot, ...]:
    """The shots that fill a span without a hole. grid allows everyone side by side, for talk among several and silence.

    Empty only for a span of no length.
    """
    if span.seconds <= 0:
        return ()
    raw = list(_wanted(recording, spoken, span, grid))
    return tuple(_calm(raw))


def _wanted(recording: Recording, spoken: tuple[Talk, ...], span: Span, grid: bool) -> Iterator[Shot]:
    """What one would like to see at each moment, however short."""
    voices = talking(spoken, span)
    active = [(event.at, event.participant) for event in recording.events if isinstance(event, Speaking)]
    screens = visible(recording, recording.of("screen"))
    joins = [t for person in recording.people.values() for each in person.present for t in (each.start, each.end)]
    times = {at for at, _ in (*voices, *active)} | {
        t for shown in screens for s in shown.spans for t in (s.start, s.end)
    }
    if grid:
        times |= {talk.end + QUIET for talk in spoken} | set(joins)
    moments = sorted({span.start, span.end, *(t for t in times if span.start < t < span.end)})
    speaker = _first_shown(recording, spoken, span)
    voice, said, quiet_since = -1, -1, span.start - QUIET
    for start, end in itertools.pairwise(moments):
        while voice + 1 < len(voices) and voices[voice + 1][0] <= start:
            voice += 1
        while said + 1 < len(active) and active[said + 1][0] <= start:
            said += 1
        now = voices[voice][1]
        if now:
            quiet_since = end
            if speaker not in now:
                speaker = min(now)
        elif said >= 0 and active[said][1] is not None and not spoken:
            # The timeline's active speaker lags behind the voice, so it counts where nothing better is known.
            speaker = active[said][1]
            quiet_since = end
        shared = newest(screens, start)
        here = _present(recording, start)
        if shared is not None:
            scene: Scene = Screen(shared.id, speaker)
        elif grid and len(here) > 1 and (len(now) > 1 or start - quiet_since >= QUIET or speaker is None):
            scene = Grid(here)
        elif speaker is not None:
            scene = Solo(speaker)
        else:
            scene = Grid(here)
        yield Shot(start, end, scene)


def _calm(shots: list[Shot]) -> list[Shot]:
    """The same without what is too short to be seen; what is left grows to fill the place."""
    calm: list[Shot] = []
    merged = _merged(shots)
    for index, shot in enumerate(merged):
        short = shot.end - shot.start < SHORTEST_SHOT
        follows = merged[index + 1] if index + 1 < len(merged) else None
        if calm and (calm[-1].scene == shot.scene or (short and _between(calm[-1], shot, follows))):
            calm[-1] = replace(calm[-1], end=shot.end)
        elif short and follows is not None and _kind(shot.scene) == _kind(follows.scene):
            merged[index + 1] = replace(follows, start=shot.start)
        else:
            calm.append(shot)
    return calm


def _merged(shots: Iterable[Shot]) -> list[Shot]:
    merged: list[Shot] = []
    for shot in shots:
        if merged and merged[-1].scene == shot.scene:
            merged[-1] = replace(merged[-1], end=shot.end)
        else:
            merged.append(shot)
    return merged


def _between(before: Shot, shot: Shot, after: Shot | None) -> bool:
    """Whether the shot before may go on instead of this one."""
    kind = _kind(before.scene)
    return kind == _kind(shot.scene) or (after is not None and kind == _kind(after.scene))


def _kind(scene: Scene) -> object:
    """Scenes of one kind may stand for each other for a moment; a screen never shows up late for that."""
    return scene.track if isinstance(scene, Screen) else "people"


def _first_shown(recording: Recording, spoken: tuple[Talk, ...], span: Span) -> str | None:
    """Who is shown before anybody has spoken: who will speak first, else who had spoken, else who has a camera."""
    inside = [talk for talk in spoken if talk.end > span.start and talk.start < span.end]
    if inside:
        return inside[0].participant
    before = [e.participant for e in recording.events if isinstance(e, Speaking) and e.at <= span.start]
    if before and before[-1] is not None:
        return before[-1]
    here = _present(recording, span.start)
    seen = [track.participant for track in recording.of("camera") if track.start < span.end and track.end > span.start]
    return next((who for who in here if who in seen), here[0] if len(here) == 1 else None)


def _present(recording: Recording, at: float) -> tuple[str, ...]:
    """Who is there, in the order in which they first came; those who ever were when the timeline knows of nobody."""
    here = [who for who, person in recording.people.items() if any(s.start <= at < s.end for s in person.present)]
    return tuple(here or list(recording.people)[:1])


@dataclass(frozen=True, slots=True)
class Visible:
    """When a track shows something: between its start and its end, without the times at which it was muted."""

    track: Track
    spans: tuple[Span, ...]

    def at(self, at: float) -> bool:
        """Whether it shows something then."""
        return any(span.start <= at < span.end for span in self.spans)


def visible(recording: Recording, tracks: Iterable[Track]) -> tuple[Visible, ...]:
    """When each of these tracks shows something."""
    switches: dict[str, list[Muted]] = {}
    for event in recording.events:
        if isinstance(event, Muted):
            switches.setdefault(event.track, []).append(event)
    return tuple(Visible(track, tuple(_unmuted(track, switches.get(track.id, [])))) for track in tracks)


def _unmuted(track: Track, switches: Iterable[Muted]) -> Iterator[Span]:
    since: float | None = track.start
    for event in switches:
        if event.muted and since is not None:
            yield Span(since, event.at)
            since = None
        elif not event.muted and since is None:
            since = event.at
    if since is not None:
        yield Span(since, track.end)


def newest(shown: Iterable[Visible], at: float) -> Track | None:
    """The track among these that shows something at a time; the one that began last when several do."""
    live = (each.track for each in shown if each.at(at))
    return max(live, key=lambda track: (track.start, track.id), default=None)


def tiles(count: int, width: int, height: int, gap: int = 16) -> tuple[Rect, ...]:
    """Places for so many pictures of 16:9, as large as they can be, the last row in the middle."""
    if count <= 0:
        return ()

    def size(columns: int) -> int:
        rows = math.ceil(count / columns)
        wide = (width - gap * (columns + 1)) // columns
        high = (height - gap * (rows + 1)) // rows
        return min(wide, high * 16 // 9)

    columns = max(range(1, count + 1), key=lambda each: (size(each), -each))
    rows = math.ceil(count / columns)
    wide = size(columns) & ~1
    high = (wide * 9 // 16) & ~1
    top = (height - rows * high - (rows - 1) * gap) // 2
    found = []
    for index in range(count):
        row, column = divmod(index, columns)
        here = min(columns, count - row * columns)
        left = (width - here * wide - (here - 1) * gap) // 2
        found.append(Rect((left + column * (wide + gap)) & ~1, (top + row * (high + gap)) & ~1, wide, high))
    return tuple(found)
