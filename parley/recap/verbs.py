"""Forms of verbs: from "sent", "sends" and "sending" to "send", and from "it will be sent by Ben" to what Ben does."""

from __future__ import annotations

from collections.abc import Sequence

from parley.recap.tokens import Token
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_BASES = TASK_VERBS | word_set(
    "use go stick keep drop pick adopt skip try include have do settle limit rename freeze stay"
)
IRREGULAR = {
    form: base
    for base, forms in (
        line.split(":")
        for line in [
            "send:sent",
            "write:wrote,written",
            "do:did,done,does",
            "make:made",
            "take:took,taken",
            "give:gave,given",
            "build:built",
            "buy:bought",
            "bring:brought",
            "pay:paid",
            "draw:drew,drawn",
            "hold:held",
            "keep:kept",
            "find:found",
            "tell:told",
            "get:got,gotten",
            "redo:redid,redone",
            "rewrite:rewrote,rewritten",
            "rebuild:rebuilt",
            "resend:resent",
            "speak:spoke,spoken",
            "sell:sold",
            "teach:taught",
            "meet:met",
            "choose:chose,chosen",
            "drive:drove,driven",
            "lead:led",
            "set:set",
            "cut:cut",
            "put:put",
            "read:read",
            "run:ran",
            "hire:hired",
            "have:had,has",
            "think:thought",
            "leave:left",
            "sew:sewn",
            "mow:mown",
            "hang:hung",
            "feed:fed",
            "lend:lent",
            "begin:began,begun",
        ]
    )
    for form in forms.split(",")
}
"""Plain forms of verbs by their past forms and participles."""
_ENDINGS = (
    ("ing", ""),
    ("ing", "e"),
    ("es", ""),
    ("s", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
)


def base_form(verb: str) -> str:
    """The plain form of a verb, where a list of plain forms is to find it; another word as it is."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb in _BASES:
        return verb
    for ending, tail in _ENDINGS:
        if verb.endswith(ending) and verb[: -len(ending)] + tail in _BASES:
            return verb[: -len(ending)] + tail
    for ending in ("ing", "ed"):
        stem = verb.removesuffix(ending)
        if stem != verb and len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in _BASES:
            return stem[:-1]
    return verb


def is_verb(word: str) -> bool:
    """Whether a word is a form of a verb that is known."""
    return base_form(word) in _BASES


def plain(task: Sequence[Token]) -> tuple[Token, ...]:
    """A task with its verb in the plain form."""
    if not task:
        return ()
    base = base_form(task[0].norm)
    return (Token(base, base), *task[1:])


def active(done: str, thing: Sequence[Token]) -> tuple[Token, ...]:
    """What somebody does by whom a thing is done: "redo the slides", or "have the slides zipped"."""
    thing = [Token(one.norm, one.norm) if at == 0 and one.norm[:1] != "@" else one for at, one in enumerate(thing)]
    verb, *particle = done.split()
    base = base_form(verb)
    if base in _BASES:
        return (*(Token(one, one) for one in (base, *particle)), *thing)
    return (Token("have", "have"), *thing, *(Token(one, one) for one in (verb, *particle)))
