"""Estimates what a subscriber can receive, from its REMB and its loss reports.

Browsers run the delay-based estimator of draft-ietf-rmcat-gcc-02 on the abs-send-time that we stamp, and send its
result as REMB. That number can't rise much above what is being sent, so it says "too much" only when it is below that;
otherwise it says "at least this". So the estimate starts hopeful, falls at once to a REMB that is below what is sent,
falls with loss (section 6 of the draft), and grows while neither is there: soon to what is proven, slowly beyond it.
"""

from __future__ import annotations

START = 12_000_000
"""bit/s before anything is known: hopeful, because too much is noticed within a second or two, while too little would
make every meeting start small."""
MIN = 100_000
MAX = 50_000_000
LOSS_HIGH = 0.10
LOSS_LOW = 0.02
GROWTH = 1.08
"""Factor per second."""
REACH = 1.5
"""How far beyond what is sent, times, the estimate may grow: enough for the next layer."""
HOPE = 1.03
"""Factor per second beyond what is proven. A stream that was switched off sends nothing, so nothing could ever prove
that there is room for it again; this tries, every half minute or so, and a try that fails costs two seconds."""
STALE = 10.0
"""Seconds after which a REMB or a loss report says nothing any more."""


class DownlinkEstimator:
    """State of one subscribe transport. Rates in bit/s, times in seconds."""

    __slots__ = ("_loss_at", "_remb", "_remb_at", "_updated_at", "estimate", "loss")

    def __init__(self) -> None:
        self.estimate = START
        self.loss = 0.0
        self._loss_at = float("-inf")
        self._remb = 0
        self._remb_at = float("-inf")
        self._updated_at = float("-inf")

    def remb(self, bitrate: int, now: float) -> None:
        """The subscriber's browser said what it takes."""
        self._remb = max(MIN, min(MAX, bitrate))
        self._remb_at = now

    def receiver_report(self, fraction_lost: float, now: float) -> None:
        """Share of packets lost since the last report, 0 to 1, over all of the transport's streams."""
        self.loss = fraction_lost
        self._loss_at = now
        if fraction_lost > LOSS_HIGH:
            self.estimate = int(max(MIN, self.estimate * (1 - 0.5 * fraction_lost)))

    def update(self, sent: int, now: float) -> int:
        """The estimate, decided anew; to be asked about once a second. sent: what goes out now."""
        elapsed = min(2.0, max(0.0, now - self._updated_at))
        self._updated_at = now
        remb = self._remb if now - self._remb_at < STALE else 0
        if remb and remb < 0.95 * sent:
            self.estimate = min(self.estimate, remb)
        elif self.loss < LOSS_LOW or now - self._loss_at >= STALE:
            proven = max(remb, int(REACH * sent))
            grown = min(proven, int(self.estimate * GROWTH**elapsed))
            hoped = min(START, int(self.estimate * HOPE**elapsed))
            self.estimate = min(MAX, max(self.estimate, grown, hoped, remb))
        return self.estimate
