"""What processes of this machine cost, read from /proc (Linux)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


class NoProcessError(Exception):
    """Nobody here has what was looked for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds so far, in the program and in the kernel on its behalf, and how often it went to sleep."""

    user: float
    system: float
    sleeps: int

    def __sub__(self, before: Cost) -> Cost:
        return Cost(self.user - before.user, self.system - before.system, self.sleeps - before.sleeps)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.user + other.user, self.system + other.system, self.sleeps + other.sleeps)

    @property
    def total(self) -> float:
        """Processor seconds."""
        return self.user + self.system


NOTHING = Cost(0.0, 0.0, 0)


def cost_of(pid: int) -> Cost:
    """What a process has cost until now. Raises NoProcessError."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        raise NoProcessError(f"there is no process {pid}") from None
    sleeps = next(line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))
    return Cost(int(fields[11]) / _TICK, int(fields[12]) / _TICK, int(sleeps.split()[1]))


def descendants(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for parent in found:
        for tasks in Path("/proc").glob(f"{parent}/task/*/children"):
            found += [int(child) for child in tasks.read_text().split()]
    return found


def owner_of_udp_port(port: int, among: list[int]) -> int:
    """Which of these processes has a UDP port open. Raises NoProcessError."""
    inodes = {f"socket:[{inode}]" for inode in _udp_inodes(port)}
    for pid in among:
        try:
            links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if not inodes.isdisjoint(links):
            return pid
    raise NoProcessError(f"no process of the server has UDP port {port}")


def _udp_inodes(port: int) -> list[str]:
    inodes = []
    for table in (Path("/proc/net/udp"), Path("/proc/net/udp6")):
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.append(fields[9])
    return inodes
