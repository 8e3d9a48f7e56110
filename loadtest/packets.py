"""RTP and RTCP as the light participant writes and reads them: just what it needs, cheap for each packet.

Media is synthetic. Every packet's payload carries the moment it was sent, in nanoseconds of the machine's monotonic
clock, behind bytes that make it look like what it claims to be: a VP8 frame (RFC 7741) or an Opus packet.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

OPUS, VP8, RTX = 111, 96, 97
"""Payload types of the publish offer."""

LEVEL, TRANSPORT_CC, MID = 1, 3, 4
"""Header extension ids of the publish offer."""

AUDIO_PAYLOAD, VIDEO_PAYLOAD = 100, 1130
"""Bytes: Opus at 40 kbit/s in 20 ms; a full packet of video."""

_STAMP_AT = {"audio": 1, "video": 14}
"""Where in the payload the time stands: behind Opus's TOC byte; behind VP8's descriptor and key frame header."""

_EXTENSION_BYTES = {"audio": 8, "video": 4}
_TRANSPORT_CC_AT = {"audio": 19, "video": 17}

_patch_header = struct.Struct("!BHI").pack_into
_patch_short = struct.Struct("!H").pack_into
_patch_stamp = struct.Struct("!Q").pack_into
_read_stamp = struct.Struct("!Q").unpack_from


class PacketWriter:
    """Writes the packets of one stream in one buffer, patching only what differs from packet to packet."""

    def __init__(self, kind: str, ssrc: int) -> None:
        self.kind = kind
        payload = AUDIO_PAYLOAD if kind == "audio" else VIDEO_PAYLOAD
        self._payload_type = OPUS if kind == "audio" else VP8
        words = _EXTENSION_BYTES[kind] // 4
        head = struct.pack("!BBHIIHH", 0x90, self._payload_type, 0, 0, ssrc, 0xBEDE, words)
        transport_cc = bytes([TRANSPORT_CC << 4 | 1, 0, 0])
        level = bytes([LEVEL << 4, 0x80 | 30]) if kind == "audio" else b""
        extension = (level + transport_cc).ljust(_EXTENSION_BYTES[kind], b"\0")
        self._payload_at = len(head) + len(extension)
        self._stamp_at = self._payload_at + _STAMP_AT[kind]
        self._transport_cc_at = _TRANSPORT_CC_AT[kind]
        self._buffer = bytearray(head + extension + bytes(payload))
        self._buffer[self._payload_at] = 0x78  # an Opus TOC byte; write_video replaces it

    @property
    def payload_bytes(self) -> int:
        """Length of each packet's payload."""
        return len(self._buffer) - self._payload_at

    def set_level(self, level: int) -> None:
        """Loudness in the following packets (RFC 6464): 0 loud to 127 silent; below 127 it says that this is voice."""
        self._buffer[17] = (0x80 if level < 127 else 0) | level

    def write_audio(self, seq: int, timestamp: int, transport_cc: int, stamp: int) -> bytes:
        """One Opus packet. stamp: nanoseconds, monotonic."""
        return self._write(self._payload_type, seq, timestamp, transport_cc, stamp)

    def write_video(
        self, seq: int, timestamp: int, transport_cc: int, stamp: int, picture: int, *, first: bool, last: bool,
        keyframe: bool,
    ) -> bytes:  # fmt: skip
        """One packet of a VP8 frame: the first of it, the last of it, or both."""
        buffer, at = self._buffer, self._payload_at
        buffer[at] = 0x90 if first else 0x80
        buffer[at + 1] = 0x80
        _patch_short(buffer, at + 2, 0x8000 | picture & 0x7FFF)
        if first and keyframe:
            buffer[at + 4 : at + 14] = b"\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\x01"  # 640x360
        else:
            buffer[at + 4] = 0x11
        second = (0x80 if last else 0) | self._payload_type
        return self._write(second, seq, timestamp, transport_cc, stamp)

    def _write(self, second: int, seq: int, timestamp: int, transport_cc: int, stamp: int) -> bytes:
        buffer = self._buffer
        _patch_header(buffer, 1, second, seq & 0xFFFF, timestamp & 0xFFFFFFFF)
        _patch_short(buffer, self._transport_cc_at, transport_cc & 0xFFFF)
        _patch_stamp(buffer, self._stamp_at, stamp)
        return bytes(buffer)


def repeat(packet: bytes, rtx_ssrc: int, rtx_seq: int, transport_cc: int) -> bytes:
    """The retransmission of a video packet that PacketWriter wrote (RFC 4588 section 4)."""
    at = 16 + _EXTENSION_BYTES["video"]
    again = bytearray(packet[:at] + packet[2:4] + packet[at:])
    _patch_header(again, 1, packet[1] & 0x80 | RTX, rtx_seq & 0xFFFF, int.from_bytes(packet[4:8], "big"))
    struct.pack_into("!I", again, 8, rtx_ssrc)
    _patch_short(again, _TRANSPORT_CC_AT["video"], transport_cc & 0xFFFF)
    return bytes(again)


