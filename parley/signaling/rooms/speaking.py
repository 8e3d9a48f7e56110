"""Who speaks: everybody hears of it, it is added up, and the recording notes it."""

from __future__ import annotations

from parley.signaling.rooms.recording import RoomRecording
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.talk_time import TalkTime
from parley.signaling.schema.server import ActiveSpeaker, SpeakerLevels


class Speaking:
    """See the module. active: the participant who speaks now, or spoke last; None for nobody."""

    def __init__(self, roster: Roster, recording: RoomRecording) -> None:
        self.active: str | None = None
        self.time = TalkTime()
        self._roster = roster
        self._recording = recording

    def changed(self, participant_id: str | None, now: float) -> None:
        """Another participant speaks."""
        self.active = participant_id
        speaker = self._roster.find(participant_id) if participant_id is not None else None
        key = speaker.person.key if speaker is not None else None
        self.time.speaks(key, now)
        self._recording.speaks(key)
        self._roster.broadcast(ActiveSpeaker(participant_id=participant_id))

    def levels(self, levels: dict[str, int]) -> None:
        """How loud everybody is."""
        self._roster.show(SpeakerLevels(levels=levels))
