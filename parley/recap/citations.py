"""Nothing is said of a meeting that its transcript doesn't carry: the check that every line goes through.

A line stands when the segments it cites exist and hold text, when its telling words, names and numbers are theirs, and
when it doesn't leave out a "not" of theirs or add one.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from parley.recap.artefacts import Segment
from parley.recap.calendar_words import NUMBERS, ORDINALS
from parley.recap.people import People
from parley.recap.tokens import Token, sentences, stem, tokenize
from parley.recap.verbs import base_form
from parley.recap.vocabulary import FUNCTION
from parley.recap.wordlists import word_set

TELLING = word_set(
    "team group meeting participant participants discuss discussed discussion talk talked cover covered mention "
    "mentioned explain explained present presented suggest suggested propose proposed agree agreed decide decided "
    "report reported raise raised note noted ask asked said say says introduce introduced began ended there "
    "describe described "
    "consider considered review reviewed also then first finally main mainly topic topics including include "
    "included everyone members send sent deliver take someone something was were concerned about around regarding "
    "plan plans planned "
)
"""Words that notes need to tell who did what, and which claim nothing by themselves."""
NEGATIONS = word_set("not no never none nobody nothing neither nor without cannot against")
_NUMBER = re.compile(r"\d+")


class Evidence:
    """The transcript as what lines stand on."""

    def __init__(self, segments: Iterable[Segment], people: People, barred: Iterable[str] = ()) -> None:
        """barred: segments that nothing may stand on."""
        self._segments = {one.id: one for one in segments if one.state == "text" and one.text.strip()}
        for one in barred:
            self._segments.pop(one, None)
        self._people = people
        self._tokens: dict[str, list[Token]] = {}
        self._names = {stem(token.norm) for name in people.names.values() for token in tokenize(name) if not token.mark}

    def exists(self, cites: Sequence[str]) -> bool:
        """Whether there is at least one citation and all of them are segments with text."""
        return bool(cites) and all(one in self._segments for one in cites)

    def at(self, cites: Sequence[str]) -> float:
        """The second where the first of these segments begins."""
        return min(self._segments[one].start for one in cites)

    def text(self, segment: str) -> str:
        return self._segments[segment].text

    def speaker(self, segment: str) -> str:
        return self._segments[segment].participant

    def tokens(self, segment: str) -> list[Token]:
        """The words of a segment."""
        found = self._tokens.get(segment)
        if found is None:
            found = self._tokens[segment] = tokenize(self._segments[segment].text)
        return found

    def carries(self, text: str, cites: Sequence[str], extra: Iterable[str] = (), share: float = 1.0) -> bool:
        """Whether these segments carry this line.

        extra are names that may stand in it besides those of whoever spoke the segments. share is how many of its
        telling words must be theirs: all of them where a line was made from their words, fewer where it was put in
        others; names and numbers must all be theirs in any case.
        """
        if not self.exists(cites):
            return False
        theirs = [token for one in cites for token in self.tokens(one)]
        stems = {stem(form) for token in theirs for form in (token.norm.removesuffix("'s"), base_form(token.norm))}
        named = {
            stem(token.norm)
            for name in (*extra, *(self._people.names.get(self.speaker(one), "") for one in cites))
            for token in tokenize(name)
        }
        mine = tokenize(text)
        if not _numbers(mine) <= _numbers(theirs) | _numbers(tokenize(" ".join(extra))):
            return False
        telling = [
            stem(token.norm.removesuffix("'s")) for token in mine
            if not token.mark
            and token.norm.removesuffix("'s") not in FUNCTION
            and token.norm not in TELLING
            and not _numbers([token])
        ]  # fmt: skip
        if any(one in self._names and one not in named and one not in stems for one in telling):
            return False
        if share < 1.0 and not self._capitals(text, stems | named):
            return False
        told = [one for one in telling if one not in named and one not in self._names]
        if sum(one in stems for one in told) < share * len(told):
            return False
        return self._same_negation(mine, cites)

    @staticmethod
    def _capitals(text: str, known: set[str]) -> bool:
        """Whether every name in a line that was put in other words is known: a capital inside a sentence."""
        for part in sentences(tokenize(text)):
            for token in part[1:]:
                word = token.norm.removesuffix("'s")
                if (
                    token.text[:1].isupper()
                    and word not in FUNCTION
                    and stem(word) not in known
                    and word not in TELLING
                ):
                    return False
        return True

    def _same_negation(self, mine: Sequence[Token], cites: Sequence[str]) -> bool:
        """A negated line needs a negated place; a line without needs a place where its words stand without one."""
        negated = any(token.norm in NEGATIONS for token in mine)
        places = [part for one in cites for part in sentences(self.tokens(one))]
        if negated:
            return any(token.norm in NEGATIONS for part in places for token in part)
        words = _told_words(mine)
        if not words:
            return True
        denied: set[str] = set()
        stated: set[str] = set()
        for part in places:
            under = _denied(part)
            denied |= under & words
            stated |= {stem(token.norm) for token in part if not token.mark} - under
        only_denied = denied - stated
        return len(only_denied) < max(1, round(0.34 * len(words)))


def _told_words(tokens: Iterable[Token]) -> set[str]:
    return {
        stem(token.norm)
        for token in tokens
        if not token.mark and token.norm not in FUNCTION and token.norm not in TELLING
    }


def _denied(part: Sequence[Token]) -> set[str]:
    """The stems of a sentence that stand up to six words behind a "not", in the same clause."""
    found: set[str] = set()
    left = 0
    for at, token in enumerate(part):
        if token.norm == "not" and [one.norm for one in part[max(0, at - 2) : at]] == ["why", "do"]:
            continue  # "why don't we" proposes
        if token.norm in ("not", "never"):
            following = part[at + 1].norm if at + 1 < len(part) else ""
            left = 0 if following in ("forget", "only", "just", "hesitate") else 6
        elif token.mark or token.norm in ("but", "and", "so", "because"):
            left = 0
        elif left:
            found.add(stem(token.norm))
            left -= 1
    return found


def _numbers(tokens: Iterable[Token]) -> set[str]:
    """Numbers said or written; "one" and "first" are too common to be numbers."""
    found: set[str] = set()
    for token in tokens:
        if token.norm in NUMBERS and NUMBERS[token.norm] > 1:
            found.add(str(NUMBERS[token.norm]))
        elif token.norm in ORDINALS and ORDINALS[token.norm] > 2:
            found.add(str(ORDINALS[token.norm]))
        else:
            found.update(str(int(one)) for one in _NUMBER.findall(token.norm))
    return found


class Ids:
    """Gives the ids of items: of their kind and first citation, so that making them again gives the same."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, str]] = Counter()

    def give(self, kind: str, cites: Sequence[str]) -> str:
        """The id of the next item of this kind that cites this segment first."""
        key = (kind, cites[0] if cites else "")
        number = self._given[key]
        self._given[key] += 1
        return f"{kind}-{hashlib.sha256(chr(31).join((*key, str(number))).encode()).hexdigest()[:12]}"
