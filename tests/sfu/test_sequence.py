"""Producers' numbers and timestamps become one stream that a subscriber can't tell from a plain one."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.sequence import MAX_LATE, MAX_SEGMENTS, SequenceMapper, TimestampMapper
from parley.sfu.types import seq_diff

Fate = Literal["sent", "left out", "lost"]
FATES = st.lists(st.sampled_from(["sent", "sent", "sent", "left out", "lost"]), min_size=1, max_size=120)
NEAR_THE_WRAP = st.one_of(st.integers(0, 0xFFFF), st.integers(65_480, 65_535))


def feed(mapper: SequenceMapper, seq: int, fate: str) -> int | None:
    """What the consumer sends the packet as, None where it isn't sent."""
    if fate == "left out":
        mapper.leave_out(seq & 0xFFFF)
        return None
    out = mapper.map(seq & 0xFFFF)
    return None if out < 0 else out


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_stream_starts_in_the_lower_half_so_that_early_loss_is_no_rollover_to_srtp() -> None:
    starts = {SequenceMapper().map(60_000) for _ in range(50)}
    assert max(starts) < 0x8000
    assert len(starts) > 10, "and not where anybody could guess"


@given(NEAR_THE_WRAP, NEAR_THE_WRAP, FATES)
def test_numbers_close_up_over_what_is_left_out_and_keep_the_gaps_of_real_loss(
    start: int, first_out: int, fates: list[Fate]
) -> None:
    mapper = SequenceMapper(first_out)
    expected = first_out
    assert mapper.map(start) == expected
    for index, fate in enumerate(fates, 1):
        expected += fate != "left out"
        if fate != "lost":
            out = feed(mapper, start + index, fate)
            assert out == (None if fate == "left out" else expected & 0xFFFF)


@pytest.mark.fuzz
@given(NEAR_THE_WRAP, NEAR_THE_WRAP, FATES, st.data())
def test_however_packets_overtake_each_other_order_is_kept_and_every_number_leads_back(
    start: int, first_out: int, fates: list[Fate], data: st.DataObject
) -> None:
    mapper = SequenceMapper(first_out)
    mapper.map(start)
    delays = data.draw(st.lists(st.integers(0, 6), min_size=len(fates), max_size=len(fates)))
    arrivals = sorted(range(1, len(fates) + 1), key=lambda index: (index + delays[index - 1], index))
    sent: dict[int, int] = {0: first_out}
    for index in arrivals:
        if fates[index - 1] != "lost":
            out = feed(mapper, start + index, fates[index - 1])
            if out is not None:
                sent[index] = out
    in_order = [sent[index] for index in sorted(sent)]
    steps = [seq_diff(after, before) for before, after in pairwise(in_order)]
    assert all(step > 0 for step in steps), "later packets have higher numbers, and no number is used twice"
    for index, out in sent.items():
        assert mapper.reverse(out) == (start + index) & 0xFFFF


def test_a_packet_that_was_left_out_is_not_sent_when_its_copy_comes_late() -> None:
    mapper = SequenceMapper(100)
    assert mapper.map(10) == 100
    mapper.leave_out(11)
    assert mapper.map(12) == 101
    assert mapper.map(11) == -1
    assert mapper.reverse(101) == 12


def test_a_packet_overtaken_by_one_that_is_left_out_still_has_its_number() -> None:
    mapper = SequenceMapper(100)
    mapper.map(10)
    mapper.leave_out(12)
    assert mapper.map(13) == 102
    assert mapper.map(11) == 101
    assert mapper.reverse(101) == 11


def test_padding_that_comes_late_has_a_number_already_and_moves_nothing() -> None:
    mapper = SequenceMapper(100)
    mapper.map(10)
    mapper.map(12)
    mapper.leave_out(11)
    assert mapper.map(13) == 103


def test_after_a_change_of_layers_numbers_go_on_and_the_old_space_is_forgotten() -> None:
    mapper = SequenceMapper(100)
    assert [mapper.map(seq) for seq in (50_000, 50_001)] == [100, 101]
    mapper.restart(7)
    assert [mapper.map(seq) for seq in (7, 8)] == [102, 103]
    assert [mapper.reverse(out) for out in (100, 101, 102, 103)] == [-1, -1, 7, 8]
    assert mapper.map(6) == -1, "what is older than the change was never this consumer's"


@given(st.lists(st.tuples(NEAR_THE_WRAP, st.integers(1, 40)), min_size=1, max_size=20), NEAR_THE_WRAP)
def test_any_number_of_changes_makes_one_gapless_stream(runs: list[tuple[int, int]], first_out: int) -> None:
    mapper = SequenceMapper(first_out)
    got = []
    for start, count in runs:
        mapper.restart(start)
        got += [mapper.map((start + step) & 0xFFFF) for step in range(count)]
    assert got == [(first_out + index) & 0xFFFF for index in range(len(got))]
    assert mapper.last_out == got[-1]


