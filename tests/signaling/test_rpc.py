"""The RPC over real sockets on loopback: proven, ordered, bounded, and unmoved by hostile bytes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling import rpc, rpc_stream
from parley.signaling.node_messages import (
    CloseConnection,
    CloseRoom,
    Detach,
    Done,
    GatewayMessage,
    NodeLoad,
    NodeMessage,
    OpenRoom,
    Ping,
    RevokeMember,
    RoomClosed,
    RoomFacts,
    SendToConnection,
)
from parley.signaling.rooms.chat import MAX_CHAT_KEPT
from parley.signaling.rpc import Answer, Failed, GatewayFrame, GatewayLink, HandshakeError, LinkLostError, NodeLink
from parley.signaling.rpc_stream import RequestFailedError, RpcError, Stream
from parley.signaling.schema.common import MAX_CHAT_CHARS, MAX_NAME_CHARS, ChatMessage
from tests.support.waiting import until

SECRET = b"a secret of the test"


class Desk:
    """A service that records what it is told and answers by the meeting's id, so that a test can say what it wants."""

    def __init__(self) -> None:
        self.links: list[GatewayLink] = []
        self.seen: list[GatewayMessage] = []
        self.gone = asyncio.Event()
        self.release = asyncio.Event()

    def linked(self, link: GatewayLink) -> None:
        self.links.append(link)

    def unlinked(self, link: GatewayLink) -> None:
        self.links.remove(link)
        self.gone.set()

    def handle(self, link: GatewayLink, message: GatewayMessage) -> Answer | Awaitable[Answer] | None:
        self.seen.append(message)
        match message:
            case Ping():
                return NodeLoad("n1", 0, 0, 0, 0.0)
            case CloseRoom(meeting_id="slow"):
                return self._later()
            case CloseRoom(meeting_id="bug"):
                raise ZeroDivisionError
            case CloseRoom(meeting_id="no room"):
                return Failed("no_room", "There is none.")
            case CloseRoom(meeting_id="notified"):
                for number in range(100):
                    link.notify(SendToConnection(str(number), b"{}"))
                return Done()
            case CloseRoom():
                return Done()
        return None

    async def _later(self) -> Answer:
        await self.release.wait()
        return Done()


@contextlib.asynccontextmanager
async def listening(desk: rpc.Service, address: str, secret: bytes = SECRET) -> AsyncIterator[str]:
    server = rpc.RpcServer("n1", secret, desk)
    try:
        yield await server.listen(address)
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def linked(
    address: str, on_message: Callable[[NodeMessage], None] = lambda message: None
) -> AsyncIterator[tuple[NodeLink, asyncio.Task[None]]]:
    link = await rpc.connect(address, SECRET)
    reading = asyncio.create_task(link.run(on_message))
    try:
        yield link, reading
    finally:
        link.abort()
        await reading


def frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


