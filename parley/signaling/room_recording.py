"""One recording of a room while it runs: what happens in the room becomes its timeline, what is tapped its tracks.

The room decides when it begins, pauses and ends (room_commands.py); bytes are the recorder's (parley/recorder). People
are named by their key, not by their participant id: a guest who comes back, or a room that is opened on another node,
is no new speaker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from parley.sfu.tap import Tap, TapTrack
from parley.signaling.node_messages import ActiveRecording
from parley.signaling.schema.common import Reaction, RecordingState, RecordingTrouble
from parley.store import recording as stored
from parley.store.recording import AnyEvent, RecordingHead

if TYPE_CHECKING:
    from parley.sfu.router import Router
    from parley.signaling.visitor import Visitor

EMOJI = {
    Reaction.THUMBS_UP: "👍",
    Reaction.CLAP: "👏",
    Reaction.HEART: "❤️",
    Reaction.LAUGH: "😂",
    Reaction.SURPRISE: "😮",
    Reaction.CELEBRATE: "🎉",
    Reaction.HAND: "✋",
}


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


class Host(Protocol):
    """The room, as its recording sees it."""

    def recording_changed(self) -> None:
        """What people see of the recording is another thing now."""

    def key_of(self, participant_id: str) -> str:
        """Who that is, whatever their participant id was."""


class RoomRecording:
    """See the module. Off until it is started, and off again once it was stopped.

    recorders is None where nothing can be recorded. wall: now in seconds since 1970 UTC, clock: monotonic.
    """

    def __init__(
        self, host: Host, router: Router, recorders: Recorders | None, wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._host = host
        self._router = router
        self._recorders = recorders
        self._wall = wall
        self._clock = clock
        self._recording: ActiveRecording | None = None
        self._recorder: Recorder | None = None
        self._trouble: RecordingTrouble | None = None
        self._tap: Tap | None = None

    @property
    def state(self) -> RecordingState | None:
        """What people in the room see of it; None while nothing is recorded."""
        recording = self._recording
        if recording is None:
            return None
        return RecordingState(
            recording_id=recording.recording_id,
            started_at=recording.started_at,
            paused=recording.paused,
            recap=recording.recap,
            gestures=recording.gestures,
            trouble=self._trouble,
        )

    def start(self, recording: ActiveRecording, head: RecordingHead) -> None:
        """Record from now on, or go on with what another node began. Raises RecorderUnavailableError."""
        if self._recorders is None:
            raise RecorderUnavailableError("Nothing can be recorded on this server.")
        self._recorder = self._recorders(head, self)
        self._recording = recording
        if not recording.paused:
            self._tap = self._router.tap(self)

    # --- what happens in the room -----------------------------------------------------------------------------------

    def joined(self, visitor: Visitor) -> None:
        """Somebody is there."""
        person = visitor.person
        account = None if person.is_guest else person.key
        self._note(stored.Joined(at=self._at(), participant=person.key, name=person.name, account=account))

    def left(self, visitor: Visitor) -> None:
        """Somebody is gone."""
        self._note(stored.Left(at=self._at(), participant=visitor.person.key))

    def speaks(self, key: str | None) -> None:
        """The active speaker changed."""
        self._note(stored.Speaking(at=self._at(), participant=key))

    def said(self, key: str, text: str) -> None:
        """A chat line."""
        self._note(stored.ChatMessage(at=self._at(), participant=key, text=text))

    def hand(self, key: str, raised: bool) -> None:
        """A hand went up or down."""
        self._note(stored.Hand(at=self._at(), participant=key, raised=raised))

    def reacted(self, key: str, reaction: Reaction) -> None:
        """Somebody reacted."""
        self._note(stored.Reaction(at=self._at(), participant=key, emoji=EMOJI[reaction]))

    def _note(self, event: AnyEvent) -> None:
        if self._recorder is not None:
            self._recorder.event(event)

    def _at(self) -> float:
        """Now, in seconds on the recording's clock."""
        return 0.0 if self._recording is None else max(0.0, self._wall() - self._recording.started_at)

    # --- pausing and stopping ---------------------------------------------------------------------------------------

    def pause(self, paused: bool) -> ActiveRecording | None:
        """Keep nothing for a while, or go on; the recording where that is new."""
        recording = self._recording
        if recording is None or recording.paused is paused:
            return None
        self._recording = msgspec.structs.replace(recording, paused=paused)
        if paused:
            self._untap()
        if self._recorder is not None:
            self._recorder.pause(paused)
        if not paused:
            self._tap = self._router.tap(self)
        return self._recording

    def stop(self, reason: str) -> ActiveRecording | None:
        """The recording is complete; the one that was stopped."""
        recording = self._recording
        self._close(reason)
        return recording

    def hand_over(self) -> None:
        """This room closes, and another goes on with the recording, unless it was stopped."""
        self._close(None)

    def _close(self, reason: str | None) -> None:
        self._untap()
        if self._recorder is not None:
            self._recorder.close(reason)
        self._recorder = self._recording = self._trouble = None

    def _untap(self) -> None:
        if self._tap is not None:
            self._router.untap(self._tap)
            self._tap = None

    # --- what is tapped (TapSink) -----------------------------------------------------------------------------------

    def track_started(self, track: TapTrack) -> None:
        """A track begins."""
        if self._recorder is not None:
            self._recorder.track_started(track, self._host.key_of(track.participant_id))

    def track_ended(self, track_id: str) -> None:
        """A track ends."""
        if self._recorder is not None:
            self._recorder.track_ended(track_id)

    def track_muted(self, track_id: str, muted: bool) -> None:
        """A track was muted, or is heard again."""
        self._note(stored.Muted(at=self._at(), track=track_id, muted=muted))

    def packet(self, track_id: str, now: float, packet: bytearray) -> None:
        """A packet of a track."""
        if self._recorder is not None:
            self._recorder.packet(track_id, now, packet)

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None:
        """What a track's clock showed."""
        if self._recorder is not None:
            self._recorder.sender_report(track_id, now, ntp, timestamp)

    # --- what the recorder says (RecorderListener) ------------------------------------------------------------------

    def trouble(self, trouble: RecordingTrouble | None) -> None:
        """Something is being missed, or no longer: the host sees it."""
        if trouble is not self._trouble:
            self._trouble = trouble
            self._host.recording_changed()

    def keyframe_wanted(self, track_id: str) -> None:
        """A track can't go on without one."""
        if self._tap is not None:
            self._tap.keyframe_wanted(track_id, self._clock())
