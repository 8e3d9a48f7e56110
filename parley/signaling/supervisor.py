"""`parley serve`: starts gateway, media nodes and recap workers, starts again what dies or hangs, stops all in order.

Every child is a process of its own (child.py). One that ends is started again, at once the first time and then with
growing pauses; one whose event loop no longer turns is killed and started again. A child that can't work while the
server starts ends the server, with its own words where it found some.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from parley.signaling.child import Orders, Status, pack_settings
from parley.signaling.tasks import Tasks
from parley.signaling.vitals import Vitals
from parley.store.settings import Settings

log = logging.getLogger(__name__)

HANG_SECONDS = 5.0
"""A child whose event loop stood still for this long is killed."""

BUSY_SECONDS = 20.0
"""The same for one that works, or wants to and gets no processor."""

PATIENCE = {"recap": 15.0}
"""So many times as long for these roles: nobody waits for them, they come last, and engines of theirs hold Python's
lock."""

START_SECONDS = 60.0
"""So long may it take until a child's event loop turns for the first time."""

PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before a child is started again, by how often it died young."""

YOUNG_SECONDS = 30.0
HOPELESS = 4
"""Deaths before it ever listened, after which a child is taken for unable to."""

DRAIN_SECONDS = 6.0
GATEWAY_STOP_SECONDS = 10.0
RECAP_STOP_SECONDS = 8.0

MAX_SOCKET_PATH = 90
"""A Unix socket's path may have 107 bytes on Linux, 103 elsewhere."""


class ChildFailedError(Exception):
    """A child can't work; str() is its sentence for the operator."""


class Keeper:
    """Keeps one child running.

    on_ready: called with what the child said, each time it listens. on_fatal: the child can't work.
    """

    def __init__(self, orders: Orders, on_ready: Callable[[str], None], on_fatal: Callable[[str], None]) -> None:
        self.orders = orders
        self.restarts = 0
        self._on_ready = on_ready
        self._on_fatal = on_fatal
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._was_ready = False
        self._heard = False
        self._silent = 0.0
        self._last_words = ""

    @property
    def pid(self) -> int | None:
        """Of the running child."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def run(self) -> None:
        """Start it, and start it again until `stop`."""
        died_young = 0
        while not self._stopping:
            started = time.monotonic()
            code = await self._live()
            if self._was_stopped():
                return
            died_young = died_young + 1 if time.monotonic() - started < YOUNG_SECONDS else 0
            if died_young >= HOPELESS and not self._was_ready:
                self._on_fatal(f"{self.orders.name} does not start; the log above says why")
            pause = PAUSES[min(died_young, len(PAUSES)) - 1] if died_young else 0.0
            self.restarts += 1
            log.error(
                "%s ended (%s), starting it again in %.1f s%s",
                self.orders.name,
                _how(code),
                pause,
                f": {self._last_words}" if self._last_words else "",
                extra={"child": self.orders.name},
            )
            await asyncio.sleep(pause)

    def _was_stopped(self) -> bool:
        return self._stopping

    async def _live(self) -> int:
        """One life of the child; its exit status."""
        self._heard, self._silent, self._last_words = False, 0.0, ""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "parley.signaling.role_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            process_group=0,  # Ctrl-C in a terminal is for the supervisor, which stops its children in order
        )
        self._process = process
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.write(msgspec.json.encode(self.orders) + b"\n")
            await process.stdin.drain()
        tasks = Tasks()
        tasks.spawn(self._listen(process), "child-status")
        tasks.spawn(self._watch(process), "child-watch")
        try:
            return await process.wait()
        finally:
            await tasks.close()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self._heard, self._silent = True, 0.0
            try:
                status = msgspec.json.decode(line, type=Status)
            except msgspec.MsgspecError:
                continue
            if status.ready is not None:
                self._was_ready = True
                self._on_ready(status.ready)
            if status.fatal is not None:
                self._last_words = status.fatal
                self._on_fatal(status.fatal)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Count silence in short steps, so that time in which this process stood still isn't held against the child."""
        step = 0.25
        vitals = Vitals(process.pid)
        idle = 0.0
        while True:
            before = time.monotonic()
            await asyncio.sleep(step)
            passed = min(time.monotonic() - before, 2 * step)
            self._silent += passed
            idle = 0.0 if vitals.struggles() else idle + passed
            patience = PATIENCE.get(self.orders.role, 1.0)
            hangs = min(self._silent, idle) > HANG_SECONDS * patience or self._silent > BUSY_SECONDS * patience
            if hangs if self._heard else self._silent > START_SECONDS:
                log.error("%s hangs, killing it", self.orders.name, extra={"child": self.orders.name})
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return

    async def stop(self, timeout: float) -> None:
        """End the child: SIGTERM, and SIGKILL after `timeout` seconds."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), timeout)
        except TimeoutError:
            log.error("%s does not stop, killing it", self.orders.name, extra={"child": self.orders.name})
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """End the child at once."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


