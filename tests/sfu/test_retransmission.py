"""The last packets of a stream can be had again, the right ones, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.retransmission import RetransmissionBuffer


def test_a_packet_can_be_had_again_until_it_is_too_old() -> None:
    buffer = RetransmissionBuffer(8, max_age=2.0)
    buffer.store(65_535, b"packet", 10.0)
    assert buffer.get(65_535, 12.0) == b"packet"
    assert buffer.get(65_535, 12.1) is None


def test_a_number_that_shares_the_place_of_another_is_not_mistaken_for_it() -> None:
    buffer = RetransmissionBuffer(8)
    buffer.store(3, b"three", 0.0)
    assert buffer.get(11, 0.0) is None
    buffer.store(11, b"eleven", 0.0)
    assert buffer.get(3, 0.0) is None
    assert buffer.get(11, 0.0) == b"eleven"


def test_cleared_means_gone() -> None:
    buffer = RetransmissionBuffer(8)
    buffer.store(0, b"zero", 0.0)
    buffer.clear()
    assert buffer.get(0, 0.0) is None


@pytest.mark.parametrize("size", [0, 3, 500])
def test_sizes_that_are_no_powers_of_two_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        RetransmissionBuffer(size)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(0, 20), max_size=150))
def test_of_a_running_stream_everything_is_there_that_no_later_packet_took_the_place_of(
    start: int, skips: list[int]
) -> None:
    buffer = RetransmissionBuffer(32)
    seq = start
    there: dict[int, int] = {}
    for skip in skips:
        seq += 1 + skip
        there[seq % 32] = seq
        buffer.store(seq & 0xFFFF, b"%d" % seq, 0.0)
    for number in range(start, seq + 1):
        expected = b"%d" % number if there.get(number % 32) == number else None
        assert buffer.get(number & 0xFFFF, 0.0) == expected
