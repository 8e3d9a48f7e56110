"""A participant for tests: a listener for the Router, and a browser's end of both transports (ice_client.py)."""

from __future__ import annotations

import asyncio
import re
import struct
from dataclasses import dataclass, field

from parley.sfu.interfaces import ConsumerInfo, ProducerInfo
from parley.sfu.media_server import MediaServer
from parley.sfu.peer import Peer
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.router import Router
from tests.sfu.ice_client import CERTIFICATE, IceClient, RTCCertificate, fingerprints, until

OPUS, VP8, RTX = 111, 96, 97
LEVEL, MID, RID, REPAIRED, TRANSPORT_CC, ORIENTATION = 1, 4, 10, 11, 3, 13


def _section(kind: str, mid: str, ufrag: str, certificate: RTCCertificate, rids: tuple[str, ...], ssrc: int) -> str:
    algorithm, value = fingerprints(certificate)[0]
    payload = f"{OPUS}" if kind == "audio" else f"{VP8} {RTX}"
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        f"a=ice-ufrag:{ufrag}",
        "a=ice-pwd:the-browsers-own-password",
        f"a=fingerprint:{algorithm} {value}",
        "a=setup:actpass",
        "a=rtcp-mux",
        "a=sendonly",
        f"a=extmap:{MID} urn:ietf:params:rtp-hdrext:sdes:mid",
        f"a=extmap:{TRANSPORT_CC} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ]
    if kind == "audio":
        lines += [f"a=rtpmap:{OPUS} opus/48000/2", f"a=extmap:{LEVEL} urn:ietf:params:rtp-hdrext:ssrc-audio-level"]
    else:
        lines += [
            f"a=rtpmap:{VP8} VP8/90000",
            f"a=rtcp-fb:{VP8} nack",
            f"a=rtcp-fb:{VP8} nack pli",
            f"a=rtcp-fb:{VP8} transport-cc",
            f"a=rtpmap:{RTX} rtx/90000",
            f"a=fmtp:{RTX} apt={VP8}",
            f"a=extmap:{RID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            f"a=extmap:{REPAIRED} urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            f"a=extmap:{ORIENTATION} urn:3gpp:video-orientation",
        ]
    if rids:
        lines += [f"a=rid:{rid} send" for rid in rids]
        lines.append("a=simulcast:send " + ";".join(rids))
    elif ssrc:
        lines.append(f"a=ssrc:{ssrc} cname:somebody")
    return "\r\n".join(lines) + "\r\n"


def publish_offer(
    sections: list[tuple[str, str]],
    ufrag: str = "brow",
    certificate: RTCCertificate = CERTIFICATE,
    rids: tuple[str, ...] = (),
    ssrcs: dict[str, int] | None = None,
) -> str:
    """An offer with (kind, mid) sections; rids makes its videos simulcast."""
    mids = " ".join(mid for _, mid in sections)
    head = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n"
    return head + "".join(
        _section(kind, mid, ufrag, certificate, rids if kind == "video" else (), (ssrcs or {}).get(mid, 0))
        for kind, mid in sections
    )


_ONLY_THE_SERVERS = (
    "a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=candidate", "a=ssrc", "a=msid", "a=ice-lite",
)  # fmt: skip


def subscribe_answer(offer: str, ufrag: str = "subs", certificate: RTCCertificate = CERTIFICATE) -> str:
    """A browser's answer that takes everything."""
    algorithm, value = fingerprints(certificate)[0]
    out: list[str] = []
    for line in offer.splitlines():
        if line.startswith(_ONLY_THE_SERVERS):
            continue
        if line == "a=setup:actpass":
            out += [
                "a=setup:active",
                f"a=ice-ufrag:{ufrag}",
                "a=ice-pwd:the-browsers-own-password",
                f"a=fingerprint:{algorithm} {value}",
            ]
        else:
            out.append("a=recvonly" if line == "a=sendonly" else line)
    return "\r\n".join(out) + "\r\n"


def credential(sdp: str, name: str) -> str:
    found = re.search(rf"a=ice-{name}:(\S+)", sdp)
    assert found is not None
    return found[1]