def test_numbers_that_were_never_sent_or_long_ago_lead_nowhere() -> None:
    mapper = SequenceMapper(100)
    assert mapper.reverse(100) == -1, "nothing was sent yet"
    for seq in range(MAX_LATE + 50):
        mapper.map(seq)
    assert mapper.reverse(mapper.last_out) == MAX_LATE + 49
    assert mapper.reverse((mapper.last_out + 1) & 0xFFFF) == -1
    assert mapper.reverse(100) == -1
    assert mapper.map(0) == -1, "too late to be of use to anybody"


def test_memory_of_what_was_left_out_is_bounded_and_only_the_oldest_is_forgotten() -> None:
    mapper = SequenceMapper(100)
    sent = {}
    for seq in range(4 * MAX_SEGMENTS):
        if seq % 2:
            mapper.leave_out(seq)
        else:
            sent[seq] = mapper.map(seq)
    assert len(mapper._segments) <= MAX_SEGMENTS
    assert list(sent.values()) == list(range(100, 100 + len(sent)))
    newest = list(sent)[-MAX_SEGMENTS // 2 :]
    assert [mapper.reverse(sent[seq]) for seq in newest] == newest
    assert mapper.reverse(sent[0]) == -1
    assert mapper.map(1) == -1


# --- timestamps -------------------------------------------------------------------------------------------------------

CLOCK = 90_000
U32 = st.integers(0, 2**32 - 1)


def test_before_the_first_change_timestamps_stay_as_they_come() -> None:
    mapper = TimestampMapper(CLOCK)
    mapper.restart(4_000_000_000, 1.0)
    assert mapper.offset == 0


@given(first=U32, second=U32, elapsed=st.floats(0, 30), up=st.floats(0, 1e6))
def test_at_a_change_time_goes_on_by_as_much_as_passed(first: int, second: int, elapsed: float, up: float) -> None:
    mapper = TimestampMapper(CLOCK)
    mapper.restart(first, up)
    mapper.sent(first, up)
    mapper.restart(second, up + elapsed)
    passed = (second + mapper.offset - first) & 0xFFFFFFFF
    assert 1 <= passed <= max(1, elapsed * CLOCK + 1)
    assert abs(passed - elapsed * CLOCK) <= 2


@given(st.lists(st.tuples(U32, st.integers(0, 2**31), st.floats(0.01, 5)), min_size=2, max_size=10))
def test_over_any_number_of_changes_time_never_stands_still(runs: list[tuple[int, int, float]]) -> None:
    mapper = TimestampMapper(CLOCK)
    now, last = 1_000.0, None
    for start, _, seconds in runs:
        mapper.restart(start, now)
        begins = (start + mapper.offset) & 0xFFFFFFFF
        if last is not None:
            assert 0 < (begins - last) & 0xFFFFFFFF < 0x80000000
        now += seconds
        last = (begins + int(seconds * CLOCK)) & 0xFFFFFFFF
        mapper.sent(last, now)


def test_a_layer_that_lasted_for_hours_hands_over_as_well_as_a_short_one() -> None:
    mapper = TimestampMapper(CLOCK)
    mapper.restart(1_000, 0.0)
    mapper.sent(1_000, 0.0)
    hours = 8 * 3_600
    end = (1_000 + hours * CLOCK) & 0xFFFFFFFF
    mapper.sent(end, float(hours))
    mapper.restart(500, hours + 0.1)
    assert (500 + mapper.offset - end) & 0xFFFFFFFF in (8_999, 9_000, 9_001)


def test_what_sender_reports_say_is_better_than_arrival_times() -> None:
    mapper = TimestampMapper(CLOCK)
    mapper.restart(10_000, 1.0)
    mapper.sent(10_000, 1.0)
    mapper.restart(500_000, 1.05, expected_offset=(10_000 + 3_000 - 500_000) & 0xFFFFFFFF)
    assert (500_000 + mapper.offset) & 0xFFFFFFFF == 13_000


def test_sender_reports_that_would_turn_time_back_or_leap_ahead_are_not_believed() -> None:
    for lie in (10_000, 9_999, 10_000 + 4_500 + CLOCK, 10_000 + 2**31):
        mapper = TimestampMapper(CLOCK)
        mapper.restart(10_000, 1.0)
        mapper.sent(10_000, 1.0)
        mapper.restart(500_000, 1.05, expected_offset=(lie - 500_000) & 0xFFFFFFFF)
        assert abs(((500_000 + mapper.offset) & 0xFFFFFFFF) - 14_500) <= 1
