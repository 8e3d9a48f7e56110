"""The recorder process as the supervisor's child."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from parley.recorder.server import run
from parley.signaling.child import Child, FatalError
from parley.store.settings import Settings

log = logging.getLogger(__name__)


async def run_recorder(settings: Settings, child: Child) -> None:
    """Be the recorder of this machine until `child.stop`. Raises FatalError when its directory can't be used."""
    ready = asyncio.Event()
    work = asyncio.ensure_future(run(Path(child.orders.listen), settings.recordings, ready=ready))
    stopped = asyncio.ensure_future(child.stop.wait())
    listening = asyncio.ensure_future(ready.wait())
    try:
        await asyncio.wait([work, listening, stopped], return_when=asyncio.FIRST_COMPLETED)
        if ready.is_set():
            child.ready()
            log.info("recorder serves")
            await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
    except OSError as failure:
        reason = failure.strerror or failure
        raise FatalError(f"Recordings can't be kept in {settings.recordings}: {reason}.") from failure
    finally:
        for task in (listening, stopped):
            task.cancel()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
