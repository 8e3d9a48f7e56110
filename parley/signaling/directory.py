"""Where every room is, from one gateway's point of view: places rooms on nodes, and speaks to a room by its meeting.

The registry decides when two gateways would place the same room; the directory only proposes the least loaded node.
When a node dies its rooms here are named to the gateway, which attaches its sockets again: that opens them elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from parley.signaling.locks import KeyedLocks
from parley.signaling.node_connection import NodeConnection, NodeHandle
from parley.signaling.node_messages import Attach, GatewayMessage, NodeMessage, OpenRoom, RoomClosed
from parley.signaling.rpc import LinkLostError, RequestFailedError, RpcError
from parley.signaling.tasks import Tasks
from parley.store.registry import NodeAddress, Registry, RegistryError

log = logging.getLogger(__name__)

DISCOVERY_SECONDS = 1.0
LOST_NODE_SECONDS = 2.5
"""How long a room's claimed node may be out of this gateway's sight before its claim is broken."""

RETRY_SECONDS = 0.05
ATTACH_ATTEMPTS = 3

Load = Callable[[], Awaitable[OpenRoom]]
"""Reads a meeting's facts from the database when its room has to be opened."""


class NoNodeError(Exception):
    """No media node can take the meeting now."""


class NodeDirectory:
    """See the module. Set the two callbacks before `start`."""

    def __init__(self, registry: Registry, secret: bytes) -> None:
        self.on_message: Callable[[str, NodeMessage], None] = lambda node_id, message: None
        """(node id, notification), in the order the node sent them."""
        self.on_node_lost: Callable[[str, list[str]], None] = lambda node_id, meeting_ids: None
        """(node id, meetings this gateway had there): attach their sockets again."""
        self._registry = registry
        self._secret = secret
        self._tasks = Tasks()
        self._live: dict[str, NodeHandle] = {}
        self._rooms: dict[str, str] = {}  # meeting to node, of rooms open there as far as this gateway knows
        self._locks = KeyedLocks()
        self._announced: set[str] = set()
        self._connections: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._closing = False

    async def start(self) -> None:
        """Begin to find nodes and connect to them; returns before any is connected."""
        self._tasks.spawn(self._discover(), "node-discovery")

    async def close(self) -> None:
        """Hang up on all nodes."""
        self.on_message = lambda node_id, message: None
        self.on_node_lost = lambda node_id, meeting_ids: None
        self._closing = True
        await self._tasks.close()

    @property
    def nodes(self) -> list[NodeHandle]:
        """The nodes that are alive."""
        return list(self._live.values())

    async def first_node(self, timeout: float) -> None:
        """Wait until a node is alive, but not longer than so many seconds: people can meet only then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self._live:
                    self._changed.clear()
                    await self._changed.wait()

    # --- finding nodes ----------------------------------------------------------------------------------------------

    async def _discover(self) -> None:
        reachable = True
        while True:
            try:
                nodes = await self._registry.nodes()
            except RegistryError as failure:
                if reachable:
                    log.error("the registry can't be reached: %s", failure)
                reachable = False
            else:
                reachable = True
                self._announced = {node.address for node in nodes}
                self._connections = {address: task for address, task in self._connections.items() if not task.done()}
                for address in self._announced - self._connections.keys():
                    self._watch(address)
            await asyncio.sleep(DISCOVERY_SECONDS)

    def _watch(self, address: str) -> None:
        connection = NodeConnection(address, self._secret, self, lambda: address not in self._announced)
        self._connections[address] = self._tasks.spawn(connection.run(), "node-connection")

    async def node_found(self, node: NodeHandle) -> None:
        """A connection is up. A gateway that keeps the claims itself learns them anew from what is open there."""
        if not self._registry.nodes_keep_claims:
            await self._registry.announce(NodeAddress(node.address, node.node_id), node.load.meeting_ids)
        self._live[node.node_id] = node
        log.info("media node found", extra={"node_id": node.node_id})
        self._changed.set()

    def node_gone(self, node: NodeHandle) -> None:
        """A connection is down: its rooms have to go elsewhere."""
        if self._closing or self._live.get(node.node_id) is not node:
            return
        del self._live[node.node_id]
        meetings = [meeting for meeting, node_id in self._rooms.items() if node_id == node.node_id]
        for meeting in meetings:
            del self._rooms[meeting]
        log.warning("media node lost", extra={"node_id": node.node_id, "rooms": len(meetings)})
        self._changed.set()
        self._tasks.spawn(self._after_loss(node.node_id, meetings), "node-lost")

    async def _after_loss(self, node_id: str, meetings: list[str]) -> None:
        await self._break_claims(node_id)
        self._changed.set()
        self.on_node_lost(node_id, meetings)

    async def _break_claims(self, node_id: str) -> None:
        with contextlib.suppress(RegistryError):
            await self._registry.forget_node(node_id)

    def node_said(self, node: NodeHandle, message: NodeMessage) -> None:
        """A notification. A closed room is forgotten before the gateway hears of it."""
        if isinstance(message, RoomClosed) and self._rooms.get(message.meeting_id) == node.node_id:
            del self._rooms[message.meeting_id]
        if isinstance(message, RoomClosed) and not self._registry.nodes_keep_claims and not self._closing:
            self._tasks.spawn(self._release(message.meeting_id, node.node_id), "release-room")
        self.on_message(node.node_id, message)

    async def _release(self, meeting_id: str, node_id: str) -> None:
        async with self._locks.hold(meeting_id):
            if self._rooms.get(meeting_id) != node_id:
                await self._registry.release_room(meeting_id, node_id)

    # --- placing rooms ----------------------------------------------------------------------------------------------

    def _least_loaded(self) -> NodeHandle | None:
        able = [node for node in self._live.values() if not node.draining]
        return min(able, key=lambda node: (node.load.participants + node.placed, node.load.cpu), default=None)

    def any_node(self) -> NodeHandle:
        """The node that a new room would go to now. Raises NoNodeError."""
        node = self._least_loaded()
        if node is None:
            raise NoNodeError("no media node is there")
        return node

    async def place(self, meeting_id: str, timeout: float = 10.0) -> NodeHandle:
        """The node that has the room, or else the least loaded one, claimed for it. Waits (seconds) while there is
        none. Raises NoNodeError.
        """
        try:
            async with asyncio.timeout(timeout):
                while True:
                    node = await self._place_once(meeting_id)
                    if node is not None:
                        return node
        except RegistryError as failure:
            raise NoNodeError(str(failure)) from failure
        except TimeoutError:
            raise NoNodeError("no media node is there") from None

    async def _place_once(self, meeting_id: str) -> NodeHandle | None:
        self._changed.clear()
        holder = await self._registry.room_node(meeting_id)
        if holder is None:
            best = self._least_loaded()
            if best is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(DISCOVERY_SECONDS):
                        await self._changed.wait()
                return None
            best.placed += 1  # before anybody else is placed meanwhile
            holder = await self._registry.claim_room(meeting_id, best.node_id)
        node = self._live.get(holder)
        if node is None and not await self._comes_up(holder):
            log.warning("breaking the claims of a node that can't be reached", extra={"node_id": holder})
            await self._break_claims(holder)
        return node

    async def _comes_up(self, node_id: str) -> bool:
        """Whether something changed while we waited for a node that has a claim but isn't connected."""
        try:
            async with asyncio.timeout(LOST_NODE_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return node_id in self._live
        return True

    async def open_room(self, meeting_id: str, load: Load, timeout: float = 10.0) -> NodeHandle:
        """The node where the room is open, opened now if need be. Raises NoNodeError, and whatever `load` raises."""
        async with self._locks.hold(meeting_id):
            known = self._live.get(self._rooms.get(meeting_id, ""))
            if known is not None:
                return known
            deadline = asyncio.get_running_loop().time() + timeout
            while True:
                node = await self.place(meeting_id, deadline - asyncio.get_running_loop().time())
                if await self._open_on(node, await load()):
                    return node
                await asyncio.sleep(RETRY_SECONDS)

    async def _open_on(self, node: NodeHandle, opening: OpenRoom) -> bool:
        try:
            await node.request(opening)
        except RequestFailedError as failure:
            if failure.code == "draining":
                with contextlib.suppress(RegistryError):
                    await self._registry.release_room(opening.meeting_id, node.node_id)
            elif failure.code != "moved":
                raise NoNodeError(str(failure)) from failure
            return False
        except (LinkLostError, TimeoutError):
            return False
        if self._live.get(node.node_id) is not node:
            return False
        self._rooms[opening.meeting_id] = node.node_id
        return True

    async def attach(self, message: Attach, load: Load, timeout: float = 10.0) -> NodeHandle:
        """Attach a socket to its meeting's room, wherever that is or has to be opened. Raises NoNodeError, and whatever
        `load` raises."""
        for _ in range(ATTACH_ATTEMPTS):
            node = await self.open_room(message.meeting_id, load, timeout)
            try:
                await node.request(message)
            except RequestFailedError as failure:
                if failure.code != "no_room":
                    raise NoNodeError(str(failure)) from failure
                if self._rooms.get(message.meeting_id) == node.node_id:
                    del self._rooms[message.meeting_id]
            except (LinkLostError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)  # until `node_gone` has heard of it too
            else:
                return node
        raise NoNodeError("the meeting's media nodes fail one after the other")

    # --- speaking to rooms ------------------------------------------------------------------------------------------

    def send(self, meeting_id: str, message: GatewayMessage) -> bool:
        """Notify a room that this gateway has opened. False when it isn't open on a live node."""
        node = self._live.get(self._rooms.get(meeting_id, ""))
        if node is None:
            return False
        try:
            node.notify(message)
        except RpcError as failure:
            log.warning("message to a room dropped: %s", failure, extra={"meeting_id": meeting_id})
            return False
        return True

    async def find(self, meeting_id: str) -> NodeHandle | None:
        """The live node where the room is open, whichever gateway opened it; None when it isn't open or in sight."""
        known = self._live.get(self._rooms.get(meeting_id, ""))
        if known is not None:
            return known
        try:
            holder = await self._registry.room_node(meeting_id)
        except RegistryError:
            return None
        return self._live.get(holder) if holder is not None else None

    async def request(self, meeting_id: str, message: GatewayMessage, timeout: float = 5.0) -> NodeMessage:
        """Ask a room that is open (seconds). Raises NoNodeError when it isn't, RpcError, TimeoutError."""
        node = await self.find(meeting_id)
        if node is None:
            raise NoNodeError("the meeting's room is not open")
        return await node.request(message, timeout)
