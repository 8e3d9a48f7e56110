"""Watching the cameras of a recording, with a finder whose hands are as high as the picture is bright."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from parley.recap.artefacts import Gestures
from parley.recap.gestures.hands import Hand
from parley.recap.gestures.watch import BEHIND, Begun, Watcher
from parley.recap.pipeline import STAGES, RecapSettings
from parley.recap.recording import Recording
from parley.recap.runner import Runner
from tests.recap.gestures.drawn import FIST, OPEN, hand
from tests.support.recordings import RecordingMaker

THUMB, PALM, NOTHING = 200, 120, 30
"""Brightness of a picture in which there is a thumb up, an open hand, or nothing."""


class Finder:
    """Sees by brightness what there is."""

    def __init__(self) -> None:
        self.looked = 0

    def find(self, picture: Image.Image, before: Sequence[Hand], part: int) -> list[Hand]:
        self.looked += 1
        brightness = float(np.asarray(picture).mean())
        if brightness > (THUMB + PALM) / 2:
            return [Hand(hand(FIST, "up", 90, size=20), 1.0, 1.0)]
        return [Hand(hand(OPEN, "out", size=20), 1.0, 1.0)] if brightness > (PALM + NOTHING) / 2 else []


def film(*parts: tuple[float, int]) -> list[NDArray[np.uint8]]:
    """Ten pictures a second: for so many seconds so bright."""
    return [np.full((90, 160, 3), bright, np.uint8) for seconds, bright in parts for _ in range(round(seconds * 10))]


def recorded(directory: Path, *, stopped: bool = True) -> Path:
    maker = RecordingMaker(directory / "rec", gestures=True)
    maker.person("ada", "Ada")
    maker.person("ben", "Ben")
    maker.video("ada", film((2, NOTHING), (2, THUMB), (2, NOTHING)), fps=10, at=1.0)
    maker.video("ben", film((1, NOTHING), (0.2, THUMB), (1, NOTHING), (2, PALM)), fps=10)
    maker.video("ben", film((3, THUMB)), fps=10, source="screen")
    if stopped:
        maker.stop(8.0)
    return directory / "rec"


def shown(gestures: Gestures) -> list[tuple[str, str, int, int]]:
    return [(one.participant, one.label, round(one.start), round(one.end)) for one in gestures.gestures]


ALL = [("ben", "open_palm", 2, 4), ("ada", "thumbs_up", 3, 5)]


def test_cameras_are_watched_and_screens_are_not(tmp_path: Path) -> None:
    recording = Recording.open(recorded(tmp_path))
    progress: list[float] = []
    assert shown(Watcher(Finder()).finish(recording, progress.append, hurry=False)) == ALL
    assert progress == sorted(progress)


def test_a_few_pictures_a_second_are_enough(tmp_path: Path) -> None:
    finder = Finder()
    Watcher(finder).finish(Recording.open(recorded(tmp_path)), lambda _: None, hurry=False)
    assert 20 < finder.looked < 60  # of 102


def test_what_was_seen_while_it_was_recorded_is_not_looked_at_again(tmp_path: Path) -> None:
    finder = Finder()
    watcher = Watcher(finder)
    recording = Recording.open(recorded(tmp_path, stopped=False))
    begun: list[Begun] = []
    for _ in range(50):
        begun += watcher.step(recording, 8.0, 0.02)
    before = finder.looked
    assert {(one.participant, one.label) for one in begun} == {("ada", "thumbs_up"), ("ben", "open_palm")}
    assert all(
        0.5 <= one.at - start <= 1.0
        for one, start in zip(sorted(begun, key=lambda one: one.at), (2.2, 3.0), strict=False)
    )
    assert shown(watcher.finish(recording, lambda _: None, hurry=True)) == ALL
    assert finder.looked - before <= 2


def test_who_is_far_behind_goes_on_with_the_next_key_frame(tmp_path: Path) -> None:
    finder = Finder()
    watcher = Watcher(finder)
    watcher.step(Recording.open(recorded(tmp_path, stopped=False)), 8.0 + BEHIND, 1.0)
    assert finder.looked <= 4  # at most the key frames with which the tracks begin


def test_a_camera_s_torn_file_ends_nothing(tmp_path: Path) -> None:
    directory = recorded(tmp_path)
    recording = Recording.open(directory)
    path = recording.of("camera")[0].files[0].path
    path.write_bytes(path.read_bytes()[:2000])
    found = shown(Watcher(Finder()).finish(recording, lambda _: None, hurry=False))
    assert ("ben", "open_palm", 2, 4) in found


def test_the_stage_keeps_label_time_and_person_and_nothing_else(tmp_path: Path) -> None:
    directory = recorded(tmp_path)
    report = Runner(directory, STAGES.only("gestures"), RecapSettings(watch=lambda: Watcher(Finder()))).run()
    made = report.artefacts["gestures"]
    assert isinstance(made, Gestures)
    assert shown(made) == ALL
    (written,) = (directory / "recap").glob("gestures.json")
    assert b"points" not in written.read_bytes()
    assert len(written.read_bytes()) < 1000


def test_nobody_is_watched_who_was_not_asked(tmp_path: Path) -> None:
    maker = RecordingMaker(tmp_path / "rec")
    maker.person("ada", "Ada")
    maker.video("ada", film((1, THUMB)), fps=10)
    maker.stop(2.0)
    report = Runner(tmp_path / "rec", STAGES.only("gestures"), RecapSettings()).run()
    assert "gestures" not in report.artefacts


def test_without_models_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_HAND_MODELS", str(tmp_path / "nowhere"))
    report = Runner(recorded(tmp_path), STAGES.only("gestures"), RecapSettings()).run()
    (failed,) = report.failed
    assert failed.name == "gestures"
    assert "make hands" in failed.words
