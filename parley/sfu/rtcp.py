"""Reads and writes RTCP at byte level: reports, feedback and estimates.

RFC 3550 section 6 (SR, RR, SDES, BYE), RFC 4585 (NACK, PLI), RFC 5104 (FIR), draft-alvestrand-rmcat-remb-03 (REMB),
draft-holmer-rmcat-transport-wide-cc-extensions-01 (written by transport_cc.py). Packets of other types are skipped.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
FMT_NACK, FMT_TRANSPORT_CC = 1, 15
FMT_PLI, FMT_FIR, FMT_AFB = 1, 4, 15

_SENDER_REPORT = struct.Struct("!BBHIQIII")

MAX_PACKETS = 32
"""More packets than any browser puts into one compound packet."""
MAX_NACKED = 512


class RtcpError(ValueError):
    """The bytes are no well-formed RTCP compound packet."""


@dataclass(slots=True)
class ReportBlock:
    """What a receiver says of one stream (RFC 3550 section 6.4.1). jitter in timestamp units."""

    ssrc: int
    fraction_lost: int
    cumulative_lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay_since_last_sr: int

    def to_bytes(self) -> bytes:
        """24 bytes."""
        lost = max(-0x800000, min(0x7FFFFF, self.cumulative_lost)) & 0xFFFFFF
        return struct.pack(
            "!IIIIII",
            self.ssrc,
            (self.fraction_lost << 24) | lost,
            self.highest_sequence & 0xFFFFFFFF,
            self.jitter & 0xFFFFFFFF,
            self.last_sr & 0xFFFFFFFF,
            self.delay_since_last_sr & 0xFFFFFFFF,
        )


@dataclass(slots=True)
class SenderReport:
    """When what was sent: `ntp` is 64-bit NTP time (RFC 3550 section 6.4.1)."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    reports: list[ReportBlock] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        count = len(self.reports)
        head = _SENDER_REPORT.pack(
            0x80 | count,
            SR,
            6 * (count + 1),
            self.ssrc,
            self.ntp,
            self.rtp_timestamp & 0xFFFFFFFF,
            self.packet_count & 0xFFFFFFFF,
            self.octet_count & 0xFFFFFFFF,
        )
        return head + b"".join([block.to_bytes() for block in self.reports]) if count else head


@dataclass(slots=True)
class ReceiverReport:
    """What arrived, of at most 31 streams."""

    ssrc: int
    reports: list[ReportBlock] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        body = struct.pack("!I", self.ssrc) + b"".join(block.to_bytes() for block in self.reports)
        return _packet(len(self.reports), RR, body)


@dataclass(slots=True)
class SourceDescription:
    """The CNAME that ties a participant's streams together (RFC 3550 section 6.5.1)."""

    ssrc: int
    cname: str

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        name = self.cname.encode()[:255]
        chunk = struct.pack("!IBB", self.ssrc, 1, len(name)) + name
        chunk += bytes(4 - len(chunk) % 4)  # at least one null ends the items
        return _packet(1, SDES, chunk)


@dataclass(slots=True)
class Bye:
    """Streams that end."""

    ssrcs: list[int]

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        return _packet(len(self.ssrcs), BYE, struct.pack(f"!{len(self.ssrcs)}I", *self.ssrcs))


@dataclass(slots=True)
class Nack:
    """Packets that are missing (RFC 4585 section 6.2.1)."""

    sender_ssrc: int
    media_ssrc: int
    lost: list[int]

    def to_bytes(self) -> bytes:
        """One RTCP packet; numbers within 16 of each other share an entry, across the wrap too."""
        entries: list[list[int]] = []
        for seq in self.lost:
            if entries and 0 < ((seq - entries[-1][0]) & 0xFFFF) <= 16:
                entries[-1][1] |= 1 << (((seq - entries[-1][0]) & 0xFFFF) - 1)
            else:
                entries.append([seq & 0xFFFF, 0])
        body = struct.pack("!II", self.sender_ssrc, self.media_ssrc)
        return _packet(FMT_NACK, RTPFB, body + b"".join(struct.pack("!HH", *entry) for entry in entries))


@dataclass(slots=True)
class PictureLoss:
    """Please send a key frame (RFC 4585 section 6.3.1)."""

    sender_ssrc: int
    media_ssrc: int

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        return _packet(FMT_PLI, PSFB, struct.pack("!II", self.sender_ssrc, self.media_ssrc))


@dataclass(slots=True)
class FullIntraRequest:
    """Send a key frame, that's an order (RFC 5104 section 4.3.1)."""

    sender_ssrc: int
    requests: list[tuple[int, int]]  # (ssrc, command sequence number)

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        entries = b"".join(struct.pack("!IB3x", ssrc, seq & 0xFF) for ssrc, seq in self.requests)
        return _packet(FMT_FIR, PSFB, struct.pack("!II", self.sender_ssrc, 0) + entries)


