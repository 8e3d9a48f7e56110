"""Tells workers at once that there is a job: a huey queue of job ids, embedded in the data directory or in Redis.

It only carries hints. What it loses is told again from the table (jobs.py), and a hint that comes twice finds the job
taken; so no hint needs to be kept safe, and everything here may fail. Two lanes, so that short jobs don't wait for long
ones. Hints are JSON: huey's own serializer would run whatever code somebody put into the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from huey import RedisHuey, SqliteHuey
from huey.exceptions import HueyException
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

Lane = Literal["short", "live", "long"]
LANES: tuple[Lane, ...] = get_args(Lane)

REDIS_SECONDS = 3.0
"""How long Redis may take to answer."""


class QueueUnavailableError(Exception):
    """The queue can't be reached now; str() says why."""


class _JsonSerializer(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages as JSON arrays of plain values."""

    def _serialize(self, data: Any) -> bytes:
        return msgspec.json.encode(list(data))

    def _deserialize(self, data: bytes) -> Message:
        return Message(*msgspec.json.decode(bytes(data), type=list[Any]))


class JobQueue:
    """See the module. Everything is done in one thread, since huey blocks."""

    def __init__(self, data_dir: Path, redis_url: str = "") -> None:
        self._data_dir = data_dir
        self._redis_url = redis_url
        self._thread = ThreadPoolExecutor(1, "job-queue")
        self._hueys: dict[Lane, Any] = {}
        self._hints: dict[Lane, Any] = {}
        self._pools: list[ConnectionPool] = []

    async def tell(self, lane: Lane, job_id: str) -> None:
        """Say that a job is due. Raises QueueUnavailableError."""
        await self._do(self._tell, lane, job_id)

    async def take(self, lane: Lane) -> str | None:
        """The id of a job that may be due, or None; nobody else gets the same hint. Raises QueueUnavailableError."""
        taken: str | None = await self._do(self._take, lane)
        return taken

    async def close(self) -> None:
        """Let go of connections."""
        with contextlib.suppress(QueueUnavailableError):
            await self._do(self._close)
        self._thread.shutdown(wait=False)

    async def _do(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _explaining, function, arguments)

    def _huey(self, lane: Lane) -> Any:
        if lane not in self._hueys:
            options: dict[str, Any] = {"results": False, "serializer": _JsonSerializer()}
            if self._redis_url:
                pool = ConnectionPool.from_url(
                    self._redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
                )
                self._pools.append(pool)
                huey = RedisHuey(f"parley-{lane}", connection_pool=pool, blocking=False, **options)
            else:
                self._data_dir.mkdir(parents=True, exist_ok=True)
                huey = SqliteHuey(f"parley-{lane}", filename=str(self._data_dir / "queue.db"), **options)
            self._hints[lane] = huey.task(name="hint")(_hint)
            self._hueys[lane] = huey
        return self._hueys[lane]

    def _tell(self, lane: Lane, job_id: str) -> None:
        self._huey(lane)
        self._hints[lane](job_id)

    def _take(self, lane: Lane) -> str | None:
        try:
            task = self._huey(lane).dequeue()
        except (HueyException, msgspec.MsgspecError, TypeError) as error:
            log.warning("the queue holds what isn't ours: %s", error)
            return None
        return task.args[0] if task is not None and task.args and isinstance(task.args[0], str) else None

    def _close(self) -> None:
        for huey in self._hueys.values():
            huey.storage.close()
        for pool in self._pools:
            pool.disconnect()
        self._hueys.clear()


def _hint(job_id: str) -> None:
    """What huey carries. Workers take its argument and never call it."""


def _explaining(function: Any, arguments: tuple[Any, ...]) -> Any:
    with _explained():
        return function(*arguments)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (RedisError, sqlite3.Error, OSError) as error:
        raise QueueUnavailableError(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}") from error
