"""Who is meant by a name: the people of a meeting, found among tokens by first or full name.

A name becomes one token whose norm is "@" and the participant's id, so that rules can say "a person" without knowing
names. Somebody who isn't there becomes "@?" and the name as it was spoken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from parley.recap.calendar_words import MONTHS, WEEKDAYS
from parley.recap.recording import Recording
from parley.recap.sanitise import NAME, short_name
from parley.recap.tokens import Token, tokenize
from parley.recap.vocabulary import COMMON_WORD_NAMES, GIVEN_NAMES, STOP, TASK_VERBS
from parley.recap.wordlists import word_set

_NAME = re.compile(r"[^\W_]+\.?(?:['’ -][^\W_]+\.?){0,3}")
_TITLES = word_set("mr mrs ms dr prof professor sir")
_NOT_PARTS = word_set(
    "project industrial user interface marketing designer manager expert engineer developer director officer "
    "team sales product "
    "grad phd postdoc professor speaker guest host participant anonymous iphone macbook laptop room "
    "conference office design "
    "support research quality customer service admin student teacher chair secretary account data head chief "
    "lead assistant"
)
"""Words of roles and devices: such a name only counts whole."""
_PREDICATE = word_set(
    "will can could would should is has needs must to going , takes owns please shall may might and are "
)
_NOT_NAMES = (
    STOP
    | _NOT_PARTS
    | TASK_VERBS
    | frozenset(MONTHS)
    | frozenset(WEEKDAYS)
    | word_set(
        "marketing sales engineering finance legal support customers users management product products design "
        "everyone everybody somebody nobody people english german french monday team teams client clients customer "
        "vendor vendors legal hr it qa ops security infrastructure backend frontend data research development speaker "
        "god jesus internet christmas easter europe america london paris tomorrow action item decision agreed "
        "deadline "
    )
)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who was named: a participant's id, or None and the name of one who isn't there."""

    participant: str | None
    name: str


def called(name: str) -> str:
    """A display name as texts use it: what reads as a name whole, of anything else at most two words of letters."""
    if _NAME.fullmatch(name) and len(name) <= NAME:
        return name
    return short_name(name) or "Someone"


def _after_has(token: Token) -> bool:
    """Whether "Ben's" before this word is "Ben has"."""
    return token.norm in ("agreed", "promised", "offered", "volunteered", "got", "been")


def _after_is(token: Token) -> bool:
    """Whether "Ben's" before this word is "Ben is"."""
    return token.norm in ("going", "doing", "not", "responsible", "happy", "on", "in") or (
        token.norm.endswith("ing")
        and len(token.norm) > 5
        and token.norm not in ("meeting", "morning", "evening", "training")
    )


class People:
    """The people of one meeting and what they are called."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = dict(names)
        self._phrases: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for participant, name in names.items():
            words = [token.norm for token in tokenize(name) if not token.mark]
            words = [word for word in words if word not in _TITLES] or words
            if not words:
                continue
            self._phrases[tuple(words)].add(participant)
            for part in {words[0], words[-1] if len(words) <= 3 else words[0]}:
                if len(part) > 1 and part not in (STOP | _NOT_PARTS) - COMMON_WORD_NAMES:
                    self._phrases[(part,)].add(participant)
        self._longest = max((len(phrase) for phrase in self._phrases), default=0)

    @classmethod
    def of(cls, recording: Recording) -> People:
        """What people called themselves, as far as it is a name."""
        return cls({person.id: called(person.name) for person in recording.people.values()})

    def mark(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens with every name made one token."""
        marked: list[Token] = []
        at = 0
        while at < len(tokens):
            size, token = self._name(tokens, at, marked)
            at += size
            if token.norm.endswith("'s") and token.norm.startswith("@") and at < len(tokens) and _after_has(tokens[at]):
                marked += [Token(token.norm[:-2], token.text.removesuffix("'s")), Token("has", "has")]
            elif (
                token.norm.startswith("@") and token.norm.endswith("'s") and at < len(tokens) and _after_is(tokens[at])
            ):
                marked += [Token(token.norm[:-2], token.text.removesuffix("'s")), Token("is", "is")]
            else:
                marked.append(token)
        return marked

    def named(self, token: Token) -> Named | None:
        """Who this token names."""
        if token.norm.startswith("@?"):
            return Named(None, token.text.removesuffix("'s"))
        if token.norm.startswith("@"):
            participant = token.norm[1:].removesuffix("'s")
            return Named(participant, self.names[participant])
        return None

    def _name(self, tokens: Sequence[Token], at: int, before: Sequence[Token]) -> tuple[int, Token]:
        for size in range(min(self._longest, len(tokens) - at), 0, -1):
            words = [token.norm for token in tokens[at : at + size]]
            owned = words[-1].endswith("'s")
            words[-1] = words[-1].removesuffix("'s")
            found = self._phrases.get(tuple(words))
            if not found or (size == 1 and not self._name_here(tokens, at, before)):
                continue
            text = " ".join(token.text for token in tokens[at : at + size])
            ending = "'s" if owned else ""
            if len(found) == 1:
                participant = next(iter(found))
                return size, Token(f"@{participant}{ending}", text if text[:1].isupper() else self.names[participant])
            return size, Token(f"@?{words[0]}{ending}", text)
        if self._stranger(tokens, at):
            plain = tokens[at].text
            return 1, Token(f"@?{tokens[at].norm}", plain if plain[:1].isupper() else plain.capitalize())
        return 1, tokens[at]

    def _name_here(self, tokens: Sequence[Token], at: int, before: Sequence[Token]) -> bool:
        """Whether a word that may also be no name is one here: "Will will send it", but "i will send it"."""
        word = tokens[at].norm.removesuffix("'s")
        if word not in COMMON_WORD_NAMES and word not in STOP and word not in TASK_VERBS:
            return True
        last = before[-1].norm if before else ""
        following = [token.norm for token in tokens[at + 1 : at + 3]]
        if word == "will" and (
            last in ("i", "you", "we", "they", "he", "she", "it", "that", "this") or last[:1] == "@"
        ):
            return False
        if tokens[at].text[:1].isupper() and before and last not in (".", "?", "!"):
            return True
        vocative = not last or last in (",", ".", "?", "!", "and", "so", "okay", "thanks", "with", "for", "to", "ask")
        return vocative and (
            following[:1] in (["will"], [","], ["can"], ["could"])
            or (
                last in (",", "to", "ask", "with")
                and word not in ("may", "will")
                and following[:1] in ([], ["."], ["?"], ["to"])
            )
        )

    def _stranger(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether this is the name of somebody who isn't there."""
        token = tokens[at]
        word = token.norm
        if not word.isalpha() or len(word) < 2 or word in _NOT_NAMES or word in COMMON_WORD_NAMES:
            return False
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        if word in GIVEN_NAMES:
            return True
        first = at == 0 or tokens[at - 1].norm in (".", "?", "!")
        verb = tokens[at + 2].norm if at + 2 < len(tokens) else ""
        if not token.text[:1].isupper() or token.text.isupper() or following not in _PREDICATE:
            return False
        if following in ("will", "can", "could", "should", "must", "shall"):
            return verb in TASK_VERBS or (verb in ("not", "also", "then", "you", "please") and not first)
        return not first and following in ("is", "needs", "has") and verb in ("going", "to")
