"""What a sentence does about a task: promise it, ask for it, accept, refuse, put it off, give it to somebody else.

One sentence is read by itself here, which is what the ledger keeps while the meeting runs; who "you" is and what
becomes of a request is decided over the whole conversation in actions.py.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from parley.recap.tokens import Token

Role = Literal["speaker", "addressee", "named", "nobody", "whoever"]
"""Who is to do it: the one who speaks, the one spoken to, somebody named, nobody in particular, or whoever answers."""
ActKind = Literal["task", "assent", "refusal", "vague", "cancel", "due", "aside", "decision", "proposal", "reversal"]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a sentence does.

    task is what is to be done, from its verb on, as (norm, text) of tokens. named are (participant or "", name) of
    those who are to do it; vocatives those who were addressed. asks: nothing is promised until somebody agrees.
    pointing: the task is "it" or "that", said before. need: a thing that should be done, nobody says by whom.
    """

    kind: ActKind
    speaker: str
    segments: tuple[str, ...]
    start: float
    sentence: int
    """Which sentence of the window it belongs to; acts of one sentence share it."""
    role: Role = "nobody"
    named: tuple[tuple[str, str], ...] = ()
    vocatives: tuple[tuple[str, str], ...] = ()
    task: tuple[tuple[str, str], ...] = ()
    asks: bool = False
    pointing: bool = False
    instead: bool = False
    need: bool = False
    question: bool = False
    due: date | None = None
    due_text: str = ""
    reading: str = ""
    says: tuple[tuple[str, str], ...] = ()
    """The whole sentence, where the task alone points to what was said before it."""

    @property
    def tokens(self) -> list[Token]:
        return [Token(norm, text) for norm, text in self.task]
