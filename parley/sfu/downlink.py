"""Estimates what a subscriber can receive, from its REMB and its loss reports.

Browsers run the delay-based estimator of draft-ietf-rmcat-gcc-02 on the abs-send-time that we stamp, and send its
result as REMB. Such an estimate can't rise much above what is being sent, so while it isn't in the way (close to what
is sent, nothing lost) it is allowed to grow beyond it, as a probe would show; loss holds it down (section 6 of the
same).
"""

from __future__ import annotations

START = 12_000_000
"""bit/s before anything is known: hopeful, because too much is noticed within a second or two (REMB below what is sent,
loss), while too little would make every meeting start small."""
MIN = 100_000
MAX = 50_000_000
LOSS_HIGH = 0.10
LOSS_LOW = 0.02
GROWTH = 1.08
"""Factor per second."""


class DownlinkEstimator:
    """State of one subscribe transport. Rates in bit/s, times in seconds."""

    __slots__ = ("_grown_at", "_loss_estimate", "_remb", "_remb_at", "estimate", "loss")

    def __init__(self) -> None:
        self.estimate = START
        self.loss = 0.0
        self._remb: int | None = None
        self._remb_at = 0.0
        self._loss_estimate = float(START)
        self._grown_at = 0.0

    def remb(self, bitrate: int, now: float) -> None:
        """The subscriber's browser said what it takes."""
        self._remb = max(MIN, min(MAX, bitrate))
        self._remb_at = now

    def receiver_report(self, fraction_lost: float, now: float) -> None:
        """Share of packets lost since the last report, 0 to 1, the worst of the transport's streams."""
        self.loss = fraction_lost
        if fraction_lost > LOSS_HIGH:
            self._loss_estimate = max(MIN, self._loss_estimate * (1 - 0.5 * fraction_lost))

    def update(self, sent: int, now: float) -> int:
        """The estimate, decided anew once a second. sent: what goes out now."""
        if self.loss < LOSS_LOW and now - self._grown_at >= 1.0:
            self._grown_at = now
            ceiling = max(START, 2.0 * sent)
            self._loss_estimate = min(MAX, max(self._loss_estimate, min(self._loss_estimate * GROWTH, ceiling)))
        estimate = self._loss_estimate
        if self._remb is not None and now - self._remb_at < 10.0:
            # REMB near what we send says "at least this"; well below what we send it says "too much"
            limit = self._remb if self._remb < sent * 0.95 else max(self._remb * 1.5, START * 0.5)
            estimate = min(max(estimate, self._remb), limit)
        self.estimate = int(max(MIN, estimate))
        return self.estimate
