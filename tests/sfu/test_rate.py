"""A rate is what came in about the last second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.rate import RateMeter


def steady(meter: RateMeter, bitrate: int, begin: float, seconds: float) -> float:
    """Feed a steady stream; when it ended."""
    packets = int(seconds * 100)
    for index in range(packets):
        meter.add(bitrate // 800, begin + index / 100)
    return begin + seconds


def test_before_anything_came_the_rate_is_nothing() -> None:
    assert RateMeter().bitrate(5.0) == 0


@pytest.mark.parametrize("begin", [0.0, 12_345.678])
def test_a_steady_stream_has_its_rate(begin: float) -> None:
    meter = RateMeter()
    now = steady(meter, 800_000, begin, 3.0)
    assert meter.bitrate(now) == pytest.approx(800_000, rel=0.11)


def test_a_stream_that_has_just_begun_has_its_rate_too() -> None:
    meter = RateMeter()
    now = steady(meter, 800_000, 5.0, 0.3)
    assert meter.bitrate(now) == pytest.approx(800_000, rel=0.15)


def test_a_first_packet_is_no_rate_of_millions() -> None:
    meter = RateMeter()
    meter.add(1_200, 1.0)
    assert meter.bitrate(1.0001) <= 1_200 * 8 * RateMeter.BUCKETS


def test_a_stream_that_stopped_fades_within_a_second() -> None:
    meter = RateMeter()
    now = steady(meter, 800_000, 0.0, 2.0)
    assert meter.bitrate(now + 0.5) == pytest.approx(400_000, rel=0.3)
    assert meter.bitrate(now + 1.2) == 0


def test_after_a_pause_only_what_came_since_counts() -> None:
    meter = RateMeter()
    steady(meter, 8_000_000, 0.0, 2.0)
    now = steady(meter, 80_000, 60.0, 0.5)
    assert meter.bitrate(now) == pytest.approx(80_000, rel=0.2)


@given(st.lists(st.tuples(st.integers(1, 1_500), st.floats(0, 3)), max_size=60))
def test_no_rate_is_more_than_all_that_came_within_a_window_and_nothing_is_forgotten_in_total(
    arrivals: list[tuple[int, float]],
) -> None:
    meter, now = RateMeter(), 100.0
    seen: list[tuple[float, int]] = []
    for size, wait in arrivals:
        now += wait
        meter.add(size, now)
        seen.append((now, size))
        recent = sum(size for at, size in seen if at > now - 1.11)
        assert 0 <= meter.bitrate(now) <= recent * 8 * RateMeter.BUCKETS
    assert meter.total == sum(size for size, _ in arrivals)
