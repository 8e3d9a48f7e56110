"""Loss, jitter and round trips as RFC 3550 computes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.receive_stats import ReceiveStatistics, ntp_middle, ntp_time, round_trip
from parley.sfu.rtcp import ReportBlock, SenderReport

CLOCK = 48_000
FRAME = 960
"""20 ms of sound."""


def heard(*seqs: int, stats: ReceiveStatistics | None = None, at: float = 0.0) -> ReceiveStatistics:
    stats = stats or ReceiveStatistics(CLOCK)
    for index, seq in enumerate(seqs):
        stats.receive(seq, seq * FRAME & 0xFFFFFFFF, 100, at + index * 0.02)
    return stats


def report(stats: ReceiveStatistics, now: float = 0.0) -> ReportBlock:
    block = stats.report(0xCAFE, now)
    assert block is not None
    return block


# --- loss -------------------------------------------------------------------------------------------------------------


def test_before_the_first_packet_there_is_nothing_to_report() -> None:
    stats = ReceiveStatistics(CLOCK)
    assert stats.report(1, 0.0) is None
    assert stats.lost == 0


def test_one_lost_of_four_is_a_quarter_and_only_in_the_report_of_its_interval() -> None:
    stats = heard(1, 2, 4)
    assert (report(stats).fraction_lost, report(stats).cumulative_lost) == (64, 1)
    heard(5, 6, 7, 8, stats=stats)
    block = report(stats)
    assert (block.fraction_lost, block.cumulative_lost) == (0, 1)
    assert stats.lost == 1


def test_numbers_that_go_round_go_on_counting() -> None:
    stats = heard(65_534, 65_535, 0, 2)
    block = report(stats)
    assert block.highest_sequence == 0x10000 + 2
    assert block.cumulative_lost == 1


def test_a_packet_overtaken_at_the_wrap_is_neither_lost_nor_another_round() -> None:
    block = report(heard(65_534, 0, 65_535, 1))
    assert block.highest_sequence == 0x10000 + 1
    assert block.cumulative_lost == 0


def test_copies_never_make_loss_negative_for_people_but_do_for_the_report() -> None:
    stats = heard(1, 2, 2, 2, 3)
    block = report(stats)
    assert (block.fraction_lost, block.cumulative_lost) == (0, -2)
    assert stats.lost == 0


def test_an_interval_in_which_all_is_lost_but_one_fits_its_byte() -> None:
    stats = heard(1)
    report(stats)
    heard(10_000, stats=stats)
    assert report(stats).fraction_lost == 255


@given(st.integers(0, 0xFFFF), st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=150))
def test_however_packets_overtake_each_other_what_is_lost_is_what_did_not_come(
    start: int, fates: list[tuple[bool, int]]
) -> None:
    indices = [index for index, (arrives, _) in enumerate(fates, 1) if arrives]
    arrivals = [0, *sorted(indices, key=lambda index: (index + fates[index - 1][1], index))]
    stats = heard(*((start + index) & 0xFFFF for index in arrivals))
    highest = max(arrivals)
    block = report(stats)
    assert block.cumulative_lost == stats.lost == highest + 1 - len(arrivals)
    assert block.highest_sequence == start + highest
    assert block.fraction_lost == (stats.lost << 8) // (highest + 1)
    assert (stats.packets, stats.bytes) == (len(arrivals), 100 * len(arrivals))


# --- jitter -----------------------------------------------------------------------------------------------------------


def test_packets_that_keep_time_have_no_jitter() -> None:
    assert heard(*range(100)).jitter < 0.01


def test_jitter_follows_the_formula_of_section_6_4_1() -> None:
    stats = ReceiveStatistics(CLOCK)
    expected, previous = 0.0, None
    for index, late in enumerate((0.0, 0.005, 0.0, 0.01, 0.002)):
        arrival = index * 0.02 + late
        stats.receive(index, index * FRAME, 1, arrival)
        transit = arrival * CLOCK - index * FRAME
        if previous is not None:
            expected += (abs(transit - previous) - expected) / 16
        previous = transit
    assert stats.jitter == pytest.approx(expected)
    assert report(stats).jitter == int(expected)


@pytest.mark.parametrize("first", [2**32 - 10 * FRAME, 0])
def test_timestamps_that_go_round_are_no_jitter(first: int) -> None:
    stats = ReceiveStatistics(CLOCK)
    for index in range(50):
        stats.receive(index, (first + index * FRAME) & 0xFFFFFFFF, 1, index * 0.02)
    assert stats.jitter < 1


def test_timestamps_that_begin_anew_are_no_jitter() -> None:
    stats = heard(*range(10))
    for index in range(10, 60):
        stats.receive(index, (index * FRAME + 3_000_000_000) & 0xFFFFFFFF, 1, index * 0.02)
    assert stats.jitter < 1


# --- clocks and round trips -------------------------------------------------------------------------------------------


def test_ntp_time_is_seconds_since_1900_with_32_bits_of_fraction() -> None:
    assert ntp_time(0.0) == 2_208_988_800 << 32
    assert ntp_time(0.5) & 0xFFFFFFFF == 1 << 31
    assert ntp_middle(0x0123_4567_89AB_CDEF) == 0x4567_89AB


def test_a_report_says_which_sender_report_it_knows_and_how_long_ago_that_came() -> None:
    stats = heard(1)
    assert (report(stats).last_sr, report(stats).delay_since_last_sr) == (0, 0)
    stats.sender_report(SenderReport(0xCAFE, 0x0123_4567_89AB_CDEF, 0, 0, 0), 10.0)
    block = report(stats, 12.5)
    assert block.last_sr == 0x4567_89AB
    assert block.delay_since_last_sr == int(2.5 * 65_536)


@given(st.floats(0, 4e9), st.floats(0, 10), st.floats(0, 20))
def test_a_round_trip_is_what_is_left_when_the_peers_own_delay_is_taken_off(
    sent: float, delay: float, rtt: float
) -> None:
    block = ReportBlock(1, 0, 0, 0, 0, ntp_middle(ntp_time(sent)), int(delay * 65_536))
    found = round_trip(block, sent + delay + rtt)
    if block.last_sr:
        assert found == pytest.approx(rtt, abs=0.0001)


def test_without_a_sender_report_there_is_no_round_trip() -> None:
    assert round_trip(ReportBlock(1, 0, 0, 0, 0, 0, 0), 1_000.0) is None


def test_clocks_that_round_make_no_round_trip_of_eighteen_hours_and_lies_make_none() -> None:
    last_sr = ntp_middle(ntp_time(1_000.0))
    assert round_trip(ReportBlock(1, 0, 0, 0, 0, last_sr, 3), 1_000.0) == 0.0
    assert round_trip(ReportBlock(1, 0, 0, 0, 0, last_sr, 0), 1_000.0 + 3_600) is None
