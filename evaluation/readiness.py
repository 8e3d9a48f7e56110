"""How soon after a meeting its recap is there: `python -m evaluation.readiness`, or `--help`.

A synthetic meeting (long_meeting.py) is followed faster than real time, with a recogniser that stands in for a real one
and whose cost is known, so that only the pipeline is measured. For each run a worker's own job (Follower, with its
database and blobs) takes over shortly before the end, follows the last seconds in real time, and from the moment when
everybody has left the clock runs: until the transcript is published, and until the job says that all is done. At last
all stages but the transcript are made from scratch.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.long_meeting import SCRIPT, LongMeeting, Write, write
from evaluation.stand_in import StandIn
from parley.conversations.accounts import Accounts
from parley.conversations.meetings import Meetings
from parley.conversations.notices import Notices
from parley.conversations.recaps import Recaps
from parley.conversations.recordings import Recording as Known
from parley.conversations.recordings import Recordings
from parley.recap import summary
from parley.recap.ahead import reel_ahead
from parley.recap.engines import Engines
from parley.recap.live import LiveTranscriber
from parley.recap.pipeline import STAGES, RecapSettings, ledger_of
from parley.recap.recording import Recording
from parley.recap.runner import Runner
from parley.recap.summary import SummarySettings
from parley.signaling.job_kinds import JobContext
from parley.signaling.recaps.completion import Completion
from parley.signaling.recaps.following import Follower
from parley.signaling.recaps.library import key_of
from parley.store import recording as stored
from parley.store.database import Database
from parley.store.job import Job
from parley.store.jobs import Jobs
from parley.store.local_blobs import LocalBlobs

TRANSCRIPT_SECONDS, ALL_SECONDS, SCRATCH_SECONDS = 2.0, 10.0, 60.0
"""What is to be reached, the first two at the 95th percentile."""
STEP_SECONDS = 30.0
SLICE_SECONDS = 0.25
BEHIND_SECONDS = 300.0
"""The follower's clock stands so far behind the recording, so that its catching up isn't taken for a silence."""
ID = "readiness"


@dataclass(frozen=True)
class Run:
    """Seconds from the last leave until each artefact was published, and until all was done.

    processor: seconds of it used meanwhile.
    """

    published: dict[str, float]
    complete: float
    processor: float
    failed: tuple[str, ...]


class _Counted(Recordings):
    """Tells how often the follower has looked."""

    looks = 0

    async def get(self, recording_id: str) -> Known | None:
        self.looks += 1
        return await super().get(recording_id)


def prepare(directory: Path, people: int, seconds: float, tail: float, settings: RecapSettings) -> list[list[Write]]:
    """Record and follow a meeting up to its last seconds; what is to be written in those, slice by slice, and at last
    what everybody's leaving writes."""
    meeting = LongMeeting(directory, people, seconds)
    (directory / stored.RECAP).mkdir()
    live = LiveTranscriber(directory, settings.choose(settings.speech), settings.speech)
    ledger, at, spent = ledger_of(directory), 0.0, 0.0
    while at < seconds - tail:
        at = min(at + STEP_SECONDS, seconds - tail)
        write(meeting.advance(at))
        began = time.process_time()
        recording = Recording.open(directory)
        while list(live.step(recording, now=at)) or live.backlog:
            pass
        said = live.transcript()
        until = max((one.end for one in said.segments if one.confirmed), default=0.0)
        asyncio.run(summary.note_ahead(recording, said, settings.summary, ledger, until))
        reel_ahead(recording, said, ledger, directory / stored.RECAP, lambda: False)
        spent += time.process_time() - began
        _say(f"followed {at / 60:.1f} min, {100 * spent / at:.1f} % of a core per second of meeting")
    slices = []
    while at < seconds:
        at = min(at + SLICE_SECONDS, seconds)
        slices.append(meeting.advance(at))
    return [*slices, meeting.leave()]


async def run(directory: Path, slices: Sequence[Sequence[Write]], settings: RecapSettings, starts: float) -> Run:
    """Follow the last slices in real time, from second `starts` on, and measure."""
    root = directory.parent
    database = Database(f"sqlite+aiosqlite:///{root / 'readiness.db'}")
    await database.migrate()
    account = await Accounts(database).sign_up("host@example.org", "Ann", "a long enough password", True)
    meeting = await Meetings(database).create(account.account_id)
    recordings, recaps, jobs = _Counted(database), Recaps(database), Jobs(database)
    head = stored.read_head(directory)
    known = Known(ID, meeting.meeting_id, head.started_at)
    await recordings.began(meeting.meeting_id, known)
    blobs = LocalBlobs(root / "blobs")
    began = time.time()
    first = head.started_at.timestamp() + starts - BEHIND_SECONDS

    def clock() -> float:
        return first + time.time() - began

    follower = Follower(
        root, settings, recordings, recaps, blobs, Completion(Notices(database), jobs, ""), clock
    )  # fmt: skip
    work = asyncio.ensure_future(follower.work(JobContext(_job())))
    try:
        while recordings.looks < 3 and not work.done():  # noqa: ASYNC110 - until it has caught up
            await asyncio.sleep(SLICE_SECONDS)
        now = time.monotonic()
        for number, each in enumerate(slices[:-1], 1):
            await asyncio.to_thread(write, list(each))
            await asyncio.sleep(max(0.0, now + number * SLICE_SECONDS - time.monotonic()))
        await asyncio.to_thread(write, list(slices[-1]))
        left, processor = time.time(), time.process_time()
        await recordings.ended(ID, datetime.now(UTC))
        done = await work
        complete, processor = time.time() - left, time.process_time() - processor
    finally:
        work.cancel()
        await database.close()
    published = {}
    for name in STAGES.stages:
        path = blobs.local_path(key_of(ID, f"{stored.RECAP}/{name}.json"))
        if path is not None and path.exists():
            published[name] = path.stat().st_mtime - left
    failed = done.result["failed"] if done is not None else []
    return Run(published, complete, processor, tuple(failed))


