"""One action item while a conversation goes on, when two of them are one, and which are worth listing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from parley.recap.ownership import base_form
from parley.recap.tokens import Token, norms, stem
from parley.recap.vocabulary import FUNCTION, STOP, TASK_VERBS
from parley.recap.wordlists import word_set

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
            former.owner, former.owner_name = item.owner, item.owner_name
            if item.due is not None:
                former.due, former.due_text, former.reading = item.due, item.due_text, item.reading
            former.cites += [one for one in item.cites if one not in former.cites]
            break
        else:
            kept.append(item)
    return kept


_LASTING = word_set(
    "send write draft prepare review update fix call email book schedule finish complete submit order buy "
    "pay sign document "
    "deploy release publish investigate research contact confirm organise organize arrange follow report "
    "summarise summarize "
    "collect translate test file renew create set ask talk find provide deliver share check build invite "
    "register upload "
    "install migrate hire clean repair return cancel plan inform inquire analyse analyze estimate revise "
    "edit prototype post "
    "circulate distribute forward reply tell let look work get take help"
)
"""Verbs of what is done after a meeting; others are mostly done or only talked about in it."""


def worth(item: Item) -> bool:
    """Whether an item says enough to be listed: a date, an agreement, or a task that outlasts the meeting."""
    content = [
        token
        for token in (*item.task[1:], *item.context)
        if not token.mark and token.norm not in STOP and len(token.norm) > 2
    ]
    if item.due is not None:
        first = base_form(item.task[0].norm) if item.task else ""
        return (
            item.owner is not None
            or bool(item.owner_name)
            or first in TASK_VERBS
            or first in _WITH_DATE
            or (item.need and any(one.norm in ("be", "is", "are") for one in item.task[1:]))
        )
    if not item.task:
        return False
    verb = base_form(item.task[0].norm)
    if verb == "be" and len(item.task) > 1:
        verb = base_form(item.task[1].norm)
    spoken_for = item.owner is not None or bool(item.owner_name)
    if not content:
        return spoken_for and verb in _PLAIN_WORK
    if not spoken_for:
        return verb in _LASTING and verb not in _VAGUE_WHEN_NOBODYS and len(content) >= 2 and len(item.task) <= 14
    if item.answered:
        return verb in TASK_VERBS
    phrase = norms(item.task)
    if verb in _MOSTLY_NOW:
        return bool(_LATER.match(phrase))
    if len(item.task) > 1 and item.task[1].norm in ("it", "that", "this", "them") and verb not in _PLAIN_WORK:
        return False
    return (verb in _LASTING or (verb == "do" and len(content) >= 2)) and len(item.task) <= 24


_WITH_DATE = word_set("do be have let look get go come think try keep leave see consider use")
"""Verbs that are tasks when a date is said with them."""
_MOSTLY_NOW = word_set("get look take put show make see let work create")
_LATER = re.compile(
    r"(?:get (?:back|in touch|started)|look into|take (?:care|the|over|on|minutes|notes)|make sure|see to|"
    r"let (?:you|me|us|@\S+|them) know|"
    r"work (?:on|out|with)|put together|create (?:a|an|the))\b"
)
_PLAIN_WORK = word_set(
    "send write call email finish fix book review prepare submit update order pay deliver forward draft "
    "publish schedule take"
)
"""Verbs that say enough with nothing but "it" behind them."""
_VAGUE_WHEN_NOBODYS = word_set("get look work set find build create check test talk let ask tell plan provide")
