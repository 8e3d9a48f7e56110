"""Which tasks are worth listing: a date, an agreement, or something that outlasts the meeting.

Most of what people say they will do, they do at once ("I'll start", "give me the pen"), or only talk about. A list that
holds it all is not read, so a task must earn its place.
"""

from __future__ import annotations

import re

from parley.recap.action_items import Item
from parley.recap.reading_patterns import NEXT_TIME
from parley.recap.tokens import norms
from parley.recap.verbs import base_form
from parley.recap.vocabulary import STOP, TASK_VERBS
from parley.recap.wordlists import word_set

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
_LONGEST_TASK = 24
_TAKES_LONGER = re.compile(
    r"(?:find out|look into|check (?:if|whether|with|how|what)|ask (?:the|if|whether|for|about)|inquire|enquire|"
    r"get in touch|work (?:together|on the|on a|out)|come up with|interact with|check (?:it|that|this) out|get back "
    r"to)\b"
)
"""What takes longer than the meeting."""
_NO_TASK = re.compile(
    r"^(?:pay attention|keep in mind|bear in mind|keep (?:it|that|this) in mind|take (?:\S+ )*?into (?:account|"
    r"consideration)|"
    r"take (?:a |the |some )?decisions?|make (?:a |the |some )?decisions?|reach (?:a |the )?decision|be careful|"
    r"hurry up|"
    r"(?:ask|make|give|say|add|raise) (?:you |us |them )?(?:a|an|one|another|some|my|the) (?:\w+ )?(?:question|"
    r"suggestion|"
    r"comment|remark|point|joke|example|guess|statement))\b"
)
"""What sounds like a task and is a manner of working."""
_TALK = word_set("discuss talk decide think see look evaluate speak choose agree")
"""Verbs of what a meeting does itself."""
_NOW = re.compile(r"\b(?:today|now|minutes?|hour|tonight|this (?:morning|afternoon))\b")
_IN_THE_ROOM = re.compile(
    r"\b(?:(?:next|previous|last|first) slide|give (?:me|us) (?:the|a|that|your|my)|(?:show|open|put|draw|write|"
    r"press|click|"
    r"move|use|redesign|plug|sit|grab|pass)\b.*\b(?:slides?|white ?board|smartboard|board|screen|pen|mouse|beamer|"
    r"projector|mike|mic|microphone|keyboard|chair|seat|door|window))\b"
)
"""What is done on the spot with what lies there."""
_NO_VERBS = word_set("more less most least many few much very too also only even still yet already because not no")
_BROKEN = re.compile(r"\b(?:with|to|of|on|for|in|at|by) (?:is|are|was|were)\b")
"""Where a sentence broke off and went on as another."""
_PRONOUN = word_set("it that this them these those one so")


def worth(item: Item) -> bool:
    """Whether an item says enough to be listed."""
    if not item.task:
        return False
    phrase = norms(item.task)
    content = [
        token
        for token in (*item.task[1:], *item.context)
        if not token.mark and token.norm not in STOP and len(token.norm) > 2
    ]
    spoken_for = item.owner is not None or bool(item.owner_name)
    if item.task[0].norm in _NO_VERBS and not item.need:
        return False
    if any(one.search(phrase) for one in (_BROKEN, _NO_TASK, _IN_THE_ROOM)) or (not spoken_for and not content):
        return False
    if item.due is not None:
        return spoken_for or _dated_need(item)
    if NEXT_TIME.search(phrase) and (spoken_for or _verb(item) not in _TALK):
        return True
    return _owned(item, phrase, bool(content)) if spoken_for else _open(item, phrase, len(content))


_NEEDS = word_set("be is are needs need has have must should")
"""What stands behind the thing in "the form has to go out"."""


def _verb(item: Item) -> str:
    verb = base_form(item.task[0].norm)
    return base_form(item.task[1].norm) if verb == "be" and len(item.task) > 1 else verb


def _dated_need(item: Item) -> bool:
    """What nobody took and has a date, unless it is what the meeting itself is about to do."""
    first = base_form(item.task[0].norm)
    if first in _TALK and _NOW.search(item.due_text.lower()):
        return False
    return (
        first in TASK_VERBS or first in _WITH_DATE or (item.need and any(one.norm in _NEEDS for one in item.task[1:]))
    )


def _open(item: Item, phrase: str, content: int) -> bool:
    """What nobody took, without a date."""
    if _TAKES_LONGER.match(phrase):
        return content >= 1 and len(item.task) <= 18
    if len(item.task) > 1 and item.task[1].norm in _PRONOUN:
        return False
    verb = _verb(item)
    return verb in _LASTING and verb not in _VAGUE_WHEN_NOBODYS and content >= 2 and len(item.task) <= 14


def _owned(item: Item, phrase: str, content: bool) -> bool:
    """What somebody took, without a date."""
    verb = _verb(item)
    if _TAKES_LONGER.match(phrase) and (content or phrase.startswith("get back to")):
        return len(item.task) <= _LONGEST_TASK
    if not content:
        return verb in _PLAIN_WORK
    pronoun = len(item.task) > 1 and item.task[1].norm in _PRONOUN
    if item.answered:
        return verb in TASK_VERBS and not (pronoun and not item.context and verb not in _PLAIN_WORK)
    if verb in _MOSTLY_NOW:
        return bool(_LATER.match(phrase))
    if pronoun and verb not in _PLAIN_WORK:
        return False
    return (verb in _LASTING or (verb == "do" and content)) and len(item.task) <= _LONGEST_TASK
