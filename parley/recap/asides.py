"""What people throw into a sentence and what they put right in it, taken out before it is read."""

from __future__ import annotations

from collections.abc import Sequence

from parley.recap.calendar_words import WEEKDAYS
from parley.recap.tokens import Token
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_THROWN_IN = (
    (",", "you", "know", ","),
    (",", "i", "mean", ","),
    (",", "like", ","),
    ("that", "is", "when"),
    ("that", "is", "by", "when"),
)
_SAID_DAYS = frozenset(WEEKDAYS) | word_set("by on the next tomorrow today tonight before in at end")


def straight(tokens: Sequence[Token]) -> list[Token]:
    """Without what people throw in: "I'll, you know, call them" and "Friday, that's when I'll call them"."""
    said = [token.norm for token in tokens]
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        if said[at : at + 3] == ["let", "us", "say"] and said[at + 3 : at + 4] and said[at + 3] in _SAID_DAYS:
            at += 3  # "let's say Friday" supposes nothing
            continue
        size = next((len(one) for one in _THROWN_IN if tuple(said[at : at + len(one)]) == one), 0)
        if size == 0 and said[at].endswith("'s") and said[at + 1 : at + 2] == ["when"]:
            kept.append(Token(said[at].removesuffix("'s"), tokens[at].text.removesuffix("'s")))
            size = 2
        elif size == 0:
            kept.append(tokens[at])
        at += size or 1
    return kept


def replaced(tokens: Sequence[Token]) -> list[Token]:
    """What follows when something is taken back and replaced at once: "don't send it, call them on Friday"."""
    for at, token in enumerate(tokens):
        if token.norm == "," and at > 2 and at + 2 < len(tokens) and tokens[at + 1].norm in TASK_VERBS:
            return list(tokens[at + 1 :])
    return []
