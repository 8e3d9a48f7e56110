"""The throttle of sign-ins, driven by hand: waits grow, are bounded, end, and cost bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.accounts import FORGET_AFTER, FREE_FAILURES, MAX_TRACKED, MAX_WAIT, SignInThrottle


def failed(throttle: SignInThrottle, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        throttle.failed("key", now)


def test_some_failures_are_free() -> None:
    throttle = SignInThrottle()
    failed(throttle, FREE_FAILURES - 1)
    assert throttle.wait("key", 0.0) == 0.0


def test_then_each_failure_doubles_the_wait() -> None:
    throttle = SignInThrottle()
    failed(throttle, FREE_FAILURES)
    waits = []
    for _ in range(5):
        waits.append(throttle.wait("key", 0.0))
        failed(throttle, 1)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_no_wait_is_longer_than_the_longest() -> None:
    throttle = SignInThrottle()
    failed(throttle, 10_000)
    assert throttle.wait("key", 0.0) == MAX_WAIT
    assert throttle.wait("key", MAX_WAIT) == 0.0


def test_failures_of_long_ago_count_no_more() -> None:
    throttle = SignInThrottle()
    failed(throttle, 100)
    failed(throttle, 1, now=FORGET_AFTER)
    assert throttle.wait("key", FORGET_AFTER) == 0.0


def test_who_goes_on_guessing_is_not_forgiven() -> None:
    throttle, now = SignInThrottle(), 0.0
    guesses = 0
    while now < 24 * 3600:
        now += throttle.wait("key", now)
        throttle.failed("key", now)
        guesses += 1
    assert guesses < 24 * 3600 / MAX_WAIT + 20


def test_waiting_to_be_forgotten_is_no_faster_than_waiting() -> None:
    assert FORGET_AFTER / FREE_FAILURES > 100, "seconds per guess for who pauses after the free ones"


def test_success_starts_anew() -> None:
    throttle = SignInThrottle()
    failed(throttle, FREE_FAILURES)
    throttle.succeeded("key")
    assert throttle.wait("key", 0.0) == 0.0
    throttle.succeeded("never seen")


def test_each_key_waits_for_itself() -> None:
    throttle = SignInThrottle()
    failed(throttle, FREE_FAILURES)
    assert throttle.wait("other", 0.0) == 0.0


def test_memory_is_bounded_and_the_longest_silent_goes_first() -> None:
    throttle = SignInThrottle()
    failed(throttle, FREE_FAILURES)
    for number in range(MAX_TRACKED - 1):
        throttle.failed(str(number), 0.0)
    assert throttle.wait("key", 0.0) > 0
    throttle.failed("one too many", 0.0)
    assert len(throttle._failures) == MAX_TRACKED
    assert throttle.wait("key", 0.0) == 0.0


@given(steps=st.lists(st.tuples(st.booleans(), st.floats(0, 2000)), max_size=50))
def test_a_wait_never_is_negative_or_too_long_and_who_waited_may_try(steps: list[tuple[bool, float]]) -> None:
    throttle, now = SignInThrottle(), 0.0
    for success, step in steps:
        now += step
        wait = throttle.wait("key", now)
        assert 0.0 <= wait <= MAX_WAIT
        assert throttle.wait("key", now + wait + 1e-6) == 0.0
        if success:
            throttle.succeeded("key")
        else:
            throttle.failed("key", now)