def payload_offset(packet: bytes) -> int:
    """Where the payload of a decrypted packet starts."""
    at = 12 + 4 * (packet[0] & 0x0F)
    return at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]) if packet[0] & 0x10 else at


def read_stamp(packet: bytes, kind: str, skip: int = 0) -> int:
    """When the payload of a decrypted packet was sent. skip: bytes before the payload, as a retransmission has."""
    stamp: int = _read_stamp(packet, payload_offset(packet) + skip + _STAMP_AT[kind])[0]
    return stamp


# --- RTCP (RFC 3550 section 6) ---------------------------------------------------------------------------------------

_NTP_EPOCH = 2_208_988_800


def sender_report(ssrc: int, wall: float, timestamp: int, packets: int, size: int) -> bytes:
    """An SR without report blocks. wall: seconds since 1970 UTC."""
    ntp = int((wall + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
    return struct.pack(
        "!BBHIQIII", 0x80, 200, 6, ssrc, ntp, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, size & 0xFFFFFFFF
    )


def report_block(ssrc: int, fraction: int, lost: int, highest: int, last_sr: int, delay: int) -> bytes:
    """What one RR says of one stream; fraction of 256, delay in 1/65536 s."""
    return struct.pack(
        "!IIIIII", ssrc, fraction << 24 | lost & 0xFFFFFF, highest & 0xFFFFFFFF, 0, last_sr, delay & 0xFFFFFFFF
    )


def receiver_reports(ssrc: int, blocks: Sequence[bytes]) -> bytes:
    """RRs with all the blocks, 31 in each; one without any where there are none."""
    packets = b""
    for first in range(0, max(1, len(blocks)), 31):
        part = blocks[first : first + 31]
        packets += struct.pack("!BBHI", 0x80 | len(part), 201, 1 + 6 * len(part), ssrc) + b"".join(part)
    return packets


def remb(ssrc: int, bitrate: int, streams: Sequence[int]) -> bytes:
    """What the receiver can take (draft-alvestrand-rmcat-remb-03). bitrate in bit/s."""
    exponent = max(0, bitrate.bit_length() - 18)
    listed = streams[:255]
    word = len(listed) << 24 | exponent << 18 | bitrate >> exponent
    body = struct.pack("!II4sI", ssrc, 0, b"REMB", word) + b"".join(struct.pack("!I", item) for item in listed)
    return struct.pack("!BBH", 0x80 | 15, 206, len(body) // 4) + body


def nack(ssrc: int, media_ssrc: int, lost: Sequence[int]) -> bytes:
    """Ask for packets again (RFC 4585 section 6.2.1); lost is in order."""
    entries: list[tuple[int, int]] = []
    for seq in lost:
        if entries:
            pid, bits = entries[-1]
            ahead = (seq - pid - 1) & 0xFFFF
            if ahead < 16:
                entries[-1] = (pid, bits | 1 << ahead)
                continue
        entries.append((seq & 0xFFFF, 0))
    body = struct.pack("!II", ssrc, media_ssrc) + b"".join(struct.pack("!HH", *entry) for entry in entries)
    return struct.pack("!BBH", 0x80 | 1, 205, len(body) // 4) + body


def picture_loss(ssrc: int, media_ssrc: int) -> bytes:
    """Ask for a key frame (RFC 4585 section 6.3.1)."""
    return struct.pack("!BBHII", 0x80 | 1, 206, 2, ssrc, media_ssrc)


def rtcp_parts(compound: bytes) -> list[tuple[int, int, bytes]]:
    """(count or format, packet type, body after the header) of each packet; stops where the bytes make no sense."""
    parts = []
    at = 0
    while at + 4 <= len(compound) and compound[at] >> 6 == 2:
        first, kind, words = struct.unpack_from("!BBH", compound, at)
        end = at + 4 + 4 * words
        if end > len(compound):
            break
        parts.append((first & 0x1F, kind, compound[at + 4 : end]))
        at = end
    return parts


def nacked(body: bytes) -> tuple[int, list[int]]:
    """The media SSRC and the numbers that a NACK's body asks for."""
    media_ssrc = int.from_bytes(body[4:8], "big")
    lost: list[int] = []
    for at in range(8, len(body) - 3, 4):
        pid, bits = struct.unpack_from("!HH", body, at)
        lost.append(pid)
        lost += [(pid + 1 + bit) & 0xFFFF for bit in range(16) if bits >> bit & 1]
    return media_ssrc, lost
