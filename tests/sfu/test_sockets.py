"""A TCP stream is split into frames (RFC 4571) however it arrives, and never waits for more than one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.sockets import MAX_FRAME, FrameReader


def framed(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


@given(st.lists(st.binary(max_size=60), max_size=12), st.lists(st.integers(1, 40), max_size=40))
def test_the_same_frames_come_out_wherever_the_stream_is_cut(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, frames))
    reader, got = FrameReader(), []
    for cut in cuts:
        got += reader.feed(stream[:cut])
        stream = stream[cut:]
    got += reader.feed(stream)
    assert got == frames


def test_a_frame_comes_out_when_its_last_byte_is_there_and_not_before() -> None:
    reader = FrameReader()
    stream = framed(b"frame")
    assert [reader.feed(stream[at : at + 1]) for at in range(len(stream))] == [[]] * 6 + [[b"frame"]]


def test_the_largest_datagram_fits_and_a_larger_frame_is_an_error() -> None:
    assert FrameReader().feed(framed(bytes(MAX_FRAME))) == [bytes(MAX_FRAME)]
    with pytest.raises(ValueError, match="too large"):
        FrameReader().feed(struct.pack("!H", MAX_FRAME + 1))


@pytest.mark.fuzz
@given(st.lists(st.binary(max_size=3_000), max_size=10))
def test_what_waits_is_always_less_than_one_frame(chunks: list[bytes]) -> None:
    reader = FrameReader()
    for chunk in chunks:
        try:
            frames = reader.feed(chunk)
        except ValueError:
            return
        assert all(len(frame) <= MAX_FRAME for frame in frames)
        assert len(reader._pending) < MAX_FRAME + 2
