"""One ICE + DTLS + SRTP association with one browser: decrypted packets out, packets to encrypt in.

The transport owns no socket: the endpoint hands it what arrives from its verified sources, and it sends through the
path that ICE selected. Its owner sets `on_rtp`, `on_rtcp` and `on_state`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from parley.sfu.dtls import DtlsServer
from parley.sfu.ice import IceLite
from parley.sfu.plane import Batch, Outbound, address_of, sockaddr_of
from parley.sfu.rate import RateMeter
from parley.sfu.sockets import Source, TcpPath, UdpSocket

if TYPE_CHECKING:
    from parley.sfu.endpoint import MediaEndpoint

log = logging.getLogger(__name__)

State = Literal["new", "connecting", "connected", "disconnected", "failed", "closed"]
Kind = Literal["publish", "subscribe"]

DISCONNECTED_AFTER = 6.0
"""Seconds without anything from the peer: browsers check every 2.5 s (RFC 7675)."""
MAX_EARLY_PACKETS = 64


@dataclass(slots=True)
class TransportReport:
    """One transport's statistics. Bitrates in bit/s, times in milliseconds."""

    kind: str
    state: str
    protocol: str
    remote: str
    srtp_profile: str
    bytes_in: int
    bytes_out: int
    packets_in: int
    packets_out: int
    bitrate_in: int
    bitrate_out: int
    estimate_out: int
    rtt_ms: float


