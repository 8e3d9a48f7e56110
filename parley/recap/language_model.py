"""The summary by a language model: notes on the parts of the transcript (model_notes.py) put together to one summary.

Whatever the model makes of its notes, each statement must stand on one of them, and so on the transcript.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec

from parley.recap.artefacts import Action, Line, Summary, Topic, Transcript
from parley.recap.chat_completions import ChatCompletions, LanguageModelError, ModelSettings
from parley.recap.citations import Ids
from parley.recap.dates import find_due
from parley.recap.embedded import local
from parley.recap.ledger import Ledger, Window, windows
from parley.recap.model_notes import MOST_CITES, OVERHEAD, SHARE, Desk, Note, Part, part_key, read_window
from parley.recap.prompts import ReduceAnswer, reduce_messages, tokens
from parley.recap.sanitise import TITLE, plain
from parley.recap.suspicion import steers
from parley.recap.tokens import tokenize


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
    room = max(300, context - context // 4 - OVERHEAD)
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
    cites = tuple(dict.fromkeys(one for note in notes for one in note.cites))[: 3 * MOST_CITES]
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


__all__ = ["fallen_back", "summarise"]
