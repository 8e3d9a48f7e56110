"""The node's media sockets: shells that only move bytes. UDP in IPv4 and IPv6, and TCP with RFC 4571 framing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from parley.sfu.srtp import writable

log = logging.getLogger(__name__)

RECEIVE_BYTES = 4096
BATCH = 64
"""Datagrams read in one wake-up, so that a flood can't keep the loop from everything else."""
MAX_FRAME = 1500
MAX_TCP_BACKLOG = 256 * 1024
"""Bytes that may wait for a slow TCP peer; then it loses packets, as it would on UDP."""
MAX_TCP_CONNECTIONS = 512
TCP_IDLE_SECONDS = 30.0

Source = Any
"""A UDP peer's address as the socket module gives it, or a TcpPath."""

Receive = Callable[[int, Source, "UdpSocket | None", float], None]
"""receive(length, source, socket, now): a datagram lies in the shared receive buffer."""


class ReceiveBuffer:
    """The one buffer that packets are received and decrypted in. Whoever wants to keep one copies it."""

    def __init__(self) -> None:
        self.bytes = bytearray(RECEIVE_BYTES)
        self.pointer = writable(self.bytes)


class UdpSocket:
    """One UDP socket. after_batch is called when a wake-up's datagrams have been handled."""

    def __init__(
        self,
        host: str,
        port: int,
        buffer: ReceiveBuffer,
        receive: Receive,
        after_batch: Callable[[], None],
        socket_buffer: int,
    ) -> None:
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._receive = receive
        self._after_batch = after_batch
        self._buffer = buffer.bytes
        self.sock = socket.socket(self.family, socket.SOCK_DGRAM)
        try:
            if self.family == socket.AF_INET6:
                self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                self.sock.setsockopt(socket.SOL_SOCKET, option, socket_buffer)
            self.sock.setblocking(False)
            self.sock.bind((host, port))
        except OSError:
            self.sock.close()
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.sock.fileno(), self._readable)

    def _readable(self) -> None:
        receive_into = self.sock.recvfrom_into
        buffer = self._buffer
        receive = self._receive
        now = time.monotonic()
        for _ in range(BATCH):
            try:
                length, address = receive_into(buffer)
            except BlockingIOError:
                break
            except OSError:
                continue  # an ICMP error of somebody else's datagram
            receive(length, address, self, now)
        self._after_batch()

    def send(self, data: bytes, address: Any) -> bool:
        """Send one datagram; False when the socket doesn't take it."""
        try:
            self.sock.sendto(data, address)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop reading and close."""
        self._loop.remove_reader(self.sock.fileno())
        self.sock.close()


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
    """One ICE-TCP connection."""

    def __init__(self, listener: TcpListener) -> None:
        self._listener = listener
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self.address: tuple[str, int] = ("", 0)
        self.trusted = False
        self.last_data = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername") or ("", 0)
        self.address = (str(peer[0]), int(peer[1]))
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

    def send(self, data: bytes) -> bool:
        """Send one frame; False when the peer reads too slowly."""
        transport = self._transport
        if transport is None or transport.is_closing() or transport.get_write_buffer_size() > MAX_TCP_BACKLOG:
            return False
        transport.write(struct.pack("!H", len(data)) + data)
        return True

    def close(self) -> None:
        """Abort the connection."""
        if self._transport is not None:
            self._transport.abort()


class TcpListener:
    """Takes ICE-TCP connections (RFC 6544, passive). on_lost: a path is gone."""

    def __init__(
        self,
        buffer: ReceiveBuffer,
        receive: Receive,
        after_batch: Callable[[], None],
        on_lost: Callable[[TcpPath], None],
    ) -> None:
        self._buffer = buffer.bytes
        self._receive = receive
        self._after_batch = after_batch
        self._on_lost = on_lost
        self._servers: list[asyncio.AbstractServer] = []
        self._paths: set[TcpPath] = set()

    async def listen(self, host: str, port: int) -> None:
        """Listen on one address. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(lambda: TcpPath(self), host, port, backlog=64))

    def admit(self, path: TcpPath) -> bool:
        """Whether there is room for another connection."""
        if len(self._paths) >= MAX_TCP_CONNECTIONS:
            return False
        self._paths.add(path)
        return True

    def frames(self, frames: list[bytes], path: TcpPath) -> None:
        """Hand frames on as if they were datagrams."""
        now = time.monotonic()
        for frame in frames:
            self._buffer[: len(frame)] = frame
            self._receive(len(frame), path, None, now)
        self._after_batch()

    def lost(self, path: TcpPath) -> None:
        """The connection ended."""
        self._paths.discard(path)
        self._on_lost(path)

    def tick(self, now: float) -> None:
        """Close connections that say nothing, or never proved who they are."""
        for path in list(self._paths):
            if now - path.last_data > TCP_IDLE_SECONDS or (not path.trusted and now - path.last_data > 5.0):
                path.close()

    async def close(self) -> None:
        """Stop listening, and abort what is open."""
        for server in self._servers:
            server.close()
        for path in list(self._paths):
            path.close()
