"""Key frames are told by their first packet, and asked for until they come, but not too often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.keyframe import KeyFrameRequester, is_keyframe


def keyframe(codec: str, data: bytes) -> bool:
    return is_keyframe(codec, b"head" + data + b"\x65\x67", 4, len(data))


@pytest.mark.parametrize(
    ("codec", "data", "expected"),
    [
        ("VP8", b"\x10\x10", True),
        ("VP8", b"\x10\x11", False),
        ("VP8", b"\x90", False),
        ("VP9", b"\x88\x81\x00", True),
        ("VP9", b"\xc8\x81\x00", False),
        ("VP9", b"\x80\x81\x00", False),
        ("H264", b"\x65data", True),
        ("H264", b"\x67data", True),
        ("H264", b"\x41data", False),
        ("H264", b"\x78\x00\x02\x67\x01\x00\x02\x68\x01", True),
        ("H264", b"\x78\x00\x02\x09\x10\x00\x02\x65\x01", True),
        ("H264", b"\x78\x00\x02\x09\x10\x00\x02\x41\x01", False),
        ("H264", b"\x78\x00\x02\x09\x10\x00", False),
        ("H264", b"\x78\xff\xff\x09\x65", False),
        ("H264", b"\x7c\x85", True),
        ("H264", b"\x7c\x05", False),
        ("H264", b"\x7c\x81", False),
        ("H264", b"\x7c", False),
        ("AV1", b"\x18", True),
        ("AV1", b"\x10", False),
        ("opus", b"\x00", True),
    ],
    ids=[
        "VP8 key frame", "VP8 delta frame", "VP8 cut off",
        "VP9 that predicts from nothing", "VP9 that predicts", "VP9 later packet of a key frame",
        "H264 IDR slice", "H264 parameter set", "H264 other slice", "H264 STAP-A with a parameter set",
        "H264 STAP-A whose second unit is IDR", "H264 STAP-A without", "H264 STAP-A cut off", "H264 STAP-A that lies",
        "H264 FU-A start of IDR", "H264 FU-A middle of IDR", "H264 FU-A start of another slice", "H264 FU-A cut off",
        "AV1 new sequence", "AV1 other", "sound, where every packet will do",
    ],
)  # fmt: skip
def test_a_packet_that_decoding_can_start_from_is_told(codec: str, data: bytes, expected: bool) -> None:
    assert keyframe(codec, data) is expected


@pytest.mark.parametrize("codec", ["VP8", "VP9", "H264", "AV1", "opus"])
def test_an_empty_payload_is_no_key_frame_of_anything(codec: str) -> None:
    assert keyframe(codec, b"") is False


@pytest.mark.fuzz
@given(st.sampled_from(["VP8", "VP9", "H264", "AV1"]), st.binary(max_size=30))
def test_no_bytes_raise_and_nothing_behind_the_payload_counts(codec: str, data: bytes) -> None:
    alone = is_keyframe(codec, data, 0, len(data))
    assert alone is is_keyframe(codec, data + b"\x67" * 8, 0, len(data))


# --- asking -----------------------------------------------------------------------------------------------------------


def test_the_first_wish_is_sent_at_once_and_a_hundred_more_are_not() -> None:
    requester = KeyFrameRequester()
    assert requester.want(0.0)
    assert not any(requester.want(0.004 * count) for count in range(100))
    assert requester.want(0.5)
    assert requester.sent == 2


def test_until_it_comes_it_is_asked_for_again_a_bounded_number_of_times() -> None:
    requester = KeyFrameRequester(max_tries=4)
    requester.want(0.0)
    asked = [tick / 40 for tick in range(1, 400) if requester.due(tick / 40)]
    assert asked == [0.5, 1.0, 1.5]
    assert not requester.wanted


def test_when_it_came_nobody_asks_again() -> None:
    requester = KeyFrameRequester()
    requester.want(0.0)
    requester.arrived()
    assert not any(requester.due(float(second)) for second in range(1, 10))


def test_even_when_key_frames_come_quickly_a_publisher_is_not_asked_more_than_twice_a_second() -> None:
    requester = KeyFrameRequester()
    asked = 0
    for tick in range(400):
        asked += requester.want(tick / 40)
        requester.arrived()
    assert asked <= 20


def test_a_new_wish_after_giving_up_is_asked_for_anew() -> None:
    requester = KeyFrameRequester(max_tries=1)
    assert requester.want(0.0)
    assert not requester.due(1.0)
    assert requester.want(2.0)
