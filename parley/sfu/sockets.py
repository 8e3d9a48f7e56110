"""The node's media sockets: shells that only move bytes. UDP in IPv4 and IPv6, and TCP with RFC 4571 framing.

A path is one way to one peer: `UdpPath` (a socket of ours and the peer's address) or `TcpPath` (a connection). Paths
are what ICE verifies and selects.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from parley.sfu.gathering import EVERY, Gathering
from parley.sfu.native_socket import NativeReceiver, native_receiver
from parley.sfu.srtp import writable

if TYPE_CHECKING:
    from parley.sfu.demux import Owner
    from parley.sfu.native_layer import NativeLayer

log = logging.getLogger(__name__)

RECEIVE_BYTES = 2048
BATCH = 64
"""Datagrams read in one wake-up, so that a flood can't keep the loop from everything else."""
MAX_FRAME = 1500
MAX_TCP_BACKLOG = 256 * 1024
"""Bytes that may wait for a slow TCP peer; then it loses packets, as it would on UDP."""
TCP_STUCK_SECONDS = 10.0
"""How long a TCP peer may leave its backlog full before it is dropped."""
MAX_TCP_CONNECTIONS = 512
MAX_TCP_PER_HOST = 64
"""Connections from one address: a whole office behind one NAT may come by TCP, with two each."""
TCP_IDLE_SECONDS = 30.0
TCP_PROOF_SECONDS = 5.0
"""How long a connection may stay open before its first valid check."""

Address = Any
"""A UDP peer's address as the socket module gives it: a pair for IPv4, four values for IPv6."""


class ReceiveBuffer:
    """The one buffer that packets are received and decrypted in. Whoever wants to keep one copies it."""

    def __init__(self) -> None:
        self.bytes = bytearray(RECEIVE_BYTES)
        self.pointer = writable(self.bytes)


class UdpPath(NamedTuple):
    """The way from one of our UDP sockets to one address."""

    link: UdpSocket
    address: Address

    @property
    def protocol(self) -> str:
        """What the path is made of."""
        return "udp"

    @property
    def peer(self) -> tuple[str, int]:
        """The peer's IP address and port."""
        return str(self.address[0]).partition("%")[0], int(self.address[1])

    def send(self, data: bytes) -> bool:
        """Send one datagram; False when the socket doesn't take it."""
        return self.link.send(data, self.address)

    def close(self) -> None:
        """Nothing to close: the socket is everybody's."""


class UdpSocket:
    """One UDP socket.

    receive(length, address, socket, now) is called for each datagram, which lies in the shared buffer; after_batch
    when all those of one wake-up have been handled. owners: whose what comes from an address is; the demultiplexer's.
    decrypted and left: see native_socket.py; without them the socket is read in Python.
    Raises OSError when the address can't be bound.
    """

    def __init__(
        self,
        host: str,
        port: int,
        buffer: ReceiveBuffer,
        receive: Callable[[int, Address, UdpSocket, float], None],
        after_batch: Callable[[], None],
        socket_buffer: int,
        decrypted: Callable[[int, Owner, float], None] | None = None,
        left: Callable[[NativeLayer | None], None] | None = None,
    ) -> None:
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.owners: dict[Address, Owner] = {}
        self._received = 0
        self._receive = receive
        self._after_batch = after_batch
        self._buffer = buffer.bytes
        self.sock = socket.socket(self.family, socket.SOCK_DGRAM)
        try:
            if self.family == socket.AF_INET6:
                self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                self.sock.setsockopt(socket.SOL_SOCKET, option, socket_buffer)  # the kernel takes what it allows
            self.sock.setblocking(False)
            self.sock.bind((host, port))
        except OSError:
            self.sock.close()
            raise
        self.port: int = self.sock.getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._gathering = Gathering()
        self._native: NativeReceiver | None = None
        if decrypted is not None and left is not None:
            self._native = native_receiver(self.sock, buffer, self._raw, decrypted, left)
        if self._native is None:
            self._loop.add_reader(self.sock, self._readable)
        else:
            self._loop.add_reader(self.sock, self._read_natively, self._native)

    @property
    def received(self) -> int:
        """Datagrams that came."""
        return self._received if self._native is None else self._native.received

    @property
    def gathering(self) -> bool:
        """Whether it is left alone for a moment after each read."""
        return self._gathering.is_on

    def hold(self, address: Address, owner: Owner) -> None:
        """What comes from this address is the owner's."""
        self.owners[address] = owner
        if self._native is not None:
            self._native.hold(address, owner)

    def release(self, address: Address) -> None:
        """What comes from this address is nobody's."""
        self.owners.pop(address, None)
        if self._native is not None:
            self._native.hold(address, None)

    def _read_natively(self, native: NativeReceiver) -> None:
        now = time.monotonic()
        if native.receive(now):
            self._after_batch()
        if now >= self._gathering.next_look and self._gathering.look(now, native.received):
            self._gather(native)

    def _raw(self, length: int, address: Address, now: float) -> None:
        self._receive(length, address, self, now)

    def _gather(self, native: NativeReceiver) -> None:
        """Wait for the socket, or for its timer while packets are to be gathered."""
        if not native.gather(EVERY if self._gathering.is_on else 0.0):
            return
        before, after = (self.sock, native.timer) if self._gathering.is_on else (native.timer, self.sock)
        self._loop.remove_reader(before)
        self._loop.add_reader(after, self._read_natively, native)

    def _readable(self) -> None:
        receive_into = self.sock.recvfrom_into
        buffer = self._buffer
        receive = self._receive
        now = time.monotonic()
        for count in range(BATCH):
            try:
                length, address = receive_into(buffer)
            except BlockingIOError:
                self._received += count
                break
            except OSError:
                continue  # an ICMP error of somebody else's datagram
            receive(length, address, self, now)
        else:
            self._received += BATCH
        self._after_batch()

    def send(self, data: bytes, address: Address) -> bool:
        """Send one datagram; False when the socket doesn't take it."""
        try:
            self.sock.sendto(data, address)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop reading and close."""
        if self.sock.fileno() < 0:
            return
        self._loop.remove_reader(self.sock)
        self.sock.close()
        if self._native is not None:
            self._loop.remove_reader(self._native.timer)
            self._native.close()


class FrameReader:
    """Splits a TCP stream into RFC 4571 frames. Sans-I/O; holds less than one frame."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are complete now. Raises ValueError for a frame that no datagram could have been."""
        self._pending += data
        frames: list[bytes] = []
        position = 0
        while len(self._pending) - position >= 2:
            (size,) = struct.unpack_from("!H", self._pending, position)
            if size > MAX_FRAME:
                raise ValueError("frame too large")
            if len(self._pending) - position - 2 < size:
                break
            frames.append(bytes(self._pending[position + 2 : position + 2 + size]))
            position += 2 + size
        del self._pending[:position]
        return frames


