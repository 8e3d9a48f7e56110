"""What is missing of a track, as the timeline says it: holes that are close to each other are told as one."""

from __future__ import annotations

from parley.store.recording import Lost

MERGE = 0.5
"""Holes with less than this (seconds) of good material between are one: a bad network must not flood the timeline."""


TOLD = 0.2
"""A hole of so many seconds is told at once: whoever dies before telling it can't tell it any more."""

DISCONTINUOUS = 0.4
"""Seconds in which Opus sends a packet at least (RFC 6716 section 2.1.9, as libopus does it)."""


class Losses:
    """Of one track. Times are seconds on the meeting's clock."""

    __slots__ = ("_closed", "_first", "_packets", "_reason", "_since", "_track", "packets")

    def __init__(self, track: str) -> None:
        self._track = track
        self._first: float | None = None
        """Where the hole that is being told began; None where nothing is missing."""
        self._since: float | None = None
        """Set while the hole is open."""
        self._closed = 0.0
        self._packets = 0
        self._reason = "network"
        self.packets = 0
        """All packets lost so far."""

    @property
    def open(self) -> bool:
        """Whether something is missing right now."""
        return self._since is not None

    def missing(self, since: float, packets: int, reason: str) -> list[Lost]:
        """From `since` on the track has a hole; what is over by that."""
        told = []
        if self._first is not None and self._since is None and (since - self._closed > MERGE or reason != self._reason):
            told = [self._tell()]
        if self._first is None:
            self._first, self._reason = since, reason
        self._since = self._since if self._since is not None else since
        self._packets += packets
        self.packets += packets
        return told

    def at_most(self, end: float, seconds: float) -> None:
        """The open hole, which ends at `end`, misses packets of so many seconds each.

        In silence a browser sends one packet in DISCONTINUOUS, so packets enough for words may be spread that far.
        """
        if self._since is not None and self._since == self._first and self._reason == "network":
            long = seconds * self._packets
            if long >= TOLD:
                long = max(long, DISCONTINUOUS * (self._packets + 1))
            self._since = self._first = max(self._first, end - long)

    def good(self, at: float) -> list[Lost]:
        """Something whole is there from `at` on."""
        if self._since is not None:
            self._since = None
            self._closed = at
            return [self._tell()] if self._first is not None and at - self._first >= TOLD else []
        if self._first is not None and at - self._closed > MERGE:
            return [self._tell()]
        return []

    def close(self, at: float) -> list[Lost]:
        """The track ends or pauses at `at`: whatever is open is missing up to there."""
        if self._first is None:
            return []
        if self._since is not None:
            self._since = None
            self._closed = max(at, self._first)
        return [self._tell()]

    def _tell(self) -> Lost:
        assert self._first is not None
        lost = Lost(
            at=self._first, track=self._track, seconds=round(max(0.0, self._closed - self._first), 3),
            packets=self._packets, reason=self._reason,
        )  # fmt: skip
        self._first, self._packets = None, 0
        return lost
