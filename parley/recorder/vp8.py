"""VP8 in RTP (RFC 7741): strips the payload descriptor and joins the partitions."""

from __future__ import annotations

from parley.recorder.frame import Frame

_START_CODE = b"\x9d\x01\x2a"


def descriptor_length(payload: bytes) -> int:
    """Bytes of the payload descriptor (section 4.2), or -1 where the payload holds none with something behind it."""
    length = len(payload)
    position = 1
    if length > 1 and payload[0] & 0x80:
        flags = payload[1]
        position = 2
        if flags & 0x80:
            if position >= length:
                return -1
            position += 2 if payload[position] & 0x80 else 1
        if flags & 0x40:
            position += 1
        if flags & 0x30:
            position += 1
    return position if position < length else -1


class Vp8Depacketiser:
    """See the module."""

    def begins(self, payload: bytes) -> bool:
        """The first packet has S set and partition index 0."""
        return len(payload) > 0 and payload[0] & 0x17 == 0x10

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """A key frame's size is in its first ten bytes (RFC 6386 section 9.1)."""
        parts = []
        for payload in payloads:
            start = descriptor_length(payload)
            if start < 0:
                return None
            parts.append(payload[start:])
        data = b"".join(parts)
        if data[0] & 0x01:
            return Frame(data, False)
        if len(data) < 10 or data[3:6] != _START_CODE:
            return None
        width = int.from_bytes(data[6:8], "little") & 0x3FFF
        height = int.from_bytes(data[8:10], "little") & 0x3FFF
        return Frame(data, True, width, height) if width and height else None
