"""The kinds of jobs that workers can do, and what a job's function gets and gives."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from parley.store.job import Job
from parley.store.job_rules import FIRST_PAUSE
from parley.store.jobs import Also
from parley.store.queue import LANES, Lane


class JobError(Exception):
    """A job didn't work; str() says why, for people. retriable: whether trying again may help; then in `seconds`, or,
    without them, after a pause that grows with the attempts."""

    def __init__(self, words: str, *, retriable: bool = True, seconds: float | None = None) -> None:
        super().__init__(words)
        self.retriable = retriable
        self.seconds = seconds


class JobStoppedError(Exception):
    """The work isn't wanted any more: the worker stops, or the job was cancelled or is somebody else's now."""


class JobContext:
    """What a job's function works with. Threads of it may use this too."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.progress = 0.0
        self.lost = False
        self._stopped = threading.Event()

    def advance(self, progress: float) -> None:
        """Note how far it is, 0..1. Raises JobStoppedError when the work isn't wanted any more, which ends a thread."""
        self.progress = min(max(progress, 0.0), 1.0)
        self.check()

    def check(self) -> None:
        """Raises JobStoppedError when the work isn't wanted any more."""
        if self._stopped.is_set():
            raise JobStoppedError(self.job.id)

    def stop(self) -> None:
        """The work isn't wanted any more."""
        self._stopped.set()


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended well. result: plain values, kept with it. also: written in the transaction that ends the job."""

    result: Any = None
    also: Also | None = None


Work = Callable[[JobContext], Awaitable[Done | None]]
"""Does a job. It may raise JobError; any other exception is tried again too. It must bear being called again after it
was killed anywhere; what has to happen exactly once belongs in Done.also. What blocks belongs in asyncio.to_thread."""

GaveUp = Callable[[AsyncSession, Job, str], Awaitable[None]]
"""Told, in the transaction that ends it, of a job that has failed for good, and why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job.

    lane: "short" ones don't wait for "long" ones. first_pause: seconds before the second try. every: seconds; the job
    exists by itself once in every such period, however many workers there are.
    """

    name: str
    work: Work
    lane: Lane = "long"
    gave_up: GaveUp | None = None
    first_pause: float = FIRST_PAUSE
    every: float | None = None


@dataclass(frozen=True, slots=True)
class JobKinds:
    """All kinds that a worker does. Raises ValueError when two have one name."""

    kinds: dict[str, Kind] = field(default_factory=dict)

    @classmethod
    def of(cls, kinds: Iterable[Kind]) -> JobKinds:
        """These kinds."""
        named: dict[str, Kind] = {}
        for kind in kinds:
            if kind.name in named:
                raise ValueError(f"there are two kinds of job named {kind.name}")
            named[kind.name] = kind
        return cls(named)

    def __getitem__(self, name: str) -> Kind:
        return self.kinds[name]

    def __contains__(self, name: str) -> bool:
        return name in self.kinds

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.kinds.values())

    def in_lane(self, lane: Lane) -> list[str]:
        """The names of the kinds in a lane."""
        return [kind.name for kind in self if kind.lane == lane]

    @property
    def lanes(self) -> list[Lane]:
        """The lanes that have kinds."""
        return [lane for lane in LANES if self.in_lane(lane)]
