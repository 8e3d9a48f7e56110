"""What is missing is asked for: soon, again after a round trip, not for ever, and never what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.nack import MAX_MISSING, MAX_TRIES, MAX_WAIT, MIN_RETRY, NackGenerator

RTT = 0.1


def after(*seqs: int, now: float = 0.0) -> NackGenerator:
    nack = NackGenerator()
    for seq in seqs:
        nack.receive(seq, now)
    return nack


def test_a_stream_without_gaps_asks_for_nothing_across_the_wrap() -> None:
    nack = after(65_534, 65_535, 0, 1)
    assert nack.due(1.0, RTT) == []
    assert not nack.waiting


def test_where_a_stream_begins_nothing_is_missing() -> None:
    assert after(5_000).due(1.0, RTT) == []


def test_a_gap_is_asked_for_as_a_whole_across_the_wrap() -> None:
    nack = after(65_533, 2)
    assert nack.due(0.0, RTT) == [65_534, 65_535, 0, 1]
    assert nack.requested == 4


def test_what_arrives_before_it_was_asked_for_was_only_overtaken() -> None:
    nack = after(1, 3, 2)
    assert nack.due(0.0, RTT) == []
    assert not nack.waiting
    assert nack.recovered == 1


def test_it_is_asked_again_after_a_round_trip_and_a_quarter_not_before() -> None:
    nack = after(1, 3)
    assert nack.due(0.0, RTT) == [2]
    assert nack.due(1.24 * RTT, RTT) == []
    assert nack.due(1.26 * RTT, RTT) == [2]


def test_a_round_trip_of_nothing_does_not_make_it_ask_all_the_time() -> None:
    nack = after(1, 3)
    asked = sum(bool(nack.due(step * MIN_RETRY / 4, 0.0)) for step in range(8))
    assert asked == 2


def test_after_ten_tries_it_gives_up_and_wants_a_key_frame() -> None:
    nack = after(1, 3)
    asked = []
    now = 0.0
    while nack.waiting:
        asked += nack.due(now, 0.01)
        now += 0.03
    assert asked == [2] * MAX_TRIES
    assert nack.needs_keyframe


def test_what_no_decoder_waits_for_any_more_is_given_up_however_long_the_round_trip() -> None:
    nack = after(1, 3)
    assert nack.due(0.0, 1.5) == [2]
    assert nack.due(MAX_WAIT + 0.01, 1.5) == []
    assert nack.needs_keyframe
    assert not nack.waiting


def test_a_hole_too_big_to_mend_is_a_matter_for_a_key_frame_and_the_stream_goes_on() -> None:
    nack = after(1, 1 + MAX_MISSING + 2)
    assert nack.needs_keyframe
    assert not nack.waiting
    nack.receive(MAX_MISSING + 5, 0.0)
    assert nack.due(0.0, RTT) == [MAX_MISSING + 4], "later gaps are mended as ever"


def test_many_small_holes_count_together() -> None:
    nack = NackGenerator()
    for seq in range(0, 4 * MAX_MISSING, 2):
        nack.receive(seq, 0.0)
    assert nack.needs_keyframe
    assert len(nack.due(0.0, RTT)) <= MAX_MISSING


def test_an_old_packet_from_before_the_stream_changes_nothing() -> None:
    nack = after(100, 99, 101)
    assert nack.due(0.0, RTT) == []
    assert nack.recovered == 0


@given(st.integers(0, 0xFFFF), st.lists(st.booleans(), min_size=1, max_size=200))
def test_exactly_what_was_lost_is_asked_for(start: int, arrives: list[bool]) -> None:
    nack = NackGenerator()
    nack.receive(start, 0.0)
    for index, there in enumerate([*arrives, True], 1):
        if there:
            nack.receive((start + index) & 0xFFFF, 0.0)
    lost = [(start + index) & 0xFFFF for index, there in enumerate(arrives, 1) if not there]
    assert nack.due(0.0, RTT) == lost
    for seq in lost:
        nack.receive(seq, 0.0)
    assert nack.recovered == len(lost)
    assert not nack.waiting


@pytest.mark.fuzz
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 0.5)), max_size=60))
def test_whatever_numbers_come_the_list_is_bounded_and_the_last_arrival_is_never_asked_for(
    arrivals: list[tuple[int, float]],
) -> None:
    nack = NackGenerator()
    now = 0.0
    for seq, wait in arrivals:
        now += wait
        nack.receive(seq, now)
        asked = nack.due(now, RTT)
        assert len(asked) <= MAX_MISSING
        assert len(set(asked)) == len(asked)
        assert seq not in asked
