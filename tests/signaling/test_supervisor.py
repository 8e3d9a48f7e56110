"""The supervisor and its children as real processes: started again when they die or hang, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.signaling import supervisor
from parley.signaling.child import Orders, pack_settings
from parley.signaling.supervisor import PAUSES, Keeper, plan
from parley.store.settings import Settings, load
from tests.support.server import free_port, serve
from tests.support.waiting import until


def settings_for(directory: Path, **values: object) -> Settings:
    flags = {
        "host": "127.0.0.1", "data_dir": directory / "data", "media_port": free_port(), "media_hosts": "127.0.0.1",
        "recap_workers": 0,
    }  # fmt: skip
    return load(flags | values, environ={})


class Household:
    """A Keeper with a real media node, and what it said."""

    def __init__(self, directory: Path, **values: object) -> None:
        settings = settings_for(directory, **values)
        address = str(directory / "node.sock")
        orders = Orders("media", "media-0", pack_settings(settings), "secret", 0, address, address)
        self.readies: list[str] = []
        self.fatal: list[str] = []
        self.keeper = Keeper(orders, self.readies.append, self.fatal.append)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Keeper]:
        task = asyncio.create_task(self.keeper.run())
        try:
            yield self.keeper
        finally:
            self.keeper.kill()
            await task

    async def dies(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill the child, once it is ready, and wait until the next one is."""
        lives = len(self.readies)
        assert self.keeper.pid is not None
        os.kill(self.keeper.pid, number)
        await until(lambda: len(self.readies) > lives, 60)


async def test_a_child_that_dies_is_started_again_at_once_and_then_with_growing_pauses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    household = Household(tmp_path)
    async with household.running() as keeper:
        await until(lambda: household.readies, 60)
        pids = {keeper.pid}
        for _ in range(3):
            await household.dies()
            pids.add(keeper.pid)
    assert len(pids) == 4
    assert keeper.restarts == 3
    said = [record.getMessage() for record in caplog.records if "starting it again" in record.getMessage()]
    assert said == [f"media-0 ended (SIGKILL), starting it again in {pause:.1f} s" for pause in PAUSES[:3]]
    assert household.fatal == []


async def test_a_child_whose_event_loop_stands_still_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "HANG_SECONDS", 2.5)
    household = Household(tmp_path)
    async with household.running() as keeper:
        await until(lambda: household.readies, 60)
        hung = keeper.pid
        await household.dies(signal.SIGSTOP)
        assert keeper.pid != hung
    assert "media-0 hangs, killing it" in caplog.text


async def test_a_child_that_cannot_work_says_why_in_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        household = Household(tmp_path, media_port=port)
        async with household.running():
            await until(lambda: household.fatal, 60)
    assert household.fatal[0].startswith(f"Media port {port} (UDP or TCP) is already in use.")
    assert household.readies == []


async def test_stopping_is_orderly_and_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    household = Household(tmp_path)
    async with household.running() as keeper:
        await until(lambda: household.readies, 60)
        assert keeper.pid is not None
        os.kill(keeper.pid, signal.SIGSTOP)
        before = time.monotonic()
        await keeper.stop(timeout=0.5)
        assert time.monotonic() - before < 3
        assert keeper.pid is None
    assert keeper.restarts == 0


# --- who is started --------------------------------------------------------------------------------------------------


def test_one_machine_gets_a_node_per_core_and_a_gateway_that_knows_them(tmp_path: Path) -> None:
    orders = plan(settings_for(tmp_path, media_nodes=3), tmp_path)
    recorder, *nodes, gateway = [order for order in orders if order.role != "recap"]
    assert [(order.role, order.index) for order in nodes] == [("media", 0), ("media", 1), ("media", 2)]
    assert gateway.role == "gateway"
    assert gateway.nodes == [order.listen for order in nodes]
    assert {order.recorder for order in nodes} == {recorder.listen}
    assert len({order.name for order in orders}) == len(orders)
    (secret,) = {order.rpc_secret for order in [*nodes, gateway]}
    assert len(secret) == 64
    assert secret != plan(settings_for(tmp_path, media_nodes=3), tmp_path)[1].rpc_secret


