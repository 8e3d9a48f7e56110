"""Bytes that harm: whatever comes to the node's UDP and TCP ports, two people who talk beside it don't notice, nothing
is logged as an exception, and nothing grows.

The corpus (corpus/*.hex) is mutated at random. `make fuzz` does the same for hours.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import re
import socket
import struct
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.sfu.endpoint import EndpointConfig
from parley.sfu.ice import MAX_SOURCES
from parley.sfu.media_server import MediaServer
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.router import Router
from parley.sfu.sdp import SdpError
from parley.sfu.sockets import MAX_TCP_PER_HOST
from parley.sfu.transport import MAX_EARLY_PACKETS, MAX_SSRCS, Transport
from tests.sfu.ice_client import IceClient, UdpWay, Way, fingerprints, until
from tests.sfu.participant import LEVEL, MID, OPUS, Participant, media, publish_offer, subscribe_answer

MIC = 0x1111
USERNAME = struct.Struct("!HH")
CORPUS = {
    path.stem: [bytes.fromhex(line) for line in path.read_text().splitlines() if not line.startswith("#")]
    for path in sorted(Path(__file__).with_name("corpus").glob("*.hex"))
}
ALL = [data for entries in CORPUS.values() for data in entries]

# --- what is sent -----------------------------------------------------------------------------------------------------

SENDERS = ("a stranger", "in Ann's name", "in Bob's name", "a checked peer", "a connected peer")


@dataclass(frozen=True)
class Hostile:
    """A datagram to be: an entry of the corpus, changed, sent by somebody."""

    sender: str
    data: bytes
    edits: tuple[tuple[str, int, bytes], ...]
    victim: int
    """Whose username a STUN message is for: 0 nobody's here, 1 Ann's, 2 Bob's."""

    def bytes_for(self, usernames: list[str]) -> bytes:
        data = bytearray(addressed(self.data, usernames[self.victim - 1]) if self.victim else self.data)
        for kind, at, value in self.edits:
            at %= len(data) + 1
            if kind == "cut":
                del data[at:]
            elif kind == "insert":
                data[at:at] = value
            else:
                data[at : at + len(value)] = value
        return bytes(data[:4_000])


def addressed(data: bytes, username: str) -> bytes:
    """A STUN message of the corpus with a username that lives here, and a fingerprint that is right again: all that
    somebody can forge who has seen a check but doesn't know the password."""
    theirs = USERNAME.pack(6, 14) + b"ourfrag:theirs\x00\x00"
    if theirs not in data or len(data) < 20:
        return data
    name = username.encode()
    data = data.replace(theirs, USERNAME.pack(6, len(name)) + name + bytes(-len(name) % 4))
    data = data[:2] + struct.pack("!H", len(data) - 20) + data[4:]
    if data[-8:-4] == b"\x80\x28\x00\x04":
        data = data[:-4] + struct.pack("!I", zlib.crc32(data[:-8]) ^ 0x5354554E)
    return data


EDITS = st.tuples(st.sampled_from(["cut", "insert", "overwrite"]), st.integers(0, 1_600), st.binary(max_size=8))
HOSTILE = st.builds(
    Hostile,
    st.sampled_from(SENDERS),
    st.one_of(
        st.sampled_from(ALL),
        st.binary(max_size=200),
        st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 255), st.binary(max_size=60)),
    ),
    st.lists(EDITS, max_size=3).map(tuple),
    st.integers(0, 2),
)


def mutated(rng: random.Random) -> bytes:
    """The same without hypothesis, for large amounts."""
    data = bytearray(rng.choice(ALL))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
    return bytes(data[: rng.choice([len(data), rng.randrange(len(data) + 1)])])


