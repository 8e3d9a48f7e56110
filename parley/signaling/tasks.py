"""The one way to run a background task: it has an owner, ends with it, and its failure is seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """The background tasks of one owner.

    `on_failure` is told of a task that ended with an exception, after it was logged.
    """

    def __init__(self, on_failure: Callable[[BaseException], None] | None = None) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._on_failure = on_failure
        self._closed = False

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` until it ends or the owner closes. Raises RuntimeError once the owner has closed."""
        if self._closed:
            work.close()
            raise RuntimeError(f"the owner of task {name!r} is closed")
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        failure = task.exception()
        if failure is not None:
            log.error("task %s failed", task.get_name(), exc_info=failure)
            if self._on_failure is not None:
                self._on_failure(failure)

    async def join(self) -> None:
        """Wait until all have ended by themselves."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancel what runs and wait until it is gone. The task that closes its own owner is left to end by itself."""
        self._closed = True
        me = asyncio.current_task()
        ending = [task for task in self._tasks if task is not me]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
