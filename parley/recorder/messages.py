"""What a media node and the recorder say to each other, over one Unix socket per recording.

Frame: length of the rest (4 bytes, big-endian), then one byte that says what follows. PACKET: track number (2 bytes),
arrival (8-byte float, seconds on the meeting's clock), the RTP packet. CONTROL: a message below as MessagePack. The
node begins with Open. Times `at` are seconds on the meeting's clock, which the node alone reads: the recorder's time is
what the newest frame says, so a trace can be played into it at any speed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

from parley.store.recording import AnyEvent, Codec, RecordingHead, Source

CONTROL, PACKET = 0, 1
MAX_FRAME_BYTES = 1024 * 1024
MAX_TRACKS = 1024
"""Of one connection: ten people, each with four sources that come and go."""

_LENGTH = struct.Struct(">IB")
_PACKET = struct.Struct(">IBHd")
_PACKET_BODY = struct.Struct(">Hd")
PACKET_OFFSET = _PACKET.size
"""Where in a frame its RTP packet begins."""

ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
"""Of recordings and tracks: they name directories and files. Producers have URL-safe ids, some begin with a dash."""

CLOCK_RATES = range(1000, 192_001)
DiskState = Literal["ok", "slow", "full", "failed"]


class ProtocolError(Exception):
    """The other side doesn't speak this protocol; str() says where it went wrong, in one line."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Begin a recording, or go on with one in a new segment."""

    head: RecordingHead
    at: float


class Track(msgspec.Struct, frozen=True, kw_only=True, tag="track"):
    """A track's packets follow under `number`. Said again with another codec, the track goes on in another file.

    fmtp: the format's parameters of the session description. active_since, active_until: packets from then up to there
    were handed to a recorder that is gone; what of them is not in its files is missing.
    """

    number: int
    track: str
    participant: str
    source: Source
    codec: Codec
    clock_rate: int
    channels: int = 1
    fmtp: str = ""
    at: float
    active_until: float | None = None
    active_since: float | None = None


class TrackEnd(msgspec.Struct, frozen=True, tag="track_end"):
    number: int
    at: float


class Expect(msgspec.Struct, frozen=True, tag="expect"):
    """A track's next packet has this sequence number: what is missing before it was lost while nobody wrote.

    Said after a pause, and to a recorder that follows another one.
    """

    number: int
    sequence: int


class Report(msgspec.Struct, frozen=True, tag="report"):
    """A sender report: at `ntp` seconds of the sender's clock its track showed `timestamp` (32 bits)."""

    number: int
    ntp: float
    timestamp: int
    at: float


class Missed(msgspec.Struct, frozen=True, tag="missed"):
    """The node left out so many packets of a track, because the recorder took them too slowly or not at all."""

    number: int
    packets: int
    at: float


class Happened(msgspec.Struct, frozen=True, tag="event"):
    """For the timeline."""

    event: AnyEvent


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    at: float


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    at: float


class Clock(msgspec.Struct, frozen=True, tag="clock"):
    """It is `at` now, and nothing else happened."""

    at: float


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    reason: str
    at: float


ToRecorder = Open | Track | TrackEnd | Expect | Report | Missed | Happened | Pause | Resume | Clock | Stop


class Status(msgspec.Struct, frozen=True, kw_only=True, tag="status"):
    """Every second. bytes and seconds: of tracks and of meeting, in this segment; lost: packets since it began.

    disk: slow when it takes bytes more slowly than they come, full when it takes none, failed when it answers with
    errors. free: bytes.
    """

    bytes: int
    seconds: float
    lost: int
    disk: DiskState
    free: int
    segment: int


class KeyFrameWanted(msgspec.Struct, frozen=True, tag="key_frame_wanted"):
    """A video track can't be written before its next key frame."""

    number: int


class Leaving(msgspec.Struct, frozen=True, tag="leaving"):
    """The recorder is being stopped. The node says no more, ends its side, and finds the next recorder."""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """Answer to Stop: everything is on disk."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The recording can't be made; the connection ends. text is for people."""

    text: str


FromRecorder = Status | KeyFrameWanted | Leaving | Finished | Refused

_encoder = msgspec.msgpack.Encoder()
_to_recorder: msgspec.msgpack.Decoder[ToRecorder] = msgspec.msgpack.Decoder(ToRecorder)
_from_recorder: msgspec.msgpack.Decoder[FromRecorder] = msgspec.msgpack.Decoder(FromRecorder)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def encode(message: ToRecorder | FromRecorder) -> bytes:
    """A control frame."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body) + 1, CONTROL) + body


def encode_packet(number: int, at: float, rtp: bytes | bytearray | memoryview) -> bytes:
    """A frame with a packet, which is copied."""
    return _PACKET.pack(len(rtp) + 11, PACKET, number, at) + rtp


def decode_to_recorder(body: bytes) -> ToRecorder:
    """What a node said. Raises ProtocolError."""
    try:
        return _to_recorder.decode(body)
    except _UNREADABLE as error:
        raise ProtocolError(f"an unreadable message: {error}") from error


def decode_from_recorder(body: bytes) -> FromRecorder:
    """What the recorder said. Raises ProtocolError."""
    try:
        return _from_recorder.decode(body)
    except _UNREADABLE as error:
        raise ProtocolError(f"an unreadable message: {error}") from error


class FrameReader:
    """Cuts a stream of bytes into frames."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, int, float, bytes]]:
        """Every whole frame: (CONTROL, 0, 0.0, message) or (PACKET, track number, at, RTP). Raises ProtocolError."""
        rest = self._rest + data if self._rest else data
        position, end = 0, len(rest)
        self._rest = b""
        while end - position >= 5:
            length, kind = _LENGTH.unpack_from(rest, position)
            if not 0 < length <= MAX_FRAME_BYTES:
                raise ProtocolError(f"a frame of {length} bytes")
            following = position + 4 + length
            if following > end:
                break
            if kind == PACKET:
                if length < 11:
                    raise ProtocolError("a packet's frame is cut")
                number, at = _PACKET_BODY.unpack_from(rest, position + 5)
                yield PACKET, number, at, rest[position + 15 : following]
            elif kind == CONTROL:
                yield CONTROL, 0, 0.0, rest[position + 5 : following]
            else:
                raise ProtocolError(f"a frame of unknown kind {kind}")
            position = following
        self._rest = rest[position:]
