"""Packets in order: waits for what is missing, and not for long."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from parley.recorder.reorder import MAX_WAITING, WAIT, Gap, ReorderBuffer
from parley.recorder.rtp import RtpPacket, parse_rtp
from tests.recorder.packetising import rtp


def packet(number: int, at: float = 0.0, payload: bytes = b"x") -> RtpPacket:
    return RtpPacket(number & 0xFFFF, 0, False, payload, at)


def numbers(items: object) -> list[int | Gap]:
    return [item if isinstance(item, Gap) else item.sequence_number for item in items]  # type: ignore[attr-defined]


def pushed(buffer: ReorderBuffer, *packets: RtpPacket) -> list[int | Gap]:
    return [item for one in packets for item in numbers(buffer.push(one))]


def test_what_is_in_order_comes_out_at_once() -> None:
    assert pushed(ReorderBuffer(), packet(65535), packet(0), packet(1)) == [65535, 0, 1]


def test_a_late_packet_takes_its_place() -> None:
    assert pushed(ReorderBuffer(), packet(5), packet(7), packet(6)) == [5, 6, 7]


def test_a_hole_is_given_up_when_it_has_been_open_too_long() -> None:
    buffer = ReorderBuffer()
    assert pushed(buffer, packet(5), packet(8, at=1.0)) == [5]
    assert numbers(buffer.advance(1.0 + WAIT - 0.01)) == []
    assert numbers(buffer.advance(1.01 + WAIT)) == [Gap(2), 8]


def test_what_comes_too_late_or_twice_is_left_out() -> None:
    buffer = ReorderBuffer()
    pushed(buffer, packet(5), packet(8, at=1.0))
    list(buffer.advance(9))
    assert pushed(buffer, packet(6), packet(8)) == []
    assert buffer.late == 2


def test_a_stray_packet_changes_nothing_and_two_in_a_row_are_a_new_sequence() -> None:
    buffer = ReorderBuffer()
    assert pushed(buffer, packet(5), packet(40_000), packet(6)) == [5, 6]
    assert pushed(buffer, packet(20_000), packet(20_001), packet(20_002)) == [Gap(0), 20_001, 20_002]


@given(st.integers(0, 65535), st.randoms(use_true_random=False))
def test_any_mix_within_the_wait_comes_out_in_order(first: int, rng: random.Random) -> None:
    buffer = ReorderBuffer()
    mixed = sorted(range(1, 200), key=lambda number: number + rng.uniform(0, 30))
    out = pushed(buffer, packet(first), *(packet(first + number) for number in mixed))
    assert out == [(first + number) & 0xFFFF for number in range(200)]


@given(st.lists(st.tuples(st.integers(0, 65535), st.floats(0, 0.1)), max_size=300))
def test_no_sequence_of_numbers_makes_it_raise_or_hold_more_than_its_bound(steps: list[tuple[int, float]]) -> None:
    buffer = ReorderBuffer()
    at, out = 0.0, 0
    for number, passed in steps:
        at += passed
        out += sum(not isinstance(item, Gap) for item in buffer.push(packet(number, at)))
    out += sum(not isinstance(item, Gap) for item in buffer.flush())
    assert out + buffer.late == len(steps)


def test_it_never_holds_more_than_its_bound() -> None:
    buffer = ReorderBuffer(wait=1e9)
    list(buffer.push(packet(0)))
    out = sum(len(list(buffer.push(packet(number)))) for number in range(2, 2 + 2 * MAX_WAITING, 1))
    assert out >= MAX_WAITING


@given(st.binary(max_size=80))
def test_no_bytes_make_the_header_parser_raise(data: bytes) -> None:
    found = parse_rtp(data, 0.0)
    assert found is None or len(found.payload) <= len(data) - 12


def test_extensions_csrcs_and_padding_are_no_payload() -> None:
    head = bytearray(rtp(1, 2, b""))
    head[0] |= 0x20 | 0x10 | 2
    data = bytes(head) + bytes(8) + b"\xbe\xde\x00\x01abcd" + b"payload" + b"\0\0\x03"
    found = parse_rtp(data, 0.0)
    assert found is not None
    assert found.payload == b"payload"
