"""How well somebody's media gets through: good, or what is wrong with it, decided from what the SFU counts.

Sans-I/O: looked at every INTERVAL with `now` (seconds, monotonic). Everyone sees the verdict, so it must not flap: a
trouble is told when it has lasted for a while, and is over when it has been clearly gone for longer.
"""

from __future__ import annotations

from parley.sfu.health import Health
from parley.signaling.schema.common import Quality

INTERVAL = 2.0
"""Seconds between two looks. Browsers report about once a second, and 2 s of sound are 100 packets."""

RAISE_AFTER = 4.0
"""Seconds that a trouble lasts before it is told: a burst that one hears once, or a change of network, is none."""

LOWER_AFTER = 10.0
"""Seconds that it has to be gone before that is told."""

LOSS = (0.05, 0.02)
"""Share of packets lost from which on it is a trouble, and below which it no longer is. Retransmission and Opus's
concealment hide a loss of a few in a hundred; from five on one hears it, and pictures wait for what is sent again. Two
is where the bandwidth estimate (parley/sfu/downlink.py) begins to grow again."""

DELAY = (0.4, 0.3)
"""Round trip in seconds. Half of it, and half of the other's, lies between two people, and some 100 ms of buffers and
codecs; beyond 400 ms from mouth to ear they begin to talk at the same time (ITU-T G.114)."""

MIN_PACKETS = 20
"""A share of fewer packets means nothing: somebody silent sends a packet now and then, and one of three may be late."""

STALE = 10.0
"""Seconds without anything to judge from after which a trouble counts as gone: receivers of nothing but sound report
every five seconds or so."""


class _Alarm:
    """Whether one trouble is there, with hysteresis. raise_at, lower_at: values from which on, and below which."""

    def __init__(self, raise_at: float, lower_at: float) -> None:
        self.raised = False
        self._raise_at = raise_at
        self._lower_at = lower_at
        self._turning_since: float | None = None
        self._known_at = float("-inf")

    def update(self, value: float | None, now: float) -> None:
        """The value as of now; None when there is nothing to tell it from."""
        if value is None:
            if now - self._known_at < STALE:
                return
            value = 0.0
        else:
            self._known_at = now
        turning = value < self._lower_at if self.raised else value >= self._raise_at
        if not turning:
            self._turning_since = None
        elif self._turning_since is None:
            self._turning_since = now
        elif now - self._turning_since >= (LOWER_AFTER if self.raised else RAISE_AFTER):
            self.raised = not self.raised
            self._turning_since = None


class _LossShare:
    """The share of packets lost since enough of them were last looked at, from two totals."""

    def __init__(self) -> None:
        self._before: tuple[int, float] | None = None

    def update(self, total: int, lost: float) -> float | None:
        """The share; None when there are too few packets to tell. Totals that shrink begin anew."""
        before = self._before
        if before is None or total < before[0]:
            self._before = (total, lost)
            return None
        packets = total - before[0]
        if packets < MIN_PACKETS:
            return None
        self._before = (total, lost)
        return max(0.0, lost - before[1]) / packets


class QualityMeter:
    """The judgement of one participant's connection; see the module.

    Of several troubles the one is named that the participant can do most about: a bandwidth that holds no picture
    explains loss and delay, and loss harms more than delay.
    """

    def __init__(self) -> None:
        self.quality = Quality.GOOD
        self._sent = _LossShare()
        self._received = _LossShare()
        self._reported = 0
        self._bandwidth = _Alarm(1.0, 1.0)
        self._losses = (_Alarm(*LOSS), _Alarm(*LOSS))
        self._delay = _Alarm(*DELAY)

    def measure(self, health: Health, now: float) -> bool:
        """Look anew; whether `quality` has changed."""
        up, down = self._losses
        up.update(self._sent.update(health.sent, health.sent_lost), now)
        down.update(self._received.update(health.received, health.received_lost), now)
        heard_of, self._reported = health.received != self._reported, health.received
        self._delay.update(health.rtt if heard_of else None, now)
        self._bandwidth.update(float(health.starved), now)
        before, self.quality = self.quality, self._verdict()
        return self.quality is not before

    def _verdict(self) -> Quality:
        if self._bandwidth.raised:
            return Quality.BANDWIDTH
        if any(alarm.raised for alarm in self._losses):
            return Quality.LOSS
        return Quality.DELAY if self._delay.raised else Quality.GOOD
