"""One recording of a room while it runs: what happens in the room becomes its timeline, what is tapped its tracks.

The host decides when it begins, pauses and ends (commands.py); bytes are the recorder's (parley/recorder). People are
named by their key, not by their participant id: a guest who comes back, or a room that is opened on another node, is no
new speaker.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import msgspec

from parley.sfu.router import Router
from parley.sfu.tap import Tap, TapTrack
from parley.signaling.node_messages import (
    ActiveRecording,
    AnyFact,
    RecordingBegan,
    RecordingEnded,
    RecordingPaused,
    RecordingSeen,
)
from parley.signaling.rooms.meeting import RoomMeeting
from parley.signaling.rooms.recorder import Recorder, Recorders, RecorderUnavailableError
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.common import Reaction, RecordingState, RecordingTrouble
from parley.store import recording as stored
from parley.store.recording import AnyEvent

log = logging.getLogger(__name__)

SIGN_OF_LIFE = 15.0
"""Seconds between two facts that say that a recording runs."""

EMOJI = {
    Reaction.THUMBS_UP: "👍",
    Reaction.CLAP: "👏",
    Reaction.HEART: "❤️",
    Reaction.LAUGH: "😂",
    Reaction.SURPRISE: "😮",
    Reaction.CELEBRATE: "🎉",
    Reaction.HAND: "✋",
}


class RoomRecording:
    """See the module. Off until it begins, and off again once it was stopped.

    recorders is None where nothing can be recorded. fact: writes down what outlives the room. changed: what people see
    of the recording is another thing now. wall: now in seconds since 1970 UTC, clock: monotonic.
    completed: the id of the last recording that was stopped.
    """

    def __init__(
        self, meeting: RoomMeeting, roster: Roster, router: Router, recorders: Recorders | None, *,
        fact: Callable[[AnyFact], None], changed: Callable[[], None], wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.completed: str | None = None
        self._meeting = meeting
        self._roster = roster
        self._router = router
        self._recorders = recorders
        self._fact = fact
        self._changed = changed
        self._wall = wall
        self._clock = clock
        self._recording: ActiveRecording | None = None
        self._recorder: Recorder | None = None
        self._trouble: RecordingTrouble | None = None
        self._tap: Tap | None = None
        self._next_sign = clock()

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

    # --- beginning, pausing and stopping ----------------------------------------------------------------------------

    def begin(self, recap: bool, gestures: bool) -> None:
        """Record from now on. Raises RecorderUnavailableError."""
        recording = ActiveRecording(secrets.token_hex(16), self._wall(), recap, gestures)
        self._start(recording)
        self._fact(RecordingBegan(recording))
        for visitor in self._roster.inside():
            self.joined(visitor)
            if visitor.hand_raised_at is not None:
                self.hand(visitor.person.key, True)
        self._changed()

    def go_on(self, recording: ActiveRecording) -> None:
        """Another room began this recording and is no more."""
        try:
            self._start(recording)
        except RecorderUnavailableError:
            log.error("a recording can't go on here", extra={"meeting_id": self._meeting.meeting_id})

    def _start(self, recording: ActiveRecording) -> None:
        if self._recorders is None:
            raise RecorderUnavailableError("Nothing can be recorded on this server.")
        self._recorder = self._recorders(self._meeting.head(recording), self)
        self._recording = recording
        if not recording.paused:
            self._tap = self._router.tap(self)

    def pause(self, paused: bool) -> None:
        """Keep nothing for a while, or go on."""
        recording = self._recording
        if recording is None or recording.paused is paused:
            return
        self._recording = msgspec.structs.replace(recording, paused=paused)
        if paused:
            self._untap()
        if self._recorder is not None:
            self._recorder.pause(paused)
        if not paused:
            self._tap = self._router.tap(self)
        self._fact(RecordingPaused(recording.recording_id, paused))
        self._changed()

    def stop(self, reason: str) -> None:
        """The recording is complete; nothing happens where there is none."""
        recording = self._recording
        self._close(reason)
        if recording is not None:
            self.completed = recording.recording_id
            self._fact(RecordingEnded(recording.recording_id, self._wall()))
            self._changed()

    def hand_over(self) -> None:
        """This room closes, and another goes on with the recording, unless it was stopped."""
        self._close(None)

    def tick(self, now: float) -> None:
        """Say now and then that it runs."""
        if self._recording is not None and now >= self._next_sign:
            self._next_sign = now + SIGN_OF_LIFE
            self._fact(RecordingSeen(self._recording.recording_id, self._wall()))

    def _close(self, reason: str | None) -> None:
        self._untap()
        if self._recorder is not None:
            self._recorder.close(reason)
        self._recorder = self._recording = self._trouble = None

    def _untap(self) -> None:
        if self._tap is not None:
            self._router.untap(self._tap)
            self._tap = None

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

    # --- what is tapped (TapSink) -----------------------------------------------------------------------------------

    def track_started(self, track: TapTrack) -> None:
        """A track begins."""
        if self._recorder is not None:
            self._recorder.track_started(track, self._roster.key_of(track.participant_id))

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
            self._changed()

    def keyframe_wanted(self, track_id: str) -> None:
        """A track can't go on without one."""
        if self._tap is not None:
            self._tap.keyframe_wanted(track_id, self._clock())
