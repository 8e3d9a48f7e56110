"""What a stretch of talk is about: the phrases that come back in it and not everywhere."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from parley.recap.tokens import Token, stem
from parley.recap.vocabulary import STOP

_LONGEST = 3


@dataclass(frozen=True)
class Spoken:
    """One sentence as the summary sees it: who said it, where it stands, and its words."""

    speaker: str
    segments: tuple[str, ...]
    start: float
    end: float
    tokens: tuple[Token, ...]
    question: bool = False

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The stems of its words that say something."""
        return tuple(stem(token.norm) for token in self.tokens if telling(token))

    @cached_property
    def size(self) -> int:
        return sum(not token.mark for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Phrase:
    """stems identify it, text is how it is usually said; places are the sentences (by index) that have it."""

    stems: tuple[str, ...]
    text: str
    score: float
    places: tuple[int, ...]


def telling(token: Token) -> bool:
    """Whether a word says something about the subject."""
    word = token.norm
    return (
        not token.mark and word[:1] != "@" and len(word) > 2 and word not in STOP and word[0].isalpha()
        and "'" not in word
    )  # fmt: skip


def rarity(sentences: Sequence[Spoken], pieces: int = 24) -> dict[str, float]:
    """How much a stem tells stretches of the meeting apart: high when only few of `pieces` equal stretches have it."""
    found: dict[str, set[int]] = defaultdict(set)
    size = max(1, math.ceil(len(sentences) / pieces))
    for index, sentence in enumerate(sentences):
        for one in sentence.content:
            found[one].add(index // size)
    total = max(1, math.ceil(len(sentences) / size))
    return {one: math.log(1 + total / len(where)) for one, where in found.items()}


def phrases(
    sentences: Sequence[Spoken], weight: dict[str, float], limit: int, names: frozenset[str] = frozenset()
) -> list[Phrase]:
    """The best phrases of these sentences, best first; none is part of another."""
    counts: Counter[tuple[str, ...]] = Counter()
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, sentence in enumerate(sentences):
        for run in _runs(sentence.tokens):
            for size in range(1, _LONGEST + 1):
                for at in range(len(run) - size + 1):
                    part = run[at : at + size]
                    key = tuple(stem(token.norm) for token in part)
                    if len(set(key)) < size or (size == 1 and part[0].norm in names):
                        continue
                    counts[key] += 1
                    forms[key][" ".join(_shown(token, at + offset) for offset, token in enumerate(part))] += 1
                    if not places[key] or places[key][-1] != index:
                        places[key].append(index)
    scored: list[tuple[float, tuple[str, ...]]] = []
    for key, count in counts.items():
        if len(key) > 1 and count < 2 and len(sentences) > 30:
            continue
        value = count * sum(weight.get(one, 1.0) for one in key) / len(key) * (1 + 0.6 * (len(key) - 1))
        if len(key) == 1 and len(key[0]) < 4:
            value *= 0.6
        scored.append((round(value, 6), key))
    scored.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[Phrase] = []
    used: set[str] = set()
    for value, key in scored:
        if len(chosen) >= limit:
            break
        if used & set(key):
            continue
        text = sorted(forms[key].items(), key=lambda one: (-one[1], one[0]))[0][0]
        chosen.append(Phrase(key, text, value, tuple(places[key])))
        used |= set(key)
    return chosen


def _runs(tokens: Sequence[Token]) -> list[list[Token]]:
    runs: list[list[Token]] = [[]]
    for token in tokens:
        if telling(token):
            runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _shown(token: Token, at: int) -> str:
    """Lower case, but for abbreviations and names that stand inside a sentence with a capital."""
    if token.text.isupper() and len(token.text) > 1:
        return token.text
    return token.norm
