"""Jobs for tests: a database and a queue in a directory, kinds that write down what they do, workers as processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from parley.signaling.job_desk import JobDesk
from parley.signaling.job_kinds import Done, JobContext, JobError, JobKinds, Kind
from parley.signaling.job_runner import JobRunner, Pace
from parley.signaling.process_identity import is_gone, my_identity
from parley.store.database import Database
from parley.store.job import Job
from parley.store.jobs import Jobs
from parley.store.queue import JobQueue
from tests.support.waiting import until

PACE = Pace(poll=0.02, sweep=0.1, beat=0.2)


class House:
    """One directory with a database, a queue, and `diary`: a line for each thing that a job did."""

    def __init__(self, directory: Path, redis_url: str = "", database_url: str = "") -> None:
        self.directory = directory
        self.redis_url = redis_url
        self.database = Database(database_url or f"sqlite+aiosqlite:///{directory / 'parley.db'}")
        self.jobs = Jobs(self.database)
        self.queue = JobQueue(directory, redis_url)
        self.desk = JobDesk(self.jobs, self.queue)

    def write(self, line: str) -> None:
        with (self.directory / "diary").open("a") as diary:
            diary.write(line + "\n")

    @property
    def diary(self) -> list[str]:
        path = self.directory / "diary"
        return path.read_text().splitlines() if path.exists() else []

    def kinds(self) -> JobKinds:
        """What the jobs of these tests do; their payload says how."""
        return JobKinds.of(
            [
                Kind("work", self._work, gave_up=self._gave_up, first_pause=0.05),
                Kind("brief", self._work, "short", gave_up=self._gave_up, first_pause=0.05),
            ]
        )

    async def _work(self, context: JobContext) -> Done:
        job = context.job
        self.write(f"begin {job.subject} {job.attempts}")
        if job.attempts <= job.payload.get("fails", 0):
            raise JobError("not yet", retriable=job.payload.get("retriable", True))
        if job.attempts <= job.payload.get("breaks", 0):
            raise ZeroDivisionError("oh")
        if job.attempts <= job.payload.get("hangs", 0):
            await asyncio.sleep(60)
        if job.payload.get("blocks"):
            await asyncio.to_thread(self._block, context)
        await asyncio.sleep(job.payload.get("takes", 0.0))
        self.write(f"end {job.subject} {job.attempts}")
        return Done({"attempt": job.attempts}, self._also(f"done {job.subject}"))

    def _block(self, context: JobContext) -> None:
        """A thread that looks now and then whether it is still wanted."""
        for step in range(10_000):
            context.advance(step / 10_000)
            time.sleep(0.005)

    def _also(self, line: str):
        async def write(session: AsyncSession) -> None:
            await session.execute(text("INSERT INTO outcomes VALUES (:line)"), {"line": line})

        return write

    async def _gave_up(self, session: AsyncSession, job: Job, words: str) -> None:
        await self._also(f"gave up {job.subject}: {words}")(session)

    async def outcomes(self) -> list[str]:
        """What was written together with the ends of jobs."""
        async with self.database.engine.connect() as connection:
            return sorted(line for (line,) in await connection.execute(text("SELECT line FROM outcomes")))

    async def state(self, job: Job) -> str:
        found = await self.jobs.get(job.id)
        return found.state if found else "none"

    async def reaches(self, job: Job, state: str, seconds: float = 30) -> Job:
        """Wait until the job is in this state."""
        async with asyncio.timeout(seconds):
            while await self.state(job) != state:  # noqa: ASYNC110 - another process sets it
                await asyncio.sleep(0.02)
        found = await self.jobs.get(job.id)
        assert found is not None
        return found

    def runner(self, name: str = "worker") -> JobRunner:
        return JobRunner(self.jobs, self.queue, self.kinds(), my_identity(name), is_gone=is_gone, pace=PACE)

    @contextlib.asynccontextmanager
    async def working(self, name: str = "worker") -> AsyncIterator[JobRunner]:
        """A worker in this process; it is stopped in order."""
        runner, stop = self.runner(name), asyncio.Event()
        task = asyncio.create_task(runner.run(stop))
        try:
            yield runner
        finally:
            stop.set()
            await task

    async def worker(self, name: str) -> asyncio.subprocess.Process:
        """A worker in a process of its own, once it works."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.signaling.job_house", str(self.directory), self.redis_url,
            str(self.database.url), name, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        await until(lambda: f"ready {name}" in self.diary, 60)
        return process


@contextlib.asynccontextmanager
async def house(directory: Path, redis_url: str = "", database_url: str = "") -> AsyncIterator[House]:
    """An empty one."""
    made = House(directory, redis_url, database_url)
    await made.database.migrate()
    async with made.database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS outcomes"))
        await connection.execute(text("DELETE FROM jobs"))
        await connection.execute(text("CREATE TABLE outcomes (line TEXT)"))
    try:
        yield made
    finally:
        await made.queue.close()
        await made.database.close()


async def _main(directory: str, redis_url: str, database_url: str, name: str) -> None:
    """A worker process: until SIGTERM."""
    made = House(Path(directory), redis_url, database_url)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    made.write(f"ready {name}")
    await made.runner(name).run(stop)
    await made.queue.close()
    await made.database.close()
    made.write(f"bye {name}")
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
