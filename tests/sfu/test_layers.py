"""Which simulcast layer is wanted, and that it is changed only where a decoder can follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.layers import LayerSelector

LOW, MEDIUM, HIGH = 0, 1, 2
ALL = [True, True, True]


def settled(live: list[bool], allowed: int, max_layer: int = HIGH) -> LayerSelector:
    """A selector that has got the key frame it waited for."""
    selector = LayerSelector(max_layer)
    selector.choose(live, allowed)
    if selector.target >= 0:
        assert selector.accept(selector.target, True) == (True, True)
    return selector


@pytest.mark.parametrize(
    ("live", "max_layer", "allowed", "target"),
    [
        (ALL, HIGH, HIGH, HIGH),
        (ALL, MEDIUM, HIGH, MEDIUM),
        (ALL, HIGH, LOW, LOW),
        (ALL, LOW, MEDIUM, LOW),
        ([True, True, False], HIGH, HIGH, MEDIUM),
        ([True, False, True], HIGH, MEDIUM, LOW),
        ([False, True, True], LOW, HIGH, MEDIUM),
        ([False, False, True], HIGH, LOW, HIGH),
        ([False, False, False], HIGH, HIGH, -1),
        (ALL, HIGH, -1, -1),
        ([], HIGH, HIGH, -1),
    ],
    ids=[
        "everything", "what the subscriber asked for", "what the bandwidth holds", "the lesser of both",
        "the best that arrives", "the next below one that doesn't arrive", "the smallest when all are above the wish",
        "rather one too large than none", "nothing arrives", "no bandwidth", "no layers known yet",
    ],
)  # fmt: skip
def test_the_target_is_the_best_layer_within_wish_bandwidth_and_arrival(
    live: list[bool], max_layer: int, allowed: int, target: int
) -> None:
    selector = LayerSelector(max_layer)
    assert selector.choose(live, allowed) is (target != -1)
    assert selector.target == target


def test_nothing_is_forwarded_before_the_first_key_frame_of_the_target() -> None:
    selector = LayerSelector()
    selector.choose(ALL, HIGH)
    assert selector.accept(HIGH, False) == (False, False)
    assert selector.accept(MEDIUM, True) == (False, False)
    assert selector.accept(HIGH, True) == (True, True)
    assert selector.accept(HIGH, False) == (True, False)


def test_until_the_key_frame_of_the_new_layer_comes_the_old_one_goes_on() -> None:
    selector = settled(ALL, HIGH)
    assert selector.choose(ALL, LOW)
    assert selector.accept(LOW, False) == (False, False)
    assert selector.accept(HIGH, False) == (True, False)
    assert selector.accept(LOW, True) == (True, True)
    assert selector.accept(HIGH, False) == (False, False)
    assert selector.accept(HIGH, True) == (False, False)


def test_choosing_the_same_again_is_no_change() -> None:
    selector = settled(ALL, HIGH)
    assert not selector.choose(ALL, HIGH)
    assert selector.accept(HIGH, True) == (True, False)


def test_going_back_before_the_key_frame_came_needs_none() -> None:
    selector = settled(ALL, HIGH)
    selector.choose(ALL, LOW)
    selector.choose(ALL, HIGH)
    assert selector.accept(HIGH, False) == (True, False)


def test_after_there_was_no_bandwidth_the_same_layer_needs_a_key_frame_again() -> None:
    selector = settled(ALL, HIGH)
    selector.choose(ALL, -1)
    assert selector.accept(HIGH, True) == (False, False)
    selector.choose(ALL, HIGH)
    assert selector.accept(HIGH, False) == (False, False)
    assert selector.accept(HIGH, True) == (True, True)


def test_when_a_layer_dies_the_next_below_is_awaited() -> None:
    selector = settled(ALL, HIGH)
    assert selector.choose([True, True, False], HIGH)
    assert selector.accept(MEDIUM, True) == (True, True)


@pytest.mark.fuzz
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("choose"), st.lists(st.booleans(), min_size=3, max_size=3), st.integers(-1, 2)),
            st.tuples(st.just("packet"), st.integers(0, 2), st.booleans()),
        ),
        max_size=60,
    ),
    st.integers(0, 2),
)
def test_whatever_happens_what_is_forwarded_can_be_decoded(
    events: list[tuple[str, list[bool] | int, int | bool]], max_layer: int
) -> None:
    selector = LayerSelector(max_layer)
    decodable = -1  # the layer whose key frame the subscriber got last, with everything since
    for kind, first, second in events:
        if kind == "choose":
            assert isinstance(first, list)
            selector.choose(first, second)
            assert selector.target == -1 or first[selector.target], "nothing dead is awaited"
            if selector.target == -1:
                decodable = -1
            continue
        assert isinstance(first, int)
        forwarded, is_first = selector.accept(first, bool(second))
        if is_first:
            assert second
            decodable = first
        assert forwarded is (first == decodable)
