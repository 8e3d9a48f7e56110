"""What a worker understands reaches the room that reads along: every whole line once, whatever stands in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.signaling.recaps.live_lines import MAX_READ, NAME, LiveReader, Said, Shown, append_lines
from parley.store import recording as stored


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / stored.RECAP).mkdir()
    return tmp_path


def said(number: int, text: str = "Hello") -> Said:
    return Said(f"s{number}", "a", text, False)


def test_lines_are_read_once_in_their_order(directory: Path) -> None:
    reader = LiveReader(directory)
    assert reader.read() == []
    append_lines(directory, [said(1), Shown("a", "thumbs_up")])
    append_lines(directory, [])
    append_lines(directory, [said(2)])
    assert reader.read() == [said(1), Shown("a", "thumbs_up"), said(2)]
    assert reader.read() == []


def test_who_begins_to_read_hears_nothing_of_before(directory: Path) -> None:
    append_lines(directory, [said(1)])
    reader = LiveReader(directory)
    append_lines(directory, [said(2)])
    assert reader.read() == [said(2)]


def test_what_is_no_line_of_ours_is_passed_over(directory: Path) -> None:
    reader = LiveReader(directory)
    (directory / stored.RECAP / NAME).write_bytes(b'{"type": "sung"}\n\xff\n\n[1]\n{"type":"said"}\n')
    append_lines(directory, [said(1)])
    assert reader.read() == [said(1)]


def test_more_than_is_read_at_a_time_comes_in_several_reads(directory: Path) -> None:
    reader, lines = LiveReader(directory), [said(number, "x" * 2000) for number in range(100)]
    append_lines(directory, lines)
    came = []
    while read := reader.read():
        came += read
    assert came == lines


def test_a_line_that_is_longer_than_any_of_ours_stops_nobody(directory: Path) -> None:
    reader = LiveReader(directory)
    append_lines(directory, [said(1, "x" * (2 * MAX_READ)), said(2)])
    came = [one for _ in range(5) for one in reader.read()]
    assert said(2) in came


@given(st.lists(st.integers(1, 200), max_size=20))
@settings(deadline=None, max_examples=20)
def test_however_the_file_grows_each_line_comes_once(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    directory = tmp_path_factory.mktemp("live")
    (directory / stored.RECAP).mkdir()
    path, lines = directory / stored.RECAP / NAME, [said(number, "ü" * number) for number in range(12)]
    append_lines(directory, lines)
    whole = path.read_bytes()
    path.write_bytes(b"")
    reader, came, at = LiveReader(directory), [], 0
    for cut in [*cuts, len(whole)]:
        at += cut
        path.write_bytes(whole[:at])
        came += reader.read()
    assert came == lines
