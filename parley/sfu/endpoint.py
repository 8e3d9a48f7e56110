"""A media node's endpoint: sockets, certificate and plane, and the demultiplexer that says whose a datagram is.

STUN is told apart by the username fragment it is for, everything else by the address it comes from, which a valid STUN
check has proven before. What belongs to nobody is dropped and counted; nothing is ever sent to an address that has not
proven itself (RFC 7983; CVE-2023-51443 shows what happens otherwise).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from parley.sfu.candidates import Candidate, candidates, local_addresses
from parley.sfu.dtls import fingerprint, generate_certificate
from parley.sfu.ice import is_stun, local_ufrag_of
from parley.sfu.plane import Batch, Plane, udp_batch
from parley.sfu.sockets import ReceiveBuffer, Source, TcpListener, TcpPath, UdpSocket
from parley.sfu.transport import Kind, Transport

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """Where a media node listens and how browsers reach it.

    hosts: addresses to bind, IPv4 and IPv6. udp_port, tcp_port: 0 takes a free one; tcp_port None turns ICE-TCP off.
    public_addresses: what browsers are told; empty for this machine's own addresses. socket_buffer: bytes.
    """

    hosts: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 - a media server listens to the world
    udp_port: int = 0
    tcp_port: int | None = 0
    public_addresses: tuple[str, ...] = ()
    socket_buffer: int = 4 * 1024 * 1024


@dataclass(slots=True)
class Dropped:
    """Datagrams that were nobody's."""

    unknown_source: int = 0
    unknown_ufrag: int = 0
    malformed: int = 0


@dataclass(slots=True)
class _Routes:
    by_ufrag: dict[str, Transport] = field(default_factory=dict)
    by_source: dict[Source, Transport] = field(default_factory=dict)


