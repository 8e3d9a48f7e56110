"""The recap worker as a process of `parley serve`: behind everything else, started again, stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from pathlib import Path

from parley.signaling.child import Orders, pack_settings
from parley.signaling.priority import NICE
from parley.signaling.supervisor import Keeper
from parley.store.settings import load
from tests.support.waiting import until


def job_states(database: Path) -> list[tuple[str, str]]:
    with contextlib.suppress(sqlite3.OperationalError), sqlite3.connect(database) as connection:
        return list(connection.execute("SELECT kind, state FROM jobs"))
    return []


async def test_a_recap_worker_steps_back_does_jobs_and_comes_again_when_it_is_killed(tmp_path: Path) -> None:
    settings = load({"data_dir": tmp_path, "media_nodes": 1}, environ={})
    readies: list[str] = []
    fatal: list[str] = []
    keeper = Keeper(Orders("recap", "recap-0", pack_settings(settings), "secret"), readies.append, fatal.append)
    running = asyncio.create_task(keeper.run())
    try:
        await until(lambda: readies or fatal, 60)
        assert fatal == []
        pid = keeper.pid
        assert pid is not None
        assert os.getpriority(os.PRIO_PROCESS, pid) == NICE
        assert os.sched_getscheduler(pid) == os.SCHED_BATCH
        await until(lambda: ("forget_jobs", "done") in job_states(tmp_path / "parley.db"), 30)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: len(readies) == 2, 60)
        before = asyncio.get_running_loop().time()
        await keeper.stop(10.0)
        assert asyncio.get_running_loop().time() - before < 8
    finally:
        keeper.kill()
        await running
    assert [state for state in job_states(tmp_path / "parley.db") if state[0] == "forget_jobs"] == [
        ("forget_jobs", "done")
    ]


async def test_a_worker_without_a_database_says_so_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = f"sqlite+aiosqlite:///{tmp_path}/file/parley.db"
    settings = load({"data_dir": tmp_path, "database_url": url}, environ={})
    fatal: list[str] = []
    keeper = Keeper(Orders("recap", "recap-0", pack_settings(settings), "secret"), lambda url: None, fatal.append)
    running = asyncio.create_task(keeper.run())
    try:
        await until(lambda: fatal, 60)
    finally:
        keeper.kill()
        await running
    assert fatal[0].startswith("The database's directory can't be used: ")


STUCK = """
import asyncio, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from parley.signaling import recap_worker

async def main():
    threads = ThreadPoolExecutor()
    asyncio.get_running_loop().set_default_executor(threads)
    begun = threading.Event()
    asyncio.get_running_loop().run_in_executor(None, lambda: (begun.set(), time.sleep(float(sys.argv[1]))))
    begun.wait()
    recap_worker.THREADS_SECONDS = 0.3
    await recap_worker._leave_threads_behind(threads)
    print("in order")

asyncio.run(main())
"""


async def test_a_thread_that_does_not_notice_keeps_no_worker_from_ending() -> None:
    for seconds, said in ((60, b""), (0.01, b"in order\n")):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", STUCK, str(seconds), stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(30):
            out, _ = await worker.communicate()
        assert (worker.returncode, out) == (0, said)
