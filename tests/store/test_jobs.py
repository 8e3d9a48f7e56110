"""Jobs in the table, on SQLite and PostgreSQL: claimed by one, ended once, and never lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from parley.store.database import Database
from parley.store.job import Job
from parley.store.job_rules import LEASE_SECONDS, LONGEST_PAUSE
from parley.store.jobs import Jobs, LeaseLostError
from parley.store.tables import AccountRow
from tests.support.postgres import new_database, postgres_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as directory:
        yield new_database(directory, "parley")


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}")
        await database.migrate()
    else:
        database = Database(request.getfixturevalue("postgres"))
        await database.migrate()
        async with database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM jobs"))
            await connection.execute(text("DELETE FROM accounts"))
    yield database
    await database.close()


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


async def claimed(jobs: Jobs, **options: int) -> Job:
    job = await jobs.enqueue("recap", "rec1", NOW, **options)
    mine = await jobs.claim(job.id, "worker", NOW)
    assert mine is not None
    return mine


async def test_the_same_work_is_one_job_however_often_and_at_once_it_is_asked_for(jobs: Jobs) -> None:
    found = await asyncio.gather(*(jobs.enqueue("recap", "rec1", after(n), payload={"n": n}) for n in range(8)))
    assert len({job.id for job in found}) == 1
    other = await jobs.enqueue("recap", "rec1", NOW, key="recap:rec1:film")
    assert other.id != found[0].id
    assert len(await jobs.of("rec1")) == 2


async def test_a_job_is_what_was_asked_for(jobs: Jobs) -> None:
    job = await jobs.enqueue("recap", "rec1", NOW, payload={"film": True}, not_before=after(60), max_attempts=3)
    assert (job.kind, job.subject, job.payload, job.state) == ("recap", "rec1", {"film": True}, "waiting")
    assert (job.not_before, job.max_attempts, job.attempts, job.created_at) == (after(60), 3, 0, NOW)
    assert await jobs.get(job.id) == job


async def test_a_job_in_a_transaction_is_there_when_that_commits(database: Database, jobs: Jobs) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with database.session() as session:
            await jobs.enqueue("recap", "lost", NOW, session=session)
            raise ZeroDivisionError
    async with database.session() as session:
        kept = await jobs.enqueue("recap", "kept", NOW, session=session)
    assert await jobs.of("lost") == []
    assert await jobs.of("kept") == [kept]


async def test_of_many_who_claim_a_job_one_gets_it(jobs: Jobs) -> None:
    job = await jobs.enqueue("recap", "rec1", NOW)
    claims = await asyncio.gather(*(jobs.claim(job.id, "worker", NOW) for _ in range(8)))
    (mine,) = [claim for claim in claims if claim is not None]
    assert (mine.state, mine.attempts, mine.started_at) == ("running", 1, NOW)
    assert await jobs.claim(job.id, "worker", after(9_999)) is None


async def test_a_job_is_not_claimed_before_its_time(jobs: Jobs) -> None:
    job = await jobs.enqueue("recap", "rec1", NOW, not_before=after(86_400))
    assert await jobs.claim(job.id, "worker", after(86_399)) is None
    assert await jobs.claim(job.id, "worker", after(86_400)) is not None
    assert await jobs.claim("no such job", "worker", NOW) is None


async def test_a_finished_job_has_its_result_and_stays_finished(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    await jobs.finish(mine, after(7), {"lines": [1, 2]})
    done = await jobs.get(mine.id)
    assert done is not None
    assert (done.state, done.result, done.progress, done.finished_at) == ("done", {"lines": [1, 2]}, 1.0, after(7))
    with pytest.raises(LeaseLostError):
        await jobs.finish(mine, after(8), "another")
    with pytest.raises(LeaseLostError):
        await jobs.give_up(mine, after(8), "no")
    assert await jobs.get(mine.id) == done
    assert (await jobs.enqueue("recap", "rec1", after(9))).state == "done"


async def test_what_is_written_with_the_end_of_a_job_is_written_once_or_not_at_all(
    database: Database, jobs: Jobs
) -> None:
    async def count() -> int:
        async with database.engine.connect() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM accounts"))).scalar_one())

    def also(key: str, broken: bool = False):
        async def write(session: AsyncSession) -> None:
            fields = {"email": key, "name": key, "password_hash": "x", "created_at": NOW, "terms_accepted_at": NOW}
            session.add(AccountRow(id=key, **fields))
            await session.flush()
            if broken:
                raise ZeroDivisionError

        return write

    mine = await claimed(jobs)
    with pytest.raises(ZeroDivisionError):
        await jobs.finish(mine, NOW, None, also("a", broken=True))
    assert (await count(), (await jobs.of("rec1"))[0].state) == (0, "running")
    await jobs.finish(mine, NOW, None, also("b"))
    with pytest.raises(LeaseLostError):
        await jobs.finish(mine, NOW, None, also("c"))
    assert (await count(), (await jobs.of("rec1"))[0].state) == (1, "done")


async def test_a_dead_workers_job_is_taken_over_by_one_and_the_dead_one_has_no_say_any_more(jobs: Jobs) -> None:
    first = await claimed(jobs)
    (lease,) = await jobs.leases(["recap"])
    assert (lease.job, lease.owner, lease.until) == (first.id, first.owner, after(LEASE_SECONDS).timestamp())
    late = after(LEASE_SECONDS + 1)
    claims = await asyncio.gather(*(jobs.claim(first.id, "other", late, lease) for _ in range(4)))
    (second,) = [claim for claim in claims if claim is not None]
    assert second.attempts == 2
    for act in (
        lambda: jobs.beat(first, late, 0.5), lambda: jobs.finish(first, late, "first"),
        lambda: jobs.put_off(first, late, "x", 1), lambda: jobs.release(first, late),
        lambda: jobs.give_up(first, late, "x"),
    ):  # fmt: skip
        with pytest.raises(LeaseLostError):
            await act()
    await jobs.finish(second, late, "second")
    done = await jobs.get(first.id)
    assert done is not None
    assert done.result == "second"


async def test_a_lease_that_was_renewed_meanwhile_cannot_be_taken_over(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    (stale,) = await jobs.leases(["recap"])
    await jobs.beat(mine, after(5), 0.25)
    assert await jobs.claim(mine.id, "other", after(99), stale) is None
    seen = await jobs.get(mine.id)
    assert seen is not None
    assert (seen.progress, seen.owner) == (0.25, mine.owner)


async def test_a_job_that_did_not_work_waits_its_time_and_says_why(jobs: Jobs) -> None:
    mine = await claimed(jobs, max_attempts=2)
    assert not mine.last_attempt
    await jobs.put_off(mine, NOW, "the model is out of reach", 40)
    assert await jobs.claim(mine.id, "worker", after(39)) is None
    again = await jobs.claim(mine.id, "worker", after(40))
    assert again is not None
    assert again.last_attempt
    assert again.error == "the model is out of reach"
    await jobs.give_up(again, after(41), "x" * 10_000)
    failed = await jobs.get(mine.id)
    assert failed is not None
    assert (failed.state, failed.finished_at, len(failed.error)) == ("failed", after(41), 500)


async def test_a_job_that_was_given_back_was_not_tried(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    await jobs.release(mine, after(3))
    back = await jobs.get(mine.id)
    assert back is not None
    assert (back.state, back.attempts, back.owner) == ("waiting", 0, None)
    assert await jobs.claim(mine.id, "other", after(3)) is not None


async def test_a_retry_is_not_lost_to_a_clock_that_jumps_back(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    await jobs.put_off(mine, NOW, "no", LONGEST_PAUSE)
    assert await jobs.claim(mine.id, "worker", after(-60)) is None
    assert await jobs.claim(mine.id, "worker", after(-86_400)) is not None


async def test_cancelling_ends_what_is_open_and_its_worker_notices(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    await jobs.enqueue("film", "rec1", NOW)
    other = await jobs.enqueue("recap", "rec2", NOW)
    assert await jobs.cancel("rec1", NOW, kinds=["film"]) == 1
    assert await jobs.cancel("rec1", NOW) == 1
    assert [job.state for job in await jobs.of("rec1")] == ["cancelled", "cancelled"]
    with pytest.raises(LeaseLostError):
        await jobs.beat(mine, NOW, 0.5)
    assert await jobs.of("rec2") == [other]


async def test_only_what_has_ended_can_be_asked_for_again(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    assert not await jobs.again(mine.id, NOW)
    await jobs.finish(mine, NOW, "first")
    assert await jobs.again(mine.id, after(60))
    fresh = await jobs.get(mine.id)
    assert fresh is not None
    assert (fresh.state, fresh.attempts, fresh.result, fresh.progress) == ("waiting", 0, None, 0.0)


async def test_what_is_due_is_told_once_and_again_when_nobody_came(jobs: Jobs) -> None:
    job = await jobs.enqueue("recap", "rec1", NOW)
    await jobs.enqueue("recap", "later", NOW, not_before=after(1_000))
    await jobs.enqueue("unknown", "rec1", NOW)
    both = await asyncio.gather(jobs.untold(["recap"], NOW), jobs.untold(["recap"], NOW))
    assert [found.id for found in both[0] + both[1]] == [job.id]
    assert await jobs.untold(["recap"], after(29)) == []
    assert [found.id for found in await jobs.untold(["recap"], after(31))] == [job.id]
    assert [found.id for found in await jobs.untold(["recap"], after(0))] == [job.id], "the clock has jumped back"
    await jobs.claim(job.id, "worker", after(32))
    assert await jobs.untold(["recap"], after(99)) == []


async def test_counts_durations_and_forgetting(jobs: Jobs) -> None:
    mine = await claimed(jobs)
    await jobs.finish(mine, after(12))
    await jobs.enqueue("recap", "rec2", NOW)
    assert await jobs.counts() == {("recap", "done"): 1, ("recap", "waiting"): 1}
    assert await jobs.durations(after(0)) == {"recap": [12.0]}
    assert await jobs.durations(after(13)) == {}
    assert await jobs.prune(after(12)) == 0
    assert await jobs.prune(after(13)) == 1
    assert await jobs.counts() == {("recap", "waiting"): 1}
