"""One track from its packets to timed frames: reordered, made whole, put on the meeting's clock, losses counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from parley.recorder import opus
from parley.recorder.assembler import Assembled, FrameAssembler
from parley.recorder.codecs import depacketiser
from parley.recorder.frame import Frame
from parley.recorder.losses import Losses
from parley.recorder.messages import Track
from parley.recorder.reorder import Gap, ReorderBuffer
from parley.recorder.rtp import RtpPacket, parse_rtp
from parley.recorder.sender_clock import SenderClock
from parley.recorder.track_clock import TrackClock
from parley.store.recording import Lost

TORN_SECONDS = 0.1
"""What a file may lack at its end without being told: the last frames' own length."""

SILENT_SECONDS = 1.0

Write = Callable[[Frame, float], str]
"""Takes a frame and its time (seconds, meeting's clock); says why it could not be written, "" when it was."""


class TrackRecorder:
    """See the module. sender: the clock that the participant's tracks share. write: gets the frames in order.

    lost: what the timeline must say is missing; who reads it empties it. malformed: packets that are no RTP.
    """

    def __init__(self, track: Track, sender: SenderClock, write: Write) -> None:
        self.track = track
        self.audio = track.codec == "opus"
        self.lost: list[Lost] = []
        self.malformed = 0
        self._write = write
        self._reorder = ReorderBuffer()
        self._assembler = FrameAssembler(depacketiser(track.codec, track.fmtp), audio=self.audio)
        self._clock = TrackClock(track.clock_rate, sender)
        self._losses = Losses(track.track)
        self._end: float | None = None
        """Where the last frame ends; None before the first one."""
        self._early: tuple[float, int, float] | None = None
        """A report from before the first frame."""
        self._torn_until: float | None = None

    @property
    def needs_key(self) -> bool:
        """Whether nothing can be written before a key frame."""
        return self._assembler.needs_key

    @property
    def packets_lost(self) -> int:
        """So far."""
        return self._losses.packets

    def packet(self, data: bytes, at: float) -> None:
        """Take a packet that arrived `at`."""
        packet = parse_rtp(data, at)
        if packet is None:
            self.malformed += 1
        else:
            if self._torn_until is not None:
                self._mend(at)
                self._torn_until = None  # what comes now continues: the hole ends with its first whole frame
            self._take(self._reorder.push(packet))

    def expect(self, sequence: int) -> None:
        """The next packet has this number; see messages.Expect."""
        self._reorder.expect(sequence)

    def report(self, ntp: float, timestamp: int, at: float) -> None:
        """A sender report; see messages.Report. One that comes before the first frame is kept for it."""
        extended = self._assembler.extend(timestamp)
        if extended is None or not self._clock.started:
            self._early = (ntp, timestamp, at)
        else:
            self._clock.report(ntp, extended, at)

    def advance(self, now: float) -> None:
        """Time passed: give up what is too late."""
        if self._torn_until is not None:
            self._mend(now)
        self._take(self._reorder.advance(now))

    def flush(self) -> None:
        """Nothing more comes for now: write what still waited."""
        self._take(self._reorder.flush())

    def restart(self, at: float | None = None) -> None:
        """What comes next doesn't continue what was: video begins with a key frame. at: nothing is missing before."""
        if at is not None and self._end is not None:
            self._end = max(self._end, at)
        self._reorder.restart()
        self._assembler.restart()

    def fail(self, reason: str) -> None:
        """What comes next can't be written, until it can; video then begins with a key frame."""
        self._missing(0, reason)
        self._assembler.restart()

    def missed(self, packets: int) -> None:
        """The node left packets out: their place is no hole in the network."""
        self.flush()
        self._missing(packets, "recorder")
        self.restart()

    def torn(self, end: float, until: float) -> None:
        """A recorder that is gone has written up to `end`, and was given packets that arrived up to `until`."""
        self._end = end
        if until - end > TORN_SECONDS:
            self._torn_until = until
            self._missing(0, "recorder")

    def close(self, at: float) -> None:
        """The track ends or pauses at `at`."""
        self.lost += self._losses.close(at)

    def _take(self, items: Iterable[RtpPacket | Gap]) -> None:
        assembler = self._assembler
        for item in items:
            dropped = assembler.dropped
            frames = assembler.push(item)
            if isinstance(item, Gap):
                self._missing(item.packets, "network")
            elif assembler.dropped != dropped and not self._losses.open:
                self._missing(0, "network")
            for assembled in frames:
                self._place(assembled)

    def _place(self, assembled: Assembled) -> None:
        frame, timestamp, at = assembled
        if self._early is not None:
            self._use_early(timestamp, at)
        time = self._clock.time_of(timestamp, at)
        reason = "corrupt" if time is None else self._write(frame, time)
        if time is not None and not reason:
            seconds = opus.duration(frame.data) if self.audio else 0.0
            if self.audio:  # silence isn't sent: the hole is no longer than what its packets can hold
                self._losses.at_most(time, seconds)
            self.lost += self._losses.good(time)
            self._end = time + seconds
            return
        if self._end is None and time is not None and reason == "disk":
            self._end = time  # there was something to write: the track began here
        self._missing(1, reason)
        if not self.audio:
            self._assembler.restart()

    def _missing(self, packets: int, reason: str) -> None:
        """Something is missing behind the last frame; before the first one nothing is expected."""
        if self._end is not None:
            self.lost += self._losses.missing(self._end, packets, reason)

    def _mend(self, now: float) -> None:
        """A track that was silent when the recorder came back misses only what the old one was given."""
        assert self._torn_until is not None
        if not self._losses.open:
            self._torn_until = None
        elif now - self._torn_until > SILENT_SECONDS:
            self.lost += self._losses.close(self._torn_until)
            self._torn_until = None

    def _use_early(self, timestamp: int, at: float) -> None:
        assert self._early is not None
        (ntp, reported, reported_at), self._early = self._early, None
        self._clock.seen(timestamp, at)
        extended = self._assembler.extend(reported)
        assert extended is not None
        self._clock.report(ntp, extended, reported_at)
