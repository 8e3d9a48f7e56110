"""Sound and picture stay together, through whatever the network and the sender's clocks do."""

from __future__ import annotations

import itertools

import pytest

from tests.recorder.network import Path, Placed, Talker, played

LIMIT = 0.040
SETTLED = 4.0
"""Seconds within which the first reports have come and what arrival times said before is corrected."""


def worst(placed: Placed, after: float = SETTLED) -> float:
    return max(abs(offset) for offset in placed.offsets(after))


def never_back(placed: Placed) -> bool:
    return all(
        earlier[1] < later[1]
        for frames in (placed.audio, placed.video)
        for earlier, later in itertools.pairwise(frames)
    )


@pytest.mark.parametrize("skew", [1e-4, -1e-4])
def test_over_an_hour_skewed_clocks_loss_and_jitter_never_part_sound_and_picture(skew: float) -> None:
    talker = Talker(3600, audio_every=0.24, video_every=1.0, skew=skew, audio_skew=-skew)
    placed = played(talker)
    assert worst(placed) < LIMIT
    assert never_back(placed)
    true, at = placed.audio[-1]
    assert abs(at - true) < 0.1  # and the file's clock is still the meeting's


def test_with_a_report_known_at_the_start_not_even_the_first_second_is_off() -> None:
    assert worst(played(Talker(10, first_report=0.0, video_late=0.12)), after=0.25) < LIMIT


@pytest.mark.parametrize("seed", range(3))
def test_a_bad_network_doesnt_part_them(seed: int) -> None:
    placed = played(Talker(30, path=Path(seed, jitter=0.08, loss=0.15)))
    assert worst(placed) < LIMIT
    assert never_back(placed)


@pytest.mark.parametrize("jump", [3600.0, -7200.0, 1.0, -0.3])
def test_a_senders_clock_that_is_set_anew_moves_nothing(jump: float) -> None:
    placed = played(Talker(45, jump=(20.0, jump)))
    assert worst(placed) < LIMIT
    assert never_back(placed)
    assert all(abs(at - true) < 0.15 for true, at in placed.audio[500:])


def test_before_the_first_report_arrival_times_keep_them_within_what_encoding_takes() -> None:
    placed = played(Talker(10, first_report=9.9, video_late=0.06))
    assert worst(placed, after=0.0) < 0.15


def test_the_first_report_corrects_quickly_and_never_goes_back() -> None:
    placed = played(Talker(12, first_report=3.0, video_late=0.2))
    assert worst(placed, after=9.0) < LIMIT
    assert never_back(placed)
