"""The plane: copies a packet for a subscriber, patches its header, encrypts it in place and sends it.

Packets of one wake-up are gathered in slots and leave in one sendmmsg call through libc (cffi in ABI mode: no
compiler). Where libc has no sendmmsg, `PortableBatch` sends each with socket.sendto; native_plane.py does it all in C,
where that was compiled. All put the same bytes on the wire; `python benchmarks/plane.py` prints what each costs.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from parley.sfu.outbound import SOCKADDR_BYTES, Fan, Outbound, Stream
from parley.sfu.srtp import TRAILER, address_of, length_at, protect_in_place, writable
from parley.sfu.types import MAX_PACKET_BYTES

SLOT_BYTES = 2048
SLOTS = 64

_HEADER_PATCH = struct.Struct("!BHII")  # marker and payload type, sequence number, timestamp, SSRC: bytes 1 to 11
_patch_header = _HEADER_PATCH.pack_into

assert MAX_PACKET_BYTES + TRAILER <= SLOT_BYTES == 1 << 11


@lru_cache(maxsize=SLOT_BYTES)
def _packer(size: int) -> Callable[..., None]:
    """Writes a whole packet: its first byte, what differs between subscribers, and `size` bytes that follow. One call
    of this costs half of a copy and a patch."""
    return struct.Struct(f"!BBHII{size}s").pack_into


class Batch:
    """Packets on their way out of one socket. This base class encrypts; subclasses send.

    cell: what the native plane knows it by; None in Python. A slot's length stands in an iovec, `_lengths[2 * slot +
    1]`, where libsrtp reads and writes its lower half.
    """

    _IOVEC_BYTES = 16
    cell: Any = None

    def __init__(self) -> None:
        self._buffer = bytearray(SLOT_BYTES * SLOTS)
        self._view = memoryview(self._buffer)
        whole = writable(self._buffer)
        self._pointers = [whole + SLOT_BYTES * slot for slot in range(SLOTS)]
        self._whole = whole
        self._vectors = bytearray(self._IOVEC_BYTES * SLOTS)
        self._lengths = memoryview(self._vectors).cast("Q")
        vectors = address_of(self._vectors)
        low = 8 if sys.byteorder == "little" else 12
        self._length_pointers = [length_at(vectors + self._IOVEC_BYTES * slot + low) for slot in range(SLOTS)]
        self._count = 0
        self.sent = 0
        self.dropped = 0
        self.refused = 0

    def queue(self, tx: Outbound, packet: bytes | bytearray, second: int, seq: int, timestamp: int, ssrc: int) -> bool:
        """Send `packet` with these header fields; second is the byte of marker and payload type. False where libsrtp
        refuses it."""
        size = self._put(tx, packet, second, seq, timestamp, ssrc)
        if not size:
            return False
        tx.packets += 1
        tx.bytes += size
        return True

    def _put(self, tx: Outbound, packet: bytes | bytearray, second: int, seq: int, timestamp: int, ssrc: int) -> int:
        """Encrypt into the next slot; the size on the wire, 0 where libsrtp refuses."""
        slot = self._count
        start = slot * SLOT_BYTES
        size = len(packet)
        self._view[start : start + size] = packet
        _patch_header(self._buffer, start + 1, second, seq, timestamp, ssrc)
        self._lengths[2 * slot + 1] = size
        if protect_in_place(tx.context, self._pointers[slot], self._length_pointers[slot]):
            self.refused += 1
            return 0
        size = self._lengths[2 * slot + 1]
        self._add(tx, slot, start, size)
        return size

    def forward(self, template: bytes | bytearray, second: int, seq: int, timestamp: int, fan: Fan) -> list[Stream]:
        """Send `template` to all streams, each with its own numbers for the producer's; those whose packets leave
        through another batch are handed back."""
        others: list[Stream] = []
        size = len(template)
        for stream in fan.streams:
            tx = stream.tx
            if tx.batch is not self:
                if tx.batch is not None:
                    others.append(stream)
                continue
            out = stream.mapper.map(seq)
            if out >= 0:
                shifted = (timestamp + stream.timestamps.offset) & 0xFFFFFFFF
                if self._put(tx, template, second, out, shifted, stream.ssrc):
                    stream.packets += 1
                    stream.bytes += size
        return others

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        """Send what is gathered."""

    @property
    def waiting(self) -> int:
        """Packets that are gathered."""
        return self._count


class StreamBatch(Batch):
    """For TCP: each packet goes to its connection at once."""

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        if tx.stream is not None and tx.stream(bytes(self._buffer[start : start + size])):
            self.sent += 1
        else:
            self.dropped += 1


class PortableBatch(Batch):
    """For UDP anywhere: one sendto for each packet."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        try:
            self._sock.sendto(self._view[start : start + size], tx.address)
            self.sent += 1
        except OSError:
            self.dropped += 1


class GatheringBatch(Batch):
    """For UDP on Linux: one sendmmsg for many packets.

    The array of struct mmsghdr is written as numbers through a memoryview, because that costs a quarter of the same
    assignments through cffi. Layout for 64-bit Linux: msg_name 8, msg_namelen 4 (+4), msg_iov 8, msg_iovlen 8,
    msg_control 8, msg_controllen 8, msg_flags 4 (+4), msg_len 4 (+4): 64 bytes, of which only msg_name changes.
    """

    _MESSAGE_BYTES = 64

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        ffi, libc = _libc()
        self._ffi = ffi
        self._sendmmsg = libc.sendmmsg
        self._fd = sock.fileno()
        self._messages = bytearray(self._MESSAGE_BYTES * SLOTS)
        self._messages_pointer = ffi.from_buffer("char[]", self._messages)
        self._names = memoryview(self._messages).cast("Q")
        name_length = SOCKADDR_BYTES[sock.family]
        slots, vectors = address_of(self._buffer), address_of(self._vectors)
        for slot in range(SLOTS):
            self._lengths[2 * slot] = slots + SLOT_BYTES * slot
            vector = vectors + self._IOVEC_BYTES * slot
            struct.pack_into("=QIIQQ", self._messages, self._MESSAGE_BYTES * slot, 0, name_length, 0, vector, 1)

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        self._names[slot << 3] = tx.sockaddr
        self._count = slot + 1
        if slot == SLOTS - 1:
            self.flush()

    # What Batch.forward does, with everything inline: most of the server's time is spent in this loop.
    def forward(self, template: bytes | bytearray, second: int, seq: int, timestamp: int, fan: Fan) -> list[Stream]:
        """See Batch."""
        others: list[Stream] = []
        size = len(template)
        pack = _packer(size - 12)
        first, rest = template[0], template[12:]
        buffer, names, lengths = self._buffer, self._names, self._lengths
        pointers, length_pointers, protect = self._pointers, self._length_pointers, protect_in_place
        slot = self._count
        for stream in fan.streams:
            tx = stream.tx
            if tx.batch is not self:
                if tx.batch is not None:
                    others.append(stream)
                continue
            out = stream.mapper.map(seq)
            if out < 0:
                continue
            shifted = (timestamp + stream.timestamps.offset) & 0xFFFFFFFF
            pack(buffer, slot << 11, first, second, out, shifted, stream.ssrc, rest)
            lengths[slot + slot + 1] = size
            if protect(tx.context, pointers[slot], length_pointers[slot]):
                self.refused += 1
                continue
            names[slot << 3] = tx.sockaddr
            stream.packets += 1
            stream.bytes += size
            slot += 1
            if slot == SLOTS:
                self._count = slot
                self.flush()
                slot = 0
        self._count = slot
        return others

    def flush(self) -> None:
        """Send what is gathered; what the socket doesn't take at once is dropped and counted."""
        count, self._count = self._count, 0
        first = 0
        while first < count:
            sent = self._sendmmsg(self._fd, self._messages_pointer + (first << 6), count - first, 0)
            if sent > 0:
                self.sent += sent
                first += sent
                continue
            if self._ffi.errno == errno.EINTR:
                continue
            if self._ffi.errno in (errno.EAGAIN, errno.ENOBUFS):
                self.dropped += count - first
                return
            self.dropped += 1  # this address can't be sent to; the others can
            first += 1


def _libc() -> tuple[Any, Any]:
    import cffi

    ffi = cffi.FFI()
    ffi.cdef("int sendmmsg(int fd, char *messages, unsigned int count, int flags);")
    libc: Any = ffi.dlopen(None)
    if libc.sendmmsg is None:  # raises AttributeError where libc has none
        raise AttributeError("sendmmsg")
    return ffi, libc


def udp_batch(sock: socket.socket) -> Batch:
    """The fastest batch that works here."""
    from parley.sfu.native_plane import native_batch

    native = native_batch(sock)
    if native is not None:
        return native
    if struct.calcsize("P") == 8:
        try:
            return GatheringBatch(sock)
        except (AttributeError, OSError, ImportError):
            pass
    return PortableBatch(sock)


class Plane:
    """All batches of one endpoint, flushed together."""

    def __init__(self) -> None:
        self.stream_batch = StreamBatch()
        self._batches: list[Batch] = []

    def add(self, batch: Batch) -> None:
        """A socket is there."""
        self._batches.append(batch)

    def remove(self, batch: Batch) -> None:
        """A socket is about to be closed."""
        batch.flush()
        self._batches.remove(batch)

    def flush(self) -> None:
        """Send everything that was queued since the last flush."""
        for batch in self._batches:
            if batch.waiting:
                batch.flush()

    def counters(self) -> dict[str, int]:
        """Packets sent, dropped by the socket, refused by libsrtp."""
        batches = [*self._batches, self.stream_batch]
        return {
            "sent": sum(batch.sent for batch in batches),
            "dropped": sum(batch.dropped for batch in batches),
            "refused": sum(batch.refused for batch in batches),
        }
