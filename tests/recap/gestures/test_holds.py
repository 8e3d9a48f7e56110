"""From what hands show to gestures."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from parley.recap.artefacts import Gesture
from parley.recap.gestures.holds import GONE, HOLD, Holds, Seen, turns

Pictures = list[tuple[float, list[Seen]]]


def watch(seen: list[tuple[float, list[Seen]]]) -> tuple[list[tuple[float, str]], list[Gesture]]:
    """When which labels began to count, and the gestures."""
    holds = Holds("ada")
    begun = [(at, label) for at, hands in seen for label in holds.see(at, hands)]
    return begun, holds.finish()


def still(shape: str, start: float, end: float, height: float = 0.7, step: float = 0.125) -> Pictures:
    count = round((end - start) / step)
    return [(start + number * step, [Seen(shape, 3.0, height)]) for number in range(count + 1)]  # type: ignore[arg-type]


def test_a_shape_counts_once_it_was_held_for_half_a_second() -> None:
    begun, gestures = watch(still("thumb_up", 10.0, 12.0))
    assert begun == [(10.0 + HOLD, "thumbs_up")]
    assert gestures == [Gesture("ada", "thumbs_up", 10.0, 12.0)]


def test_a_shape_on_the_way_to_another_says_nothing() -> None:
    begun, gestures = watch([*still("victory", 0.0, 0.375), (2.0, [])])
    assert (begun, gestures) == ([], [])


def test_a_blurred_picture_ends_nothing_and_a_pause_does() -> None:
    blurred = [*still("victory", 0.0, 1.0), (1.2, []), *still("victory", 1.5, 2.0)]
    assert watch(blurred)[1] == [Gesture("ada", "victory", 0.0, 2.0)]
    apart = [*still("victory", 0.0, 1.0), (1.0 + GONE + 0.1, []), *still("victory", 2.0, 3.0)]
    assert [one.start for one in watch(apart)[1]] == [0.0, 2.0]


def test_an_open_hand_up_high_is_raised_and_below_it_is_a_palm() -> None:
    assert [one.label for one in watch(still("open", 0.0, 2.0, height=0.3))[1]] == ["raised_hand"]
    assert [one.label for one in watch(still("open", 0.0, 2.0, height=0.7))[1]] == ["open_palm"]


def swinging(seconds: float, swing: float, frequency: float = 1.5, step: float = 0.12) -> Pictures:
    count = round(seconds / step)
    return [
        (number * step, [Seen("open", 3 + swing / 2 * math.sin(2 * math.pi * frequency * number * step), 0.3)])
        for number in range(count + 1)
    ]


def test_an_open_hand_that_swings_waves_and_is_not_raised() -> None:
    begun, gestures = watch(swinging(3.0, 0.9))
    assert [label for _, label in begun] == ["wave"]
    assert begun[0][0] < 1.7
    assert [one.label for one in gestures] == ["wave"]


def test_a_hand_that_trembles_is_raised_and_does_not_wave() -> None:
    assert [one.label for one in watch(swinging(3.0, 0.15))[1]] == ["raised_hand"]


def test_two_people_s_worth_of_hands_may_say_two_things() -> None:
    both = [(at, [*one, Seen("victory", 8.0, 0.7)]) for at, one in still("thumb_up", 0.0, 1.0)]
    assert {one.label for one in watch(both)[1]} == {"thumbs_up", "victory"}


@given(st.lists(st.floats(-5, 5), max_size=60))
def test_turns_are_fewer_than_places(places: list[float]) -> None:
    assert 0 <= turns(places) <= max(0, len(places) - 2)


HANDS = st.lists(
    st.builds(Seen, st.sampled_from(["thumb_up", "open", "victory"]), st.floats(0, 9), st.floats(0, 1)), max_size=2
)


@given(st.lists(st.tuples(st.floats(0.01, 2), HANDS), max_size=50))
def test_gestures_last_at_least_a_hold_and_never_overlap_themselves(steps: list[tuple[float, list[Seen]]]) -> None:
    at, seen = 0.0, []
    for wait, hands in steps:
        at += wait
        seen.append((at, hands))
    gestures = watch(seen)[1]
    for one in gestures:
        assert one.end - one.start >= HOLD - 0.002 or one.label == "wave"
        assert not any(
            other is not one and other.label == one.label and other.start < one.end and one.start < other.end
            for other in gestures
        )
