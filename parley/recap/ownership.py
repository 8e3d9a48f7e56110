"""Who is to do what, by the words of one clause: the patterns in which English promises, asks and assigns.

Patterns match the normal forms of a clause, in which a person is "@id". The order matters: forms in which the one who
speaks is not the one who does it ("you'll get it from me", "I need you to send it", "I'll wait for Ben to send it")
stand before the plain ones, so that no owner is inverted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.recap.acts import Role
from parley.recap.ownership_forms import ASKS, HEDGE, IS_DUE, PASSIVE, SELF, TELLS, TURNED, WANTED
from parley.recap.task_words import is_task, trimmed
from parley.recap.tokens import Token
from parley.recap.verbs import active, plain
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_BLOCKED_BEFORE = word_set(
    "that if when what which how who where why whether because until unless than as like said says told asked "
    "hope wish doubt wonder wondering sure not think thought bet assume assumed expect hopes wishes said claimed "
    "mentioned imagine suppose pretend once after before while whenever whatever whoever the a an my your his her "
    "our their this these those of in on at to for with from by about is are was were be do does did don't about "
) - {"think"}  # fmt: skip
_BEFORE_NAMES = word_set(
    "that the , and so but then both think guess believe okay maybe perhaps also now well actually i mean "
)
_FINITE = re.compile(r"(?:it is|it will be|how about|what about|who is|(?:would|will|is) (?:it|that)|it would be)\b")
"""Forms in which the task's verb is not in its plain form: "it's Ben who calls", "how about Ben writes"."""
_CHARGED = re.compile(
    r"(?:maybe |perhaps |then )?you (?:two |both |guys |three |all )?(?:will|should|need to|have to|must|are going "
    r"to|are to) "
    r"(?:\w+ ){0,2}?(?:find out|look into|check with|work on|work together|get in touch|interact with|come up with|"
    r"keep \S+ (?:informed|posted|in the loop|updated))\b"
)
"""What "you" are told to do although nobody was named: no talk of what one does with a thing, but a task."""


_PLURAL = re.compile(r"(?:maybe |perhaps |then |can |could |will |would )?you (?:two|both|guys|three|all)\b")
_RECEIVES = re.compile(
    r"you (?:two |both |guys |three |all )?(?:will|are going to) (?:get|receive|hear|see|have)\b(?! (?:to|back|in "
    r"touch))"
)
"""What comes to somebody: "you will get an email" gives nobody anything to do."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody is to do a task. who holds the tokens that name them, when role is "named"."""

    role: Role
    task: tuple[Token, ...]
    asks: bool = False
    who: tuple[Token, ...] = ()
    firm: bool = True
    """Whether the words alone say that it is a task; otherwise only a date or an answer makes it one."""
    need: bool = False
    found_at: int = 0
    lead: tuple[Token, ...] = field(default=())


def assignment(clause: Sequence[Token], addressed: bool) -> Assignment | None:
    """The task that a clause promises, asks for or assigns; None when it does none of it.

    addressed says that somebody was addressed by name in the sentence, so that a bare verb is a request to them.
    """
    while clause and clause[-1].mark:
        clause = clause[:-1]
    text, starts = _joined(clause)
    hedge = HEDGE.match(text)
    begin = hedge.end() if hedge and text[hedge.end() :] else 0
    for offset in _starts(clause, starts, begin):
        found = _match(text[offset:], offset, clause, starts, addressed, offset == begin or offset == 0)
        if found is not None:
            return found
    return _last_resorts(text, begin, clause, starts, addressed)


def _joined(clause: Sequence[Token]) -> tuple[str, list[int]]:
    text, starts = "", []
    for token in clause:
        starts.append(len(text))
        text += token.norm + " "
    return text.rstrip(), starts


def _starts(clause: Sequence[Token], starts: Sequence[int], begin: int) -> list[int]:
    """Where an assignment may begin: the clause's start first, then any subject that isn't inside something else."""
    found = [begin]
    for at, token in enumerate(clause):
        if token.norm == "the" and at and clause[at - 1].norm in (",", "and", "so", "then") and starts[at] > begin:
            found.append(starts[at])
            continue
        if starts[at] <= begin or not (
            token.norm
            in ("i", "you", "we", "let", "please", "can", "could", "would", "someone", "somebody", "everyone", "assign")
            or (token.norm[:1] == "@" and not token.norm.endswith("'s"))
        ):
            continue
        before = clause[at - 1].norm
        if token.norm in ("can", "could", "would", "let", "please", "assign") and before not in (
            ",",
            "so",
            "and",
            "okay",
            "then",
            "but",
            "please",
            ":",
        ):
            continue
        if token.norm[:1] == "@" and before not in _BEFORE_NAMES:
            continue
        if (before in _BLOCKED_BEFORE and token.norm[:1] != "@" and (before, token.norm) != ("that", "i")) or (
            token.norm == "you" and before in ("can", "could", "will", "would", "thank")
        ):
            continue
        if token.norm == "i" and before in ("can", "could", "shall", "should", "do", "and"):
            continue
        if token.norm == "you" and before not in (",", "so", "and", "then", "but", "maybe", "please"):
            continue
        found.append(starts[at])
    return found


def _match(
    rest: str, offset: int, clause: Sequence[Token], starts: Sequence[int], addressed: bool, first: bool
) -> Assignment | None:
    for forms in (TURNED, ASKS, TELLS):
        for pattern, role, asks in forms:
            match = _compiled(pattern).match(rest)
            if match is None:
                continue
            groups = match.groupdict()
            if forms is TURNED and groups.get("thing") is not None and role == "named" and not first:
                continue
            return _build(match, role, asks, offset, clause, starts, addressed, forms is TURNED)
    return None


