"""Waits for what a test expects to become true, and for no longer than that takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until the condition holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any state may be asked for, not only what sets an event
            await asyncio.sleep(0.005)
