"""Many meetings at once: what gets lost, how late the rest is, and what the server's processes need.

`make load`, or `python -m loadtest.load --rooms 4 --participants 10 --seconds 20`. It starts a server of its own, or
loads the one at `--url`, which must be open for sign-up; of a server elsewhere the processor time isn't known.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import uvloop

from loadtest import command_line
from loadtest.client import Totals
from loadtest.fleet import FleetFailedError, Plan, fleet
from loadtest.machine import NOTHING, Cost, NoProcessError, cost_of, descendants, owner_of_udp_port
from loadtest.server import OwnServer, ServerFailedError, own_server
from loadtest.signalling import RefusedError


async def run(url: str | None, media_nodes: int, plan: Plan, seconds: float, say: Callable[[str], None]) -> Totals:
    """Load the server for so long; what the participants counted in that time."""
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(own_server(media_nodes)) if url is None else None
        began = loop.time()
        everybody = await stack.enter_async_context(fleet(url or (server.url if server else ""), plan))
        people = plan.rooms * plan.participants
        say(f"{people} people in {plan.rooms} rooms receive everybody else after {loop.time() - began:.1f} s.")
        before = await everybody.totals()
        costs, began = _costs(server), loop.time()
        generators = sum(map(cost_of, everybody.pids), start=NOTHING)
        await asyncio.sleep(seconds)
        elapsed = loop.time() - began
        after = await everybody.totals()
        spent = {name: cost - costs[name] for name, cost in _costs(server).items()}
        spent["participants"] = sum(map(cost_of, everybody.pids), start=NOTHING) - generators
    during = Totals(
        sent=after.sent - before.sent,
        repeated=after.repeated - before.repeated,
        received=after.received - before.received,
        expected=after.expected - before.expected,
        recovered=after.recovered - before.recovered,
        lost=max(0, after.lost - before.lost),
        unreadable=after.unreadable - before.unreadable,
        latencies=sorted(after.latencies),
    )
    _report(during, elapsed, spent, say)
    return during


def _costs(server: OwnServer | None) -> dict[str, Cost]:
    """What each process of a server here has cost, by what it is."""
    if server is None:
        return {}
    family = descendants(server.pid)
    nodes = [owner_of_udp_port(port, family) for port in server.media_ports]
    named = {f"media node {index}": cost_of(pid) for index, pid in enumerate(nodes)}
    rest = [cost_of(pid) for pid in family if pid not in nodes]
    return {**named, "gateway and supervisor": sum(rest, start=NOTHING)}


def _report(totals: Totals, seconds: float, spent: dict[str, Cost], say: Callable[[str], None]) -> None:
    share = totals.lost / max(1, totals.expected)
    say(f"sent       {totals.sent / seconds:10.0f} packets/s, {totals.repeated} repeated")
    say(f"received   {totals.received / seconds:10.0f} packets/s, {totals.recovered} of them by retransmission")
    say(f"lost       {totals.lost:10d} packets, {share:.4%}; {totals.unreadable} not readable")
    if totals.latencies:
        at = [totals.latencies[int((len(totals.latencies) - 1) * part)] / 1e6 for part in (0.5, 0.99, 1)]
        say(f"latency    {at[0]:10.2f} ms at the median, {at[1]:.2f} at p99, {at[2]:.2f} at most")
    for name, cost in spent.items():
        say(f"processor  {cost.total / seconds:10.1%} of a core: {name}")


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.Parser(prog="loadtest.load", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", help="of a server that runs; without it one is started")
    parser.add_argument("--media-nodes", type=command_line.whole(1, 64), default=1, help="of the server started")
    parser.add_argument("--rooms", type=command_line.whole(1, 200), default=2)
    parser.add_argument("--participants", type=command_line.whole(2, 10), default=10, help="in each room")
    parser.add_argument("--seconds", type=command_line.number(0.5, 86_400), default=10.0)
    parser.add_argument("--rate", type=command_line.number(0.1, 20), default=1.0, help="times a browser's packets")
    parser.add_argument("--workers", type=command_line.whole(1, 64), default=2, help="processes of participants")
    options = parser.parse_args(arguments)
    if options.url is not None and not options.url.startswith(("http://", "https://")):
        parser.error(f"argument --url: {options.url!r} is no http:// or https:// address")
    plan = Plan(options.rooms, options.participants, options.workers, options.rate)
    try:
        uvloop.run(run(options.url, options.media_nodes, plan, options.seconds, lambda line: print(line, flush=True)))
    except (FleetFailedError, NoProcessError, RefusedError, ServerFailedError) as error:
        command_line.fail(parser.prog, str(error))


if __name__ == "__main__":
    main()
