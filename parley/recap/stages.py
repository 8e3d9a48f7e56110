"""What a stage is: a function from a recording and earlier artefacts to an artefact, and the graph that stages form.

A stage is data (`Stage`), so that the same runner does all of them, and tests bring their own. Its function must be
plain: the same inputs give as good a result, and being killed anywhere leaves nothing that harms the next try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from parley.recap.artefacts import Artefact
from parley.recap.recording import Recording

A = TypeVar("A", bound=Artefact)


class StageError(Exception):
    """A stage can't make its artefact; str() says why, for people. retriable: whether trying again may help."""

    def __init__(self, words: str, *, retriable: bool = False) -> None:
        super().__init__(words)
        self.retriable = retriable


class RecapStoppedError(Exception):
    """The recap isn't wanted any more, or not here and now; what is finished stays."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage's function gets.

    settings: whatever the composition hands to all stages. directory: where files beside the artefact go; those of
    earlier stages are there too. on_progress: told 0..1; it may raise RecapStoppedError.
    """

    recording: Recording
    settings: Any
    directory: Path
    inputs: Mapping[str, Artefact]
    on_progress: Callable[[float], None] = field(default=lambda progress: None)

    def get(self, name: str, kind: type[A]) -> A:
        """The artefact of a stage that this one needs."""
        artefact = self.inputs[name]
        assert isinstance(artefact, kind)
        return artefact

    def find(self, name: str, kind: type[A]) -> A | None:
        """The artefact of a stage that this one uses; None where that failed or was left out."""
        return self.get(name, kind) if name in self.inputs else None

    def advance(self, progress: float) -> None:
        """Say how far it is, 0..1, now and then. Raises RecapStoppedError, which is to be let through."""
        self.on_progress(progress)


def _nothing(settings: Any) -> object:
    return None


def _wanted(recording: Recording) -> str:
    return ""


def _no_files(artefact: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage, and the file NAME.json that its artefact goes to.

    version: another one makes artefacts anew. make: raises StageError; OSError counts as worth another try, any other
    exception as a failure for good. needs: without them it can't be made. uses: waited for, but done without where they
    failed or were left out, which its notes should say. settings: of all settings, as plain values, what changes the
    result. unwanted: why this recording doesn't get it, or "". files: names of the files beside an artefact; where one
    is missing, the artefact is made anew. attempts: how often one run tries.
    """

    name: str
    version: int
    artefact: type[Artefact]
    make: Callable[[Context], Artefact]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    settings: Callable[[Any], object] = _nothing
    unwanted: Callable[[Recording], str] = _wanted
    files: Callable[[Any], tuple[str, ...]] = _no_files
    attempts: int = 3

    @property
    def inputs(self) -> tuple[str, ...]:
        """All that it waits for."""
        return self.needs + self.uses


@dataclass(frozen=True, slots=True)
class Graph:
    """Stages by name, each after those it waits for, otherwise as given: what should be ready first comes first."""

    stages: dict[str, Stage]

    @classmethod
    def of(cls, stages: Iterable[Stage]) -> Graph:
        """Raises ValueError when two have one name, one waits for what isn't there, or some wait for each other."""
        given: dict[str, Stage] = {}
        for stage in stages:
            if stage.name in given:
                raise ValueError(f"there are two stages named {stage.name}")
            given[stage.name] = stage
        for stage in given.values():
            for name in stage.inputs:
                if name not in given:
                    raise ValueError(f"stage {stage.name} waits for {name}, which there isn't")
        ordered: dict[str, Stage] = {}
        while len(ordered) < len(given):
            free = [s for s in given.values() if s.name not in ordered and all(name in ordered for name in s.inputs)]
            if not free:
                left = ", ".join(name for name in given if name not in ordered)
                raise ValueError(f"these stages wait for each other: {left}")
            ordered[free[0].name] = free[0]
        return cls(ordered)

    def only(self, name: str) -> Graph:
        """The stage and all that it waits for. Raises KeyError."""
        wanted, left = set[str](), [name]
        while left:
            stage = self.stages[left.pop()]
            wanted.add(stage.name)
            left += stage.inputs
        return Graph({each: stage for each, stage in self.stages.items() if each in wanted})
