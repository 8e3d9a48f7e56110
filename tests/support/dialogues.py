"""Short conversations for tests of the recap: a script becomes a recording's head, its people and a transcript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from parley.recap.artefacts import Segment, Transcript
from parley.recap.recording import Recording, build
from parley.store.recording import AnyEvent, Joined, RecordingHead, Stopped

NAMES = {"A": "Ann", "B": "Ben", "C": "Cara", "D": "Dan"}
WEDNESDAY = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def dialogue(
    script: str, zone: str = "Europe/London", started_at: datetime = WEDNESDAY, *, agenda: tuple[str, ...] = (),
    names: dict[str, str] | None = None,
) -> tuple[Recording, Transcript]:  # fmt: skip
    """A meeting in which this was said: "A: text / B: text". Begun with "2 ", only two people are there."""
    people = dict(names or NAMES)
    if script.startswith("2 "):
        script = script[2:]
        people = dict(list(people.items())[:2])
    segments: list[Segment] = []
    at = 1.0
    for number, turn in enumerate(script.split(" / ")):
        who, text = turn.split(": ", 1)
        seconds = max(0.5, 0.35 * len(text.split()))
        segments.append(
            Segment(id=f"s{number}", participant=who.strip(), track=who.strip(), start=at, end=at + seconds, text=text)
        )
        at += seconds + 0.4
    head = RecordingHead(
        recording="rec1", meeting="meet1", title="Planning", started_at=started_at, zone="UTC", agenda=agenda
    )
    events: list[AnyEvent] = [Joined(at=0, participant=who, name=name, zone=zone) for who, name in people.items()]
    recording = build(Path("rec1"), head, [*events, Stopped(at=at)])
    return recording, Transcript(engine="script", draft=False, segments=tuple(segments))
