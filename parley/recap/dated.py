"""Sentences that give a date to something else: they say little more, or they are what "it" points to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from parley.recap.dates import Due, find_due
from parley.recap.tokens import Token, norms

_COUNTERS = re.compile(
    r"(?:(?:no|make|that|it|let us|say|better|rather|actually|sorry|rather|i mean|by|then|maybe) ?)+"
)
"""A "no" that only puts another day in the place of the one that was asked for."""


def dated(tokens: Sequence[Token], said: datetime) -> dict[str, object]:
    """The firm date of a sentence that is no task, for what points to it: "you'll get it by six. I'll send it"."""
    due = find_due(tokens, said)
    if due is None or due.words.split()[0].lower() not in ("by", "before", "until"):
        return {}
    return {"due": due.date, "due_text": due.words, "reading": due.reading}


def _without_date(tokens: Sequence[Token], said: datetime) -> str:
    due = find_due(tokens, said)
    if due is None:
        return "no date"
    return norms(token for at, token in enumerate(tokens) if not due.first <= at < due.end and not token.mark)


def counters(tokens: Sequence[Token], said: datetime) -> bool:
    """Whether a "no" only puts another day in the place of the one that was asked for: "no, make that Friday"."""
    return _COUNTERS.fullmatch(_without_date(tokens, said)) is not None


def only_date(tokens: Sequence[Token], due: Due) -> bool:
    """Whether a sentence says little more than a date: "sure, by Friday", "let's make it Monday instead"."""
    outside = [token.norm for at, token in enumerate(tokens) if not due.first <= at < due.end and not token.mark]
    return len(outside) <= 8 and (
        len(outside) <= 2
        or any(
            word in outside
            for word in (
                "make",
                "say",
                "works",
                "fine",
                "instead",
                "better",
                "rather",
                "due",
                "deadline",
                "need",
                "needed",
                "possible",
                "actually",
                "no",
                "sorry",
                "yes",
                "sure",
                "okay",
                "done",
                "aim",
                "target",
                "mean",
                "ready",
            )
        )
    )