# --- who is there -----------------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """Ann talks to Bob; others stand beside them."""

    server: MediaServer
    ann: Participant
    bob: Participant
    checked: IceClient
    connected: Participant
    stranger: UdpWay
    seq: int = 0
    last_heard: int | None = None
    checked_at: float = 0.0
    failures: list[dict[str, object]] = field(default_factory=list)

    @property
    def usernames(self) -> list[str]:
        """As checks for Ann's and Bob's transports carry them."""
        return [f"{client.server_ufrag}:{client.ufrag}" for client in (self.ann.up, self.bob.down)]

    def way(self, sender: str) -> Way:
        client = {
            "in Ann's name": self.ann.up, "in Bob's name": self.bob.down, "a checked peer": self.checked,
            "a connected peer": self.connected.up,
        }.get(sender)  # fmt: skip
        if client is None:
            return self.stranger
        assert client.way is not None
        return client.way

    async def talk(self, words: int = 1) -> None:
        """Ann says something, and Bob hears all of it, in order, without a gap."""
        now = asyncio.get_running_loop().time()
        if now - self.checked_at > 2:  # as browsers do, or consent runs out in a long run
            self.checked_at = now
            for client in (self.ann.up, self.bob.down, self.connected.up):
                assert client.way is not None
                await client.check(client.way)
        heard = self.bob.down.rtp
        heard.clear()
        payloads = []
        for _ in range(words):
            self.seq += 1
            payloads.append(b"word %d" % self.seq)
            extensions = {LEVEL: b"\x9e", MID: b"0"}
            await self.ann.send(
                media(MIC, self.seq, self.seq * 960 & 0xFFFFFFFF, payloads[-1], OPUS, extensions=extensions)
            )
        await until(lambda: len(heard) >= words, f"{words} words")
        got = self.bob.got(self.bob.ssrcs("microphone")[0])
        assert [packet.payload for packet in got] == payloads
        assert [packet.seq for packet in got] == [(got[0].seq + index) & 0xFFFF for index in range(words)]
        if self.last_heard is not None:
            assert got[0].seq == (self.last_heard + 1) & 0xFFFF
        self.last_heard = got[-1].seq

    def transports(self) -> list[Transport]:
        return list(self.server.endpoint._transports)

    def assert_bounded(self) -> None:
        """Every map that a sender of bytes could fill."""
        endpoint = self.server.endpoint
        fragments, paths = endpoint.demux.counts()
        transports = self.transports()
        assert fragments <= 2 * len(transports)
        assert paths <= MAX_SOURCES * len(transports)
        assert sum(len(sock.owners) for sock in endpoint._sockets) <= paths
        assert endpoint._tcp is not None
        assert len(endpoint._tcp) <= MAX_TCP_PER_HOST
        assert len(endpoint._tcp._per_host) <= len(endpoint._tcp)
        for transport in transports:
            assert len(transport._early) <= MAX_EARLY_PACKETS
            assert len(transport._ssrcs) <= MAX_SSRCS
            assert transport._dtls._ice.received.qsize() <= transport._dtls._ice.received.maxsize
            assert len(transport.ice.sources()) <= MAX_SOURCES


@pytest.fixture
async def scene(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Scene]:
    caplog.set_level(logging.INFO)
    loop = asyncio.get_running_loop()
    failures: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: failures.append(context))
    server = MediaServer(EndpointConfig(hosts=("127.0.0.1",)))
    await server.start()
    room, elsewhere = server.create_router("room"), server.create_router("elsewhere")
    ann, bob = Participant(server, room, "ann"), Participant(server, room, "bob")
    await ann.publish("microphone")
    await bob.answer()
    connected = Participant(server, elsewhere, "eve")
    await connected.publish("microphone")
    checked = IceClient("half")
    half_way = server.endpoint.create_transport("publish")
    half_way.set_remote(checked.ufrag, checked.password, fingerprints())
    checked.server_ufrag, checked.server_password = half_way.ice.local.ufrag, half_way.ice.local.password
    await checked.check(checked.udp(server.endpoint.udp_port))
    stranger = UdpWay(("127.0.0.1", server.endpoint.udp_port), lambda way, data: None, "127.0.0.1")
    found = Scene(server, ann, bob, checked, connected, stranger, failures=failures)
    await found.talk()

    yield found

    await found.talk(3)
    found.assert_bounded()
    assert server.endpoint.dropped.failures == 0
    for participant in (ann, bob, connected):
        participant.close()
    for way in (*checked.ways, stranger):
        way.close()
    await server.close()
    assert failures == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info] == []
    assert "Traceback" not in caplog.text


hostile_examples = settings(suppress_health_check=list(HealthCheck))

# --- UDP --------------------------------------------------------------------------------------------------------------


@pytest.mark.fuzz
@hostile_examples
@given(st.lists(HOSTILE, max_size=20))
async def test_no_datagram_of_anybody_or_in_anybodys_name_disturbs_those_who_talk(
    scene: Scene, datagrams: list[Hostile]
) -> None:
    for datagram in datagrams:
        scene.way(datagram.sender).send(datagram.bytes_for(scene.usernames))
    await scene.talk(2)
    assert scene.ann.peer.publisher.transport is not None
    assert scene.ann.peer.publisher.transport.state == "connected"
    assert scene.bob.peer.subscriber.transport.state == "connected"
    for client in (scene.ann.up, scene.bob.down, scene.connected.up, scene.checked):
        client.rtcp.clear()
        client.raw.clear()
        client._packets = asyncio.Queue() if client is scene.checked else client._packets
    scene.assert_bounded()


