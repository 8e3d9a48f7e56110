"""A recording as the stages see it: who was there, which tracks there are, and what happened when.

Built from the head and the timeline alone (parley/store/recording.py), also while the recording still grows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from parley.store import recording as stored
from parley.store.recording import AnyEvent, Codec, RecordingHead, Source

AUDIO: tuple[Source, ...] = ("microphone", "screen_audio")
VIDEO: tuple[Source, ...] = ("camera", "screen")


@dataclass(frozen=True, slots=True)
class Span:
    """From start up to end, in seconds on the meeting's clock."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who was in the meeting. account is None for a guest; zone "" when unknown."""

    id: str
    name: str
    account: str | None
    zone: str
    present: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TrackFile:
    """One Matroska file of a track; the recorder began it at `start`, its timestamps count on the meeting's clock."""

    path: Path
    start: float


@dataclass(frozen=True, slots=True)
class Track:
    """One producer, from its start to its end, in as many files as the recorder had lives."""

    id: str
    participant: str
    source: Source
    codec: Codec
    files: tuple[TrackFile, ...]
    start: float
    end: float
    lost: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """See the module. `duration` is in seconds; `complete` says that nothing will be added."""

    directory: Path
    head: RecordingHead
    people: dict[str, Person]
    tracks: tuple[Track, ...]
    events: tuple[AnyEvent, ...]
    paused: tuple[Span, ...]
    duration: float
    complete: bool

    @classmethod
    def open(cls, directory: Path) -> Recording:
        """Read what is there now. Raises RecordingError when the directory isn't a recording."""
        head = stored.read_head(directory)
        return build(directory, head, stored.read_timeline(directory))

    def name(self, participant: str) -> str:
        """How a person called themselves; "Someone" when the timeline never said."""
        person = self.people.get(participant)
        return person.name if person else "Someone"

    def of(self, *sources: Source) -> tuple[Track, ...]:
        """The tracks of these sources."""
        return tuple(track for track in self.tracks if track.source in sources)


@dataclass
class _Open:
    """A track while its events are read."""

    event: stored.TrackStarted
    files: list[TrackFile] = field(default_factory=list)
    end: float | None = None
    lost: list[Span] = field(default_factory=list)


def build(directory: Path, head: RecordingHead, events: Iterable[AnyEvent]) -> Recording:
    """The recording that these events tell of: a pure function, apart from naming the files."""
    seen = tuple(events)
    names: dict[str, stored.Joined] = {}
    arrived: dict[str, float] = {}
    early: dict[str, list[Span]] = defaultdict(list)
    present: dict[str, list[Span]] = defaultdict(list)
    tracks: dict[str, _Open] = {}
    paused: list[Span] = []
    pause: float | None = None
    duration = max((event.at for event in seen), default=0.0)
    complete = False
    for event in seen:
        match event:
            case stored.Joined(at=at, participant=who):
                names[who] = event
                arrived.setdefault(who, at)
            case stored.Left(at=at, participant=who):
                if who in arrived:
                    present[who].append(Span(arrived.pop(who), at))
            case stored.TrackStarted(at=at, track=track, file=file):
                entry = tracks.setdefault(track, _Open(event))
                entry.lost += early.pop(track, [])
                if file:
                    entry.files.append(TrackFile(directory / file, at))
                entry.end = None
            case stored.TrackEnded(at=at, track=track):
                if track in tracks:
                    tracks[track].end = at
            case stored.Lost(at=at, track=track, seconds=seconds):
                (tracks[track].lost if track in tracks else early[track]).append(Span(at, at + seconds))
            case stored.Paused(at=at):
                pause = at if pause is None else pause
            case stored.Resumed(at=at):
                if pause is not None:
                    paused.append(Span(pause, at))
                    pause = None
            case stored.Stopped():
                complete = True
            case _:
                pass
    if pause is not None:
        paused.append(Span(pause, duration))
    for who, at in arrived.items():
        present[who].append(Span(at, duration))
    people = {
        who: Person(who, joined.name, joined.account, joined.zone, tuple(present[who])) for who, joined in names.items()
    }
    return Recording(
        directory=directory,
        head=head,
        people=people,
        tracks=tuple(_track(entry, duration) for entry in tracks.values()),
        events=seen,
        paused=tuple(paused),
        duration=duration,
        complete=complete,
    )


def _track(entry: _Open, duration: float) -> Track:
    first = entry.event
    return Track(
        id=first.track,
        participant=first.participant,
        source=first.source,
        codec=first.codec,
        files=tuple(entry.files),
        start=first.at,
        end=duration if entry.end is None else entry.end,
        lost=tuple(entry.lost),
    )
