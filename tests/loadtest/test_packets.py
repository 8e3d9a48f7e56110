"""What light participants write is what the protocols say, as the server's own readers see it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loadtest import packets
from parley.sfu.rtcp import Nack, PictureLoss, ReceiverReport, Remb, SenderReport, parse_compound
from parley.sfu.rtp import find_extension, parse_rtp
from parley.sfu.vp8 import parse_vp8

STAMP = 123_456_789_012_345


def test_an_audio_packet_carries_its_level_its_transport_wide_number_and_when_it_was_sent() -> None:
    writer = packets.PacketWriter("audio", ssrc=77)
    writer.set_level(42)
    packet = writer.write_audio(seq=9, timestamp=960, transport_cc=0x1234, stamp=STAMP)
    header = parse_rtp(packet, len(packet))
    assert header is not None
    assert (header.ssrc, header.sequence_number, header.timestamp, header.payload_type) == (77, 9, 960, packets.OPUS)
    assert header.payload_length == packets.AUDIO_PAYLOAD
    level = find_extension(packet, header, packets.LEVEL)
    number = find_extension(packet, header, packets.TRANSPORT_CC)
    assert level is not None
    assert packet[level[0]] == 0x80 | 42
    assert number is not None
    assert packet[number[0] : number[0] + number[1]] == b"\x12\x34"
    assert packets.read_stamp(packet, "audio") == STAMP


def test_a_video_frame_begins_with_a_key_frame_where_asked_and_ends_with_the_marker() -> None:
    writer = packets.PacketWriter("video", ssrc=78)
    first = writer.write_video(1, 3000, 5, STAMP, 700, first=True, last=False, keyframe=True)
    last = writer.write_video(2, 3000, 6, STAMP, 700, first=False, last=True, keyframe=True)
    following = writer.write_video(3, 6000, 7, STAMP, 701, first=True, last=True, keyframe=False)
    seen = []
    for packet in (first, last, following):
        header = parse_rtp(packet, len(packet))
        assert header is not None
        vp8 = parse_vp8(packet, header.header_length, header.payload_length)
        assert vp8 is not None
        seen.append((header.marker, vp8.keyframe, vp8.picture_id))
        assert packets.read_stamp(packet, "video") == STAMP
        assert find_extension(packet, header, packets.TRANSPORT_CC) is not None
    assert seen == [(0, True, 700), (1, False, 700), (1, False, 701)]


def test_a_retransmission_is_the_packet_behind_the_number_it_had() -> None:
    packet = packets.PacketWriter("video", 78).write_video(513, 3000, 5, STAMP, 7, first=True, last=True, keyframe=True)
    again = packets.repeat(packet, rtx_ssrc=79, rtx_seq=20, transport_cc=6)
    header = parse_rtp(again, len(again))
    original = parse_rtp(packet, len(packet))
    assert header is not None
    assert original is not None
    assert (header.ssrc, header.sequence_number, header.payload_type) == (79, 20, packets.RTX)
    assert (header.marker, header.timestamp) == (original.marker, original.timestamp)
    payload = again[header.header_length :]
    assert payload == (513).to_bytes(2, "big") + packet[original.header_length :]
    assert packets.read_stamp(again, "video", skip=2) == STAMP


@given(st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=60))
def test_what_a_nack_asks_for_is_what_is_read_from_it(wanted: set[int]) -> None:
    data = packets.nack(1, 2, sorted(wanted))
    [read] = parse_compound(data)
    assert isinstance(read, Nack)
    assert set(read.lost) == wanted
    [(form, kind, body)] = packets.rtcp_parts(data)
    assert (form, kind) == (1, 205)
    assert packets.nacked(body) == (2, read.lost)


def test_a_nack_reaches_over_the_wrap() -> None:
    [read] = parse_compound(packets.nack(1, 2, [0xFFFE, 0xFFFF, 0, 3]))
    assert isinstance(read, Nack)
    assert read.lost == [0xFFFE, 0xFFFF, 0, 3]


@given(st.integers(1, 2**40))
def test_a_bitrate_survives_remb_but_for_its_lowest_bits(bitrate: int) -> None:
    [read] = parse_compound(packets.remb(1, bitrate, [5, 6]))
    assert isinstance(read, Remb)
    assert read.bitrate <= bitrate < read.bitrate + (1 << max(0, bitrate.bit_length() - 18))


def test_reports_say_what_was_counted() -> None:
    blocks = [packets.report_block(ssrc, 64, 12, 70_000, 0xABCD, 0x8000) for ssrc in range(40)]
    reports = [item for item in parse_compound(packets.receiver_reports(1, blocks)) if isinstance(item, ReceiverReport)]
    read = [block for report in reports for block in report.reports]
    assert [block.ssrc for block in read] == list(range(40))
    assert (read[0].fraction_lost, read[0].highest_sequence, read[0].last_sr) == (64, 70_000, 0xABCD)
    [sent] = parse_compound(packets.sender_report(9, 1_700_000_000.5, 4800, 3, 300))
    assert isinstance(sent, SenderReport)
    assert (sent.ssrc, sent.rtp_timestamp, sent.packet_count, sent.octet_count) == (9, 4800, 3, 300)
    assert sent.ntp == int((1_700_000_000.5 + 2_208_988_800) * 2**32)
    [loss] = parse_compound(packets.picture_loss(1, 9))
    assert isinstance(loss, PictureLoss)
    assert loss.media_ssrc == 9


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange_for_the_rtcp_reader(data: bytes) -> None:
    for form, kind, body in packets.rtcp_parts(data):
        assert 0 <= form < 32
        assert 0 <= kind < 256
        assert len(body) <= len(data)
