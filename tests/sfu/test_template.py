"""One header for all subscribers, the payload untouched behind it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.sfu import codecs
from parley.sfu.rtp import find_extension, parse_rtp
from parley.sfu.template import (
    LEVEL_TAG,
    ORIENTATION_TAG,
    ExtensionIds,
    build_template,
    payload_offset,
    retransmission,
    template_timestamp,
)

U24, U32 = st.integers(0, 2**24 - 1), st.integers(0, 2**32 - 1)
TAGS = st.sampled_from([0, LEVEL_TAG, ORIENTATION_TAG])


@given(st.binary(max_size=50), st.integers(0, 1), U32, U24, TAGS, st.integers(0, 255))
def test_a_template_is_an_rtp_packet_with_the_payload_as_it_came(
    payload: bytes, marker: int, timestamp: int, send_time: int, tag: int, value: int
) -> None:
    template = build_template(payload, marker, timestamp, send_time, tag, value)
    header = parse_rtp(template, len(template))
    assert header is not None
    assert (header.marker, header.timestamp, header.padding_length) == (marker, timestamp, 0)
    assert template[header.header_length :] == payload
    assert payload_offset(template) == header.header_length
    assert template_timestamp(template) == timestamp
    found = {
        uri: template[at[0] : at[0] + at[1]]
        for uri, number in codecs.SUBSCRIBE_EXTENSIONS.items()
        if (at := find_extension(template, header, number)) is not None
    }
    expected = {codecs.ABS_SEND_TIME: send_time.to_bytes(3, "big")}
    if tag:
        expected[codecs.AUDIO_LEVEL if tag == LEVEL_TAG else codecs.VIDEO_ORIENTATION] = bytes([value])
    assert found == expected


@given(st.binary(max_size=50), U32, st.integers(0, 0xFFFF), U24, U24, TAGS)
def test_a_retransmission_is_the_template_with_its_number_before_the_payload_and_todays_send_time(
    payload: bytes, timestamp: int, seq: int, then: int, now: int, tag: int
) -> None:
    template = build_template(payload, 1, timestamp, then, tag, 7)
    packet = retransmission(template, seq, now)
    offset = payload_offset(template)
    assert packet[offset:] == seq.to_bytes(2, "big") + payload
    assert packet[:offset] == build_template(b"", 1, timestamp, now, tag, 7)


def test_extensions_that_an_offer_does_not_number_are_zero_which_no_packet_carries() -> None:
    ids = ExtensionIds({codecs.MID: 4, "urn:unknown": 9})
    assert ids.mid == 4
    assert ids.rid == ids.repaired_rid == ids.audio_level == ids.video_orientation == ids.transport_cc == 0
