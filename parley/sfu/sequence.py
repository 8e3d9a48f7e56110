"""Maps a producer's sequence numbers and timestamps to the gapless ones a consumer sends.

A consumer leaves packets out (paused, another layer, padding) and switches between layers with spaces of their own.
What it sends must look like one stream: no gaps but those of real loss. The map can be asked backwards, to find the
producer's packet that a subscriber asks for again.
"""

from __future__ import annotations

import random

MAX_SEGMENTS = 64
MAX_LATE = 0x4000


class SequenceMapper:
    """Sequence numbers of one consumer. Inside, numbers are extended (they don't wrap); outside, they have 16 bits.

    A segment is a run of producer numbers with one offset: (first, offset, left_out), where the `left_out` numbers
    before `first` were left out and have no number on the other side.
    """

    __slots__ = ("_next", "_offset", "_segments", "started")

    def __init__(self, first_out: int | None = None) -> None:
        # libsrtp takes the first number it sees for roll-over count 0 at both ends: starting in the lower half keeps an
        # early loss from being taken for a wrap (RFC 3711 section 3.3.1).
        self._offset = random.randrange(1, 0x4000) if first_out is None else first_out  # noqa: S311
        self._next = 0
        self._segments: list[tuple[int, int, int]] = []
        self.started = False

    @property
    def last_out(self) -> int:
        """The highest number given out so far."""
        return (self._next + self._offset - 1) & 0xFFFF

    def restart(self, seq: int) -> None:
        """The next packet is `seq` of a new space (layer switch) or after a pause; what came before is forgotten."""
        self._offset += self._next - seq
        self._next = seq
        self._segments = [(seq, self._offset, 0)]
        self.started = True

    def map(self, seq: int) -> int:
        """The consumer's number for a packet, or -1 for one that must not be sent (left out before, or too old)."""
        ahead = (seq - self._next) & 0xFFFF
        if ahead < 0x8000 and self.started:
            following = self._next + ahead
            self._next = following + 1
            return (following + self._offset) & 0xFFFF
        if not self.started:
            self.restart(seq)
            return self.map(seq)
        return self._map_late(self._next + ahead - 0x10000)

    def _map_late(self, seq: int) -> int:
        if self._next - seq > MAX_LATE:
            return -1
        for first, offset, left_out in reversed(self._segments):
            if seq >= first:
                return (seq + offset) & 0xFFFF
            if seq >= first - left_out:
                return -1
        return -1

    def leave_out(self, seq: int) -> None:
        """This packet is not sent, and the numbers close up over it. Late packets have a number already."""
        ahead = (seq - self._next) & 0xFFFF
        if not self.started or ahead >= 0x8000:
            return
        self._next += ahead + 1
        self._offset -= 1
        first, _, left_out = self._segments[-1]
        if ahead == 0 and first == self._next - 1:
            # nothing was sent since the last one that was left out
            self._segments[-1] = (self._next, self._offset, left_out + 1)
            return
        self._segments.append((self._next, self._offset, 1))
        if len(self._segments) > MAX_SEGMENTS:
            del self._segments[0]

    def reverse(self, out: int) -> int:
        """The producer's number behind a number that was sent, or -1."""
        last = self._next + self._offset - 1
        extended = last - ((last - out) & 0xFFFF)
        if not self.started or last - extended > MAX_LATE:
            return -1
        end = self._next
        for first, offset, left_out in reversed(self._segments):
            seq = extended - offset
            if first <= seq < end:
                return seq & 0xFFFF
            end = first - left_out
        return -1


class TimestampMapper:
    """Timestamps of one consumer: an offset that changes when the source does, never so that time stands still.

    clock_rate: ticks of the RTP clock in a second.
    """

    __slots__ = ("_clock_rate", "_last_now", "_last_out", "_started", "offset")

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self.offset = 0
        self._last_out = 0
        self._last_now = 0.0
        self._started = False

    def restart(self, timestamp: int, now: float, expected_offset: int | None = None) -> None:
        """The next packet has `timestamp` of a new space and arrives at `now`.

        expected_offset: where sender reports of both spaces are known, the offset that they give; it is taken when it
        moves time forward by less than a second from what arrival times say.
        """
        if not self._started:
            self._started = True
            return
        elapsed = max(1, int((now - self._last_now) * self._clock_rate))
        by_arrival = (self._last_out + elapsed - timestamp) & 0xFFFFFFFF
        if expected_offset is not None:
            ahead = (timestamp + expected_offset - self._last_out) & 0xFFFFFFFF
            if 0 < ahead < elapsed + self._clock_rate:
                self.offset = expected_offset
                return
        self.offset = by_arrival

    def sent(self, out_timestamp: int, now: float) -> None:
        """Remember the newest frame that was sent, for the next restart.

        Said only there, so it may be hours after the last time: which of two timestamps is newer can't be told.
        """
        self._started = True
        self._last_out = out_timestamp
        self._last_now = now
