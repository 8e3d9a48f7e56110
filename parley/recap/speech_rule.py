"""Turns the probability of speech, frame by frame, into stretches of speech: hysteresis, shortest speech, cuts.

A pure state machine. One-word answers are kept: a "no" is a fifth of a second. A stretch that goes on too long for a
recogniser is cut where it is quietest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FRAME = 512
"""Samples of 16 kHz in a frame: 32 ms, what the judge takes at a time."""
ON, OFF = 0.5, 0.35
"""Speech begins at ON and ends below OFF (Silero's own defaults)."""
CERTAIN = 0.75
"""A stretch in which no frame reaches this is taken for noise."""
SHORTEST = 5
"""Frames, 160 ms: clicks are shorter, the shortest words are not."""
SILENCE = 13
"""Frames below OFF that end a stretch, 416 ms; more than twice the padding, so that stretches never touch."""
LONGEST = 875
"""Frames, 28 s: then a stretch is cut."""
CUT_WITHIN = 250
"""Frames, 8 s: the cut is looked for among the last ones."""
_SMOOTH = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Speech in the frames [start, end). cut: it goes on at `end`; resumed: it went on from before `start`."""

    start: int
    end: int
    cut: bool = False
    resumed: bool = False


class SpeechRule:
    """Frames in, stretches of speech out.

    quiet: frames since the last speech. speaking: whether a stretch is open, from `since` on.
    """

    def __init__(self, *, resumed: bool = False) -> None:
        self.frames = 0
        self.quiet = 0
        self.speaking = resumed
        self.since = 0
        self._resumed = resumed
        self._voiced = 0
        self._most = 1.0 if resumed else 0.0
        self._end = 0
        self._loudness: deque[float] = deque(maxlen=CUT_WITHIN)

    def feed(self, probability: float, loudness: float) -> Found | None:
        """The next frame; a stretch when one has just ended."""
        here = self.frames
        self.frames += 1
        if not self.speaking:
            self.quiet += 1
            if probability < ON:
                return None
            self.speaking, self.since, self._resumed = True, here, False
            self._voiced, self._most = 0, 0.0
            self._loudness.clear()
        self._loudness.append(loudness)
        if probability >= OFF:
            self._end = here + 1
            self._voiced += 1
            self._most = max(self._most, probability)
            self.quiet = 0
        else:
            self.quiet += 1
            if self.quiet >= SILENCE:
                return self.finish()
        if self.frames - self.since >= LONGEST:
            return Found(self.since, self._quietest(), True, self._resumed)
        return None

    def finish(self) -> Found | None:
        """No more frames belong to the open stretch."""
        if not self.speaking:
            return None
        self.speaking = False
        enough = self._voiced >= SHORTEST and self._most >= CERTAIN
        if not enough and not (self._resumed and self._voiced):
            return None
        return Found(self.since, self._end, False, self._resumed)

    def _quietest(self) -> int:
        """The frame, among the last CUT_WITHIN, around which it is least loud."""
        loud = list(self._loudness)
        sums = [sum(loud[i : i + _SMOOTH]) for i in range(len(loud) - _SMOOTH + 1)]
        best = min(range(len(sums)), key=lambda i: (sums[i], -i))
        return self.frames - len(loud) + best + _SMOOTH // 2
