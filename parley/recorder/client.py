"""The media node's end: hands packets and events to the recorder, and never waits, fails or grows because of it.

Everything goes through a bounded outbox. A recorder that is gone is looked for again several times a second; when it is
back it gets the head, the tracks and what waited, and goes on in a new segment. Key frames are asked for at the moment
the recorder is lost, so that they wait in the outbox when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

from parley.recorder.link import CHUNK_BYTES, Link
from parley.recorder.messages import (
    Clock,
    Expect,
    Finished,
    FromRecorder,
    Happened,
    KeyFrameWanted,
    Leaving,
    Missed,
    Pause,
    Refused,
    Report,
    Resume,
    Status,
    Stop,
    ToRecorder,
    TrackEnd,
    encode,
    encode_packet,
)
from parley.recorder.node_tracks import NodeTrack, NodeTracks, behind
from parley.recorder.outbox import MAX_BYTES, Outbox
from parley.recorder.told import Told
from parley.store.recording import AnyEvent, Codec, RecordingHead, Source

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.01
"""Packets are gathered for so long: one system call for many."""

TICK_SECONDS = 0.1
RETRY_SECONDS = 0.1
ASK_AGAIN = (0.5, 1.5)
"""Seconds after the recorder was lost: a key frame that was asked for may be lost too, and nobody is there to tell."""

CONNECT_SECONDS = CLOSE_SECONDS = 2.0


class RecorderClient:
    """See the module. Made and used on one event loop; times `now` are of `clock`, in seconds.

    on_status: the recorder's word, every second. on_lost(track, packets): packets were left out because the recorder
    doesn't keep up; 0 when that begins, their number when it is over. on_key_frame(track): please send one.
    on_stopped: everything is on disk. on_refused(text): this recording can't be made; nothing more happens.

    connected: whether a recorder listens. lost: packets left out, by track. failed: why the recorder refused, or "".
    """

    def __init__(
        self,
        path: Path | str,
        *,
        on_status: Callable[[Status], None] = lambda status: None,
        on_lost: Callable[[str, int], None] = lambda track, packets: None,
        on_key_frame: Callable[[str], None] = lambda track: None,
        on_stopped: Callable[[], None] = lambda: None,
        on_refused: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.connected = False
        self.failed = ""
        self.lost: dict[str, int] = {}
        self.status: Status | None = None
        self._path = str(path)
        self._on_status = on_status
        self._on_lost = on_lost
        self._on_key_frame = on_key_frame
        self._on_stopped = on_stopped
        self._on_refused = on_refused
        self._clock = clock
        self._outbox = Outbox(max_bytes)
        self._head: RecordingHead | None = None
        self._zero = 0.0
        """What `clock` showed when the meeting's clock was 0."""
        self._tracks = NodeTracks()
        self._told = Told(self._tracks)
        self._paused = False
        self._stopping = False
        self._link: Link | None = None
        self._flushing: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._done = asyncio.Event()

    # --- what the meeting says -------------------------------------------------------------------------------------

    def open(self, head: RecordingHead, now: float | None = None) -> None:
        """Begin a recording, or go on with one of this id. The meeting's clock is 0 at the head's started_at."""
        now = self._clock() if now is None else now
        self._head = head
        self._zero = now - (time.time() - head.started_at.timestamp())
        self._task = asyncio.get_running_loop().create_task(self._run(), name="recorder-client")

    def at(self, now: float) -> float:
        """The meeting's clock at `now`, for events."""
        return max(0.0, now - self._zero)

    def track(
        self, track: str, *, participant: str, source: Source, codec: Codec, clock_rate: int, now: float,
        channels: int = 1, fmtp: str = "",
    ) -> None:  # fmt: skip
        """A producer begins; or, said again, goes on with another codec. One that can't be recorded is left out."""
        at = self.at(now)
        said = self._tracks.begin(
            track, participant=participant, source=source, codec=codec, clock_rate=clock_rate, channels=channels,
            fmtp=fmtp, at=at,
        )  # fmt: skip
        if said is None:
            log.error("a %s track in %s can't be recorded", source, codec)
            return
        self._say(said, at)

    def track_end(self, track: str, now: float) -> None:
        """A producer ended."""
        entry = self._tracks.end(track)
        if entry is not None:
            at = self.at(now)
            self._own_up(entry, at)
            self._say(TrackEnd(entry.said.number, at), at)

    def packet(self, track: str, now: float, rtp: bytes | bytearray | memoryview) -> None:
        """A packet of a track arrived; it is copied. Packets of unknown tracks and of pauses are left out."""
        entry = self._tracks.get(track)
        if entry is None or self._stopping or self._head is None or self.failed:
            return
        entry.seen = behind(entry.seen, rtp, 2)
        if self._paused:
            return
        at = self.at(now)
        number = entry.said.number
        if entry.dropped and self._outbox.has_room(len(rtp)):
            self._return(track, entry, at)
        if not self._outbox.packet(encode_packet(number, at, rtp), at, number):
            entry.dropped += 1
            self.lost[track] = self.lost.get(track, 0) + 1
            if entry.dropped == 1:
                self._on_lost(track, 0)
            return
        self._soon()

    def sender_report(self, track: str, ntp: float, timestamp: int, now: float) -> None:
        """A sender report of a track: NTP seconds of the sender's clock, and the RTP timestamp as in the packets."""
        entry = self._tracks.get(track)
        if entry is not None:
            entry.report = Report(entry.said.number, ntp, timestamp & 0xFFFFFFFF, self.at(now))
            self._say(entry.report, entry.report.at)

    def event(self, event: AnyEvent) -> None:
        """Something happened; its `at` is of `at(now)`."""
        self._say(Happened(event), event.at)

    def pause(self, now: float) -> None:
        """Nothing is recorded until `resume`."""
        if not self._paused:
            self._paused = True
            for entry in self._tracks:
                self._own_up(entry, self.at(now))
            self._say(Pause(self.at(now)), self.at(now))

    def resume(self, now: float) -> None:
        """Go on; video with a key frame, which is asked for."""
        if self._paused:
            self._paused = False
            self._say(Resume(self.at(now)), self.at(now))
            for entry in self._tracks:
                if entry.seen is not None:
                    self._say(Expect(entry.said.number, entry.seen), self.at(now))
            self._want_key_frames()

    def stop(self, reason: str, now: float) -> None:
        """The recording is complete. `on_stopped` follows when it is on disk."""
        if not self._stopping:
            self._stopping = True
            for entry in self._tracks:
                self._own_up(entry, self.at(now))
            self._say(Stop(reason, self.at(now)), self.at(now))

    async def wait_stopped(self, seconds: float) -> bool:
        """After `stop`: whether everything is on disk within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._done.wait()
                return not self.failed
        return False

    async def close(self) -> None:
        """Let go of the connection without ending the recording: another node may go on with it.

        A recorder that listens is told first what it wasn't told yet.
        """
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        for entry in self._tracks:
            self._own_up(entry, self.at(self._clock()))
        self._flush()
        until = time.monotonic() + CLOSE_SECONDS
        while self._link is not None and len(self._outbox) and time.monotonic() < until:
            await asyncio.sleep(FLUSH_SECONDS)
            self._flush()
        link = self._link
        if link is not None:  # a socket that is closed with something unread in it takes back what is on its way
            link.finish()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await link.lost.wait()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    # --- out -------------------------------------------------------------------------------------------------------

    def _say(self, message: ToRecorder, at: float) -> None:
        if self._head is not None and not self.failed:
            self._outbox.fact(encode(message), at, message)
            self._soon()

    def _return(self, track: str, entry: NodeTrack, at: float) -> None:
        """There is room again: say first what was left out."""
        dropped = entry.dropped
        self._own_up(entry, at)
        self._on_lost(track, dropped)
        if entry.is_video:
            self._on_key_frame(track)

    def _own_up(self, entry: NodeTrack, at: float) -> None:
        """Say what was left out of a track."""
        if entry.dropped:
            self._say(Missed(entry.said.number, entry.dropped, at), at)
            entry.dropped = 0

    def _soon(self) -> None:
        if self._flushing is None and self._link is not None:
            self._flushing = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush_due)

    def _flush_due(self) -> None:
        self._flushing = None
        self._flush()

    def _flush(self) -> None:
        link = self._link
        while link is not None and link.writable and len(self._outbox):
            taken = self._outbox.take(CHUNK_BYTES)
            for entry in taken:
                self._told.sent(entry)
            link.write(b"".join([entry.frame for entry in taken]))

    # --- the connection --------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        asks: list[float] = []
        while not self._done.is_set():
            link = await self._connect()
            if link is None:
                await asyncio.sleep(RETRY_SECONDS)
                if asks and self._clock() >= asks[0]:
                    del asks[0]
                    self._want_key_frames()
                continue
            try:
                self._introduce(link)
                await self._live(link)
            finally:
                link.close()
                self._link = None
                self.connected = False
            if not self._done.is_set():
                log.warning("the recorder is gone, looking for it again")
                self._want_key_frames()
                asks = [self._clock() + seconds for seconds in ASK_AGAIN]
                await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> Link | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, link = await loop.create_unix_connection(lambda: Link(self._flush, self._heard), self._path)
        except (OSError, TimeoutError):
            return None
        return link

    def _introduce(self, link: Link) -> None:
        """Who we are, and what a recorder before was told; what waits follows."""
        assert self._head is not None
        first = self._outbox.first_at
        at = self.at(self._clock()) if first is None else first
        link.write(self._told.introduction(self._head, at))
        self._link = link
        self.connected = True
        self._flush()

    async def _live(self, link: Link) -> None:
        while not link.lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await link.lost.wait()
            if not self._stopping:
                at = self.at(self._clock())
                self._say(Clock(at), at)

    def _heard(self, message: FromRecorder) -> None:
        match message:
            case Status():
                self.status = message
                self._on_status(message)
            case KeyFrameWanted(number=number):
                track = self._told.track(number)
                if track is not None:
                    self._on_key_frame(track)
            case Leaving():
                link, self._link = self._link, None
                if link is not None:
                    link.finish()
            case Finished():
                self._done.set()
                self._on_stopped()
            case Refused(text=text):
                self._done.set()
                if self._stopping:  # it was stopped, and only the answer got lost
                    self._on_stopped()
                    return
                self.failed = text
                log.error("the recorder refused: %s", text)
                self._on_refused(text)

    def _want_key_frames(self) -> None:
        for entry in self._tracks:
            if entry.is_video:
                self._on_key_frame(entry.said.track)
