"""Makes a recording's directory, or finds out where one that exists goes on. Blocks: it belongs on an executor."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from parley.recorder.messages import ID
from parley.recorder.tail import last_timestamp
from parley.store import recording as stored
from parley.store.recording import RecordingHead

MAX_RECENT = 1024


class RefusedError(Exception):
    """This recording can't be made; str() says why, for people."""


@dataclass(frozen=True, slots=True)
class Existing:
    """Where a recording goes on. segment: the number of the next one. paused: nobody resumed it yet.

    ends: of tracks that did not end, when the last frame of their last file begins, in seconds on the meeting's clock;
    when that file was begun, where it has none.
    recent: the last lines of the timeline, so that what a node says again isn't written twice.
    """

    directory: Path
    segment: int = 0
    paused: bool = False
    ends: dict[str, float] = field(default_factory=dict)
    recent: frozenset[bytes] = frozenset()


def prepare(root: Path, head: RecordingHead) -> Existing:
    """The recording's directory under `root`, with its head. Raises RefusedError."""
    if not ID.fullmatch(head.recording):
        raise RefusedError("the recording's id is no name for a directory")
    directory = root / head.recording
    try:
        if (directory / stored.HEAD).exists():
            return _read(directory)
        _make(directory, head)
    except stored.RecordingError as error:
        raise RefusedError(str(error)) from error
    except OSError as error:
        raise RefusedError(f"{directory} can't be used: {error.strerror}") from error
    return Existing(directory)


def _read(directory: Path) -> Existing:
    stored.read_head(directory)
    segment = 0
    paused = False
    files: dict[str, tuple[str, float]] = {}
    recent: deque[bytes] = deque(maxlen=MAX_RECENT)
    for event in stored.read_timeline(directory):
        recent.append(stored.encode_event(event))
        match event:
            case stored.SegmentStarted(number=number):
                segment = max(segment, number + 1)
            case stored.TrackStarted(at=at, track=track, file=file):
                files[track] = (file, at)
            case stored.TrackEnded(track=track):
                files.pop(track, None)
            case stored.Paused():
                paused = True
            case stored.Resumed():
                paused = False
            case stored.Stopped():
                raise RefusedError("this recording was stopped")
            case _:
                pass
    ends: dict[str, float] = {}
    for track, (file, at) in files.items():
        last = last_timestamp(directory / file) if file else None
        ends[track] = at if last is None else last
    return Existing(directory, segment, paused, ends, frozenset(recent))


def _make(directory: Path, head: RecordingHead) -> None:
    """The head appears whole or not at all, and outlives a power cut."""
    (directory / stored.TRACKS).mkdir(parents=True, exist_ok=True)
    new = directory / f"{stored.HEAD}.new"
    with new.open("wb") as file:
        file.write(stored.encode_head(head))
        file.flush()
        os.fsync(file.fileno())
    new.rename(directory / stored.HEAD)
    for place in (directory, directory.parent):
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
