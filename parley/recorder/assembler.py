"""Groups packets, in order and with the holes marked, to whole frames; after a hole in video, to the next key frame.

A frame that refers to a lost one shows garbage, so nothing is let through from a hole to the next key frame.
"""

from __future__ import annotations

from typing import NamedTuple

from parley.recorder.frame import Depacketiser, Frame
from parley.recorder.reorder import Gap
from parley.recorder.rtp import RtpPacket
from parley.recorder.unwrap import Unwrapper

MAX_FRAME_BYTES = 8 * 1024 * 1024
MAX_FRAME_PACKETS = 8192


class Assembled(NamedTuple):
    """A frame with its extended RTP timestamp and when its first packet arrived (seconds, meeting's clock)."""

    frame: Frame
    timestamp: int
    at: float


class FrameAssembler:
    """See the module.

    audio: every packet is a frame, and none needs another one.
    needs_key: nothing comes out before a key frame. dropped: packets that came and could not be used.
    """

    __slots__ = (
        "_at", "_audio", "_bytes", "_depacketiser", "_payloads", "_spoilt", "_timestamp", "_unwrapper", "dropped",
        "needs_key",
    )  # fmt: skip

    def __init__(self, depacketiser: Depacketiser, *, audio: bool) -> None:
        self._depacketiser = depacketiser
        self._audio = audio
        self._unwrapper = Unwrapper(32)
        self._payloads: list[bytes] = []
        self._bytes = 0
        self._timestamp = 0
        self._at = 0.0
        self._spoilt: int | None = None
        self.needs_key = not audio
        self.dropped = 0

    def extend(self, timestamp: int) -> int | None:
        """The extended form of a 32-bit timestamp near the newest packet's; None before the first packet."""
        return None if self._unwrapper.last is None else self._unwrapper.near(timestamp)

    def push(self, item: RtpPacket | Gap) -> list[Assembled]:
        """Take what the reorder buffer gives; the frames that are whole now."""
        if isinstance(item, Gap):
            return self._hole()
        timestamp = self._unwrapper.unwrap(item.timestamp)
        payload = item.payload
        if not payload:  # padding only: it carries nothing, and its loss loses nothing
            return []
        if self._audio:
            return self._finish([payload], timestamp, item.at)
        out: list[Assembled] = []
        if self._payloads and timestamp != self._timestamp:  # its sender sets no marker
            out = self._end()
        if not self._payloads:
            if timestamp == self._spoilt or not self._depacketiser.begins(payload):
                self._spoil(timestamp)
                return out
            self._timestamp, self._at = timestamp, item.at
        self._payloads.append(payload)
        self._bytes += len(payload)
        if self._bytes > MAX_FRAME_BYTES or len(self._payloads) > MAX_FRAME_PACKETS:
            self._spoil(timestamp)
        elif item.marker:
            out += self._end()
        return out

    def restart(self) -> None:
        """The next packet has nothing to do with those before; video begins with a key frame."""
        self._clear()
        self._spoilt = None
        self.needs_key = not self._audio

    def _hole(self) -> list[Assembled]:
        if not self._audio:
            if self._payloads:
                self._spoilt = self._timestamp
            self._clear(dropped=True)
            self.needs_key = True
        return []

    def _spoil(self, timestamp: int) -> None:
        self.dropped += 1
        self._spoilt = timestamp
        self._clear(dropped=True)
        self.needs_key = True

    def _end(self) -> list[Assembled]:
        payloads, timestamp, at = self._payloads, self._timestamp, self._at
        self._payloads, self._bytes = [], 0
        return self._finish(payloads, timestamp, at)

    def _finish(self, payloads: list[bytes], timestamp: int, at: float) -> list[Assembled]:
        frame = self._depacketiser.assemble(payloads)
        if frame is None:
            self.dropped += len(payloads)
            self.needs_key = not self._audio
            return []
        if self.needs_key and not frame.keyframe:
            self.dropped += len(payloads)
            return []
        self.needs_key = False
        return [Assembled(frame, timestamp, at)]

    def _clear(self, *, dropped: bool = False) -> None:
        if dropped:
            self.dropped += len(self._payloads)
        self._payloads, self._bytes = [], 0
