"""A room's way to the recorder process: the room's words become the recorder client's, and its troubles the host's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from parley.recorder.client import RecorderClient
from parley.recorder.messages import Status
from parley.sfu.tap import TapTrack
from parley.signaling.rooms.recorder import RecorderListener
from parley.signaling.schema.common import RecordingTrouble
from parley.signaling.tasks import Tasks
from parley.store.recording import AnyEvent, Codec, RecordingHead, Source

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 3.0
"""A recorder that is away for less is being started again, and nothing is lost: the host need not be told."""
STOP_SECONDS = 60.0
"""How long a complete recording may take to reach the disk."""

_TROUBLES = {
    "slow": RecordingTrouble.DISK_SLOW,
    "full": RecordingTrouble.DISK_FULL,
    "failed": RecordingTrouble.DISK_FULL,
}


class RecorderLinks:
    """Opens links to the recorder that listens at a socket. tasks: of the node, which ends with them."""

    def __init__(self, socket: Path, tasks: Tasks) -> None:
        self._socket = socket
        self._tasks = tasks
        self._open: set[RecorderLink] = set()

    def __call__(self, head: RecordingHead, listener: RecorderListener) -> RecorderLink:
        """A recorder for a room (rooms/recorder.py: Recorders)."""
        link = RecorderLink(self._socket, head, listener, self._closed)
        self._open.add(link)
        return link

    def _closed(self, link: RecorderLink, reason: str | None) -> None:
        self._tasks.spawn(self._finish(link), "recorder-link")

    async def _finish(self, link: RecorderLink) -> None:
        await link.finish()
        self._open.discard(link)

    async def close(self) -> None:
        """The node ends: what was said reaches the recorder first."""
        await asyncio.gather(*(link.finish() for link in list(self._open)))


class RecorderLink:
    """One recording's client (rooms/recorder.py: Recorder). Made on the event loop; closed: told when it is over."""

    def __init__(
        self,
        socket: Path,
        head: RecordingHead,
        listener: RecorderListener,
        closed: Callable[[RecorderLink, str | None], None],
    ) -> None:
        self._listener = listener
        self._closed = closed
        self._reason: str | None = None
        self._heard = time.monotonic()
        self._finishing: asyncio.Task[None] | None = None
        self._client = RecorderClient(
            socket, on_status=self._status, on_key_frame=listener.keyframe_wanted, on_refused=lambda text: self._look()
        )
        self._client.open(head)
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    # --- what the room says -----------------------------------------------------------------------------------------

    def track_started(self, track: TapTrack, participant: str) -> None:
        """A track begins."""
        self._client.track(
            track.track_id,
            participant=participant,
            source=cast(Source, track.source),
            codec=cast(Codec, track.codec.lower()),
            clock_rate=track.clock_rate,
            channels=track.channels,
            fmtp=track.fmtp,
            now=time.monotonic(),
        )

    def track_ended(self, track_id: str) -> None:
        """A track ends."""
        self._client.track_end(track_id, time.monotonic())

    def packet(self, track_id: str, now: float, packet: bytearray) -> None:
        """An RTP packet of a track."""
        self._client.packet(track_id, now, packet)

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None:
        """What a track's clock showed."""
        self._client.sender_report(track_id, ntp, timestamp, now)

    def event(self, event: AnyEvent) -> None:
        """Something happened."""
        self._client.event(event)

    def pause(self, paused: bool) -> None:
        """Nothing is to be kept for a while, or it goes on."""
        now = time.monotonic()
        if paused:
            self._client.pause(now)
        else:
            self._client.resume(now)

    def close(self, reason: str | None) -> None:
        """No more from this room."""
        self._timer.cancel()
        self._reason = reason
        if reason is not None:
            self._client.stop(reason, time.monotonic())
        self._closed(self, reason)

    async def finish(self) -> None:
        """After close: wait until the recorder has what was said, and let go of it."""
        if self._finishing is None:
            self._finishing = asyncio.ensure_future(self._finish())
        await asyncio.shield(self._finishing)

    async def _finish(self) -> None:
        self._timer.cancel()
        if self._reason is not None:
            await self._client.wait_stopped(STOP_SECONDS)
        await self._client.close()

    # --- what the recorder says -------------------------------------------------------------------------------------

    def _status(self, status: Status) -> None:
        self._heard = time.monotonic()
        self._look()

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)
        self._look()

    def _look(self) -> None:
        status = self._client.status
        away = time.monotonic() - self._heard > PATIENCE_SECONDS
        if away or self._client.failed:
            self._listener.trouble(RecordingTrouble.UNREACHABLE)
        else:
            self._listener.trouble(_TROUBLES.get(status.disk) if status is not None else None)
