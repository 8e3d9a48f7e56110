"""The language model's notes on one part of a transcript: what it is shown, and the check of what it says.

The model proposes, the transcript decides. What it says is made plain (sanitise.py), must cite segments of the part it
was shown, and must be carried by them (citations.py); owners are those that the embedded rules find in the cited
segments, or people who speak or are named there; dates are computed by our grammar from the words that were said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from parley.recap.artefacts import Segment, Summary, Transcript
from parley.recap.chat_completions import ChatCompletions, ModelSettings
from parley.recap.citations import Evidence
from parley.recap.ledger import Window
from parley.recap.people import People
from parley.recap.prompts import VERSION, MapAnswer, map_messages, tokens
from parley.recap.recording import Recording
from parley.recap.sanitise import NAME, TITLE, plain
from parley.recap.suspicion import steering, steers
from parley.recap.tokens import tokenize

SHARE = 0.7
"""Share of a statement's telling words that its segments must hold: a model puts things in its own words."""
MOST_CITES = 6
OVERHEAD = 900
"""Tokens of the instructions."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One checked statement of the model about a part."""

    kind: str
    text: str
    cites: tuple[str, ...]
    group: int = 0
    """Which topic of the part a line belongs to."""
    title: str = ""
    owner: str | None = None
    owner_name: str | None = None
    due_text: str = ""


class Part(msgspec.Struct, frozen=True):
    """What the ledger keeps of a window. dropped counts statements that the transcript doesn't carry."""

    notes: tuple[Note, ...]
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """What everything is checked against."""

    recording: Recording
    evidence: Evidence
    people: People
    embedded: Summary


def desk(recording: Recording, transcript: Transcript, embedded: Summary) -> Desk:
    """Everything that answers are checked against."""
    people = People.of(recording)
    return Desk(recording, Evidence(transcript.segments, people, steering(transcript.segments)), people, embedded)


def part_key(window: Window, settings: ModelSettings) -> str:
    """Under which the ledger keeps what this model said about a window."""
    made_of = f"{window.key}|{settings.endpoint}|{settings.model}|{VERSION}"
    return "model-" + hashlib.sha256(made_of.encode()).hexdigest()


async def read_window(at: Desk, window: Window, settings: ModelSettings, chat: ChatCompletions) -> Part:
    """The map step: what the model says about a window, checked. Raises LanguageModelError."""
    notes: list[Note] = []
    dropped = 0
    shown = [
        one for one in window.segments if window.first <= one.start < window.last and at.evidence.exists((one.id,))
    ]
    aliases = {who: f"S{number}" for number, who in enumerate(sorted(at.recording.people), 1)}
    for piece in _pieces(shown, settings.context):
        ids = {str(number): one.id for number, (one, _) in enumerate(piece, 1)}
        there = {aliases.get(one.participant, "S0"): at.recording.name(one.participant) for one, _ in piece}
        there |= {aliases[who]: at.recording.name(who) for who in aliases}
        entries = [
            (str(number), aliases.get(one.participant, "S0"), text) for number, (one, text) in enumerate(piece, 1)
        ]
        answer = await chat.ask(map_messages(entries, there), MapAnswer)
        made, lost = _checked(at, answer, ids, {alias: who for who, alias in aliases.items()}, len(notes))
        notes += made
        dropped += lost
    return Part(tuple(notes), dropped)


