"""A publisher learns of every packet whether and when it arrived, in messages any browser can read.

The reader here is written from draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, apart from the writer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.transport_cc import MAX_PENDING, MAX_SPAN, TransportCcReceiver

LARGEST = 1_250
"""Bytes: what fits into a datagram on every path, encrypted."""


@dataclass
class Feedback:
    """One message: per 16-bit number the arrival in seconds, None for what didn't arrive."""

    sender_ssrc: int
    media_ssrc: int
    base: int
    count: int
    arrivals: dict[int, float | None]


def read(data: bytes) -> Feedback:
    first, packet_type, words, sender, media, base, number, tail = struct.unpack_from("!BBHIIHHI", data)
    assert (first & 0xDF, packet_type) == (0x80 | 15, 205)
    assert len(data) == 4 * words + 4
    end = len(data) - (data[-1] if first & 0x20 else 0)
    position, symbols = 20, []
    while len(symbols) < number:
        (chunk,) = struct.unpack_from("!H", data, position)
        position += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -2, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    ticks = (tail >> 8) * 256
    arrivals: dict[int, float | None] = {}
    for index, symbol in enumerate(symbols[:number]):
        if symbol == 1:
            ticks += data[position]
            position += 1
        elif symbol == 2:
            ticks += struct.unpack_from("!h", data, position)[0]
            position += 2
        arrivals[(base + index) & 0xFFFF] = ticks / 4_000 if symbol else None
    assert position <= end < position + 4, "deltas and padding fill the message"
    assert symbols[0] != 0 or any(symbols)
    return Feedback(sender, media, base, tail & 0xFF, arrivals)


def receiver(*arrivals: tuple[int, float]) -> TransportCcReceiver:
    found = TransportCcReceiver(0xAA)
    for seq, now in arrivals:
        found.add(seq, 0xBB, now)
    return found


def told(cc: TransportCcReceiver) -> list[Feedback]:
    return [read(packet) for packet in cc.feedback()]


def test_a_message_names_both_streams_and_counts_up() -> None:
    cc = receiver((7, 1.0))
    first = told(cc)[0]
    cc.add(8, 0xBB, 1.1)
    second = told(cc)[0]
    assert (first.sender_ssrc, first.media_ssrc) == (0xAA, 0xBB)
    assert second.count == first.count + 1


def test_when_nothing_came_nothing_is_said() -> None:
    cc = receiver()
    assert cc.feedback() == []
    cc.add(1, 0xBB, 1.0)
    assert len(cc.feedback()) == 1
    assert cc.feedback() == []


def test_times_are_right_to_a_quarter_of_a_millisecond_and_loss_in_between_is_told() -> None:
    (message,) = told(receiver((10, 5.0), (11, 5.0101), (13, 5.0203), (14, 5.1)))
    assert {seq: arrival is None for seq, arrival in message.arrivals.items()} == {
        10: False, 11: False, 12: True, 13: False, 14: False,
    }  # fmt: skip
    for seq, expected in ((10, 5.0), (11, 5.0101), (13, 5.0203), (14, 5.1)):
        arrival = message.arrivals[seq]
        assert arrival is not None
        assert abs(arrival - expected) <= 0.00025


def test_what_was_lost_between_two_messages_is_in_the_second() -> None:
    cc = receiver((65_534, 1.0))
    told(cc)
    cc.add(2, 0xBB, 1.1)
    (message,) = told(cc)
    assert list(message.arrivals) == [65_535, 0, 1, 2]
    assert [seq for seq, arrival in message.arrivals.items() if arrival is not None] == [2]


def test_a_packet_that_comes_after_it_was_told_lost_is_told_arrived_and_no_other_is_told_lost_again() -> None:
    cc = receiver((1, 1.0), (2, 1.001), (4, 1.002), (5, 1.003))
    told(cc)
    cc.add(3, 0xBB, 1.1)
    cc.add(6, 0xBB, 1.11)
    told_now = {seq: arrival for message in told(cc) for seq, arrival in message.arrivals.items()}
    assert {seq for seq, arrival in told_now.items() if arrival is not None} == {3, 6}
    assert {seq for seq, arrival in told_now.items() if arrival is None} == set()
    cc.add(7, 0xBB, 1.2)
    assert list(told(cc)[0].arrivals) == [7], "and the next message goes on where the stream stands"


def test_of_a_packet_that_came_twice_the_first_arrival_counts() -> None:
    (message,) = told(receiver((1, 1.0), (1, 1.05), (2, 1.06)))
    assert message.arrivals[1] == 1.0


@pytest.mark.fuzz
@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 0.03), st.integers(0, 8)), min_size=1, max_size=80),
    st.floats(0, 1e6),
    st.integers(1, 30),
)
def test_every_arrival_is_told_once_with_its_time_and_nothing_that_did_not_come(
    start: int, steps: list[tuple[int, float, int]], now: float, between: int
) -> None:
    sent: list[tuple[int, int]] = []
    seq = start
    for index, (lost, _, delay) in enumerate(steps):
        seq += 1 + lost
        sent.append((index + delay, seq))
    arrived: dict[int, float] = {}
    heard: dict[int, float] = {}
    cc = TransportCcReceiver(1)
    for index, (_, seq) in enumerate(sorted(sent)):
        now += steps[index][1]
        cc.add(seq & 0xFFFF, 2, now)
        arrived[seq & 0xFFFF] = now
        if index % between == 0 or index == len(sent) - 1:
            for message in told(cc):
                for number, arrival in message.arrivals.items():
                    if arrival is not None:
                        assert number not in heard
                        heard[number] = arrival
    assert heard.keys() == arrived.keys()
    wrap = 2**24 * 0.064
    for number, arrival in heard.items():
        assert abs((arrival - arrived[number] + wrap / 2) % wrap - wrap / 2) < 0.001


@pytest.mark.fuzz
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 20)), max_size=300))
def test_no_numbers_break_it_and_no_message_outgrows_a_datagram(arrivals: list[tuple[int, float]]) -> None:
    cc = TransportCcReceiver(1)
    now = 0.0
    for seq, wait in arrivals:
        now += wait
        cc.add(seq, 2, now)
    for packet in cc.feedback():
        assert len(packet) <= LARGEST
        assert read(packet).arrivals


def test_a_busy_second_is_told_in_several_messages_that_follow_each_other() -> None:
    cc = TransportCcReceiver(1)
    for seq in range(MAX_PENDING):
        cc.add(seq, 2, 1.0 + (seq % 2) * 0.1 + seq * 1e-4)  # every second one far off: two bytes each
    packets = cc.feedback()
    assert max(map(len, packets)) <= LARGEST
    heard = [seq for packet in packets for seq, arrival in read(packet).arrivals.items() if arrival is not None]
    assert heard == list(range(MAX_PENDING))


def test_a_leap_of_the_numbers_is_not_told_as_ten_thousand_losses() -> None:
    cc = receiver((1, 1.0))
    told(cc)
    cc.add(1 + MAX_SPAN + 500, 0xBB, 1.1)
    (message,) = told(cc)
    assert len(message.arrivals) == 1


def test_a_flood_between_two_messages_is_bounded() -> None:
    cc = TransportCcReceiver(1)
    for seq in range(60_000):
        cc.add(seq & 0xFFFF, 2, 1.0)
    assert sum(len(read(packet).arrivals) for packet in cc.feedback()) <= MAX_PENDING + MAX_SPAN
