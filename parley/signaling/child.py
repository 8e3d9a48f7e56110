"""A child process's side of its supervisor: orders in, beats out, and an end when either asks for it.

The supervisor writes one line of JSON, the orders, to the child's standard input and keeps the pipe open: when it
closes, the supervisor is gone and the child stops by itself. On its standard output the child says, a line of JSON
each, that its event loop still turns (`beat`), that it listens (`ready`), or why it can't go on (`fatal`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import uvloop
from pydantic import SecretStr

from parley.signaling import logs
from parley.signaling.tasks import Tasks
from parley.store.registry import EmbeddedRegistry, RedisRegistry, Registry, RegistryError
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


def _work(role: str) -> Callable[[Settings, Child], Awaitable[None]]:
    """The role's entry; imported here, so that no role loads another one's code."""
    if role == "gateway":
        from parley.signaling.gateway.app import run_gateway

        return run_gateway
    if role == "recap":
        from parley.signaling.recap_worker import run_recap_worker

        return run_recap_worker
    if role == "recorder":
        from parley.signaling.recorder_process import run_recorder

        return run_recorder
    from parley.signaling.node import run_node

    return run_node


def _read_orders(fd: int) -> Orders:
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(fd, 65_536)
        if not chunk:
            raise SystemExit("parley.signaling.child is started by parley serve only")
        line += chunk
    return msgspec.json.decode(line, type=Orders)


def explain(failure: BaseException, settings: Settings, role: str) -> str | None:
    """A sentence for the operator about a failure to start, or None when it isn't theirs to mend."""
    if isinstance(failure, FatalError | RegistryError):
        return str(failure)
    if isinstance(failure, OSError) and role == "gateway":
        place = f"{settings.host or 'all addresses'}, port {settings.port}"
        if failure.errno == errno.EADDRINUSE:
            return f"Port {settings.port} is already in use. Stop what uses it, or choose another with --port."
        if failure.errno == errno.EACCES:
            return f"Not allowed to listen on {place}. Ports below 1024 need privileges; choose another with --port."
        if failure.errno == errno.EADDRNOTAVAIL or isinstance(failure, socket.gaierror):
            return f"This machine has no address {settings.host}. Check --host."
    return None


def main() -> None:
    """The process: read orders, run the role, say why when it fails."""
    lifeline, status = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # a stray print goes to the log's stream, not among the status lines
    orders = _read_orders(lifeline)
    settings = Settings(**orders.settings)
    with contextlib.suppress(OSError):  # what ps and top show, on Linux
        Path("/proc/self/comm").write_text(f"parley:{orders.name}")
    writer = logs.configure(settings.log_format, settings.log_level, orders.name)
    gc.freeze()  # what is loaded now lives for ever: no collection need look at it
    code = 0
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            child = Child(orders, settings, status, lifeline)
            try:
                work = _work(orders.role)
                gc.collect()
                gc.freeze()
                runner.run(child.run(work))
            except Exception as failure:
                code = 1
                text = explain(failure, settings, orders.role)
                if text is None:
                    log.exception("%s failed", orders.name)
                else:
                    child.say(Status(fatal=text))
    finally:
        writer.stop()
    sys.exit(code)


if __name__ == "__main__":
    # Not this module's second life as __main__: the FatalError of a role must be the one that main catches.
    from parley.signaling import child  # noqa: PLW0406

    child.main()
