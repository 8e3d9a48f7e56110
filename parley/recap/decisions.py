"""Decisions of a conversation: what was settled, by its words or by agreement to a proposal, and not taken back later.

A proposal alone is no decision, nor is a question, a condition, or a report of what was decided some other time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parley.recap.acts import Act, ActKind
from parley.recap.decision_forms import (
    AGAINST,
    CONCLUDE,
    DECIDE,
    EXPLICIT,
    MANAGE,
    MANAGE_ONLY,
    NOT_DECIDED,
    OBJECT,
    PROPOSE,
    RECAP,
    REVERSE_ONLY,
    STRONG_YES,
    WEAK,
)  # fmt: skip
from parley.recap.tokens import MARKS, Token, norms, stem
from parley.recap.utterances import Utterance
from parley.recap.vocabulary import STOP

_REACH = 5
_REACH_SECONDS = 40.0
_INSTEAD_SECONDS = 600.0
_AT_ONCE_SECONDS = 90.0
_LONGEST = 24
"""Words of a proposal; longer ones explain rather than propose."""
_RICH = 3
"""Telling words of a proposal that says enough by itself."""


def read_decision(sentence: Utterance, number: int) -> list[Act]:
    """What one sentence decides, proposes or takes back; at most one act."""
    words = list(sentence.tokens)
    while words and words[-1].mark:
        words.pop()
    text = norms(words)

    def act(kind: ActKind, found: Sequence[Token], instead: bool = False, asks: bool = False) -> list[Act]:
        return [
            Act(
                kind=kind,
                speaker=sentence.speaker,
                segments=sentence.segments,
                start=round(sentence.start, 3),
                sentence=number,
                task=tuple((one.norm, one.text) for one in found),
                instead=instead,
                asks=asks,
                says=tuple((one.norm, one.text) for one in words),
            )
        ]

    if len(words) > 70:
        return []
    if REVERSE_ONLY.match(text) and len(words) <= 12:
        return act("reversal", words)
    instead = bool(
        re.search(
            r"\b(?:instead|actually|on second thoughts?|after all|change of plan|rather than|no ,|changed)\b", text
        )
    ) or text.startswith("no ")
    if NOT_DECIDED.search(text):
        return []
    stated = EXPLICIT.search(text)
    if stated is not None and not sentence.question:
        what = _part(words, text, stated.start("what"), stated.end("what"))
        if MANAGE_ONLY.match(stated["what"]) or not _substance(what):
            return []
        return act("decision", _part(words, text, stated.start("all"), stated.end("all")), instead)
    for pattern in (*DECIDE, *CONCLUDE):
        match = pattern.match(text)
        if match is None or (pattern in CONCLUDE and "so" not in match["lead"].split()):
            continue
        what = _part(words, text, match.start("what"), match.end("what"))
        if MANAGE.match(match["what"]) or not _substance(what):
            break
        said = _about(_part(words, text, match.end("lead"), len(text)), _group(words, text, match, "topic"))
        return act("proposal" if sentence.question else "decision", said, instead)
    for pattern in PROPOSE:
        match = pattern.match(text)
        if match is not None:
            what = _part(words, text, match.start("what"), match.end("what"))
            told = _group(words, text, match, "all")
            if told and _substance(what):
                vague = "be" in match["what"].split()[:2]
                told = _about(told, _group(words, text, match, "topic"))
                return act("proposal", told, instead, asks=vague and "so" not in match["lead"].split())
            if (
                MANAGE.match(match["what"])
                or not _substance(what)
                or re.match(r"(?:i|you|we do|we have|we are|it|that|see|hear|get)\b", match["what"])
            ):
                return []
            return act("proposal", what, instead)
    match = WEAK.match(text)
    if match is not None and not sentence.question:
        what = _group(words, text, match, "all") or _group(words, text, match, "what")
        if _substance(what) and not MANAGE.match(match["what"] or "") and len(what) <= _LONGEST:
            return act("proposal", what, instead, asks=True)
    match = RECAP.match(text)
    if match is not None and not sentence.question:
        what = _part(words, text, match.start("what"), match.end("what"))
        if not MANAGE.match(match["what"]) and _telling(what) >= _RICH:
            return act("decision", what)
    return []


def _about(said: list[Token], topic: list[Token]) -> list[Token]:
    """With what it is about put where it belongs: "for the case it will be blue" is "the case will be blue"."""
    if not topic:
        return said
    if said[0].norm == "it":
        return [one for one in topic if one.norm not in ("for", "as", "about", "on", "with")] + said[1:]
    return [*said, *topic] if said[0].norm == "we" and topic[0].norm in ("for", "on", "with") else said


def _group(words: Sequence[Token], text: str, match: re.Match[str], name: str) -> list[Token]:
    """The tokens of a named group; none where the pattern has no such group or it stayed empty."""
    if match.groupdict().get(name) is None:
        return []
    return _part(words, text, match.start(name), match.end(name))


def _part(words: Sequence[Token], text: str, first: int, last: int) -> list[Token]:
    found, at = [], 0
    for token in words:
        if first <= at < last:
            found.append(token)
        at += len(token.norm) + 1
    return found


def _telling(tokens: Sequence[Token]) -> int:
    """How many words say what it is about."""
    return sum(token.norm not in STOP and token.norm.isalpha() and len(token.norm) > 2 for token in tokens)


def _substance(tokens: Sequence[Token]) -> bool:
    """Whether more than a verb is said: what is chosen, and not only "it"."""
    return any(token.norm not in STOP and not token.mark for token in tokens[1:])


@dataclass(slots=True)
class Decision:
    """Something settled: the words that say it, whole sentence or proposal, and where."""

    tokens: tuple[Token, ...]
    proposal: bool
    speaker: str
    start: float
    cites: list[str] = field(default_factory=list)

    def words(self) -> set[str]:
        return {
            stem(token.norm)
            for token in self.tokens
            if not token.mark and token.norm not in STOP and token.norm[:1] != "@"
        }


def settle(acts: Iterable[Act]) -> list[Decision]:
    """The decisions that stand at the end of these acts (acts of tasks among them, for their answers)."""
    found: list[Decision] = []
    waiting: tuple[Act, int] | None = None
    index, last = 0, None
    for act in acts:
        if (act.sentence, act.start) != last:
            index += 1
            last = (act.sentence, act.start)
        match act.kind:
            case "decision":
                _take_back(found, act)
                _add(found, Decision(tuple(_tokens(act)), False, act.speaker, act.start, list(act.segments)))
                waiting = None
            case "proposal":
                waiting = (act, index)
            case "reversal":
                _reverse(found, act)
                waiting = None
            case "assent" if waiting is not None:
                proposal, since = waiting
                late = index - since > _REACH or act.start - proposal.start > _REACH_SECONDS
                if late:
                    waiting = None
                elif act.speaker != proposal.speaker and _agrees(act, proposal):
                    _agree(found, proposal, act)
                    waiting = None
            case "refusal" | "vague":
                if waiting is not None and act.speaker != waiting[0].speaker:
                    waiting = None
            case "aside" if waiting is not None and act.speaker != waiting[0].speaker and act.says:
                if OBJECT.match(" ".join(norm for norm, _ in act.says)):
                    waiting = None
                elif index - waiting[1] <= _REACH and _takes_up(act, waiting[0]):
                    _agree(found, waiting[0], act)
                    waiting = None
            case _:
                pass
    return found


def _agree(found: list[Decision], proposal: Act, answer: Act) -> None:
    _take_back(found, proposal)
    cites = [*proposal.segments, *(one for one in answer.segments if one not in proposal.segments)]
    _add(found, Decision(tuple(_tokens(proposal)), True, proposal.speaker, proposal.start, cites))


def _takes_up(act: Act, proposal: Act) -> bool:
    """Whether an aside agrees: it praises, or says the very words again ("rubber, yes")."""
    said = [norm for norm, _ in act.says if norm not in MARKS]
    text = " ".join(said)
    if act.question or " but " in f" {text} " or " not " in f" {text} ":
        return False
    if STRONG_YES.match(text) if len(said) > 5 else STRONG_YES.search(text):
        return len(said) <= 8
    mine = {stem(word) for word in said if word not in STOP}
    shared = mine & {stem(word) for word, _ in proposal.task}
    return not proposal.asks and bool(mine) and (shared == mine if len(said) <= 4 else len(shared) >= max(2, len(mine)))


def _tokens(act: Act) -> list[Token]:
    return [Token(norm, text) for norm, text in act.task]


def _agrees(act: Act, proposal: Act) -> bool:
    said = " ".join(norm for norm, _ in act.says)
    if " but " in f" {said} ":
        return False
    if bool(STRONG_YES.search(said)):
        return True
    if proposal.task[0][0] in ("the", "our", "it", "this", "that"):
        return not proposal.asks  # what somebody says of a thing may be a guess that another shares
    return not proposal.asks or _rich(proposal)


def _rich(proposal: Act) -> bool:
    """Whether a proposal says enough for a plain "yeah" to agree to it."""
    return _telling(_tokens(proposal)) >= _RICH


def _add(found: list[Decision], decision: Decision) -> None:
    mine = decision.words()
    for former in found:
        theirs = former.words()
        if (
            mine
            and theirs
            and len(mine & theirs) / min(len(mine), len(theirs)) >= 0.75
            and _negated(former) == _negated(decision)
        ):
            former.cites += [one for one in decision.cites if one not in former.cites]
            return
    found.append(decision)


def _negated(decision: Decision) -> bool:
    return any(token.norm in ("not", "no", "never", "against") for token in decision.tokens)


def _take_back(found: list[Decision], act: Act) -> None:
    """Drop what a later decision replaces: what it is named against, or the last one before an "instead"."""
    text = norms(_tokens(act)) + " " + " ".join(norm for norm, _ in act.says)
    against = AGAINST.search(text)
    if against is not None:
        named = {stem(word) for word in against["against"].split()[:5] if word.isalpha() and word not in STOP}
        for former in [one for one in found if named & one.words()]:
            if not _negated(former):
                found.remove(former)
        return
    if not act.instead:
        return
    mine = {stem(norm) for norm, _ in act.task if norm.isalpha() and norm not in STOP}
    for former in reversed(found):
        ago = act.start - former.start
        if ago <= _AT_ONCE_SECONDS or (ago <= _INSTEAD_SECONDS and mine & former.words()):
            found.remove(former)
            return


def _reverse(found: list[Decision], act: Act) -> None:
    if found and act.start - found[-1].start <= _INSTEAD_SECONDS:
        found.pop()
