"""What happens to who asks for too much over HTTP: told when to come back, while others are served."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from parley.signaling.gateway.limits import Rate
from parley.signaling.gateway.services import Rates
from tests.signaling.gateway.running import PASSWORD, PLENTY, Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEW = Rate(per_second=0.01, burst=3)
"""Three, and then none for as long as a test lasts."""

RATES = Rates(address=Rate(0.01, 60), account_writes=FEW, sign_in=FEW, unknown_code=FEW, hello=FEW)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Gateway]:
    """Behind a proxy, so that a test can come from an address of its own."""
    async with gateway(media=False, rates=RATES, trusted_proxies=["127.0.0.1"]) as running:
        yield running


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_who_asks_too_much_is_told_when_to_come_back(site: Gateway) -> None:
    replies = [await site.ask("GET", "/api/site", headers=from_("192.0.2.1")) for _ in range(61)]
    assert {reply.status for reply in replies[:60]} == {200}
    assert (replies[60].status, replies[60].code) == (429, "rate_limited")
    assert 1 <= int(replies[60].headers["Retry-After"]) <= 102
    assert "seconds" in replies[60].json["detail"]


async def test_others_are_served_meanwhile(site: Gateway) -> None:
    for _ in range(61):
        await site.ask("GET", "/api/site", headers=from_("192.0.2.2"))
    assert (await site.ask("GET", "/api/site", headers=from_("192.0.2.2"))).status == 429
    assert (await site.ask("GET", "/api/site", headers=from_("192.0.2.3"))).status == 200


async def test_ipv6_counts_by_the_network_a_customer_gets(site: Gateway) -> None:
    for number in range(60):
        await site.ask("GET", "/api/site", headers=from_(f"2001:db8:0:1::{number:x}"))
    assert (await site.ask("GET", "/api/site", headers=from_("2001:db8:0:1:ffff::1"))).status == 429
    assert (await site.ask("GET", "/api/site", headers=from_("2001:db8:0:2::1"))).status == 200


async def test_health_checks_are_never_turned_away(site: Gateway) -> None:
    replies = [await site.ask("GET", "/healthz/live", headers=from_("192.0.2.4")) for _ in range(80)]
    assert {reply.status for reply in replies} == {200}


async def test_sign_ins_of_an_address_are_fewer_than_its_other_requests(site: Gateway) -> None:
    body = {"email": "nobody@example.org", "password": PASSWORD}
    replies = [await site.ask("POST", "/api/session", body, headers=from_("192.0.2.5")) for _ in range(4)]
    assert [reply.status for reply in replies] == [401, 401, 401, 429]
    assert (await site.ask("GET", "/api/session", headers=from_("192.0.2.5"))).status == 200


async def test_sign_ups_count_with_the_sign_ins(site: Gateway) -> None:
    replies = [await site.ask("POST", "/api/accounts", {}, headers=from_("192.0.2.6")) for _ in range(4)]
    assert [reply.status for reply in replies] == [400, 400, 400, 429]


async def test_an_account_writes_only_so_much_wherever_it_is(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    replies = [
        await site.ask("POST", "/api/meetings", {}, token=token, headers=from_(f"192.0.2.{50 + number}"))
        for number in range(4)
    ]
    assert [reply.status for reply in replies] == [201, 201, 201, 429]
    assert (await site.ask("GET", "/api/meetings", token=token, headers=from_("192.0.2.54"))).status == 200


async def test_guessing_links_is_slowed_down_and_then_finds_nothing_that_exists_either(site: Gateway) -> None:
    meeting = await site.meeting(await site.account())
    for number in range(3):
        reply = await site.ask("GET", f"/api/meetings/guess-{number}-no-link", headers=from_("192.0.2.7"))
        assert reply.status == 404
    for code in ("another-guess-more", meeting.code):
        assert (await site.ask("GET", f"/api/meetings/{code}", headers=from_("192.0.2.7"))).status == 429
    assert (await site.ask("GET", f"/api/meetings/{meeting.code}", headers=from_("192.0.2.8"))).status == 200


async def test_links_that_exist_may_be_opened_as_often_as_one_likes(site: Gateway) -> None:
    meeting = await site.meeting(await site.account())
    replies = [await site.ask("GET", f"/api/meetings/{meeting.code}", headers=from_("192.0.2.9")) for _ in range(10)]
    assert {reply.status for reply in replies} == {200}


async def open_socket(site: Gateway, address: str) -> aiohttp.ClientWebSocketResponse:
    headers = site.origin | from_(address)
    return await site.http.ws_connect(site.url + "/api/ws", protocols=("parley.1",), headers=headers)


async def test_sockets_of_an_address_are_opened_at_a_bounded_rate(site: Gateway) -> None:
    sockets = [await open_socket(site, "192.0.2.10") for _ in range(3)]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_socket(site, "192.0.2.10")
    assert refused.value.status == 429
    for socket in [*sockets, await open_socket(site, "192.0.2.11")]:
        await socket.close()


async def test_an_address_has_only_so_many_sockets_open() -> None:
    rates = Rates(PLENTY, PLENTY, PLENTY, PLENTY, PLENTY, sockets_per_address=2)
    async with gateway(media=False, rates=rates, trusted_proxies=["127.0.0.1"]) as site:
        first, second = await open_socket(site, "192.0.2.1"), await open_socket(site, "192.0.2.1")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await open_socket(site, "192.0.2.1")
        assert refused.value.status == 429
        await first.close()
        again = await open_socket(site, "192.0.2.1")
        await again.close()
        await second.close()


async def test_guessing_links_by_websocket_counts_with_guessing_by_http(site: Gateway) -> None:
    meeting = await site.meeting(await site.account())
    hello = {"type": "hello", "id": 1, "protocol": 1, "name": "Eve", "accept_terms": True}
    for number in range(3):
        await site.ask("GET", f"/api/meetings/guess-{number}-by-http", headers=from_("192.0.2.12"))
    socket = await open_socket(site, "192.0.2.12")
    await socket.send_json(hello | {"code": meeting.code})
    answer = await socket.receive_json(timeout=5)
    assert (answer["type"], answer["code"], answer["re"]) == ("error", "rate_limited", 1)
    await socket.close()
