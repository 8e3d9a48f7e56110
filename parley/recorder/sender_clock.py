"""Maps a sender's NTP clock to the meeting's: one map for all tracks of a participant, which keeps lips in sync.

The offset is the smallest that was seen between a report's own time and its arrival, for a network only ever adds to
it. It may rise slowly, because clocks drift; it is never asked for the true distance, only to be the same for all
tracks of one sender.
"""

from __future__ import annotations

DRIFT = 0.0002
"""How fast the offset may rise, seconds per second: clocks drift by less, delays vary by more."""

SAME_JUMP = 0.1
"""Jumps of two tracks' reports that differ by less (seconds) are one jump of the clock behind both."""


class SenderClock:
    """offset: meeting's clock minus sender's NTP clock, in seconds; None before the first report.

    correction: what is added to NTP times since the sender's clock was set anew, so that inside it never jumps.
    """

    __slots__ = ("_at", "correction", "offset")

    def __init__(self) -> None:
        self.offset: float | None = None
        self.correction = 0.0
        self._at = 0.0

    def observe(self, ntp: float, at: float) -> None:
        """A report made at `ntp` (seconds, corrected) arrived at `at` on the meeting's clock."""
        sample = at - ntp
        if self.offset is None:
            self.offset = sample
        else:
            self.offset = min(sample, self.offset + DRIFT * max(0.0, at - self._at))
        self._at = max(at, self._at)

    def jumped(self, correction: float) -> float:
        """A track found that the clock was set anew; the correction to use, the same as its sibling's if that is near.

        Each track measures the jump with the noise of its own reports; were both to keep their own, lips would be off
        by the difference for good.
        """
        if abs(correction - self.correction) > SAME_JUMP:
            self.correction = correction
        return self.correction
