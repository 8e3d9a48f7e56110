"""Makes what the API tells of a recap: artefacts as the stages left them, with what members changed since.

Pure functions; what isn't there yet is left out, so a recap that is being made is told in the same way as a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from parley.conversations import recaps as known
from parley.conversations.recaps import Edit, Value
from parley.recap import artefacts as made
from parley.recap.recording import Recording
from parley.signaling.recaps.on_demand import OnDemand
from parley.signaling.recaps.orders import FILM
from parley.signaling.schema import recaps as told
from parley.store import recording as stored

STAGES = ("voice", "transcript", "summary", "gestures", "highlights", "reel", "tracks")
"""Every recap's stages, in the order in which they are shown; a composed film is one more, once somebody wants it."""


@dataclass(frozen=True, slots=True)
class Artefacts:
    """What there is of a recap; None for what isn't there yet. recording is None before anything was published."""

    recording: Recording | None = None
    voice: made.VoiceActivity | None = None
    transcript: made.Transcript | None = None
    summary: made.Summary | None = None
    gestures: made.Gestures | None = None
    highlights: made.Highlights | None = None
    reel: made.Film | None = None
    film: made.Film | None = None
    tracks: made.PlayableTracks | None = None


class Edits:
    """The changes that count: the last one of each field of each item."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._values: dict[tuple[str, str], Value] = {(one.item, one.field): one.value for one in edits}
        self._changed = {one.item for one in edits if one.field != told.EditField.DONE}

    def get(self, item: str, field: told.EditField, value: Value) -> Value:
        """A field as it is now, when the stage made it `value`."""
        return self._values.get((item, field), value)

    def text(self, item: str, text: str) -> str:
        """An item's text as it is now."""
        value = self.get(item, told.EditField.TEXT, text)
        return value if isinstance(value, str) else text

    def optional(self, item: str, field: told.EditField, value: str | None) -> str | None:
        """A field that may be empty."""
        now = self.get(item, field, value)
        return now if now is None or isinstance(now, str) else value

    def gone(self, item: str) -> bool:
        """Whether somebody took the item out."""
        return self.get(item, told.EditField.DELETED, False) is True

    def edited(self, item: str) -> bool:
        """Whether somebody changed more than its checkbox."""
        return item in self._changed


def recap_view(
    recap: known.Recap, artefacts: Artefacts, edits: list[Edit], kept_until: datetime, on_demand: OnDemand
) -> told.Recap:
    """A recap as the API tells it."""
    changes = Edits(edits)
    recording, summary, transcript = artefacts.recording, artefacts.summary, artefacts.transcript
    names = {} if recording is None else {key: person.name for key, person in recording.people.items()}
    return told.Recap(
        recap_id=recap.recording.recording_id,
        conversation_id=recap.conversation_id,
        meeting_id=recap.recording.meeting_id,
        title=recap.title,
        started_at=recap.recording.started_at.timestamp(),
        duration=0.0 if recording is None else recording.duration,
        state=state_of(recap),
        stages=_stages(recap, on_demand),
        people=_people(recording, artefacts.voice),
        draft=transcript is not None and transcript.draft,
        engines=_engines(artefacts),
        notes=[] if summary is None else list(summary.notes),
        overview=[] if summary is None else _lines(summary.overview, changes),
        topics=[] if summary is None else [_topic(topic, changes) for topic in summary.topics],
        decisions=[] if summary is None else _lines(summary.decisions, changes),
        actions=[] if summary is None else _actions(summary.actions, changes, names),
        moments=[] if artefacts.highlights is None else _moments(artefacts.highlights, on_demand),
        reel=_film(artefacts.reel),
        film=_film(artefacts.film),
        tracks=[] if artefacts.tracks is None else [_track(track) for track in artefacts.tracks.tracks],
        marks=_marks(recording, artefacts.gestures),
        chat=_chat(recording),
        can_delete=recap.can_delete and recap.recording.ended_at is not None,
        kept_until=kept_until.timestamp(),
    )


def state_of(recap: known.Recap) -> told.RecapState:
    """How far a recap is, all in all."""
    if recap.recording.ended_at is None:
        return told.RecapState.RECORDING
    if recap.recording.finished_at is None:
        return told.RecapState.WORKING
    done = any(stage.state in ("done", "skipped") for stage in recap.stages)
    return told.RecapState.READY if done or not recap.recording.recap else told.RecapState.FAILED


def transcript_view(transcript: made.Transcript | None) -> told.RecapTranscript:
    """The transcript as the API tells it; empty before there is one."""
    if transcript is None:
        return told.RecapTranscript(draft=False, engine="", segments=[])
    segments = [
        told.RecapSegment(
            segment=one.id, person=one.participant, start=one.start, end=one.end, text=one.text, state=one.state,
            reason=one.reason, confirmed=one.confirmed,
        )
        for one in transcript.segments
    ]  # fmt: skip
    return told.RecapTranscript(draft=transcript.draft, engine=transcript.engine, segments=segments)


def item_ids(summary: made.Summary | None) -> set[str]:
    """Everything in a recap that can be changed."""
    if summary is None:
        return set()
    lines = [*summary.overview, *summary.decisions, *summary.actions]
    return {line.id for line in lines} | {line.id for topic in summary.topics for line in topic.lines}


def action_ids(summary: made.Summary | None) -> set[str]:
    """Those of them that somebody has to do."""
    return set() if summary is None else {action.id for action in summary.actions}


