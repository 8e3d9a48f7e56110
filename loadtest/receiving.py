"""What a light participant receives: one `Reception` for each consumer, which counts, mends and reports."""

from __future__ import annotations

import struct
import time

from loadtest import packets
from loadtest.sdp import Streams
from loadtest.transport import MediaTransport

NACK_AFTER = 0.015
"""Seconds that a missing packet may still be on its way."""
NACK_AGAIN = 0.05
NACK_TRIES = 10
MAX_MISSING = 1000
MAX_SAMPLES = 200_000

_seq_and_ssrc = struct.Struct("!HxxxxI").unpack_from


class Reception:
    """One consumer as it arrives.

    packets: first-hand. recovered: that came by retransmission. lost: that never came. read: decrypted and found to be
    ours.
    """

    __slots__ = (
        "_before",
        "_cycles",
        "_first",
        "_last_sr",
        "_last_sr_at",
        "keyframe_at",
        "kind",
        "missing",
        "next",
        "packets",
        "participant_id",
        "producer_id",
        "read",
        "recovered",
        "source",
        "streams",
    )

    def __init__(self, streams: Streams, producer_id: str, participant_id: str, source: str) -> None:
        self.streams = streams
        self.producer_id = producer_id
        self.participant_id = participant_id
        self.source = source
        self.kind = "video" if source in ("camera", "screen") else "audio"
        self.packets = 0
        self.recovered = 0
        self.read = 0
        self.next = -1
        self.missing: dict[int, list[float]] = {}  # number: [noticed, asked last, tries]
        self._first = 0
        self._cycles = 0
        self._before = (0, 0)
        self._last_sr = 0
        self._last_sr_at = 0.0

    def arrived(self, seq: int) -> None:
        """A packet that is not the next one. `packets` has counted it."""
        expected = self.next
        if expected < 0:
            self._first = seq
            self.next = (seq + 1) & 0xFFFF
            return
        ahead = (seq - expected) & 0xFFFF
        if ahead >= 0x8000:
            self.missing.pop(seq, None)  # late
            return
        now = time.monotonic()
        if ahead <= MAX_MISSING:
            for lost in range(expected, expected + ahead):
                self.missing[lost & 0xFFFF] = [now, 0.0, 0]
        self.move(seq)

    def move(self, seq: int) -> None:
        """`seq` is the highest number so far."""
        following = (seq + 1) & 0xFFFF
        if following < self.next:
            self._cycles += 0x10000
        self.next = following

    def repaired(self, seq: int) -> None:
        """A packet came by retransmission."""
        if self.missing.pop(seq, None) is not None:
            self.recovered += 1

    @property
    def expected(self) -> int:
        """Packets that were sent, by their numbers."""
        return 0 if self.next < 0 else self._cycles + self.next - self._first

    @property
    def lost(self) -> int:
        """Packets that never came, in either way."""
        return max(0, self.expected - self.packets - self.recovered)

    def to_ask(self, now: float) -> list[int]:
        """Numbers to ask for now."""
        asked = []
        for seq, entry in list(self.missing.items()):
            if entry[2] >= NACK_TRIES:
                del self.missing[seq]
            elif now - entry[0] >= NACK_AFTER and now - entry[1] >= NACK_AGAIN:
                entry[1], entry[2] = now, entry[2] + 1
                asked.append(seq)
        return asked

    def sender_report(self, body: bytes, now: float) -> None:
        """The server's SR of this stream."""
        self._last_sr = int.from_bytes(body[6:10], "big")
        self._last_sr_at = now

    def report(self, now: float) -> bytes | None:
        """The block of the next receiver report; None before the first packet."""
        if self.next < 0:
            return None
        expected, got = self.expected, self.packets
        interval, arrived = expected - self._before[0], got - self._before[1]
        self._before = (expected, got)
        fraction = min(255, max(0, interval - arrived) * 256 // interval) if interval > 0 else 0
        delay = int((now - self._last_sr_at) * 65_536) if self._last_sr else 0
        highest = self._cycles + self.next - 1
        return packets.report_block(self.streams.ssrc, fraction, self.lost, highest, self._last_sr, delay)


class Downlink:
    """All consumers of one subscribe transport.

    every: one packet in so many of a consumer is decrypted, to be checked and to measure the time it took; 1 for all.
    samples: those times in nanoseconds, from the publisher's send call to our read call. strays: packets of SSRCs that
    no offer named.
    """

    def __init__(self, transport: MediaTransport, every: int, bitrate: int) -> None:
        self.transport = transport
        self.receptions: dict[int, Reception] = {}
        self.samples: list[int] = []
        self.strays = 0
        self.asked = 0
        self.last_rtcp = b""
        self._by_rtx: dict[int, Reception] = {}
        self._by_ssrc: dict[int, Reception] = {}
        self._every = every
        self._bitrate = bitrate
        self._ssrc = 1
        transport.on_rtp = self._on_rtp
        transport.on_rtcp = self._on_rtcp

    def set_receptions(self, receptions: list[Reception]) -> None:
        """What the newest offer carries; streams that go on keep their counts."""
        self._by_ssrc = {item.streams.ssrc: self._by_ssrc.get(item.streams.ssrc, item) for item in receptions}
        self._by_rtx = {item.streams.rtx_ssrc: item for item in self._by_ssrc.values() if item.streams.rtx_ssrc}
        self.receptions = self._by_ssrc

    def _on_rtp(self, buffer: bytearray, size: int) -> None:
        seq, ssrc = _seq_and_ssrc(buffer, 2)
        reception = self._by_ssrc.get(ssrc)
        if reception is None:
            self._other(ssrc, bytes(buffer[:size]))
            return
        reception.packets += 1
        if seq == reception.next:
            if seq == 0xFFFF:
                reception.move(seq)
            else:
                reception.next = seq + 1
        else:
            reception.arrived(seq)
        if reception.packets % self._every == 0:
            self._sample(reception, bytes(buffer[:size]))

    def _sample(self, reception: Reception, packet: bytes) -> None:
        plain = self.transport.decrypt(packet)
        if plain is None:
            return
        now = time.monotonic_ns()
        elapsed = now - packets.read_stamp(plain, reception.kind)
        if 0 <= elapsed < 60_000_000_000:
            reception.read += 1
            if len(self.samples) < MAX_SAMPLES:
                self.samples.append(elapsed)

    def _other(self, ssrc: int, packet: bytes) -> None:
        reception = self._by_rtx.get(ssrc)
        plain = self.transport.decrypt(packet) if reception is not None else None
        if reception is None or plain is None:
            self.strays += 1
            return
        at = packets.payload_offset(plain)
        reception.repaired(plain[at] << 8 | plain[at + 1])

    def _on_rtcp(self, data: bytes) -> None:
        now = time.monotonic()
        for _, kind, body in packets.rtcp_parts(data):
            if kind == 200 and len(body) >= 24:
                reception = self._by_ssrc.get(int.from_bytes(body[:4], "big"))
                if reception is not None:
                    reception.sender_report(body, now)

    def ask(self, now: float) -> None:
        """Several times a second: ask for what is missing."""
        for reception in self._by_ssrc.values():
            if reception.missing and reception.streams.rtx_ssrc:
                lost = reception.to_ask(now)
                if lost:
                    self.asked += len(lost)
                    self.transport.send_rtcp(packets.nack(self._ssrc, reception.streams.ssrc, lost))

    def report(self, now: float) -> None:
        """Once a second: receiver reports and REMB."""
        blocks = [block for block in (item.report(now) for item in self._by_ssrc.values()) if block is not None]
        streams = [item.streams.ssrc for item in self._by_ssrc.values() if item.kind == "video"]
        self.transport.send_rtcp(
            packets.receiver_reports(self._ssrc, blocks) + packets.remb(self._ssrc, self._bitrate, streams)
        )
