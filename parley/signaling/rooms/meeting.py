"""The meeting that a room is for: what it was opened with, its agenda and its timer."""

from __future__ import annotations

from datetime import UTC, datetime

from parley.signaling.node_messages import ActiveRecording, OpenRoom
from parley.signaling.schema.common import MeetingState, RecordingState, Timer
from parley.store.recording import RecordingHead


class RoomMeeting:
    """See the module."""

    def __init__(self, opening: OpenRoom) -> None:
        self.meeting_id = opening.meeting_id
        self.title = opening.title
        self.agenda = opening.facts.agenda
        self.timer: Timer | None = None
        self._code = opening.code
        self._started_at = opening.started_at
        self._zone = opening.zone

    def state(self, *, locked: bool, recording: RecordingState | None) -> MeetingState:
        """As clients see it."""
        return MeetingState(
            code=self._code,
            title=self.title,
            started_at=self._started_at,
            locked=locked,
            recording=recording,
            agenda=self.agenda,
            timer=self.timer,
        )

    def head(self, recording: ActiveRecording) -> RecordingHead:
        """What a recording that begins now says of it."""
        return RecordingHead(
            recording=recording.recording_id,
            meeting=self.meeting_id,
            title=self.title,
            started_at=datetime.fromtimestamp(recording.started_at, UTC),
            zone=self._zone,
            agenda=tuple(line.strip() for line in self.agenda.splitlines() if line.strip()),
            recap=recording.recap,
            gestures=recording.gestures,
        )
