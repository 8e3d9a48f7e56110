"""What the shape of a hand says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recap.gestures.shapes import shape_of
from tests.recap.gestures.drawn import FIST, OPEN, VICTORY, hand


@pytest.mark.parametrize("turn", [-40, -20, 0, 20, 40])
def test_an_open_hand_may_lean(turn: int) -> None:
    assert shape_of(hand(OPEN, "out", turn)) == "open"


@pytest.mark.parametrize("turn", [-35, 0, 35])
def test_two_fingers_apart_are_victory_wherever_the_thumb_is(turn: int) -> None:
    assert shape_of(hand(VICTORY, "across", turn, spread=0.3)) == "victory"
    assert shape_of(hand(VICTORY, "out", turn, spread=0.3)) == "victory"


@pytest.mark.parametrize("turn", [60, 75, 90, 105])
def test_a_thumb_above_a_fist_is_up(turn: int) -> None:
    assert shape_of(hand(FIST, "up", turn)) == "thumb_up"


def test_the_other_hand_says_the_same() -> None:
    for shown, turn in (
        (hand(OPEN, "out"), 0),
        (hand(FIST, "up", 90), 0),
        (hand(VICTORY, "across", turn=0, spread=0.3), 0),
    ):
        mirrored = shown.copy()
        mirrored[:, 0] = 640 - mirrored[:, 0]
        assert shape_of(mirrored) == shape_of(shown), turn


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a thumb down", hand(FIST, "up", -90)),
        ("a thumb to the side", hand(FIST, "up", 0)),
        ("a fist", hand(FIST, "across", 0)),
        ("a fist on its side", hand(FIST, "across", 90)),
        ("four fingers", hand(OPEN, "across")),
        ("three fingers", hand((True, True, True, False), "across")),
        ("one finger", hand((True, False, False, False), "across")),
        ("two fingers together", hand(VICTORY, "across", spread=0.05)),
        ("the horns", hand((True, False, False, True), "across")),
        ("a call", hand((False, False, False, True), "out")),
        ("a hand that hangs", hand(OPEN, "out", 180)),
        ("a hand that lies", hand(OPEN, "out", 90)),
    ],
)
def test_other_shapes_say_nothing(name: str, shown: np.ndarray) -> None:
    assert shape_of(shown) is None, name


@given(st.floats(5, 300), st.floats(-300, 300), st.sampled_from(["out", "across", "up"]))
def test_size_and_place_make_no_difference(size: float, place: float, thumb: str) -> None:
    usual = hand(OPEN, thumb)
    assert shape_of(hand(OPEN, thumb, size=size) + np.float32([place, place, 0])) == shape_of(usual)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=63, max_size=63))
def test_no_points_at_all_make_it_fail(values: list[float]) -> None:
    assert shape_of(np.array(values, np.float32).reshape(21, 3)) in (None, "open", "victory", "thumb_up")
