"""The words that are burnt into a film: what is said, in lines that can be read while it is heard."""

from __future__ import annotations

from collections.abc import Iterator

from parley.recap.artefacts import Segment, Transcript
from parley.recap.film.piece import Words
from parley.recap.recording import Span

LETTERS = 88
"""Of one caption: two lines."""
STAYS = 1.2
"""Seconds that a caption stays after its last word, unless the next one comes."""


def subtitles(transcript: Transcript, span: Span) -> tuple[Words, ...]:
    """What is said in a span. Nothing of a draft: its errors would stand in the film for good."""
    if transcript.draft:
        return ()
    inside = [s for s in transcript.segments if s.state == "text" and s.start < span.end and s.end > span.start]
    found = [words for segment in sorted(inside, key=lambda s: (s.start, s.id)) for words in _captions(segment)]
    found = sorted((w for w in found if w.start < span.end and w.end > span.start), key=lambda w: (w.start, w.text))
    shown = []
    for index, words in enumerate(found):
        following = found[index + 1].start if index + 1 < len(found) else span.end
        end = min(words.end + STAYS, max(words.end, following), span.end)
        shown.append(Words(words.start, end, words.text))
    return tuple(shown)


def _captions(segment: Segment) -> Iterator[Words]:
    """A segment in captions of two lines, broken after a full stop where there is one."""
    if not segment.words:
        yield Words(segment.start, segment.end, segment.text.strip())
        return
    line: list[str] = []
    start = end = segment.start
    for word in segment.words:
        text = word.text.strip()
        length = sum(len(each) + 1 for each in line)
        sentence = bool(line) and line[-1].endswith((".", "?", "!")) and length >= LETTERS // 2
        if line and (length + len(text) > LETTERS or sentence):
            yield Words(start, end, " ".join(line))
            line = []
        if not line:
            start = word.start
        line.append(text)
        end = word.end
    if line:
        yield Words(start, end, " ".join(line))
