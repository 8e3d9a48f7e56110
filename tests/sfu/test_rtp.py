"""What is read of RTP headers and their extensions, and that no bytes can break the reading."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.rtp import RtpHeader, abs_send_time, find_extension, parse_rtp

ONE_BYTE, TWO_BYTE = 0xBEDE, 0x1000


def packet(
    payload: bytes = b"payload",
    *,
    csrcs: int = 0,
    profile: int = 0,
    extension: bytes = b"",
    padding: int = 0,
    first: int | None = None,
) -> bytes:
    """An RTP packet, written as RFC 3550 draws it. The extension is padded to whole words."""
    extension += bytes(-len(extension) % 4)
    if first is None:
        first = 0x80 | (0x20 if padding else 0) | (0x10 if profile else 0) | csrcs
    head = struct.pack("!BBHII", first, 0x80 | 96, 4711, 123_456, 0xCAFE) + bytes(4 * csrcs)
    if profile:
        head += struct.pack("!HH", profile, len(extension) // 4) + extension
    return head + payload + (bytes(padding - 1) + bytes([padding]) if padding else b"")


def parsed(data: bytes) -> RtpHeader:
    header = parse_rtp(data, len(data))
    assert header is not None
    return header


def element(data: bytes, extension_id: int) -> bytes | None:
    found = find_extension(data, parsed(data), extension_id)
    return None if found is None else data[found[0] : found[0] + found[1]]


# --- headers ----------------------------------------------------------------------------------------------------------


def test_every_field_of_the_fixed_header_is_read() -> None:
    header = parsed(packet())
    assert (header.marker, header.payload_type) == (1, 96)
    assert (header.sequence_number, header.timestamp, header.ssrc) == (4711, 123_456, 0xCAFE)
    assert (header.header_length, header.payload_length, header.padding_length) == (12, 7, 0)


@given(
    payload=st.binary(max_size=40),
    csrcs=st.integers(0, 15),
    profile=st.sampled_from([0, ONE_BYTE, TWO_BYTE, 0x1234]),
    extension=st.binary(max_size=24),
    padding=st.integers(0, 255),
)
def test_the_payload_is_what_lies_between_header_and_padding(
    payload: bytes, csrcs: int, profile: int, extension: bytes, padding: int
) -> None:
    data = packet(payload, csrcs=csrcs, profile=profile, extension=extension, padding=padding)
    header = parsed(data)
    assert data[header.header_length : header.header_length + header.payload_length] == payload
    assert header.padding_length == padding


def test_only_the_length_counts_not_what_an_earlier_packet_left_in_the_buffer() -> None:
    data = packet(b"now")
    buffer = bytearray(data + b"what was there before")
    header = parse_rtp(buffer, len(data))
    assert header is not None
    assert header.payload_length == 3
    assert parse_rtp(buffer, 11) is None


@pytest.mark.parametrize(
    "data",
    [
        packet()[:11],
        packet(first=0x00),
        packet(first=0x40),
        packet(first=0xC0),
        packet(b"", first=0x8F),
        packet(b"\xbe\xde\x00", first=0x90),
        packet(b"\xbe\xde\x00\x01", first=0x90),
        packet(b"\xbe\xde\xff\xff" + bytes(1400), first=0x90),
        packet(b"four\x00", first=0xA0),
        packet(b"four\x06", first=0xA0),
        packet(b"", first=0xA0),
    ],
    ids=[
        "shorter than a header", "version 0", "version 1", "version 3", "CSRCs beyond the end",
        "an extension header cut off", "an extension beyond the end", "an extension far beyond the end",
        "padding of zero", "padding larger than the packet", "padding that eats the header",
    ],
)  # fmt: skip
def test_what_is_no_rtp_packet_is_none(data: bytes) -> None:
    assert parse_rtp(data, len(data)) is None


@pytest.mark.fuzz
@given(st.binary(min_size=12, max_size=80), st.integers(0x80, 0xBF), st.integers(0, 255))
def test_no_bytes_raise_and_offsets_never_leave_the_packet(data: bytes, first: int, extension_id: int) -> None:
    data = bytes([first]) + data[1:]
    header = parse_rtp(data, len(data))
    if header is None:
        return
    assert header.payload_length >= 0
    assert header.header_length + header.payload_length + header.padding_length == len(data)
    found = find_extension(data, header, extension_id)
    if found is not None:
        offset, size = found
        assert header.extension_offset <= offset
        assert offset + size <= header.extension_offset + header.extension_length <= header.header_length


# --- extensions -------------------------------------------------------------------------------------------------------


def test_one_byte_elements_are_found_between_padding_bytes() -> None:
    data = packet(profile=ONE_BYTE, extension=b"\x10A" + b"\x00\x00" + b"\x42xyz" + b"\xe0!")
    assert [element(data, number) for number in (1, 4, 14)] == [b"A", b"xyz", b"!"]
    assert element(data, 2) is None


def test_two_byte_elements_are_found_even_empty_and_with_large_ids() -> None:
    data = packet(profile=TWO_BYTE | 0x7, extension=b"\x01\x00" + b"\x00" + b"\xfa\x14" + bytes(range(20)))
    assert element(data, 1) == b""
    assert element(data, 250) == bytes(range(20))
    assert element(data, 3) is None


def test_the_reserved_id_fifteen_ends_the_elements() -> None:
    assert element(packet(profile=ONE_BYTE, extension=b"\x10A\xf0\x00\x20B"), 1) == b"A"
    assert element(packet(profile=ONE_BYTE, extension=b"\x10A\xf0\x00\x20B"), 2) is None


def test_id_zero_with_a_length_ends_the_elements_as_rfc_8285_section_4_2_asks() -> None:
    data = packet(profile=ONE_BYTE, extension=b"\x10A\x01??\x20B")
    assert element(data, 1) == b"A"
    assert element(data, 2) is None


@pytest.mark.parametrize("profile", [ONE_BYTE, TWO_BYTE])
def test_an_element_that_claims_more_than_the_extension_holds_is_not_there(profile: int) -> None:
    claim = b"\x1f" if profile == ONE_BYTE else b"\x01\x10"
    data = packet(b"payload that must not be read", profile=profile, extension=claim + b"AB")
    assert element(data, 1) is None


def test_a_profile_that_nobody_defined_has_no_elements() -> None:
    assert element(packet(profile=0x1234, extension=b"\x10A\x20B"), 1) is None


def test_a_packet_without_extension_has_no_elements() -> None:
    assert element(packet(b"\x10A\x20B"), 1) is None


@given(
    st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=8, unique_by=lambda e: e[0])
)
def test_whatever_elements_are_written_are_read(elements: list[tuple[int, bytes]]) -> None:
    one = b"".join(bytes([number << 4 | len(value) - 1]) + value for number, value in elements)
    two = b"".join(bytes([number, len(value)]) + value for number, value in elements)
    for profile, block in ((ONE_BYTE, one), (TWO_BYTE, two)):
        data = packet(profile=profile, extension=block)
        assert {number: element(data, number) for number, _ in elements} == dict(elements)


# --- send time --------------------------------------------------------------------------------------------------------


def test_send_time_counts_in_18_fractional_bits_and_wraps_after_64_seconds() -> None:
    assert abs_send_time(1.0) == 1 << 18
    assert abs_send_time(0.5) == 1 << 17
    assert abs_send_time(64.25) == 1 << 16
    assert abs_send_time(1e9) < 1 << 24