def _how(code: int) -> str:
    """An exit status in words."""
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


class Supervisor:
    """See the module.

    announce: called once with the URL (empty without a gateway) when everything listens.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        self._settings = settings
        self._announce = announce
        self._keepers: list[Keeper] = []
        self._unready: set[str] = set()
        self._url = ""
        self._over = asyncio.Event()
        self._failure: str | None = None
        self._stops = 0

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises ChildFailedError when a child can't work at the start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        with tempfile.TemporaryDirectory(prefix="parley-", dir=_short_directory()) as directory:
            orders = plan(self._settings, Path(directory))
            self._unready = {order.name for order in orders}
            tasks = Tasks(self._keeper_failed)
            for order in orders:
                keeper = Keeper(order, functools.partial(self._ready, order.name), self._fatal)
                self._keepers.append(keeper)
                tasks.spawn(keeper.run(), f"keeper-{order.name}")
            try:
                await self._over.wait()
                await self._stop()
            finally:
                for keeper in self._keepers:
                    keeper.kill()
                await tasks.close()
        if self._failure is not None:
            raise ChildFailedError(self._failure)

    def _signalled(self) -> None:
        """The first signal stops in order, the third at once."""
        self._stops += 1
        self._over.set()
        if self._stops >= 3:
            for keeper in self._keepers:
                keeper.kill()

    def _ready(self, name: str, url: str) -> None:
        self._url = url or self._url
        if name in self._unready:
            self._unready.discard(name)
            if not self._unready:
                self._announce(self._url)

    def _fatal(self, text: str) -> None:
        """While the server starts, a child's last words are the server's; later it is tried again."""
        if self._unready and self._failure is None:
            self._failure = text
            self._over.set()

    def _keeper_failed(self, failure: BaseException) -> None:
        self._failure = f"a child process could not be started: {failure}"
        self._over.set()

    async def _stop(self) -> None:
        """Media nodes first, while the gateway can still tell everyone, and the recorder write what they said last."""
        workers = [keeper for keeper in self._keepers if keeper.orders.role == "recap"]
        nodes = [keeper for keeper in self._keepers if keeper.orders.role == "media"]
        others = [keeper for keeper in self._keepers if keeper.orders.role in ("gateway", "recorder")]
        giving_back = asyncio.gather(*(keeper.stop(RECAP_STOP_SECONDS) for keeper in workers))
        await asyncio.gather(*(keeper.stop(DRAIN_SECONDS) for keeper in nodes))
        await asyncio.gather(*(keeper.stop(GATEWAY_STOP_SECONDS) for keeper in others))
        await giving_back


def _short_directory() -> str | None:
    """Where sockets may lie: None for the usual place, /tmp when that one's name is too long for a socket's path."""
    return None if len(tempfile.gettempdir()) < MAX_SOCKET_PATH - 40 else "/tmp"  # noqa: S108


def plan(settings: Settings, directory: Path) -> list[Orders]:
    """The children that a role needs. directory: a private one for sockets."""
    packed = pack_settings(settings)
    given = settings.rpc_secret.get_secret_value()
    secret = given if settings.role != "all" and given else secrets.token_hex(32)
    orders: list[Orders] = []
    recorder = ""
    if settings.role in ("all", "media"):
        recorder = str(directory / "recorder.sock")
        orders.append(Orders("recorder", "recorder", packed, "", listen=recorder))
    if settings.role == "media":
        advertise = settings.rpc_advertise or settings.rpc_listen
        listen = settings.rpc_listen
        orders.append(Orders("media", "media-0", packed, secret, 0, listen, advertise, recorder=recorder))
    nodes: list[str] = []
    if settings.role == "all":
        for index in range(settings.node_count):
            address = str(directory / f"media-{index}.sock")
            nodes.append(address)
            orders.append(Orders("media", f"media-{index}", packed, secret, index, address, address, recorder=recorder))
    if settings.role in ("all", "gateway"):
        orders.append(Orders("gateway", "gateway", packed, secret, nodes=nodes))
    if settings.role in ("all", "recap"):
        for index in range(settings.recap_workers):
            orders.append(Orders("recap", f"recap-{index}", packed, secret, index))
    return orders
