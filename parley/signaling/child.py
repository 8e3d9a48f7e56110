"""A child process's side of its supervisor: orders in, beats out, and an end when either asks for it.

The supervisor writes one line of JSON, the orders, to the child's standard input and keeps the pipe open: when it
closes, the supervisor is gone and the child stops by itself. On its standard output the child says, a line of JSON
each, that its event loop still turns (`beat`), that it listens (`ready`), or why it can't go on (`fatal`). What runs in
it is role_process.py's to choose.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from pydantic import SecretStr

from parley.signaling.tasks import Tasks
from parley.store.registry import EmbeddedRegistry, RedisRegistry, Registry
from parley.store.settings import Settings

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
ORPHAN_SECONDS = 10.0
"""How long an orderly stop may take once nobody is there to insist on it."""


class FatalError(Exception):
    """The process can't do its work and starting it again won't help; str() is one sentence for the operator."""


class Orders(msgspec.Struct, frozen=True):
    """What the supervisor tells a child.

    settings: all of them, secrets too, hence a pipe and neither arguments nor environment. index: which media node of
    this machine. listen, advertise: addresses of a media node for gateways. nodes: for a gateway without Redis, where
    its media nodes listen. recorder: for a media node, where this machine's recorder listens.
    """

    role: Literal["gateway", "media", "recap", "recorder"]
    name: str
    settings: dict[str, Any]
    rpc_secret: str
    index: int = 0
    listen: str = ""
    advertise: str = ""
    nodes: list[str] = []
    recorder: str = ""


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of what a child says."""

    beat: bool = False
    ready: str | None = None
    fatal: str | None = None


def pack_settings(settings: Settings) -> dict[str, Any]:
    """Settings as plain values for Orders."""
    packed: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        packed[name] = str(value) if isinstance(value, Path) else value
    return packed


class Child:
    """The running child, for its own code.

    stop: set when it shall end, by a signal or because its supervisor is gone.
    """

    def __init__(self, orders: Orders, settings: Settings, status_fd: int, lifeline_fd: int) -> None:
        self.orders = orders
        self.settings = settings
        self.rpc_secret = orders.rpc_secret.encode()
        self.stop = asyncio.Event()
        self._status_fd = status_fd
        self._lifeline_fd = lifeline_fd
        self._tasks = Tasks()
        self._registry: Registry | None = None

    @property
    def registry(self) -> Registry:
        """Redis between machines, else this process. Raises RegistryError when its address makes no sense."""
        if self._registry is None:
            distributed = self.settings.role != "all"
            self._registry = (
                RedisRegistry(self.settings.redis_url) if distributed else EmbeddedRegistry(self.orders.nodes)
            )
        return self._registry

    def ready(self, url: str = "") -> None:
        """It listens; a gateway says where."""
        self.say(Status(ready=url))

    def say(self, status: Status) -> None:
        """Tell the supervisor, without waiting; a supervisor that is gone is noticed elsewhere."""
        with contextlib.suppress(OSError):
            os.write(self._status_fd, msgspec.json.encode(status) + b"\n")

    async def run(self, work: Callable[[Settings, Child], Awaitable[None]]) -> None:
        """Do the work until it ends, beating all the while."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        os.set_blocking(self._status_fd, False)
        os.set_blocking(self._lifeline_fd, False)
        loop.add_reader(self._lifeline_fd, self._lifeline_readable)
        self._tasks.spawn(self._beat(), "beat")
        try:
            await work(self.settings, self)
        finally:
            await self._tasks.close()
            if self._registry is not None:
                await self._registry.close()

    def _lifeline_readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            if os.read(self._lifeline_fd, 4096):
                return
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._lifeline_fd)
            log.error("the supervisor is gone, stopping")
            self.stop.set()
            loop.call_later(ORPHAN_SECONDS, os._exit, 1)

    async def _beat(self) -> None:
        while True:
            self.say(Status(beat=True))
            await asyncio.sleep(BEAT_SECONDS)
