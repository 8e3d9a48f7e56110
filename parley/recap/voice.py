"""Finds where one microphone carries speech, in audio that may still grow, the same whatever pieces it comes in.

The search begins afresh at places that depend on the audio alone (after a pause, at a cut, after a gap), so a process
that died goes on from such a place and finds what it would have found.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from parley.recap.audio import RATE, Samples, Stretch
from parley.recap.judge import BLOCK, BLOCK_FRAMES, Judge, loudness
from parley.recap.speech_rule import CUT_WITHIN, FRAME, Found, SpeechRule

PAD = 6 * FRAME
"""Samples, 192 ms, kept before and after speech: the unvoiced ends of words."""
GAP = 2 * RATE
"""Samples of silence that stand for a longer gap."""
_TAIL = RATE // 50
"""Samples that a resampler may hold back until there are more."""
_AFTER_SPEECH = 32
"""Frames, about a second of quiet after speech: then the search begins afresh."""
_IN_SILENCE = 1875
"""Frames, a minute of quiet: then too."""
_REPLAYED = CUT_WITHIN // BLOCK_FRAMES + 2
"""Blocks that a cut may lie back."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """Speech from start up to end, counted in samples of the meeting, padding included.

    joined: it goes on from the stretch before without a pause.
    """

    start: int
    end: int
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search may begin so as to find the same; speaking: in the middle of speech that was cut there."""

    at: int = 0
    speaking: bool = False


class VoiceFinder:
    """Samples in, stretches of speech out.

    place: where the present search began. at: the sample up to which audio was taken in. late: spans of samples that
    came after it was settled that there would be none.
    """

    def __init__(self, place: Place | None = None) -> None:
        self.at = (place or Place()).at
        self.late: list[tuple[int, int]] = []
        self._settled = 0
        self._begin(place or Place())

    @property
    def speaking_since(self) -> int | None:
        """Where the stretch that is still open begins; None in silence."""
        if not self._rule.speaking:
            return None
        return max(self._floor, self.place.at + self._rule.since * FRAME - PAD)

    @property
    def quiet_until(self) -> int:
        """No stretch that is found from now on begins before this sample."""
        since = self.speaking_since
        return max(self._floor, self.place.at + self._rule.frames * FRAME - PAD) if since is None else since

    def push(self, stretch: Stretch) -> list[Voiced]:
        """The next samples. What lies before `at` is passed over."""
        found: list[Voiced] = []
        samples = stretch.samples
        heard = self.at - self._settled
        fresh = not self._rule.frames and not len(self._rest) and not self.place.speaking
        if stretch.start - heard > GAP or (fresh and stretch.start > self.at):
            found += self.settle(stretch.start) if not fresh else []
            self._restart(Place(stretch.start))
        elif stretch.start > self.at:
            found += self._take(np.zeros(stretch.start - self.at, np.int16))
        elif stretch.start < self.at:
            known = min(self.at, stretch.end)
            if self._settled and known - max(stretch.start, heard) > _TAIL:
                self.late.append((max(stretch.start, heard), known))
            samples = samples[known - stretch.start :]
        if len(samples):
            self._settled = 0
            found += self._take(samples)
        return found

    def settle(self, until: int) -> list[Voiced]:
        """Up to `until` there is no audio but what was given: a gap, or a microphone that is muted."""
        missing = min(GAP - self._settled, until - self.at)
        if missing <= 0:
            return []
        found = self._take(np.zeros(missing, np.int16))
        self._settled += missing
        return found + self.finish() if self._settled >= GAP else found

    def finish(self) -> list[Voiced]:
        """Nothing more belongs to what is open."""
        end = self.at
        found = self._take(np.zeros(-len(self._rest) % BLOCK, np.int16))
        found += self._voiced(self._rule.finish())
        self._restart(Place(end))
        self.at = end
        return [Voiced(one.start, min(one.end, end), one.joined) for one in found if one.start < end]

    def _begin(self, place: Place) -> None:
        self.place = place
        self._floor = place.at if place.speaking else max(0, place.at - PAD)
        self._judge = Judge()
        self._rule = SpeechRule(resumed=place.speaking)
        self._spoke = place.speaking
        self._rest: Samples = np.zeros(0, np.int16)
        self._judged: deque[Samples] = deque(maxlen=_REPLAYED)

    def _restart(self, place: Place) -> None:
        self.at = max(self.at, place.at)
        self._begin(place)

    def _take(self, samples: Samples) -> list[Voiced]:
        found: list[Voiced] = []
        self.at += len(samples)
        self._rest = np.concatenate([self._rest, samples])
        while len(self._rest) >= BLOCK:
            block, self._rest = self._rest[:BLOCK], self._rest[BLOCK:]
            self._judged.append(block)
            loud = loudness(block)
            for probability, power in zip(self._judge.block(block), loud, strict=True):
                one = self._rule.feed(float(probability), float(power))
                found += self._voiced(one)
                self._spoke = self._spoke or one is not None
                begin = self._next_place(one)
                if begin is not None:
                    self._replay(begin)
                    break
        return found

    def _next_place(self, one: Found | None) -> Place | None:
        if one is not None and one.cut:
            return Place(self.place.at + one.end * FRAME, speaking=True)
        quiet = 0 if self._rule.speaking else self._rule.quiet
        if quiet >= (_AFTER_SPEECH if self._spoke else _IN_SILENCE):
            return Place(self.place.at + self._rule.frames * FRAME)
        return None

    def _replay(self, place: Place) -> None:
        """Search anew from a place among what was judged last."""
        held = np.concatenate([*self._judged, self._rest])
        back = self.at - place.at
        self._begin(place)
        self._rest = held[len(held) - back :]

    def _voiced(self, one: Found | None) -> list[Voiced]:
        if one is None:
            return []
        start, end = self.place.at + one.start * FRAME, self.place.at + one.end * FRAME
        return [
            Voiced(
                start if one.resumed and one.start == 0 else max(self._floor, start - PAD),
                end if one.cut else end + PAD,
                one.resumed,
            )
        ]
