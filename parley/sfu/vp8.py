"""Reads the VP8 payload descriptor (RFC 7741 section 4.2) and keeps picture ids in order across layer switches.

Each simulcast layer counts pictures for itself. A decoder that sees the ids jump backwards waits in vain, so after the
first switch the ids that a consumer sends are rewritten. Until then the payload stays as it came.
"""

from __future__ import annotations


class Vp8Descriptor:
    """Where in the payload the fields are. Offsets are -1 where a field is absent; keyframe: first packet of one."""

    __slots__ = ("keyframe", "length", "picture_id", "picture_id_bits", "picture_id_offset", "tl0", "tl0_offset")

    length: int
    picture_id: int
    picture_id_bits: int
    picture_id_offset: int
    tl0: int
    tl0_offset: int
    keyframe: bool


def parse_vp8(buf: bytes | bytearray | memoryview, offset: int, length: int) -> Vp8Descriptor | None:
    """The descriptor of the payload at `buf[offset:offset + length]`, or None where the bytes hold none."""
    end = offset + length
    if length < 1:
        return None
    first = buf[offset]
    position = offset + 1
    found = Vp8Descriptor()
    found.picture_id = found.tl0 = 0
    found.picture_id_bits = 0
    found.picture_id_offset = found.tl0_offset = -1
    if first & 0x80:
        if position >= end:
            return None
        flags = buf[position]
        position += 1
        if flags & 0x80:
            if position >= end:
                return None
            found.picture_id_offset = position
            if buf[position] & 0x80:
                if position + 1 >= end:
                    return None
                found.picture_id = ((buf[position] & 0x7F) << 8) | buf[position + 1]
                found.picture_id_bits = 15
                position += 2
            else:
                found.picture_id = buf[position]
                found.picture_id_bits = 7
                position += 1
        if flags & 0x40:
            if position >= end:
                return None
            found.tl0_offset = position
            found.tl0 = buf[position]
            position += 1
        if flags & 0x30:
            position += 1
    if position > end:
        return None
    found.length = position - offset
    # S bit, partition 0, and the inverse key frame bit of the payload header
    found.keyframe = position < end and first & 0x10 != 0 and first & 0x0F == 0 and buf[position] & 0x01 == 0
    return found


class Vp8Munger:
    """Rewrites picture ids of one consumer once a layer switch has made it necessary."""

    __slots__ = ("_last_picture_id", "_last_tl0", "_picture_offset", "_started", "_tl0_offset", "active")

    def __init__(self) -> None:
        self.active = False
        self._started = False
        self._picture_offset = 0
        self._tl0_offset = 0
        self._last_picture_id = 0
        self._last_tl0 = 0

    def switched(self, descriptor: Vp8Descriptor) -> None:
        """The packet with this descriptor is the first of another layer."""
        if not self._started:
            return
        self.active = True
        self._picture_offset = self._last_picture_id + 1 - descriptor.picture_id
        self._tl0_offset = self._last_tl0 + 1 - descriptor.tl0

    def sent(self, descriptor: Vp8Descriptor) -> None:
        """Remember the newest ids that went out, for the next switch.

        Said only there, so ids may have gone round since: which of two is newer can't be told.
        """
        self._last_picture_id = (descriptor.picture_id + self._picture_offset) & 0x7FFF
        self._last_tl0 = (descriptor.tl0 + self._tl0_offset) & 0xFF
        self._started = True

    def rewrite(self, packet: bytearray, payload_offset: int, source_offset: int, descriptor: Vp8Descriptor) -> None:
        """Patch the ids in `packet`, whose payload starts at payload_offset; the descriptor was read where the payload
        started at source_offset."""
        moved = payload_offset - source_offset
        if descriptor.picture_id_offset >= 0:
            at = descriptor.picture_id_offset + moved
            picture_id = descriptor.picture_id + self._picture_offset
            if descriptor.picture_id_bits == 15:
                packet[at] = 0x80 | (picture_id >> 8 & 0x7F)
                packet[at + 1] = picture_id & 0xFF
            else:
                packet[at] = picture_id & 0x7F
        if descriptor.tl0_offset >= 0:
            packet[descriptor.tl0_offset + moved] = (descriptor.tl0 + self._tl0_offset) & 0xFF
