"""A recording as the stages see it, from its events alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from parley.recap.recording import Span, build
from parley.store.recording import (
    AnyEvent,
    Joined,
    Left,
    Lost,
    Paused,
    RecordingHead,
    Resumed,
    Stopped,
    TrackEnded,
    TrackStarted,
)

HEAD = RecordingHead(recording="r", meeting="m", title="Plan", started_at=datetime(2026, 3, 1, 9, tzinfo=UTC))


def started(at: float, file: str) -> TrackStarted:
    return TrackStarted(at=at, track="t", participant="a", source="microphone", codec="opus", file=file)


def test_people_are_there_from_each_join_to_each_leave() -> None:
    events: list[AnyEvent] = [
        Joined(at=0, participant="a", name="Ann"),
        Left(at=4, participant="a"),
        Joined(at=6, participant="a", name="Ann B."),
        Stopped(at=9),
    ]
    recording = build(Path("d"), HEAD, events)
    assert recording.people["a"].present == (Span(0, 4), Span(6, 9))
    assert recording.name("a") == "Ann B."
    assert recording.name("nobody") == "Someone"
    assert recording.complete
    assert recording.duration == 9


def test_a_track_has_a_file_for_each_life_of_the_recorder() -> None:
    events: list[AnyEvent] = [
        started(1, "tracks/t-0.mkv"),
        Lost(at=5, track="t", seconds=2, reason="recorder"),
        started(7, "tracks/t-1.mkv"),
        TrackEnded(at=20, track="t"),
    ]
    (track,) = build(Path("d"), HEAD, events).tracks
    assert [(file.path, file.start) for file in track.files] == [
        (Path("d/tracks/t-0.mkv"), 1),
        (Path("d/tracks/t-1.mkv"), 7),
    ]
    assert (track.start, track.end, track.lost) == (1, 20, (Span(5, 7),))


def test_a_track_goes_on_as_long_as_the_recording_is_known_to() -> None:
    events: list[AnyEvent] = [started(1, "tracks/t-0.mkv"), Joined(at=30, participant="b", name="Ben")]
    recording = build(Path("d"), HEAD, events)
    assert recording.tracks[0].end == 30
    assert not recording.complete


def test_a_pause_that_never_ends_lasts_until_the_end() -> None:
    events: list[AnyEvent] = [Paused(at=1), Resumed(at=2), Paused(at=5), Stopped(at=8)]
    assert build(Path("d"), HEAD, events).paused == (Span(1, 2), Span(5, 8))
