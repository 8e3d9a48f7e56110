"""The embedded engine of the summary: rules and statistics, no model, the same bytes from the same transcript.

It works in two steps, so that most of it can be done while the meeting runs. The map step reads one window of the
transcript and keeps its sentences with the acts in them (a Gist); it knows nothing outside its window and the seconds
around it. The reduce step plays the gists of the whole meeting: conversation, topics, lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from parley.recap import actions, decisions
from parley.recap.action_items import Item
from parley.recap.acts import Act
from parley.recap.artefacts import Action, Line, Segment, Summary
from parley.recap.citations import Evidence, Ids
from parley.recap.keyphrases import Spoken
from parley.recap.notes import clean, sentence, told
from parley.recap.overview import Outline, compose
from parley.recap.people import People
from parley.recap.reading import read
from parley.recap.recording import Recording
from parley.recap.tokens import Token
from parley.recap.utterances import Utterance, utterances
from parley.recap.verbs import base_form, is_verb
from parley.recap.worth import worth

_L = TypeVar("_L", bound=Line)
ENGINE = "embedded"
WINDOW = 180.0
"""Seconds of the meeting that one map step covers."""
MARGIN = 40.0
"""Seconds around a window that the map step also reads, so that no sentence is cut at its border."""


class Said(msgspec.Struct, frozen=True):
    """One sentence in a gist."""

    speaker: str
    segments: tuple[str, ...]
    start: float
    end: float
    question: bool
    tokens: tuple[tuple[str, str], ...]


class Gist(msgspec.Struct, frozen=True):
    """What the map step keeps of one window."""

    said: tuple[Said, ...]
    acts: tuple[Act, ...]


def zone_of(recording: Recording, participant: str) -> ZoneInfo:
    """The zone that a person chose, else the meeting's, else UTC."""
    person = recording.people.get(participant)
    for name in (person.zone if person else "", recording.head.zone):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def local(recording: Recording, participant: str, at: float) -> datetime:
    """The moment `at` seconds into the meeting as that person's clock and calendar show it."""
    return (recording.head.started_at + timedelta(seconds=at)).astimezone(zone_of(recording, participant))


def gist(recording: Recording, segments: Iterable[Segment], first: float, last: float) -> Gist:
    """The map step: what was said from first up to last, read from segments that reach MARGIN beyond both."""
    people = People.of(recording)
    said: list[Said] = []
    acts: list[Act] = []
    for number, one in enumerate(utterances(segments, people)):
        if not first <= one.start < last:
            continue
        said.append(_said(one))
        found = read(one, number, people, local(recording, one.speaker, one.start))
        acts += found
        acts += decisions.read_decision(one, number)
    return Gist(tuple(said), tuple(acts))


def _said(one: Utterance) -> Said:
    return Said(
        one.speaker,
        one.segments,
        round(one.start, 3),
        round(one.end, 3),
        one.question,
        tuple((token.norm, token.text) for token in one.tokens),
    )


def reduce(recording: Recording, gists: Sequence[Gist], evidence: Evidence) -> Summary:
    """The reduce step. Every item is checked against the segments that it cites; what they don't carry is left out."""
    acts = [act for one in gists for act in one.acts]
    sentences = [
        Spoken(
            one.speaker, one.segments, one.start, one.end, tuple(Token(*token) for token in one.tokens), one.question
        )
        for each in gists
        for one in each.said
    ]
    people = People.of(recording)
    items = actions.follow(acts, lambda at: present(recording, at))
    settled = decisions.settle(acts)
    notes: list[str] = []
    made = [_action(item, people, evidence) for item in items]
    notes += sorted({item.reading for item in items if item.reading})
    ids = Ids()
    settled_lines = _numbered("decision", (_decision(one, people, evidence) for one in settled), ids)
    outline: Outline = compose(recording, sentences, settled_lines, evidence, ids)
    return Summary(
        engine=ENGINE,
        notes=tuple(f"Due date: {note}." for note in notes),
        overview=outline.overview,
        topics=outline.topics,
        decisions=settled_lines,
        actions=_numbered("action", made, ids),
    )


def _numbered(kind: str, lines: Iterable[_L | None], ids: Ids) -> tuple[_L, ...]:
    """The lines that stand, in the order of the meeting, each text once, with their ids."""
    kept: dict[tuple[str, str], _L] = {}
    for line in sorted((one for one in lines if one is not None), key=lambda one: (one.at, one.text)):
        kept.setdefault((line.text, str(getattr(line, "due", None))), line)
    return tuple(msgspec.structs.replace(one, id=ids.give(kind, one.cites)) for one in kept.values())


