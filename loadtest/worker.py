"""A process that plays some of the participants, told what to do by loadtest.fleet: a line of JSON each way.

In:  {"do": "join", "people": [...]}, {"do": "rate", "rate": 2}, {"do": "totals"}, {"do": "expect", "consumers": 18}
Out: {"did": ..., ...} for each, or {"failed": "why"} before the process ends.

When its standard input closes, its participants leave and it ends.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import sys
import time
from typing import Any

import uvloop

from loadtest.client import LightClient, Person, Totals
from loadtest.signalling import RefusedError
from loadtest.transport import TransportFailedError

EXPECT_SECONDS = 60.0


class _Worker:
    def __init__(self) -> None:
        self.clients: list[LightClient] = []

    async def run(self, lines: asyncio.StreamReader) -> None:
        try:
            while line := await lines.readline():
                order = json.loads(line)
                answer = await getattr(self, "do_" + order.pop("do"))(**order)
                say({"did": True, **answer})
        finally:
            await asyncio.gather(*(client.close() for client in self.clients), return_exceptions=True)

    async def do_join(self, people: list[dict[str, Any]]) -> dict[str, Any]:
        for person in people:
            person["sources"] = tuple(person["sources"])
            client = LightClient(Person(**person))
            self.clients.append(client)
            await client.enter()
            await client.publish()
        return {}

    async def do_expect(self, consumers: list[int]) -> dict[str, Any]:
        """Wait until each client receives so many consumers."""
        end = time.monotonic() + EXPECT_SECONDS
        while not all(client.receives(count) for client, count in zip(self.clients, consumers, strict=True)):
            self.check()
            if time.monotonic() > end:
                have = [sum(1 for item in client.receptions if item.packets) for client in self.clients]
                raise RefusedError(f"of {consumers} consumers only {have} receive after {EXPECT_SECONDS:.0f} s")
            await asyncio.sleep(0.02)
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection would show up as latency of the server's
        return {}

    async def do_rate(self, rate: float) -> dict[str, Any]:
        for client in self.clients:
            client.set_rate(rate)
        return {}

    async def do_totals(self) -> dict[str, Any]:
        self.check()
        all_of_them = Totals()
        for client in self.clients:
            totals = client.totals()
            for field in dataclasses.fields(Totals):
                setattr(all_of_them, field.name, getattr(all_of_them, field.name) + getattr(totals, field.name))
        return {"totals": dataclasses.asdict(all_of_them), "at": time.monotonic()}

    def check(self) -> None:
        for client in self.clients:
            if client.failed:
                raise RefusedError(f"{client.person.name}: {client.failed}")


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _main() -> None:
    lines = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    try:
        await _Worker().run(lines)
    except (RefusedError, TransportFailedError) as error:
        say({"failed": str(error)})


if __name__ == "__main__":
    uvloop.run(_main())
