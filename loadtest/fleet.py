"""Many light participants in a few processes of their own, so that a generator never waits for another."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from loadtest.client import Person, Totals
from loadtest.signalling import host_of_a_new_meeting

ORDER_SECONDS = 90.0


class FleetFailedError(Exception):
    """The participants could not do what they were told; str() says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who comes. rate, every: see client.Person. workers: processes to play them."""

    rooms: int = 1
    participants: int = 10
    workers: int = 2
    rate: float = 1.0
    every: int = 16

    @property
    def consumers(self) -> int:
        """Of each participant: everybody else's microphone and camera."""
        return 2 * (self.participants - 1)


class _Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def order(self, do: str, **fields: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        try:
            async with asyncio.timeout(ORDER_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise FleetFailedError(f"participants did not {do} within {ORDER_SECONDS:.0f} s") from None
        if not line:
            raise FleetFailedError("a process of participants ended; its error is above")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise FleetFailedError(answer["failed"])
        return answer

    async def end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Fleet:
    """See the module. Made by `fleet`."""

    def __init__(self, processes: list[_Process]) -> None:
        self._processes = processes

    @property
    def pids(self) -> list[int]:
        """The participants' processes."""
        return [process.pid for process in self._processes]

    async def join(self, url: str, plan: Plan) -> None:
        """Everybody enters and publishes, and receives everybody else. Raises FleetFailedError."""
        assigned: list[list[Person]] = [[] for _ in self._processes]
        for room in range(plan.rooms):
            code, cookies = await host_of_a_new_meeting(url)
            for seat in range(plan.participants):
                person = Person(
                    url, code, f"Load {room}.{seat}", cookies if seat == 0 else {}, rate=plan.rate, every=plan.every
                )
                assigned[(room + seat) % len(assigned)].append(person)
        hosts = [[person for person in people if person.cookies] for people in assigned]
        guests = [[person for person in people if not person.cookies] for people in assigned]
        for wave in (hosts, guests):  # hosts first: they let the others in
            await asyncio.gather(
                *(
                    process.order("join", people=[dataclasses.asdict(person) for person in people])
                    for process, people in zip(self._processes, wave, strict=True)
                )
            )
        await asyncio.gather(
            *(
                process.order("expect", consumers=[plan.consumers] * len(people))
                for process, people in zip(self._processes, assigned, strict=True)
            )
        )

    async def set_rate(self, rate: float) -> None:
        """Send so many times as fast as browsers from now on."""
        await asyncio.gather(*(process.order("rate", rate=rate) for process in self._processes))

    async def totals(self) -> Totals:
        """What all counted so far; latencies since the last call."""
        answers = await asyncio.gather(*(process.order("totals") for process in self._processes))
        sum_of_all = Totals()
        for answer in answers:
            for name, value in answer["totals"].items():
                setattr(sum_of_all, name, getattr(sum_of_all, name) + value)
        return sum_of_all


@contextlib.asynccontextmanager
async def fleet(url: str, plan: Plan) -> AsyncIterator[Fleet]:
    """The participants of a plan, all in and receiving. Raises FleetFailedError or signalling.RefusedError."""
    processes: list[_Process] = []
    try:
        for _ in range(plan.workers):
            processes.append(
                _Process(
                    await asyncio.create_subprocess_exec(
                        sys.executable,
                        "-m",
                        "loadtest.worker",
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        limit=1 << 26,
                    )
                )
            )
        everybody = Fleet(processes)
        await everybody.join(url, plan)
        yield everybody
    finally:
        await asyncio.gather(*(process.end() for process in processes))
