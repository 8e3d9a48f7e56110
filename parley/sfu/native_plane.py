"""The plane in C (native/*.c) behind the interface of `plane.Batch`: one call sends a packet to all its streams.

C does what happens a million times; a stream whose next packet isn't simply the next - late, not started, elsewhere -
is left to the methods of `Batch`, on the same numbers.
"""

from __future__ import annotations

import socket
from typing import Any

from parley.sfu.native.library import loaded
from parley.sfu.outbound import MAX_FAN, Fan, Outbound, Stream
from parley.sfu.plane import Batch
from parley.sfu.srtp import PROTECT, address

UDP_SEGMENT = 103


def native_batch(sock: socket.socket) -> Batch | None:
    """A batch for this socket, or None where the native plane isn't there."""
    native = loaded()
    return NativeBatch(sock, *native) if native is not None else None


def _takes_segments(sock: socket.socket) -> bool:
    """Whether the kernel takes many packets for one address in one message (UDP generic segmentation offload)."""
    try:
        return sock.getsockopt(socket.IPPROTO_UDP, UDP_SEGMENT) == 0
    except OSError:
        return False


class NativeBatch(Batch):
    """For UDP on Linux, where C was compiled."""

    def __init__(self, sock: socket.socket, ffi: Any, library: Any) -> None:
        self.cell: Any = ffi.new("struct parley_batch *")
        self.cell.protect = ffi.cast("parley_crypt", address(PROTECT))
        self.cell.fd = sock.fileno()
        self.cell.generation = 1
        self.cell.segments = _takes_segments(sock)
        self._ffi = ffi
        self._forward = library.parley_forward
        self._queue = library.parley_queue
        self._flush = library.parley_flush
        self._left = bytearray(MAX_FAN)
        self._left_pointer = ffi.from_buffer("uint8_t[]", self._left)

    def queue(self, tx: Outbound, packet: bytes | bytearray, second: int, seq: int, timestamp: int, ssrc: int) -> bool:
        size = self._put(tx, packet, second, seq, timestamp, ssrc)
        if not size:
            return False
        tx.packets += 1
        tx.bytes += size
        return True

    def _put(self, tx: Outbound, packet: bytes | bytearray, second: int, seq: int, timestamp: int, ssrc: int) -> int:
        return int(self._queue(self.cell, tx.cell, bytes(packet), len(packet), second, seq, timestamp, ssrc))

    def forward(self, template: bytes | bytearray, second: int, seq: int, timestamp: int, fan: Fan) -> list[Stream]:
        """See Batch."""
        pointers = fan.native_pointers()
        if pointers is None:
            return super().forward(template, second, seq, timestamp, fan)
        if type(template) is not bytes:
            template = bytes(template)
        left = self._forward(
            self.cell, template, len(template), second, seq, timestamp, pointers, len(pointers), self._left_pointer
        )
        if not left:
            return []
        rest = Fan([fan.streams[place] for place in self._left[:left]])
        return super().forward(template, second, seq, timestamp, rest)

    def flush(self) -> None:
        """See Batch."""
        self._flush(self.cell)

    @property
    def waiting(self) -> int:
        return int(self.cell.count)


def _counter(name: str) -> property:
    return property(lambda batch: int(getattr(batch.cell, name)), lambda batch, value: setattr(batch.cell, name, value))


for _name in ("sent", "dropped", "refused"):
    setattr(NativeBatch, _name, _counter(_name))
