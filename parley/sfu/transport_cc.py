"""Tells a publisher when each of its packets arrived, so that its bandwidth estimate can rise.

draft-holmer-rmcat-transport-wide-cc-extensions-01. One receiver per publish transport; feedback goes out on the tick.
"""

from __future__ import annotations

import struct

MAX_PENDING = 1500
"""More arrivals than a feedback interval brings at 100 Mbit/s."""
MAX_SPAN = 1500
"""Sequence numbers one feedback message covers at most."""
MAX_REPORTED = 380
"""Arrivals in one message. At worst they take two bytes each, and the span 430 more: together they fit a datagram."""

_TICK = 0.00025
_REFERENCE = 0.064


class TransportCcReceiver:
    """Collects arrivals and writes feedback packets."""

    __slots__ = ("_arrivals", "_base_next", "_count", "_highest", "_media_ssrc", "_sender_ssrc")

    def __init__(self, sender_ssrc: int) -> None:
        self._sender_ssrc = sender_ssrc
        self._media_ssrc = 0
        self._arrivals: dict[int, float] = {}
        self._highest = -1
        self._base_next = -1
        self._count = 0

    def add(self, seq: int, media_ssrc: int, now: float) -> None:
        """A packet with this transport-wide number arrived at `now` (seconds)."""
        if self._highest < 0:
            extended = seq
            self._highest = self._base_next = seq
        else:
            extended = self._highest + (((seq - self._highest + 0x8000) & 0xFFFF) - 0x8000)
            if extended > self._highest:
                self._highest = extended
            elif extended < self._highest - MAX_SPAN:
                return
        if len(self._arrivals) < MAX_PENDING:
            self._arrivals.setdefault(extended, now)
        self._media_ssrc = media_ssrc

    @property
    def sender_ssrc(self) -> int:
        """Whom feedback comes from."""
        return self._sender_ssrc

    def following(self) -> tuple[int, int] | None:
        """The transport-wide number that the next feedback begins with and that feedback's own number, where nothing
        waits to be told; None where something does, or nothing ever came."""
        return None if self._arrivals or self._highest < 0 else (self._base_next, self._count)

    def told(self, count: int, media_ssrc: int) -> None:
        """So many packets arrived in a row from `following` on, the last from this SSRC, and that was said."""
        self._base_next += count
        self._highest = max(self._highest, self._base_next - 1)
        self._count += 1
        self._media_ssrc = media_ssrc

    def feedback(self) -> list[bytes]:
        """The feedback packets for all that arrived since the last call.

        What came after it was told lost is told in packets of its own, without its neighbours: those were told before,
        and would look lost now.
        """
        packets: list[bytes] = []
        pending = sorted(self._arrivals)
        start = 0
        while start < len(pending):
            first = pending[start]
            is_late = first < self._base_next
            base = first if is_late or first - self._base_next >= MAX_SPAN else self._base_next
            end = start + 1
            while (
                end < len(pending)
                and end - start < MAX_REPORTED
                and pending[end] - base < MAX_SPAN
                and (not is_late or pending[end] == pending[end - 1] + 1)
            ):
                end += 1
            last = pending[end - 1]
            packets.append(self._packet(base, last))
            self._base_next = max(self._base_next, last + 1)
            start = end
        self._arrivals.clear()
        return packets

    def _packet(self, base: int, last: int) -> bytes:
        arrivals = self._arrivals
        first_time = next(arrivals[seq] for seq in range(base, last + 1) if seq in arrivals)
        reference = int(first_time / _REFERENCE)
        previous = round(reference * _REFERENCE / _TICK)
        symbols: list[int] = []
        deltas = bytearray()
        count = 0
        for seq in range(base, last + 1):
            arrived = arrivals.get(seq)
            if arrived is None:
                symbols.append(0)
            else:
                ticks = round(arrived / _TICK)
                delta = ticks - previous
                if 0 <= delta <= 255:
                    symbols.append(1)
                    deltas.append(delta)
                else:
                    delta = max(-32768, min(32767, delta))
                    symbols.append(2)
                    deltas += struct.pack("!h", delta)
                previous += delta
            count += 1
        body = struct.pack(
            "!IIHHI",
            self._sender_ssrc,
            self._media_ssrc,
            base & 0xFFFF,
            count,
            ((reference & 0xFFFFFF) << 8) | (self._count & 0xFF),
        )
        self._count += 1
        body += _chunks(symbols) + deltas
        padding = -len(body) % 4
        if padding:
            body += bytes(padding - 1) + bytes([padding])
        return struct.pack("!BBH", 0x80 | (0x20 if padding else 0) | 15, 205, len(body) // 4) + body


def _chunks(symbols: list[int]) -> bytes:
    """Packet status chunks: runs of one symbol as run lengths, the rest as vectors of seven two-bit symbols."""
    out = bytearray()
    position = 0
    while position < len(symbols):
        symbol = symbols[position]
        run = 1
        while position + run < len(symbols) and symbols[position + run] == symbol and run < 8191:
            run += 1
        if run >= 7 or position + run == len(symbols):
            out += struct.pack("!H", symbol << 13 | run)
            position += run
            continue
        word = 0xC000
        for index, value in enumerate(symbols[position : position + 7]):
            word |= value << (12 - 2 * index)
        out += struct.pack("!H", word)
        position += 7
    return bytes(out)
