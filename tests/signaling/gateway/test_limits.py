"""How much one address, account or connection may ask for: the buckets, driven by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway.limits import Rate, RateLimiter, TokenBucket
from parley.signaling.gateway.traffic import BYTES, PATIENCE, RATES, MessageClass, Traffic, message_class
from parley.signaling.schema import client

RATE = Rate(per_second=2.0, burst=5.0)


def test_a_burst_passes_and_then_so_many_a_second() -> None:
    bucket = TokenBucket(RATE, now=10.0)
    assert [bucket.take(10.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.wait(10.0) == pytest.approx(0.5)
    assert bucket.take(10.5)
    assert not bucket.take(10.5)


def test_what_is_refused_costs_nothing() -> None:
    bucket = TokenBucket(RATE, now=0.0)
    assert not bucket.take(0.0, amount=6.0)
    assert bucket.take(0.0, amount=5.0)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = TokenBucket(RATE, now=0.0)
    assert not bucket.take(1e9, amount=5.1)
    assert bucket.is_full(1e9)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(RATE, now=100.0)
    assert bucket.take(100.0, amount=5.0)
    assert not bucket.take(50.0)


@given(steps=st.lists(st.floats(0, 3), max_size=60))
def test_never_more_pass_than_burst_and_rate_allow(steps: list[float]) -> None:
    bucket, now, passed = TokenBucket(RATE, 0.0), 0.0, 0
    for step in steps:
        now += step
        passed += bucket.take(now)
    assert passed <= RATE.burst + RATE.per_second * now + 1e-6


@given(steps=st.lists(st.floats(0, 3), max_size=60))
def test_who_waits_as_long_as_told_may_pass(steps: list[float]) -> None:
    limiter, now = RateLimiter(RATE), 0.0
    for step in steps:
        now += step
        wait = limiter.take("key", now)
        if wait > 0:
            now += wait + 1e-6
            assert limiter.take("key", now) == 0.0


def test_each_key_has_a_bucket_of_its_own() -> None:
    limiter = RateLimiter(RATE)
    for _ in range(5):
        assert limiter.take("one", 0.0) == 0.0
    assert limiter.take("one", 0.0) > 0
    assert limiter.take("other", 0.0) == 0.0


def test_looking_takes_nothing() -> None:
    limiter = RateLimiter(Rate(per_second=1.0, burst=1.0))
    for _ in range(5):
        assert limiter.peek("key", 0.0) == 0.0
    assert limiter.take("key", 0.0) == 0.0
    assert limiter.peek("key", 0.0) == pytest.approx(1.0)


def test_thousands_of_keys_are_held_in_bounded_memory() -> None:
    limiter = RateLimiter(RATE, max_keys=100)
    for number in range(10_000):
        limiter.take(str(number), 0.0)
    assert len(limiter) == 100


def test_keys_that_came_back_to_rest_are_forgotten() -> None:
    limiter = RateLimiter(RATE)
    for number in range(50):
        limiter.take(str(number), 0.0)
    for number in range(50, 110):
        limiter.take(str(number), 1_000.0)
    assert len(limiter) <= 61


def test_who_is_at_its_limit_is_not_forgotten_for_newcomers() -> None:
    limiter = RateLimiter(RATE, max_keys=10)
    for number in range(9):
        for _ in range(6):
            limiter.take("busy", 0.0)
        limiter.take(str(number), 0.0)
    assert limiter.take("busy", 0.0) > 0


# --- messages of one WebSocket ----------------------------------------------------------------------------------------


def test_every_message_has_a_rate() -> None:
    assert RATES.keys() == set(MessageClass)
    assert message_class(client.SendChat) is MessageClass.CHAT
    assert message_class(client.Leave) is MessageClass.OTHER


def test_chat_is_held_back_without_holding_back_the_rest() -> None:
    traffic = Traffic(0.0)
    burst = int(RATES[MessageClass.CHAT].burst)
    assert [traffic.allows(client.SendChat, 0.0) for _ in range(burst + 1)] == [True] * burst + [False]
    assert traffic.allows(client.PublishOffer, 0.0)
    assert traffic.allows(client.SendChat, 1.0 / RATES[MessageClass.CHAT].per_second + 0.01)


def test_bytes_are_counted_before_they_are_looked_at() -> None:
    traffic = Traffic(0.0)
    assert traffic.allows_bytes(int(BYTES.burst), 0.0)
    assert not traffic.allows_bytes(1000, 0.0)
    assert traffic.allows_bytes(1000, 1.0)


def test_patience_ends_for_who_goes_on_but_not_for_who_errs_now_and_then() -> None:
    hasty, calm = Traffic(0.0), Traffic(0.0)
    assert not all(hasty.tolerates(0.0) for _ in range(int(PATIENCE.burst) + 1))
    assert all(calm.tolerates(number / PATIENCE.per_second) for number in range(1_000))
