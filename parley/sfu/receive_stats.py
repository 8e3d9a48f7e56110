"""What a stream's receiver reports and its sender counts (RFC 3550 sections 6.4, A.3 and A.8)."""

from __future__ import annotations

from parley.sfu.rtcp import ReportBlock, SenderReport

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def ntp_time(wall: float) -> int:
    """64-bit NTP time of a moment in seconds since 1970 UTC."""
    return int((wall + NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF


def ntp_middle(ntp: int) -> int:
    """The middle 32 bits, as report blocks carry them."""
    return ntp >> 16 & 0xFFFFFFFF


class ReceiveStatistics:
    """Loss and jitter of one SSRC. clock_rate: ticks of its RTP clock in a second."""

    __slots__ = (
        "_base",
        "_clock_rate",
        "_cycles",
        "_expected_prior",
        "_max_seq",
        "_received_prior",
        "_sr_at",
        "_transit",
        "bytes",
        "jitter",
        "last_sr",
        "packets",
    )

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._base = -1
        self._max_seq = 0
        self._cycles = 0
        self._expected_prior = 0
        self._received_prior = 0
        self._transit: float | None = None
        self._sr_at = 0.0
        self.last_sr: SenderReport | None = None
        self.jitter = 0.0
        self.packets = 0
        self.bytes = 0

    def receive(self, seq: int, timestamp: int, size: int, now: float) -> None:
        """A packet arrived first-hand. size in bytes, now in seconds."""
        self.packets += 1
        self.bytes += size
        if self._base < 0:
            self._base = self._max_seq = seq
        else:
            ahead = (seq - self._max_seq) & 0xFFFF
            if ahead < 0x8000:
                if seq < self._max_seq:
                    self._cycles += 0x10000
                self._max_seq = seq
        transit = now * self._clock_rate - timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < self._clock_rate * 5:  # a wrap or a new timestamp base is no jitter
                self.jitter += (change - self.jitter) / 16
        self._transit = transit

    def sender_report(self, report: SenderReport, now: float) -> None:
        """The sender said what its clock shows."""
        self.last_sr = report
        self._sr_at = now

    @property
    def lost(self) -> int:
        """Packets expected and never received."""
        if self._base < 0:
            return 0
        return max(0, self._cycles + self._max_seq - self._base + 1 - self.packets)

    def report(self, ssrc: int, now: float) -> ReportBlock | None:
        """The block for the next receiver report; None before the first packet."""
        if self._base < 0:
            return None
        highest = self._cycles + self._max_seq
        expected = highest - self._base + 1
        expected_interval = expected - self._expected_prior
        received_interval = self.packets - self._received_prior
        self._expected_prior, self._received_prior = expected, self.packets
        lost_interval = expected_interval - received_interval
        fraction = 0 if expected_interval <= 0 or lost_interval <= 0 else (lost_interval << 8) // expected_interval
        last_sr = delay = 0
        if self.last_sr is not None:
            last_sr = ntp_middle(self.last_sr.ntp)
            delay = int((now - self._sr_at) * 65_536)
        cumulative = expected - self.packets
        return ReportBlock(ssrc, min(255, fraction), cumulative, highest, int(self.jitter), last_sr, delay)


def round_trip(block: ReportBlock, wall: float) -> float | None:
    """Round-trip time in seconds that a report block shows (RFC 3550 section 6.4.1), or None."""
    if block.last_sr == 0:
        return None
    units = (ntp_middle(ntp_time(wall)) - block.last_sr - block.delay_since_last_sr) & 0xFFFFFFFF
    if units > 0x7FFFFFFF:  # clocks round: a tiny negative time
        return 0.0
    seconds = units / 65_536
    return seconds if seconds < 30 else None
