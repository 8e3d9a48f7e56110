"""Maps a track's RTP timestamps to the meeting's clock, and never back in time.

Sender reports (RFC 3550 section 6.4.1) pair the track's clock with the sender's NTP clock; sender_clock.py leads from
there to the meeting. Until the first report, and whenever reports make no sense, the arrival of packets has to do: the
least delayed packet sets the offset. A change of mind is never a jump in the file: what is shown moves to what is
believed by at most SLEW, and both tracks of one sender move alike.
"""

from __future__ import annotations

from parley.recorder.sender_clock import DRIFT, SenderClock

SLEW = 0.05
"""How fast the shown offset follows the believed one, seconds per second."""

JUMP = 1.0
"""An error larger than this (seconds) isn't drift: forward it is made good at once, back at FAST_SLEW."""

FAST_SLEW = 0.5
BEGINNING = 10.0
"""Seconds from a track's first frame in which FAST_SLEW is taken too: what arrival times said was a guess."""

OUTLIER = 0.08
"""A report this far (seconds) from what the last ones say is believed only when the next one says the same."""

AGREES = 0.05
GAIN = 0.25
"""Weight of a new report against the old ones: a report's pair is off by some milliseconds itself."""

PLAUSIBLE = 3.0
"""Packets and reports of one track are less than this (seconds) apart, or one of them is wrong."""

LATE, EARLY = 1.5, -0.5
"""When all packets of a window are this late or early, the timestamps were set anew."""

WINDOW = 1.0
EARLIEST, LATEST = 5.0, 0.1
"""Whatever the timestamps claim, a frame was not made so long (seconds) before it came, nor after."""

STEP = 0.001
"""The file's clock has milliseconds; frames are at least one apart."""


class _Window:
    """The range of lateness over the last one to two seconds."""

    __slots__ = ("_before", "_now", "_since")

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None
        self._now: tuple[float, float] | None = None
        self._since = 0.0

    def add(self, lateness: float, at: float) -> tuple[float, float] | None:
        """Least and most of a window that is full, else None."""
        if self._now is None:
            self._now, self._since = (lateness, lateness), at
            return None
        if at - self._since >= WINDOW:
            self._before, self._now, self._since = self._now, (lateness, lateness), at
        else:
            self._now = min(self._now[0], lateness), max(self._now[1], lateness)
        if self._before is None:
            return None
        return min(self._before[0], self._now[0]), max(self._before[1], self._now[1])


