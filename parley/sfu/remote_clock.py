"""Maps a publisher's NTP clock to ours, so that sender reports can be translated for subscribers.

All streams of a publisher are mapped by the one offset, which keeps their lips in sync, and the reports that
subscribers get carry our time, which lets round trips be measured from what they send back.
"""

from __future__ import annotations

from parley.sfu.receive_stats import NTP_EPOCH

DRIFT = 0.0002
"""How fast the offset may rise, seconds per second: clocks drift by less, delays vary by more."""
STEP = 5.0
"""A difference this large (seconds) is a clock that was set anew."""


class RemoteClock:
    """offset: our wall clock minus the publisher's, with the least network delay seen; None before the first report."""

    __slots__ = ("_at", "offset")

    def __init__(self) -> None:
        self.offset: float | None = None
        self._at = 0.0

    def observe(self, ntp: int, wall: float) -> None:
        """A sender report with this 64-bit NTP time arrived at `wall` (seconds since 1970 UTC)."""
        sample = wall - seconds_of(ntp)
        if self.offset is None or abs(sample - self.offset) > STEP:
            self.offset = sample
        else:
            self.offset = min(sample, self.offset + DRIFT * max(0.0, wall - self._at))
        self._at = wall

    def rtp_at(self, wall: float, ntp: int, rtp_timestamp: int, clock_rate: int) -> int | None:
        """What a stream's RTP clock shows at `wall`, when its last report said (ntp, rtp_timestamp)."""
        if self.offset is None:
            return None
        elapsed = wall - self.offset - seconds_of(ntp)
        return int(rtp_timestamp + elapsed * clock_rate) & 0xFFFFFFFF


def seconds_of(ntp: int) -> float:
    """64-bit NTP time as seconds since 1970 UTC. What would be before is after 2036, when NTP begins its next era."""
    seconds = ntp / 2**32 - NTP_EPOCH
    return seconds if seconds >= 0 else seconds + 2**32
