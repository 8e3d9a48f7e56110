"""Measures the rate of a stream over a sliding window."""

from __future__ import annotations


class RateMeter:
    """Bits per second over about a second, in buckets of a tenth of the window.

    Add bytes as they come; the cost is one comparison in the common case.
    """

    __slots__ = ("_bucket", "_bucket_ends", "_buckets", "_first", "_step", "total")

    BUCKETS = 10

    def __init__(self, window: float = 1.0) -> None:
        self._step = window / self.BUCKETS
        self._buckets = [0] * self.BUCKETS
        self._bucket = 0
        self._bucket_ends = -1.0
        self._first = 0.0
        self.total = 0

    def add(self, size: int, now: float) -> None:
        """`size` bytes at `now` (seconds)."""
        self.total += size
        if now >= self._bucket_ends:
            self._advance(now)
        self._buckets[self._bucket] += size

    def _advance(self, now: float) -> None:
        if self._bucket_ends < 0 or now - self._bucket_ends > self._step * self.BUCKETS:
            self._buckets = [0] * self.BUCKETS
            self._bucket = 0
            self._bucket_ends = now + self._step
            self._first = now
            return
        while now >= self._bucket_ends:
            self._bucket = (self._bucket + 1) % self.BUCKETS
            self._buckets[self._bucket] = 0
            self._bucket_ends += self._step

    def bitrate(self, now: float) -> int:
        """Bits per second; 0 when nothing came for a window."""
        if self._bucket_ends < 0:
            return 0
        if now >= self._bucket_ends:
            self._advance(now)
        window = min(self._step * self.BUCKETS, max(self._step, now - self._first))
        return int(sum(self._buckets) * 8 / window)
