"""Reads what the recorder needs of an RTP packet (RFC 3550 section 5.1): order, time, marker and payload.

The SFU has a parser of its own that patches headers in place; this one only takes a packet apart, so that the recorder
knows nothing of the SFU.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_FIXED = struct.Struct("!BBHI")
FIXED_HEADER = 12


class RtpPacket(NamedTuple):
    """One packet. sequence_number and timestamp are as on the wire (16 and 32 bits); payload is without padding.

    at: when it arrived, in seconds on the meeting's clock.
    """

    sequence_number: int
    timestamp: int
    marker: bool
    payload: bytes
    at: float


def parse_rtp(data: bytes, at: float) -> RtpPacket | None:
    """The packet in these bytes, or None where they are no well-formed RTP packet."""
    length = len(data)
    if length < FIXED_HEADER:
        return None
    first, second, sequence_number, timestamp = _FIXED.unpack_from(data)
    if first & 0xC0 != 0x80:
        return None
    start = FIXED_HEADER + 4 * (first & 0x0F)
    if first & 0x10:
        if start + 4 > length:
            return None
        start += 4 + 4 * ((data[start + 2] << 8) | data[start + 3])
    end = length
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            return None
        end -= padding
    if start > end:
        return None
    return RtpPacket(sequence_number, timestamp, second & 0x80 != 0, data[start:end], at)
