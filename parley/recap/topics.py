"""Where a meeting turns from one thing to the next: TextTiling over the words that tell stretches apart.

After Hearst, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages" (1997): the words before and after a
gap are compared, and a deep valley of similarity is a border. An agenda item that is named pulls a border to its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parley.recap.keyphrases import Spoken
from parley.recap.tokens import stem, tokenize
from parley.recap.vocabulary import STOP

_BLOCK = 24
"""Telling words in one block."""
_REACH = 7
"""Blocks compared on each side of a gap."""
_WORDS_PER_TOPIC = 850
_WORDS_PER_SHORT_TOPIC = 300
"""In a short meeting, up to three topics."""
_MOST = 9
_AGENDA_PULL = 0.6


def borders(sentences: Sequence[Spoken], weight: dict[str, float], agenda: Sequence[str] = ()) -> list[int]:
    """The sentences (by index) that begin a topic; the first one always does."""
    if not sentences:
        return []
    starts = _blocks(sentences)
    words = sum(one.size for one in sentences)
    wanted = max(round(words / _WORDS_PER_TOPIC), min(3, round(words / _WORDS_PER_SHORT_TOPIC)))
    wanted = min(_MOST, max(1, wanted), max(1, len(starts) // 3))
    if wanted == 1 and agenda and words > 150:
        wanted = min(len(agenda), max(1, len(starts) // 2))
    if wanted <= 1 or len(starts) < 3:
        return [0]
    depth = _depth(_matrix(sentences, starts, weight))
    for item in agenda:
        place = _named(sentences, agenda_stems(item))
        if place is not None:
            gap = max((number for number, start in enumerate(starts) if start <= place), default=0)
            if gap:
                depth[gap] += _AGENDA_PULL
    chosen: list[int] = []
    apart = max(2, len(starts) // (3 * wanted))
    for gap in sorted(range(1, len(starts)), key=lambda one: (-round(float(depth[one]), 6), one)):
        if len(chosen) + 1 >= wanted:
            break
        if gap >= apart and len(starts) - gap >= apart and all(abs(gap - other) >= apart for other in chosen):
            chosen.append(gap)
    return [0, *sorted(starts[gap] for gap in chosen)]


def agenda_stems(item: str) -> frozenset[str]:
    """The words of an agenda item that say what it is about."""
    return frozenset(stem(token.norm) for token in tokenize(item) if not token.mark and token.norm not in STOP)


def _named(sentences: Sequence[Spoken], stems: frozenset[str]) -> int | None:
    """The first sentence that names an agenda item."""
    if not stems:
        return None
    for index, sentence in enumerate(sentences):
        if index and len(stems & set(sentence.content)) >= max(1, round(0.67 * len(stems))):
            return index
    return None


def _blocks(sentences: Sequence[Spoken]) -> list[int]:
    starts, count = [0], 0
    for index, sentence in enumerate(sentences):
        if count >= _BLOCK:
            starts.append(index)
            count = 0
        count += len(sentence.content)
    return starts


def _matrix(sentences: Sequence[Spoken], starts: Sequence[int], weight: dict[str, float]) -> NDArray[np.float64]:
    vocabulary = {one: number for number, one in enumerate(sorted({one for each in sentences for one in each.content}))}
    matrix = np.zeros((len(starts), max(1, len(vocabulary))))
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(sentences)
        counts = Counter(one for sentence in sentences[start:end] for one in sentence.content)
        for one, count in counts.items():
            matrix[number, vocabulary[one]] = np.sqrt(count) * weight.get(one, 1.0)
    return matrix


def _depth(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep the valley of similarity is before each block."""
    count = len(matrix)
    likeness = np.ones(count)
    for gap in range(1, count):
        before = matrix[max(0, gap - _REACH) : gap].sum(axis=0)
        after = matrix[gap : gap + _REACH].sum(axis=0)
        size = float(np.linalg.norm(before) * np.linalg.norm(after))
        likeness[gap] = float(before @ after) / size if size else 0.0
    depth = np.zeros(count)
    for gap in range(1, count):
        left = likeness[max(1, gap - _REACH) : gap + 1].max()
        right = likeness[gap : gap + _REACH + 1].max()
        depth[gap] = left + right - 2 * likeness[gap]
    return depth
