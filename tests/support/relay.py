"""A bad network: relays between browser and server that can be told to lose everything, or to take another way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

Address = tuple[str, int]


class _Upstream(asyncio.DatagramProtocol):
    """The server's side of one client."""

    def __init__(self, relay: UdpRelay, client: Address) -> None:
        self._relay = relay
        self._client = client
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._relay.from_server(data, self._client)


class UdpRelay(asyncio.DatagramProtocol):
    """Passes datagrams on, from an address of its own per client.

    blocked: everything is lost, both ways. reroute(): from now on clients reach the server from other addresses, as
    after a change of network behind which the old way is gone.
    """

    def __init__(self, target: Address) -> None:
        self._target = target
        self._transport: asyncio.DatagramTransport | None = None
        self._upstreams: dict[Address, asyncio.Task[_Upstream]] = {}
        self._source = "127.0.0.1"
        self.blocked = False
        self.passed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.blocked:
            return
        task = self._upstreams.get(addr)
        if task is None:
            task = self._upstreams[addr] = asyncio.ensure_future(self._open(addr))
        if task.done():
            self._send(task.result(), data)
        else:
            task.add_done_callback(lambda done: self._send(done.result(), data))

    def from_server(self, data: bytes, client: Address) -> None:
        if not self.blocked and self._transport is not None:
            self._transport.sendto(data, client)

    def reroute(self, source: str) -> None:
        """Reach the server from `source`; what it still sends to the old addresses is lost."""
        self._source = source
        old, self._upstreams = self._upstreams, {}
        for task in old.values():
            task.add_done_callback(lambda done: done.result().transport.close())

    def close(self) -> None:
        self.reroute(self._source)
        if self._transport is not None:
            self._transport.close()

    async def _open(self, client: Address) -> _Upstream:
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_datagram_endpoint(
            lambda: _Upstream(self, client), local_addr=(self._source, 0), remote_addr=self._target
        )
        return upstream

    def _send(self, upstream: _Upstream, data: bytes) -> None:
        if upstream.transport is not None and not upstream.transport.is_closing():
            upstream.transport.sendto(data)
            self.passed += 1


@contextlib.asynccontextmanager
async def udp_relay(listen: Address, target: Address) -> AsyncIterator[UdpRelay]:
    """Clients send to `listen` what is meant for `target`."""
    loop = asyncio.get_running_loop()
    _, relay = await loop.create_datagram_endpoint(lambda: UdpRelay(target), local_addr=listen)
    try:
        yield relay
    finally:
        relay.close()


class TcpRelay:
    """Passes connections on. cut(): all of them break now. refusing: new ones break at once."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.refusing = False
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, server_writer}
        for task in (
            asyncio.ensure_future(self._pump(reader, server_writer)),
            asyncio.ensure_future(self._pump(server_reader, writer)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()
        self._open.discard(writer)


@contextlib.asynccontextmanager
async def tcp_relay(target: Address, listen: Address = ("127.0.0.1", 0)) -> AsyncIterator[TcpRelay]:
    """Clients connect to `listen` instead of `target`; `relay.port` is the port, a free one for 0."""
    relay = TcpRelay(target)
    server = await asyncio.start_server(relay.accept, *listen)
    relay.port = int(server.sockets[0].getsockname()[1])
    try:
        yield relay
    finally:
        relay.cut()
        server.close()
