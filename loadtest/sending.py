"""The tracks that a light participant publishes: a microphone and a camera, paced like a browser's.

The microphone sends an Opus packet every 20 ms. The camera sends 30 frames a second, three or four full packets each in
one burst (about 1 Mbit/s), as Chromium's pacer does. A rate of k makes both k times as fast.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from abc import abstractmethod

from loadtest import packets
from loadtest.sdp import Streams
from loadtest.transport import MediaTransport

KEPT = 256
"""Video packets kept to be sent again; a power of two."""


def _ssrc() -> int:
    return secrets.randbelow(2**32 - 2) + 1


class Uplink:
    """The publish transport, and the transport-wide sequence number that its tracks share."""

    def __init__(self, transport: MediaTransport) -> None:
        self.transport = transport
        self._count = -1

    def count(self) -> int:
        """The next transport-wide number."""
        self._count = (self._count + 1) & 0xFFFF
        return self._count


class Track:
    """One published stream. packets, bytes: sent so far, first-hand."""

    kind: str
    source: str
    clock_rate: int
    interval: float
    """Seconds between two bursts at rate 1."""

    def __init__(self, uplink: Uplink) -> None:
        self.streams = Streams(_ssrc(), _ssrc())
        self.packets = 0
        self.bytes = 0
        self.repeated = 0
        self.muted = False
        self._uplink = uplink
        self._writer = packets.PacketWriter(self.kind, self.streams.ssrc)
        self._seq = random.randrange(1, 0x4000)
        self._began = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._rate = 1.0

    def start(self, rate: float) -> None:
        """Send from now on, at this rate; again: change it."""
        loop = asyncio.get_running_loop()
        self.stop()
        self._rate = rate
        first = loop.time() + random.random() * self.interval / rate
        self._timer = loop.call_at(first, self._tick, loop, first)

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        step = self.interval / self._rate
        now = loop.time()
        if now - due > 1.0:
            due = now  # the machine stood still: what it missed would only be a flood
        while due <= now:
            if not self.muted:
                self._burst()
            due += step
        self._timer = loop.call_at(due, self._tick, loop, due)

    @abstractmethod
    def _burst(self) -> None:
        """Send what is due now."""

    def _timestamp(self) -> int:
        return int((time.monotonic() - self._began) * self.clock_rate)

    def _send(self, packet: bytes) -> None:
        self._uplink.transport.send_rtp(packet)
        self._seq = (self._seq + 1) & 0xFFFF
        self.packets += 1
        self.bytes += self._writer.payload_bytes

    def sender_report(self) -> bytes:
        """For the transport's next compound packet."""
        return packets.sender_report(self.streams.ssrc, time.time(), self._timestamp(), self.packets, self.bytes)

    def wanted(self, lost: list[int]) -> None:
        """The server misses these."""

    def keyframe_wanted(self) -> None:
        """The server asks for a key frame."""


class Microphone(Track):
    """See the module. The loudness changes slowly, so that the active speaker does."""

    kind, source, clock_rate, interval = "audio", "microphone", 48_000, 0.02

    def _burst(self) -> None:
        if self.packets % 50 == 0:
            self._writer.set_level(random.randrange(20, 70))
        stamp = time.monotonic_ns()
        self._send(self._writer.write_audio(self._seq, self._timestamp(), self._uplink.count(), stamp))


class Camera(Track):
    """See the module. The first frame is a key frame, and so is the next after each request."""

    kind, source, clock_rate, interval = "video", "camera", 90_000, 1 / 30

    def __init__(self, uplink: Uplink) -> None:
        super().__init__(uplink)
        self.keyframes = 0
        self._picture = random.randrange(0x7FFF)
        self._keyframe = True
        self._kept: list[tuple[int, bytes]] = [(-1, b"")] * KEPT
        self._rtx_seq = random.randrange(1, 0x4000)

    def _burst(self) -> None:
        self._picture += 1
        count = 3 + (self._picture & 1)
        timestamp = self._timestamp()
        for index in range(count):
            packet = self._writer.write_video(
                self._seq,
                timestamp,
                self._uplink.count(),
                time.monotonic_ns(),
                self._picture,
                first=index == 0,
                last=index == count - 1,
                keyframe=self._keyframe,
            )
            self._kept[self._seq & KEPT - 1] = (self._seq, packet)
            self._send(packet)
        self.keyframes += self._keyframe
        self._keyframe = False

    def wanted(self, lost: list[int]) -> None:
        """The server misses these: send them again on the retransmission SSRC."""
        for seq in lost:
            kept, packet = self._kept[seq & KEPT - 1]
            if kept == seq:
                again = packets.repeat(packet, self.streams.rtx_ssrc, self._rtx_seq, self._uplink.count())
                self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
                self._uplink.transport.send_rtp(again)
                self.repeated += 1

    def keyframe_wanted(self) -> None:
        """The next frame is one."""
        self._keyframe = True