async def greeted(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has read the node's challenge and said nothing."""
    reader, writer = await asyncio.open_connection(*rpc.split_host_port(address))
    await Stream(reader, writer).read()
    return reader, writer


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the other side has closed."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(5):
            while chunk := await reader.read(65_536):
                received += chunk
    return received


# --- asking and telling -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["unix", "tcp", "tcp6"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {"unix": str(tmp_path / "n.sock"), "tcp": "127.0.0.1:0", "tcp6": "[::1]:0"}[request.param]


async def test_a_request_is_answered_on_every_kind_of_address(address: str) -> None:
    async with listening(Desk(), address) as actual, linked(actual) as (link, _):
        assert link.node_id == "n1"
        assert await link.request(CloseRoom("m", "over")) == Done()


async def test_the_socket_of_one_machine_is_its_owners_alone(tmp_path: Path) -> None:
    async with listening(Desk(), str(tmp_path / "n.sock")) as address:
        assert os.stat(address).st_mode & 0o777 == 0o600


async def test_messages_arrive_in_the_order_they_were_sent(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        for number in range(500):
            link.notify(Detach("m", str(number)))
        await link.request(Ping())
        sent = [message.connection_id for message in desk.seen if isinstance(message, Detach)]
        assert sent == [str(number) for number in range(500)]


async def test_an_answer_arrives_after_all_that_was_said_before_it(tmp_path: Path) -> None:
    said: list[NodeMessage] = []
    async with listening(Desk(), str(tmp_path / "n.sock")) as address, linked(address, said.append) as (link, _):
        await link.request(CloseRoom("notified", ""))
        assert [message.connection_id for message in said if isinstance(message, SendToConnection)] == [
            str(number) for number in range(100)
        ]


async def test_a_slow_answer_holds_up_nobody_else(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        slow = asyncio.create_task(link.request(CloseRoom("slow", "")))
        assert isinstance(await link.request(Ping()), NodeLoad)
        assert not slow.done()
        desk.release.set()
        assert await slow == Done()


async def test_a_refusal_carries_its_code(tmp_path: Path) -> None:
    async with listening(Desk(), str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        with pytest.raises(RequestFailedError) as refused:
            await link.request(CloseRoom("no room", ""))
        assert refused.value.code == "no_room"


async def test_a_bug_in_one_handler_answers_that_request_and_harms_no_other(tmp_path: Path) -> None:
    async with listening(Desk(), str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        with pytest.raises(RequestFailedError) as refused:
            await link.request(CloseRoom("bug", ""))
        assert refused.value.code == "internal"
        assert await link.request(CloseRoom("m", "")) == Done()


async def test_a_bug_in_the_gateways_listener_harms_no_other_message(tmp_path: Path) -> None:
    said: list[str] = []

    def listen(message: NodeMessage) -> None:
        assert isinstance(message, CloseConnection)
        said.append(message.connection_id)
        if message.connection_id == "a":
            raise ZeroDivisionError

    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address, listen) as (link, _):
        desk.links[0].notify(CloseConnection("a"))
        desk.links[0].notify(CloseConnection("b"))
        await link.request(Ping())
        assert said == ["a", "b"]


async def test_a_request_that_nobody_answers_times_out_and_its_late_answer_is_nobodys(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        with pytest.raises(TimeoutError):
            await link.request(CloseRoom("slow", ""), timeout=0.01)
        desk.release.set()
        assert await link.request(CloseRoom("m", "")) == Done()


async def test_a_request_under_way_fails_when_the_node_goes(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, reading):
        under_way = asyncio.create_task(link.request(CloseRoom("slow", ""), timeout=30))
        await until(lambda: bool(desk.seen))
        desk.links[0].abort()
        with pytest.raises(LinkLostError):
            await under_way
        await reading
        with pytest.raises(LinkLostError):
            await link.request(Ping())


async def test_the_node_notices_a_gateway_that_goes(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address:
        async with linked(address) as (link, _):
            await link.request(Ping())
        async with asyncio.timeout(5):
            await desk.gone.wait()
        assert not desk.links


async def test_what_was_said_before_the_node_closes_still_arrives(tmp_path: Path) -> None:
    desk, said = Desk(), list[NodeMessage]()
    server = rpc.RpcServer("n1", SECRET, desk)
    address = await server.listen(str(tmp_path / "n.sock"))
    async with linked(address, said.append) as (link, reading):
        await link.request(Ping())
        desk.links[0].notify(RoomClosed("last words"))
        await server.close()
        await reading
    assert said == [RoomClosed("last words")]


# --- who may speak ----------------------------------------------------------------------------------------------------


async def test_a_gateway_with_another_secret_is_told_so_and_not_heard() -> None:
    desk = Desk()
    async with listening(desk, "127.0.0.1:0") as address:
        with pytest.raises(HandshakeError, match="rpc_secret"):
            await rpc.connect(address, b"another secret")
        assert not desk.links


async def test_a_gateway_of_another_version_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(Desk(), "127.0.0.1:0") as address:
        reader, writer = await asyncio.open_connection(*rpc.split_host_port(address))
        with pytest.raises(HandshakeError, match="version"):
            await rpc_stream.introduce(Stream(reader, writer), SECRET, "another version")
        writer.close()


async def test_a_node_that_does_not_know_the_secret_is_refused() -> None:
    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream(reader, writer)
        stream.write(rpc_stream.Challenge(rpc.VERSION, bytes(32)))
        said = msgspec.msgpack.decode(await stream.read(), type=rpc_stream.Introduction)
        stream.write(rpc_stream.Accepted("n1", said.proof))  # all that it has is the gateway's own proof
        writer.close()

    server = await asyncio.start_server(pretend, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        with pytest.raises(HandshakeError, match="does not know our rpc_secret"):
            await rpc.connect(f"{host}:{port}", SECRET)


async def test_a_recorded_introduction_opens_nothing_a_second_time() -> None:
    desk = Desk()
    async with listening(desk, "127.0.0.1:0") as address:
        reader, writer = await asyncio.open_connection(*rpc.split_host_port(address))
        recorder = Recorder(reader, writer)
        await rpc_stream.introduce(recorder, SECRET, rpc.VERSION)
        writer.close()
        again, replay = await greeted(address)
        replay.write(b"".join(recorder.written))
        assert b"rejected" in await ended(again)
        replay.close()


class Recorder(Stream):
    """A stream that keeps what is written to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.written: list[bytes] = []

    def write(self, message: msgspec.Struct) -> None:
        self.written.append(frame(msgspec.msgpack.encode(message)))
        super().write(message)


async def test_a_connection_that_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "HANDSHAKE_SECONDS", 0.05)
    async with listening(Desk(), "127.0.0.1:0") as address:
        reader, writer = await greeted(address)
        assert await ended(reader) == b""
        writer.close()


async def test_only_so_many_unproven_connections_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MAX_UNPROVEN", 3)
    async with listening(Desk(), "127.0.0.1:0") as address:
        held = [await greeted(address) for _ in range(3)]
        reader, writer = await asyncio.open_connection(*rpc.split_host_port(address))
        assert await ended(reader) == b""
        writer.close()
        for _, silent in held:
            silent.close()
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(HandshakeError, OSError):
                    async with linked(address) as (link, _):
                        assert isinstance(await link.request(Ping()), NodeLoad)
                    break


# --- hostile bytes ----------------------------------------------------------------------------------------------------

HOSTILE = [
    b"",
    b"\xff" * 64,
    frame(b""),
    frame(b"\xc0"),
    struct.pack(">I", 0xFFFFFFFF),
    struct.pack(">I", 1025) + bytes(1025),
    frame(b"\x94\xa7gateway\xa1\xff\xc4\x01a\xc4\x01a"),  # bad UTF-8 in a text
    frame(b"\x95\xa7gateway\xa1a\xc4\x01a\xc4\x01a" + b"\x91" * 1000),  # nested beyond the decoder's depth
    frame(b"\xdd\xff\xff\xff\xff"),  # an array of four thousand million
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("said", HOSTILE)
async def test_what_is_no_introduction_is_hung_up_on_and_the_next_gateway_is_served(said: bytes) -> None:
    desk = Desk()
    async with listening(desk, "127.0.0.1:0") as address:
        reader, writer = await greeted(address)
        writer.write(said)
        writer.write_eof()
        await ended(reader)
        writer.close()
        assert not desk.links
        async with linked(address) as (link, _):
            assert isinstance(await link.request(Ping()), NodeLoad)


@given(st.lists(st.binary(max_size=200) | st.builds(frame, st.binary(max_size=200)), max_size=4))
def test_random_bytes_never_pass_the_handshake_nor_raise_anything_else(chunks: list[bytes]) -> None:
    asyncio.run(_shake_hands_with(b"".join(chunks)))


async def _shake_hands_with(said: bytes) -> None:
    for side in (
        lambda stream: rpc_stream.check_introduction(stream, SECRET, rpc.VERSION, "n1"),
        lambda stream: rpc_stream.introduce(stream, SECRET, rpc.VERSION),
    ):
        reader = asyncio.StreamReader()
        reader.feed_data(said)
        reader.feed_eof()
        _, writer = await asyncio.open_connection(sock=_half_of_a_pair())
        with pytest.raises(HandshakeError):
            await side(Stream(reader, writer))
        writer.close()


def _half_of_a_pair() -> socket.socket:
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours


@given(st.binary(max_size=300))
def test_a_proven_peer_that_sends_what_is_no_message_ends_its_link_and_nothing_more(body: bytes) -> None:
    async def play() -> None:
        desk = Desk()
        async with listening(desk, "127.0.0.1:0") as address, linked(address) as (link, reading):
            link._stream._writer.write(frame(body))
            link.notify(Detach("m", "after"))
            try:
                msgspec.msgpack.decode(body, type=GatewayFrame)
            except rpc_stream.UNREADABLE:
                await reading
                assert desk.seen == []

    asyncio.run(play())


async def test_a_node_of_hostile_bytes_is_left_by_the_gateway(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, reading):
        waiting = asyncio.create_task(link.request(CloseRoom("slow", ""), timeout=30))
        await until(lambda: bool(desk.seen))
        desk.links[0]._stream._writer.write(frame(b"\x92\x00\xa1\xff"))
        await reading
        with pytest.raises(LinkLostError):
            await waiting


# --- bounds -----------------------------------------------------------------------------------------------------------


async def test_a_frame_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    desk = Desk()
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, reading):
        link._stream._writer.write(struct.pack(">I", rpc_stream.MAX_FRAME_BYTES + 1))
        await reading
        assert not desk.seen


async def test_a_message_over_the_limit_is_refused_where_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(Desk(), str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        monkeypatch.setattr(rpc_stream, "MAX_FRAME_BYTES", 1000)
        with pytest.raises(RpcError, match="over the limit"):
            link.notify(RevokeMember("m", "x" * 2000))
        assert isinstance(await link.request(Ping()), NodeLoad)


async def test_a_gateway_that_stops_reading_is_dropped_and_what_waits_for_it_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rpc_stream, "MAX_UNSENT_BYTES", 1_000_000)
    desk = Desk()
    async with listening(desk, "127.0.0.1:0") as address:
        link = await rpc.connect(address, SECRET)  # nobody runs it, so nobody reads
        await until(lambda: bool(desk.links))
        transport = desk.links[0]._stream._writer.transport
        for _ in range(2_000):
            desk.links[0].notify(SendToConnection("c", bytes(10_000)))
            assert transport.get_write_buffer_size() <= 1_000_000
            if transport.is_closing():
                break
        assert transport.is_closing()
        link.abort()


async def test_a_room_with_the_longest_chat_fits_a_frame(tmp_path: Path) -> None:
    desk = Desk()
    line = ChatMessage("i" * 32, "p" * 32, "\N{OWL}" * MAX_NAME_CHARS, "\N{OWL}" * MAX_CHAT_CHARS, 1.0)
    opening = OpenRoom("m", "c", "t", 1.0, RoomFacts(chat=[line] * MAX_CHAT_KEPT))
    async with listening(desk, str(tmp_path / "n.sock")) as address, linked(address) as (link, _):
        link.notify(opening)
        await link.request(Ping())
        assert desk.seen[0] == opening


@pytest.mark.parametrize("address", ["", "host", "host:", "host:x", ":99999", "host:-1", "host:١"])
def test_an_address_without_a_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="neither a path nor host:port"):
        rpc.split_host_port(address)
