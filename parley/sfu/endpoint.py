"""A media node's endpoint: sockets, certificate, plane and demultiplexer, and the transports that live on them."""

from __future__ import annotations

import errno
import ipaddress
import logging
from dataclasses import dataclass

from parley.sfu.candidates import Candidate, candidates, local_addresses
from parley.sfu.demux import Demux, Dropped
from parley.sfu.dtls import fingerprint, generate_certificate
from parley.sfu.plane import Batch, Plane, udp_batch
from parley.sfu.probe_sdp import ProbeOffers
from parley.sfu.prober import Prober
from parley.sfu.sockets import ReceiveBuffer, TcpListener, TcpPath, UdpSocket
from parley.sfu.transport import Kind, Transport

log = logging.getLogger(__name__)

_NO_SUCH_ADDRESS = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


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


class MediaEndpoint:
    """See the module. `start` before anything else."""

    def __init__(self, config: EndpointConfig) -> None:
        self.config = config
        self.buffer = ReceiveBuffer()
        self.plane = Plane()
        self.demux = Demux(self.buffer)
        self.certificate = generate_certificate()
        self.fingerprint = fingerprint(self.certificate)
        self.candidates: list[Candidate] = []
        self.udp_port = config.udp_port
        self.tcp_port = config.tcp_port
        self._sockets: list[UdpSocket] = []
        self._batches: dict[UdpSocket, Batch] = {}
        self._tcp: TcpListener | None = None
        self._transports: set[Transport] = set()
        self._prober = Prober(self.demux)

    @property
    def dropped(self) -> Dropped:
        """Datagrams that were nobody's."""
        return self.demux.dropped

    @property
    def received(self) -> int:
        """Datagrams that came to the UDP port."""
        return sum(sock.received for sock in self._sockets)

    async def start(self) -> None:
        """Bind the ports. IPv6 is left out on a machine without it. Raises OSError when a port is taken."""
        try:
            hosts = self._bind_udp()
            if self.tcp_port is not None:
                await self._listen_tcp(hosts)
        except OSError:
            await self.close()
            raise
        addresses = self.config.public_addresses or _reachable(hosts)
        self.candidates = candidates(addresses, self.udp_port, self.tcp_port)

    def _bind_udp(self) -> list[str]:
        """Bind one port on every host; the hosts that exist here."""
        attempts = 1 if self.config.udp_port else 20  # a port that is free in IPv4 may be taken in IPv6
        while True:
            attempts -= 1
            try:
                return self._bind_udp_once()
            except OSError as error:
                self._close_sockets()
                self.udp_port = self.config.udp_port
                if error.errno != errno.EADDRINUSE or not attempts:
                    raise

    def _bind_udp_once(self) -> list[str]:
        bound: list[str] = []
        for host in self.config.hosts:
            try:
                sock = UdpSocket(
                    host,
                    self.udp_port,
                    self.buffer,
                    self.demux.datagram,
                    self.plane.flush,
                    self.config.socket_buffer,
                    self.demux.decrypted,
                    self.demux.left,
                )
            except OSError as error:
                if error.errno in _NO_SUCH_ADDRESS and ":" in host and bound:
                    log.info("no IPv6 for media", extra={"error": str(error)})
                    continue
                raise
            bound.append(host)
            self.udp_port = sock.port
            self._sockets.append(sock)
            self._batches[sock] = batch = udp_batch(sock.sock)
            self.plane.add(batch)
        return bound

    async def _listen_tcp(self, hosts: list[str]) -> None:
        """Listen on the number that UDP has, unless told another: one line in a firewall."""
        for port in [self.tcp_port] if self.tcp_port else [self.udp_port, 0]:
            self._tcp = TcpListener(self.buffer, self.demux.frame, self.plane.flush, self._tcp_lost)
            bound = port
            try:
                for host in hosts:
                    bound = await self._tcp.listen(host, bound)
            except OSError as error:
                if self.tcp_port or not port or error.errno != errno.EADDRINUSE:
                    raise
                await self._tcp.close()
                continue
            self.tcp_port = bound
            return

    async def close(self) -> None:
        """Close every transport and socket."""
        for transport in list(self._transports):
            transport.close()
        self.plane.flush()
        if self._tcp is not None:
            await self._tcp.close()
            self._tcp = None
        self._close_sockets()

    def _close_sockets(self) -> None:
        for sock, batch in self._batches.items():
            self.plane.remove(batch)
            sock.close()
        self._batches.clear()
        self._sockets.clear()

    # --- transports -------------------------------------------------------------------------------------------------

    def create_transport(self, kind: Kind) -> Transport:
        """A transport with fresh ICE credentials."""
        transport = Transport(self, kind)
        self._transports.add(transport)
        return transport

    def create_probe(self, now: float) -> ProbeOffers:
        """What a browser needs to try out our ports without belonging to a room. Raises ProbesExhaustedError."""
        return self._prober.create(self.fingerprint, self.candidates, now)

    def forget(self, transport: Transport) -> None:
        """The transport is closed."""
        self._transports.discard(transport)
        self.demux.forget(transport)

    def batch_of(self, sock: UdpSocket) -> Batch:
        """Where packets for this socket are gathered."""
        return self._batches[sock]

    def tick(self, now: float) -> None:
        """Once a second."""
        for transport in list(self._transports):
            transport.tick(now)
        self._prober.tick(now)
        if self._tcp is not None:
            self._tcp.tick(now)

    def _tcp_lost(self, path: TcpPath) -> None:
        if isinstance(path.owner, Transport):
            path.owner.path_lost(path)

    def dump(self) -> dict[str, object]:
        """What lives here, for people who look inside."""
        ufrags, paths = self.demux.counts()
        return {
            "udp_port": self.udp_port,
            "tcp_port": self.tcp_port,
            "tcp_connections": len(self._tcp) if self._tcp is not None else 0,
            "received": self.received,
            "transports": len(self._transports),
            "probes": len(self._prober),
            "probe_answers": self._prober.answered,
            "ufrags": ufrags,
            "sources": paths,
            "dropped_unknown_source": self.dropped.unknown_source,
            "dropped_unknown_ufrag": self.dropped.unknown_ufrag,
            "dropped_malformed": self.dropped.malformed,
            "dropped_claimed": self.dropped.claimed,
            "failures": self.dropped.failures,
            **self.plane.counters(),
        }


def _reachable(hosts: list[str]) -> list[str]:
    """What to tell browsers when nobody said: the bound addresses, or all of this machine's for a wildcard."""
    found: list[str] = []
    own = local_addresses(ipv6=True) if any(ipaddress.ip_address(host).is_unspecified for host in hosts) else []
    for host in hosts:
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            found += [item for item in own if ipaddress.ip_address(item).version == address.version]
        else:
            found.append(host)
    return list(dict.fromkeys(found))