class TcpPath(asyncio.Protocol):
    """One ICE-TCP connection. owner: the transport that a valid check on it was for; the demultiplexer's. probed: a
    probe's check came and was answered, so that it may stay for a moment without an owner."""

    protocol: ClassVar[str] = "tcp"

    def __init__(self, listener: TcpListener) -> None:
        self.owner: Owner | None = None
        self.probed = False
        self.peer: tuple[str, int] = ("", 0)
        self.opened = self.last_data = time.monotonic()
        self.stuck_since: float | None = None
        self._listener = listener
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's derives from nothing of asyncio
        peer = transport.get_extra_info("peername") or ("", 0)
        self.peer = (str(peer[0]).partition("%")[0], int(peer[1]))
        if not self._listener.admit(self):
            transport.abort()
            return
        sock = transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self.last_data = time.monotonic()
        try:
            frames = self._reader.feed(data)
        except ValueError:
            self.close()
            return
        self._listener.frames(frames, self)

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.lost(self)

    @property
    def is_open(self) -> bool:
        """Whether frames still come and go."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, data: bytes) -> bool:
        """Send one frame; False when the peer reads too slowly."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > MAX_TCP_BACKLOG:
            if self.stuck_since is None:
                self.stuck_since = time.monotonic()
            return False
        self.stuck_since = None
        transport.write(len(data).to_bytes(2, "big") + data)
        return True

    def close(self) -> None:
        """Abort the connection."""
        if self._transport is not None:
            self._transport.abort()


Path = UdpPath | TcpPath


class TcpListener:
    """Takes ICE-TCP connections (RFC 6544, passive).

    receive(length, path, now) is called for each frame, which lies in the shared buffer; after_batch when those of one
    read have been handled; on_lost when a path is gone.
    """

    def __init__(
        self,
        buffer: ReceiveBuffer,
        receive: Callable[[int, TcpPath, float], None],
        after_batch: Callable[[], None],
        on_lost: Callable[[TcpPath], None],
    ) -> None:
        self._buffer = buffer.bytes
        self._receive = receive
        self._after_batch = after_batch
        self._on_lost = on_lost
        self._servers: list[asyncio.AbstractServer] = []
        self._paths: set[TcpPath] = set()
        self._per_host: dict[str, int] = {}
        self.refused = 0

    def __len__(self) -> int:
        return len(self._paths)

    async def listen(self, host: str, port: int) -> int:
        """Listen on one address; the port that it is. Raises OSError."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: TcpPath(self), host, port, backlog=64)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def admit(self, path: TcpPath) -> bool:
        """Whether there is room for another connection, in all and from there."""
        host = path.peer[0]
        if len(self._paths) >= MAX_TCP_CONNECTIONS or self._per_host.get(host, 0) >= MAX_TCP_PER_HOST:
            self.refused += 1
            return False
        self._paths.add(path)
        self._per_host[host] = self._per_host.get(host, 0) + 1
        return True

    def frames(self, frames: list[bytes], path: TcpPath) -> None:
        """Hand frames on as if they were datagrams. Who hasn't proven himself and sends no check is cut off."""
        now = time.monotonic()
        for frame in frames:
            if not path.is_open:
                break
            self._buffer[: len(frame)] = frame
            self._receive(len(frame), path, now)
            if path.owner is None and not path.probed:
                path.close()
        self._after_batch()

    def lost(self, path: TcpPath) -> None:
        """The connection ended."""
        if path not in self._paths:
            return
        self._paths.discard(path)
        host = path.peer[0]
        self._per_host[host] -= 1
        if not self._per_host[host]:
            del self._per_host[host]
        self._on_lost(path)

    def tick(self, now: float) -> None:
        """Close connections that say nothing, never proved who they are, or don't read."""
        for path in list(self._paths):
            idle = now - path.last_data > TCP_IDLE_SECONDS
            unproven = path.owner is None and now - path.opened > TCP_PROOF_SECONDS
            stuck = path.stuck_since is not None and now - path.stuck_since > TCP_STUCK_SECONDS
            if idle or unproven or stuck:
                path.close()

    async def close(self) -> None:
        """Stop listening, and abort what is open."""
        for server in self._servers:
            server.close()
        for path in list(self._paths):
            path.close()