def media(
    ssrc: int, seq: int, timestamp: int, payload: bytes, payload_type: int, marker: int = 0,
    extensions: dict[int, bytes] | None = None,
) -> bytes:  # fmt: skip
    """One RTP packet with one-byte header extensions."""
    block = b"".join(bytes([number << 4 | len(data) - 1]) + data for number, data in (extensions or {}).items())
    block += bytes(-len(block) % 4)
    head = struct.pack("!BBHII", 0x90 if block else 0x80, marker << 7 | payload_type, seq & 0xFFFF, timestamp, ssrc)
    return head + (struct.pack("!HH", 0xBEDE, len(block) // 4) + block if block else b"") + payload


@dataclass
class Received:
    """A packet as the subscriber got it."""

    payload_type: int
    marker: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes
    extensions: dict[int, bytes]


def read(packet: bytes) -> Received:
    first, second, seq, timestamp, ssrc = struct.unpack_from("!BBHII", packet)
    assert first in (0x80, 0x90), "no CSRCs and no padding are forwarded"
    at = 12
    extensions = {}
    if first == 0x90:
        profile, words = struct.unpack_from("!HH", packet, 12)
        assert profile == 0xBEDE
        position, at = 16, 16 + 4 * words
        while position < at:
            if packet[position] == 0:
                position += 1
                continue
            size = (packet[position] & 15) + 1
            extensions[packet[position] >> 4] = packet[position + 1 : position + 1 + size]
            position += 1 + size
    return Received(second & 0x7F, second >> 7, seq, timestamp, ssrc, packet[at:], extensions)


@dataclass
class Offer:
    offer_id: int
    sdp: str
    consumers: list[ConsumerInfo]
    fresh: bool


@dataclass
class Listener:
    """What the Router told one participant."""

    offers: list[Offer] = field(default_factory=list)
    producers: dict[str, ProducerInfo] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    updates: list[tuple[str, bool, str | None]] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)

    def subscribe_offer(self, offer_id: int, sdp: str, consumers: list[ConsumerInfo], fresh: bool) -> None:
        self.offers.append(Offer(offer_id, sdp, consumers, fresh))

    def producer_added(self, info: ProducerInfo) -> None:
        self.producers[info.producer_id] = info

    def producer_removed(self, producer_id: str) -> None:
        self.removed.append(producer_id)

    def consumer_updated(self, consumer_id: str, paused: bool, layer: str | None) -> None:
        self.updates.append((consumer_id, paused, layer))

    def transport_state(self, kind: str, state: str) -> None:
        self.states.append((kind, state))


class Participant:
    """One person's browser."""

    def __init__(self, server: MediaServer, router: Router, name: str) -> None:
        self.server = server
        self.name = name
        self.listener = Listener()
        self.peer: Peer = router.add_peer(name, self.listener)
        self.up = IceClient("brow")
        self.down = IceClient("subs")
        self.producers: dict[str, str] = {}
        self._answered = 0
        self._count = 0

    # --- publishing ---

    async def publish(
        self, *sources: str, rids: tuple[str, ...] = (), ssrcs: dict[str, int] | None = None,
        certificate: RTCCertificate = CERTIFICATE,
    ) -> None:  # fmt: skip
        """Publish these sources; mids count from 0."""
        sections = [("audio" if source in ("microphone", "screen_audio") else "video") for source in sources]
        numbered = [(kind, str(index)) for index, kind in enumerate(sections)]
        offer = publish_offer(numbered, rids=rids, ssrcs=ssrcs, certificate=certificate)
        tracks = [TrackIntent(str(index), source) for index, source in enumerate(sources)]
        result = self.peer.publish(offer, tracks)
        self.producers = {sources[int(mid)]: producer_id for mid, producer_id in result.producers}
        if self.up.server_ufrag == credential(result.sdp, "ufrag"):
            return
        self.up.server_ufrag = credential(result.sdp, "ufrag")
        self.up.server_password = credential(result.sdp, "pwd")
        if self.up.dtls.state == "new":
            await self._connect(self.up)

    async def _connect(self, client: IceClient) -> None:
        await client.check(client.udp(self.server.endpoint.udp_port))
        await client.handshake(self.server.endpoint.fingerprint)
        assert client.dtls.state == "connected"

    async def send(self, packet: bytes) -> None:
        assert self.up.way is not None
        self.up.way.send(self.up.protect(packet))

    def count(self) -> bytes:
        """The next transport-wide sequence number."""
        self._count += 1
        return struct.pack("!H", self._count)

    # --- subscribing ---

    async def answer(self) -> None:
        """Answer every offer there is, and connect at the first."""
        while self._answered < len(self.listener.offers):
            offer = self.listener.offers[self._answered]
            self._answered += 1
            if offer.fresh:
                self.down = IceClient("subs")
            self.down.server_ufrag = credential(offer.sdp, "ufrag")
            self.down.server_password = credential(offer.sdp, "pwd")
            self.peer.answer_subscribe(offer.offer_id, subscribe_answer(offer.sdp))
            if self.down.dtls.state == "new":
                await self._connect(self.down)
                await until(lambda: self.peer.subscriber.transport.state == "connected", "the subscribe transport")

    def consumer(self, source: str) -> ConsumerInfo:
        """The consumer of this source in the newest offer."""
        return next(info for info in self.listener.offers[-1].consumers if info.source == source)

    def ssrcs(self, source: str) -> tuple[int, int]:
        """The SSRC of a consumer and that of its retransmissions, as the newest offer states them."""
        section = self.listener.offers[-1].sdp.split("m=")[int(self.consumer(source).mid) + 1]
        found = [int(number) for number in dict.fromkeys(re.findall(r"a=ssrc:(\d+)", section))]
        return found[0], found[1] if len(found) > 1 else 0

    def got(self, ssrc: int) -> list[Received]:
        """What came on one SSRC."""
        return [packet for packet in map(read, self.down.rtp) if packet.ssrc == ssrc]

    async def receives(self, source: str, count: int) -> list[Received]:
        """Wait until so many packets of a source are there."""
        ssrc = self.ssrcs(source)[0]
        await until(lambda: len(self.got(ssrc)) >= count, f"{count} packets of the {source}")
        return self.got(ssrc)

    async def feedback(self, data: bytes) -> None:
        """RTCP from the subscriber."""
        assert self.down.way is not None
        self.down.way.send(self.down.dtls._tx_srtp.protect_rtcp(data))

    def close(self) -> None:
        for client in (self.up, self.down):
            for way in client.ways:
                way.close()


async def settled(server: MediaServer) -> None:
    """Everything that is under way on loopback has been handled: two turns of the loop see every ready socket."""
    before = -1
    while before != server.endpoint.received:
        before = server.endpoint.received
        await asyncio.sleep(0.03)
