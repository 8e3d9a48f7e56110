"""The plane: copies a packet for a subscriber, patches its header, encrypts it in place and sends it.

Packets of one wake-up are gathered in slots and leave in one sendmmsg call through libc (cffi in ABI mode: no
compiler). Where libc has no sendmmsg, `PortableBatch` sends each with socket.sendto; both put the same bytes on the
wire. `python benchmarks/plane.py` prints what each costs.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from parley.sfu.sequence import SequenceMapper, TimestampMapper
from parley.sfu.srtp import TRAILER, SrtpContext, address_of, length_at, protect_in_place, writable
from parley.sfu.types import MAX_PACKET_BYTES

SLOT_BYTES = 2048
SLOTS = 64

_HEADER_PATCH = struct.Struct("!BHII")  # marker and payload type, sequence number, timestamp, SSRC: bytes 1 to 11
_patch_header = _HEADER_PATCH.pack_into

SOCKADDR_BYTES = {socket.AF_INET: 16, socket.AF_INET6: 28}

assert MAX_PACKET_BYTES + TRAILER <= SLOT_BYTES == 1 << 11


@lru_cache(maxsize=SLOT_BYTES)
def _packer(size: int) -> Callable[..., None]:
    """Writes a whole packet: its first byte, what differs between subscribers, and `size` bytes that follow. One call
    of this costs half of a copy and a patch."""
    return struct.Struct(f"!BBHII{size}s").pack_into


class Outbound:
    """Where one transport's packets go: the SRTP context and the path, kept up to date by the transport.

    batch is None while there is no path or no key. packets, bytes: what was sent besides what its streams count, which
    is everything that is forwarded: two counters less to move for each packet.
    """

    __slots__ = (
        "_batch",
        "_name",
        "_srtp",
        "_streams",
        "address",
        "batch",
        "bytes",
        "context",
        "packets",
        "sockaddr",
        "stream",
    )

    def __init__(self) -> None:
        self.batch: Batch | None = None
        self.context: Any = None
        self.address: Any = None
        self.sockaddr: int = 0
        self.stream: Callable[[bytes], bool] | None = None
        self.packets = 0
        self.bytes = 0
        self._batch: Batch | None = None
        self._srtp: SrtpContext | None = None
        self._streams: dict[Recipient, tuple[int, int]] = {}  # and what it had counted before
        self._name = bytearray()

    def set_key(self, srtp: SrtpContext) -> None:
        """Use this context from now on."""
        self._srtp = srtp
        self.context = srtp.context
        self.batch = self._batch

    def set_address(self, batch: Batch, family: int, address: Any) -> None:
        """Send to a UDP address from now on. The plane has been flushed."""
        self._name = sockaddr_of(family, address)
        self.address = address
        self.sockaddr = address_of(self._name)
        self._set_batch(batch)

    def set_stream(self, batch: Batch, send: Callable[[bytes], bool]) -> None:
        """Send through a TCP connection from now on. The plane has been flushed."""
        self.stream = send
        self._set_batch(batch)

    def clear_path(self) -> None:
        """There is nowhere to send to. The plane has been flushed."""
        self.stream = None
        self._set_batch(None)

    def _set_batch(self, batch: Batch | None) -> None:
        self._batch = batch
        self.batch = batch if self.context is not None else None

    def adopt(self, stream: Recipient) -> None:
        """What this stream counts from now on leaves here."""
        self._streams[stream] = (stream.packets, stream.bytes)

    def drop(self, stream: Recipient) -> None:
        """The stream has ended."""
        packets, size = self._streams.pop(stream, (stream.packets, stream.bytes))
        sent = stream.packets - packets
        self.packets += sent
        self.bytes += stream.bytes - size + sent * self._overhead

    @property
    def _overhead(self) -> int:
        return self._srtp.overhead if self._srtp is not None else 0

    def totals(self) -> tuple[int, int]:
        """Packets and bytes sent so far, as they are on the wire."""
        packets, size = self.packets, self.bytes
        for stream, (packets_before, bytes_before) in self._streams.items():
            sent = stream.packets - packets_before
            packets += sent
            size += stream.bytes - bytes_before + sent * self._overhead
        return packets, size

    def forget_ssrc(self, ssrc: int) -> None:
        """Nothing is sent from this SSRC ever again."""
        if self._srtp is not None:
            self._srtp.forget(ssrc)


class Recipient(Protocol):
    """Who gets a packet: a consumer, as far as the plane needs to know it. packets, bytes: before encryption."""

    tx: Outbound
    ssrc: int
    mapper: SequenceMapper
    timestamps: TimestampMapper
    packets: int
    bytes: int


class Batch:
    """Packets on their way out of one socket. This base class encrypts; subclasses send.

    A slot's length stands in an iovec, `_lengths[2 * slot + 1]`, where libsrtp reads and writes its lower half.
    """

    _IOVEC_BYTES = 16

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

    def forward(
        self, template: bytes | bytearray, second: int, seq: int, timestamp: int, recipients: Sequence[Recipient]
    ) -> list[Recipient]:
        """Send `template` to all recipients, each with its own numbers for the producer's; those whose packets leave
        through another batch are handed back."""
        others: list[Recipient] = []
        size = len(template)
        for recipient in recipients:
            tx = recipient.tx
            if tx.batch is not self:
                if tx.batch is not None:
                    others.append(recipient)
                continue
            out = recipient.mapper.map(seq)
            if out >= 0:
                shifted = (timestamp + recipient.timestamps.offset) & 0xFFFFFFFF
                if self._put(tx, template, second, out, shifted, recipient.ssrc):
                    recipient.packets += 1
                    recipient.bytes += size
        return others

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        """Send what is gathered."""


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
    def forward(
        self, template: bytes | bytearray, second: int, seq: int, timestamp: int, recipients: Sequence[Recipient]
    ) -> list[Recipient]:
        """See Batch."""
        others: list[Recipient] = []
        size = len(template)
        pack = _packer(size - 12)
        first, rest = template[0], template[12:]
        buffer, names, lengths = self._buffer, self._names, self._lengths
        pointers, length_pointers, protect = self._pointers, self._length_pointers, protect_in_place
        slot = self._count
        for recipient in recipients:
            tx = recipient.tx
            if tx.batch is not self:
                if tx.batch is not None:
                    others.append(recipient)
                continue
            out = recipient.mapper.map(seq)
            if out < 0:
                continue
            shifted = (timestamp + recipient.timestamps.offset) & 0xFFFFFFFF
            pack(buffer, slot << 11, first, second, out, shifted, recipient.ssrc, rest)
            lengths[slot + slot + 1] = size
            if protect(tx.context, pointers[slot], length_pointers[slot]):
                self.refused += 1
                continue
            names[slot << 3] = tx.sockaddr
            recipient.packets += 1
            recipient.bytes += size
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
    if struct.calcsize("P") == 8:
        try:
            return GatheringBatch(sock)
        except (AttributeError, OSError, ImportError):
            pass
    return PortableBatch(sock)


def sockaddr_of(family: int, address: Any) -> bytearray:
    """A struct sockaddr_in or sockaddr_in6 for an address as the socket module gives it."""
    if family == socket.AF_INET6:
        host, port, flow, scope = address
        raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        return bytearray(struct.pack("=H", family) + struct.pack("!HI", port, flow) + raw + struct.pack("=I", scope))
    host, port = address
    return bytearray(struct.pack("=H", family) + struct.pack("!H4s8x", port, socket.inet_aton(host)))


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
            if batch._count:
                batch.flush()

    def counters(self) -> dict[str, int]:
        """Packets sent, dropped by the socket, refused by libsrtp."""
        batches = [*self._batches, self.stream_batch]
        return {
            "sent": sum(batch.sent for batch in batches),
            "dropped": sum(batch.dropped for batch in batches),
            "refused": sum(batch.refused for batch in batches),
        }
