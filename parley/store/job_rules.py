"""The rules of jobs that need no database: when to try again, and when a worker is taken for dead.

Times are seconds. Wall clocks jump, and differ between machines; so whether a worker still lives is judged by whether
its lease still changes, on the monotonic clock of whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["waiting", "running", "done", "failed", "cancelled"]
"""waiting also means: to be tried again at not_before. The last three are final, until somebody asks for it again."""

LEASE_SECONDS = 30.0
"""A worker that didn't renew its lease for so long is taken for dead."""

BEAT_SECONDS = 5.0
"""How often a worker renews it."""

OVERDUE_SECONDS = 12.0
"""The same, where by the wall clock too the lease is over: two beats and some patience."""

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 900.0


def pause_after(attempts: int, chance: float, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> float:
    """Seconds until the next try after so many failed ones: doubled each time, and less by up to half of it by chance.

    chance: 0..1, so that what failed together isn't tried again together.
    """
    return min(longest, first * 2.0 ** min(attempts - 1, 30)) * (1.0 - 0.5 * chance)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a job and until when, as its row says. Two claims never have the same owner."""

    job: str
    kind: str
    owner: str
    until: float


@dataclass(slots=True)
class LeaseWatch:
    """Finds the leases whose workers are gone.

    is_gone: tells of an owner whether it is known to be gone, such as a dead process of this machine.
    """

    is_gone: Callable[[str], bool] = field(default=lambda owner: False)
    _since: dict[tuple[str, str, float], float] = field(default_factory=dict)

    def dead(self, leases: Iterable[Lease], wall: float, now: float) -> list[Lease]:
        """Those that may be taken over. leases: all that there are; wall: seconds since 1970; now: monotonic."""
        seen: dict[tuple[str, str, float], float] = {}
        found: list[Lease] = []
        for lease in leases:
            key = (lease.job, lease.owner, lease.until)
            since = seen[key] = self._since.get(key, now)
            unchanged = now - since
            overdue = lease.until <= wall and unchanged >= OVERDUE_SECONDS
            if overdue or unchanged >= LEASE_SECONDS or self.is_gone(lease.owner):
                found.append(lease)
        self._since = seen
        return found
