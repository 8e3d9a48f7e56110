"""Workers do jobs: once each, also when workers die, the queue is gone, and clocks jump."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from parley.signaling.job_kinds import Done, JobContext, JobKinds, Kind
from parley.signaling.job_runner import JobRunner, wall_clock
from parley.signaling.process_identity import is_gone, my_identity
from parley.store.job_rules import LEASE_SECONDS
from tests.signaling.job_house import PACE, House, house
from tests.support.postgres import new_database, postgres_server
from tests.support.redis import redis_server
from tests.support.waiting import until


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


# --- one worker -------------------------------------------------------------------------------------------------------


async def test_a_job_that_is_asked_for_is_done_and_has_its_result(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1")
        done = await home.reaches(job, "done")
    assert (done.result, done.attempts, done.error) == ({"attempt": 1}, 1, "")
    assert home.diary == ["begin rec1 1", "end rec1 1"]
    assert await home.outcomes() == ["done rec1"]


async def test_a_job_that_fails_is_tried_again_after_a_pause_until_it_works(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"fails": 1, "breaks": 2})
        done = await home.reaches(job, "done")
    assert done.attempts == 3
    assert await home.outcomes() == ["done rec1"]


async def test_a_job_that_keeps_failing_is_given_up_with_the_last_words_and_somebody_is_told_once(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"breaks": 9}, max_attempts=2)
        failed = await home.reaches(job, "failed")
    assert failed.error == "ZeroDivisionError: oh"
    assert home.diary == ["begin rec1 1", "begin rec1 2"]
    assert await home.outcomes() == ["gave up rec1: ZeroDivisionError: oh"]


async def test_what_trying_again_cannot_help_is_given_up_at_once(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"fails": 1, "retriable": False})
        assert (await home.reaches(job, "failed")).error == "not yet"
    assert home.diary == ["begin rec1 1"]


async def test_short_jobs_pass_long_ones_and_long_ones_wait_for_each_other(home: House) -> None:
    async with home.working() as runner:
        await home.desk.ask("work", "long1", payload={"hangs": 1})
        await home.desk.ask("work", "long2")
        await until(lambda: "begin long1 1" in home.diary)
        job = await home.desk.ask("brief", "short", "short")
        await home.reaches(job, "done")
        assert runner.working == 1
    assert home.diary == ["begin long1 1", "begin short 1", "end short 1"]


async def test_stopping_gives_jobs_back_as_if_they_had_not_been_tried(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"hangs": 1})
        await until(lambda: home.diary)
    back = await home.jobs.get(job.id)
    assert back is not None
    assert (back.state, back.attempts, back.owner) == ("waiting", 0, None)


async def test_stopping_ends_a_thread_at_its_next_step(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"blocks": True})
        await until(lambda: home.diary)
    assert await home.state(job) == "waiting"
    assert "end rec1 1" not in home.diary


async def test_a_cancelled_job_stops_and_comes_to_nothing(home: House) -> None:
    async with home.working() as runner:
        job = await home.desk.ask("work", "rec1", payload={"blocks": True})
        await until(lambda: runner.working)
        await home.jobs.cancel("rec1", wall_clock())
        await until(lambda: not runner.working)
        assert await home.state(job) == "cancelled"
    assert await home.outcomes() == []


async def test_progress_is_seen_while_a_job_runs(home: House) -> None:
    async with home.working():
        job = await home.desk.ask("work", "rec1", payload={"blocks": True})
        async with asyncio.timeout(10):
            while True:
                seen = await home.jobs.get(job.id)
                if seen is not None and seen.progress > 0:
                    break
                await asyncio.sleep(0.02)


async def test_what_the_queue_lost_is_found_by_a_sweep(home: House) -> None:
    job = await home.jobs.enqueue("work", "rec1", wall_clock())
    told = await home.jobs.enqueue("work", "rec2", wall_clock() - timedelta(seconds=60))
    await home.jobs.told(told.id, wall_clock() - timedelta(seconds=60))
    async with home.working():
        await home.reaches(job, "done")
        await home.reaches(told, "done")


async def test_a_job_in_a_transaction_is_found_also_when_nobody_tells_of_it(home: House) -> None:
    async with home.working():
        async with home.database.session() as session:
            job = await home.desk.ask("work", "rec1", session=session)
        await home.reaches(job, "done")


async def test_a_periodic_job_exists_once_in_a_period_for_all_workers(home: House) -> None:
    ran: list[str] = []

    async def tick(context: JobContext) -> Done:
        ran.append(context.job.key)
        return Done()

    moment = wall_clock()
    kinds = JobKinds.of([Kind("tick", tick, "short", every=3600.0)])
    stop = asyncio.Event()
    runners = [
        JobRunner(home.jobs, home.queue, kinds, f"w{n}", pace=PACE, clock=lambda: moment).run(stop) for n in range(2)
    ]
    tasks = [asyncio.create_task(runner) for runner in runners]
    await until(lambda: len(ran) == 1, 10)
    moment += timedelta(hours=1)
    await until(lambda: len(ran) == 2, 10)
    await asyncio.sleep(3 * PACE.sweep)
    stop.set()
    await asyncio.gather(*tasks)
    assert len(set(ran)) == 2
    assert len(ran) == 2


def test_two_kinds_of_one_name_are_a_mistake_of_ours() -> None:
    async def work(context: JobContext) -> None: ...

    with pytest.raises(ValueError, match="two kinds"):
        JobKinds.of([Kind("a", work), Kind("a", work)])


# --- workers that die, or seem to -------------------------------------------------------------------------------------


async def test_a_killed_workers_job_is_done_by_another_one_and_only_once(home: House) -> None:
    first = await home.worker("first")
    try:
        job = await home.desk.ask("work", "rec1", payload={"hangs": 1})
        await until(lambda: "begin rec1 1" in home.diary, 30)
        async with home.working("second"):
            os.kill(first.pid, signal.SIGKILL)
            await first.wait()
            done = await home.reaches(job, "done", 10)
        assert done.result == {"attempt": 2}
        assert await home.outcomes() == ["done rec1"]
    finally:
        with contextlib.suppress(ProcessLookupError):
            first.kill()


async def test_a_job_that_kills_its_workers_is_given_up(home: House) -> None:
    job = await home.desk.ask("work", "rec1", max_attempts=2)
    for attempt in (1, 2):
        dead = await home.jobs.leases(["work"])
        assert await home.jobs.claim(job.id, f"worker{attempt}", wall_clock(), dead[0] if dead else None)
    stop = asyncio.Event()
    runner = JobRunner(home.jobs, home.queue, home.kinds(), "w", is_gone=lambda owner: True, pace=PACE)
    task = asyncio.create_task(runner.run(stop))
    failed = await home.reaches(job, "failed")
    stop.set()
    await task
    assert failed.error == "It was given up after its worker ended 2 times."
    assert await home.outcomes() == [f"gave up rec1: {failed.error}"]
    assert home.diary == []


async def test_a_worker_that_is_told_to_stop_gives_its_job_to_the_other(home: House) -> None:
    first = await home.worker("first")
    job = await home.desk.ask("work", "rec1", payload={"takes": 0.3})
    await until(lambda: "begin rec1 1" in home.diary, 30)
    async with home.working("second"):
        first.terminate()
        assert await first.wait() == 0
        done = await home.reaches(job, "done", 10)
    assert done.attempts == 1
    assert await home.outcomes() == ["done rec1"]
    assert "bye first" in home.diary


async def test_clocks_that_jump_make_no_second_result(home: House) -> None:
    jump = timedelta()
    stop = asyncio.Event()
    runners = [
        JobRunner(home.jobs, home.queue, home.kinds(), name, pace=PACE, clock=lambda: wall_clock() + jump)
        for name in ("one", "two")
    ]
    tasks = [asyncio.create_task(runner.run(stop)) for runner in runners]
    jobs = [await home.desk.ask("work", f"rec{n}", payload={"takes": 0.4}) for n in range(4)]
    for hours in (24, -24, 1, 0):
        jump = timedelta(hours=hours)
        await asyncio.sleep(0.3)
    for job in jobs:
        assert (await home.reaches(job, "done")).attempts == 1
    stop.set()
    await asyncio.gather(*tasks)
    assert await home.outcomes() == [f"done rec{n}" for n in range(4)]


async def test_a_worker_whose_lease_was_taken_stops_and_writes_nothing(home: House) -> None:
    async with home.working("slow") as slow:
        job = await home.desk.ask("work", "rec1", payload={"hangs": 1})
        await until(lambda: slow.working)
        taken = None
        while taken is None:
            (lease,) = await home.jobs.leases(["work"])
            taken = await home.jobs.claim(job.id, "fast", wall_clock(), lease)
        await until(lambda: not slow.working)
        await home.jobs.finish(taken, wall_clock(), "fast")
    done = await home.jobs.get(job.id)
    assert done is not None
    assert (done.state, done.result) == ("done", "fast")
    assert await home.outcomes() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql and redis"])
async def test_two_workers_at_once_do_every_job_once_while_one_after_the_other_is_killed(
    tmp_path: Path, kind: str
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        redis_url = database_url = ""
        if kind != "sqlite":
            redis_url = await stack.enter_async_context(redis_server(tmp_path))
            database_url = new_database(stack.enter_context(postgres_server()), "parley")
        home = await stack.enter_async_context(house(tmp_path, redis_url, database_url))
        workers = [await home.worker(name) for name in ("one", "two")]
        jobs = []
        for victim, after in ((workers[0], "three"), (workers[1], "")):
            before = len(home.diary)
            jobs += [
                await home.desk.ask("work", f"rec{n:02}", payload={"takes": 0.05})
                for n in range(len(jobs), len(jobs) + 10)
            ]
            await until(lambda count=before: len(home.diary) >= count + 6, 30)
            victim.kill()
            await victim.wait()
            workers += [await home.worker(after)] if after else []
        for job in jobs:
            await home.reaches(job, "done", 60)
        workers[2].terminate()
        await workers[2].wait()
        assert await home.outcomes() == [f"done rec{n:02}" for n in range(20)]


async def test_while_redis_is_gone_jobs_are_done_and_when_it_is_back_too(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as url, house(tmp_path, url) as home, home.working():
        await home.reaches(await home.desk.ask("work", "before"), "done")
        await _kill_redis(tmp_path)
        await home.reaches(await home.desk.ask("work", "meanwhile"), "done")
        async with redis_server(tmp_path):
            await home.reaches(await home.desk.ask("work", "after"), "done")
    assert home.diary.count("end meanwhile 1") == 1


async def _kill_redis(directory: Path) -> None:
    """The server whose socket is in this directory, found by its own word."""
    import redis.asyncio

    client = redis.asyncio.Redis(unix_socket_path=str(directory / "redis.sock"))
    pid = (await client.info("server"))["process_id"]
    await client.aclose()
    os.kill(pid, signal.SIGKILL)
    await until(lambda: is_gone(my_identity("x").replace(f".{os.getpid()}.", f".{pid}.")))


# --- who is gone ------------------------------------------------------------------------------------------------------


async def test_a_process_knows_which_others_of_its_machine_are_gone() -> None:
    me = my_identity("recap-0")
    assert not is_gone(me)
    assert not is_gone(me + "#claim")
    child = await asyncio.create_subprocess_exec("sleep", "60")
    machine, _, start, *_ = me.split(".")
    other = f"{machine}.{child.pid}.{start}.recap-1"
    assert is_gone(other), "it has the number of a process that began at another time"
    child.kill()
    await child.wait()
    for elsewhere in ("", "x", "another.1.1.name", f"{machine}.x.1", "0123456789ab.1.1.name"):
        assert not is_gone(elsewhere)


def test_the_lease_is_long_enough_for_some_beats_to_be_lost() -> None:
    from parley.store.job_rules import BEAT_SECONDS

    assert LEASE_SECONDS >= 5 * BEAT_SECONDS
