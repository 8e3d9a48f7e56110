"""Where a film may be cut: in the pauses between sentences, of everyone who speaks.

A sentence is what one person says up to a full stop, a pause that is too long for a breath, or the end of a segment.
A cut stands where nobody is in the middle of one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from parley.recap.artefacts import Segment
from parley.recap.recording import Span

BREATH = 0.8
"""Seconds of silence between two words that end a sentence even where the recogniser wrote no full stop."""
LEAD_IN = 0.3
"""Seconds left before the first word: a cut right at its onset swallows it."""
LEAD_OUT = 0.5
"""Seconds left after the last word."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one person said in one go."""

    participant: str
    start: float
    end: float
    text: str


def sentences(segments: Iterable[Segment]) -> list[Sentence]:
    """Every segment in sentences, by start. Speech without text (another language, untranscribed) is one sentence."""
    found: list[Sentence] = []
    for segment in segments:
        if segment.end <= segment.start:
            continue
        if not segment.words:
            found.append(Sentence(segment.participant, segment.start, segment.end, segment.text))
            continue
        begin = 0
        for index, word in enumerate(segment.words):
            following = segment.words[index + 1] if index + 1 < len(segment.words) else None
            full_stop = word.text.rstrip("\"'”’)").endswith((".", "?", "!"))
            if following is None or full_stop or following.start - word.end >= BREATH:
                said = segment.words[begin : index + 1]
                text = " ".join(each.text.strip() for each in said)
                end = max(word.end, said[0].start + 0.01)
                found.append(Sentence(segment.participant, said[0].start, end, text))
                begin = index + 1
    return sorted(found, key=lambda sentence: (sentence.start, sentence.end, sentence.participant))


class Cuts:
    """The pauses of a meeting of `duration` seconds, to find the best place for a cut in."""

    def __init__(self, spoken: Iterable[Sentence], duration: float) -> None:
        self._gaps: list[Span] = []
        """Stretches in which nobody speaks, by start; they may be of no length, between two adjoining sentences."""
        heard = 0.0
        for sentence in sorted(spoken, key=lambda each: each.start):
            if sentence.start >= heard:
                self._gaps.append(Span(heard, sentence.start))
            heard = max(heard, sentence.end)
        self.end = max(heard, duration)
        self._gaps.append(Span(heard, self.end))
        self._starts = [gap.start for gap in self._gaps]
        self._ends = [gap.end for gap in self._gaps]

    def before(self, at: float, reach: float) -> float:
        """Where to begin a film that must hold what is said at `at`: the pause before, or `at` when none is in reach.

        Seconds on the meeting's clock; never more than `reach` before `at`.
        """
        index = bisect_right(self._starts, at + 0.001) - 1
        if index < 0 or (gap := self._gaps[index]).end < at - reach:
            return max(0.0, at)
        wanted = min(gap.end, at) - LEAD_IN
        return max(0.0, wanted, (gap.start + min(gap.end, at)) / 2)

    def after(self, at: float, reach: float) -> float:
        """Where to end a film that must hold what is said up to `at`: the next pause, or `at` when none is in reach."""
        index = bisect_left(self._ends, at - 0.001)
        if index == len(self._gaps) or (gap := self._gaps[index]).start > at + reach:
            return at
        begin = max(gap.start, at)
        return min(begin + LEAD_OUT, (begin + gap.end) / 2) if gap.end > begin else begin

    def earlier(self, at: float) -> float | None:
        """The next place for a beginning that is earlier than `at`: one more sentence is let in. None at the start."""
        index = bisect_left(self._ends, at - 0.05) - 1
        if index < 0:
            return None
        found = self.before(self._ends[index], 0)
        return found if found < at - 0.05 else None

    def later(self, at: float) -> float | None:
        """The next place for an end that is later than `at`. None when nothing is said any more."""
        index = bisect_right(self._starts, at + 0.05)
        if index == len(self._gaps):
            return None
        found = self.after(self._starts[index], 0)
        return found if found > at + 0.05 else None
