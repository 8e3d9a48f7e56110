"""One running gateway with a media node for all tests of a module; they share its event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.signaling.gateway.running import Gateway, gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Gateway]:
    """Nothing in it but what the tests make, each its own people."""
    async with gateway() as running:
        yield running
