"""The queue of hints, embedded and in Redis: each hint once, in order, and no code of anybody's."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis

from parley.store.queue import JobQueue, QueueUnavailableError
from tests.support.redis import redis_server


@pytest.fixture(params=["embedded", "redis"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[JobQueue, JobQueue]]:
    """The queue as two processes see it."""
    if request.param == "embedded":
        queues = JobQueue(tmp_path), JobQueue(tmp_path)
        yield queues
    else:
        async with redis_server(tmp_path) as url:
            queues = JobQueue(tmp_path, url), JobQueue(tmp_path, url)
            yield queues
    for queue in queues:
        await queue.close()


async def test_each_hint_is_taken_once_by_somebody_and_in_order(pair: tuple[JobQueue, JobQueue]) -> None:
    here, there = pair
    for number in range(6):
        await here.tell("long", f"job{number}")
    taken = [await queue.take("long") for queue in (here, there, there, here, there, here, here)]
    assert taken == [f"job{number}" for number in range(6)] + [None]


async def test_short_jobs_do_not_stand_behind_long_ones(pair: tuple[JobQueue, JobQueue]) -> None:
    here, there = pair
    await here.tell("long", "film")
    await here.tell("short", "delete")
    assert await there.take("short") == "delete"
    assert await there.take("short") is None
    assert await there.take("long") == "film"


class Harm:
    """What would be run by whoever unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('harm')",))


async def test_what_somebody_else_put_into_redis_is_not_run(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as url:
        queue = JobQueue(tmp_path, url)
        await queue.tell("long", "good")
        client = redis.Redis.from_url(url)
        (key,) = client.keys("huey.redis.*")
        for bad in (pickle.dumps(Harm()), b"", b"[1]", b'["a","no.such.task"]', b"{}", b"\xff"):
            client.rpush(key, bad)
            assert await queue.take("long") is None
        assert await queue.take("long") == "good"
        client.close()
        await queue.close()


async def test_a_queue_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as url:
        queue = JobQueue(tmp_path, url)
        await queue.tell("long", "a")
    for asked in (queue.tell("long", "b"), queue.take("long")):
        with pytest.raises(QueueUnavailableError):
            await asked
    (tmp_path / "file").write_text("")
    broken = JobQueue(tmp_path / "file")
    with pytest.raises(QueueUnavailableError):
        await broken.tell("long", "a")
    await queue.close()
    await broken.close()


async def test_the_embedded_queue_outlives_its_process(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path / "data")
    await queue.tell("long", "a")
    await queue.close()
    assert sqlite3.connect(tmp_path / "data" / "queue.db").execute("SELECT count(*) FROM task").fetchone() == (1,)
    queue = JobQueue(tmp_path / "data")
    assert await queue.take("long") == "a"
    await queue.close()
