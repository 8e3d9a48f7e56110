"""The process of one role, as the supervisor starts it: reads its orders, runs the role, says in words why it can't."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import uvloop

from parley.signaling import logs
from parley.signaling.child import Child, FatalError, Orders, Status
from parley.store.registry import RegistryError
from parley.store.settings import Settings

log = logging.getLogger(__name__)


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
            raise SystemExit("parley.signaling.role_process is started by parley serve only")
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
    main()