def test_a_role_run_alone_has_the_shared_secret_and_a_media_node_its_recorder(tmp_path: Path) -> None:
    env = {"PARLEY_REDIS_URL": "redis://127.0.0.1:1", "PARLEY_RPC_SECRET": "shared"}
    media = load({"role": "media", "rpc_listen": "127.0.0.1:7000", "data_dir": tmp_path}, environ=env)
    recorder, order = plan(media, tmp_path)
    assert (order.role, order.listen, order.advertise, order.rpc_secret, order.recorder) == (
        "media", "127.0.0.1:7000", "127.0.0.1:7000", "shared", recorder.listen,
    )  # fmt: skip
    (order,) = plan(load({"role": "gateway", "data_dir": tmp_path}, environ=env), tmp_path)
    assert (order.role, order.nodes, order.rpc_secret) == ("gateway", [], "shared")


def test_recap_workers_run_beside_them_or_on_a_machine_of_their_own(tmp_path: Path) -> None:
    *_, gateway, first, second = plan(settings_for(tmp_path, recap_workers=2), tmp_path)
    assert (gateway.role, first.role, second.role) == ("gateway", "recap", "recap")
    assert first.name != second.name
    alone = load({"role": "recap", "data_dir": tmp_path}, environ={"PARLEY_REDIS_URL": "redis://127.0.0.1:1"})
    (order,) = plan(alone, tmp_path)
    assert order.role == "recap"


# --- the whole command -----------------------------------------------------------------------------------------------


async def refused(directory: Path, **settings: object) -> str:
    """The one line of a `parley serve` that can't work; nothing of it is left running."""
    values = {
        "host": "127.0.0.1", "port": free_port(), "media_port": free_port(), "media_nodes": 1, "recap_workers": 0,
        **settings,
    }  # fmt: skip
    env = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    env |= {f"PARLEY_{name.upper()}": str(value) for name, value in values.items()}
    run = functools.partial(subprocess.run, capture_output=True, text=True, timeout=90, env=env, cwd=directory)
    ended = await asyncio.to_thread(run, [sys.executable, "-m", "parley.signaling.cli", "serve"])
    assert ended.returncode == 1, ended
    assert "Parley is ready" not in ended.stdout
    assert "Traceback" not in ended.stderr
    *_, last = ended.stderr.splitlines()
    assert last.startswith("parley: ")
    return last


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


async def test_a_port_that_is_in_use_is_one_line_and_status_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = await refused(tmp_path, port=port)
        assert line == f"parley: Port {port} is already in use. Stop what uses it, or choose another with --port."
        line = await refused(tmp_path, media_port=port)
        assert line.startswith(f"parley: Media port {port} (UDP or TCP) is already in use.")


async def test_a_data_directory_that_cannot_be_used_is_one_line_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    line = await refused(tmp_path, data_dir=tmp_path / "file")
    assert str(tmp_path / "file") in line


async def test_children_end_by_themselves_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    async with serve(tmp_path, media_nodes=1, signing_secret="swordfish-of-the-test") as server:
        children = server.children()
        assert len(children) == 3
        assert not any("swordfish" in command_line(pid) for pid in children), "others can read command lines"
        server.process.kill()
        await server.process.wait()
        await until(lambda: not any(alive(pid) for pid in children), 30)
    assert "the supervisor is gone, stopping" in server.log
    assert "Traceback" not in server.log


async def test_ctrl_c_ends_everything_with_status_0(tmp_path: Path) -> None:
    async with serve(tmp_path, media_nodes=1) as server:
        children = server.children()
        server.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            assert await server.process.wait() == 0
        assert not any(alive(pid) for pid in children)
        assert "Traceback" not in server.log


@pytest.fixture(autouse=True)
def _hear_warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
