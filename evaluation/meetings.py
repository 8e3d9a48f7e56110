"""Meetings of the test data as recordings and transcripts, so that they go through the very code that recaps do.

Times are made up from the number of words (two and a half a second), because the corpora's texts have none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from parley.recap.artefacts import Segment, Transcript
from parley.recap.recording import Recording, build
from parley.store.recording import AnyEvent, Joined, RecordingHead, Stopped

TESTDATA = Path(os.environ.get("PARLEY_TESTDATA", Path(__file__).parents[2] / "shared" / "testdata"))
ROLES = {
    "PM": "Project Manager",
    "ME": "Marketing Expert",
    "ID": "Industrial Designer",
    "UI": "User Interface Designer",
}
_WORDS_A_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting and what people who read it wrote about it."""

    name: str
    recording: Recording
    transcript: Transcript
    summary: str
    actions: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    """Decisions and problems in one list, as the corpus has them."""


def meeting(name: str, turns: list[tuple[str, str]], draft: bool = False) -> tuple[Recording, Transcript]:
    """The recording and the transcript of turns (speaker's name, text)."""
    ids: dict[str, str] = {}
    segments: list[Segment] = []
    at = 0.0
    for number, (speaker, text) in enumerate(turns):
        who = ids.setdefault(speaker, f"p{len(ids) + 1}")
        seconds = max(0.5, len(text.split()) / _WORDS_A_SECOND)
        said = "".join(letter for letter in text.lower() if letter not in ".,?!;:") if draft else text
        segments.append(Segment(id=f"s{number:05}", participant=who, track=who, start=at, end=at + seconds, text=said))
        at += seconds + 0.3
    head = RecordingHead(recording=name, meeting=name, title=name, started_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    events: list[AnyEvent] = [Joined(at=0, participant=who, name=speaker) for speaker, who in ids.items()]
    recording = build(Path(name), head, [*events, Stopped(at=at)])
    return recording, Transcript(engine="reference", draft=draft, segments=tuple(segments))


def hour(meetings: Iterator[Meeting], minutes: int = 60, people: int = 10) -> tuple[Recording, Transcript]:
    """One long meeting: what was said in these, one after the other, by so many people in turn."""
    turns: list[tuple[str, str]] = []
    seconds = 0.0
    for one in meetings:
        for segment in one.transcript.segments:
            turns.append((f"Person {len(turns) % people + 1}", segment.text))
            seconds += segment.end - segment.start + 0.3
            if seconds >= 60 * minutes:
                return meeting("hour", turns)
    return meeting("hour", turns)


def ami(directory: Path, draft: bool = False) -> Iterator[Meeting]:
    """The AMI meetings of a directory; a speaker's name is their role."""
    for path in sorted(directory.glob("*.json")):
        data = json.loads(path.read_text())
        turns = [(ROLES.get(turn["role"], turn["speaker"]), turn["text"]) for turn in data["turns"]]
        recording, transcript = meeting(data["id"], turns, draft)
        yield Meeting(
            data["id"], recording, transcript, " ".join(data["summary"]), tuple(data["likely_actions"]),
            tuple(data["decisions_and_problems"]),
        )  # fmt: skip


def qmsum(directory: Path, draft: bool = False) -> Iterator[Meeting]:
    """The QMSum meetings of a directory, each with the answer to its first general query."""
    for path in sorted(directory.glob("*.json")):
        data = json.loads(path.read_text())
        turns = [(turn["speaker"], turn["content"]) for turn in data["meeting_transcripts"]]
        recording, transcript = meeting(path.stem, turns, draft)
        yield Meeting(path.stem, recording, transcript, data["general_query_list"][0]["answer"])
