"""One ICE + DTLS + SRTP association with one browser: decrypted packets out, packets to encrypt in.

The transport owns no socket: the endpoint hands it what arrives from its verified sources, and it sends through the
path that ICE selected. Its owner sets `on_rtp`, `on_rtcp` and `on_state`.
"""

from __future__ import annotations

import logging
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from parley.sfu.dtls import DtlsServer
from parley.sfu.ice import IceLite
from parley.sfu.inbound import new_inbound
from parley.sfu.outbound import Outbound
from parley.sfu.sockets import Path, TcpPath

if TYPE_CHECKING:
    from parley.sfu.endpoint import MediaEndpoint

log = logging.getLogger(__name__)

_unpack_ssrc = struct.Struct("!I").unpack_from

State = Literal["new", "connecting", "connected", "disconnected", "failed", "closed"]
Kind = Literal["publish", "subscribe"]

DISCONNECTED_AFTER = 6.5
"""Seconds without a valid check or an authentic packet: browsers check every 2.5 s (Chromium) to 6 s (RFC 7675)."""
FAILED_AFTER = 30.0
"""Seconds of such silence after which the peer has failed. A valid check brings it back."""
MAX_EARLY_PACKETS = 64
"""SRTP packets kept until the keys are there: the peer may have them before we do, or its packets may overtake."""
MAX_SSRCS = 64
"""SSRCs that one peer may send from; libsrtp remembers each for ever."""


