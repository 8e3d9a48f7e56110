"""The rule by which stages run: who may start now, what a failure stops, and when something is tried again.

It owns no thread and no clock: `now` is monotonic, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from parley.recap.stages import Graph

State = Literal["waiting", "running", "done", "failed", "skipped"]
FINAL: tuple[State, ...] = ("done", "failed", "skipped")

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class StageStatus:
    """How one stage stands.

    words: why it failed or was skipped, or what it is tried again after. retriable: whether it failed for a reason that
    may pass. cached: its artefact was there already. without: what it did without. seconds: how long it took.
    """

    name: str
    state: State = "waiting"
    progress: float = 0.0
    words: str = ""
    retriable: bool = False
    attempts: int = 0
    cached: bool = False
    without: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL


def pause_after(attempts: int) -> float:
    """Seconds before a stage that failed so many times is tried again."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1)))


@dataclass(slots=True)
class Schedule:
    """See the module. Each method that changes something returns the statuses that changed, for whoever shows them."""

    graph: Graph
    statuses: dict[str, StageStatus] = field(init=False)
    _not_before: dict[str, float] = field(init=False, default_factory=dict)
    _started: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.statuses = {name: StageStatus(name) for name in self.graph.stages}

    @property
    def over(self) -> bool:
        """Whether every stage has come to an end."""
        return all(status.final for status in self.statuses.values())

    def ready(self, now: float) -> list[str]:
        """The stages that may start, those first that should be ready first."""
        return [name for name in self._free() if self._not_before.get(name, now) <= now]

    def next_at(self) -> float | None:
        """When a stage may start that has to wait for its next try; None when none has."""
        return min((self._not_before[name] for name in self._free() if name in self._not_before), default=None)

    def start(self, name: str, now: float) -> StageStatus:
        """It runs."""
        self._started[name] = now
        without = tuple(used for used in self.graph.stages[name].uses if self.statuses[used].state != "done")
        attempts = self.statuses[name].attempts + 1
        return self._set(name, state="running", progress=0.0, attempts=attempts, without=without)

    def advance(self, name: str, progress: float) -> StageStatus:
        """It is so far, 0..1, and never less far than before."""
        return self._set(name, progress=min(max(progress, self.statuses[name].progress), 1.0))

    def finish(self, name: str, now: float, *, cached: bool = False) -> StageStatus:
        """Its artefact is there."""
        return self._set(
            name, state="done", progress=1.0, words="", retriable=False, cached=cached, seconds=self._took(name, now)
        )

    def skip(self, name: str, words: str) -> list[StageStatus]:
        """It isn't made, and neither is what needs it."""
        return [self._set(name, state="skipped", words=words), *self._spread()]

    def fail(self, name: str, words: str, now: float, *, retriable: bool = False) -> list[StageStatus]:
        """It didn't work: it is tried again if that may help, else it has failed, and what needs it is skipped."""
        status = self.statuses[name]
        if retriable and status.attempts < self.graph.stages[name].attempts:
            self._not_before[name] = now + pause_after(status.attempts)
            return [self._set(name, state="waiting", progress=0.0, words=words, seconds=self._took(name, now))]
        failed = self._set(name, state="failed", words=words, retriable=retriable, seconds=self._took(name, now))
        return [failed, *self._spread()]

    def _took(self, name: str, now: float) -> float:
        return self.statuses[name].seconds + now - self._started.get(name, now)

    def _free(self) -> list[str]:
        return [
            name
            for name, stage in self.graph.stages.items()
            if self.statuses[name].state == "waiting" and all(self.statuses[each].final for each in stage.inputs)
        ]

    def _spread(self) -> list[StageStatus]:
        """Skip what needs a stage that has no artefact; the graph's order makes one pass enough."""
        skipped: list[StageStatus] = []
        for name, stage in self.graph.stages.items():
            if self.statuses[name].state != "waiting":
                continue
            for needed in stage.needs:
                cause = self.statuses[needed]
                if cause.state in ("failed", "skipped"):
                    words = f"It needs {needed}, which {'failed' if cause.state == 'failed' else 'was skipped'}."
                    skipped.append(self._set(name, state="skipped", words=words, retriable=cause.retriable))
                    break
        return skipped

    def _set(self, name: str, **changed: object) -> StageStatus:
        self.statuses[name] = replace(self.statuses[name], **changed)  # type: ignore[arg-type]  # our own fields
        return self.statuses[name]
