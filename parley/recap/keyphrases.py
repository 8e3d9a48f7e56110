"""What a stretch of talk is about: the phrases that come back in it and not everywhere."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from parley.recap.calendar_words import MONTHS, WEEKDAYS
from parley.recap.tokens import ENDS, Token, stem
from parley.recap.vocabulary import STOP
from parley.recap.wordlists import word_set

_LONGEST = 3
_BEFORE_NOUNS = word_set(
    "the a an this that these those our your my their its his her some any each every no of for with in on "
    "about into from "
    "two three four five both all other another which what between than without per as by first second new"
)
_BEFORE_VERBS = word_set(
    "to will can could would should may might must not i you we they he she it who let us please just really "
    "do does did"
)
_BEFORE_QUALITIES = word_set(
    "very so too really quite pretty rather more most less is are be was were look looks looking feel feels sound "
    "sounds get gets seem seems as how that's it's still also not"
)
"""Words behind which a quality stands rather than a thing: "very fancy", "it looks strong"."""
_TIMES = frozenset(WEEKDAYS) | frozenset(MONTHS) | word_set("yesterday tomorrow tonight afternoon evening weekend")
"""When something is, is not what it is about."""
_LEAST_NOUN = 0.4
"""Share of its places in which a word stands like a noun, for it to be named."""


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


@dataclass(slots=True)
class _Candidate:
    """A phrase while it is counted."""

    count: int = 0
    nouns: int = 0
    verbs: int = 0
    qualities: int = 0
    articles: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    places: list[int] = field(default_factory=list)

    @property
    def noun(self) -> float:
        return (self.nouns + 1) / (self.nouns + self.verbs + self.qualities + 1.5)


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
    """The best phrases of these sentences, best first; none shares a word with another."""
    found = _counted(sentences, names)
    scored: list[tuple[float, tuple[str, ...]]] = []
    for key, one in found.items():
        if (
            (len(key) > 1 and one.count < 2 and len(sentences) > 30)
            or (one.noun < _LEAST_NOUN)
            or (len(key) == 1 and not one.nouns and len(sentences) > 30)
        ):
            continue
        value = (
            one.count**0.8
            * sum(weight.get(part, 1.0) for part in key)
            / len(key)
            * (1 + 0.6 * (len(key) - 1))
            * one.noun
        )
        scored.append((round(value * (0.6 if len(key) == 1 and len(key[0]) < 4 else 1.0), 6), key))
    scored.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[Phrase] = []
    used: set[str] = set()
    for value, key in scored:
        if len(chosen) >= limit:
            break
        if used & set(key):
            continue
        one = found[key]
        text = min(one.forms.items(), key=lambda form: (-form[1], form[0]))[0]
        chosen.append(Phrase(key, f"the {text}" if one.articles * 4 >= one.count else text, value, tuple(one.places)))
        used |= set(key)
    return chosen


def _counted(sentences: Sequence[Spoken], names: frozenset[str]) -> dict[tuple[str, ...], _Candidate]:
    found: dict[tuple[str, ...], _Candidate] = defaultdict(_Candidate)
    proper = _proper(sentences)
    for index, sentence in enumerate(sentences):
        for before, run in _runs(sentence.tokens):
            stems = [stem(token.norm) for token in run]
            for size in range(1, min(_LONGEST, len(run)) + 1):
                for at in range(len(run) - size + 1):
                    key = tuple(stems[at : at + size])
                    last = run[at + size - 1].norm
                    if (
                        len(set(key)) < size
                        or last.endswith("ly")
                        or (size == 1 and (last in names or last.endswith("ed")))
                    ):
                        continue
                    one = found[key]
                    former = before if at == 0 else run[at - 1].norm
                    one.count += 1
                    last_of_run = at + size == len(run)
                    one.nouns += (former in _BEFORE_NOUNS and last_of_run) or at > 0 or size > 1
                    one.verbs += former in _BEFORE_VERBS
                    one.qualities += size == 1 and (former in _BEFORE_QUALITIES or (at == 0 and not last_of_run))
                    one.articles += former == "the"
                    one.forms[" ".join(_shown(token, proper) for token in run[at : at + size])] += 1
                    if not one.places or one.places[-1] != index:
                        one.places.append(index)
    return found


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    """Telling words that stand side by side, and the word before them."""
    run: list[Token] = []
    before = ""
    for at, token in enumerate(tokens):
        if telling(token) and token.norm.removesuffix("'s") not in _TIMES:
            if not run:
                before = tokens[at - 1].norm if at else ""
            run.append(token)
        elif run:
            yield before, run
            run = []
    if run:
        yield before, run


def _proper(sentences: Sequence[Spoken]) -> frozenset[str]:
    """Words that are mostly written with a capital where none is due: names of things and places."""
    capital, all_ = Counter[str](), Counter[str]()
    for sentence in sentences:
        for before, token in pairwise(sentence.tokens):
            if before.norm not in ENDS:
                all_[token.norm] += 1
                capital[token.norm] += token.text[:1].isupper()
    return frozenset(word for word, count in capital.items() if count * 2 > all_[word])


def _shown(token: Token, proper: frozenset[str]) -> str:
    """Lower case, but for abbreviations and names."""
    if token.text.isupper() and len(token.text) > 1:
        return token.text
    return token.norm.capitalize() if token.norm in proper else token.norm
