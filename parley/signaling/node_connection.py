"""A gateway's watch over one media node: connected while it can be, pinged, and soon known to be dead.

A process that is gone closes its connection, which is noticed at once. One that hangs is noticed within two seconds,
because it owes an answer to a ping for too long. One that only gets no processor, on a crowded machine, is given time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Protocol

from parley.signaling.node_messages import GatewayMessage, NodeLoad, NodeMessage, Ping
from parley.signaling.rpc import HandshakeError, NodeLink, RpcError, connect
from parley.signaling.tasks import Tasks
from parley.signaling.vitals import Vitals, vitals_of

log = logging.getLogger(__name__)

PING_SECONDS = 0.5
SILENT_SECONDS = 1.2
"""A node that owes an answer for this long is dead; with the wait for the next ping that makes less than 2 s."""
STRUGGLING_SECONDS = 10.0
"""The same for a process of this machine that works, or wants to and gets no processor."""

FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 1.0
CONNECT_SECONDS = 1.5


class Owner(Protocol):
    """The directory, as a connection sees it."""

    async def node_found(self, node: NodeHandle) -> None:
        """Connected, and its load is known."""

    def node_gone(self, node: NodeHandle) -> None:
        """The connection is lost or the node dead."""

    def node_said(self, node: NodeHandle, message: NodeMessage) -> None:
        """A notification."""


class NodeHandle:
    """A live node.

    load: its last report. placed: rooms sent there since that report, so that a burst doesn't all go to one node.
    """

    def __init__(self, link: NodeLink, address: str, load: NodeLoad) -> None:
        self.node_id = link.node_id
        self.address = address
        self.load = load
        self.placed = 0
        self._link = link

    @property
    def draining(self) -> bool:
        """Whether it is about to stop and takes no new rooms."""
        return bool(self.load.metrics.get("draining"))

    def notify(self, message: GatewayMessage) -> None:
        """Send without an answer. Raises LinkLostError, RpcError."""
        self._link.notify(message)

    async def request(self, message: GatewayMessage, timeout: float = 5.0) -> NodeMessage:
        """Ask and wait (seconds). Raises LinkLostError, RequestFailedError, TimeoutError."""
        return await self._link.request(message, timeout)


class NodeConnection:
    """See the module. `run` goes on until it is cancelled or `give_up` says so between two attempts."""

    def __init__(self, address: str, secret: bytes, owner: Owner, give_up: Callable[[], bool] = lambda: False) -> None:
        self.address = address
        self._secret = secret
        self._owner = owner
        self._give_up = give_up
        self._complaint = ""

    async def run(self) -> None:
        """Connect, watch, connect again."""
        retry = FIRST_RETRY_SECONDS
        while not self._give_up():
            started = time.monotonic()
            try:
                link = await connect(self.address, self._secret, CONNECT_SECONDS)
            except (OSError, TimeoutError, ValueError, HandshakeError) as failure:
                self._complain(failure)
            else:
                self._complaint = ""
                await self._watch(link)
                if time.monotonic() - started > LAST_RETRY_SECONDS:
                    retry = FIRST_RETRY_SECONDS
            await asyncio.sleep(retry)
            retry = min(retry * 2, LAST_RETRY_SECONDS)

    def _complain(self, failure: Exception) -> None:
        """Say it once, not every second; a node that isn't there yet or restarts is no news."""
        text = str(failure)
        if isinstance(failure, HandshakeError) and text != self._complaint:
            log.error("media node %s can't be used: %s", self.address, text)
        self._complaint = text

    async def _watch(self, link: NodeLink) -> None:
        watch = _Watch(link, self.address, self._owner)
        tasks = Tasks()
        reading = tasks.spawn(link.run(watch.message), "rpc-node-reader")
        pinging = tasks.spawn(watch.ping(), "rpc-node-ping")
        try:
            await asyncio.wait({reading, pinging}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            link.abort()
            await tasks.close()
            if watch.handle is not None:
                self._owner.node_gone(watch.handle)


class _Watch:
    """The pings of one link."""

    def __init__(self, link: NodeLink, address: str, owner: Owner) -> None:
        self.handle: NodeHandle | None = None
        self._link = link
        self._address = address
        self._owner = owner
        self._vitals: Vitals | None = None

    def message(self, message: NodeMessage) -> None:
        """A notification of the node."""
        if self.handle is not None:
            self._owner.node_said(self.handle, message)

    async def ping(self) -> None:
        """Ping until the node stops answering."""
        while True:
            asked = time.monotonic()
            answer = asyncio.create_task(self._link.request(Ping(), timeout=60.0), name="rpc-ping")
            try:
                if not await self._answered(answer):
                    log.error("media node %s does not answer", self._link.node_id)
                    return
                load = answer.result()
            except (RpcError, TimeoutError):
                return
            finally:
                answer.cancel()
                with contextlib.suppress(asyncio.CancelledError, RpcError, TimeoutError):
                    await answer
            if isinstance(load, NodeLoad):
                await self._loaded(load)
            await asyncio.sleep(max(0.0, asked + PING_SECONDS - time.monotonic()))

    async def _answered(self, answer: asyncio.Task[NodeMessage]) -> bool:
        """Wait in short steps, so that time in which this process itself stood still isn't held against the node."""
        owed = idle = 0.0
        step = 0.1
        while owed < STRUGGLING_SECONDS:
            before = time.monotonic()
            await asyncio.wait({answer}, timeout=step)
            if answer.done():
                return True
            passed = min(time.monotonic() - before, 2 * step)
            owed += passed
            idle = 0.0 if self._vitals is not None and self._vitals.struggles() else idle + passed
            if idle > SILENT_SECONDS:
                return False
        return False

    async def _loaded(self, load: NodeLoad) -> None:
        if self.handle is None:
            self._vitals = vitals_of(load.pid, load.machine)
            self.handle = NodeHandle(self._link, self._address, load)
            await self._owner.node_found(self.handle)
        else:
            self.handle.load = load
            self.handle.placed = 0