def _stages(recap: known.Recap, on_demand: OnDemand) -> list[told.RecapStage]:
    by_name = {stage.stage: stage for stage in recap.stages}
    film = on_demand.film(by_name.get(FILM))
    if film is not None:
        by_name[FILM] = film
    names = [*STAGES, *([FILM] if FILM in by_name else [])]
    if recap.recording.finished_at is not None:
        names = [name for name in names if name in by_name]
    elif not recap.recording.recap:
        names = [name for name in names if name in ("tracks", FILM)]
    found = [by_name.get(name, known.Stage(name, "waiting")) for name in names]
    if recap.recording.finished_at is not None:
        found = [_settled(stage) for stage in found]
    return [told.RecapStage(one.stage, told.StageState(one.state), one.progress, one.note) for one in found]


def _settled(stage: known.Stage) -> known.Stage:
    """A stage of a recap of which nothing more is made; a film is made when somebody asks for it."""
    if stage.stage == FILM or stage.state not in ("waiting", "running"):
        return stage
    return known.Stage(stage.stage, "failed", stage.progress, stage.note or "It was not made.")


def _people(recording: Recording | None, voice: made.VoiceActivity | None) -> list[told.RecapPerson]:
    if recording is None:
        return []
    spoken: dict[str, float] = {}
    for speech in voice.speech if voice is not None else ():
        spoken[speech.participant] = spoken.get(speech.participant, 0.0) + speech.end - speech.start
    return [
        told.RecapPerson(person.id, person.name, person.account is None, round(spoken.get(person.id, 0.0), 1))
        for person in recording.people.values()
    ]


def _engines(artefacts: Artefacts) -> dict[str, str]:
    stages = {"transcript": artefacts.transcript, "summary": artefacts.summary, "gestures": artefacts.gestures}
    return {name: artefact.engine for name, artefact in stages.items() if artefact is not None}


def _lines(lines: Iterable[made.Line], edits: Edits) -> list[told.RecapLine]:
    return [
        told.RecapLine(line.id, edits.text(line.id, line.text), line.at, list(line.cites), edits.edited(line.id))
        for line in lines
        if not edits.gone(line.id)
    ]


def _topic(topic: made.Topic, edits: Edits) -> told.RecapTopic:
    return told.RecapTopic(topic.id, topic.title, topic.start, topic.end, _lines(topic.lines, edits))


def _actions(actions: Iterable[made.Action], edits: Edits, names: Mapping[str, str]) -> list[told.RecapAction]:
    return [_action(one, edits, names) for one in actions if not edits.gone(one.id)]


def _action(action: made.Action, edits: Edits, names: Mapping[str, str]) -> told.RecapAction:
    owner = edits.optional(action.id, told.EditField.OWNER, action.owner)
    due = edits.optional(action.id, told.EditField.DUE, None if action.due is None else action.due.isoformat())
    same_owner = owner == action.owner
    return told.RecapAction(
        item=action.id,
        text=edits.text(action.id, action.text),
        at=action.at,
        cites=list(action.cites),
        owner=owner,
        owner_name=action.owner_name if same_owner else names.get(owner or ""),
        due=due,
        due_text=action.due_text,
        done=edits.get(action.id, told.EditField.DONE, False) is True,
        edited=edits.edited(action.id),
    )


def _moments(highlights: made.Highlights, on_demand: OnDemand) -> list[told.RecapMoment]:
    return [
        told.RecapMoment(
            one.id,
            one.kind,
            one.title,
            one.start,
            one.end,
            list(one.participants),
            one.id in highlights.reel,
            on_demand.clip(one.id),
        )
        for one in highlights.moments
    ]


def _film(film: made.Film | None) -> told.RecapFilm | None:
    if film is None or not film.file:
        return None
    chapters = [told.RecapChapter(one.title, one.start, one.end, one.at) for one in film.chapters]
    return told.RecapFilm(film.file, film.poster, film.seconds, chapters)


def _track(track: made.PlayableTrack) -> told.RecapTrack:
    return told.RecapTrack(track.track, track.participant, track.source, track.start, track.end, track.file)


def _marks(recording: Recording | None, gestures: made.Gestures | None) -> list[told.RecapMark]:
    marks = []
    for event in recording.events if recording is not None else ():
        match event:
            case stored.Hand(at=at, participant=who, raised=True):
                marks.append(told.RecapMark("hand", at, who))
            case stored.Reaction(at=at, participant=who, emoji=emoji):
                marks.append(told.RecapMark("reaction", at, who, emoji))
            case stored.Joined(at=at, participant=who):
                marks.append(told.RecapMark("join", at, who))
            case stored.Left(at=at, participant=who):
                marks.append(told.RecapMark("leave", at, who))
            case _:
                pass
    if recording is not None:
        marks += [told.RecapMark("pause", one.start, end=one.end) for one in recording.paused]
        marks += [told.RecapMark("screen", one.start, one.participant, end=one.end) for one in recording.of("screen")]
        marks += [
            told.RecapMark("lost", span.start, track.participant, track.source, span.end)
            for track in recording.tracks
            for span in track.lost
        ]
    if gestures is not None:
        marks += [
            told.RecapMark("gesture", one.start, one.participant, one.label, one.end) for one in gestures.gestures
        ]
    return sorted(marks, key=lambda mark: mark.at)


def _chat(recording: Recording | None) -> list[told.RecapChat]:
    return [
        told.RecapChat(event.at, event.participant, event.text)
        for event in (recording.events if recording is not None else ())
        if isinstance(event, stored.ChatMessage)
    ]
