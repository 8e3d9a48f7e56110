"""Who a sentence is spoken to: the names in it that call somebody, told from those that tell of somebody."""

from __future__ import annotations

from collections.abc import Sequence

from parley.recap.tokens import Token
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_CARRIERS = word_set(
    "to for with from by and or of about 's as than call email ask tell message ping meet contact remind invite "
    "help text brief inform via see visit join copy cc "
)
"""Words before a name that is told of rather than called."""


def addressed(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """The sentence without the names of those it is addressed to, and those names."""
    rest = list(tokens)
    vocatives: list[Token] = []
    at = 0
    while at < len(rest):
        token = rest[at]
        if token.norm[:1] != "@" or token.norm.endswith("'s"):
            at += 1
            continue
        before = rest[at - 1].norm if at else ""
        after = rest[at + 1].norm if at + 1 < len(rest) else ""
        beyond = rest[at + 2].norm if at + 2 < len(rest) else ""
        opening = all(one.mark or one.norm in _OPENERS for one in rest[:at])
        closing = all(one.mark or one.norm in ("please", "okay", "then", "right", "thanks") for one in rest[at + 1 :])
        called = False
        if opening and after == ",":
            called = beyond not in ("and", "@") and not (beyond[:1] == "@" and _list_of_names(rest, at))
        elif opening and after == "and" and beyond[:1] == "@" and _spoken_to_both(rest, at + 3):
            vocatives += [token, rest[at + 2]]
            del rest[at : at + (4 if len(rest) > at + 3 and rest[at + 3].norm == "," else 3)]
            continue
        elif (
            (after == "," and at > 1 and before in ("so", "and", "then", "but") and rest[at - 2].norm == ",")
            or (
                opening
                and (
                    after in ("please", "you", "i", "we", "let")
                    or (after in ("can", "could", "would", "will") and beyond == "you")
                )
            )
            or (
                (opening and (after in TASK_VERBS and not rest[at].norm.endswith("'s")))
                or (opening and after in (".", "?", "!", ""))
            )
        ):
            called = True
        elif before == "," and (after in (",", ".", "?", "!", "") or closing):
            called = not _list_of_names(rest, at)
        elif closing and before not in _CARRIERS and at >= 3 and before[:1] != "@":
            called = before not in ("the", "a", "is", "are", "was", "be", "let", "not") and not before.endswith("'s")
        elif closing and before[:1] == "@" and at >= 3:
            called = True
        if not called:
            at += 1
            continue
        vocatives.append(token)
        del rest[at]
        if at < len(rest) and rest[at].norm == "," and (at == 0 or rest[at - 1].mark or opening):
            del rest[at]
    while rest and rest[0].norm in (",", "."):
        rest.pop(0)
    if len(rest) > 1 and rest[0].norm == "please" and rest[1].norm == ",":
        del rest[1]
    return rest, vocatives


_OPENERS = word_set(
    "please so and okay yeah yes well hey hi hello thanks thank you right great but now also then no oh um uh alright "
    "sure good actually sorry perfect "
)


def _spoken_to_both(tokens: Sequence[Token], at: int) -> bool:
    """Whether two names are followed by what is said to them: "Ann and Ben, could you"."""
    following = [token.norm for token in tokens[at : at + 3] if token.norm != ","]
    return following[:1] in (["you"], ["please"]) or (len(following) > 1 and following[1] == "you")


def _list_of_names(tokens: Sequence[Token], at: int) -> bool:
    """Ann, Ben and Carl."""
    following = [token.norm for token in tokens[at + 1 : at + 4]]
    return (
        len(following) >= 3
        and following[0] == ","
        and following[1][:1] == "@"
        and following[2] in ("and", ",")
        and (len(tokens) > at + 4 and tokens[at + 4].norm[:1] == "@")
    )
