"""One recording while a media node feeds it: messages in, files and timeline out through the disk's thread.

Time is what the messages say. A session is one segment, until a full disk ends it and room begins the next one; a node
that comes again after a lost connection gets a new session, which goes on where the timeline ends.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from parley.recorder.disk import Disk
from parley.recorder.existing import Existing
from parley.recorder.frame import Frame
from parley.recorder.messages import (
    CLOCK_RATES,
    ID,
    MAX_TRACKS,
    Clock,
    DiskState,
    Expect,
    Finished,
    FromRecorder,
    Happened,
    KeyFrameWanted,
    Missed,
    Open,
    Pause,
    ProtocolError,
    Report,
    Resume,
    Status,
    Stop,
    ToRecorder,
    Track,
    TrackEnd,
)
from parley.recorder.sender_clock import SenderClock
from parley.recorder.track_file import TrackFile
from parley.recorder.track_recorder import TrackRecorder
from parley.store import recording as stored
from parley.store.recording import AnyEvent

log = logging.getLogger(__name__)

SLOW_BYTES = 32 * 1024 * 1024
"""When more than this waits for the disk, tracks are left out; half of it, and they go on."""

KEY_FRAME_SECONDS = 1.0
"""How often a key frame is asked for again."""

PATIENCE_SECONDS = 0.3
"""How long a new track may take to begin with a key frame by itself."""

REST_SECONDS = 1.0
FAILED_SECONDS = 5.0
"""How long the status tells of a file that failed."""

TICK_SECONDS = 0.1
STATUS_SECONDS = 1.0


MAX_TIME = 1e7
"""Seconds: no meeting lasts for four months."""


class _Entry:
    """A track and the file that it is written to."""

    __slots__ = ("asked", "file", "recorder", "rests_until")

    def __init__(self, recorder: TrackRecorder) -> None:
        self.recorder = recorder
        self.file: TrackFile | None = None
        self.asked = -math.inf
        self.rests_until = -math.inf
        """Until then no file is begun: the last one failed."""


class Session:
    """See the module. at: seconds on the meeting's clock. reply: sends to the node. slow_bytes: see SLOW_BYTES.

    now: seconds on the meeting's clock, as far as anybody said. stopped: the recording is complete.
    """

    def __init__(
        self, existing: Existing, disk: Disk, at: float, reply: Callable[[FromRecorder], None],
        slow_bytes: int = SLOW_BYTES,
    ) -> None:  # fmt: skip
        self.now = _time(at)
        self.stopped = False
        self.segment = existing.segment
        self._directory = existing.directory
        self._ends = dict(existing.ends)
        self._recent = existing.recent
        self._begun = set(existing.ends)
        """Tracks that the timeline knows and that didn't end."""
        self._paused = existing.paused
        self._resumed_at = 0.0
        self._disk = disk
        self._reply = reply
        self._slow_bytes = slow_bytes
        self._tracks: dict[int, _Entry] = {}
        self._senders: dict[str, SenderClock] = {}
        self._files_of: dict[str, int] = {}
        """How many files of this segment a track has."""
        self._slow = False
        self._full = False
        self._bytes = 0
        self._lost = 0
        self._ticked = self._reported = self._failed_at = -math.inf
        self._timeline = disk.timeline(self._directory / stored.TIMELINE)
        self._began = self.now
        self._event(stored.SegmentStarted(at=self.now, number=self.segment))

    # --- what the node says ---------------------------------------------------------------------------------------

    def packet(self, number: int, at: float, data: bytes) -> None:
        """A track's packet arrived at the node `at`. One of an unknown track is left out: its end crossed it."""
        entry = self._tracks.get(number)
        if entry is None or self._paused:
            return
        self._pass(at)
        entry.recorder.packet(data, at if 0 <= at < MAX_TIME else self.now)  # also where it is no number

    def handle(self, message: ToRecorder) -> None:
        """Anything but a packet. Raises ProtocolError."""
        match message:
            case Track():
                self._track(message)
            case TrackEnd(number=number, at=at):
                self._pass(at)
                self._end(number, at)
            case Expect(number=number, sequence=sequence):
                entry = self._tracks.get(number)
                if entry is not None and 0 <= sequence < 65536:
                    entry.recorder.expect(sequence)
            case Report(number=number, ntp=ntp, timestamp=timestamp, at=at):
                self._pass(at)
                entry = self._tracks.get(number)
                if entry is not None and math.isfinite(ntp) and 0 <= timestamp < 2**32:
                    entry.recorder.report(ntp, timestamp, _time(at))
            case Missed(number=number, packets=packets, at=at):
                self._pass(at)
                entry = self._tracks.get(number)
                if entry is not None:
                    entry.recorder.missed(packets)
            case Happened(event=event):
                self._event(event, maybe_known=True)
            case Pause(at=at):
                self._pass(at)
                self._pause()
            case Resume(at=at):
                self._pass(at)
                self._resume()
            case Clock(at=at):
                self._pass(at)
            case Stop(reason=reason, at=at):
                self._pass(at)
                self._stop(reason)
            case Open():
                raise ProtocolError("a second Open on one connection")

    def interrupted(self) -> None:
        """The connection is gone: close what there is, and leave the recording open for the next one."""
        if not self.stopped:
            for entry in self._tracks.values():
                self._finish(entry)
            self._disk.close_timeline(self._timeline)
            self.stopped = True

    # --- tracks ---------------------------------------------------------------------------------------------------

    def _track(self, track: Track) -> None:
        if not ID.fullmatch(track.track) or track.clock_rate not in CLOCK_RATES or not 0 <= track.number < 65536:
            raise ProtocolError("a track without a proper id, number or clock rate")
        self._pass(track.at)
        before = self._tracks.pop(track.number, None)
        if before is not None:
            self._finish(before)
            if before.recorder.track.participant != track.participant:
                self._let_go(before.recorder.track.participant)
        if before is None and len(self._tracks) >= MAX_TRACKS:
            raise ProtocolError("too many tracks")
        sender = self._senders.setdefault(track.participant, SenderClock())
        entry = _Entry(TrackRecorder(track, sender, lambda frame, at: self._write(entry, frame, at)))
        ended = self._ends.pop(track.track, track.active_since)
        if ended is not None and track.active_until is not None:
            entry.recorder.torn(ended, track.active_until)
            if self._paused:  # nothing follows that would end the hole
                entry.recorder.close(track.active_until)
                self._tell_losses(entry)
        entry.asked = self.now - KEY_FRAME_SECONDS + PATIENCE_SECONDS
        self._tracks[track.number] = entry

    def _end(self, number: int, at: float) -> None:
        entry = self._tracks.pop(number, None)
        if entry is None:
            return
        self._finish(entry)
        track = entry.recorder.track
        if track.track in self._begun:
            self._begun.discard(track.track)
            self._event(stored.TrackEnded(at=at, track=track.track))
        self._let_go(track.participant)

    def _let_go(self, participant: str) -> None:
        """The sender's clock, with its last track."""
        if not any(entry.recorder.track.participant == participant for entry in self._tracks.values()):
            self._senders.pop(participant, None)

    def _write(self, entry: _Entry, frame: Frame, at: float) -> str:
        """Write a frame of a track to its file, beginning one where it is needed. Says why not, "" when it is."""
        if self._paused or at < self._resumed_at:
            return "paused"
        if self._full or self._slow or self._disk.full:
            return "disk"
        file = entry.file
        if self.now < entry.rests_until:
            return "disk"
        if file is not None and not file.takes(frame):
            self._close_file(entry)
            file = None
        if file is None:
            if not entry.recorder.audio and not (frame.keyframe and frame.width and frame.height):
                return "corrupt"
            file = entry.file = self._begin(entry, frame, at)
        if not file.write(frame, at):
            self._fail_file(entry)
            return "disk" if file.disk_error else "corrupt"
        self._bytes += len(frame.data)
        return ""

    def _begin(self, entry: _Entry, frame: Frame, at: float) -> TrackFile:
        track = entry.recorder.track
        part = self._files_of.get(track.track, 0)
        self._files_of[track.track] = part + 1
        suffix = f"{self.segment}.{part}" if part else str(self.segment)
        name = f"{stored.TRACKS}/{track.track}-{suffix}.mkv"
        file = TrackFile(self._disk, self._directory / name, track.codec, track.channels, frame, at)
        self._started(track, at, name)
        return file

    def _started(self, track: Track, at: float, file: str) -> None:
        """Tell of a track's file, or that there is a track of which none could be written yet."""
        self._begun.add(track.track)
        self._event(
            stored.TrackStarted(
                at=at, track=track.track, participant=track.participant, source=track.source, codec=track.codec,
                file=file,
            )
        )  # fmt: skip

    def _close_file(self, entry: _Entry) -> None:
        if entry.file is not None:
            track = entry.recorder.track.track
            entry.file.close(lambda since, until: self._torn(track, since, until))
            entry.file = None

    def _torn(self, track: str, since: float, until: float) -> None:
        """On the disk's thread: what had been taken for written is not on the disk."""
        seconds = round(until - since, 3)
        if seconds > 0:
            lost = stored.Lost(at=since, track=track, seconds=seconds, reason="disk")
            self._disk.append_now(self._timeline, stored.encode_event(lost))

    def _fail_file(self, entry: _Entry) -> None:
        """An error ended the file; the next one begins a moment later, so that a broken disk isn't littered."""
        self._close_file(entry)
        entry.rests_until = self.now + REST_SECONDS
        self._failed_at = self.now

    def _finish(self, entry: _Entry) -> None:
        """The last frames of a track, its losses and the end of its file."""
        entry.recorder.flush()
        entry.recorder.close(self.now)
        self._tell_losses(entry)
        self._close_file(entry)

    # --- time -----------------------------------------------------------------------------------------------------

    def _pass(self, at: float) -> None:
        """It is at least `at` now."""
        if at > self.now and at < self.now + 86_400:
            self.now = at
        if self.now - self._ticked >= TICK_SECONDS:
            self._ticked = self.now
            self._tick()

    def _tick(self) -> None:
        backlog = self._disk.backlog
        self._slow = backlog > self._slow_bytes // (2 if self._slow else 1)
        if self._disk.full != self._full:
            self._turn_full(self._disk.full)
        for number, entry in self._tracks.items():
            if entry.file is not None and entry.file.disk_error:
                self._fail_file(entry)
                entry.recorder.fail("disk")
            entry.recorder.advance(self.now)
            self._tell_losses(entry)
            self._ask(number, entry)
            if entry.file is not None:
                entry.file.checkpoint(self.now)
        if self.now - self._reported >= STATUS_SECONDS:
            self._reported = self.now
            self._reply(self.status())

    def _turn_full(self, full: bool) -> None:
        """A full disk ends the segment's files; room begins another segment."""
        self._full = full
        if full:
            log.error("the disk is full: recordings leave out what comes until there is room")
            for entry in self._tracks.values():
                self._close_file(entry)
                entry.recorder.fail("disk")
            return
        self.segment += 1
        self._files_of.clear()
        self._event(stored.SegmentStarted(at=self.now, number=self.segment))

    def _ask(self, number: int, entry: _Entry) -> None:
        """A key frame, where one is needed and would be written."""
        if self._paused or self._full or self._slow or entry.recorder.audio or not entry.recorder.needs_key:
            return
        if self.now - entry.asked >= KEY_FRAME_SECONDS:
            entry.asked = self.now
            self._reply(KeyFrameWanted(number))

    # --- pause, stop, tell ----------------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self._paused:
            return
        for entry in self._tracks.values():
            entry.recorder.flush()
            entry.recorder.close(self.now)
            self._tell_losses(entry)
        self._paused = True
        self._event(stored.Paused(at=self.now))

    def _resume(self) -> None:
        if not self._paused:
            return
        self._paused = False
        self._resumed_at = self.now
        self._event(stored.Resumed(at=self.now))
        for number, entry in self._tracks.items():
            entry.recorder.restart(self.now)
            self._ask(number, entry)

    def _stop(self, reason: str) -> None:
        if self.stopped:
            return
        for number in tuple(self._tracks):
            self._end(number, self.now)
        self._event(stored.Stopped(at=self.now, reason=reason))
        self._disk.close_timeline(self._timeline)
        self.stopped = True
        self._reply(self.status())

    def finished(self) -> None:
        """Everything is on disk after Stop: say so."""
        self._reply(Finished())

    def _event(self, event: AnyEvent, *, maybe_known: bool = False) -> None:
        line = stored.encode_event(event)
        if not self.stopped and not (maybe_known and line in self._recent):
            self._disk.append(self._timeline, line)

    def _tell_losses(self, entry: _Entry) -> None:
        if entry.recorder.lost:
            if entry.recorder.track.track not in self._begun:
                self._started(entry.recorder.track, entry.recorder.lost[0].at, "")
            for lost in entry.recorder.lost:
                self._lost += lost.packets
                self._event(lost)
            entry.recorder.lost.clear()

    def status(self) -> Status:
        """What the node is told."""
        disk: DiskState = "ok"
        if self._full:
            disk = "full"
        elif self.now - self._failed_at < FAILED_SECONDS:
            disk = "failed"
        elif self._slow:
            disk = "slow"
        return Status(
            bytes=self._bytes, seconds=round(self.now - self._began, 3), lost=self._lost, disk=disk,
            free=self._disk.free, segment=self.segment,
        )  # fmt: skip


def _time(at: float) -> float:
    """A time that a node said, or 0 where it is absurd."""
    return at if 0 <= at < MAX_TIME else 0.0
