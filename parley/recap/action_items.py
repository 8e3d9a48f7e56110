"""One action item while a conversation goes on, and when two of them are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from parley.recap.tokens import Token, stem
from parley.recap.vocabulary import FUNCTION

_SAME = 0.6
"""Share of the shorter task's words that two items must have in common to be one."""
State = Literal["asked", "open", "live", "dropped"]


@dataclass(slots=True)
class Item:
    """One task while the conversation goes on. asked waits for an answer; owner is a participant's id."""

    task: tuple[Token, ...]
    raised_by: str
    start: float
    index: int
    state: State
    owner: str | None = None
    owner_name: str | None = None
    you: str | None = None
    """Who "you" is in the task's words, a participant's id."""
    due: date | None = None
    due_text: str = ""
    reading: str = ""
    cites: list[str] = field(default_factory=list)
    context: tuple[Token, ...] = ()
    """The sentence that a task which only points ("do that") points to."""
    anyone: bool = False
    need: bool = False
    polite: bool = False
    answered: bool = False

    def words(self) -> set[str]:
        return {
            stem(token.norm) for token in (*self.task, *self.context)
            if not token.mark and token.norm not in FUNCTION and token.norm[:1] != "@"
        }  # fmt: skip


def merged(items: Sequence[Item]) -> list[Item]:
    """Items that say the same of the same person are one; the later date counts, both places are cited."""
    kept: list[Item] = []
    for item in items:
        for former in kept:
            unassigned = former.owner is None and former.owner_name is None
            same_owner = (former.owner, former.owner_name) == (item.owner, item.owner_name)
            mine, theirs = former.words(), item.words()
            if not (same_owner or unassigned) or not mine or not theirs:
                continue
            if len(mine & theirs) / min(len(mine), len(theirs)) < _SAME or len(mine & theirs) < min(
                2, len(mine), len(theirs)
            ):
                continue
            if not same_owner and len(mine & theirs) < 2 and not item.due:
                continue  # one word in common doesn't make it the same person's
            former.owner, former.owner_name = item.owner, item.owner_name
            if item.due is not None:
                former.due, former.due_text, former.reading = item.due, item.due_text, item.reading
            former.cites += [one for one in item.cites if one not in former.cites]
            break
        else:
            kept.append(item)
    return kept