class TransportError(Exception):
    """What the signalling asks of a transport can't be done with this one."""


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
    """See the module. `outbound` is what the plane needs to send here.

    state: "new" until the browser's parameters are known; "connected" with keys and a path; "disconnected" and then
    "failed" by silence, from which a valid check brings it back; "failed" by DTLS and "closed" are final. last_seen:
    when the last valid check or authentic packet came (seconds, monotonic). rtt (seconds) and estimate_out (bit/s) are
    the owner's to write, for the report. inbound: what came, and what was rejected: packets that weren't authentic,
    checks that weren't valid.
    """

    def __init__(self, endpoint: MediaEndpoint, kind: Kind) -> None:
        self.kind: Kind = kind
        self.state: State = "new"
        self.ice: IceLite[Path] = IceLite()
        self.outbound = Outbound()
        self.on_rtp: Callable[[bytearray, int, float], None] = _ignore_rtp
        self.on_rtcp: Callable[[bytes, float], None] = _ignore_rtcp
        self.on_state: Callable[[State], None] = _ignore_state
        self.inbound = new_inbound()
        self.rtt = 0.0
        self.estimate_out = 0
        self._bitrates = (0, 0)
        self._counted = (0, 0)
        self._counted_at = 0.0
        self._endpoint = endpoint
        self._demux = endpoint.demux
        self._buffer = endpoint.buffer
        self._path: Path | None = None
        self._closed = False
        self._ufrags: list[str] = []
        self._ssrcs: set[int] = set()
        self._early: deque[bytes] = deque(maxlen=MAX_EARLY_PACKETS)
        self._fingerprints: list[tuple[str, str]] = []
        self._dtls = DtlsServer(endpoint.certificate, self._send_dtls, self._on_dtls_connected, self._on_dtls_ended)
        self._listen()

    @property
    def last_seen(self) -> float:
        """See the class."""
        return self.inbound.last_seen

    # --- setting up -------------------------------------------------------------------------------------------------

    def set_remote(self, ufrag: str, password: str, fingerprints: Sequence[tuple[str, str]]) -> None:
        """What the browser's SDP says: ICE credentials, and (algorithm, value) pairs of its certificate.

        Other credentials than before are the browser's ICE restart: then ours change too. Raises TransportError for
        another certificate, because a DTLS association can't change hands, and for a transport that has ended.
        """
        wanted = sorted((algorithm.lower(), value.upper()) for algorithm, value in fingerprints)
        if self._is_over:
            raise TransportError(f"the transport has {self.state}")
        if not wanted:
            raise TransportError("no certificate fingerprint")
        if self._fingerprints and self._fingerprints != wanted:
            raise TransportError("another certificate needs another transport")
        self.ice.set_remote(ufrag, password)
        self._listen()
        if not self._fingerprints:
            self._fingerprints = wanted
            self._dtls.start(wanted)
            self._refresh_state(time.monotonic())

    def restart_ice(self) -> None:
        """Fresh local credentials; media goes on over the old path until the new one is nominated."""
        self.ice.restart()
        self._listen()

    def _listen(self) -> None:
        """Tell the demultiplexer which fragments are ours now."""
        wanted = self.ice.ufrags()
        if wanted == self._ufrags:
            return
        for ufrag in self._ufrags:
            self._demux.unlisten(ufrag)
        for ufrag in wanted:
            self._demux.listen(ufrag, self)
        self._ufrags = wanted

    # --- receiving --------------------------------------------------------------------------------------------------

    def receive_stun(self, data: bytes, path: Path, now: float) -> None:
        """A STUN message for one of our fragments."""
        response = self.ice.handle(data, path, path.peer, now)
        if response is None:
            self.inbound.rejected += 1
            return
        if self.ice.checked(path) is not None:
            self.inbound.last_seen = now
            self._demux.hold(path, self)
            for held in self._demux.paths_of(self):
                if self.ice.checked(held) is None:  # more ways than ICE remembers
                    self._demux.release(held, self)
            self._listen()  # a nomination voids the credentials of before a restart
            if self.ice.selected != self._path:
                self._use(self.ice.selected)
            self._refresh_state(now)
        path.send(response)

    def last_check(self, path: Path) -> float | None:
        """When the last valid check came by this path."""
        return self.ice.checked(path)

    def receive(self, length: int, now: float) -> None:
        """A datagram from a path that ICE verified lies in the receive buffer."""
        first = self._buffer.bytes[0]
        if 127 < first < 192:
            self._receive_srtp(length, now)
        elif 19 < first < 64:
            self._dtls.receive(bytes(self._buffer.bytes[:length]))

    def _receive_srtp(self, length: int, now: float) -> None:
        srtp = self._dtls.srtp_in
        data = self._buffer.bytes
        if srtp is None:
            if not self._is_over:
                self._early.append(bytes(data[:length]))
            return
        if length < 12:
            self.inbound.rejected += 1
            return
        is_rtcp = 192 <= data[1] <= 223  # RFC 5761 section 4
        (ssrc,) = _unpack_ssrc(data, 4 if is_rtcp else 8)
        ssrcs = self._ssrcs
        if ssrc not in ssrcs and (len(ssrcs) >= MAX_SSRCS or (self.kind == "subscribe" and not is_rtcp)):
            self.inbound.rejected += 1
            return
        unprotect = srtp.unprotect_rtcp if is_rtcp else srtp.unprotect
        size = unprotect(self._buffer.pointer, length)
        if size < 0:
            self.inbound.rejected += 1
            return
        ssrcs.add(ssrc)
        self.inbound.last_seen = now
        self.inbound.packets += 1
        self.inbound.bytes += length
        if is_rtcp:
            self.on_rtcp(bytes(data[:size]), now)
        else:
            self.on_rtp(data, size, now)

    def receive_media(self, length: int, now: float) -> None:
        """An RTP packet that C decrypted and counted lies in the receive buffer."""
        self.on_rtp(self._buffer.bytes, length, now)

    # --- sending ----------------------------------------------------------------------------------------------------

    def send_rtcp(self, data: bytes) -> bool:
        """Encrypt and send a compound packet; False when there is no path or key yet, or it wasn't taken."""
        srtp, path = self._dtls.srtp_out, self._path
        if srtp is None or path is None:
            return False
        packet = srtp.protect_rtcp(data)
        if packet is None or not path.send(packet):
            return False
        self.outbound.bytes += len(packet)
        self.outbound.packets += 1
        return True

    def _send_dtls(self, data: bytes) -> None:
        path = self._path
        if path is None:
            # A ClientHello may come by a verified path before the nomination: answer where the last check came from.
            verified = self.ice.sources()
            if not verified:
                return
            path = verified[-1]
        path.send(data)

    def _use(self, path: Path | None) -> None:
        """Send by this path from now on."""
        self._path = path
        self._endpoint.plane.flush()  # what is gathered goes where it was meant to
        if path is None:
            self.outbound.clear_path()
        elif isinstance(path, TcpPath):
            self.outbound.set_stream(self._endpoint.plane.stream_batch, path.send)
        else:
            self.outbound.set_address(self._endpoint.batch_of(path.link), path.link.family, path.address)

    # --- states -----------------------------------------------------------------------------------------------------

    def _on_dtls_connected(self) -> None:
        assert self._dtls.srtp_out is not None
        self.outbound.set_key(self._dtls.srtp_out)
        self.inbound.set_key(self._dtls.srtp_in)
        now = time.monotonic()
        self._refresh_state(now)
        early = list(self._early)
        self._early.clear()
        for packet in early:
            self._buffer.bytes[: len(packet)] = packet
            self._receive_srtp(len(packet), now)
        self._endpoint.plane.flush()

    def _on_dtls_ended(self, end: Literal["failed", "closed"], reason: str) -> None:
        log.info("transport ended", extra={"transport_kind": self.kind, "reason": reason})
        self.inbound.set_key(None)
        self._early.clear()
        self._use(None)
        self._set_state(end)

    def path_lost(self, path: Path) -> None:
        """The TCP connection under a path is gone."""
        self.ice.forget(path)
        self._demux.release(path, self)
        self._follow()

    def tick(self, now: float) -> None:
        """Once a second: notice a silent peer, take back trust that ran out, and measure."""
        if self._is_over:
            return
        for path in self.ice.expire(now):
            self._demux.release(path, self)
        self._follow()
        self._refresh_state(now)
        counted = (self.inbound.bytes, self.outbound.totals()[1])
        elapsed = now - self._counted_at
        if elapsed >= 0.5:
            before = self._counted
            self._bitrates = (int((counted[0] - before[0]) * 8 / elapsed), int((counted[1] - before[1]) * 8 / elapsed))
            self._counted, self._counted_at = counted, now

    def _follow(self) -> None:
        if self.ice.selected != self._path:
            self._use(self.ice.selected)

    @property
    def _is_over(self) -> bool:
        return self._closed or self._dtls.ended

    def _refresh_state(self, now: float) -> None:
        if self._is_over:
            return
        if self._dtls.srtp_out is None:
            self._set_state("connecting" if self._fingerprints else "new")
            return
        silence = now - self.last_seen
        if silence > FAILED_AFTER:
            self._set_state("failed")
        elif silence > DISCONNECTED_AFTER or self._path is None:
            self._set_state("disconnected" if self.state != "connecting" else "connecting")
        else:
            self._set_state("connected")

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.on_state(state)

    # --- looking and ending -----------------------------------------------------------------------------------------

    def report(self, now: float) -> TransportReport:
        """Statistics as of now (seconds, monotonic)."""
        path = self._path
        packets_out, bytes_out = self.outbound.totals()
        return TransportReport(
            kind=self.kind,
            state=self.state,
            protocol="" if path is None else path.protocol,
            remote="" if path is None else _host_and_port(*path.peer),
            srtp_profile=self._dtls.srtp_profile,
            bytes_in=self.inbound.bytes,
            bytes_out=bytes_out,
            packets_in=self.inbound.packets,
            packets_out=packets_out,
            bitrate_in=self._bitrates[0],
            bitrate_out=self._bitrates[1],
            estimate_out=self.estimate_out,
            rtt_ms=round(self.rtt * 1000, 1),
        )

    def close(self) -> None:
        """Tell the peer (close_notify) and forget everything. on_state is not called."""
        if self._closed:
            return
        self._closed = True
        self._dtls.close()
        self.state = "closed"
        self.inbound.set_key(None)
        self.inbound.clear_tracks()
        self._early.clear()
        self._use(None)
        self._endpoint.forget(self)


def _host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ignore_rtp(buffer: bytearray, length: int, now: float) -> None: ...


def _ignore_rtcp(data: bytes, now: float) -> None: ...


def _ignore_state(state: State) -> None: ...
