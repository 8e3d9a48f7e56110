"""The job that makes a recap: runs the stages on a recording's directory, and says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from parley.recap.runner import RecapBusyError, Report, Runner
from parley.recap.schedule import StageStatus
from parley.recap.stages import Graph
from parley.signaling.job_kinds import JobContext, JobError
from parley.store.recording import RecordingError

BUSY_SECONDS = 5.0

OnChange = Callable[[StageStatus], Awaitable[None]]
"""Told, on the event loop and in order, of each stage whose state or progress changed."""


async def make_recap(
    context: JobContext, directory: Path, graph: Graph, settings: Any, on_change: OnChange, *, parallel: int = 1
) -> Report:
    """Run all stages. Raises JobError: retriable where another run may come further, and otherwise never because of a
    stage that failed; that is in the report. In the last attempt what failed stays failed, and the report says so."""
    loop = asyncio.get_running_loop()
    changes: asyncio.Queue[StageStatus | None] = asyncio.Queue()
    standing: dict[str, float] = dict.fromkeys(graph.stages, 0.0)

    def changed(status: StageStatus) -> None:
        standing[status.name] = 1.0 if status.final else status.progress
        context.progress = sum(standing.values()) / len(standing)
        loop.call_soon_threadsafe(changes.put_nowait, status)

    def work() -> Report:
        runner = Runner(directory, graph, settings, parallel=parallel, on_change=changed, check=context.check)
        return runner.run()

    async def tell() -> None:
        while (status := await changes.get()) is not None:
            await on_change(status)

    telling = asyncio.ensure_future(tell())
    try:
        report = await asyncio.to_thread(work)
        changes.put_nowait(None)
        await telling
    except RecordingError as error:
        raise JobError(str(error), retriable=False) from error
    except RecapBusyError as error:
        raise JobError(str(error), seconds=BUSY_SECONDS) from error
    finally:
        telling.cancel()
    if report.retriable and not context.job.last_attempt:
        raise JobError("; ".join(f"{status.name}: {status.words}" for status in report.failed))
    return report
