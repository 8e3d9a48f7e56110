"""A process that gets no processor isn't a process that hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.signaling.vitals import Vitals, this_machine, vitals_of
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


def _run(code: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read(1) == b"!"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def working() -> Iterator[subprocess.Popen[bytes]]:
    yield from _run("print('!', end='', flush=True)\nwhile True: pass")


@pytest.fixture
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    yield from _run("import time\nprint('!', end='', flush=True)\ntime.sleep(600)")


def test_a_process_that_works_struggles(working: subprocess.Popen[bytes]) -> None:
    vitals = Vitals(working.pid)
    assert all(vitals.struggles() for _ in range(20))


async def test_a_stopped_process_does_not(working: subprocess.Popen[bytes]) -> None:
    vitals = Vitals(working.pid)
    os.kill(working.pid, signal.SIGSTOP)
    await until(lambda: not vitals.struggles())
    assert not any(vitals.struggles() for _ in range(20))


async def test_a_process_that_waits_for_something_does_not(sleeping: subprocess.Popen[bytes]) -> None:
    vitals = Vitals(sleeping.pid)
    await until(lambda: not vitals.struggles())
    assert not any(vitals.struggles() for _ in range(20))


async def test_a_process_that_is_gone_does_not(working: subprocess.Popen[bytes]) -> None:
    vitals = Vitals(working.pid)
    working.kill()
    working.wait()
    assert not vitals.struggles()


def test_nothing_is_known_of_processes_elsewhere_or_of_oneself(working: subprocess.Popen[bytes]) -> None:
    assert vitals_of(working.pid, this_machine()) is not None
    assert vitals_of(working.pid, "another machine") is None
    assert vitals_of(working.pid, "") is None
    assert vitals_of(os.getpid(), this_machine()) is None
    assert vitals_of(0, this_machine()) is None
