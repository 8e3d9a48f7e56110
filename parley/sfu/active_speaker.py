"""Decides who speaks, from the audio levels that packets carry.

Levels are smoothed per person; somebody becomes the active speaker by being clearly louder than the one who is, for a
while, and stays it through short pauses. Coughs and keyboards are short, so they don't take the floor.
"""

from __future__ import annotations

from parley.sfu.audio_level import SILENCE

SPEECH = 50
"""A smoothed level above this (below in dB under full scale) counts as heard."""
MARGIN = 6.0
"""How much louder (dB) somebody must be than the active speaker to take the floor."""
HOLD = 0.4
"""Seconds that somebody must be the loudest before they take the floor."""
RELEASE = 2.0
"""Seconds of silence after which nobody is the active speaker."""
SMOOTHING = 0.08
"""Seconds of the smoothing's time constant upward; downward it is four times slower."""


class _Speaker:
    __slots__ = ("at", "heard_at", "level")

    def __init__(self) -> None:
        self.level = float(SILENCE)
        self.at = 0.0
        self.heard_at = float("-inf")


class ActiveSpeakerObserver:
    """Levels in, the active speaker out. Times in seconds."""

    def __init__(self) -> None:
        self._speakers: dict[str, _Speaker] = {}
        self._candidate: str | None = None
        self._candidate_since = 0.0
        self.active: str | None = None

    def level(self, participant_id: str, level: int, now: float) -> None:
        """A packet of this participant carried this level (0 loud to 127 silent)."""
        speaker = self._speakers.get(participant_id)
        if speaker is None:
            speaker = self._speakers[participant_id] = _Speaker()
        constant = SMOOTHING if level < speaker.level else 4 * SMOOTHING
        weight = min(1.0, max(0.0, now - speaker.at) / constant)
        speaker.level += (level - speaker.level) * weight
        speaker.at = now
        if speaker.level < SPEECH:
            speaker.heard_at = now

    def remove(self, participant_id: str) -> None:
        """The participant is gone or muted."""
        self._speakers.pop(participant_id, None)

    def levels(self, now: float) -> dict[str, int]:
        """Smoothed levels of those who are heard now."""
        return {
            participant_id: round(speaker.level)
            for participant_id, speaker in self._speakers.items()
            if now - speaker.at < 0.5 and speaker.level < SPEECH
        }

    def update(self, now: float) -> bool:
        """Decide anew; True when the active speaker changed. To be asked a few times a second."""
        before = self.active
        current = self._speakers.get(self.active) if self.active is not None else None
        if self.active is not None and (current is None or now - current.heard_at > RELEASE):
            self.active = None
        loudest = self._loudest(now)
        if loudest is None or loudest == self.active:
            self._candidate = None
        else:
            if loudest != self._candidate:
                self._candidate = loudest
                self._candidate_since = now
            if self.active is None or now - self._candidate_since >= HOLD:
                self.active = loudest
                self._candidate = None
        return self.active != before

    def _loudest(self, now: float) -> str | None:
        heard = [
            (speaker.level - (MARGIN if participant_id == self.active else 0.0), participant_id)
            for participant_id, speaker in self._speakers.items()
            if now - speaker.at < 0.5 and speaker.level < SPEECH
        ]
        return min(heard)[1] if heard else None