@dataclass(slots=True)
class Remb:
    """The receiver's estimate of what it can take, in bit/s (draft-alvestrand-rmcat-remb-03)."""

    sender_ssrc: int
    bitrate: int
    ssrcs: list[int]

    def to_bytes(self) -> bytes:
        """One RTCP packet."""
        exponent = max(0, self.bitrate.bit_length() - 18)
        mantissa = self.bitrate >> exponent
        head = struct.pack(
            "!II4sI", self.sender_ssrc, 0, b"REMB", (len(self.ssrcs) << 24) | (exponent << 18) | mantissa
        )
        return _packet(FMT_AFB, PSFB, head + struct.pack(f"!{len(self.ssrcs)}I", *self.ssrcs))


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye | Nack | PictureLoss | FullIntraRequest | Remb


def _packet(count: int, packet_type: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, packet_type, len(body) // 4) + body


def compound(packets: Iterable[RtcpPacket]) -> bytes:
    """Several packets as one datagram's bytes."""
    return b"".join(packet.to_bytes() for packet in packets)


def parse_compound(data: bytes) -> list[RtcpPacket]:
    """The packets of a datagram that are of use here. Raises RtcpError."""
    packets: list[RtcpPacket] = []
    position = 0
    count = 0
    while position < len(data):
        count += 1
        if count > MAX_PACKETS:
            raise RtcpError("too many packets in one compound packet")
        if position + 4 > len(data):
            raise RtcpError("truncated header")
        first, packet_type, words = struct.unpack_from("!BBH", data, position)
        if first & 0xC0 != 0x80:
            raise RtcpError("wrong version")
        end = position + 4 + 4 * words
        if end > len(data):
            raise RtcpError("truncated packet")
        body = data[position + 4 : end]
        if first & 0x20:
            if not body or body[-1] == 0 or body[-1] > len(body):
                raise RtcpError("wrong padding")
            body = body[: -body[-1]]
        parser = _PARSERS.get(packet_type)
        if parser is not None:
            try:
                packet = parser(first & 0x1F, body)
            except (struct.error, IndexError, UnicodeDecodeError):
                raise RtcpError("packet is shorter than its content") from None
            if packet is not None:
                packets.append(packet)
        position = end
    return packets


def _blocks(count: int, body: bytes, offset: int) -> list[ReportBlock]:
    blocks = []
    for index in range(count):
        ssrc, loss, highest, jitter, lsr, dlsr = struct.unpack_from("!IIIIII", body, offset + 24 * index)
        cumulative = loss & 0xFFFFFF
        if cumulative & 0x800000:
            cumulative -= 0x1000000
        blocks.append(ReportBlock(ssrc, loss >> 24, cumulative, highest, jitter, lsr, dlsr))
    return blocks


def _parse_sr(count: int, body: bytes) -> SenderReport:
    ssrc, ntp, timestamp, packets, octets = struct.unpack_from("!IQIII", body)
    return SenderReport(ssrc, ntp, timestamp, packets, octets, _blocks(count, body, 24))


def _parse_rr(count: int, body: bytes) -> ReceiverReport:
    (ssrc,) = struct.unpack_from("!I", body)
    return ReceiverReport(ssrc, _blocks(count, body, 4))


def _parse_sdes(count: int, body: bytes) -> SourceDescription | None:
    if count == 0 or len(body) < 6 or body[4] != 1:
        return None
    (ssrc,) = struct.unpack_from("!I", body)
    return SourceDescription(ssrc, body[6 : 6 + body[5]].decode())


def _parse_bye(count: int, body: bytes) -> Bye:
    return Bye(list(struct.unpack_from(f"!{count}I", body)))


def _parse_rtpfb(fmt: int, body: bytes) -> Nack | None:
    if fmt != FMT_NACK:
        return None
    sender, media = struct.unpack_from("!II", body)
    lost: list[int] = []
    for offset in range(8, len(body) - 3, 4):
        pid, mask = struct.unpack_from("!HH", body, offset)
        lost.append(pid)
        lost.extend((pid + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
        if len(lost) > MAX_NACKED:
            break
    return Nack(sender, media, lost[:MAX_NACKED])


def _parse_psfb(fmt: int, body: bytes) -> PictureLoss | FullIntraRequest | Remb | None:
    sender, media = struct.unpack_from("!II", body)
    if fmt == FMT_PLI:
        return PictureLoss(sender, media)
    if fmt == FMT_FIR:
        return FullIntraRequest(sender, [struct.unpack_from("!IB", body, at) for at in range(8, len(body) - 7, 8)])
    if fmt == FMT_AFB and body[8:12] == b"REMB":
        (word,) = struct.unpack_from("!I", body, 12)
        ssrcs = list(struct.unpack_from(f"!{word >> 24}I", body, 16))
        return Remb(sender, min((word & 0x3FFFF) << (word >> 18 & 0x3F), 2**40), ssrcs)
    return None


_PARSERS: dict[int, Callable[[int, bytes], RtcpPacket | None]] = {
    SR: _parse_sr,
    RR: _parse_rr,
    SDES: _parse_sdes,
    BYE: _parse_bye,
    RTPFB: _parse_rtpfb,
    PSFB: _parse_psfb,
}
