"""VP8 payload descriptors (RFC 7741 section 4.2), and picture ids that go on across changes of layers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.vp8 import Vp8Descriptor, Vp8Munger, parse_vp8

KEY, DELTA = b"\x10", b"\x11"


def payload(picture_id: int | None = None, tl0: int | None = None, *, wide: bool = True, frame: bytes = DELTA) -> bytes:
    """The first packet of a frame. wide: a picture id of 15 bits."""
    flags = (0x80 if picture_id is not None else 0) | (0x60 if tl0 is not None else 0)
    out = bytes([0x90, flags])
    if picture_id is not None:
        out += (0x8000 | picture_id).to_bytes(2, "big") if wide else bytes([picture_id])
    if tl0 is not None:
        out += bytes([tl0, 0x20])
    return out + frame


def parsed(data: bytes) -> Vp8Descriptor:
    descriptor = parse_vp8(data, 0, len(data))
    assert descriptor is not None
    return descriptor


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_descriptor_without_extensions_is_one_byte() -> None:
    descriptor = parsed(b"\x10" + KEY)
    assert (descriptor.length, descriptor.picture_id_offset, descriptor.tl0_offset) == (1, -1, -1)
    assert descriptor.keyframe


@pytest.mark.parametrize(("wide", "picture_id", "length"), [(False, 127, 3), (True, 127, 4), (True, 32_767, 4)])
def test_picture_ids_come_in_two_sizes(wide: bool, picture_id: int, length: int) -> None:
    descriptor = parsed(payload(picture_id, wide=wide))
    assert (descriptor.picture_id, descriptor.picture_id_bits) == (picture_id, 15 if wide else 7)
    assert (descriptor.picture_id_offset, descriptor.length) == (2, length)


def test_all_fields_at_once_are_found_where_they_are() -> None:
    data = b"RTP header" + payload(300, 9, frame=KEY)
    descriptor = parse_vp8(data, 10, len(data) - 10)
    assert descriptor is not None
    assert (descriptor.picture_id, descriptor.tl0) == (300, 9)
    assert (descriptor.picture_id_offset, descriptor.tl0_offset, descriptor.length) == (12, 14, 6)
    assert descriptor.keyframe


def test_a_key_index_alone_is_skipped() -> None:
    assert parsed(b"\x90\x10\x05" + KEY).length == 3


@pytest.mark.parametrize(
    ("data", "keyframe"),
    [
        (b"\x10" + KEY, True),
        (b"\x10" + DELTA, False),
        (b"\x00" + KEY, False),
        (b"\x11" + KEY, False),
        (b"\x30" + KEY, True),
        (b"\x10", False),
    ],
    ids=[
        "first packet of a key frame", "of another frame", "a later packet", "another partition", "a droppable frame",
        "no payload behind the descriptor",
    ],
)  # fmt: skip
def test_a_key_frame_is_told_by_its_first_packet(data: bytes, keyframe: bool) -> None:
    assert parsed(data).keyframe is keyframe


@pytest.mark.parametrize("size", range(6))
def test_a_descriptor_that_is_cut_off_is_none(size: int) -> None:
    assert parse_vp8(payload(300, 9), 0, size) is None


def test_what_lies_behind_the_payload_is_not_read() -> None:
    data = b"\x90\x80" + b"\x81\x02 the next packet"
    assert parse_vp8(data, 0, 2) is None
    assert parse_vp8(data, 0, 3) is None


@pytest.mark.fuzz
@given(st.binary(max_size=12), st.integers(0, 4))
def test_no_bytes_raise_and_no_field_lies_outside(data: bytes, offset: int) -> None:
    length = len(data) - offset
    if length < 0:
        return
    descriptor = parse_vp8(data, offset, length)
    if descriptor is not None:
        assert 1 <= descriptor.length <= length
        size = descriptor.picture_id_bits // 7
        assert descriptor.picture_id_offset == -1 or descriptor.picture_id_offset + size <= offset + descriptor.length
        assert descriptor.tl0_offset < offset + descriptor.length


# --- rewriting --------------------------------------------------------------------------------------------------------


def rewritten(munger: Vp8Munger, data: bytes, head: int = 0) -> bytes:
    packet = bytearray(bytes(head) + data)
    munger.rewrite(packet, head, 0, parsed(data))
    return bytes(packet[head:])


def switch(munger: Vp8Munger, last: bytes, first: bytes) -> None:
    munger.sent(parsed(last))
    munger.switched(parsed(first))


def test_before_the_first_change_nothing_is_rewritten() -> None:
    munger = Vp8Munger()
    assert not munger.active
    munger.switched(parsed(payload(5)))
    assert not munger.active, "the first layer of all is no change"


@given(st.integers(0, 32_767), st.integers(0, 255), st.integers(0, 32_767), st.integers(0, 255), st.integers(0, 500))
def test_ids_of_the_new_layer_follow_those_of_the_old_across_their_wraps(
    last: int, last_tl0: int, first: int, first_tl0: int, later: int
) -> None:
    munger = Vp8Munger()
    switch(munger, payload(last, last_tl0), payload(first, first_tl0))
    assert munger.active
    out = parsed(rewritten(munger, payload((first + later) & 0x7FFF, (first_tl0 + later) & 0xFF)))
    assert out.picture_id == (last + 1 + later) & 0x7FFF
    assert out.tl0 == (last_tl0 + 1 + later) & 0xFF


@given(st.integers(0, 127), st.integers(0, 127), st.integers(0, 300))
def test_seven_bit_ids_stay_seven_bits(last: int, first: int, later: int) -> None:
    munger = Vp8Munger()
    switch(munger, payload(last, wide=False), payload(first, wide=False))
    out = parsed(rewritten(munger, payload((first + later) & 0x7F, wide=False)))
    assert (out.picture_id, out.picture_id_bits) == ((last + 1 + later) & 0x7F, 7)


def test_however_long_a_layer_lasted_the_next_one_follows_its_last_picture() -> None:
    munger = Vp8Munger()
    switch(munger, payload(10, 1), payload(500, 7))
    pictures = 20_000  # eleven minutes: more than half the circle of ids
    last = payload((500 + pictures) & 0x7FFF, 8)
    sent = parsed(rewritten(munger, last)).picture_id
    switch(munger, last, payload(3, 100))
    assert parsed(rewritten(munger, payload(3, 100))).picture_id == (sent + 1) & 0x7FFF


@given(st.binary(max_size=30), st.integers(0, 20), st.booleans())
def test_only_the_ids_change(frame: bytes, head: int, has_tl0: bool) -> None:
    munger = Vp8Munger()
    switch(munger, payload(10, 1), payload(500, 7))
    data = payload(501, 8 if has_tl0 else None, frame=frame)
    out = rewritten(munger, data, head)
    assert out[:2] == data[:2]
    assert out[4 + has_tl0 :] == data[4 + has_tl0 :]


def test_a_payload_without_ids_stays_as_it_is() -> None:
    munger = Vp8Munger()
    switch(munger, payload(10, 1), payload(500, 7))
    assert rewritten(munger, b"\x10" + KEY) == b"\x10" + KEY
