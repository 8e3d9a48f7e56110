"""Reads one sentence for what it does about tasks (acts.py).

Who is addressed is taken off, what is only imagined, told of others or said in jest is left out, and in each clause is
found who is to do what by when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from parley.recap.acts import Act, ActKind
from parley.recap.addressing import addressed
from parley.recap.asides import replaced, straight
from parley.recap.dated import counters, dated, only_date
from parley.recap.dates import Due, find_due
from parley.recap.ownership import Assignment, assignment
from parley.recap.people import People
from parley.recap.reading_patterns import (
    ASSENT,
    CANCEL,
    CONDITION,
    INSTEAD,
    JEST,
    MAYBE,
    MOVES,
    NEXT_TIME,
    NO,
    POLITE_IF,
    REPORT,
    VAGUE,
)
from parley.recap.tokens import Token, norms, spoken
from parley.recap.utterances import Utterance, clauses
from parley.recap.wordlists import word_set

_POINTING = word_set("it that this them those these one so both same")
_GENERIC = word_set(
    "do take handle own tackle have get own send finish pick on manage cover sort deal be responsible fix write "
    "prepare update check work look doing taking handling drive lead run start take's is book call review make "
    "schedule draft share "
)


_AFTERWARDS = re.compile(
    r"(?:(?:, |and |; )*(?:it|that|this|they|these|those|he|she|i|we) (?:is|are|needs?|has|have|should|must|will)\b)|"
    r"(?:, )?(?:target|deadline|due|ideally|preferably|hopefully)\b"
)
"""How a clause begins that adds the date of what was said just before it."""
_SHARED = re.compile(r"\b(?:both|all)(?: of (?:them|it|that|those))? (?:by|on|before|until|till|tomorrow|today|next)\b")
"""A date that counts for all that was said before it in the sentence."""
_TIME_ASKED = re.compile(
    r"(?:just |please )?(?:give me|i need|i will need|i have|you have(?: got)?) (?:until|till)\b(?!.* to )"
)
"""What asks for time and is no task itself."""
_Make = Callable[..., Act]


def read(sentence: Utterance, number: int, people: People, said: datetime) -> list[Act]:
    """The acts of one sentence. said is its moment in the speaker's zone; number tells sentences of a window apart."""
    tokens, vocatives = addressed(straight(sentence.tokens))
    if CANCEL.match(norms(tokens)):
        tokens = replaced(tokens) or tokens
    whole = norms(tokens)
    named = tuple((one.participant or "", one.name) for token in vocatives if (one := people.named(token)))
    says = tuple((token.norm, token.text) for token in sentence.tokens)

    def act(kind: ActKind, **more: object) -> Act:
        return Act(
            kind=kind,
            speaker=sentence.speaker,
            segments=sentence.segments,
            start=round(sentence.start, 3),
            sentence=number,
            vocatives=named,
            question=sentence.question,
            **more,  # type: ignore[arg-type]
        )

    found: list[Act] = []
    plain = re.sub(r"^(?:, )+", "", whole)
    if CANCEL.match(plain):
        return [act("cancel", says=says)]
    if NO.match(plain) and not counters(tokens, said):
        found.append(act("refusal"))
    elif VAGUE.match(plain):
        return [act("vague")]
    elif ASSENT.match(plain) and not sentence.question:
        found.append(act("assent", says=says, **dated(tokens, said)))
    if named and not tokens:
        return [act("aside")]
    if not JEST.search(whole):
        found += _tasks(sentence, tokens, people, said, act)
    if len(tokens) <= 16 and not any(one.kind == "task" for one in found):
        due = find_due(tokens, said)
        if due is not None and only_date(tokens, due):
            found.append(
                act("due", due=due.date, due_text=due.words, reading=due.reading, instead=bool(INSTEAD.search(whole)))
            )
    if not found:
        found.append(act("aside", says=says, **dated(tokens, said)))
    return found


