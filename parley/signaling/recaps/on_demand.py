"""How far films are that somebody asked for: what is there is ready, of the rest their jobs tell. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parley.conversations.recaps import Stage
from parley.signaling.recaps.orders import CLIP, FILM
from parley.signaling.schema.recaps import RecapClip, StageState
from parley.store.job import Job

CLIPS = "clips"
"""The folder of clips among what was made of a recording."""

_GONE = "It was not made. Ask for it again."


def clip_file(moment: str) -> str:
    """The name of a moment's clip among the recap's media."""
    return f"{CLIPS}/clip-{moment}.mp4"


@dataclass(frozen=True, slots=True)
class OnDemand:
    """See the module. jobs: of this recording, of any kind. clips: names of the files that are there."""

    jobs: tuple[Job, ...] = ()
    clips: frozenset[str] = frozenset()

    def clip(self, moment: str) -> RecapClip | None:
        """That of a moment; None when nobody asked for it."""
        file = clip_file(moment)
        if file in self.clips:
            return RecapClip(StageState.DONE, 1.0, file=file)
        job = _last(job for job in self.jobs if job.kind == CLIP and job.payload.get("moment") == moment)
        if job is None:
            return None
        state, words = _state(job)
        return RecapClip(state, job.progress, words)

    def film(self, stage: Stage | None) -> Stage | None:
        """The stage of the whole meeting's film, of which the database knows `stage`; None when nobody asked for it."""
        job = _last(job for job in self.jobs if job.kind == FILM)
        if job is None or job.state == "done":
            return stage
        state, words = _state(job)
        progress = stage.progress if stage is not None and state is StageState.RUNNING else 0.0
        return Stage(FILM, state.value, progress, words)


def _last(jobs: Iterable[Job]) -> Job | None:
    return max(jobs, key=lambda job: job.created_at, default=None)


def _state(job: Job) -> tuple[StageState, str]:
    """As people see it. A job that is done has left a file; where that is gone, it can be made again."""
    match job.state:
        case "waiting":
            return StageState.WAITING, job.error
        case "running":
            return StageState.RUNNING, ""
        case _:
            return StageState.FAILED, job.error or _GONE
