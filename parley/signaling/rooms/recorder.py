"""What a room needs of a recorder, and what a recorder says back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from parley.sfu.tap import TapTrack
from parley.signaling.schema.common import RecordingTrouble
from parley.store.recording import AnyEvent, RecordingHead


class RecorderUnavailableError(Exception):
    """There is no recorder; str() says so to the host."""


class Recorder(Protocol):
    """Where a recording goes: recorder_link.py, or a tape of a test. Nothing here blocks or raises."""

    def track_started(self, track: TapTrack, participant: str) -> None:
        """A track begins."""

    def track_ended(self, track_id: str) -> None:
        """A track ends."""

    def packet(self, track_id: str, now: float, packet: bytearray) -> None:
        """An RTP packet of a track."""

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None:
        """The track's RTP clock showed `timestamp` when its participant's clock showed `ntp`, in seconds."""

    def event(self, event: AnyEvent) -> None:
        """Something happened."""

    def pause(self, paused: bool) -> None:
        """Nothing is to be kept for a while, or it goes on."""

    def close(self, reason: str | None) -> None:
        """No more from this room. reason: why the recording is complete; None when another room goes on with it."""


class RecorderListener(Protocol):
    """What a recorder says back, from the event loop."""

    def trouble(self, trouble: RecordingTrouble | None) -> None:
        """Something is being missed, or no longer."""

    def keyframe_wanted(self, track_id: str) -> None:
        """The track can't go on without one."""


Recorders = Callable[[RecordingHead, RecorderListener], Recorder]
"""Opens a recorder for a recording that is new, or that goes on. Raises RecorderUnavailableError."""
