"""A `parley serve` of the measurement's own: temporary data, free ports, loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

START_SECONDS = 40.0
STOP_SECONDS = 20.0
NATIVE_PLANE = "PARLEY_NATIVE_PLANE"
"""Handed on to the server: "0" measures the plane in Python."""


class ServerFailedError(Exception):
    """The server doesn't work; str() says what it last wrote."""


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A running server. media_ports: one for each media node."""

    url: str
    pid: int
    media_ports: list[int]
    log_path: Path


@contextlib.asynccontextmanager
async def own_server(media_nodes: int = 1, **settings: str) -> AsyncIterator[OwnServer]:
    """Start a server, and stop it in the end. settings: any of the server's, as its environment has them."""
    port, media_port = _free_port(1), _free_port(media_nodes)
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="parley-load-") as directory:
        values = {
            "host": "127.0.0.1",
            "port": port,
            "data_dir": directory,
            "media_nodes": media_nodes,
            "media_port": media_port,
            "media_hosts": "127.0.0.1",
            "media_public_addresses": "127.0.0.1",
            **settings,
        }
        env = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_") or key == NATIVE_PLANE}
        env |= {f"PARLEY_{key.upper()}": str(value) for key, value in values.items()}
        log_path = Path(directory) / "server.log"
        with log_path.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                _program(), "serve", stdout=log, stderr=log, env=env, cwd=directory
            )
        ports = [media_port + index for index in range(media_nodes)]
        server = OwnServer(url, process.pid, ports, log_path)
        try:
            await _until_healthy(server, process)
            yield server
        finally:
            await _stop(process)


def _program() -> str:
    """The `parley` command that belongs to this interpreter."""
    beside = Path(sys.executable).parent / "parley"
    found = str(beside) if beside.exists() else shutil.which("parley")
    if found is None:
        raise ServerFailedError("the command parley is not installed")
    return found


async def _until_healthy(server: OwnServer, process: asyncio.subprocess.Process) -> None:
    end = time.monotonic() + START_SECONDS
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < end and process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with http.get(f"{server.url}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    last = server.log_path.read_text(errors="replace").strip().splitlines()[-3:]
    raise ServerFailedError("the server did not start: " + " / ".join(last))


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port(count: int) -> int:
    """A port that is free for UDP and TCP, with `count - 1` free ones after it."""
    for _ in range(200):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError, OverflowError):
            first = 0
            for index in range(count):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    held = stack.enter_context(socket.socket(socket.AF_INET, kind))
                    held.bind(("127.0.0.1", first + index if first else 0))
                    first = first or int(held.getsockname()[1])
            return first
    raise ServerFailedError("there are no free ports")
