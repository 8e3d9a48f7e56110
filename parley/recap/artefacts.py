"""What the stages make: plain values that go to disk, to the API and into the next stage as they are.

Times are in seconds on the meeting's clock. Whatever claims something about the meeting cites the transcript's segments
it stands on, by their ids; an id is given once and never means another segment.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec


class Artefact(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage made. engine names what made it, notes say in words what the reader should know about how."""

    engine: str
    notes: tuple[str, ...] = ()


# --- what was said ------------------------------------------------------------------------------------------------


class Speech(msgspec.Struct, frozen=True):
    """Voice activity: somebody's microphone carried speech from start up to end."""

    participant: str
    track: str
    start: float
    end: float


class VoiceActivity(Artefact, frozen=True, kw_only=True):
    speech: tuple[Speech, ...]


class Word(msgspec.Struct, frozen=True):
    """confidence is in 0..1."""

    text: str
    start: float
    end: float
    confidence: float = 1.0


SegmentState = Literal["text", "other_language", "untranscribed"]


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one person's speech. Without text its state and reason say why.

    confirmed is False for a draft, whose text may still change under the same id.
    """

    id: str
    participant: str
    track: str
    start: float
    end: float
    text: str = ""
    words: tuple[Word, ...] = ()
    state: SegmentState = "text"
    reason: str = ""
    language: str = "en"
    confidence: float = 1.0
    confirmed: bool = True


class Transcript(Artefact, frozen=True, kw_only=True):
    """Segments by start. draft: made by a recogniser whose text is to be read as a draft."""

    draft: bool
    segments: tuple[Segment, ...]


# --- what it comes to ------------------------------------------------------------------------------------------------


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about the meeting, the segments that carry it, and the second where the first of them begins."""

    id: str
    text: str
    cites: tuple[str, ...]
    at: float


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the meeting about one thing; also a chapter."""

    id: str
    title: str
    start: float
    end: float
    lines: tuple[Line, ...]


class Action(Line, frozen=True, kw_only=True):
    """Somebody promised or was given something to do.

    owner is the participant's id, None when nobody was named; owner_name is how the owner is called, also of somebody
    who wasn't there. due is the local date in the speaker's zone; due_text the words it was made of.
    """

    owner: str | None = None
    owner_name: str | None = None
    due: date | None = None
    due_text: str = ""


class Summary(Artefact, frozen=True, kw_only=True):
    overview: tuple[Line, ...]
    topics: tuple[Topic, ...]
    decisions: tuple[Line, ...]
    actions: tuple[Action, ...]


# --- what is worth seeing --------------------------------------------------------------------------------------------

GestureLabel = Literal["thumbs_up", "raised_hand", "open_palm", "victory", "wave"]


class Gesture(msgspec.Struct, frozen=True):
    """Somebody's hand said something from start up to end. No landmark, no picture."""

    participant: str
    label: GestureLabel
    start: float
    end: float


class Gestures(Artefact, frozen=True, kw_only=True):
    gestures: tuple[Gesture, ...]


MomentKind = Literal["decision", "action", "answer", "laughter", "reaction", "hand", "thumbs_up", "screen", "key_point"]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch worth seeing, cut on pauses between sentences. title is what is burnt in and listed; score orders."""

    id: str
    kind: MomentKind
    start: float
    end: float
    score: float
    title: str
    participants: tuple[str, ...]
    cites: tuple[str, ...] = ()


class Highlights(Artefact, frozen=True, kw_only=True):
    """moments by start; `reel` names those, by id, that the reel is made of."""

    moments: tuple[Moment, ...]
    reel: tuple[str, ...]


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a film: from start up to end in the film's own seconds, `at` seconds into the meeting."""

    title: str
    start: float
    end: float
    at: float


class Film(Artefact, frozen=True, kw_only=True):
    """A rendered MP4 and its poster, as file names beside the artefact; both "" when there was nothing to show."""

    file: str
    poster: str
    seconds: float
    width: int
    height: int
    chapters: tuple[Chapter, ...]


class PlayableTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded track as a browser can play and seek it: its second 0 is `start` of the meeting. file: its name."""

    track: str
    participant: str
    source: str
    start: float
    end: float
    file: str


class PlayableTracks(Artefact, frozen=True, kw_only=True):
    tracks: tuple[PlayableTrack, ...]
