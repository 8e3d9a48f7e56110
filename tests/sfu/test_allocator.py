"""What a subscriber can receive is shared in the order of what people look at, and streams don't flap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.allocator import HEADROOM, Demand, allocate

SCREEN, SPEAKER, OTHER = 0, 1, 2
CAMERA = (150_000, 500_000, 1_700_000)


def camera(
    key: str, priority: int = OTHER, *, current: int = -1, wanted: int = 2, bitrates: tuple[int, ...] = CAMERA
) -> Demand:
    return Demand(key, priority, bitrates, current, wanted)


def screen(key: str = "screen", bitrate: int = 2_000_000, current: int = -1) -> Demand:
    return Demand(key, SCREEN, (bitrate,), current, 0)


def cost(demands: list[Demand], allowed: dict[str, int]) -> int:
    return sum(demand.bitrates[allowed[demand.key]] for demand in demands if allowed[demand.key] >= 0)


def test_who_has_room_for_everything_gets_everything() -> None:
    assert allocate(50_000_000, [camera("ann"), camera("bob"), screen()]) == {"ann": 2, "bob": 2, "screen": 0}


def test_who_has_room_for_nothing_gets_nothing() -> None:
    assert allocate(100_000, [camera("ann"), screen()]) == {"ann": -1, "screen": -1}


def test_nobody_to_serve_is_no_trouble() -> None:
    assert allocate(1_000_000, []) == {}


def test_everybody_is_seen_small_before_anybody_is_seen_large() -> None:
    demands = [camera(f"guest {number}") for number in range(8)]
    assert set(allocate(1_500_000, demands).values()) == {0}


def test_screens_come_first_then_the_speaker_then_the_rest() -> None:
    demands = [camera("bob"), camera("ann", SPEAKER), screen()]
    assert allocate(2_350_000, demands) == {"screen": 0, "ann": -1, "bob": -1}
    assert allocate(2_500_000, demands) == {"screen": 0, "ann": 0, "bob": -1}
    assert allocate(3_200_000, demands) == {"screen": 0, "ann": 1, "bob": 0}


def test_a_screen_that_does_not_fit_leaves_the_room_to_the_cameras() -> None:
    assert allocate(1_000_000, [screen(), camera("ann")]) == {"screen": -1, "ann": 1}


def test_nobody_gets_more_than_they_asked_for() -> None:
    assert allocate(50_000_000, [camera("ann", wanted=0), camera("bob", wanted=1)]) == {"ann": 0, "bob": 1}


def test_going_up_needs_room_to_spare_and_staying_does_not() -> None:
    exactly = CAMERA[1]
    assert allocate(exactly, [camera("ann", current=0)]) == {"ann": 0}
    assert allocate(exactly, [camera("ann", current=1)]) == {"ann": 1}
    assert allocate(int(exactly * HEADROOM) + 1, [camera("ann", current=0)]) == {"ann": 1}
    assert allocate(exactly - 1, [camera("ann", current=1)]) == {"ann": 0}


def test_a_layer_that_does_not_arrive_costs_nothing_and_does_not_make_those_above_dearer() -> None:
    assert allocate(1_700_000, [camera("ann", current=2, bitrates=(150_000, 0, 1_700_000))]) == {"ann": 2}
    assert allocate(1_699_999, [camera("ann", current=2, bitrates=(150_000, 0, 1_700_000))]) == {"ann": 1}
    assert allocate(100_000, [camera("ann", bitrates=(0, 0, 0))]) == {"ann": 2}


def test_a_layer_smaller_than_the_one_below_gives_nothing_back_that_was_not_there() -> None:
    demands = [camera("ann", current=2, bitrates=(500_000, 100_000, 600_000)), camera("bob", current=2)]
    allowed = allocate(700_000, demands)
    assert cost(demands, allowed) <= 700_000


DEMANDS = st.lists(
    st.tuples(
        st.integers(0, 2), st.lists(st.integers(0, 3_000_000), max_size=3), st.integers(-1, 2), st.integers(0, 2)
    ),
    max_size=12,
)


@pytest.mark.fuzz
@given(st.integers(0, 20_000_000), DEMANDS)
def test_what_is_allowed_always_fits_and_is_always_there(
    estimate: int, wishes: list[tuple[int, list[int], int, int]]
) -> None:
    demands = [Demand(str(index), *wish) for index, wish in enumerate(wishes)]
    allowed = allocate(estimate, demands)
    assert allowed.keys() == {demand.key for demand in demands}
    assert cost(demands, allowed) <= estimate
    for demand in demands:
        assert -1 <= allowed[demand.key] <= min(demand.wanted, len(demand.bitrates) - 1)


@given(st.integers(100_000, 20_000_000), st.lists(st.integers(0, 2), min_size=1, max_size=10))
def test_what_was_decided_stays_decided_while_nothing_changes(estimate: int, priorities: list[int]) -> None:
    demands = [camera(str(index), priority) for index, priority in enumerate(priorities)]
    before = allocate(estimate, demands)
    for demand in demands:
        demand.current = before[demand.key]
    assert allocate(estimate, demands) == before


@pytest.mark.parametrize("step", [0.95, 1.05])
def test_an_estimate_that_trembles_by_five_percent_does_not_make_streams_flap(step: float) -> None:
    for estimate in range(200_000, 8_000_000, 37_000):
        demands = [camera("ann", SPEAKER), camera("bob")]
        history = []
        for turn in range(6):
            allowed = allocate(int(estimate * (step if turn % 2 else 1.0)), demands)
            for demand in demands:
                demand.current = allowed[demand.key]
            history.append(tuple(allowed.values()))
        assert len(set(history[3:])) == 1