def from_scratch(directory: Path, settings: RecapSettings) -> tuple[float, float, dict[str, float]]:
    """Make everything again but the transcript: wall seconds, processor seconds, wall seconds of each stage."""
    recap = directory / stored.RECAP
    for path in recap.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.stem != "transcript":  # that and its journal
            path.unlink()
    began, processor = time.monotonic(), time.process_time()
    report = Runner(directory, STAGES, settings, parallel=2).run()
    wall, processor = time.monotonic() - began, time.process_time() - processor
    if report.failed:
        raise SystemExit("; ".join(f"{one.name} failed: {one.words}" for one in report.failed))
    return wall, processor, {one.name: one.seconds for one in report.stages if not one.cached}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them doesn't exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 100) * len(ordered) // 100) - 1)]


def _job() -> Job:
    now = datetime.now(UTC)
    return Job(
        id="job", kind="follow", subject=ID, key="job", payload={}, state="running", attempts=1, max_attempts=5,
        not_before=now, owner="evaluation", progress=0.0, error="", result=None, created_at=now, started_at=now,
        finished_at=None,
    )  # fmt: skip


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _row(what: str, values: Sequence[float], target: float | None) -> None:
    last = "" if target is None else f"{target:8.1f}  {'yes' if percentile(values, 0.95) <= target else 'no'}"
    print(f"{what:<34}{percentile(values, 0.5):8.2f}{percentile(values, 0.95):8.2f}{last}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--runs", type=int, default=3, help="20 for figures to be written down")
    parser.add_argument("--cost", type=float, default=0.02, help="the recogniser's seconds per second of speech")
    parser.add_argument("--tail", type=float, default=30, help="seconds that each run follows in real time")
    parser.add_argument("--directory", type=Path, help="where to write (and remove) some GB; default: a temporary one")
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60
    stand_in = StandIn(SCRIPT)
    settings = RecapSettings(summary=SummarySettings(), choose=lambda _: Engines((stand_in,)))
    with TemporaryDirectory(dir=arguments.directory) as name:
        base = Path(name) / "base" / ID
        slices = prepare(base, arguments.people, seconds, arguments.tail, settings)
        stand_in.cost = arguments.cost
        runs: list[Run] = []
        directory = base
        for number in range(arguments.runs):
            directory = Path(name) / f"run{number}" / ID
            shutil.copytree(base, directory)
            os.sync()
            moved = [[(directory / path.relative_to(base), at, data) for path, at, data in each] for each in slices]
            runs.append(asyncio.run(run(directory, moved, settings, seconds - arguments.tail)))
            each = " ".join(f"{what} {at:.1f}" for what, at in runs[-1].published.items())
            _say(f"run {number + 1}: {each} all {runs[-1].complete:.1f} s, processor {runs[-1].processor:.1f} s")
            if number + 1 < arguments.runs:
                shutil.rmtree(directory.parent)
        stand_in.cost = 0
        wall, processor, stages = from_scratch(directory, settings)
    print(
        f"{arguments.minutes:g} min, {arguments.people} people, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[2]:.1f}, {len(runs)} runs, recogniser {arguments.cost:g} s per second"
    )
    print(f"{'seconds after the last leave':<34}{'p50':>8}{'p95':>8}{'target':>8}")
    _row("transcript published", [one.published["transcript"] for one in runs], TRANSCRIPT_SECONDS)
    for stage in STAGES.stages:
        if stage != "transcript" and all(stage in one.published for one in runs):
            _row(f"  {stage} published", [one.published[stage] for one in runs], None)
    _row("everything, members told", [one.complete for one in runs], ALL_SECONDS)
    _row("  processor seconds for it", [one.processor for one in runs], None)
    if any(one.failed for one in runs):
        print(f"failed stages: {', '.join(sorted({each for one in runs for each in one.failed}))}")
    print("from scratch, all but the transcript")
    _row("  seconds", [wall], SCRATCH_SECONDS)
    _row("  processor seconds for it", [processor], None)
    for stage, took in stages.items():
        _row(f"  {stage}", [took], None)


if __name__ == "__main__":
    main()
