"""The job that makes a recap: its progress, its retries, and that a second worker goes on where the first stopped."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from parley.recap.schedule import StageStatus
from parley.recap.stages import Context, Graph, StageError
from parley.signaling.job_kinds import Done, JobContext, JobKinds, Kind
from parley.signaling.job_runner import JobRunner
from parley.signaling.recap_job import make_recap
from tests.recap.stage_house import NAMES, diary, graph
from tests.signaling.job_house import PACE, House, house
from tests.support.recordings import RecordingMaker


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


class Desk:
    """A worker that makes recaps with these stages, and what it was told of them."""

    def __init__(self, home: House, directory: Path, stages: Graph) -> None:
        self.seen: list[StageStatus] = []
        kind = Kind("recap", lambda context: self._work(context, directory, stages), first_pause=0.02)
        self._runner = JobRunner(home.jobs, home.queue, JobKinds.of([kind]), f"worker{id(self)}", pace=PACE)
        self._stop = asyncio.Event()

    async def _work(self, context: JobContext, directory: Path, stages: Graph) -> Done:
        report = await make_recap(context, directory, stages, None, self._heard)
        return Done({status.name: status.state for status in report.stages})

    async def _heard(self, status: StageStatus) -> None:
        self.seen.append(status)

    async def __aenter__(self) -> Desk:
        self._task = asyncio.create_task(self._runner.run(self._stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task


def recording(home: House) -> Path:
    return RecordingMaker(home.directory / "rec", gestures=True).stop(at=5.0)


async def test_a_recap_is_made_and_every_state_is_told_in_order(home: House) -> None:
    directory = recording(home)
    async with Desk(home, directory, graph()) as desk:
        done = await home.reaches(await home.desk.ask("recap", "rec1"), "done")
    assert done.result == dict.fromkeys(NAMES, "done")
    assert [one.state for one in desk.seen if one.name == "reel"] == ["running", "running", "done"]
    assert diary(directory) == list(NAMES)


async def test_what_may_pass_is_tried_again_by_the_job_and_what_is_there_is_kept(home: House) -> None:
    directory, failures = recording(home), [3, 2, 1]

    def before(name: str, context: Context) -> None:
        if name == "summary" and failures:
            failures.pop()
            raise StageError("the model is out of reach", retriable=True)

    stages = Graph.of(replace(stage, attempts=1) for stage in graph(before).only("summary").stages.values())
    async with Desk(home, directory, stages):
        done = await home.reaches(await home.desk.ask("recap", "rec1"), "done")
    assert (done.attempts, done.result["summary"]) == (4, "done")
    assert diary(directory) == ["voice", "transcript", "summary"]


async def test_in_the_last_attempt_a_stage_stays_failed_and_the_rest_is_delivered(home: House) -> None:
    def before(name: str, context: Context) -> None:
        if name == "summary":
            raise StageError("the model answers garbage")

    async with Desk(home, recording(home), graph(before)):
        done = await home.reaches(await home.desk.ask("recap", "rec1"), "done")
    assert done.result == dict.fromkeys(NAMES, "done") | {"summary": "failed"}
    assert done.attempts == 1, "trying again would not help"


async def test_a_worker_that_stops_leaves_the_rest_to_the_next_one(home: House) -> None:
    directory = recording(home)
    reached = asyncio.Event()
    loop = asyncio.get_running_loop()

    def before(name: str, context: Context) -> None:
        if name == "summary":
            loop.call_soon_threadsafe(reached.set)
            while True:
                context.advance(0.1)

    async with Desk(home, directory, graph(before)):
        job = await home.desk.ask("recap", "rec1")
        await reached.wait()
    assert await home.state(job) == "waiting"
    assert diary(directory) == ["voice", "transcript"]
    async with Desk(home, directory, graph()):
        done = await home.reaches(job, "done")
    assert done.attempts == 1
    assert sorted(diary(directory)) == sorted(NAMES)


async def test_what_is_no_recording_is_given_up_at_once_with_words(home: House) -> None:
    async with Desk(home, home.directory / "nothing", graph()):
        failed = await home.reaches(await home.desk.ask("recap", "rec1"), "failed")
    assert failed.error.endswith("is not a recording: it has no recording.json")
    assert failed.attempts == 1


async def test_a_recording_that_somebody_works_on_is_waited_for(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.signaling.recap_job.BUSY_SECONDS", 0.05)
    directory = recording(home)
    (directory / "recap").mkdir()
    held = (directory / "recap" / ".lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    async with Desk(home, directory, graph()):
        job = await home.desk.ask("recap", "rec1", max_attempts=99)
        async with asyncio.timeout(10):
            while True:
                seen = await home.jobs.get(job.id)
                if seen is not None and "another process" in seen.error:
                    break
                await asyncio.sleep(0.01)
        held.close()
        await home.reaches(job, "done")
