"""A real redis-server for a test, on a socket in the test's own directory."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.waiting import until


@contextlib.asynccontextmanager
async def redis_server(directory: Path) -> AsyncIterator[str]:
    """Its URL. Skips the test where Redis isn't installed (scripts/system_packages.sh installs it for the suite)."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    path = directory / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", "--dir", str(directory),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(lambda: _accepts(path), 10)
        yield f"unix://{path}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _accepts(path: Path) -> bool:
    """Whether somebody listens there: the file appears a moment earlier."""
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            attempt.connect(str(path))
        except OSError:
            return False
    return True
