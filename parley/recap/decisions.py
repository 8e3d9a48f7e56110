"""Decisions of a conversation: what was settled, by its words or by agreement to a proposal, and not taken back later.

A proposal alone is no decision, nor is a question, a condition, or a report of what was decided some other time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parley.recap.acts import Act, ActKind
from parley.recap.tokens import Token, norms, stem
from parley.recap.utterances import Utterance
from parley.recap.vocabulary import STOP

_REACH = 5
_REACH_SECONDS = 40.0
_INSTEAD_SECONDS = 600.0
_AT_ONCE_SECONDS = 90.0

_LEAD = (
    r"^(?:(?:and|but|so|then|okay|well|yes|yeah|yep|right|alright|all right|sure|no|actually|now|anyway|also|"
    r"fine|good|great|"
    r"of course|i think|i guess|i suppose|i believe|i mean|you know|in fact|basically|therefore|perfect|um|"
    r"uh|er|ah|hmm|oh|"
    r"in that case|to summarise|to summarize|in summary|finally|in the end|just|that means|i would say|wait|"
    r"sorry|agreed|"
    r"exactly|sounds good|,|:|;|@\S+) )*"
)
_WE = (
    r"(?:we|the team|the group|everyone|everybody|all of us|both of us|we all|the board|the committee|we have|"
    r"i think we|it seems we)"
)
_CHOICE = (
    r"(?:go with|go for|going with|going for|stick with|stick to|sticking with|stick to|settle on|settle for|"
    r"use|using|adopt|adopting|choose|choosing|"
    r"pick|drop|dropping|cancel|cancelling|postpone|postponing|switch to|switching to|move to|moving to|keep|keeping|"
    r"launch|ship|release|merge|replace|remove|skip|adopt|buy|hire|allocate|move (?:the|it|our|that)|make it|call it|"
    r"include|leave out|get rid of|have|make|put|do|target|aim for|limit|build|stay with|start with|rename|"
    r"delay|freeze|take)"
)
_FIRM_CHOICE = (
    r"(?:go with|go for|going with|going for|stick with|sticking with|stick to|settle on|settle for|adopt|"
    r"adopting|use|using|choose|pick|"
    r"drop|dropping|cancel|cancelling|postpone|postponing|switch to|switching to|move to|moving to|stay with|"
    r"keep|keeping|launch|ship|rename|delay|replace|remove|include|leave out|get rid of|"
    r"move (?:the|our)|target|limit|allocate)"
)
_DECIDE = tuple(
    re.compile(_LEAD + pattern)
    for pattern in (
        rf"{_WE} (?:(?:have|has|all|now|just|already|finally|jointly|unanimously|then|also|therefore|did) "
        rf")*(?:decided|agreed|concluded|settled|resolved|opted|voted|chosen|chose|agree)(?P<how>(?: (?:to|"
        rf"that|on|for|against|not to|upon|with|in favour of|in favor of))*) (?P<what>.+)",
        r"(?:the |our |my )?(?:final |group |team )?(?:decision|conclusion|consensus|agreement|verdict)(?: "
        r"here| then| today)? (?:is|was|: is)(?: that| to)? (?P<what>.+)",
        r"(?:final )?decision : (?P<what>.+)",
        r"it (?:is|has been|was) (?:decided|agreed|settled)(?: that| to)? (?P<what>.+)",
        rf"let us (?:(?:just|definitely|all|then|therefore|actually|simply|please) )*(?P<what>{_FIRM_CHOICE} .+)",
        rf"(?:we|i think we) (?:will|are going to|are not going to|shall) "
        rf"(?:(?:definitely|just|then|therefore|all|simply|now|also) )*(?P<what>(?:not )?{_FIRM_CHOICE} .+)",
        r"(?:we|i think we) are (?P<what>(?:not )?(?:going with|using|sticking with|keeping|dropping|"
        r"adopting|moving to|switching to|postponing|cancelling|going for|choosing|launching|shipping|"
        r"buying|hiring|removing|replacing) .+)",
        r"(?P<what>.+? (?:is|are|was) (?:hereby |now )?(?:approved|accepted|rejected|cancelled|postponed|"
        r"settled|decided))$",
        r"we (?:do not|will not|are not going to) (?P<what>.+) after all",
    )
)
_PROPOSE = tuple(
    re.compile(_LEAD + pattern)
    for pattern in (
        r"(?:so )?we (?P<what>(?:use|add|skip|include|choose|leave out|go with|drop) .+)",
        r"(?:so )?(?:it|that|this|the \S+(?: \S+)?) (?:will|is going to) (?:(?:definitely|just|then|also|"
        r"only) )*(?P<what>(?:not )?(?:have|be|include|feature|contain|cost|get|use) .+)",
        r"(?:i|we) (?:would )?(?:propose|suggest|recommend|vote|move)(?: that we| we| that| to| for)? (?P<what>.+)",
        r"(?:how|what) about (?:if )?(?:we )?(?P<what>.+)",
        r"(?:shall|should) we (?P<what>.+)",
        r"what if we (?P<what>.+)",
        r"why do not we (?P<what>.+)",
        r"(?:can|could) we (?:all )?(?:agree (?:to|on|that) |agree we |say )?(?P<what>.+)",
        r"let us (?P<what>.+)",
        r"my (?:suggestion|proposal|recommendation|vote) (?:is|would be)(?: that we| to| for)? (?P<what>.+)",
        r"(?:is everyone|is everybody|are we|are you|do we|does everyone|does everybody|do you) (?:all "
        r")?(?:agreed?|okay|happy|fine|in favour|in favor)(?: (?:with|on|that|to|of|we))* (?P<what>.+)",
        rf"we (?:will|are going to) (?P<what>{_CHOICE} .+)",
    )
)
_WEAK = re.compile(
    _LEAD + r"we (?:should|could|can|might|ought to|had better|need to) (?:(?:just|then|also|really|definitely|"
    r"maybe|probably) )*(?P<what>.+)"
)
_STRONG_YES = re.compile(
    r"\b(?:agreed|agree|let us do|good idea|great idea|sounds good|sounds great|works for me|fine with me|"
    r"fine by me|definitely|absolutely|"
    r"perfect|deal|let us go|in favour|in favor|that works|i am in|makes sense|yes let us|okay let us|done|"
    r"great|settled|approved|decided|yes please|of course)\b"
)
_OBJECT = re.compile(
    r"^(?:(?:yes|yeah|well|okay|hmm|oh|sorry|,) )*(?:but\b|i disagree|i am not sure|i am not so sure|not "
    r"sure|i would rather|hmm|wait\b|no\b(?! problem)|i do not (?:think|like|agree)|"
    r"that is (?:too|not)|actually|let us (?:think|wait|discuss|park|see|not)|we should (?:think|discuss|"
    r"wait)|is that|are you sure|why\b|what about|maybe|it depends|let me)"
)
_NOT_DECIDED = re.compile(
    r"\b(?:not (?:yet )?(?:decided|agreed|settled|made)|have not (?:yet )?\w+ decided|need to decide|should "
    r"decide|have to decide|must decide|decide later|"
    r"if|unless|before we|until we|once we|when we|whether|last (?:week|month|time|meeting|year|quarter)|"
    r"yesterday|previously|back then|would have|"
    r"what (?:did|have) we|undecided|no decision|suppose|imagine|maybe|perhaps|might|could have|i wish|i "
    r"hope|just kidding|joking|i wonder|wondering)\b"
)
_MANAGE = re.compile(
    r"^(?:not )?(?:(?:move|moving) on|start|begin|go (?:back|on|ahead|through|over|around|to|round|and)|talk|"
    r"see|look|have (?:a|another|some) (?:look|break|chat|think|quick|discussion|minute)|take (?:a|"
    r"another|five|ten|some|it|one|that|this|the next)|"
    r"keep (?:going|in mind|it (?:short|brief|moving)|that in|this (?:short|brief))|do (?:that|it|this|one|"
    r"some|the next|a quick)|make sure|leave (?:it|that) (?:there|at)|discuss|wait|get (?:started|going|"
    r"back|on|to)|move (?:to|onto) (?:the next|item)|"
    r"try (?:and|to)|say|just|be|hear|think|finish|continue|wrap|call (?:it a day|that)|use (?:the|this|"
    r"that) (?:time|minutes|next|mouse|pen|board|whiteboard)|"
    r"pause|stop|skip (?:to|ahead|that|this|it)|go for (?:lunch|coffee|it|a)|meet|put (?:it|that|this) "
    r"(?:there|here|on the|up|back)|have you|make (?:a|it) (?:quick|short|list|note)|agree|know|find|come|"
    r"give|read|open|close|show|switch to (?:the|my|your) (?:slide|next|screen)|keep (?:it|that|this) "
    r"(?:there|here)?$|"
    r"use (?:it|that|this|them|these|those|both)?$|(?:go with|go for) (?:it|that|this|the flow)$|move it|"
    r"move that|pick (?:it|that|this)|do$|use (?:a|the|that|this|it|my|your) (?:\w+ )?(?:pen|pens|mouse|"
    r"button to|board|whiteboard|mike|mic|microphone)|drop (?:it|that|this)$|take|make$|have (?:it|that|"
    r"this|to)$|remove (?:it|that|this)$)\b"
)
_REVERSE_ONLY = re.compile(
    _LEAD + r"(?:scrap (?:that|it)|scratch that|forget (?:that|it|about (?:that|it))|undo that|strike that|cancel "
    r"that|let us (?:not (?:do (?:that|it))?|revert (?:that|it)|undo (?:that|it)|scrap (?:that|it)|drop "
    r"(?:that|it|the idea))|"
    r"we (?:have )?changed our minds?|i take that back|never mind|let us reopen|we are not doing (?:that|it)|"
    r"let us hold off|that decision is off|not any more)\b"
)
_AGAINST = re.compile(
    r"\b(?:instead of|rather than|not|forget|drop|scrap|cancel|without|replace|no longer) (?:going with |"
    r"going for |using |use |go with |the |to |be |do )*(?P<against>.+)"
)


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
    if _REVERSE_ONLY.match(text) and len(words) <= 12:
        return act("reversal", words)
    instead = bool(
        re.search(
            r"\b(?:instead|actually|on second thoughts?|after all|change of plan|rather than|no ,|changed)\b", text
        )
    ) or text.startswith("no ")
    if _NOT_DECIDED.search(text):
        return []
    for pattern in _DECIDE:
        match = pattern.match(text)
        if match is None:
            continue
        what = _part(words, text, match.start("what"), match.end("what"))
        if _MANAGE.match(match["what"]) or not _substance(what):
            break
        return act(
            "proposal" if sentence.question else "decision",
            words,
            instead,
        )
    for pattern in _PROPOSE:
        match = pattern.match(text)
        if match is not None:
            what = _part(words, text, match.start("what"), match.end("what"))
            if (
                _MANAGE.match(match["what"])
                or not _substance(what)
                or re.match(r"(?:i|you|we do|we have|we are|it|that|see|hear|get)\b", match["what"])
            ):
                return []
            return act("proposal", what, instead)
    match = _WEAK.match(text)
    if match is not None and not sentence.question:
        what = _part(words, text, match.start("what"), match.end("what"))
        if _substance(what) and not _MANAGE.match(match["what"]):
            return act("proposal", what, instead, asks=True)
    return []


def _part(words: Sequence[Token], text: str, first: int, last: int) -> list[Token]:
    found, at = [], 0
    for token in words:
        if first <= at < last:
            found.append(token)
        at += len(token.norm) + 1
    return found


def _substance(tokens: Sequence[Token]) -> bool:
    return any(token.norm not in STOP and not token.mark for token in tokens) and len(tokens) >= 2


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
                    _take_back(found, proposal)
                    cites = [*proposal.segments, *(one for one in act.segments if one not in proposal.segments)]
                    _add(found, Decision(tuple(_tokens(proposal)), True, proposal.speaker, proposal.start, cites))
                    waiting = None
            case "refusal" | "vague":
                if waiting is not None and act.speaker != waiting[0].speaker:
                    waiting = None
            case "aside" if waiting is not None and act.speaker != waiting[0].speaker and act.says:
                if _OBJECT.match(" ".join(norm for norm, _ in act.says)):
                    waiting = None
            case _:
                pass
    return found


def _tokens(act: Act) -> list[Token]:
    return [Token(norm, text) for norm, text in act.task]


def _agrees(act: Act, proposal: Act) -> bool:
    said = " ".join(norm for norm, _ in act.says)
    if " but " in f" {said} ":
        return False
    return not proposal.asks or bool(_STRONG_YES.search(said)) or _rich(proposal)


def _rich(proposal: Act) -> bool:
    """Whether a proposal says enough for a plain "yeah" to agree to it."""
    return sum(norm not in STOP and norm.isalpha() and len(norm) > 2 for norm, _ in proposal.task) >= 3


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
    against = _AGAINST.search(text)
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
