"""Names for processes by which another process of the same machine can tell that one is gone."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

from parley.signaling.vitals import this_machine


def my_identity(name: str) -> str:
    """A name for this process, unlike that of any other process of any time: machine.pid.start.name."""
    return f"{_machine()}.{os.getpid()}.{_start(os.getpid())}.{name[:40]}"


def is_gone(identity: str) -> bool:
    """Whether that process was of this machine, and is no more. False when it can't be told from here."""
    machine, _, rest = identity.partition(".")
    pid, _, rest = rest.partition(".")
    start = rest.partition(".")[0]
    if machine != _machine() or not pid.isdigit() or not start:
        return False
    return _start(int(pid)) != start


def _machine() -> str:
    """What processes have in common that see each other's pids."""
    return hashlib.sha256((this_machine() or f"{socket.gethostname()} unknown").encode()).hexdigest()[:12]


def _start(pid: int) -> str:
    """When a process began, in the kernel's ticks; "" for one that isn't there, or only waits to be buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    fields = stat.rpartition(b") ")[2].split()  # proc_pid_stat(5); the name before may hold anything
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
