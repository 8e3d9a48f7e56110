"""ROUGE (Lin, 2004): what a summary shares with a reference: words, pairs of words, a subsequence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """Lower-case letters and digits, as the usual scorers take them; no stemming."""
    return _WORD.findall(text.lower())


def rouge_n(summary: str, reference: str, n: int) -> float:
    """The F1 of common n-grams, in 0..1."""
    mine, theirs = _grams(words(summary), n), _grams(words(reference), n)
    return _f1(sum((mine & theirs).values()), sum(mine.values()), sum(theirs.values()))


def rouge_l(summary: str, reference: str) -> float:
    """The F1 of the longest common subsequence, in 0..1."""
    mine, theirs = words(summary), words(reference)
    row = [0] * (len(theirs) + 1)
    for word in mine:
        diagonal = 0
        for at, other in enumerate(theirs, 1):
            above = row[at]
            row[at] = diagonal + 1 if word == other else max(above, row[at - 1])
            diagonal = above
    return _f1(row[-1], len(mine), len(theirs))


def _grams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1))


def _f1(common: int, mine: int, theirs: int) -> float:
    if not common:
        return 0.0
    precision, recall = common / mine, common / theirs
    return 2 * precision * recall / (precision + recall)
