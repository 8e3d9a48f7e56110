"""The summary stage: (Recording, Transcript, settings) → Summary, by the configured language model or embedded rules.

While the meeting runs, note_ahead() reads every few minutes of talk into the ledger; summarise() then reads only what
is new and puts everything together. With or without a ledger the embedded engine gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from parley.recap import language_model, model_notes
from parley.recap.artefacts import Line, Summary, Topic, Transcript
from parley.recap.chat_completions import ChatCompletions, LanguageModelError, ModelSettings
from parley.recap.citations import Evidence
from parley.recap.embedded import MARGIN, Gist, gist, reduce
from parley.recap.ledger import Ledger, windows
from parley.recap.model_notes import Part
from parley.recap.people import People
from parley.recap.recording import Recording
from parley.recap.sanitise import NAME, TITLE, plain

VERSION = 2
"""Of the stage: artefacts of another version are made again."""


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """model is None without a language model."""

    model: ModelSettings | None = None


async def summarise(
    recording: Recording, transcript: Transcript, settings: SummarySettings, ledger: Ledger | None = None
) -> Summary:
    """What the meeting comes to. Where a language model fails, the embedded engine takes over and the notes say so."""
    base = embedded(recording, transcript, ledger)
    if settings.model is None or not base.overview:
        return base
    at = model_notes.desk(recording, transcript, base)
    try:
        async with ChatCompletions(settings.model) as chat:
            made = await language_model.summarise(at, transcript, settings.model, chat, ledger)
    except LanguageModelError as error:
        return language_model.fallen_back(base, error)
    return _plain(made)


async def note_ahead(
    recording: Recording, transcript: Transcript, settings: SummarySettings, ledger: Ledger, until: float
) -> int:
    """Read what is settled into the ledger; how many windows were read.

    Settled is a window all of whose segments are confirmed and that lies, with its margin, before `until`: the second
    up to which the transcript is complete. A language model that fails now is asked again at the end.
    """
    read = 0
    ready = [one for one in windows(recording, transcript) if one.settled and one.last + MARGIN <= until]
    for window in ready:
        if window.key not in ledger:
            ledger.append(window.key, gist(recording, window.segments, window.first, window.last))
            read += 1
    if settings.model is None:
        return read
    missing = [one for one in ready if model_notes.part_key(one, settings.model) not in ledger]
    if not missing:
        return read
    at = model_notes.desk(recording, transcript, embedded(recording, transcript, ledger))
    try:
        async with ChatCompletions(settings.model) as chat:
            for window in missing:
                part: Part = await model_notes.read_window(at, window, settings.model, chat)
                ledger.append(model_notes.part_key(window, settings.model), part)
                read += 1
    except LanguageModelError:
        pass
    return read


def embedded(recording: Recording, transcript: Transcript, ledger: Ledger | None = None) -> Summary:
    """The summary by the embedded engine; the same with a ledger, which has read ahead, as without."""
    gists: list[Gist] = []
    for window in windows(recording, transcript):
        known = ledger.get(window.key, Gist) if ledger else None
        gists.append(known or gist(recording, window.segments, window.first, window.last))
    return _plain(reduce(recording, gists, Evidence(transcript.segments, People.of(recording))))


def _plain(summary: Summary) -> Summary:
    """Without anything that a page or a file could take for more than text."""

    def line(one: Line) -> Line:
        return msgspec.structs.replace(one, text=plain(one.text))

    def topic(one: Topic) -> Topic:
        return msgspec.structs.replace(
            one, title=plain(one.title, TITLE), lines=tuple(line(each) for each in one.lines)
        )

    return msgspec.structs.replace(
        summary,
        overview=tuple(line(one) for one in summary.overview),
        topics=tuple(topic(one) for one in summary.topics),
        decisions=tuple(line(one) for one in summary.decisions),
        actions=tuple(
            msgspec.structs.replace(
                one, text=plain(one.text), owner_name=plain(one.owner_name, NAME) if one.owner_name else one.owner_name
            )
            for one in summary.actions
        ),
    )