@pytest.mark.parametrize("sender", SENDERS)
async def test_every_entry_of_the_corpus_whole_and_cut_anywhere(scene: Scene, sender: str) -> None:
    for data in ALL:
        for size in sorted({len(data), len(data) - 1, len(data) // 2, 20, 12, 4, 1, 0}):
            for victim in (0, 1, 2):
                scene.way(sender).send(Hostile(sender, data[:size], (), victim).bytes_for(scene.usernames))
        await scene.talk()


async def test_strangers_are_not_answered_whatever_they_send(scene: Scene) -> None:
    answers: list[bytes] = []
    stranger = UdpWay(
        ("127.0.0.1", scene.server.endpoint.udp_port), lambda way, data: answers.append(data), "127.0.0.1"
    )
    rng = random.Random(1)
    for round_ in range(40):
        for _ in range(20):
            data = Hostile("", mutated(rng), (), rng.randrange(3)).bytes_for(scene.usernames)
            stranger.send(data)
        await scene.talk()
        assert answers == [], f"round {round_}"
    stranger.close()


async def test_a_flood_from_a_thousand_addresses_leaves_nothing_behind(scene: Scene) -> None:
    rng = random.Random(2)
    server = ("127.0.0.1", scene.server.endpoint.udp_port)

    async def flood(addresses: int) -> None:
        for _ in range(addresses):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                for _ in range(5):
                    sock.sendto(Hostile("", mutated(rng), (), rng.randrange(3)).bytes_for(scene.usernames), server)
            if rng.random() < 0.05:
                await scene.talk()
        await scene.talk()

    await flood(150)  # the first of everything: rings fill, counters grow out of the small integers
    counts = scene.server.endpoint.demux.counts()
    tracemalloc.start()
    try:
        before = _memory()
        await flood(850)
        grown = _memory() - before
    finally:
        tracemalloc.stop()
    assert grown < 32 * 1024, f"{grown} bytes for 4250 datagrams"
    assert scene.server.endpoint.demux.counts() == counts
    assert scene.server.endpoint.dropped.unknown_source > 500


def _memory() -> int:
    """Bytes that the SFU's own code holds, and what parses STUN and DTLS for it."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot()
    ours = [tracemalloc.Filter(True, pattern) for pattern in ("*/parley/*", "*/aioice/*", "*/aiortc/*", "*/OpenSSL/*")]
    return sum(item.size for item in snapshot.filter_traces(ours).statistics("filename"))


async def test_a_peer_that_only_checked_cannot_fill_memory_with_what_waits_for_keys(scene: Scene) -> None:
    rng = random.Random(3)
    (half_way,) = (item for item in scene.transports() if item.ice.local.ufrag == scene.checked.server_ufrag)
    for _ in range(20):
        for _ in range(40):
            scene.way("a checked peer").send(b"\x80" + rng.randbytes(rng.randrange(1_400)))
            scene.way("a checked peer").send(bytes([rng.randrange(20, 64)]) + rng.randbytes(rng.randrange(1_400)))
        await scene.talk()
        assert len(half_way._early) <= MAX_EARLY_PACKETS
        assert sum(map(len, half_way._early)) <= MAX_EARLY_PACKETS * 1_500
    assert len(half_way._early) == MAX_EARLY_PACKETS


# --- TCP --------------------------------------------------------------------------------------------------------------


def framed(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


@pytest.mark.fuzz
@hostile_examples
@given(
    st.lists(
        st.one_of(
            HOSTILE.map(lambda hostile: framed(hostile.data)),
            st.binary(max_size=100),
            st.integers(0, 0xFFFF).map(lambda size: struct.pack("!H", size)),
        ),
        max_size=6,
    ),
    st.lists(st.integers(1, 50), max_size=4),
)
async def test_no_stream_of_bytes_disturbs_those_who_talk(scene: Scene, parts: list[bytes], cuts: list[int]) -> None:
    assert scene.server.endpoint.tcp_port is not None
    _, writer = await asyncio.open_connection("127.0.0.1", scene.server.endpoint.tcp_port)
    rest = b"".join(parts)
    for cut in cuts:
        writer.write(rest[:cut])
        rest = rest[cut:]
        await asyncio.sleep(0)
    writer.write(rest)
    await scene.talk()
    scene.assert_bounded()
    writer.transport.abort()


async def test_after_a_valid_check_a_tcp_peer_may_still_send_anything_and_only_harms_himself(scene: Scene) -> None:
    rng = random.Random(4)
    endpoint = scene.server.endpoint
    assert endpoint.tcp_port is not None
    client = IceClient("tcpc")
    transport = endpoint.create_transport("publish")
    transport.set_remote(client.ufrag, client.password, fingerprints())
    client.server_ufrag, client.server_password = transport.ice.local.ufrag, transport.ice.local.password
    for _ in range(10):
        way = await client.tcp(endpoint.tcp_port)
        await client.check(way)
        for _ in range(60):
            data = Hostile("", mutated(rng), (), rng.randrange(3)).bytes_for(scene.usernames)
            way.transport.write(framed(data[:1_500]))  # type: ignore[attr-defined]
        await scene.talk()
    way.transport.write(b"\xff\xff" + bytes(100))  # type: ignore[attr-defined]
    await until(lambda: way.closed, "the end of a connection whose frames can't be datagrams")  # type: ignore[attr-defined]
    for other in client.ways:
        other.close()
    transport.close()
    assert endpoint._tcp is not None
    await until(lambda: endpoint._tcp is not None and len(endpoint._tcp) == 0, "all connections' end")
    assert endpoint._tcp._per_host == {}


async def test_half_a_frame_waits_in_bounded_memory(scene: Scene) -> None:
    assert scene.server.endpoint.tcp_port is not None
    writers = []
    for _ in range(10):
        _, writer = await asyncio.open_connection("127.0.0.1", scene.server.endpoint.tcp_port)
        writer.write(struct.pack("!H", 1_500) + b"\x00" * 1_499)
        writers.append(writer)
    await scene.talk()
    assert scene.server.endpoint._tcp is not None
    paths = list(scene.server.endpoint._tcp._paths)
    await until(lambda: sum(len(path._reader._pending) for path in paths) == 10 * 1_501, "the halves")
    for writer in writers:
        writer.transport.abort()
    await until(lambda: not scene.server.endpoint._tcp, "their end")


# --- SDP --------------------------------------------------------------------------------------------------------------

OFFER = publish_offer([("audio", "0"), ("video", "1")], rids=("l", "m", "h"))
LINE_EDITS = st.tuples(
    st.sampled_from(["drop", "double", "swap", "cut", "digits", "write"]), st.integers(0, 200), st.text(max_size=6)
)


def lie(sdp: str, edits: list[tuple[str, int, str]]) -> str:
    lines = sdp.split("\r\n")
    for kind, at, text in edits:
        at %= len(lines)
        line = lines[at]
        if kind == "drop":
            del lines[at : at + 1]
        elif kind == "double":
            lines[at:at] = [line] * 3
        elif kind == "swap":
            lines[at], lines[at // 2] = lines[at // 2], line
        elif kind == "cut":
            lines[at] = line[: len(line) // 2]
        elif kind == "digits":
            lines[at] = re.sub(r"\d+", lambda found: str(int(found[0]) * 7_919 % 70_000), line)
        else:
            lines[at] = line + text
        lines = lines or [""]
    return "\r\n".join(lines)


@pytest.mark.fuzz
@hostile_examples
@given(st.lists(LINE_EDITS, min_size=1, max_size=6))
async def test_no_offer_that_lies_disturbs_those_who_talk_or_leaves_transports_behind(
    scene: Scene, edits: list[tuple[str, int, str]]
) -> None:
    before = len(scene.transports())
    tracks = [TrackIntent("0", "microphone"), TrackIntent("1", "camera")]
    eve = scene.connected.peer
    try:
        eve.publish(lie(OFFER, edits), tracks)
    except SdpError as error:
        assert str(error)  # noqa: PT017 - nothing else may be raised, and no SdpError is also right
    assert len(scene.transports()) == before
    assert len(eve.publisher.producers) <= 2
    await scene.talk()


@pytest.mark.fuzz
@hostile_examples
@given(st.lists(LINE_EDITS, min_size=1, max_size=6))
async def test_no_answer_that_lies_disturbs_those_who_talk(scene: Scene, edits: list[tuple[str, int, str]]) -> None:
    room: Router = next(iter(router for router in scene.server._routers if router.router_id == "room"))
    liar = Participant(scene.server, room, f"liar {scene.seq}")
    before = len(scene.transports())
    offer = liar.listener.offers[-1]
    try:
        liar.peer.answer_subscribe(offer.offer_id, lie(subscribe_answer(offer.sdp), edits))
    except SdpError as error:
        assert str(error)  # noqa: PT017
    await scene.talk()
    room.remove_peer(liar.name)
    assert len(scene.transports()) == before - 1


async def test_a_browser_that_starts_over_a_hundred_times_holds_one_transport(scene: Scene) -> None:
    before = len(scene.transports())
    eve = scene.connected.peer
    for number in range(100):
        offer = publish_offer([("audio", "0")], ufrag=f"frag{number}")
        if number % 2:
            algorithm, value = fingerprints()[0]
            offer = offer.replace(f"{algorithm} {value}", "sha-256 " + ":".join([f"{number:02X}"] * 32))
        eve.publish(offer, [TrackIntent("0", "microphone")])
        assert len(scene.transports()) == before
    await scene.talk()
