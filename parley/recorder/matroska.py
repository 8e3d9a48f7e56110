"""Writes encoded frames of one track to a Matroska file by PyAV's muxer, without decoding or encoding anything.

The muxer's bytes go to a function with their offset; who calls decides when they reach a disk. Clusters are of known
size and come out whole, so a file that ends anywhere plays up to its last frame. A cluster comes out when the first
frame behind it arrives, which for a still picture may take long; until then `checkpoint` gives what it holds.
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

from parley.recorder import ebml
from parley.recorder.ebml import element, number
from parley.recorder.frame import Frame
from parley.recorder.h264 import length_prefixed
from parley.store.recording import Codec

CLUSTER_MS = 250
"""The muxer holds a cluster back until it is whole: what is in it would be lost with the process."""

STALE_MS = 350
"""Frames held back for longer are written in a cluster of our own."""

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
        self.handed: tuple[int, float] | None = None
        """Bytes that were handed over, and the second of the last frame in them."""
        self._codec = codec
        self._write = write
        self._held: list[tuple[int, bool, bytes]] = []
        self._checked = 0
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
        if self._hand_over():
            # of sound the muxer always keeps one packet back, so the one before this is in the new cluster too
            out = len(self._held) - (1 if self._codec == "opus" else 0)
            if out > 0:
                self.handed = self._sink.tell(), self._held[out - 1][0] / 1000
            del self._held[:out]
            self._checked = 0
        self._held.append((round(at * 1000), frame.keyframe, frame.data))

    def checkpoint(self, now: float) -> tuple[int, bytes] | None:
        """What the muxer has held back for STALE at `now`: an offset, and a cluster for there until it writes its own.

        None when there is nothing new. Whoever reads the file up to these bytes misses nothing.
        """
        if len(self._held) == self._checked or now * 1000 - self._held[self._checked][0] < STALE_MS:
            return None
        self._checked = len(self._held)
        blocks = self._held
        if self._codec == "h264":
            blocks = [(at, key, length_prefixed(data)) for at, key, data in blocks]
        return self._sink.tell(), ebml.clusters(blocks)

    def close(self) -> None:
        """Write what the muxer holds, the index and the duration. Raises MuxError."""
        try:
            self._container.close()
        except (av.FFmpegError, ValueError) as error:
            raise MuxError(str(error)) from error
        finally:
            self._hand_over()

    def _hand_over(self) -> bool:
        pieces = self._sink.take()
        for offset, data in pieces:
            self._write(offset, bytes(data))
        return bool(pieces)


# --- an Opus stream without an encoder ------------------------------------------------------------------------------


@functools.cache
def _opus_template(channels: int) -> AudioStream:
    """A stream to copy from: PyAV can't be told of channels or of an OpusHead otherwise.

    Read from the smallest file that has one. No pre-skip (RFC 7845 section 5.1): a track joined in its middle has no
    samples to leave out, and it would move every timestamp.
    """
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 0, 48_000, 0, 0)
    audio = element(ebml.RATE, struct.pack(">d", 48_000.0)) + number(ebml.CHANNELS, channels)
    track = b"".join(
        (
            number(ebml.NUMBER, 1), number(ebml.UID, 1), number(ebml.TYPE, 2), element(ebml.CODEC, b"A_OPUS"),
            element(ebml.PRIVATE, head), element(ebml.AUDIO, audio),
        )
    )  # fmt: skip
    header = element(ebml.DOC_TYPE, b"matroska") + number(ebml.DOC_VERSION, 4) + number(ebml.DOC_READ_VERSION, 2)
    segment = (
        element(ebml.INFO, number(ebml.TIMESTAMP_SCALE, 1_000_000))
        + element(ebml.TRACKS, element(ebml.TRACK, track))
        + ebml.clusters([(0, True, b"\xf8\xff\xfe")])
    )
    file = io.BytesIO(element(ebml.EBML, header) + element(ebml.SEGMENT, segment))
    return av.open(file, format="matroska").streams.audio[0]