class Transport:
    """See the module. `outbound` is what the plane needs to send here."""

    def __init__(self, endpoint: MediaEndpoint, kind: Kind) -> None:
        self.kind: Kind = kind
        self.state: State = "new"
        self.ice: IceLite[Source] = IceLite()
        self.outbound = Outbound()
        self.on_rtp: Callable[[bytearray, int, float], None] = _ignore_rtp
        self.on_rtcp: Callable[[bytes, float], None] = _ignore_rtcp
        self.on_state: Callable[[State], None] = _ignore_state
        self.last_seen = 0.0
        self.packets_in = 0
        self.bytes_in = 0
        self.rejected = 0
        self.rtt = 0.0
        self.estimate_out = 0
        self.rate_in = RateMeter()
        self.rate_out = RateMeter()
        self._counted_out = 0
        self._endpoint = endpoint
        self._buffer = endpoint.buffer
        self._sockets: dict[Source, UdpSocket] = {}
        self._sockaddr = bytearray(32)
        self._path_batch: Batch | None = None
        self._early: deque[bytes] = deque(maxlen=MAX_EARLY_PACKETS)
        self._dtls = DtlsServer(endpoint.certificate, self._send_dtls, self._on_dtls_connected, self._on_dtls_closed)

    # --- setting up -------------------------------------------------------------------------------------------------

    def set_remote(self, ufrag: str, password: str, fingerprints: list[tuple[str, str]]) -> None:
        """What the browser's SDP says: ICE credentials, and (algorithm, value) pairs of its certificate."""
        self.ice.set_remote(ufrag, password)
        if not self._dtls.started:
            self._dtls.start(fingerprints)

    def restart_ice(self) -> None:
        """Fresh local credentials; media goes on over the old path until the new one is nominated."""
        self._endpoint.forget_ufrags(self)
        self.ice.restart()
        self._endpoint.remember_ufrags(self)

    # --- receiving --------------------------------------------------------------------------------------------------

    def receive_stun(self, length: int, source: Source, sock: UdpSocket | None, now: float) -> None:
        """A STUN message for one of our fragments lies in the receive buffer."""
        is_tcp = isinstance(source, TcpPath)
        address = source.address if is_tcp else (str(source[0]).partition("%")[0], int(source[1]))
        before = self.ice.selected
        response = self.ice.handle(bytes(self._buffer.bytes[:length]), source, address, now)
        if response is None:
            self.rejected += 1
            return
        self.last_seen = now
        if is_tcp:
            source.trusted = True
            source.send(response)
        elif sock is not None:
            self._sockets[source] = sock
            sock.send(response, source)
        self._endpoint.sync_sources(self)
        for gone in [known for known in self._sockets if not self.ice.verified(known)]:
            del self._sockets[gone]
        if self.ice.selected is not None and self.ice.selected != before:
            self._select_path(self.ice.selected)
        self._refresh_state()

    def receive(self, length: int, now: float) -> None:
        """A datagram from a verified source lies in the receive buffer."""
        self.last_seen = now
        first = self._buffer.bytes[0]
        if 127 < first < 192:
            self._receive_srtp(length, now)
        elif 19 < first < 64:
            self._dtls.receive(bytes(self._buffer.bytes[:length]))

    def _receive_srtp(self, length: int, now: float) -> None:
        srtp = self._dtls.srtp_in
        buffer = self._buffer
        if srtp is None:
            self._early.append(bytes(buffer.bytes[:length]))
            return
        if length < 12:
            self.rejected += 1
            return
        if 192 <= buffer.bytes[1] <= 223:  # RFC 5761 section 4
            size = srtp.unprotect_rtcp(buffer.pointer, length)
            if size < 0:
                self.rejected += 1
                return
            self._count_in(length, now)
            self.on_rtcp(bytes(buffer.bytes[:size]), now)
            return
        size = srtp.unprotect(buffer.pointer, length)
        if size < 0:
            self.rejected += 1
            return
        self._count_in(length, now)
        self.on_rtp(buffer.bytes, size, now)

    def _count_in(self, length: int, now: float) -> None:
        self.packets_in += 1
        self.bytes_in += length
        self.rate_in.add(length, now)

    # --- sending ----------------------------------------------------------------------------------------------------

    def send_rtcp(self, data: bytes) -> bool:
        """Encrypt and send a compound packet; False when there is no path or key yet."""
        srtp = self._dtls.srtp_out
        if srtp is None or self.ice.selected is None:
            return False
        packet = srtp.protect_rtcp(data)
        if packet is None:
            return False
        self.outbound.bytes += len(packet)
        self.outbound.packets += 1
        return self._send_raw(packet)

    def _send_raw(self, data: bytes) -> bool:
        path = self.ice.selected
        if isinstance(path, TcpPath):
            return path.send(data)
        sock = self._sockets.get(path)
        return sock is not None and sock.send(data, path)

    def _send_dtls(self, data: bytes) -> None:
        if self.ice.selected is None:
            # a ClientHello may come on a verified pair before the nomination: answer where it came from
            sources = self.ice.sources()
            if not sources:
                return
            path = sources[-1]
            if isinstance(path, TcpPath):
                path.send(data)
            elif path in self._sockets:
                self._sockets[path].send(data, path)
            return
        self._send_raw(data)

    def _select_path(self, path: Source) -> None:
        tx = self.outbound
        if isinstance(path, TcpPath):
            tx.stream = path.send
            self._path_batch = self._endpoint.plane.stream_batch
        else:
            sock = self._sockets[path]
            raw = sockaddr_of(sock.family, path)
            self._sockaddr[: len(raw)] = raw
            tx.address = path
            tx.sockaddr = address_of(self._sockaddr)
            tx.sockaddr_length = len(raw)
            self._path_batch = self._endpoint.batch_of(sock)
        tx.batch = self._path_batch if tx.context is not None else None

    # --- states -----------------------------------------------------------------------------------------------------

    def _on_dtls_connected(self) -> None:
        assert self._dtls.srtp_out is not None
        self.outbound.set_key(self._dtls.srtp_out)
        if self.ice.selected is not None:
            self.outbound.batch = self._path_batch
        self._refresh_state()
        early = list(self._early)
        self._early.clear()
        for packet in early:
            self._buffer.bytes[: len(packet)] = packet
            self._receive_srtp(len(packet), self.last_seen)
        self._endpoint.plane.flush()

    def _on_dtls_closed(self, reason: str) -> None:
        log.info("transport ended", extra={"transport_kind": self.kind, "reason": reason})
        self._set_state("closed" if reason == "closed by the peer" else "failed")
        self.outbound.batch = None

    def path_lost(self, source: Source) -> None:
        """The TCP connection under a path is gone."""
        self.ice.forget(source)
        if self.ice.selected is None:
            self.outbound.batch = None

    def tick(self, now: float) -> None:
        """Once a second: notice a silent peer, and measure what goes out."""
        sent = self.outbound.bytes - self._counted_out
        self._counted_out = self.outbound.bytes
        self.rate_out.add(sent, now)
        if self.state == "connected" and now - self.last_seen > DISCONNECTED_AFTER:
            self._set_state("disconnected")
        elif self.state == "disconnected":
            self._refresh_state(now)

    def _refresh_state(self, now: float | None = None) -> None:
        if self.state in ("failed", "closed"):
            return
        if now is not None and now - self.last_seen > DISCONNECTED_AFTER:
            return
        ready = self._dtls.srtp_out is not None and self.ice.selected is not None
        self._set_state("connected" if ready else "connecting")

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.on_state(state)

    # --- looking and ending -----------------------------------------------------------------------------------------

    def report(self, now: float) -> TransportReport:
        """Statistics as of now (seconds, monotonic)."""
        path = self.ice.selected
        is_tcp = isinstance(path, TcpPath)
        address = path.address if isinstance(path, TcpPath) else path
        return TransportReport(
            kind=self.kind,
            state=self.state,
            protocol="" if path is None else "tcp" if is_tcp else "udp",
            remote="" if address is None else f"{address[0]}:{address[1]}",
            srtp_profile=self._dtls.srtp_profile,
            bytes_in=self.bytes_in,
            bytes_out=self.outbound.bytes,
            packets_in=self.packets_in,
            packets_out=self.outbound.packets,
            bitrate_in=self.rate_in.bitrate(now),
            bitrate_out=self.rate_out.bitrate(now),
            estimate_out=self.estimate_out,
            rtt_ms=round(self.rtt * 1000, 1),
        )

    def close(self) -> None:
        """Tell the peer (close_notify) and forget everything. on_state is not called."""
        self._dtls.close()
        self.state = "closed"
        self.outbound.batch = None
        self._endpoint.forget(self)


def _ignore_rtp(buffer: bytearray, length: int, now: float) -> None: ...


def _ignore_rtcp(data: bytes, now: float) -> None: ...


def _ignore_state(state: State) -> None: ...