def _pieces(segments: Sequence[Segment], context: int) -> Iterator[list[tuple[Segment, str]]]:
    """The segments in parts that fit a request; a segment too long for one goes on in the next, under its own id."""
    room = max(200, context - context // 4 - OVERHEAD)
    piece: list[tuple[Segment, str]] = []
    used = 0
    for one in segments:
        for text in _chunks(plain(one.text, 1_000_000), room // 2):
            cost = tokens(text) + 20
            if piece and used + cost > room:
                yield piece
                piece, used = [], 0
            piece.append((one, text))
            used += cost
    if piece:
        yield piece


def _chunks(text: str, room: int) -> Iterator[str]:
    chunk: list[str] = []
    used = 0
    for word in text.split():
        cost = tokens(word)
        if chunk and used + cost > room:
            yield " ".join(chunk)
            chunk, used = [], 0
        chunk.append(word[: 3 * room])
        used += cost
    if chunk:
        yield " ".join(chunk)


def _checked(
    at: Desk, answer: MapAnswer, ids: dict[str, str], who: dict[str, str], base: int
) -> tuple[list[Note], int]:
    made: list[Note] = []
    asked = 0
    for group, topic in enumerate(answer.topics[:6], base + 1):
        title = plain(topic.title, TITLE)
        for claim in topic.lines[:6]:
            asked += 1
            note = _note(at, "topic", claim.text, claim.cites, ids)
            if note:
                cited = at.evidence.carries(title, note.cites, share=0.5) and not steers(title)
                made.append(msgspec.structs.replace(note, group=group, title=title if cited else ""))
    for claim in answer.decisions[:12]:
        asked += 1
        note = _note(at, "decision", claim.text, claim.cites, ids)
        made += [note] if note else []
    for action in answer.actions[:20]:
        asked += 1
        owner = who.get(action.owner or "")
        note = _note(at, "action", action.text, action.cites, ids, owner)
        if note is None:
            continue
        owner, name = _owner(at, note.cites, owner, action.owner_name)
        made.append(
            msgspec.structs.replace(
                note, owner=owner, owner_name=name, due_text=_spoken(at, note.cites, action.due_text)
            )
        )
    return made, asked - len(made)


def _note(
    at: Desk, kind: str, text: str, cites: Sequence[str], ids: dict[str, str], owner: str | None = None
) -> Note | None:
    """The statement when it is plain, cites what was shown, and is carried by it."""
    clean = plain(text)
    if len(clean.split()) < 3 or clean != " ".join(text.split()) or steers(text):
        return None
    known = tuple(dict.fromkeys(ids[one] for one in cites[:MOST_CITES] if one in ids))
    if len(known) != len(set(cites[:MOST_CITES])):
        return None
    extra = [at.people.names.get(owner, "")] if owner and _concerned(at, known, owner) else []
    if not at.evidence.carries(clean, known, extra=extra, share=SHARE):
        return None
    return Note(kind=kind, text=clean, cites=known)


def _concerned(at: Desk, cites: Sequence[str], owner: str) -> bool:
    """Whether somebody speaks or is named in these segments, or is one of only two who are there."""
    if any(at.evidence.speaker(one) == owner for one in cites if at.evidence.exists((one,))):
        return True
    if len(at.recording.people) == 2:
        return True
    return any(
        token.norm.removesuffix("'s") == f"@{owner}"
        for one in cites
        if at.evidence.exists((one,))
        for token in at.people.mark(at.evidence.tokens(one))
    )


def _owner(at: Desk, cites: Sequence[str], owner: str | None, name: str | None) -> tuple[str | None, str | None]:
    """The rules' owner where they know one; else the model's, when that person speaks or is named in what it cites."""
    for action in at.embedded.actions:
        if set(action.cites) & set(cites):
            return action.owner, action.owner_name
    if owner and _concerned(at, cites, owner):
        return owner, at.people.names.get(owner)
    called = plain(name or "", NAME)
    if called and at.evidence.carries(called, cites, share=0.99) and len(called.split()) <= 3:
        return None, called
    return None, None


def _spoken(at: Desk, cites: Sequence[str], words: str | None) -> str:
    """The words of a due date, when they were said."""
    wanted = " ".join(token.norm for token in tokenize(words or "") if not token.mark)
    for one in cites:
        said = " ".join(token.norm for token in at.evidence.tokens(one) if not token.mark)
        if wanted and f" {wanted} " in f" {said} ":
            return plain(words or "", NAME)
    return ""


# --- reduce ---
