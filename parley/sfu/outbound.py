"""Where packets go: `Outbound` is one transport's way out, `Stream` one SSRC on it, `Fan` the streams of one layer.

This is what the plane knows of consumers. Where the native plane is loaded, the numbers that change with each packet
lie in C's memory, and `NativeStream` reads and writes them there: they are in one place only.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from parley.sfu.native.cells import in_cell, lay_in_cell
from parley.sfu.native.library import loaded
from parley.sfu.sequence import SequenceMapper, TimestampMapper
from parley.sfu.srtp import SrtpContext, address, address_of

if TYPE_CHECKING:
    from parley.sfu.plane import Batch

MAX_FAN = 64
"""Streams that C takes at once (PARLEY_FAN)."""
SOCKADDR_BYTES = {socket.AF_INET: 16, socket.AF_INET6: 28}


class Outbound:
    """Where one transport's packets go: the SRTP context and the path, kept up to date by the transport.

    batch is None while there is no path or no key. packets, bytes: what was sent besides what its streams count, which
    is everything that is forwarded: two counters less to move for each packet. cell: the same for the native plane,
    None where there is none.
    """

    __slots__ = (
        "_batch",
        "_name",
        "_srtp",
        "_streams",
        "address",
        "batch",
        "bytes",
        "cell",
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
        self._streams: dict[Stream, tuple[int, int]] = {}  # and what it had counted before
        self._name = bytearray()
        native = loaded()
        self.cell: Any = native[0].new("struct parley_out *") if native is not None else None

    def set_key(self, srtp: SrtpContext) -> None:
        """Use this context from now on."""
        self._srtp = srtp
        self.context = srtp.context
        self._set_batch(self._batch)

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
        if self.cell is not None:
            self._tell_native()

    def _tell_native(self) -> None:
        native = loaded()
        assert native is not None
        cell, null = self.cell, native[0].NULL
        cell.batch = self.batch.cell if self.batch is not None and self.batch.cell is not None else null
        cell.context = native[0].cast("void *", address(self.context)) if self.context is not None else null
        cell.name = bytes(self._name)
        cell.name_length = len(self._name)
        cell.generation = 0

    def adopt(self, stream: Stream) -> None:
        """What this stream counts from now on leaves here."""
        self._streams[stream] = (stream.packets, stream.bytes)

    def drop(self, stream: Stream) -> None:
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


def sockaddr_of(family: int, address: Any) -> bytearray:
    """A struct sockaddr_in or sockaddr_in6 for an address as the socket module gives it."""
    if family == socket.AF_INET6:
        host, port, flow, scope = address
        raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        return bytearray(struct.pack("=H", family) + struct.pack("!HI", port, flow) + raw + struct.pack("=I", scope))
    host, port = address
    return bytearray(struct.pack("=H", family) + struct.pack("!H4s8x", port, socket.inet_aton(host)))


def address_from(family: int, sockaddr: bytes) -> Any:
    """The other way round."""
    port, flow = struct.unpack_from("!HI", sockaddr, 2)
    if family == socket.AF_INET6:
        (scope,) = struct.unpack_from("=I", sockaddr, 24)
        return socket.inet_ntop(socket.AF_INET6, sockaddr[8:24]), port, flow, scope
    return socket.inet_ntoa(sockaddr[4:8]), port


class Stream:
    """One SSRC that leaves by a transport. packets, bytes: what was sent of it, before encryption.

    mapper, timestamps: from the producer's numbers to those that this stream sends.
    """

    __slots__ = ("alone", "bytes", "mapper", "packets", "ssrc", "timestamps", "tx")

    tx: Outbound
    ssrc: int
    mapper: SequenceMapper
    timestamps: TimestampMapper
    packets: int
    bytes: int

    def __init__(self, tx: Outbound, ssrc: int, clock_rate: int) -> None:
        self.packets = self.bytes = 0
        self.alone = Fan([self])
        self.move_to(tx, ssrc, clock_rate)

    def move_to(self, tx: Outbound, ssrc: int, clock_rate: int) -> None:
        """Start over on this transport, with an SSRC that it has never seen."""
        self.tx = tx
        self.ssrc = ssrc
        self.mapper = SequenceMapper()
        self.timestamps = TimestampMapper(clock_rate)
        tx.adopt(self)


class Fan:
    """Streams that get the same packets."""

    __slots__ = ("pointers", "streams")

    def __init__(self, streams: Sequence[Stream]) -> None:
        self.streams = streams
        self.pointers: Any = None

    def native_pointers(self) -> Any:
        """An array of the streams' cells; None where they have none, or are more than C takes at once."""
        if self.pointers is None:
            native = loaded()
            cells = [stream.cell for stream in self.streams if isinstance(stream, NativeStream)]
            if native is not None and len(cells) == len(self.streams) <= MAX_FAN:
                self.pointers = native[0].new("struct parley_stream *[]", cells)
        return self.pointers


def new_stream(tx: Outbound, ssrc: int, clock_rate: int) -> Stream:
    """A stream for the plane that is used here."""
    return NativeStream(tx, ssrc, clock_rate) if tx.cell is not None else Stream(tx, ssrc, clock_rate)


class NativeStream(Stream):
    """A stream whose numbers lie in `cell`."""

    __slots__ = ("cell",)

    def __init__(self, tx: Outbound, ssrc: int, clock_rate: int) -> None:
        native = loaded()
        assert native is not None
        self.cell: Any = native[0].new("struct parley_stream *")
        super().__init__(tx, ssrc, clock_rate)

    def move_to(self, tx: Outbound, ssrc: int, clock_rate: int) -> None:
        super().move_to(tx, ssrc, clock_rate)
        self.cell.out = tx.cell
        self.mapper = NativeSequenceMapper(self.cell)
        self.timestamps = NativeTimestampMapper(self.cell, clock_rate)


class NativeSequenceMapper(SequenceMapper):
    """A mapper whose numbers lie in a stream's cell."""

    __slots__ = ("cell",)

    def __init__(self, cell: Any, first_out: int | None = None) -> None:
        self.cell = cell
        super().__init__(first_out)


class NativeTimestampMapper(TimestampMapper):
    """A mapper whose offset lies in a stream's cell."""

    __slots__ = ("cell",)

    def __init__(self, cell: Any, clock_rate: int) -> None:
        self.cell = cell
        super().__init__(clock_rate)


lay_in_cell(NativeStream, "ssrc", "packets", "bytes")
lay_in_cell(NativeSequenceMapper, "started", _next="next", _offset="offset")
NativeTimestampMapper.offset = in_cell("timestamp_offset", unsigned_32=True)  # type: ignore[misc]
