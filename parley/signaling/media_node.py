"""The rooms of one media node: gateways' messages in (rpc.Service), the rooms' answers out (rooms/outbox.py), a tick
twice a second. Whether a room may be opened here is settled with the registry first where several gateways share one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from parley.sfu.media_server import MediaServer
from parley.sfu.probe import PROBE_SECONDS, ProbesExhaustedError
from parley.signaling.facts_mail import FactsMail
from parley.signaling.live_feed import LiveFeed
from parley.signaling.locks import KeyedLocks
from parley.signaling.loop_lag import LagMeter, measure
from parley.signaling.node_messages import (
    AnyFact,
    AskToPost,
    Attach,
    CloseConnection,
    CloseRoom,
    Deliver,
    Detach,
    Done,
    Drain,
    GatewayMessage,
    MakeProbe,
    NodeLoad,
    OpenRoom,
    Ping,
    PostFile,
    ProbeMade,
    RevokeMember,
    RoomClosed,
    RoomFact,
    SendToConnection,
)
from parley.signaling.recorder_link import RecorderLinks
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rooms.room import Room
from parley.signaling.rpc import Answer, Failed, GatewayLink
from parley.signaling.schema.common import ChatFile
from parley.signaling.tasks import Tasks
from parley.signaling.vitals import this_machine
from parley.store.registry import NodeAddress, Registry, RegistryError

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
ANNOUNCE_SECONDS = 1.0

NO_ROOM = Failed("no_room", "The meeting's room is not open here.")
DRAINING = Failed("draining", "The media node is about to stop.")
BUSY = Failed("busy", "Too many people try out the media port at the same time.")
NOT_INSIDE = Failed("forbidden", "Only who is in the meeting can send files into its chat.")
MOVED = Failed("moved", "Another media node has the meeting's room.")


class MediaNode:
    """See the module.

    registry: only where nodes keep claims themselves. address: where gateways reach this node, for the registry.
    recorder: the socket of this machine's recorder. recordings: where recordings lie while they are made.
    """

    def __init__(
        self,
        node_id: str,
        media: MediaServer,
        config: RoomConfig,
        registry: Registry | None = None,
        address: str = "",
        clock: Callable[[], float] = time.monotonic,
        recorder: Path | None = None,
        recordings: Path | None = None,
    ) -> None:
        self.node_id = node_id
        self._pid = os.getpid()
        self._machine = this_machine()
        self.draining = False
        self.lag = LagMeter()
        self._media = media
        self._config = config
        self._registry = registry
        self._address = NodeAddress(address, node_id)
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._links: dict[GatewayLink, dict[str, str]] = {}  # each gateway's connections, with their meeting
        self._link_of: dict[str, GatewayLink] = {}  # by connection
        self._facts = FactsMail()
        self._locks = KeyedLocks()
        self._tasks = Tasks()
        self._recorders = None if recorder is None else RecorderLinks(recorder, self._tasks)
        self._live = None if recordings is None else LiveFeed(recordings, self._recorded)

    async def start(self) -> None:
        """Begin to tick, measure and announce. Raises RegistryError when the registry can't be reached at all."""
        if self._registry is not None:
            await self._registry.announce(self._address, [])
            self._tasks.spawn(self._announce(self._registry), "announce")
        self._tasks.spawn(self._tick(), "room-tick")
        self._tasks.spawn(measure(self.lag), "loop-lag")
        if self._live is not None:
            self._tasks.spawn(self._live.run(), "live-feed")

    async def close(self) -> None:
        """Stop the timers and leave the registry. Drain first."""
        if self._recorders is not None:
            await self._recorders.close()
        await self._tasks.close()
        if self._registry is not None:
            try:
                await self._registry.forget_node(self.node_id)
            except RegistryError as failure:
                log.warning("could not leave the registry: %s", failure)

    # --- gateways ---------------------------------------------------------------------------------------------------

    def linked(self, link: GatewayLink) -> None:
        """A gateway has connected."""
        self._links[link] = {}
        self._facts.linked(link, self._clock())

    def unlinked(self, link: GatewayLink) -> None:
        """A gateway is gone, and all of its sockets with it: their sessions wait for a resume."""
        now = self._clock()
        for connection_id, meeting_id in self._links.pop(link).items():
            self._link_of.pop(connection_id, None)
            room = self._rooms.get(meeting_id)
            if room is not None:
                room.detach(connection_id, now)
        self._facts.unlinked(link, now)

    def handle(self, link: GatewayLink, message: GatewayMessage) -> Answer | Awaitable[Answer] | None:
        """Carry out what a gateway asks."""
        match message:
            case Deliver():
                self._deliver(message)
            case Ping():
                return self.load()
            case Attach():
                return self._attach(link, message)
            case Detach():
                self._detach(message)
            case OpenRoom():
                return self._open(link, message)
            case RevokeMember():
                room = self._rooms.get(message.meeting_id)
                if room is not None:
                    room.revoke_member(message.account_id, self._clock())
            case AskToPost():
                return self._post_file(message.meeting_id, message.key, None)
            case PostFile():
                return self._post_file(message.meeting_id, message.key, message.file)
            case CloseRoom():
                room = self._rooms.get(message.meeting_id)
                if room is None:
                    return NO_ROOM
                room.end(message.message, self._clock())
                return Done()
            case MakeProbe():
                return self._make_probe()
            case Drain():
                self.drain()
                return Done()
        return None

    def _make_probe(self) -> Answer:
        try:
            offers = self._media.endpoint.create_probe(self._clock())
        except ProbesExhaustedError:
            return BUSY
        return ProbeMade(offers.udp, offers.tcp, PROBE_SECONDS)

    def _deliver(self, message: Deliver) -> None:
        room = self._rooms.get(message.meeting_id)
        if room is not None:
            room.deliver(message.connection_id, message.message, self._clock())

    def _attach(self, link: GatewayLink, message: Attach) -> Answer:
        room = self._rooms.get(message.meeting_id)
        if room is None:
            return NO_ROOM
        self._forget_connection(message.connection_id)
        self._link_of[message.connection_id] = link
        self._links[link][message.connection_id] = message.meeting_id
        room.attach(message, self._clock())
        return Done()

    def _post_file(self, meeting_id: str, key: str, file: ChatFile | None) -> Answer:
        room = self._rooms.get(meeting_id)
        if room is None:
            return NO_ROOM
        return Done() if room.post_file(key, file, self._clock()) else NOT_INSIDE

    def _detach(self, message: Detach) -> None:
        self._forget_connection(message.connection_id)
        room = self._rooms.get(message.meeting_id)
        if room is not None:
            room.detach(message.connection_id, self._clock())

    def _forget_connection(self, connection_id: str) -> GatewayLink | None:
        link = self._link_of.pop(connection_id, None)
        if link is not None:
            self._links[link].pop(connection_id, None)
        return link

    # --- rooms' way out ---------------------------------------------------------------------------------------------

    def send(self, connection_id: str, payload: bytes) -> None:
        """Bytes for one socket; nothing happens when its gateway is gone."""
        link = self._link_of.get(connection_id)
        if link is not None:
            link.notify(SendToConnection(connection_id, payload))

    def close_connection(self, connection_id: str) -> None:
        """Close the socket after what was sent."""
        link = self._forget_connection(connection_id)
        if link is not None:
            link.notify(CloseConnection(connection_id))

    def fact(self, meeting_id: str, fact: AnyFact) -> None:
        """Something to write down."""
        self._facts.send(RoomFact(meeting_id, fact), self._clock())

    def room_closed(self, meeting_id: str) -> None:
        """A room is over."""
        self._rooms.pop(meeting_id, None)
        self._facts.room_closed(meeting_id)
        for link in self._links:
            link.notify(RoomClosed(meeting_id))
        if self._registry is not None and not self.draining:
            self._tasks.spawn(self._release(self._registry, meeting_id), "release-room")

    # --- opening and closing ----------------------------------------------------------------------------------------

    def _open(self, link: GatewayLink, message: OpenRoom) -> Answer | Awaitable[Answer]:
        if self.draining:
            return DRAINING
        if self._registry is None or message.meeting_id in self._rooms:
            return self._open_here(link, message)
        return self._open_claimed(self._registry, link, message)

    def _open_here(self, link: GatewayLink, message: OpenRoom) -> Answer:
        if message.meeting_id not in self._rooms:
            router = self._media.create_router(message.meeting_id)
            outbox = RoomOutbox(self)
            self._rooms[message.meeting_id] = Room(
                message, router, outbox, self._config, self._clock(), recorders=self._recorders
            )
        if link in self._links:
            self._facts.prefer(message.meeting_id, link)
        return Done()

    async def _open_claimed(self, registry: Registry, link: GatewayLink, message: OpenRoom) -> Answer:
        """Make sure of the claim first. A release that is under way is waited for, so that it can't take the claim away
        from the room that is opened now."""
        async with self._locks.hold(message.meeting_id):
            try:
                lost = await registry.announce(self._address, [*self._rooms, message.meeting_id])
            except RegistryError as failure:
                return Failed("registry", str(failure))
            if message.meeting_id in lost:
                return MOVED
            return DRAINING if self.draining else self._open_here(link, message)

    async def _release(self, registry: Registry, meeting_id: str) -> None:
        async with self._locks.hold(meeting_id):
            if meeting_id not in self._rooms:
                try:
                    await registry.release_room(meeting_id, self.node_id)
                except RegistryError as failure:
                    log.warning("a claim is left to run out: %s", failure, extra={"meeting_id": meeting_id})

    def _recorded(self) -> dict[str, Room]:
        rooms = [(room.recording.state, room) for room in self._rooms.values()]
        return {state.recording_id: room for state, room in rooms if state is not None and not state.paused}

    def drain(self) -> None:
        """Take no new rooms, and send everyone elsewhere."""
        if self.draining:
            return
        self.draining = True
        for room in list(self._rooms.values()):
            room.drain(self._clock())

    # --- time -------------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for meeting_id, room in list(self._rooms.items()):
                try:
                    room.tick(self._clock())
                except Exception:
                    log.exception("room tick failed", extra={"meeting_id": meeting_id})

    async def _announce(self, registry: Registry) -> None:
        reachable = True
        while True:
            await asyncio.sleep(ANNOUNCE_SECONDS)
            try:
                lost = await registry.announce(self._address, list(self._rooms))
            except RegistryError as failure:
                if reachable:
                    log.error("the registry can't be reached, meetings go on: %s", failure)
                reachable = False
                continue
            reachable = True
            for meeting_id in lost:
                self._give_up(meeting_id)

    def _give_up(self, meeting_id: str) -> None:
        """Gateways took this node for dead and opened the room elsewhere: those who are still here go there."""
        room = self._rooms.get(meeting_id)
        if room is not None:
            log.warning("another node has the room now", extra={"meeting_id": meeting_id})
            room.drain(self._clock())

    def load(self) -> NodeLoad:
        """How busy this node is."""
        media = self._media.load()
        metrics = {
            **media.counters,
            "packets_per_second": media.packets_per_second,
            "routers": float(media.routers),
            "peers": float(media.peers),
            "producers": float(media.producers),
            "loop_lag_seconds": self.lag.worst(self._clock()),
            "facts_waiting": float(self._facts.waiting),
            "facts_dropped": float(self._facts.dropped),
            "draining": float(self.draining),
        }
        return NodeLoad(
            node_id=self.node_id,
            rooms=len(self._rooms),
            participants=sum(room.participants for room in self._rooms.values()),
            consumers=media.consumers,
            cpu=media.cpu,
            metrics=metrics,
            meeting_ids=list(self._rooms),
            pid=self._pid,
            machine=self._machine,
        )


class RoomOutbox:
    """The node as its rooms see it."""

    def __init__(self, node: MediaNode) -> None:
        self.send = node.send
        self.close = node.close_connection
        self.fact = node.fact
        self.room_closed = node.room_closed
