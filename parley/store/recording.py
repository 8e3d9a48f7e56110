"""What a recording is on disk: the one place where its layout, its head and its timeline are defined.

    DIRECTORY/
      recording.json            the head: whose meeting, when it began, what was asked for
      timeline.jsonl            one event a line, appended as it happens
      tracks/TRACK-SEGMENT.mkv  one Matroska file per producer and segment of the recorder's life
      recap/                    what is made of it

Every time `at` is in seconds on the meeting's clock: 0 is the head's `started_at`, it runs on through pauses, and a
track's timestamps count on it too. Whoever reads must expect a last line that was torn off: the machine may have died.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

VERSION = 1
HEAD = "recording.json"
TIMELINE = "timeline.jsonl"
TRACKS = "tracks"
RECAP = "recap"

Source = Literal["microphone", "camera", "screen", "screen_audio"]
"""What a track shows or lets hear."""
Codec = Literal["opus", "vp8", "vp9", "h264", "av1"]


class RecordingError(Exception):
    """A directory isn't a recording, or one that this version can't read; str() says why, in one line."""


class RecordingHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is known when a recording begins. zone is the meeting's IANA zone; started_at is UTC."""

    version: int = VERSION
    recording: str
    meeting: str
    title: str
    started_at: datetime
    zone: str = "UTC"
    agenda: tuple[str, ...] = ()
    recap: bool = True
    """Whether a recap is wanted; without, only the tracks are kept."""
    gestures: bool = False


def _tag(name: str) -> str:
    """TrackStarted is track_started in the timeline."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=_tag):
    """Something that happened `at` seconds into the recording."""

    at: float


class Joined(TimelineEvent, frozen=True, kw_only=True):
    """Also written for everyone who is there when the recording begins. account is None for a guest."""

    participant: str
    name: str
    account: str | None = None
    zone: str = ""


class Left(TimelineEvent, frozen=True, kw_only=True):
    participant: str


class TrackStarted(TimelineEvent, frozen=True, kw_only=True):
    """A producer began, or goes on in a new segment: then the same `track` appears again with another file.

    file is relative to the recording's directory; "" where nothing of it could be written yet.
    """

    track: str
    participant: str
    source: Source
    codec: Codec
    file: str


class TrackEnded(TimelineEvent, frozen=True, kw_only=True):
    track: str


class Muted(TimelineEvent, frozen=True, kw_only=True):
    track: str
    muted: bool


class Speaking(TimelineEvent, frozen=True, kw_only=True):
    """The active speaker changed; None when nobody speaks."""

    participant: str | None


class ChatMessage(TimelineEvent, frozen=True, kw_only=True):
    participant: str
    text: str


class Hand(TimelineEvent, frozen=True, kw_only=True):
    participant: str
    raised: bool


class Reaction(TimelineEvent, frozen=True, kw_only=True):
    """emoji is one that the meeting offers."""

    participant: str
    emoji: str


class Paused(TimelineEvent, frozen=True, kw_only=True):
    """Nothing is recorded until Resumed."""


class Resumed(TimelineEvent, frozen=True, kw_only=True):
    pass


class Lost(TimelineEvent, frozen=True, kw_only=True):
    """Something of a track is missing for good: `seconds` from `at` on.

    reason is one word: network, disk, recorder, corrupt.
    """

    track: str
    seconds: float
    packets: int = 0
    reason: str = "network"


class SegmentStarted(TimelineEvent, frozen=True, kw_only=True):
    """A recorder began to write: number 0 first, the next one after it was restarted."""

    number: int


class Stopped(TimelineEvent, frozen=True, kw_only=True):
    """The recording is complete: nothing follows. reason: host, ended, abandoned, failed."""

    reason: str = "host"


AnyEvent = (
    Joined | Left | TrackStarted | TrackEnded | Muted | Speaking | ChatMessage | Hand | Reaction
    | Paused | Resumed | Lost | SegmentStarted | Stopped
)  # fmt: skip

_decoder = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder()
_head_decoder = msgspec.json.Decoder(RecordingHead)


def encode_head(head: RecordingHead) -> bytes:
    """The head as recording.json has it."""
    return msgspec.json.format(_encoder.encode(head), indent=2) + b"\n"


def decode_head(data: bytes, where: str = HEAD) -> RecordingHead:
    """The head that recording.json has. where: how to name it in errors. Raises RecordingError."""
    try:
        head = _head_decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{where} is not a recording's head: {error}") from error
    if head.version > VERSION:
        raise RecordingError(f"{where} was written by a newer Parley (format {head.version}, this one reads {VERSION})")
    return head


def read_head(directory: Path) -> RecordingHead:
    """The head of the recording in a directory. Raises RecordingError."""
    path = directory / HEAD
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RecordingError(f"{directory} is not a recording: it has no {HEAD}") from None
    except OSError as error:
        raise RecordingError(f"{path} can't be read: {error.strerror}") from error
    return decode_head(data, str(path))


def encode_event(event: AnyEvent) -> bytes:
    """One line of the timeline, with its newline."""
    return _encoder.encode(event) + b"\n"


def decode_event(line: bytes) -> AnyEvent | None:
    """The event of one line; None for a line that is torn or of a kind that a later version writes."""
    try:
        event: AnyEvent = _decoder.decode(line)
    except msgspec.MsgspecError:
        return None
    return event


def read_timeline(directory: Path) -> Iterator[AnyEvent]:
    """Every whole event of a recording, in the order of writing; nothing when there is no timeline yet."""
    try:
        data = (directory / TIMELINE).read_bytes()
    except FileNotFoundError:
        return
    for line in data.splitlines():
        event = decode_event(line)
        if event is not None:
            yield event