_cache: dict[str, re.Pattern[str]] = {}


def _compiled(pattern: str) -> re.Pattern[str]:
    found = _cache.get(pattern)
    if found is None:
        found = _cache[pattern] = re.compile(pattern)
    return found


def _slice(clause: Sequence[Token], starts: Sequence[int], first: int, last: int) -> tuple[Token, ...]:
    return tuple(token for token, start in zip(clause, starts, strict=True) if first <= start < last)


def _build(
    match: re.Match[str],
    role: Role,
    asks: bool,
    offset: int,
    clause: Sequence[Token],
    starts: Sequence[int],
    addressed: bool,
    turned: bool,
) -> Assignment | None:
    groups = match.groupdict()
    who: tuple[Token, ...] = ()
    if groups.get("who"):
        who = _slice(clause, starts, offset + match.start("who"), offset + match.end("who"))
    if groups.get("also"):
        who = _slice(clause, starts, offset + match.start("also"), offset + match.end("also"))
    task: tuple[Token, ...]
    rest: tuple[Token, ...]
    if groups.get("task") == "":
        task = (Token("do", "do"), Token("it", "it"))
    elif groups.get("other"):
        task = _slice(clause, starts, offset + match.start(), len(match.string) + offset)
    elif groups.get("done"):
        thing = _slice(clause, starts, offset + match.start("thing"), offset + match.end("thing"))
        rest = _slice(clause, starts, offset + match.start("rest"), offset + match.end("rest"))
        to = _slice(clause, starts, offset + match.start("to"), offset + match.end("to"))
        task = (*active(groups["done"], thing), *to, *rest)
    elif groups.get("task"):
        last = match.end("task") if match.re.groups and match.end("task") < match.end() else len(match.string)
        task = _slice(clause, starts, offset + match.start("task"), offset + last)
        task = plain(task) if _FINITE.match(match.group()) else task
    else:
        thing = _slice(clause, starts, offset + match.start("thing"), offset + match.end("thing"))
        if not any(not token.mark for token in thing):
            if "rest" not in groups or not groups.get("rest"):
                return None
            thing = (Token("something", "something"),)
        rest = ()
        if groups.get("rest"):
            rest = _slice(clause, starts, offset + match.start("rest"), offset + match.end("rest"))
        verb = "take" if match.re.pattern.find("assign") > 0 else "send"
        if match.re.pattern.startswith("you will have"):
            verb = "deliver"
        task = (Token(verb, verb), *thing, *rest)
    if who and role == "named" and len(who) == 1 and who[0].norm in ("you", "your", "yours", "me", "my", "i"):
        role, who = ("addressee" if who[0].norm in ("you", "your", "yours") else "speaker"), ()
    if role == "named" and asks and any(token.norm == "or" for token in who):
        role, who = "whoever", ()
    subject = match.group().split(" ", 1)[0]
    need = False
    if subject == "we" and role == "speaker":
        role, need = "nobody", True
    elif role == "nobody":
        need = True
    task = trimmed(task)
    if (
        role == "addressee"
        and not addressed
        and (_PLURAL.match(match.group()) or any(t.norm == "together" for t in task))
    ):
        role = "nobody"  # one who says yes doesn't take it alone
    firm = is_task(task)
    if not task or task[0].norm in ("not", "never") or (task[0].norm in ("no", "only") and len(task) < 3):
        return None
    if not turned and firm is None:
        return None
    generic = role == "addressee" and not asks and subject == "you" and not addressed and "please" not in match.string
    charged = bool(_CHARGED.match(match.string))
    if role == "addressee" and not addressed and _RECEIVES.match(match.string):
        return None
    return Assignment(
        role,
        task,
        asks,
        who,
        firm=(turned and task[0].norm not in ("let", "keep", "get", "deliver"))
        or (bool(firm) and not turned and not generic)
        or charged,
        need=need,
        found_at=offset,
        lead=_slice(clause, starts, 0, offset),
    )


def _last_resorts(
    text: str, begin: int, clause: Sequence[Token], starts: Sequence[int], addressed: bool
) -> Assignment | None:
    rest = text[begin:]
    passive = PASSIVE.match(rest) or WANTED.match(rest)
    if passive:
        task = trimmed(_slice(clause, starts, begin, len(text)))
        return Assignment("nobody", task, need=True, firm=False, found_at=begin)
    if IS_DUE.match(rest):
        return Assignment(
            "nobody", trimmed(_slice(clause, starts, begin, len(text))), need=True, firm=True, found_at=begin
        )
    for pattern, _ in SELF:
        if pattern.match(rest):
            return Assignment("speaker", (Token("do", "do"), Token("it", "it")), found_at=begin)
    if addressed and rest.split(" ", 1)[0] not in TASK_VERBS:
        for at, token in enumerate(clause[1:], 1):
            if clause[at - 1].norm == "," and token.norm in TASK_VERBS:
                begin, rest = starts[at], text[starts[at] :]
                break
    first = rest.split(" ", 1)[0]
    task = trimmed(_slice(clause, starts, begin, len(text)))
    if (
        first in TASK_VERBS
        and len(task) > 1
        and task[1].norm not in ("is", "was", "are", "of", "i", "we", "you", "and", "will")
    ):
        me = any(token.norm in ("me", "us") for token in task[1:4])
        return Assignment(
            "addressee",
            task,
            firm=(addressed and bool(is_task(task))) or (me and first in ("send", "email", "call", "give")),
            found_at=begin,
        )
    return None