def _tasks(sentence: Utterance, tokens: Sequence[Token], people: People, said: datetime, act: _Make) -> list[Act]:
    found: list[Act] = []
    conditional = reported = False
    before: tuple[Token, ...] = ()
    called = addressed(sentence.tokens)[1]
    lead_due: Due | None = None
    shared = find_due(tokens, said) if _SHARED.search(norms(tokens)) else None
    for clause in clauses(tokens):
        text = norms(clause)
        bare = POLITE_IF.sub(" ", text)
        words = [token.norm for token in before if not token.mark]
        reported = bool(words) and (
            words[-1] in REPORT or words[-2:] == ["was", "like"] or (len(words) > 1 and words[-2] in ("told", "asked"))
        )
        reported = reported and "as" not in words[-4:]
        starts_new = bool(re.match(r"(?:, )?(?:and|but) ", text)) and conditional and sentence.question is False
        conditional = bool(CONDITION.search(bare)) or (conditional and not (starts_new and not CONDITION.search(bare)))
        before = clause
        if conditional or reported:
            continue
        given = None if _TIME_ASKED.match(text) else assignment(clause, bool(called))
        if given is None:
            due = find_due(clause, said)
            if due is not None and found and found[-1].due is None and _AFTERWARDS.match(text):
                found[-1] = msgspec.structs.replace(found[-1], due=due.date, due_text=due.words, reading=due.reading)
            elif lead_due is None and not found:
                lead_due = due
            continue
        lead = norms(given.lead)
        own = given.role == "speaker" and re.match(r"i (?:told|said|promised|have told|have promised)\b", lead)
        if (
            any(word in REPORT for word in lead.split())
            and not own
            and not re.search(r"\bas (?:i|we|you|@\S+) (?:said|mentioned|told)", lead)
            and "just said" not in lead
        ):
            continue
        if MAYBE.search(lead) and given.role == "speaker" and not re.search(r"\bmaybe i can\b", text):
            continue
        if re.search(r"\b(?:hope|hopefully|doubt|wish|not think|not sure|wonder)\b", lead):
            continue
        due = find_due(clause, said) or lead_due or shared
        lead_due = None
        made = _act(sentence, given, due, text, norms(tokens), people, act)
        if made is None:
            continue
        found += made
    return found


def _act(
    sentence: Utterance, given: Assignment, due: Due | None, text: str, whole: str, people: People, act: _Make
) -> list[Act] | None:
    given, later = _by_next_time(given, sentence.tokens)
    words = [token.norm for token in given.task]
    if due is not None and MOVES.match(" ".join(words)) and len(words) - len(due.words.split()) <= 4:
        return [act("due", due=due.date, due_text=due.words, reading=due.reading, instead=True)]
    pointing = len(words) <= 1 or (words[0] in _GENERIC and _points(words))
    asks = given.asks
    if (
        given.role == "addressee"
        and re.match(r"(?:.* )?you (?:can|could|might|may)\b", text)
        and not given.asks
        and not sentence.question
    ):
        asks = False
    if given.role in ("speaker", "named") and sentence.question and not given.asks:
        asks = True
    firm = given.firm or later
    if not firm and due is None and not given.asks and not pointing:
        return None
    if given.need and not firm and due is None:
        return None
    named = tuple((one.participant or "", one.name) for token in given.who if (one := people.named(token)))
    if given.role == "named" and not named:
        if not given.who or given.who[0].norm != "the":
            return None
        named = (("", spoken(given.who)),)
    if any(token.norm in ("i", "me") for token in given.who):
        named = (*named, (sentence.speaker, people.names.get(sentence.speaker, "")))
    if given.role == "speaker" and named:
        named = ((sentence.speaker, people.names.get(sentence.speaker, "")), *named)
    return [
        act(
            "task",
            role="named" if given.role == "speaker" and named else given.role,
            named=named,
            task=tuple((token.norm, token.text) for token in given.task),
            asks=asks,
            pointing=pointing,
            instead=bool(INSTEAD.search(whole)),
            need=given.need,
            due=due.date if due else None,
            due_text=due.words if due else "",
            reading=due.reading if due else "",
            says=tuple((token.norm, token.text) for token in sentence.tokens),
        )
    ]


def _by_next_time(given: Assignment, tokens: Sequence[Token]) -> tuple[Assignment, bool]:
    """The task with "for the next meeting" behind it, where the sentence began with that, and whether it is said."""
    phrase = NEXT_TIME.search(norms(tokens))
    if phrase is None or NEXT_TIME.search(norms(given.task)):
        return given, phrase is not None
    size = len(phrase.group().split())
    at = len(norms(tokens)[: phrase.start()].split())
    return replace(given, task=(*given.task, *(Token(one.norm, one.norm) for one in tokens[at : at + size]))), True


def _points(words: Sequence[str]) -> bool:
    """Whether the task's object is only "it" or "that"."""
    rest = [
        word
        for word in words[1:]
        if word.isalpha() and word not in ("to", "of", "care", "on", "up", "over", "out", "for", "with", "into", "down")
    ]
    return (
        bool(rest)
        and rest[0] in _POINTING
        and (len(words) < 3 or rest[0] != "that" or len(rest) < 2 or rest[1] in _AFTER_THAT)
    )


_AFTER_THAT = word_set(
    "by before on tomorrow today tonight until then and instead please one this next in at right myself now you "
)
