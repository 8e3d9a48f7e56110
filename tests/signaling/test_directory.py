"""Where rooms are: on the least loaded live node, on one only, and elsewhere within two seconds when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from parley.sfu.endpoint import EndpointConfig
from parley.sfu.media_server import MediaServer
from parley.signaling.directory import NodeDirectory, NoNodeError
from parley.signaling.media_node import MediaNode
from parley.signaling.node_messages import (
    Attach,
    CloseRoom,
    Deliver,
    Drain,
    GatewayMessage,
    Identity,
    NodeMessage,
    OpenRoom,
    RoomClosed,
    RoomFacts,
    SendToConnection,
)
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rpc import Answer, GatewayLink, RpcServer
from parley.signaling.schema.client import SendChat
from parley.store.registry import EmbeddedRegistry, RedisRegistry, Registry
from tests.support.redis import redis_server
from tests.support.waiting import until

SECRET = b"a secret of the test"
NOTICED_SECONDS = 2.0


class Node:
    """A media node with its RPC server in this process, which can stop answering as a hung process does."""

    def __init__(self, node_id: str, registry: Registry | None = None, address: str = "") -> None:
        self.node_id = node_id
        self.asleep = False
        self.rooms = MediaNode(node_id, MediaServer(EndpointConfig()), RoomConfig(), registry, address)
        self.linked, self.unlinked = self.rooms.linked, self.rooms.unlinked
        self._server = RpcServer(node_id, SECRET, self)

    def handle(self, link: GatewayLink, message: GatewayMessage) -> Answer | Awaitable[Answer] | None:
        return asyncio.Event().wait() if self.asleep else self.rooms.handle(link, message)  # type: ignore[return-value]

    async def start(self, address: str) -> None:
        await self._server.listen(address)
        await self.rooms.start()

    async def stop(self) -> None:
        await self._server.close()
        await self.rooms.close()

    @property
    def meetings(self) -> set[str]:
        return set(self.rooms.load().meeting_ids)


class Gateway:
    """A directory, and what it told its gateway."""

    def __init__(self, registry: Registry) -> None:
        self.directory = NodeDirectory(registry, SECRET)
        self.lost: list[tuple[float, str, list[str]]] = []
        self.said: list[tuple[str, NodeMessage]] = []
        self.directory.on_node_lost = lambda node, meetings: self.lost.append((time.monotonic(), node, meetings))
        self.directory.on_message = lambda node, message: self.said.append((node, message))
        self._connections = itertools.count(1)

    async def open(self, meeting_id: str) -> str:
        """The node where the room is open now."""
        return (await self.directory.open_room(meeting_id, lambda: opening(meeting_id))).node_id

    async def attach(self, meeting_id: str, key: str = "hanna") -> tuple[str, str]:
        """Bring a member in; the node, and the connection."""
        connection = f"{key}-{next(self._connections)}"
        identity = Identity(key=key, name=key, is_guest=False, is_member=True, is_host=key == "hanna")
        message = Attach(meeting_id, connection, 1, identity, None, None, [])
        node = await self.directory.attach(message, lambda: opening(meeting_id))
        return node.node_id, connection

    def told(self, connection: str) -> list[str]:
        """Types of the messages for a connection."""
        sent = [message for _, message in self.said if isinstance(message, SendToConnection)]
        return [msgspec.json.decode(one.payload)["type"] for one in sent if one.connection_id == connection]

    async def knows(self, count: int) -> None:
        await until(lambda: len(self.directory.nodes) == count)


async def opening(meeting_id: str) -> OpenRoom:
    return OpenRoom(meeting_id, "abcd-efgh-jkmn-pqrs", "Weekly", 1.7e9, RoomFacts())


async def seconds_awake(condition: Callable[[], object]) -> float:
    """How long it took, without the time in which a busy machine let this process stand still: the directory doesn't
    hold that against a node either."""
    awake, step = 0.0, 0.05
    while not condition():
        before = time.monotonic()
        await asyncio.sleep(step)
        awake += min(time.monotonic() - before, 2 * step)
        assert awake < 10
    return awake


class Site:
    """Nodes a, b, … and gateways of one machine."""

    def __init__(self, directory: Path, stack: contextlib.AsyncExitStack) -> None:
        self.directory = directory
        self.nodes: dict[str, Node] = {}
        self._stack = stack

    def address(self, name: str) -> str:
        return str(self.directory / f"{name}.sock")

    async def node(self, name: str, node_id: str | None = None) -> Node:
        node = Node(node_id or name)
        await node.start(self.address(name))
        self._stack.push_async_callback(node.stop)
        self.nodes[node.node_id] = node
        return node

    async def gateway(self, *names: str, alive: int | None = None) -> Gateway:
        gateway = Gateway(EmbeddedRegistry([self.address(name) for name in names]))
        await gateway.directory.start()
        self._stack.push_async_callback(gateway.directory.close)
        await gateway.knows(len(names) if alive is None else alive)
        return gateway

    def other(self, node_id: str) -> str:
        (other,) = self.nodes.keys() - {node_id}
        return other


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with contextlib.AsyncExitStack() as stack:
        yield Site(tmp_path, stack)


@pytest.fixture
async def pair(site: Site) -> Gateway:
    """A gateway with the nodes a and b."""
    await site.node("a")
    await site.node("b")
    return await site.gateway("a", "b")


# --- placing ---------------------------------------------------------------------------------------------------------


async def test_a_burst_of_new_rooms_is_spread_evenly(pair: Gateway) -> None:
    placed = await asyncio.gather(*(pair.open(f"m{number}") for number in range(8)))
    assert Counter(placed) == {"a": 4, "b": 4}


async def test_a_new_room_goes_to_the_node_with_the_fewest_people(site: Site, pair: Gateway) -> None:
    crowded, _ = await pair.attach("m1", "hanna")
    for key in ("mia", "max", "mo"):
        await pair.attach("m1", key)
    await until(lambda: max(node.load.participants for node in pair.directory.nodes) == 4)
    assert [await pair.open(f"n{number}") for number in range(3)] == [site.other(crowded)] * 3


async def test_all_who_ask_for_a_room_at_once_get_the_same_one(site: Site, pair: Gateway) -> None:
    placed = await asyncio.gather(*(pair.attach("m1", f"member-{number}") for number in range(9)))
    assert len({node for node, _ in placed}) == 1
    assert sum(len(node.meetings) for node in site.nodes.values()) == 1


async def test_a_node_that_drains_gets_no_rooms_and_its_rooms_are_opened_elsewhere(site: Site, pair: Gateway) -> None:
    node, connection = await pair.attach("m1")
    (handle,) = [one for one in pair.directory.nodes if one.node_id == node]
    await handle.request(Drain())
    await until(lambda: "closing" in pair.told(connection))
    assert (await pair.attach("m1"))[0] == site.other(node)
    assert {await pair.open(f"n{number}") for number in range(4)} == {site.other(node)}


async def test_a_room_that_closed_is_forgotten_and_can_be_opened_anywhere(site: Site, pair: Gateway) -> None:
    node = await pair.open("m1")
    await pair.directory.request("m1", CloseRoom("m1", "over"))
    await until(lambda: (node, RoomClosed("m1")) in pair.said)
    assert await pair.directory.find("m1") is None
    assert not pair.directory.send("m1", CloseRoom("m1", "over"))
    (handle,) = [one for one in pair.directory.nodes if one.node_id == node]
    await handle.request(Drain())
    assert await pair.open("m1") == site.other(node)


async def test_without_any_node_it_says_so_in_time(site: Site) -> None:
    gateway = await site.gateway("nowhere", alive=0)
    before = time.monotonic()
    with pytest.raises(NoNodeError):
        await gateway.directory.open_room("m1", lambda: opening("m1"), timeout=0.3)
    assert time.monotonic() - before < 1.5


async def test_who_comes_before_the_first_node_waits_for_it(site: Site) -> None:
    gateway = await site.gateway("a", alive=0)
    asked = asyncio.create_task(gateway.open("m1"))
    await asyncio.sleep(0)
    await site.node("a")
    assert await asked == "a"


async def test_an_error_while_facts_are_read_reaches_who_asked_and_blocks_nobody(pair: Gateway) -> None:
    async def fails() -> OpenRoom:
        raise LookupError("no such meeting")

    with pytest.raises(LookupError):
        await pair.directory.open_room("m1", fails)
    assert await pair.open("m1")


# --- dying -----------------------------------------------------------------------------------------------------------


async def test_a_node_whose_connection_closes_is_lost_at_once_and_its_rooms_move(site: Site, pair: Gateway) -> None:
    node, _ = await pair.attach("m1")
    died = time.monotonic()
    await site.nodes[node].stop()
    await until(lambda: pair.lost)
    at, name, meetings = pair.lost[0]
    assert (name, meetings) == (node, ["m1"])
    assert at - died < 1.0
    assert (await pair.attach("m1"))[0] == site.other(node)


async def test_a_node_that_hangs_is_lost_within_two_seconds_and_its_rooms_move(site: Site, pair: Gateway) -> None:
    node, _ = await pair.attach("m1")
    site.nodes[node].asleep = True
    assert await seconds_awake(lambda: pair.lost) < NOTICED_SECONDS
    _, name, meetings = pair.lost[0]
    assert (name, meetings) == (node, ["m1"])
    assert (await pair.attach("m1"))[0] == site.other(node)


async def test_who_asks_while_the_node_is_dying_still_gets_a_room(site: Site, pair: Gateway) -> None:
    node = await pair.open("m1")
    site.nodes[node].asleep = True
    assert (await pair.attach("m1"))[0] == site.other(node)


async def test_a_node_that_comes_back_under_another_id_is_used_again_without_its_old_rooms(site: Site) -> None:
    first = await site.node("a", "a.first")
    gateway = await site.gateway("a")
    await gateway.open("m1")
    await first.stop()
    await gateway.knows(0)
    second = await site.node("a", "a.second")
    assert await gateway.open("m1") == "a.second"
    assert second.meetings == {"m1"}


async def test_a_gateway_that_starts_anew_finds_the_rooms_that_are_open(site: Site, pair: Gateway) -> None:
    opened = {f"m{number}": await pair.open(f"m{number}") for number in range(6)}
    await pair.directory.close()
    again = await site.gateway("a", "b")
    for meeting, node in opened.items():
        handle = await again.directory.find(meeting)
        assert handle is not None
        assert handle.node_id == node
        assert await again.open(meeting) == node


async def test_sockets_of_a_gateway_that_is_gone_are_detached(site: Site, pair: Gateway) -> None:
    node, connection = await pair.attach("m1")
    await pair.directory.close()
    again = await site.gateway("a", "b")
    assert (await again.attach("m1", "mia"))[0] == node
    await until(lambda: "participant.updated" in again.told("mia-1"), 5)
    assert connection not in {message.connection_id for _, message in again.said if hasattr(message, "connection_id")}


# --- speaking --------------------------------------------------------------------------------------------------------


async def test_messages_reach_the_room_and_its_answers_come_back_in_order(pair: Gateway) -> None:
    _, connection = await pair.attach("m1")
    for number in range(2, 50):
        assert pair.directory.send("m1", Deliver("m1", connection, SendChat(number, "hello")))
    await until(lambda: pair.told(connection).count("ok") == 48)
    assert pair.told(connection) == ["welcome", "joined", *["chat.message", "ok"] * 48]


# --- several gateways ------------------------------------------------------------------------------------------------


async def test_two_gateways_with_one_redis_open_every_room_once(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(redis_server(tmp_path))

        def registry() -> RedisRegistry:
            made = RedisRegistry(url)
            stack.push_async_callback(made.close)
            return made

        nodes = {}
        for name in ("a", "b"):
            address = str(tmp_path / f"{name}.sock")
            nodes[name] = Node(name, registry(), address)
            await nodes[name].start(address)
            stack.push_async_callback(nodes[name].stop)
        gateways = [Gateway(registry()), Gateway(registry())]
        for gateway in gateways:
            await gateway.directory.start()
            stack.push_async_callback(gateway.directory.close)
            await gateway.knows(2)
        meetings = [f"m{number}" for number in range(6)]
        placed = await asyncio.gather(*(gateway.open(meeting) for meeting in meetings for gateway in gateways))
        assert placed[::2] == placed[1::2]
        assert nodes["a"].meetings | nodes["b"].meetings == set(meetings)
        assert not nodes["a"].meetings & nodes["b"].meetings
        _, connection = await gateways[0].attach("m1", "hanna")
        await gateways[1].attach("m1", "mia")
        await until(lambda: "participant.joined" in gateways[0].told(connection))


async def test_closing_with_nodes_alive_is_no_loss_and_no_error(
    site: Site, pair: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await pair.attach("m1")
    await pair.directory.close()
    assert pair.lost == []
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []
