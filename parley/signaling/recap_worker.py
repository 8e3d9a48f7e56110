"""The recap worker process: does jobs at low priority, and gives back what it hasn't finished when it stops."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from parley.signaling.child import Child
from parley.signaling.job_runner import JobRunner
from parley.signaling.open_database import open_database
from parley.signaling.priority import step_back
from parley.signaling.process_identity import is_gone, my_identity
from parley.signaling.recap_kinds import job_kinds
from parley.store.blob_store import open_blobs
from parley.store.jobs import Jobs
from parley.store.queue import JobQueue
from parley.store.settings import Settings

log = logging.getLogger(__name__)

THREADS_SECONDS = 2.0
"""How long threads of jobs that were given back may take to notice."""


async def run_recap_worker(settings: Settings, child: Child) -> None:
    """Be a recap worker until `child.stop`. Raises FatalError when it can't start."""
    done = step_back()
    log.info("low priority: %s", ", ".join(done) or "none to be had")
    threads = ThreadPoolExecutor(thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    database = await open_database(settings)
    blobs = open_blobs(settings)
    queue = JobQueue(settings.data_dir, settings.redis_url)
    try:
        kinds = job_kinds(settings, database, blobs)
        runner = JobRunner(Jobs(database), queue, kinds, my_identity(child.orders.name), is_gone=is_gone)
        child.ready()
        log.info("recap worker serves")
        await runner.run(child.stop)
        log.info("recap worker stops")
    finally:
        await queue.close()
        await blobs.close()
        await database.close()
    await _leave_threads_behind(threads)


async def _leave_threads_behind(threads: ThreadPoolExecutor) -> None:
    """A thread can't be ended from outside, and Python waits for all of them: the process ends without, if need be."""
    ending = threading.Thread(target=threads.shutdown, daemon=True)
    ending.start()
    deadline = asyncio.get_running_loop().time() + THREADS_SECONDS
    while ending.is_alive():
        if asyncio.get_running_loop().time() > deadline:
            log.info("recap worker ends in the middle of a job that was given back")
            await asyncio.sleep(0.1)  # for the line above
            os._exit(0)
        await asyncio.sleep(0.05)
