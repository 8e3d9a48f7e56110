"""Reads RTP headers (RFC 3550 section 5.1) and their extensions (RFC 8285) in place, without copying the packet."""

from __future__ import annotations

import struct

_FIXED = struct.Struct("!BBHII")
_ONE_BYTE = 0xBEDE

Buffer = bytes | bytearray | memoryview


class RtpHeader:
    """The header of one packet. Offsets and lengths are in bytes from the start of the packet.

    header_length: fixed header, CSRCs and extension. payload_length: without the padding.
    """

    __slots__ = (
        "extension_length",
        "extension_offset",
        "extension_profile",
        "header_length",
        "marker",
        "padding_length",
        "payload_length",
        "payload_type",
        "sequence_number",
        "ssrc",
        "timestamp",
    )

    marker: int
    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    header_length: int
    payload_length: int
    padding_length: int
    extension_profile: int
    extension_offset: int
    extension_length: int


def parse_rtp(buf: Buffer, length: int) -> RtpHeader | None:
    """The header of the packet in `buf[:length]`, or None where the bytes are no well-formed RTP packet."""
    if length < 12:
        return None
    first, second, sequence_number, timestamp, ssrc = _FIXED.unpack_from(buf)
    if first & 0xC0 != 0x80:
        return None
    header = RtpHeader()
    header.marker = second >> 7
    header.payload_type = second & 0x7F
    header.sequence_number = sequence_number
    header.timestamp = timestamp
    header.ssrc = ssrc
    position = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if position + 4 > length:
            return None
        header.extension_profile = (buf[position] << 8) | buf[position + 1]
        header.extension_length = 4 * ((buf[position + 2] << 8) | buf[position + 3])
        header.extension_offset = position + 4
        position += 4 + header.extension_length
    else:
        header.extension_profile = header.extension_length = header.extension_offset = 0
    if position > length:
        return None
    padding = 0
    if first & 0x20:
        padding = buf[length - 1]
        if padding == 0 or position + padding > length:
            return None
    header.header_length = position
    header.padding_length = padding
    header.payload_length = length - position - padding
    return header


def find_extension(buf: Buffer, header: RtpHeader, extension_id: int) -> tuple[int, int] | None:
    """Offset and length of the data of one extension element, or None where the packet doesn't carry it."""
    position = header.extension_offset
    end = position + header.extension_length
    if header.extension_profile == _ONE_BYTE:
        while position < end:
            byte = buf[position]
            if byte == 0:
                position += 1
                continue
            element, size = byte >> 4, (byte & 0x0F) + 1
            if not 0 < element < 15 or position + 1 + size > end:  # reserved ids end the list (RFC 8285 section 4.2)
                return None
            if element == extension_id:
                return position + 1, size
            position += 1 + size
    elif header.extension_profile & 0xFFF0 == 0x1000:
        while position + 1 < end:
            element = buf[position]
            if element == 0:
                position += 1
                continue
            size = buf[position + 1]
            if position + 2 + size > end:
                return None
            if element == extension_id:
                return position + 2, size
            position += 2 + size
    return None


def abs_send_time(now: float) -> int:
    """24-bit send time, 6.18 fixed point seconds (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time)."""
    return int(now * 262_144) & 0xFFFFFF
