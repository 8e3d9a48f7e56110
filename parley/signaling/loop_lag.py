"""How late a process's event loop is: the one number that shows whether something blocks it."""

from __future__ import annotations

import asyncio
from collections import deque

SAMPLE_SECONDS = 0.1
WINDOW_SECONDS = 10.0


class LagMeter:
    """The worst lateness of the last ten seconds. Sans-I/O: times in seconds, monotonic."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=int(2 * WINDOW_SECONDS / SAMPLE_SECONDS))

    def note(self, expected: float, now: float) -> None:
        """Something that should have run at `expected` ran `now`."""
        self._samples.append((now, max(0.0, now - expected)))

    def worst(self, now: float) -> float:
        """Seconds."""
        return max((late for at, late in self._samples if now - at <= WINDOW_SECONDS), default=0.0)


async def measure(meter: LagMeter) -> None:
    """Feed the meter from the running loop, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        expected = loop.time() + SAMPLE_SECONDS
        await asyncio.sleep(SAMPLE_SECONDS)
        meter.note(expected, loop.time())
