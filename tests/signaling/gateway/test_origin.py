"""Only pages of ours may have a signed-in browser change something: cross-site request forgery."""

from __future__ import annotations

import aiohttp
import pytest

from parley.signaling.gateway.route_table import ROUTES
from tests.signaling.gateway.running import Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNSAFE = [(route.method, route.path.split("{")[0].rstrip("/")) for route in ROUTES if route.unsafe]

FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_request_that_no_page_of_ours_sent_changes_nothing(site: Gateway, headers: dict[str, str]) -> None:
    token = await site.signed_in(await site.account())
    reply = await site.ask("POST", "/api/meetings", {}, token=token, origin=False, headers=headers)
    assert (reply.status, reply.code) == (403, "cross_site")
    assert (await site.ask("GET", "/api/meetings", token=token)).json == {"meetings": []}


async def test_every_route_that_changes_something_asks_for_the_origin(site: Gateway) -> None:
    host = await site.account()
    conversation = await site.conversation(host)
    meeting = await site.meeting(host, conversation)
    values = {"conversation_id": conversation.conversation_id, "code": meeting.code, "account_id": host.account_id}
    values |= {"recap_id": "recap", "moment": "moment"}
    token = await site.signed_in(host)
    document = (await site.ask("GET", "/api/openapi.json")).json
    unsafe = [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method not in ("get", "head")
    ]
    assert len(unsafe) == len(UNSAFE) > 5
    for method, path in unsafe:
        reply = await site.ask(method, path.format(**values), {}, token=token, origin=False)
        assert (reply.status, reply.code) == (403, "cross_site"), (method, path)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
async def test_the_origin_counts_before_sec_fetch_site(site: Gateway, headers: dict[str, str]) -> None:
    token = await site.signed_in(await site.account())
    reply = await site.ask("POST", "/api/meetings", {}, token=token, headers=headers)
    assert reply.status == 201


async def test_a_browser_that_sends_no_origin_may_say_by_sec_fetch_site_that_the_page_is_ours(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert (await site.ask("POST", "/api/meetings", {}, token=token, origin=False, headers=headers)).status == 201


async def test_reading_needs_no_origin(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    assert (await site.ask("GET", "/api/meetings", token=token, origin=False)).status == 200


async def test_nothing_is_shared_with_other_origins(site: Gateway) -> None:
    reply = await site.ask("GET", "/api/session", origin=False, headers={"Origin": "https://evil.example"})
    assert not [name for name in reply.headers if name.lower().startswith("access-control-")]
    preflight = await site.ask("OPTIONS", "/api/meetings", origin=False, headers={"Origin": "https://evil.example"})
    assert preflight.status == 405


async def test_the_operators_public_url_is_an_origin_of_ours() -> None:
    async with gateway(media=False, public_url="https://Meet.Example.org:443/") as site:
        for origin in ("https://meet.example.org", site.url):
            headers = {"Origin": origin}
            assert (await site.ask("DELETE", "/api/session", origin=False, headers=headers)).status == 204, origin


async def test_a_websocket_opens_for_pages_of_ours_only(site: Gateway) -> None:
    for headers in FOREIGN:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await site.http.ws_connect(site.url + "/api/ws", protocols=("parley.1",), headers=headers)
        assert refused.value.status == 403, headers
