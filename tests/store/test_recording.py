"""The layout of a recording: what is written is read again, and a torn end costs one line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from parley.store import recording as stored
from parley.store.recording import RecordingError, RecordingHead

HEAD = RecordingHead(recording="r", meeting="m", title="Plan", started_at=datetime(2026, 3, 1, 9, tzinfo=UTC))


def test_a_head_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / stored.HEAD).write_bytes(stored.encode_head(HEAD))
    assert stored.read_head(tmp_path) == HEAD


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"version":1}'])
def test_a_directory_without_a_head_is_named_in_the_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / stored.HEAD).write_bytes(content)
    with pytest.raises(RecordingError, match=str(tmp_path)):
        stored.read_head(tmp_path)


def test_a_recording_of_a_later_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / stored.HEAD).write_bytes(stored.encode_head(HEAD).replace(b'"version": 1', b'"version": 2'))
    with pytest.raises(RecordingError, match="newer Parley"):
        stored.read_head(tmp_path)


def test_events_are_read_in_order_and_a_torn_or_unknown_line_is_passed_over(tmp_path: Path) -> None:
    events = [stored.Joined(at=0, participant="p", name="Ann"), stored.Hand(at=2.5, participant="p", raised=True)]
    lines = [*map(stored.encode_event, events), b'{"kind":"from_the_future","at":3}\n', b'{"kind":"left","at":4']
    (tmp_path / stored.TIMELINE).write_bytes(b"".join(lines))
    assert list(stored.read_timeline(tmp_path)) == events


def test_a_line_names_its_kind_in_the_words_of_the_documentation() -> None:
    event = stored.TrackStarted(
        at=1, track="t", participant="p", source="screen_audio", codec="opus", file="tracks/t-0.mkv"
    )
    assert b'"kind":"track_started"' in stored.encode_event(event)
