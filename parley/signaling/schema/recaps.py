"""Bodies of the HTTP API about recaps: what is made of a recording, and what members change in it.

Times `at`, `start` and `end` are seconds into the recording. What claims something about the meeting cites transcript
segments by their ids.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from parley.signaling.schema.common import Id, Instant
from parley.signaling.schema.http import Request


class RecapState(StrEnum):
    """recording: the meeting is still recorded. working: something is still being made. ready: all that could be made
    is there, though a stage may have failed. failed: nothing could be made."""

    RECORDING = "recording"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class StageState(StrEnum):
    """How far one stage is. skipped: there was nothing for it to do, or it was not asked for."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class RecapStage(msgspec.Struct, frozen=True):
    """One stage: progress 0 to 1; note says in words how it was made, or why it failed."""

    stage: str
    state: StageState
    progress: float
    note: str


class RecapPerson(msgspec.Struct, frozen=True):
    """Someone who was there. person is what segments and owners name."""

    person: str
    name: str
    is_guest: bool
    talk_seconds: float


class RecapLine(msgspec.Struct, frozen=True):
    """One statement. edited: a member changed it."""

    item: str
    text: str
    at: float
    cites: list[str]
    edited: bool = False


class RecapTopic(msgspec.Struct, frozen=True):
    """A chapter of the meeting."""

    item: str
    title: str
    start: float
    end: float
    lines: list[RecapLine]


class RecapAction(msgspec.Struct, frozen=True):
    """Something to do. owner is a person of the recap, null when nobody was named or who was named wasn't there;
    owner_name is how they are called. due is a date (YYYY-MM-DD), due_text what was said of it."""

    item: str
    text: str
    at: float
    cites: list[str]
    owner: str | None
    owner_name: str | None
    due: str | None
    due_text: str
    done: bool
    edited: bool = False


class RecapClip(msgspec.Struct, frozen=True):
    """The film of one moment, that somebody asked for. progress 0 to 1; note says in words why it failed, or why it is
    tried again; file is its name for `links` once state is done."""

    state: StageState
    progress: float
    note: str = ""
    file: str | None = None


class RecapMoment(msgspec.Struct, frozen=True):
    """A moment worth seeing; in_reel: the reel shows it. clip: null until somebody asks for it."""

    moment: str
    kind: str
    title: str
    start: float
    end: float
    people: list[str]
    in_reel: bool
    clip: RecapClip | None = None


class RecapChapter(msgspec.Struct, frozen=True):
    """A part of a film, in the film's own seconds; `at` is where it is in the recording."""

    title: str
    start: float
    end: float
    at: float


class RecapFilm(msgspec.Struct, frozen=True):
    """A film that is there. file and poster are names for `links`."""

    file: str
    poster: str
    seconds: float
    chapters: list[RecapChapter]


class RecapTrack(msgspec.Struct, frozen=True):
    """One recorded track that can be played; file is its name for `links`."""

    track: str
    person: str
    source: str
    start: float
    end: float
    file: str


class RecapMark(msgspec.Struct, frozen=True):
    """Something that happened: a gesture, a reaction, a raised hand, a shared screen, a pause, a join, a leave."""

    kind: str
    at: float
    person: str | None = None
    label: str = ""
    end: float | None = None


class RecapChat(msgspec.Struct, frozen=True):
    """A chat line of the meeting."""

    at: float
    person: str
    text: str


class Recap(msgspec.Struct, frozen=True):
    """All of a recap but the transcript. It fills while it is being made; what isn't there yet is empty or null.

    draft: the transcript is to be read as a draft. engines: what made which stage. kept_until: when it will be deleted.
    """

    recap_id: str
    conversation_id: str
    meeting_id: str
    title: str
    started_at: Instant
    duration: float
    state: RecapState
    stages: list[RecapStage]
    people: list[RecapPerson]
    draft: bool
    engines: dict[str, str]
    notes: list[str]
    overview: list[RecapLine]
    topics: list[RecapTopic]
    decisions: list[RecapLine]
    actions: list[RecapAction]
    moments: list[RecapMoment]
    reel: RecapFilm | None
    film: RecapFilm | None
    tracks: list[RecapTrack]
    marks: list[RecapMark]
    chat: list[RecapChat]
    can_delete: bool
    kept_until: Instant


class RecapSegment(msgspec.Struct, frozen=True):
    """A stretch of somebody's speech. state: text, other_language or untranscribed; reason says why there is no text.
    confirmed: false while the text may still change."""

    segment: str
    person: str
    start: float
    end: float
    text: str
    state: str
    reason: str
    confirmed: bool


class RecapTranscript(msgspec.Struct, frozen=True):
    """Who said what, by start. draft: its words are those of a simple recogniser."""

    draft: bool
    engine: str
    segments: list[RecapSegment]


class RecapEntry(msgspec.Struct, frozen=True):
    """A recap in a list."""

    recap_id: str
    conversation_id: str
    title: str
    started_at: Instant
    ended_at: Instant | None
    state: RecapState


class Recaps(msgspec.Struct, frozen=True):
    """Recaps of one's conversations, newest first."""

    recaps: list[RecapEntry]


class RecapLinks(msgspec.Struct, frozen=True):
    """Addresses of the recap's media by file name. They are good for `seconds`, for the one who asked."""

    urls: dict[str, str]
    seconds: float


class EditField(StrEnum):
    """What of an item can be changed. owner takes a person of the recap; deleted takes an item out."""

    TEXT = "text"
    OWNER = "owner"
    DUE = "due"
    DONE = "done"
    DELETED = "deleted"


class EditRecap(Request, frozen=True):
    """Change one field of one item. text: a string; owner: a person or null; due: a date or null; done, deleted: a
    boolean."""

    item: Id
    field: EditField
    value: Annotated[str, msgspec.Meta(max_length=2000)] | bool | None


class RecapEdit(msgspec.Struct, frozen=True):
    """A change that a member made; by is null when their account is gone."""

    item: str
    field: EditField
    value: str | bool | None
    by: str | None
    at: Instant


class RecapEdits(msgspec.Struct, frozen=True):
    """Every change, newest first."""

    edits: list[RecapEdit]


class Notice(msgspec.Struct, frozen=True):
    """Something one is told in the app. link: a path of the client."""

    notice_id: str
    kind: str
    title: str
    link: str
    at: Instant
    read: bool


class Notices(msgspec.Struct, frozen=True):
    """One's notices, newest first."""

    notices: list[Notice]
    unread: int
