"""The SFU of one process: an endpoint, the routers of its rooms, and the one timer that they all share."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time

from parley.sfu.endpoint import EndpointConfig, MediaEndpoint
from parley.sfu.router import Router
from parley.sfu.stats import Discarded, MediaLoad

log = logging.getLogger(__name__)

TICK = 0.025
"""Seconds between ticks: how long a missing packet waits before it is asked for, so that one that was overtaken may
still come."""
SLOW_TICK = 1.0


class MediaServer:
    """See the module. `start` before anything else; `close` ends every router."""

    def __init__(self, config: EndpointConfig) -> None:
        self.endpoint = MediaEndpoint(config)
        self._discarded = Discarded()
        self._routers: set[Router] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._next_slow = 0.0
        self._measured = (0.0, 0.0, 0)  # when, processor seconds, packets
        self._cpu = 0.0
        self._packets_per_second = 0.0

    async def start(self) -> None:
        """Open the ports. Raises OSError when one is taken."""
        await self.endpoint.start()
        self._measured = (time.monotonic(), time.process_time(), 0)
        self._schedule(asyncio.get_running_loop())

    async def close(self) -> None:
        """End every router and close the ports."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for router in list(self._routers):
            router.close()
        await self.endpoint.close()

    def create_router(self, router_id: str) -> Router:
        """A router for one room; it lives until it is closed."""
        router = Router(router_id, self.endpoint, self._discarded, self._routers.discard)
        self._routers.add(router)
        return router

    # --- time -------------------------------------------------------------------------------------------------------

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(TICK, self._on_timer, loop)

    def _on_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._schedule(loop)
        self.tick(time.monotonic())

    def tick(self, now: float) -> None:
        """Everything that happens by time. A router that fails harms no other."""
        for router in list(self._routers):
            try:
                router.tick(now)
            except Exception:
                log.exception("router tick failed", extra={"meeting_id": router.router_id})
        if now >= self._next_slow:
            self._next_slow = now + SLOW_TICK
            self.endpoint.tick(now)
            self._measure(now)
        self.endpoint.plane.flush()

    def _measure(self, now: float) -> None:
        before, processor_before, packets_before = self._measured
        processor, packets = time.process_time(), self._packets()
        elapsed = now - before
        if elapsed > 0:
            self._cpu = (processor - processor_before) / elapsed
            self._packets_per_second = (packets - packets_before) / elapsed
        self._measured = (now, processor, packets)

    # --- looking ----------------------------------------------------------------------------------------------------

    def _packets(self) -> int:
        return self.endpoint.received + self.endpoint.plane.counters()["sent"]

    def load(self) -> MediaLoad:
        """How busy this process is."""
        peers = [peer for router in self._routers for peer in router.peers.values()]
        return MediaLoad(
            routers=len(self._routers),
            peers=len(peers),
            producers=sum(len(peer.publisher.producers) for peer in peers),
            consumers=sum(len(peer.subscriber.consumers) for peer in peers),
            packets_per_second=self._packets_per_second,
            cpu=self._cpu,
            counters=self._counters(),
        )

    def _counters(self) -> dict[str, float]:
        numbers = {name: float(value) for name, value in self.endpoint.dump().items() if isinstance(value, int)}
        discarded = dataclasses.asdict(self._discarded)
        return {**numbers, **{f"discarded_{name}": float(value) for name, value in discarded.items()}}

    def dump(self) -> dict[str, object]:
        """What lives here, for people who look inside."""
        return {
            "endpoint": self.endpoint.dump(),
            "routers": {
                router.router_id: {
                    participant_id: {
                        "producers": [producer.source for producer in peer.publisher.producers.values()],
                        "consumers": len(peer.subscriber.consumers),
                        "subscribe": peer.subscriber.transport.state,
                        "estimate": peer.subscriber.estimator.estimate,
                    }
                    for participant_id, peer in router.peers.items()
                }
                for router in self._routers
            },
        }
