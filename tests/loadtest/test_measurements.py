"""The measurements' short forms: they count what they say they count, and refuse what makes no sense in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loadtest import forward, join, load
from loadtest.fleet import Plan
from loadtest.machine import NoProcessError, cost_of, descendants, owner_of_udp_port

ROOT = Path(__file__).parents[2]


async def test_forwarding_is_counted_and_its_cost_is_the_media_nodes() -> None:
    windows: list[forward.Window] = []
    await forward.run([1.0, 2.0], 1.5, 3, 1, windows.append, settle=0.5)
    slow, fast = windows
    assert [slow.rate, fast.rate] == [1.0, 2.0]
    for window in windows:
        assert window.lost == 0
        assert window.received == pytest.approx(2 * window.sent, rel=0.2), "each packet goes to both others"
        assert 0 < window.microseconds < 1000
        assert 0 < window.latency(0.5) <= window.latency(0.99) < 1.0
    per_second = [window.received / window.seconds for window in windows]
    assert per_second[0] == pytest.approx(3 * 2 * 155, rel=0.3)
    assert per_second[1] == pytest.approx(2 * per_second[0], rel=0.3)
    assert f"{slow.microseconds:.2f}" in forward.row(slow)


async def test_several_rooms_are_loaded_at_once() -> None:
    said: list[str] = []
    plan = Plan(rooms=2, participants=3, workers=2, every=1)
    totals = await load.run(None, 1, plan, 1.5, said.append)
    assert totals.lost == totals.unreadable == 0
    assert totals.received == pytest.approx(2 * totals.sent, rel=0.2)
    assert len(totals.latencies) == pytest.approx(totals.received, rel=0.1)
    assert said[0].startswith("6 people in 2 rooms")
    assert any("of a core: media node 0" in line for line in said)


@pytest.mark.e2e
@pytest.mark.alone
async def test_joins_are_timed_from_the_click_to_the_first_picture() -> None:
    said: list[float] = []
    times = await join.measure(2, said.append)
    assert times == said
    assert len(times) == 2
    assert all(20 < elapsed < 1000 * 20 for elapsed in times)


@pytest.mark.parametrize(
    ("module", "arguments", "named"),
    [
        ("loadtest.forward", ["--rates", "1,fast"], "--rates"),
        ("loadtest.forward", ["--participants", "11"], "--participants"),
        ("loadtest.forward", ["--nonsense"], "--nonsense"),
        ("loadtest.join", ["--runs", "0"], "--runs"),
        ("loadtest.load", ["--rooms", "0"], "--rooms"),
        ("loadtest.load", ["--seconds", "nan"], "--seconds"),
        ("loadtest.load", ["--url", "example.org"], "--url"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_status_2(module: str, arguments: list[str], named: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=30, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert named in done.stderr


def test_a_server_that_is_not_there_is_one_line_and_status_1() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtest.load", "--url", "http://127.0.0.1:1", "--rooms", "1"],
        capture_output=True, text=True, timeout=30, cwd=ROOT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_processor_time_is_that_of_the_process() -> None:
    before = cost_of(os.getpid())
    busy_until = time.process_time() + 0.2
    while time.process_time() < busy_until:
        pass
    assert (cost_of(os.getpid()) - before).total == pytest.approx(0.2, abs=0.05)
    with pytest.raises(NoProcessError):
        cost_of(2**22 + 1)


def test_a_udp_port_is_traced_to_its_process() -> None:
    script = """
import socket
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind(("127.0.0.1", 0))
print(bound.getsockname()[1], flush=True)
input()
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        family = descendants(os.getpid())
        assert child.pid in family
        assert owner_of_udp_port(port, family) == child.pid
        with pytest.raises(NoProcessError):
            owner_of_udp_port(port, [os.getpid()])
    finally:
        child.communicate("\n")
