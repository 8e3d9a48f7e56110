"""Tells a process that hangs from one that only gets no processor, where both run on one machine with Linux's /proc.

A crowded machine must not look like a dead media node: moving its meetings to another node would make it worse.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_BUSY_STATES = "RD"
"""Running, runnable, or waiting for a disk (proc_pid_stat(5))."""


def this_machine() -> str:
    """What processes have in common that see each other's pids; empty where that can't be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class _Look:
    state: str
    ticks: int


class Vitals:
    """Another process of this machine, looked at from time to time."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._last = self._look()

    def struggles(self) -> bool:
        """Whether it works, or would if it got a processor: it wants one now, or had one since it was last asked."""
        before, self._last = self._last, self._look()
        if self._last is None:
            return False
        return self._last.state in _BUSY_STATES or (before is not None and self._last.ticks > before.ticks)

    def _look(self) -> _Look | None:
        try:
            stat = Path(f"/proc/{self._pid}/stat").read_bytes()
        except OSError:
            return None
        fields = stat.rpartition(b") ")[2].split()  # the name before may hold anything
        return _Look(fields[0].decode(), int(fields[11]) + int(fields[12]))


def vitals_of(pid: int, machine: str) -> Vitals | None:
    """The process of a pid that was stated on `machine`; None if it can't be looked at from here, or is this one."""
    if pid <= 0 or pid == os.getpid() or not machine or machine != this_machine():
        return None
    return Vitals(pid)
