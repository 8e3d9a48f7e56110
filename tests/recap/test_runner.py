"""The runner: artefacts from the cache where they are good, anew where they aren't, and no harm by being killed."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from parley.recap.artefacts import Artefact, Gestures, Highlights, Summary, Transcript, VoiceActivity
from parley.recap.cache import read_artefact
from parley.recap.runner import RecapBusyError, Report, Runner
from parley.recap.schedule import StageStatus
from parley.recap.stages import Context, Graph, RecapStoppedError, Stage, StageError
from parley.store.recording import ChatMessage, Joined, RecordingError, Stopped, encode_event
from tests.recap.stage_house import NAMES, diary, graph
from tests.support.recordings import RecordingMaker


def recording(directory: Path, *, gestures: bool = True) -> Path:
    """A recording without tracks, of one who writes."""
    maker = RecordingMaker(directory / "rec", gestures=gestures)
    maker.event(Joined(at=0.0, participant="p", name="Ann"))
    maker.event(ChatMessage(at=1.0, participant="p", text="We ship on Monday."))
    maker.event(Stopped(at=9.0))
    return directory / "rec"


def run(directory: Path, stages: Graph | None = None, settings: object = "settings", **options: object) -> Report:
    return Runner(directory, stages or graph(), settings, **options).run()  # type: ignore[arg-type]


def states(report: Report) -> dict[str, str]:
    return {status.name: status.state for status in report.stages}


def files(directory: Path) -> dict[str, str]:
    """What is in the recap's directory, by hash."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((directory / "recap").iterdir())
        if path.name != ".lock"
    }


def failing(name: str, failure: Callable[[], BaseException], times: int = 99) -> Graph:
    """The stages, of which one fails so often."""
    left = [times]

    def before(begun: str, context: Context) -> None:
        if begun == name and left[0]:
            left[0] -= 1
            raise failure()

    return graph(before)


# --- the way it should go ---------------------------------------------------------------------------------------------


