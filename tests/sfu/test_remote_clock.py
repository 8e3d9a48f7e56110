"""A publisher's clock is mapped to ours by its fastest reports, so that sound and picture stay together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.receive_stats import ntp_time
from parley.sfu.remote_clock import DRIFT, STEP, RemoteClock, seconds_of

NOW = 1_800_000_000.0


def test_before_the_first_report_nothing_is_known() -> None:
    clock = RemoteClock()
    assert clock.offset is None
    assert clock.rtp_at(NOW, ntp_time(NOW), 0, 90_000) is None


@given(st.floats(0, 4e9))
def test_ntp_time_leads_there_and_back(wall: float) -> None:
    assert seconds_of(ntp_time(wall)) == pytest.approx(wall, abs=1e-5)


def test_a_clock_that_is_wrong_by_a_day_is_mapped() -> None:
    clock = RemoteClock()
    clock.observe(ntp_time(NOW - 86_400), NOW + 0.05)
    assert clock.offset == pytest.approx(86_400.05, abs=1e-4)


def test_the_report_with_the_least_delay_counts() -> None:
    clock = RemoteClock()
    for second, delay in enumerate((0.2, 0.05, 0.3, 0.15)):
        clock.observe(ntp_time(NOW + second), NOW + second + delay)
    assert clock.offset == pytest.approx(0.05 + 2 * DRIFT, abs=0.001)


def test_a_delay_that_lasts_is_followed_no_faster_than_clocks_drift() -> None:
    clock = RemoteClock()
    for second in range(100):
        clock.observe(ntp_time(NOW + second), NOW + second + (0.05 if second < 10 else 1.0))
    assert clock.offset == pytest.approx(0.05 + 90 * DRIFT, abs=0.002)


def test_a_clock_that_was_set_anew_is_followed_at_once() -> None:
    clock = RemoteClock()
    clock.observe(ntp_time(NOW), NOW + 0.05)
    clock.observe(ntp_time(NOW + 1 - 2 * STEP), NOW + 1.05)
    assert clock.offset == pytest.approx(2 * STEP + 0.05, abs=1e-4)


def test_what_a_stream_shows_now_follows_from_what_its_last_report_said() -> None:
    clock = RemoteClock()
    report = ntp_time(NOW - 100)
    clock.observe(report, NOW)
    assert clock.rtp_at(NOW + 2, report, 1_000, 90_000) == pytest.approx(1_000 + 180_000, abs=2)
    assert clock.rtp_at(NOW + 2, report, 2**32 - 90_000, 90_000) == pytest.approx(90_000, abs=2)


@given(st.floats(-50, 50), st.floats(0, 0.4), st.floats(0, 0.4))
def test_two_streams_of_a_publisher_keep_their_distance_whatever_the_network_did_to_their_reports(
    skew: float, sound_delay: float, picture_delay: float
) -> None:
    clock = RemoteClock()
    sound, picture = ntp_time(NOW + skew), ntp_time(NOW + skew + 0.7)
    clock.observe(sound, NOW + sound_delay)
    clock.observe(picture, NOW + 0.7 + picture_delay)
    at = NOW + 3
    heard, seen = clock.rtp_at(at, sound, 0, 48_000), clock.rtp_at(at, picture, 0, 90_000)
    assert heard is not None
    assert seen is not None
    signed = [(value + 2**31) % 2**32 - 2**31 for value in (heard, seen)]
    assert signed[0] / 48_000 - signed[1] / 90_000 == pytest.approx(0.7, abs=0.001)
