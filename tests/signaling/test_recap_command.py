"""`parley recap DIRECTORY`: what it prints, and with which status it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parley.recap.stages import Context, Graph, StageError
from parley.signaling.recap_command import run_recap
from tests.recap.stage_house import NAMES, diary, graph
from tests.support.recordings import RecordingMaker


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return RecordingMaker(tmp_path / "rec", gestures=True).stop(at=5.0)


def table(lines: list[str]) -> dict[str, list[str]]:
    """The printed rows by stage: state, seconds and remarks."""
    assert lines[0].split() == ["stage", "state", "seconds"]
    return {line.split()[0]: line.split(maxsplit=3)[1:] for line in lines[1:]}


def test_it_makes_what_is_missing_and_shows_how_each_stage_ended(directory: Path) -> None:
    lines: list[str] = []
    assert run_recap(directory, graph(), None, echo=lines.append) == (0, "")
    rows = table(lines)
    assert list(rows) == list(NAMES)
    assert {row[0] for row in rows.values()} == {"done"}
    lines.clear()
    assert run_recap(directory, graph(), None, echo=lines.append) == (0, "")
    assert {tuple(row) for row in table(lines).values()} == {("done", "0.0", "as it was")}
    assert len(diary(directory)) == len(NAMES)


def test_one_stage_can_be_made_alone_and_again(directory: Path) -> None:
    lines: list[str] = []
    run_recap(directory, graph(), None, echo=lines.append)
    lines.clear()
    assert run_recap(directory, graph(), None, only="summary", again=True, echo=lines.append)[0] == 0
    rows = table(lines)
    assert {name: len(row) for name, row in rows.items()} == {"voice": 3, "transcript": 3, "summary": 2}
    assert diary(directory)[-1] == "summary"


def test_a_stage_that_failed_is_named_with_its_reason_and_the_status_is_1(directory: Path) -> None:
    def before(name: str, context: Context) -> None:
        if name == "summary":
            raise StageError("the model answers garbage")

    lines: list[str] = []
    assert run_recap(directory, graph(before), None, echo=lines.append) == (1, "failed: summary")
    rows = table(lines)
    assert rows["summary"][0] == "failed"
    assert rows["summary"][2] == "the model answers garbage"
    assert rows["highlights"][0] == "done"
    assert rows["highlights"][2] == "without summary"


def test_ctrl_c_stops_at_the_next_step_and_keeps_what_is_finished(directory: Path) -> None:
    def before(name: str, context: Context) -> None:
        if name == "summary":
            os.kill(os.getpid(), signal.SIGINT)
            while True:  # as long as it is wanted
                context.advance(0.1)
                time.sleep(0.001)

    status, words = run_recap(directory, graph(before), None, echo=lambda line: None)
    assert (status, words) == (130, "interrupted; what is finished stays")
    assert (directory / "recap" / "transcript.json").exists()
    assert not (directory / "recap" / "summary.json").exists()
    assert run_recap(directory, graph(), None, echo=lambda line: None)[0] == 0


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "it has no recording.json"),
        (lambda path: path.write_bytes(b"{"), "is not a recording's head"),
        (lambda path: path.write_bytes(b'{"version": 99, "recording": "r", "meeting": "m", "title": "t", '
                                       b'"started_at": "2026-03-02T09:00:00Z"}'), "written by a newer Parley"),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_one_line_and_status_2(directory: Path, harm, words: str) -> None:
    harm(directory / "recording.json")
    lines: list[str] = []
    status, said = run_recap(directory, graph(), None, echo=lines.append)
    assert (status, lines) == (2, [])
    assert words in said
    assert "\n" not in said


def test_an_unknown_stage_is_named_with_those_there_are(directory: Path) -> None:
    status, said = run_recap(directory, graph(), None, only="dance")
    assert status == 2
    assert said == "--only: there is no stage dance, but voice, transcript, summary, gestures, highlights, reel"
    assert run_recap(directory, Graph.of([]), None, only="x") == (2, "--only: there is no stage x, but none at all")


def test_a_directory_that_cannot_be_written_is_one_line_and_status_1(directory: Path) -> None:
    (directory / "recap").write_text("in the way")
    status, said = run_recap(directory, graph(), None, echo=lambda line: None)
    assert status == 1
    assert "recap" in said


def test_the_command_itself_refuses_what_is_no_recording(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    command = [sys.executable, "-m", "parley.signaling.cli", "recap", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"parley: {tmp_path} is not a recording: it has no recording.json\n"