def test_every_stage_is_made_once_and_its_artefact_can_be_read(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    report = run(directory)
    assert states(report) == dict.fromkeys(NAMES, "done")
    assert sorted(diary(directory)) == sorted(NAMES)
    summary = read_artefact(directory / "recap", "summary", Summary)
    assert summary == report.artefacts["summary"]
    assert read_artefact(directory / "recap", "film", Summary) is None
    assert set(files(directory)) == {f"{name}.json" for name in NAMES} | {"reel.mp4"}


def test_a_second_run_makes_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    before = files(directory)
    report = run(directory)
    assert all(status.cached for status in report.stages)
    assert len(diary(directory)) == len(NAMES)
    assert files(directory) == before


def test_made_anew_the_artefacts_are_the_same_to_the_byte(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    before = files(directory)
    assert not any(status.cached for status in run(directory, again=True).stages)
    assert files(directory) == before
    assert len(diary(directory)) == 2 * len(NAMES)


def test_one_stage_alone_is_made_with_what_it_needs_and_anew_if_that_is_asked(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    only = graph().only("summary")
    assert list(states(run(directory, only))) == ["voice", "transcript", "summary"]
    run(directory, only, again="summary")
    assert diary(directory) == ["voice", "transcript", "summary", "summary"]


def test_stages_tell_how_they_stand_and_how_far_they_are(tmp_path: Path) -> None:
    seen: list[StageStatus] = []
    run(recording(tmp_path), on_change=seen.append)
    told = [(one.state, one.progress) for one in seen if one.name == "transcript"]
    assert told == [("running", 0.0), ("running", 0.5), ("done", 1.0)]


def test_stages_that_do_not_wait_for_each_other_can_run_at_once(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=10)

    def before(name: str, context: Context) -> None:
        if name in ("voice", "gestures"):
            meeting.wait()

    assert states(run(recording(tmp_path), graph(before), parallel=2)) == dict.fromkeys(NAMES, "done")


# --- what makes an artefact stale -------------------------------------------------------------------------------------


def test_another_version_of_a_stage_makes_it_anew_and_what_came_of_it_only_if_it_differs(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    report = run(directory, graph(versions={"transcript": 2}))
    assert [status.name for status in report.stages if not status.cached] == ["transcript"]


def test_other_settings_make_anew_what_depends_on_them(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    report = run(directory, settings="others")
    anew = [status.name for status in report.stages if not status.cached]
    assert anew == ["transcript", "summary", "highlights"]


def test_a_recording_that_has_grown_makes_everything_anew(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    with (directory / "timeline.jsonl").open("ab") as timeline:
        timeline.write(encode_event(ChatMessage(at=3.0, participant="p", text="And one more thing.")))
    assert not any(status.cached for status in run(directory).stages)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(b'{"stage": "summary"}'),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"engine":"test"', b'"engine":7')),
    ],
)
def test_an_artefact_that_is_gone_or_broken_is_made_anew(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    directory = recording(tmp_path)
    run(directory)
    before = files(directory)
    harm(directory / "recap" / "summary.json")
    assert [status.name for status in run(directory).stages if not status.cached] == ["summary"]
    assert files(directory) == before


def test_an_artefact_whose_film_is_gone_is_made_anew(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory)
    (directory / "recap" / "reel.mp4").unlink()
    assert [status.name for status in run(directory).stages if not status.cached] == ["reel"]
    assert (directory / "recap" / "reel.mp4").exists()


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_stage_that_fails_keeps_only_those_from_being_made_that_need_it(tmp_path: Path) -> None:
    report = run(recording(tmp_path), failing("summary", lambda: StageError("the model answers garbage")))
    assert states(report) == dict.fromkeys(NAMES, "done") | {"summary": "failed"}
    (failed,) = report.failed
    assert (failed.words, report.retriable) == ("the model answers garbage", False)
    highlights = next(status for status in report.stages if status.name == "highlights")
    assert highlights.without == ("summary",)
    assert report.artefacts["highlights"].notes == ("without summary",)


def test_what_was_done_without_is_made_anew_once_it_is_there(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    run(directory, failing("summary", lambda: StageError("no")))
    report = run(directory)
    assert [status.name for status in report.stages if not status.cached] == ["summary", "highlights", "reel"]
    assert report.artefacts["highlights"].notes == ()


def test_without_a_transcript_the_rest_is_skipped_with_words(tmp_path: Path) -> None:
    report = run(recording(tmp_path), failing("transcript", lambda: ValueError("bad sample")))
    assert states(report) == {
        "voice": "done", "transcript": "failed", "summary": "skipped", "gestures": "done", "highlights": "skipped",
        "reel": "skipped",
    }  # fmt: skip
    words = {status.name: status.words for status in report.stages}
    assert words["transcript"] == "ValueError: bad sample"
    assert words["reel"] == "It needs highlights, which was skipped."


def test_what_the_host_did_not_want_is_left_out(tmp_path: Path) -> None:
    report = run(recording(tmp_path, gestures=False))
    assert states(report)["gestures"] == "skipped"
    assert states(report)["reel"] == "done"
    assert "gestures" not in report.artefacts


def test_what_may_pass_is_tried_again_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.recap.schedule.FIRST_PAUSE", 0.01)
    full = failing("summary", lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), times=2)
    report = run(recording(tmp_path), full)
    summary = next(status for status in report.stages if status.name == "summary")
    assert (summary.state, summary.attempts, summary.words) == ("done", 3, "")


def test_what_does_not_pass_says_so_and_that_another_run_may_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parley.recap.schedule.FIRST_PAUSE", 0.01)
    report = run(recording(tmp_path), failing("summary", lambda: StageError("out of reach", retriable=True)))
    assert [(one.name, one.words, one.attempts) for one in report.failed] == [("summary", "out of reach", 3)]
    assert report.retriable


def test_a_run_that_is_not_wanted_any_more_stops_and_keeps_what_is_finished(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    unwanted = threading.Event()

    def check() -> None:
        if unwanted.is_set():
            raise RecapStoppedError

    def before(name: str, context: Context) -> None:
        if name == "summary":
            unwanted.set()

    with pytest.raises(RecapStoppedError):
        run(directory, graph(before), check=check)
    assert [status.cached for status in run(directory).stages][:2] == [True, True]


def test_two_runs_never_work_on_one_recording(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    refused: list[str] = []

    def before(name: str, context: Context) -> None:
        with pytest.raises(RecapBusyError) as error:
            run(directory)
        refused.append(str(error.value))

    run(directory, graph(before).only("voice"))
    assert refused == [f"{directory} is being worked on by another process"]


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"it has no recording\.json"):
        run(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- being killed -----------------------------------------------------------------------------------------------------


def process(directory: Path, kill: str = "") -> int:
    env = os.environ | {"PARLEY_TEST_KILL": kill}
    command = [sys.executable, "-m", "tests.recap.stage_house", str(directory)]
    return subprocess.run(command, env=env, cwd=Path(__file__).parents[2], timeout=60).returncode


def test_killed_at_every_boundary_the_next_run_goes_on_and_nothing_is_made_twice(tmp_path: Path) -> None:
    whole = recording(tmp_path / "whole")
    run(whole)
    directory = recording(tmp_path / "killed")
    for name in NAMES:
        for moment in ("begin", "end"):
            assert process(directory, f"{moment} {name}") == -9, (moment, name)
    assert sorted(diary(directory)) == sorted(NAMES)
    assert process(directory) == 0
    assert sorted(diary(directory)) == sorted(NAMES)
    assert files(directory) == files(whole)


def test_what_a_killed_writer_left_harms_nobody(tmp_path: Path) -> None:
    directory = recording(tmp_path)
    (directory / "recap").mkdir()
    (directory / "recap" / ".voice.json.part").write_bytes(b'{"stage":"voi')
    assert states(run(directory)) == dict.fromkeys(NAMES, "done")
    assert ".voice.json.part" not in files(directory)


def test_stages_get_their_inputs_by_name_and_type(tmp_path: Path) -> None:
    seen: list[tuple[object, object]] = []

    def make(context: Context) -> Artefact:
        seen.append((context.get("voice", VoiceActivity).engine, context.find("gestures", Gestures)))
        return Highlights(engine="test", moments=(), reel=())

    stages = list(graph().stages.values())[:1]
    mine = Stage(name="mine", version=1, artefact=Highlights, make=make, needs=("voice",))
    run(recording(tmp_path), Graph.of([*stages, mine]))
    assert seen == [("test", None)]
    assert read_artefact(tmp_path / "rec" / "recap", "mine", Transcript) is None, "it is of another type"
