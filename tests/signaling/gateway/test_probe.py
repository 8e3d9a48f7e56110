"""Who is before the door may try out the media port, but only so often, and learns nothing of any meeting."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from parley.signaling.gateway.limits import Rate
from parley.signaling.gateway.services import Rates
from tests.signaling.gateway.running import PLENTY, Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATES = Rates(PLENTY, PLENTY, PLENTY, PLENTY, PLENTY, probe=Rate(per_second=0.01, burst=3))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Gateway]:
    async with gateway(rates=RATES, trusted_proxies=["127.0.0.1"]) as running:
        yield running


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_a_probe_is_two_offers_with_credentials_of_their_own(site: Gateway) -> None:
    first, second = [(await site.ask("POST", "/api/probe", headers=from_("192.0.2.1"))).json for _ in range(2)]
    assert set(first) == {"udp", "tcp", "expires_in", "relay"}
    assert "typ host" in first["udp"]
    assert first["tcp"] is None, "this media node takes no TCP"
    assert first["udp"] != second["udp"]
    assert first["relay"] is False


async def test_another_site_cant_have_one_made(site: Gateway) -> None:
    reply = await site.ask("POST", "/api/probe", headers={"Origin": "https://evil.example"}, origin=False)
    assert (reply.status, reply.code) == (403, "cross_site")


async def test_who_wants_too_many_is_told_when_to_come_back(site: Gateway) -> None:
    replies = [await site.ask("POST", "/api/probe", headers=from_("192.0.2.2")) for _ in range(4)]
    assert [reply.status for reply in replies] == [201, 201, 201, 429]
    assert int(replies[3].headers["Retry-After"]) > 0
    assert (await site.ask("POST", "/api/probe", headers=from_("192.0.2.3"))).status == 201


async def test_with_a_turn_server_configured_it_says_that_there_is_a_relay_and_gives_no_credentials() -> None:
    relay = {"turn_urls": ["turn:turn.example.org:3478"], "turn_secret": "the turn secret"}
    async with gateway(**relay) as running:
        reply = await running.ask("POST", "/api/probe")
        assert reply.json["relay"] is True
        assert b"turn.example.org" not in reply.body


async def test_without_a_media_node_it_says_so() -> None:
    async with gateway(media=False) as running:
        reply = await running.ask("POST", "/api/probe")
        assert (reply.status, reply.code) == (503, "unavailable")