class TrackClock:
    """See the module. clock_rate: ticks of the RTP clock in a second. Timestamps are extended ones."""

    __slots__ = (
        "_anchor", "_arrival", "_arrival_at", "_began", "_candidate", "_correction", "_last", "_last_at", "_lateness",
        "_rate", "_reports", "_sender", "_shown", "_window",
    )  # fmt: skip

    def __init__(self, clock_rate: int, sender: SenderClock) -> None:
        self._rate = clock_rate
        self._sender = sender
        self._correction = sender.correction
        self._arrival: float | None = None
        """Meeting's clock minus RTP time, by the least delayed packet."""
        self._arrival_at = 0.0
        self._lateness = 0.0
        """By how much the least late packet of the last window missed that offset."""
        self._anchor: float | None = None
        """Sender's corrected NTP time minus RTP time, by reports; None where there is none to believe."""
        self._reports = 0
        self._candidate: tuple[float, float] | None = None
        self._shown: float | None = None
        self._began = 0.0
        self._last = -1.0
        self._last_at = 0.0
        self._window = _Window()

    @property
    def by_reports(self) -> bool:
        """Whether sender reports lead; else arrival times do."""
        return self._anchor is not None and self._sender.offset is not None

    @property
    def started(self) -> bool:
        """Whether a frame was seen, without which reports say nothing."""
        return self._arrival is not None

    def seen(self, timestamp: int, at: float) -> None:
        """A frame of `timestamp` arrived `at`; `time_of` sees it itself."""
        self._follow(timestamp / self._rate, at)

    def report(self, ntp: float, timestamp: int, at: float) -> None:
        """A sender report: at `ntp` (seconds, of whatever clock) the track's clock showed `timestamp`."""
        if self._arrival is None:
            return
        media = timestamp / self._rate
        anchor = ntp + self._correction - media
        if self._fits(anchor, ntp, at):
            self._sender.observe(ntp + self._correction, at)
            self._reports += 1
            if self._anchor is None:
                self._anchor, self._reports = anchor, 1
            else:
                self._anchor += (anchor - self._anchor) * max(GAIN, 1 / self._reports)
            self._candidate = None
            return
        seen, self._candidate = self._candidate, (ntp - media, ntp)
        if seen is None or abs(ntp - media - seen[0]) > AGREES or ntp <= seen[1]:
            return
        self._candidate = None
        self._believe(ntp, media, at)

    def _fits(self, anchor: float, ntp: float, at: float) -> bool:
        if self._anchor is not None:
            return abs(anchor - self._anchor) <= OUTLIER
        offset = self._sender.offset
        if offset is None:
            offset = at - ntp - self._correction
        assert self._arrival is not None
        return abs(anchor + offset - self._arrival) <= PLAUSIBLE

    def _believe(self, ntp: float, media: float, at: float) -> None:
        """Two reports agree with each other and not with those before: whose clock was set anew?"""
        assert self._arrival is not None
        anchor = ntp + self._correction - media
        offset = self._sender.offset
        if offset is None:
            offset = at - ntp - self._correction
        arrival = self._arrival + self._lateness
        by_new = abs(anchor + offset - arrival)
        by_old = PLAUSIBLE if self._anchor is None else abs(self._anchor + offset - arrival)
        if by_new <= by_old:  # the old anchor was wrong, or the RTP clock was set anew
            self._anchor, self._reports = anchor, 1
        else:  # the sender's NTP clock was set anew: what it says now is made to continue what it said
            continued = arrival - offset if self._anchor is None else self._anchor
            self._correction = self._sender.jumped(continued - (ntp - media))
            self._anchor, self._reports = ntp + self._correction - media, 1
        self._sender.observe(ntp + self._correction, at)

    def time_of(self, timestamp: int, at: float) -> float | None:
        """When the frame of `timestamp`, arrived at `at`, was made: seconds on the meeting's clock, to milliseconds.

        Always later than the one before. None for a frame that can't be placed without running ahead of the meeting.
        """
        media = timestamp / self._rate
        self._follow(media, at)
        believed = self._believed()
        if self._shown is None:
            self._shown, self._began = believed, at
        else:
            error = believed - self._shown
            reach = max(0.0, at - self._last_at) * (
                FAST_SLEW if abs(error) >= JUMP or at - self._began < BEGINNING else SLEW
            )
            self._shown += error if error > JUMP else max(-reach, min(reach, error))
        self._last_at = max(at, self._last_at)
        time = round(max(0.0, at - EARLIEST, min(media + self._shown, at + LATEST)), 3)
        if time <= self._last:
            time = round(self._last + STEP, 3)
            if time > at + JUMP:
                return None
        self._last = time
        return time

    def _believed(self) -> float:
        assert self._arrival is not None
        if self._anchor is not None and self._sender.offset is not None:
            return self._anchor + self._sender.offset
        return self._arrival

    def _follow(self, media: float, at: float) -> None:
        """Keep the arrival offset, and notice when the RTP clock was set anew."""
        sample = at - media
        if self._arrival is None:
            self._arrival, self._arrival_at = sample, at
            return
        raised = self._arrival + DRIFT * max(0.0, at - self._arrival_at)
        self._arrival_at = max(at, self._arrival_at)
        self._arrival = sample if raised + EARLY < sample < raised else raised
        seen = self._window.add(sample - self._arrival, at)
        if seen is None:
            return
        self._lateness = seen[0]
        if seen[0] > LATE or seen[1] < EARLY:
            self._arrival += seen[0]
            self._lateness = 0.0
            self._anchor = self._candidate = None
            self._window = _Window()
