"""Meetings in which recorder and worker are killed, connections cut and the disk full lose no second of speech."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.tiling import one_run, place


@pytest.mark.parametrize("number", [4])
def test_every_second_of_voice_is_text_or_marked_whatever_happens(tmp_path: Path, number: int) -> None:
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed (scripts/system_packages.sh installs it)")
    with place(tmp_path) as (root, scratch, small):
        verdict = one_run(number, root, scratch, small, seconds=24.0, people=2)
    assert verdict.voice > 5
    assert (verdict.bare, verdict.double, verdict.in_silence) == ([], [], [])
