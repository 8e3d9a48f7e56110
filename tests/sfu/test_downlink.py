"""What a subscriber can receive, as its browser's estimates and losses tell it, over minutes of virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.downlink import MAX, MIN, REACH, STALE, START, DownlinkEstimator

CAMERA_SMALL, SCREEN = 150_000, 2_500_000


class Link:
    """A subscriber behind a link of this capacity (bit/s), whose browser says what libwebrtc would: less than it gets
    when too much comes, else up to half as much again, and nothing at all while nothing comes."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.estimator = DownlinkEstimator()
        self.now = 0.0

    def second(self, sent: int, loss: float | None = None) -> int:
        """One second in which so much is sent; the new estimate."""
        self.now += 1.0
        if sent:
            if sent > self.capacity:
                self.estimator.remb(int(0.85 * self.capacity), self.now)
            else:
                self.estimator.remb(min(self.capacity, int(1.5 * sent)), self.now)
            lost = max(0.0, 1 - self.capacity / sent) if loss is None else loss
            self.estimator.receiver_report(lost, self.now)
        return self.estimator.update(sent, self.now)

    def seconds(self, count: int, sent: int, loss: float | None = None) -> int:
        for _ in range(count):
            self.second(sent, loss)
        return self.estimator.estimate


def test_it_starts_hopeful() -> None:
    estimator = DownlinkEstimator()
    assert estimator.update(0, 0.0) == START


def test_a_browser_that_takes_less_than_is_sent_is_believed_at_once() -> None:
    estimator = DownlinkEstimator()
    estimator.remb(800_000, 1.0)
    assert estimator.update(2_000_000, 1.0) == 800_000


def test_an_estimate_above_what_is_sent_says_at_least_so_much_and_lowers_nothing() -> None:
    estimator = DownlinkEstimator()
    estimator.remb(300_000, 1.0)
    assert estimator.update(200_000, 1.0) == START


def test_an_estimate_that_is_old_says_nothing() -> None:
    estimator = DownlinkEstimator()
    estimator.remb(800_000, 1.0)
    assert estimator.update(2_000_000, 1.0 + STALE) == START


def test_much_loss_lowers_it_and_little_does_not() -> None:
    estimator = DownlinkEstimator()
    estimator.receiver_report(0.2, 1.0)
    assert estimator.estimate == int(START * 0.9)
    estimator.receiver_report(0.09, 2.0)
    assert estimator.estimate == int(START * 0.9)


def test_while_packets_are_lost_it_does_not_grow() -> None:
    link = Link(10_000_000)
    link.estimator.remb(500_000, 0.0)
    low = link.estimator.update(1_000_000, 0.0)
    link.estimator.remb(0, 0.0)
    assert link.seconds(60, 480_000, loss=0.05) <= max(low, int(1.5 * 480_000))


def test_on_a_narrow_link_it_settles_below_what_the_link_holds_within_two_seconds() -> None:
    link = Link(1_000_000)
    assert link.seconds(2, 3_000_000) < 1_000_000


def test_room_that_is_proven_is_taken_at_once() -> None:
    link = Link(1_000_000)
    link.seconds(3, 3_000_000)
    link.capacity = 20_000_000
    assert link.second(2_000_000) >= 2_500_000


def test_beyond_what_is_proven_it_grows_only_slowly() -> None:
    link = Link(1_000_000)
    link.seconds(3, 3_000_000)
    link.capacity = 20_000_000
    proven = int(REACH * 600_000)
    assert link.seconds(5, 600_000) <= proven * 1.2


@pytest.mark.parametrize("needed", [CAMERA_SMALL, SCREEN])
def test_a_stream_that_was_switched_off_comes_back_when_the_link_has_recovered(needed: int) -> None:
    """Nothing is sent, so nothing can be proven: without a try now and then, video would be gone for good."""
    link = Link(200_000)
    link.seconds(20, 3_000_000)
    assert link.estimator.estimate < 200_000
    link.capacity = 20_000_000
    for second in range(1, 301):
        if link.second(0) > 1.15 * needed:
            assert second <= 180
            return
    raise AssertionError("never again")


def test_loss_that_was_reported_when_the_last_packet_was_sent_does_not_keep_it_down_for_ever() -> None:
    estimator = DownlinkEstimator()
    for second in range(60):
        estimator.receiver_report(0.5, float(second))
    assert estimator.update(0, 60.0) == MIN
    estimates = [estimator.update(0, 60.0 + second) for second in range(1, 240)]
    assert estimates[int(STALE) - 3] == MIN
    assert estimates[-1] > CAMERA_SMALL * 1.15


def test_without_anything_to_go_by_it_never_hopes_for_more_than_at_the_start() -> None:
    link = Link(200_000)
    link.seconds(5, 3_000_000)
    assert link.seconds(3_600, 0) == START


def test_a_link_that_stays_narrow_is_not_tried_more_than_once_in_half_a_minute() -> None:
    link = Link(1_000_000)
    link.seconds(5, 3_000_000)
    tries, sent = 0, 500_000
    for _ in range(600):
        estimate = link.second(sent)
        wants_more = estimate > 1.15 * 2_000_000
        tries += wants_more
        sent = 2_000_000 if wants_more else 500_000
    assert tries <= 20


@pytest.mark.fuzz
@given(
    st.lists(
        st.tuples(
            st.floats(0, 20),
            st.integers(0, 2**40),
            st.floats(0, 1),
            st.integers(0, 10**9),
            st.booleans(),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_whatever_a_browser_says_the_estimate_stays_within_its_bounds(
    events: list[tuple[float, int, float, int, bool, bool]],
) -> None:
    estimator, now = DownlinkEstimator(), 0.0
    for wait, remb, loss, sent, says_remb, says_loss in events:
        now += wait
        if says_remb:
            estimator.remb(remb, now)
        if says_loss:
            estimator.receiver_report(loss, now)
        assert MIN <= estimator.update(sent, now) <= MAX
