"""The stages of a recap, in the order in which people should get them.

A stage is added here; the runner, the command `parley recap` and the jobs know no other list. Most of a stage's work
may have been done while the meeting ran (live.py, summary.note_ahead): what is in the journals isn't done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from parley.recap import moments, playable, summary
from parley.recap.ahead import Ahead
from parley.recap.artefacts import Film, Gestures, Highlights, PlayableTracks, Summary, Transcript, VoiceActivity
from parley.recap.engines import Engines, choose
from parley.recap.film import films
from parley.recap.gestures import models as hand_models
from parley.recap.gestures.watch import Watcher
from parley.recap.journal import Journal
from parley.recap.ledger import Ledger
from parley.recap.live import LiveTranscriber
from parley.recap.recogniser import SpeechSettings
from parley.recap.recording import Recording
from parley.recap.stages import Context, Graph, RecapStoppedError, Stage, StageError
from parley.recap.summary import SummarySettings
from parley.recap.transcript import voice_activity
from parley.store import recording as stored

LEDGER = "ledger.jsonl"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecapSettings:
    """What an operator may set about recaps. choose, watch: how recognisers are chosen, and what looks for hands, for
    tests with their own.

    ahead: what was done of this one recap while its meeting ran.
    """

    speech: SpeechSettings = field(default_factory=SpeechSettings)
    summary: SummarySettings = field(default_factory=SummarySettings)
    choose: Callable[[SpeechSettings], Engines] = choose
    watch: Callable[[], Watcher] = Watcher
    ahead: Ahead | None = field(default=None, compare=False)


def ledger_of(directory: Path) -> Ledger:
    """The ledger of the recording in a directory."""
    return Ledger(directory / stored.RECAP / LEDGER)


def _settings(context: Context) -> RecapSettings:
    settings = context.settings
    return settings if isinstance(settings, RecapSettings) else RecapSettings()


def _transcript(context: Context) -> Transcript:
    settings, recording = _settings(context), context.recording
    live = settings.ahead.take_live() if settings.ahead is not None else None
    waited_for = settings.ahead is not None  # right after a meeting people wait; by hand, or again, they want the best
    if live is None:
        live = LiveTranscriber(recording.directory, settings.choose(settings.speech), settings.speech)
    spoken = max(0.1, recording.duration)
    for update in live.finish(recording, hurry=waited_for):
        reached = max((one.end for one in update.segments), default=0.0)
        context.advance(min(0.99, reached / spoken))
    if live.journal.failure:
        raise StageError(f"The transcript can't be written: {live.journal.failure}", retriable=True)
    return live.transcript()


def _voice(context: Context) -> VoiceActivity:
    return voice_activity(Journal(context.recording.directory))


def _summary(context: Context) -> Summary:
    ledger = ledger_of(context.recording.directory)
    made = summary.summarise(
        context.recording, context.get("transcript", Transcript), _settings(context).summary, ledger
    )
    return asyncio.run(made)


def _gestures(context: Context) -> Gestures:
    settings = _settings(context)
    watcher = settings.ahead.take_watcher() if settings.ahead is not None else None
    try:
        watcher = watcher or settings.watch()
    except hand_models.ModelsMissingError as error:
        raise StageError(str(error)) from error
    return watcher.finish(context.recording, context.advance, hurry=settings.ahead is not None)


def _highlights(context: Context) -> Highlights:
    return moments.find_highlights(
        context.recording,
        context.get("transcript", Transcript),
        context.find("summary", Summary),
        context.find("gestures", Gestures),
    )


def _reel(context: Context) -> Film:
    highlights, said = context.get("highlights", Highlights), context.get("transcript", Transcript)
    return _rendered(
        lambda progress: films.render_reel(context.recording, highlights, said, context.directory, progress), context
    )


def _rendered(render: Callable[[Callable[[float], None]], Film], context: Context) -> Film:
    try:
        return render(context.advance)
    except films.FilmError as error:
        raise StageError(str(error), retriable=True) from error
    except films.FilmStopped as stop:
        raise RecapStoppedError from stop


def _tracks(context: Context) -> PlayableTracks:
    ahead = _settings(context).ahead
    return playable.make(context, ahead.take_tracks() if ahead is not None else None)


def _film_files(film: Film) -> tuple[str, ...]:
    return (film.file, film.poster)


def _without_recap(recording: Recording) -> str:
    return "" if recording.head.recap else "This meeting was recorded without a recap."


def without_gestures(recording: Recording) -> str:
    """Why no hands are looked for in a recording, or ""."""
    if not recording.head.gestures:
        return "Nobody asked to look for gestures."
    return _without_recap(recording)


def _speech(settings: RecapSettings | None) -> object:
    return None if settings is None else [settings.speech.engine, settings.speech.model]


def _model(settings: RecapSettings | None) -> object:
    model = settings.summary.model if settings is not None else None
    return None if model is None else [model.endpoint, model.model]


STAGES = Graph.of(
    (
        Stage(
            name="transcript",
            version=1,
            artefact=Transcript,
            make=_transcript,
            settings=_speech,
            unwanted=_without_recap,
        ),
        Stage(name="voice", version=1, artefact=VoiceActivity, make=_voice, needs=("transcript",)),
        Stage(
            name="summary",
            version=summary.VERSION,
            artefact=Summary,
            make=_summary,
            needs=("transcript",),
            settings=_model,
        ),
        Stage(name="gestures", version=1, artefact=Gestures, make=_gestures, unwanted=without_gestures),
        Stage(
            name="highlights", version=1, artefact=Highlights, make=_highlights, needs=("transcript",),
            uses=("summary", "gestures"),
        ),
        Stage(
            name="reel", version=1, artefact=Film, make=_reel, needs=("highlights", "transcript"), files=_film_files,
        ),
        Stage(
            name="tracks", version=playable.VERSION, artefact=PlayableTracks, make=_tracks, files=playable.files,
        ),
    )
)  # fmt: skip


# --- what is made when somebody asks for it --------------------------------------------------------------------------


def _meeting(context: Context) -> Film:
    said, notes = context.find("transcript", Transcript), context.find("summary", Summary)
    return _rendered(
        lambda progress: films.render_meeting(context.recording, said, context.directory, notes, progress), context
    )


FILM = Graph.of(
    (
        *STAGES.only("summary").stages.values(),
        Stage(
            name="film", version=1, artefact=Film, make=_meeting, uses=("transcript", "summary"), files=_film_files,
        ),
    )
)  # fmt: skip
"""The stages behind the whole meeting as one film."""
