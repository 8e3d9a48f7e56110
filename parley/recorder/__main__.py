"""`python -m parley.recorder --socket PATH --root DIR`: the recorder as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

import uvloop

from parley.recorder.disk import RESERVE_BYTES
from parley.recorder.server import run


async def _serve(socket: Path, root: Path, reserve: int) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    ready = asyncio.Event()

    async def announce() -> None:
        await ready.wait()
        print("ready", flush=True)

    announcing = asyncio.create_task(announce())
    try:
        await run(socket, root, reserve, ready)
    finally:
        announcing.cancel()


def main() -> None:
    """Prints "ready" when it listens; SIGTERM ends it in order."""
    parser = argparse.ArgumentParser(prog="python -m parley.recorder", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="the Unix socket to listen on")
    parser.add_argument("--root", type=Path, required=True, help="where recordings are made")
    parser.add_argument("--reserve", type=int, default=RESERVE_BYTES, help="bytes left free on the disk")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        with contextlib.suppress(asyncio.CancelledError), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(arguments.socket, arguments.root, arguments.reserve))
    except OSError as error:
        sys.exit(f"the recorder can't work: {error}")


if __name__ == "__main__":
    main()
