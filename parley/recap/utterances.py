"""What was said, as sentences and clauses that know who said them, when, and in which segments of the transcript.

A recogniser cuts where it must, so a sentence may run over two segments of one person, and a draft has no marks at all:
it is cut at pauses, and inside a segment where a new clause with its own subject begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parley.recap.artefacts import Segment
from parley.recap.people import People
from parley.recap.tokens import ENDS, Token, sentences, tokenize
from parley.recap.vocabulary import FILLERS, TASK_VERBS
from parley.recap.wordlists import word_set

_JOIN_SECONDS = 2.5
_SUBJECTS = word_set("i you we he she they it somebody someone everyone everybody nobody let please who ")
_MODALS = word_set(
    "will can could would should shall must may might am are is have has need needs do does did going want'll us "
    "me just also then please really "
)
_JOINS = word_set("and but so then okay well yeah yes sure no right alright also because anyway now ")
_CONTINUES = word_set("by before until till on tomorrow today tonight next end and or to with for in at ")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence. segments are the ids of those that carry it; question says that it ends with a question mark."""

    speaker: str
    segments: tuple[str, ...]
    start: float
    end: float
    tokens: tuple[Token, ...]

    @property
    def question(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].norm == "?"

    @property
    def words(self) -> list[str]:
        return [token.norm for token in self.tokens if not token.mark]


def utterances(segments: Iterable[Segment], people: People) -> list[Utterance]:
    """The sentences of a transcript in the order in which they began; names are marked (see people.py)."""
    found: list[Utterance] = []
    waiting: dict[str, Utterance] = {}
    for segment in sorted(segments, key=lambda one: (one.start, one.end, one.id)):
        if segment.state != "text" or not segment.text.strip():
            continue
        tokens = tokenize(segment.text)
        if not tokens:
            continue
        parts = sentences(tokens)
        open_end = waiting.pop(segment.participant, None)
        length = max(segment.end - segment.start, 0.0)
        total = sum(len(part) for part in parts) or 1
        spent = 0
        for number, part in enumerate(parts):
            start = segment.start + length * spent / total
            spent += len(part)
            end = segment.start + length * spent / total
            sentence = Utterance(segment.participant, (segment.id,), start, end, tuple(part))
            if number == 0 and open_end is not None and _goes_on(open_end, sentence):
                sentence = Utterance(
                    segment.participant, open_end.segments + sentence.segments, open_end.start, end,
                    open_end.tokens + sentence.tokens,
                )  # fmt: skip
                if found and open_end in found[-12:]:
                    found.remove(open_end)
            found.append(sentence)
        if parts and found[-1].tokens[-1].norm not in ENDS:
            waiting[segment.participant] = found[-1]
    found.sort(key=lambda one: (one.start, one.end, one.segments))
    return [
        Utterance(one.speaker, one.segments, one.start, one.end, tuple(people.mark(part)))
        for one in found
        for part in _unmarked(one.tokens)
    ]


def _goes_on(former: Utterance, sentence: Utterance) -> bool:
    """Whether a sentence that was left open goes on in the next segment of the same person."""
    if sentence.start - former.end > _JOIN_SECONDS or len(former.tokens) > 60:
        return False
    first = sentence.tokens[0]
    capitals = any(token.text[:1].isupper() for token in former.tokens[1:] + sentence.tokens) or any(
        token.norm in ENDS for token in sentence.tokens
    )
    if capitals:
        return first.text[:1].islower() or first.norm in _CONTINUES
    return first.norm in _CONTINUES or former.tokens[-1].norm in ("and", "to", "the", "a", "by", "will", "of", "for")


def _unmarked(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """A long stretch without marks, cut where a new clause begins; anything else as it is."""
    if len(tokens) < 14 or any(token.mark for token in tokens[:-1]):
        return [tuple(tokens)]
    parts: list[list[Token]] = [[]]
    conditional = False
    for at, token in enumerate(tokens):
        conditional = conditional or token.norm in ("if", "unless", "suppose")
        if len(parts[-1]) >= 4 and _clause_begins(tokens, at) and not (conditional and token.norm == "then"):
            parts.append([])
            conditional = False
        parts[-1].append(token)
    return [tuple(part) for part in parts if part]


def _clause_begins(tokens: Sequence[Token], at: int) -> bool:
    words = [token.norm for token in tokens[at : at + 4]]
    if words[0] not in _JOINS and words[0] not in FILLERS:
        return False
    rest = [word for word in words[1:] if word not in _JOINS and word not in FILLERS]
    if words[0] in ("yes", "yeah", "sure", "okay", "no") and at and tokens[at - 1].norm not in ("is", "was", "that's"):
        return True
    return len(rest) >= 2 and rest[0] in _SUBJECTS and (rest[1] in _MODALS or rest[0] in ("please", "let"))


def clauses(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """The clauses of a sentence that have a subject of their own: "I'll book it, and Ben will send the agenda"."""
    parts: list[list[Token]] = [[]]
    for at, token in enumerate(tokens):
        if any(not one.mark for one in parts[-1]) and _own_subject(tokens, at):
            parts.append([])
        parts[-1].append(token)
    return [tuple(part) for part in parts if any(not token.mark for token in part)]


def _name_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether all that stands before is a name or "I": "Ann and Ben will" is one subject."""
    before = [token.norm for token in tokens[:at] if not token.mark]
    return (
        bool(before)
        and tokens[at].norm == "and"
        and (before[-1][:1] == "@" or before[-1] in ("i", "me"))
        and all(word[:1] == "@" or word in _BEFORE_PAIRS for word in before)
    )


_BEFORE_PAIRS = word_set("i me and so okay then both well now right yes yeah sure alright ")


def _own_subject(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].norm
    if word == ";":
        return True
    joined = word in ("and", "but", "so", "then", "while", "or", "because", ",")
    if not joined or tokens[at - 1].norm in ("and", "but", ","):
        return False
    start = at + 1
    while start < len(tokens) and tokens[start].norm in (
        "and",
        "but",
        "so",
        "then",
        "also",
        ",",
        "while",
        "anyway",
        "okay",
        "please",
    ):
        start += 1
    if start + 1 >= len(tokens) or (word in ("and", ",", "or") and at and _name_before(tokens, at)):
        return False
    if tokens[start].norm in ("if", "unless") and word != ",":
        return True
    subject, verb = tokens[start].norm, tokens[start + 1].norm
    asked = subject in ("can", "could", "will", "would") and verb == "you" and word != "or"
    if asked and start + 2 < len(tokens) and not tokens[start + 2].mark:
        return True
    if subject == "you" and verb in TASK_VERBS and word in ("so", "and", "then", ","):
        return True
    person = subject.startswith("@") and not subject.endswith("'s")
    return (subject in _SUBJECTS or person) and (verb in _MODALS or (subject == "let" and verb in ("us", "me")))
