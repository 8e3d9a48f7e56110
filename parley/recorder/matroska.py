"""Writes encoded frames of one track to a Matroska file by PyAV's muxer, without decoding or encoding anything.

The muxer's bytes go to a function with their offset; who calls decides when they reach a disk. Clusters are of known
size and come out whole, so a file that ends anywhere plays up to its last frame.
"""

from __future__ import annotations

import functools
import io
import os
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer

from parley.recorder.frame import Frame
from parley.store.recording import Codec

CLUSTER_MS = 250
"""The muxer holds a cluster back until it is whole: what is in it would be lost with the process."""

_MILLISECONDS = Fraction(1, 1000)
_OPTIONS = {"cluster_time_limit": str(CLUSTER_MS), "flush_packets": "1"}

Write = Callable[[int, bytes], None]
"""Takes an offset in the file and bytes."""


class MuxError(Exception):
    """The muxer refused; the file ends here."""


class _Sink:
    """What PyAV takes for a file: gathers what one call writes, at any place."""

    def __init__(self) -> None:
        self._position = 0
        self._pieces: list[tuple[int, bytearray]] = []

    def write(self, data: bytes) -> int:
        """At the position."""
        if self._pieces and self._pieces[-1][0] + len(self._pieces[-1][1]) == self._position:
            self._pieces[-1][1].extend(data)
        else:
            self._pieces.append((self._position, bytearray(data)))
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The muxer goes back to its header when it ends."""
        self._position = offset if whence == os.SEEK_SET else self._position + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def take(self) -> list[tuple[int, bytearray]]:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return pieces


class MatroskaFile:
    """One track's file, begun with its first frame. at: seconds on the meeting's clock, which the file's clock is.

    configuration: that of the first frame; a frame with another needs another file.
    """

    def __init__(self, codec: Codec, channels: int, first: Frame, write: Write) -> None:
        self.configuration = first.configuration
        self._write = write
        self._sink = _Sink()
        try:
            self._container: OutputContainer = av.open(
                cast(Any, self._sink), "w", format="matroska", container_options=_OPTIONS
            )
            if codec == "opus":
                template = _opus_template(2 if channels == 2 else 1)
                self._stream: Any = self._container.add_stream_from_template(template, opaque=True)
            else:
                size = {"width": first.width, "height": first.height}
                self._stream = self._container.add_mux_stream(codec, **size)
        except (av.FFmpegError, ValueError) as error:
            raise MuxError(str(error)) from error

    def write(self, frame: Frame, at: float) -> None:
        """Append a frame; `at` is later than that of the one before. Raises MuxError."""
        packet = av.Packet(frame.data)
        packet.stream = self._stream
        packet.time_base = _MILLISECONDS
        packet.pts = packet.dts = round(at * 1000)
        packet.is_keyframe = frame.keyframe
        try:
            self._container.mux_one(packet)
        except (av.FFmpegError, ValueError) as error:
            raise MuxError(str(error)) from error
        self._hand_over()

    def close(self) -> None:
        """Write what the muxer holds, the index and the duration. Raises MuxError."""
        try:
            self._container.close()
        except (av.FFmpegError, ValueError) as error:
            raise MuxError(str(error)) from error
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        for offset, data in self._sink.take():
            self._write(offset, bytes(data))


# --- an Opus stream without an encoder ------------------------------------------------------------------------------

_EBML, _DOC_TYPE, _DOC_VERSION, _DOC_READ_VERSION = b"\x1a\x45\xdf\xa3", b"\x42\x82", b"\x42\x87", b"\x42\x85"
_SEGMENT, _INFO, _TIMESTAMP_SCALE, _TRACKS = (
    b"\x18\x53\x80\x67",
    b"\x15\x49\xa9\x66",
    b"\x2a\xd7\xb1",
    b"\x16\x54\xae\x6b",
)
_TRACKS = b"\x16\x54\xae\x6b"
_TRACK, _NUMBER, _UID, _TYPE, _CODEC, _PRIVATE = b"\xae", b"\xd7", b"\x73\xc5", b"\x83", b"\x86", b"\x63\xa2"
_AUDIO, _RATE, _CHANNELS = b"\xe1", b"\xb5", b"\x9f"
_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK = b"\x1f\x43\xb6\x75", b"\xe7", b"\xa3"


def _element(identifier: bytes, content: bytes) -> bytes:
    return identifier + ((1 << 56) | len(content)).to_bytes(8, "big") + content


def _number(identifier: bytes, value: int) -> bytes:
    return _element(identifier, value.to_bytes(8, "big"))


@functools.cache
def _opus_template(channels: int) -> AudioStream:
    """A stream to copy from: PyAV can't be told of channels or of an OpusHead otherwise.

    Read from the smallest file that has one. No pre-skip (RFC 7845 section 5.1): a track joined in its middle has no
    samples to leave out, and it would move every timestamp.
    """
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 0, 48_000, 0, 0)
    audio = _element(_RATE, struct.pack(">d", 48_000.0)) + _number(_CHANNELS, channels)
    track = b"".join(
        (
            _number(_NUMBER, 1), _number(_UID, 1), _number(_TYPE, 2), _element(_CODEC, b"A_OPUS"),
            _element(_PRIVATE, head), _element(_AUDIO, audio),
        )
    )  # fmt: skip
    header = _element(_DOC_TYPE, b"matroska") + _number(_DOC_VERSION, 4) + _number(_DOC_READ_VERSION, 2)
    silence = _element(_SIMPLE_BLOCK, b"\x81\x00\x00\x80\xf8\xff\xfe")
    segment = (
        _element(_INFO, _number(_TIMESTAMP_SCALE, 1_000_000))
        + _element(_TRACKS, _element(_TRACK, track))
        + _element(_CLUSTER, _number(_TIMESTAMP, 0) + silence)
    )
    file = io.BytesIO(_element(_EBML, header) + _element(_SEGMENT, segment))
    return av.open(file, format="matroska").streams.audio[0]
