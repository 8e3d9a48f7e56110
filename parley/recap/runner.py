"""Runs the stages over a recording's directory: in threads, from the cache where it can, each with a state of its own.

Killed anywhere, the next run goes on at the stage boundary where this one was. One run at a time works on a directory.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley.recap import cache
from parley.recap.artefacts import Artefact
from parley.recap.cache import Kept
from parley.recap.recording import Recording
from parley.recap.schedule import Schedule, StageStatus
from parley.recap.stages import Context, Graph, RecapStoppedError, Stage, StageError
from parley.store import recording as stored

log = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
"""How often a run asks whether it is still wanted while all its stages are busy, or wait for their next try."""


class RecapBusyError(Exception):
    """Somebody else is running stages on this recording."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to: how each stage stands, in order, and the artefacts that are there."""

    stages: tuple[StageStatus, ...]
    artefacts: dict[str, Artefact]

    @property
    def failed(self) -> tuple[StageStatus, ...]:
        """The stages that failed."""
        return tuple(status for status in self.stages if status.state == "failed")

    @property
    def retriable(self) -> bool:
        """Whether another run may come further."""
        return any(status.retriable for status in self.failed)


class Runner:
    """One run.

    on_change is told of each status that changes, progress in steps of a hundredth; it may be called from any thread,
    one call at a time. check: called often; it raises (such as RecapStoppedError) when the run isn't wanted any more.
    parallel: how many stages run at a time. again: make anew what is there, or only the stage that is named.
    """

    def __init__(
        self,
        directory: Path,
        graph: Graph,
        settings: Any = None,
        *,
        again: bool | str = False,
        parallel: int = 1,
        on_change: Callable[[StageStatus], None] = lambda status: None,
        check: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory / stored.RECAP
        self._graph = graph
        self._settings = settings
        self._again = again
        self._parallel = parallel
        self._on_change = on_change
        self._check = check
        self._clock = clock
        self._recording = Recording.open(directory)
        self._schedule = Schedule(graph)
        self._kept: dict[str, Kept] = {}
        self._lock = threading.Lock()

    def run(self) -> Report:
        """Run every stage that can. Raises RecapBusyError, what `check` raises, and OSError when there's no writing."""
        self._directory.mkdir(exist_ok=True)
        with _alone(self._directory), ThreadPoolExecutor(self._parallel, "stage") as threads:
            recording = cache.fingerprint(self._recording)
            running: dict[Future[Kept], str] = {}
            try:
                while not self._schedule.over:
                    self._check()
                    for name in self._schedule.ready(self._clock())[: self._parallel - len(running)]:
                        work = self._begin(name, recording)
                        if work is not None:
                            running[threads.submit(work)] = name
                    self._wait(running)
                    for future in [each for each in running if each.done()]:
                        self._end(running.pop(future), future)
            finally:
                for future in running:
                    future.cancel()
        return self._report()

    def _wait(self, running: dict[Future[Kept], str]) -> None:
        if running:
            wait(running, CHECK_SECONDS, FIRST_COMPLETED)
            return
        at = self._schedule.next_at()
        if at is not None and not self._schedule.over:
            time.sleep(min(max(at - self._clock(), 0.0), CHECK_SECONDS))

    def _begin(self, name: str, recording: str) -> Callable[[], Kept] | None:
        """What is to be done for a stage; None when nothing is."""
        stage = self._graph.stages[name]
        unwanted = stage.unwanted(self._recording)
        if unwanted:
            self._tell(*self._schedule.skip(name, unwanted))
            return None
        inputs = {each: self._kept[each] for each in stage.inputs if each in self._kept}
        key = cache.key_of(stage, self._settings, recording, inputs)
        anew = self._again is True or self._again == name
        kept = None if anew else cache.load(self._directory, stage, key)
        if kept is not None:
            self._kept[name] = kept
            self._tell(self._schedule.finish(name, self._clock(), cached=True))
            return None
        self._tell(self._schedule.start(name, self._clock()))
        context = Context(
            recording=self._recording,
            settings=self._settings,
            directory=self._directory,
            inputs={each: one.artefact for each, one in inputs.items()},
            on_progress=lambda progress: self._progress(name, progress),
        )
        return lambda: self._make(stage, key, context)

    def _make(self, stage: Stage, key: str, context: Context) -> Kept:
        artefact = stage.make(context)
        return cache.save(self._directory, stage, key, artefact)

    def _end(self, name: str, future: Future[Kept]) -> None:
        failure, now = future.exception(), self._clock()
        if failure is None:
            self._kept[name] = future.result()
            self._tell(self._schedule.finish(name, now))
            return
        self._check()  # what it raises may have come here by way of the stage
        if isinstance(failure, RecapStoppedError):
            raise failure
        if isinstance(failure, StageError):
            words, retriable = str(failure), failure.retriable
        elif isinstance(failure, OSError):
            words, retriable = failure.strerror or str(failure) or type(failure).__name__, True
        else:
            log.error("stage %s failed", name, exc_info=failure)
            words, retriable = f"{type(failure).__name__}: {str(failure).partition(chr(10))[0]}", False
        self._tell(*self._schedule.fail(name, words, now, retriable=retriable))

    def _progress(self, name: str, progress: float) -> None:
        self._check()
        with self._lock:
            before = self._schedule.statuses[name].progress
            status = self._schedule.advance(name, progress)
            if int(100 * status.progress) > int(100 * before):
                self._on_change(status)

    def _tell(self, *statuses: StageStatus) -> None:
        with self._lock:
            for status in statuses:
                self._on_change(status)

    def _report(self) -> Report:
        return Report(
            tuple(self._schedule.statuses.values()), {name: kept.artefact for name, kept in self._kept.items()}
        )


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """The kernel lets go of the lock when its holder dies."""
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecapBusyError(f"{directory.parent} is being worked on by another process") from None
        yield
