"""Makes sentences of recognised words: where one ends, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from parley.recap.artefacts import Word

PAUSE = 0.6
"""Seconds between words that end a sentence where the recogniser has no punctuation."""
LONG_PAUSE = 1.5
"""And where it has."""
LONGEST = 15.0
"""Seconds after which a sentence ends at the next shorter pause."""
_SHORT_PAUSE = 0.25
_FEWEST = 3
"""Words a sentence should have before a comma's pause may end it."""
_ENDS = re.compile(r"[.?!…][\"'”’)]*$")
_ABBREVIATION = re.compile(r"^(?:mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e|[a-z])\.$", re.IGNORECASE)
_CAPITALS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "April",
    "June", "July", "August", "September", "October", "November", "December", "Christmas", "Easter", "English",
    "American", "British", "European", "Europe", "America",
)  # fmt: skip
_PROPER = {word.lower(): word for word in _CAPITALS}
_FIRST_PERSON = re.compile(r"^i(?=$|')")
_ASKING = re.compile(
    r"^(?:who|what|when|where|why|how|whose|which|"
    r"(?:is|are|was|were|do|does|did|can|could|will|would|shall|should|have|has) (?:i|you|we|they|he|she|it|that|there)"
    r")\b"
)


def sentences(words: Sequence[Word], *, punctuated: bool) -> Iterator[tuple[Word, ...]]:
    """The words by sentences; all of them, in order."""
    begun: list[Word] = []
    for word in words:
        if begun and _ends(begun, word, punctuated=punctuated):
            yield tuple(begun)
            begun = []
        begun.append(word)
    if begun:
        yield tuple(begun)


def written(words: Sequence[Word], names: Iterable[str] = ()) -> tuple[Word, ...]:
    """A sentence of bare lower-case words as it is written: capitals, "I", days, the names in the meeting, a full stop.

    A question is told by its first words; months that are also verbs stay small.
    """
    proper = _PROPER | {part.lower(): part for name in names for part in name.split() if len(part) > 1}
    texts = [_FIRST_PERSON.sub("I", proper.get(word.text, word.text)) for word in words]
    if not texts:
        return ()
    asking = len(texts) > 1 and _ASKING.match(" ".join(word.text for word in words)) is not None
    texts[0] = texts[0][:1].upper() + texts[0][1:]
    texts[-1] += "?" if asking else "."
    return tuple(Word(text, word.start, word.end, word.confidence) for text, word in zip(texts, words, strict=True))


def _ends(begun: Sequence[Word], following: Word, *, punctuated: bool) -> bool:
    last = begun[-1]
    pause = following.start - last.end
    long = following.start - begun[0].start > LONGEST
    if punctuated:
        stop = _ENDS.search(last.text) is not None and not _ABBREVIATION.match(last.text)
        return stop or pause >= LONG_PAUSE or (long and (pause >= _SHORT_PAUSE or last.text.endswith(",")))
    if long and pause >= _SHORT_PAUSE:
        return True
    return pause >= PAUSE and (len(begun) >= _FEWEST or pause >= LONG_PAUSE)
