"""RTP timestamps on the meeting's clock: what one track's clock does with odd packets and reports."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from parley.recorder.sender_clock import SenderClock
from parley.recorder.track_clock import EARLIEST, JUMP, LATEST, TrackClock

RATE = 48_000


def steady(clock: TrackClock, start: float, seconds: float, shift: float = 0.0) -> float:
    """Packets of 20 ms whose timestamps are `shift` seconds off; how far the last one is from its arrival."""
    at = start
    placed = 0.0
    while at < start + seconds:
        placed = clock.time_of(round((at + shift) * RATE), at) or placed
        at += 0.02
    return placed - (at - 0.02)


def test_a_single_wild_report_is_not_believed() -> None:
    clock = TrackClock(RATE, SenderClock())
    steady(clock, 10, 2)
    clock.report(12.0, 12 * RATE, 12.0)
    steady(clock, 12, 2)
    clock.report(99_999.0, 14 * RATE, 14.0)
    assert abs(steady(clock, 14, 5)) < 0.005


def test_a_wild_first_report_is_not_believed_either() -> None:
    sender = SenderClock()
    steady_one = TrackClock(RATE, sender)
    steady(steady_one, 10, 1)
    steady_one.report(11.0, 11 * RATE, 11.0)
    clock = TrackClock(RATE, sender)
    steady(clock, 10, 1)
    clock.report(5000.0, 11 * RATE, 11.0)
    assert not clock.by_reports
    assert abs(steady(clock, 11, 3)) < 0.005


def test_timestamps_that_begin_anew_are_followed_after_a_moment() -> None:
    clock = TrackClock(RATE, SenderClock())
    steady(clock, 10, 3)
    clock.report(13.0, 13 * RATE, 13.0)
    assert abs(steady(clock, 13, 5, shift=600.0)) < 0.15
    assert abs(steady(clock, 18, 5, shift=-600.0)) < 0.15


def test_a_microphone_that_stood_still_is_late_until_the_next_two_reports_and_right_from_then_on() -> None:
    clock = TrackClock(RATE, SenderClock())
    steady(clock, 10, 3)
    clock.report(13.0, 13 * RATE, 13.0)
    steady(clock, 14, 3, shift=-1.0)  # nothing came for a second, and the timestamps didn't count it
    clock.report(17.0, 16 * RATE, 17.0)
    steady(clock, 17, 1, shift=-1.0)
    clock.report(18.0, 17 * RATE, 18.0)
    assert abs(steady(clock, 18, 12, shift=-1.0)) < 0.05


def test_silence_is_a_gap_in_time_and_no_shift() -> None:
    clock = TrackClock(RATE, SenderClock())
    steady(clock, 10, 1)
    assert abs(steady(clock, 130, 1)) < 0.03  # 200 ppm of two minutes, at the most


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**40), 2**40), st.floats(0, 10, allow_nan=False), st.booleans(), st.floats(-1e10, 1e10)
        ),
        max_size=200,
    )
)
def test_whatever_timestamps_and_reports_claim_time_goes_on_and_stays_near_arrival(
    steps: list[tuple[int, float, bool, float]],
) -> None:
    clock = TrackClock(RATE, SenderClock())
    at, last = 0.0, -math.inf
    for timestamp, passed, reports, ntp in steps:
        at += passed
        if reports:
            clock.report(ntp, timestamp, at)
            continue
        placed = clock.time_of(timestamp, at)
        if placed is not None:
            assert placed > last
            assert at - EARLIEST - 0.001 <= placed <= at + max(JUMP, LATEST) + 0.001
            last = placed
