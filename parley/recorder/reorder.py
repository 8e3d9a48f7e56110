"""Puts packets back in order and waits, for a bounded time, for those that are missing.

Nobody listens while it waits: the recorder has no playout, so the wait may be as long as a repeated request for a lost
packet takes. It is short all the same, for what waits here is what a crash would lose.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from parley.recorder.rtp import RtpPacket

WAIT = 0.4
"""Seconds that a hole may stay open: two round trips of a bad connection."""

MAX_WAITING = 2048
MAX_WAITING_BYTES = 4 * 1024 * 1024
MAX_JUMP = 3000
"""A number further ahead than this is another sequence (RFC 3550 appendix A.1, MAX_DROPOUT)."""

MAX_LATE = 3000


class Gap(NamedTuple):
    """So many packets in a row will never come. 0 where the sequence began anew and nobody can tell."""

    packets: int


class ReorderBuffer:
    """See the module. Numbers are extended inside, so nothing here wraps.

    late: packets that came after their place was given up, or twice. lost: packets given up.
    """

    __slots__ = ("_bytes", "_heap", "_next", "_stranger", "_waiting", "late", "lost", "wait")

    def __init__(self, wait: float = WAIT) -> None:
        self.wait = wait
        self.late = 0
        self.lost = 0
        self._next: int | None = None
        self._waiting: dict[int, RtpPacket] = {}
        self._heap: list[int] = []
        self._bytes = 0
        self._stranger: int | None = None

    def expect(self, sequence: int) -> None:
        """A sequence that begins now begins with this number: what is missing before its first packet is a hole."""
        if self._next is None:
            self._next = sequence

    def push(self, packet: RtpPacket) -> Iterator[RtpPacket | Gap]:
        """Take a packet; what is in order now comes out."""
        expected = self._next
        if expected is None:
            expected = self._next = packet.sequence_number
        ahead = (packet.sequence_number - expected) & 0xFFFF
        if ahead == 0 and not self._waiting:  # the usual case
            self._next = expected + 1
            self._stranger = None
            yield packet
            return
        if ahead >= 0x8000:
            ahead -= 0x10000
        if ahead > MAX_JUMP or ahead < -MAX_LATE:
            yield from self._jump(packet)
            return
        self._stranger = None
        if ahead < 0 or expected + ahead in self._waiting:
            self.late += 1
            return
        number = expected + ahead
        self._waiting[number] = packet
        self._bytes += len(packet.payload)
        heapq.heappush(self._heap, number)
        yield from self._run()
        yield from self.advance(packet.at)

    def advance(self, now: float) -> Iterator[RtpPacket | Gap]:
        """Give up holes that are open for too long at `now`, or that too much waits behind."""
        while self._waiting:
            first = self._waiting[self._heap[0]]
            late = now - first.at >= self.wait
            if not late and len(self._waiting) <= MAX_WAITING and self._bytes <= MAX_WAITING_BYTES:
                return
            yield self._skip()
            yield from self._run()

    def flush(self) -> Iterator[RtpPacket | Gap]:
        """Everything that waits, with the holes between."""
        while self._waiting:
            yield self._skip()
            yield from self._run()

    def restart(self) -> None:
        """The next packet begins a sequence of its own: nothing before it is missed. Call `flush` first."""
        self._next = self._stranger = None
        self._waiting.clear()
        self._heap.clear()
        self._bytes = 0

    def _skip(self) -> Gap:
        assert self._next is not None
        missing = self._heap[0] - self._next
        self._next = self._heap[0]
        self.lost += missing
        return Gap(missing)

    def _run(self) -> Iterator[RtpPacket]:
        assert self._next is not None
        while (packet := self._waiting.pop(self._next, None)) is not None:
            heapq.heappop(self._heap)
            self._bytes -= len(packet.payload)
            self._next += 1
            yield packet

    def _jump(self, packet: RtpPacket) -> Iterator[RtpPacket | Gap]:
        """One packet from elsewhere is a stray; two in a row are a new sequence."""
        number = packet.sequence_number
        if self._stranger != number:
            self._stranger = (number + 1) & 0xFFFF
            self.late += 1
            return
        yield from self.flush()
        self.restart()
        self._next = number + 1
        self.lost += 1
        yield Gap(0)
        yield packet
