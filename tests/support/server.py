"""A real `parley serve` for a test: own data directory, own ports, loopback only, log kept for the failure message."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

START_SECONDS = 40.0


def free_port(count: int = 1) -> int:
    """A port that is free for UDP and TCP, with `count - 1` free ones after it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for _ in range(200):  # below those that the kernel gives away, and not those of another worker's tests
        first = 10_000 + 5_000 * (worker % 4) + random.randrange(4_900)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        held = stack.enter_context(socket.socket(socket.AF_INET, kind))
                        held.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free ports")


@dataclass
class Server:
    """A running server. `log` holds what it wrote so far."""

    url: str
    data_dir: Path
    media_port: int
    process: asyncio.subprocess.Process
    log_path: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """Everything it logged."""
        return self.log_path.read_text(errors="replace")

    @property
    def origin(self) -> dict[str, str]:
        """The header that makes a request same-origin."""
        return {"Origin": self.url}

    def child(self, name: str) -> int:
        """The pid of a child by its name, such as "gateway" or "media-0". Raises AssertionError when it isn't there."""
        for pid in self.children():
            if Path(f"/proc/{pid}/comm").read_text().strip() == f"parley:{name}":
                return pid
        raise AssertionError(f"there is no {name}")

    def children(self) -> list[int]:
        """The pids of its processes."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@contextlib.asynccontextmanager
async def serve(data_dir: Path, *, media_nodes: int = 1, **settings: Any) -> AsyncIterator[Server]:
    """Start a server and stop it with SIGTERM; fails when it doesn't stop cleanly."""
    port, media_port = int(settings.pop("port", 0)) or free_port(), free_port(media_nodes)
    url = f"http://localhost:{port}"
    values = {
        "host": "127.0.0.1",
        "port": port,
        "data_dir": data_dir / "data",
        "media_nodes": media_nodes,
        "media_port": media_port,
        "media_public_addresses": "127.0.0.1",
        "log_format": "json",
        "recap_workers": 0,
        **settings,
    }
    env = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    env |= {f"PARLEY_{key.upper()}": str(value) for key, value in values.items()}
    log_path = data_dir / "server.log"
    with log_path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "parley.signaling.cli", "serve", stdout=log, stderr=log, env=env, cwd=data_dir
        )
    server = Server(url, data_dir, media_port, process, log_path, env)
    try:
        await _until_healthy(server)
        yield server
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                raise AssertionError(f"the server did not stop on SIGTERM:\n{server.log}") from None


@contextlib.contextmanager
def logging_no_error(server: Server) -> Iterator[None]:
    """Meanwhile the server has nothing to complain about. Raises AssertionError with what it said."""
    before = len(server.log)
    yield
    said = server.log[before:]
    assert '"level": "error"' not in said, said
    assert "Traceback" not in said, said


async def _until_healthy(server: Server) -> None:
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    async with aiohttp.ClientSession() as http:
        while asyncio.get_running_loop().time() < deadline:
            if server.process.returncode is not None:
                raise AssertionError(f"the server ended at once:\n{server.log}")
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.get(f"{server.url}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise AssertionError(f"the server did not become healthy:\n{server.log}")
