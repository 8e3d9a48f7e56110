"""Finds what is missing in a stream that arrives, and says when to ask for it (RFC 4585 section 6.2.1)."""

from __future__ import annotations

MAX_MISSING = 1000
"""A bigger hole is not mended packet by packet: a key frame is."""
MAX_TRIES = 10
MIN_RETRY = 0.02
MAX_WAIT = 2.0


class NackGenerator:
    """Missing numbers of one SSRC.

    needs_keyframe: set when a hole was too big to ask for; whoever reads it clears it.
    """

    __slots__ = ("_missing", "_next", "needs_keyframe", "recovered", "requested")

    def __init__(self) -> None:
        self._next = -1
        self._missing: dict[int, list[float]] = {}  # seq -> [first noticed, next try, tries]
        self.needs_keyframe = False
        self.requested = 0
        self.recovered = 0

    def receive(self, seq: int, now: float) -> None:
        """A packet arrived, first-hand or by retransmission."""
        if seq == self._next:
            self._next = (seq + 1) & 0xFFFF
            return
        if self._next < 0:
            self._next = (seq + 1) & 0xFFFF
            return
        ahead = (seq - self._next) & 0xFFFF
        if ahead >= 0x8000:
            if self._missing.pop(seq, None) is not None:
                self.recovered += 1
            return
        if len(self._missing) + ahead > MAX_MISSING:
            self._missing.clear()
            self.needs_keyframe = True
        else:
            for missing in range(self._next, self._next + ahead):
                self._missing[missing & 0xFFFF] = [now, now, 0.0]
        self._next = (seq + 1) & 0xFFFF

    @property
    def waiting(self) -> bool:
        """Whether anything is missing."""
        return bool(self._missing)

    def due(self, now: float, rtt: float) -> list[int]:
        """The numbers to ask for now; each is asked for again after a round trip, a bounded number of times.

        rtt: round-trip time in seconds.
        """
        if not self._missing:
            return []
        ask: list[int] = []
        given_up: list[int] = []
        wait = max(MIN_RETRY, rtt * 1.25)
        for seq, entry in self._missing.items():
            if entry[2] >= MAX_TRIES or now - entry[0] > MAX_WAIT:
                given_up.append(seq)
            elif entry[1] <= now:
                entry[1] = now + wait
                entry[2] += 1
                ask.append(seq)
        for seq in given_up:
            del self._missing[seq]
            self.needs_keyframe = True
        self.requested += len(ask)
        return ask
