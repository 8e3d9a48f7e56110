"""What is read of RTCP and written: bytes as the RFCs draw them, and one exception for all that is malformed."""

from __future__ import annotations

import struct

import pytest
from aiortc import rtp as aiortc_rtp
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.rtcp import (
    MAX_NACKED,
    MAX_PACKETS,
    Bye,
    FullIntraRequest,
    Nack,
    PictureLoss,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpError,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    compound,
    parse_compound,
)

U32 = st.integers(0, 2**32 - 1)
SEQ = st.integers(0, 0xFFFF)
BLOCKS = st.lists(
    st.builds(ReportBlock, U32, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), U32, U32, U32, U32), max_size=31
)
PACKETS = st.one_of(
    st.builds(SenderReport, U32, st.integers(0, 2**64 - 1), U32, U32, U32, BLOCKS),
    st.builds(ReceiverReport, U32, BLOCKS),
    st.builds(SourceDescription, U32, st.text(max_size=60)),
    st.builds(Bye, st.lists(U32, max_size=31)),
    st.builds(PictureLoss, U32, U32),
    st.builds(FullIntraRequest, U32, st.lists(st.tuples(U32, st.integers(0, 255)), max_size=20)),
)


def raw(first: int, packet_type: int, body: bytes) -> bytes:
    return struct.pack("!BBH", first, packet_type, len(body) // 4) + body


# --- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.fuzz
@given(st.lists(PACKETS, max_size=8))
def test_what_is_written_is_read_back(packets: list[RtcpPacket]) -> None:
    data = compound(packets)
    assert len(data) % 4 == 0
    assert parse_compound(data) == packets


@given(st.lists(SEQ, max_size=200, unique=True))
def test_a_nack_asks_for_exactly_the_numbers_it_was_given_whatever_their_order(lost: list[int]) -> None:
    (packet,) = parse_compound(Nack(1, 2, lost).to_bytes())
    assert isinstance(packet, Nack)
    assert sorted(packet.lost) == sorted(lost)


@given(SEQ, st.lists(st.integers(0, 40), max_size=40, unique=True))
def test_another_implementation_reads_our_nacks_the_same(start: int, ahead: list[int]) -> None:
    lost = [(start + step) & 0xFFFF for step in sorted(ahead)]
    (packet,) = aiortc_rtp.RtcpPacket.parse(Nack(1, 2, lost).to_bytes())
    assert isinstance(packet, aiortc_rtp.RtcpRtpfbPacket)
    # it counts on beyond the wrap
    assert (packet.ssrc, packet.media_ssrc, [number & 0xFFFF for number in packet.lost]) == (1, 2, lost)


def test_numbers_on_both_sides_of_the_wrap_share_one_entry() -> None:
    data = Nack(1, 2, [65_534, 65_535, 0, 14]).to_bytes()
    assert len(data) == 12 + 4
    assert struct.unpack("!HH", data[12:]) == (65_534, 1 << 0 | 1 << 1 | 1 << 15)


@given(st.integers(0, 2**40))
def test_an_estimate_loses_less_than_a_promille_on_the_wire_and_never_grows(bitrate: int) -> None:
    (packet,) = parse_compound(Remb(1, bitrate, [7, 8]).to_bytes())
    assert isinstance(packet, Remb)
    assert packet.ssrcs == [7, 8]
    assert bitrate * (1 - 2**-17) <= packet.bitrate <= bitrate


@given(st.integers(0, 2**31))
def test_another_implementation_reads_our_estimates_the_same(bitrate: int) -> None:
    (packet,) = aiortc_rtp.RtcpPacket.parse(Remb(1, bitrate, [7]).to_bytes())
    assert isinstance(packet, aiortc_rtp.RtcpPsfbPacket)
    (ours,) = parse_compound(Remb(1, bitrate, [7]).to_bytes())
    assert isinstance(ours, Remb)
    assert aiortc_rtp.unpack_remb_fci(packet.fci) == (ours.bitrate, [7])


def test_an_estimate_beyond_all_measure_is_bounded() -> None:
    fci = b"REMB" + struct.pack("!I", 63 << 18 | 0x3FFFF)
    (packet,) = parse_compound(raw(0x80 | 15, 206, struct.pack("!II", 1, 0) + fci))
    assert packet == Remb(1, 2**40, [])


def test_more_loss_than_24_bits_hold_is_written_as_the_most_they_hold() -> None:
    for told, read in ((2**30, 2**23 - 1), (-(2**30), -(2**23))):
        (packet,) = parse_compound(ReceiverReport(1, [ReportBlock(2, 0, told, 0, 0, 0, 0)]).to_bytes())
        assert isinstance(packet, ReceiverReport)
        assert packet.reports[0].cumulative_lost == read


def test_counters_that_outgrew_their_fields_wrap_instead_of_failing() -> None:
    (packet,) = parse_compound(SenderReport(1, 2, 2**32 + 3, 2**32 + 4, 2**40 + 5).to_bytes())
    assert packet == SenderReport(1, 2, 3, 4, 5)


# --- compounds --------------------------------------------------------------------------------------------------------


def test_packets_of_types_that_nobody_here_needs_are_skipped() -> None:
    extended_report, application = raw(0x80, 207, bytes(8)), raw(0x80, 204, bytes(8))
    other_feedback = raw(0x80 | 15, 205, bytes(12)) + raw(0x80 | 15, 206, bytes(12))
    data = extended_report + PictureLoss(1, 2).to_bytes() + application + other_feedback
    assert parse_compound(data) == [PictureLoss(1, 2)]


def test_padding_behind_the_last_packet_is_no_content() -> None:
    body = struct.pack("!II", 1, 2) + b"\x00\x00\x00\x04"
    assert parse_compound(raw(0xA0 | 1, 206, body)) == [PictureLoss(1, 2)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        b"\x80\xc9\x00",
        b"\x80\xc9\x00\x01",
        b"\x40\xc9\x00\x01\x00\x00\x00\x01",
        PictureLoss(1, 2).to_bytes() + b"\x00",
        raw(0x80 | 1, 201, struct.pack("!I", 1)),
        raw(0x80 | 31, 200, bytes(24)),
        raw(0x80 | 2, 203, bytes(4)),
        raw(0x80 | 1, 206, bytes(4)),
        raw(0x80 | 1, 205, bytes(4)),
        raw(0x80 | 15, 206, bytes(8) + b"REMB"),
        raw(0x80 | 15, 206, bytes(8) + b"REMB" + struct.pack("!I", 3 << 24)),
        raw(0x80 | 1, 202, b"\x00\x00\x00\x01\x01\x02\xff\xff\x00\x00\x00\x00"),
        raw(0xA0 | 1, 206, bytes(8)),
        raw(0xA0 | 1, 206, bytes(7) + b"\x09"),
        raw(0xA0, 201, b""),
        raw(0x80, 204, b"") * (MAX_PACKETS + 1),
    ],
    ids=[
        "one byte", "a cut header", "a body that isn't there", "version 1", "a stray byte behind",
        "a report block missing", "31 report blocks missing", "BYE without its SSRC", "PLI without media SSRC",
        "NACK without media SSRC", "REMB without its number", "REMB without its SSRCs", "a name that is no UTF-8",
        "padding of zero", "padding larger than the body", "padding of nothing", "too many packets",
    ],
)  # fmt: skip
def test_what_is_malformed_is_an_rtcp_error(data: bytes) -> None:
    with pytest.raises(RtcpError):
        parse_compound(data)


def test_one_packet_cannot_ask_for_more_numbers_than_are_ever_missing() -> None:
    entries = struct.pack("!HH", 0, 0xFFFF) * 350
    (packet,) = parse_compound(raw(0x80 | 1, 205, struct.pack("!II", 1, 2) + entries))
    assert isinstance(packet, Nack)
    assert len(packet.lost) == MAX_NACKED


@pytest.mark.fuzz
@given(st.binary(max_size=120))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        packets = parse_compound(data)
    except RtcpError:
        return
    assert len(packets) <= MAX_PACKETS


@pytest.mark.fuzz
@given(
    st.lists(st.tuples(st.integers(0, 63), st.sampled_from([200, 201, 202, 203, 205, 206]), st.binary(max_size=64))),
    st.booleans(),
)
def test_no_well_framed_nonsense_raises_anything_else(parts: list[tuple[int, int, bytes]], name: bool) -> None:
    data = b"".join(
        raw(0x80 | low, packet_type, (b"REMB" * 2 + body if name else body) + bytes(-len(body) % 4))
        for low, packet_type, body in parts
    )
    try:
        parse_compound(data)
    except RtcpError:
        return