def present(recording: Recording, at: float) -> list[str]:
    """Who was in the meeting at a second; everyone when the timeline doesn't say."""
    there = [
        person.id
        for person in recording.people.values()
        if any(span.start <= at + 1 and at - 1 <= span.end for span in person.present)
    ]
    return there or list(recording.people)


def _action(item: Item, people: People, evidence: Evidence) -> Action | None:
    if not worth(item):
        return None
    name = people.names.get(item.owner, item.owner_name) if item.owner else item.owner_name
    speaker = people.names.get(item.raised_by, "Someone")
    you = people.names.get(item.you) if item.you else None
    owner_speaks = item.owner is not None and item.owner == item.raised_by
    task = clean(item.task, whole=False)
    if item.owner is not None and item.you == item.owner:
        task = [Token("your", "their") if token.norm == "your" else token for token in task]
    if owner_speaks or you or not any(token.norm in ("you", "your") for token in task):
        task = told(task, speaker, you if you != name else None, owner_speaks)
    else:
        task = told(task, speaker, None, owner_speaks)
    task = _short(task)
    if not task:
        return None
    passive = item.need and not item.owner and not item.owner_name
    if passive or name is None:
        text = sentence(task)
    else:
        first = base_form(task[0].norm)
        task = task[1:] if first == "be" and len(task) > 1 and task[1].norm.endswith("ing") else task
        first = base_form(task[0].norm)
        verb = Token(first, first)
        text = sentence([Token(name, name), Token("will", "will"), verb, *task[1:]])
    if item.context:
        about = sentence(told(clean(item.context), speaker, None, False), limit=24)
        text = f"{text.rstrip('.')}: {about[:1].lower()}{about[1:]}" if about else text
    cites = tuple(item.cites)
    if not evidence.carries(text, cites, extra=(name or "", speaker, you or "")):
        return None
    return Action(
        id="",
        text=text,
        cites=cites,
        at=evidence.at(cites),
        owner=item.owner,
        owner_name=name,
        due=item.due,
        due_text=item.due_text,
    )


def _short(task: list[Token]) -> list[Token]:
    """A long task up to where it begins to explain itself."""
    if len(task) <= 14:
        return task
    for at, token in enumerate(task[5:], 5):
        if token.norm in (",", "so", "because", "but", "which", "if", "when", "since") and len(task) - at > 2:
            return task[:at]
    return task


_PRESENT = frozenset({"use", "add", "skip", "include", "choose", "leave", "go", "drop", "keep", "remove", "put"})
"""Verbs that settle in the present tense: "so we use rubber" is about what will be."""
_SHORTEST = 4
"""Words that a decision keeps when its reasons are cut off."""
_MODAL = frozenset({"will", "is", "are", "should", "must"})


def _decision(one: decisions.Decision, people: People, evidence: Evidence) -> Line | None:
    words = clean(one.tokens)
    speaker = people.names.get(one.speaker, "Someone")
    norms = [token.norm for token in words]
    while norms[:1] in (["so"], ["okay"], ["agreed"], [","]):
        words, norms = words[1:], norms[1:]
    while norms[1:2] and norms[0] == "we" and norms[1] in ("just", "all", "only", "also"):
        words, norms = [words[0], *words[2:]], [norms[0], *norms[2:]]
    if norms[:2] == ["let", "us"] or (norms[:1] == ["we"] and norms[1:2] and norms[1] in _PRESENT):
        words = words if norms[0] == "let" else [words[0], *words]
        words = [Token("we", "we"), Token("will", "will"), *words[2:]]
    elif one.proposal and norms[:1] in (["the"], ["our"], ["it"], ["this"], ["that"]) and set(norms[:8]) & _MODAL:
        pass  # a sentence as it is: "the case will be yellow"
    elif one.proposal:
        first = base_form(norms[0]) if norms else ""
        if norms[:1] == ["we"] or norms[:1] == ["that"]:
            words = words[1:] if norms[0] == "that" else words
        elif norms and is_verb(norms[0]):
            words = [Token("we", "we"), Token("will", "will"), Token(first, first), *words[1:]]
        else:
            words = [Token("agreed", "agreed"), Token("on", "on"), *words]
    reason = next((at for at, token in enumerate(words) if token.norm == "because" and at > _SHORTEST), len(words))
    text = sentence(told(words[:reason], speaker, None, False))
    text = text.replace("The team have ", "The team has ").replace(" the team have ", " the team has ")
    cites = tuple(one.cites)
    if not text or not evidence.carries(text, cites, extra=(speaker,)):
        return None
    return Line(id="", text=text, cites=cites, at=evidence.at(cites))