class MediaEndpoint:
    """See the module. `start` before anything else."""

    def __init__(self, config: EndpointConfig) -> None:
        self.config = config
        self.buffer = ReceiveBuffer()
        self.plane = Plane()
        self.certificate = generate_certificate()
        self.fingerprint = fingerprint(self.certificate)
        self.candidates: list[Candidate] = []
        self.dropped = Dropped()
        self.udp_port = config.udp_port
        self.tcp_port = config.tcp_port
        self.failures = 0
        self._sockets: list[UdpSocket] = []
        self._batches: dict[UdpSocket, Batch] = {}
        self._tcp: TcpListener | None = None
        self._routes = _Routes()
        self._transports: set[Transport] = set()

    async def start(self) -> None:
        """Bind the ports. IPv6 is left out on a machine without it. Raises OSError when a port is taken."""
        for host in self.config.hosts:
            try:
                sock = UdpSocket(
                    host, self.udp_port, self.buffer, self._receive, self.plane.flush, self.config.socket_buffer
                )
            except OSError as error:
                if ":" in host and self._sockets:
                    log.info("no IPv6 for media", extra={"error": str(error)})
                    continue
                raise
            self.udp_port = sock.sock.getsockname()[1]
            self._sockets.append(sock)
            batch = udp_batch(sock.sock)
            self._batches[sock] = batch
            self.plane.add(batch)
        if self.tcp_port is not None:
            await self._listen_tcp()
        has_ipv6 = any(":" in host for host in self.config.hosts)
        addresses = self.config.public_addresses or tuple(local_addresses(has_ipv6))
        self.candidates = candidates(addresses, self.udp_port, self.tcp_port)

    async def _listen_tcp(self) -> None:
        self._tcp = TcpListener(self.buffer, self._receive, self.plane.flush, self._tcp_lost)
        bound = {sock.family for sock in self._sockets}
        for host in self.config.hosts:
            if ":" in host and len(bound) < 2 and len(self.config.hosts) > 1:
                continue
            port = self.udp_port if self.tcp_port == 0 else self.tcp_port
            assert port is not None
            await self._tcp.listen(host, port)
            self.tcp_port = port

    async def close(self) -> None:
        """Close every transport and socket."""
        for transport in list(self._transports):
            transport.close()
        if self._tcp is not None:
            await self._tcp.close()
        for sock in self._sockets:
            sock.close()
        self._sockets.clear()

    # --- transports -------------------------------------------------------------------------------------------------

    def create_transport(self, kind: Kind) -> Transport:
        """A transport with fresh ICE credentials."""
        transport = Transport(self, kind)
        self._transports.add(transport)
        self.remember_ufrags(transport)
        return transport

    def remember_ufrags(self, transport: Transport) -> None:
        """Checks for these fragments are this transport's."""
        for ufrag in transport.ice.ufrags():
            self._routes.by_ufrag[ufrag] = transport

    def forget_ufrags(self, transport: Transport) -> None:
        """Checks for these fragments are nobody's any more."""
        for ufrag in [ufrag for ufrag, owner in self._routes.by_ufrag.items() if owner is transport]:
            del self._routes.by_ufrag[ufrag]

    def sync_sources(self, transport: Transport) -> None:
        """What comes from the transport's verified sources is its own. An address belongs to who proved it last."""
        by_source = self._routes.by_source
        verified = transport.ice.sources()
        for source in verified:
            by_source[source] = transport
        if len(verified) > 1:
            for source in [s for s, owner in by_source.items() if owner is transport and s not in verified]:
                del by_source[source]

    def forget(self, transport: Transport) -> None:
        """The transport is closed."""
        self._transports.discard(transport)
        self.forget_ufrags(transport)
        for source in [source for source, owner in self._routes.by_source.items() if owner is transport]:
            del self._routes.by_source[source]
            if isinstance(source, TcpPath):
                source.close()

    def batch_of(self, sock: UdpSocket) -> Batch:
        """Where packets for this socket are gathered."""
        return self._batches[sock]

    def tick(self, now: float) -> None:
        """Once a second."""
        for transport in list(self._transports):
            transport.tick(now)
        if self._tcp is not None:
            self._tcp.tick(now)

    # --- receiving --------------------------------------------------------------------------------------------------

    def _receive(self, length: int, source: Source, sock: UdpSocket | None, now: float) -> None:
        """A datagram lies in the receive buffer. Nothing it holds may raise out of here."""
        transport = self._routes.by_source.get(source)
        try:
            if length == 0:
                return
            if transport is not None and self.buffer.bytes[0] > 3:
                transport.receive(length, now)
            elif is_stun(self.buffer.bytes, length):
                self._receive_stun(length, source, sock, now)
            elif transport is None:
                self.dropped.unknown_source += 1
            else:
                self.dropped.malformed += 1
        except Exception:
            self.failures += 1
            if self.failures & (self.failures - 1) == 0:  # the 1st, 2nd, 4th, 8th … : a flood must not fill the log
                log.exception("a datagram could not be handled", extra={"failures": self.failures})

    def _receive_stun(self, length: int, source: Source, sock: UdpSocket | None, now: float) -> None:
        ufrag = local_ufrag_of(bytes(self.buffer.bytes[:length]))
        transport = self._routes.by_ufrag.get(ufrag) if ufrag is not None else None
        if transport is None:
            self.dropped.unknown_ufrag += 1
            return
        transport.receive_stun(length, source, sock, now)

    def _tcp_lost(self, path: TcpPath) -> None:
        transport = self._routes.by_source.pop(path, None)
        if transport is not None:
            transport.path_lost(path)

    def dump(self) -> dict[str, object]:
        """What lives here, for people who look inside."""
        return {
            "udp_port": self.udp_port,
            "tcp_port": self.tcp_port,
            "transports": len(self._transports),
            "sources": len(self._routes.by_source),
            "dropped_unknown_source": self.dropped.unknown_source,
            "dropped_unknown_ufrag": self.dropped.unknown_ufrag,
            "dropped_malformed": self.dropped.malformed,
            "failures": self.failures,
            **self.plane.counters(),
        }
