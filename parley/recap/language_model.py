"""The summary by a language model: parts of the transcript to notes, notes to one summary, each statement checked.

The model proposes, the transcript decides. What it says is made plain (sanitise.py), must cite segments of the part it
was shown, and must be carried by them (citations.py); owners are those that the embedded rules find in the cited
segments, or people who speak or are named there; dates are computed by our grammar from the words that were said.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from parley.recap.artefacts import Action, Line, Segment, Summary, Topic, Transcript
from parley.recap.chat_completions import ChatCompletions, LanguageModelError, ModelSettings
from parley.recap.citations import Evidence, Ids
from parley.recap.dates import find_due
from parley.recap.embedded import local
from parley.recap.ledger import Ledger, Window, windows
from parley.recap.people import People
from parley.recap.prompts import VERSION, MapAnswer, ReduceAnswer, map_messages, reduce_messages, tokens
from parley.recap.recording import Recording
from parley.recap.sanitise import NAME, TITLE, plain
from parley.recap.suspicion import steering, steers
from parley.recap.tokens import tokenize

SHARE = 0.7
"""Share of a statement's telling words that its segments must hold: a model puts things in its own words."""
_MOST_CITES = 6
_OVERHEAD = 900
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
    room = max(200, context - context // 4 - _OVERHEAD)
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
    known = tuple(dict.fromkeys(ids[one] for one in cites[:_MOST_CITES] if one in ids))
    if len(known) != len(set(cites[:_MOST_CITES])):
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


async def summarise(
    at: Desk, transcript: Transcript, settings: ModelSettings, chat: ChatCompletions, ledger: Ledger | None
) -> Summary:
    """The whole summary; windows that the ledger has aren't asked for again. Raises LanguageModelError."""

    async def part(window: Window) -> Part:
        key = part_key(window, settings)
        known = ledger.get(key, Part) if ledger else None
        if known is None:
            known = await read_window(at, window, settings, chat)
            if ledger and window.settled:
                ledger.append(key, known)
        return known

    tasks = [asyncio.ensure_future(part(window)) for window in windows(at.recording, transcript)]
    try:
        parts = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # A ledger's file is no more trusted than the model: its notes are checked again.
    notes = [note for one in parts for note in one.notes if _stands(at, note)]
    dropped = sum(one.dropped for one in parts)
    if not notes:
        raise LanguageModelError("The language model's answers aren't carried by the transcript.")
    answers = [
        (first, await chat.ask(reduce_messages(entries), ReduceAnswer))
        for first, entries in _batches(notes, settings.context)
    ]
    return _composed(at, notes, answers, settings, dropped)


def _stands(at: Desk, note: Note) -> bool:
    extra = [at.people.names.get(note.owner, "")] if note.owner else []
    return plain(note.text) == note.text and at.evidence.carries(note.text, note.cites, extra=extra, share=SHARE)


def _batches(notes: Sequence[Note], context: int) -> Iterator[tuple[int, list[tuple[str, str, str]]]]:
    room = max(300, context - context // 4 - _OVERHEAD)
    batch: list[tuple[str, str, str]] = []
    first = used = 0
    for number, note in enumerate(notes):
        cost = tokens(note.text) + 24
        if batch and used + cost > room:
            yield first, batch
            first, batch, used = number, [], 0
        batch.append((str(number), note.kind, note.text))
        used += cost
    if batch:
        yield first, batch


def _composed(
    at: Desk, notes: Sequence[Note], answers: Sequence[tuple[int, ReduceAnswer]], settings: ModelSettings, dropped: int
) -> Summary:
    ids = Ids()
    by_id = {str(number): note for number, note in enumerate(notes)}
    overview: list[Line] = []
    for _, answer in answers:
        for claim in answer.overview[:8]:
            line = _summed(at, claim.text, [by_id[one] for one in claim.cites if one in by_id], ids)
            if line is None:
                dropped += 1
            else:
                overview.append(line)
    standing = {
        kind: [one for _, answer in answers for one in getattr(answer, kind)] for kind in ("decisions", "actions")
    }
    decisions = [
        Line(id=ids.give("decision", note.cites), text=note.text, cites=note.cites, at=at.evidence.at(note.cites))
        for note in _chosen(standing["decisions"], by_id, "decision")
    ]
    actions = [_action(at, note, ids) for note in _chosen(standing["actions"], by_id, "action")]
    remarks = []
    if dropped:
        remarks.append(f"{dropped} statements of the language model were left out: the transcript doesn't carry them.")
    if not overview:
        overview = list(at.embedded.overview)
        remarks.append("The overview was written by the embedded engine.")
    return Summary(
        engine=plain(f"language model {settings.model}", TITLE),
        notes=tuple(remarks),
        overview=tuple(overview),
        topics=_topics(at, by_id, answers, ids),
        decisions=tuple(sorted(decisions, key=lambda one: (one.at, one.id))),
        actions=tuple(sorted(actions, key=lambda one: (one.at, one.id))),
    )


def _chosen(wanted: Sequence[str], by_id: dict[str, Note], kind: str) -> list[Note]:
    return [by_id[one] for one in dict.fromkeys(wanted) if one in by_id and by_id[one].kind == kind]


def _summed(at: Desk, text: str, notes: Sequence[Note], ids: Ids) -> Line | None:
    """A sentence of the overview, when the segments behind its notes carry it."""
    clean = plain(text)
    cites = tuple(dict.fromkeys(one for note in notes for one in note.cites))[: 3 * _MOST_CITES]
    owners = [at.people.names.get(note.owner, "") for note in notes if note.owner]
    if clean != " ".join(text.split()) or steers(text) or len(clean.split()) < 3:
        return None
    if not at.evidence.carries(clean, cites, extra=owners, share=SHARE):
        return None
    return Line(id=ids.give("overview", cites), text=clean, cites=cites, at=at.evidence.at(cites))


def _action(at: Desk, note: Note, ids: Ids) -> Action:
    due = None
    for one in note.cites if note.due_text else ():
        speaker = at.evidence.speaker(one)
        start = at.evidence.at((one,))
        due = find_due(tokenize(note.due_text), local(at.recording, speaker, start))
        if due is not None:
            break
    return Action(
        id=ids.give("action", note.cites),
        text=note.text,
        cites=note.cites,
        at=at.evidence.at(note.cites),
        owner=note.owner,
        owner_name=note.owner_name,
        due=due.date if due else None,
        due_text=note.due_text if due else "",
    )


def _topics(
    at: Desk, by_id: dict[str, Note], answers: Sequence[tuple[int, ReduceAnswer]], ids: Ids
) -> tuple[Topic, ...]:
    used: set[str] = set()
    found: list[tuple[float, str, list[Note]]] = []
    for _, answer in answers:
        for group in answer.topics[:12]:
            keys = [
                one
                for one in dict.fromkeys(group.notes)
                if one not in used and one in by_id and by_id[one].kind == "topic"
            ]
            if not keys:
                continue
            used.update(keys)
            notes = [by_id[one] for one in keys]
            cites = tuple(dict.fromkeys(one for note in notes for one in note.cites))
            title = plain(group.title, TITLE)
            if not title or steers(title) or not at.evidence.carries(title, cites, share=0.5):
                title = next((note.title for note in notes if note.title), "")
            found.append((at.evidence.at(cites), title or "Discussion", notes))
    found.sort(key=lambda one: one[0])
    topics: list[Topic] = []
    for number, (start, title, notes) in enumerate(found):
        lines = tuple(
            Line(id=ids.give("line", note.cites), text=note.text, cites=note.cites, at=at.evidence.at(note.cites))
            for note in notes
        )
        end = found[number + 1][0] if number + 1 < len(found) else at.recording.duration
        topics.append(
            Topic(id=ids.give("topic", notes[0].cites), title=title, start=start, end=max(start, end), lines=lines)
        )
    return tuple(topics)


def fallen_back(summary: Summary, error: LanguageModelError) -> Summary:
    """The embedded engine's summary, saying why it is not the model's."""
    note = f"{error} This summary was written by the embedded engine."
    return msgspec.structs.replace(summary, notes=(*summary.notes, note))


__all__ = ["Desk", "desk", "fallen_back", "part_key", "read_window", "summarise"]
