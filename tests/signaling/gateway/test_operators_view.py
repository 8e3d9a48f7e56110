"""What an operator sees from outside: health, metrics, and the API's own description."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from parley.conversations.recordings import Recording
from parley.signaling.gateway.route_table import ROUTES
from parley.signaling.schema.http import Problem
from tests.signaling.gateway.running import Gateway, gateway
from tests.support.recaps import publish_recap

pytestmark = pytest.mark.asyncio(loop_scope="module")


# --- health -----------------------------------------------------------------------------------------------------------


async def test_a_server_at_which_people_can_meet_is_healthy(site: Gateway) -> None:
    reply = await site.ask("GET", "/healthz", origin=False)
    assert (reply.status, reply.json) == (200, {"status": "ok", "database": True, "media_nodes": 1})


async def test_without_a_media_node_a_server_lives_but_is_not_healthy() -> None:
    async with gateway(media=False) as site:
        reply = await site.ask("GET", "/healthz")
        assert (reply.status, reply.json) == (503, {"status": "unavailable", "database": True, "media_nodes": 0})
        assert (await site.ask("GET", "/healthz/live")).status == 200


async def test_without_its_database_a_server_lives_but_is_not_healthy(
    site: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(site.services.database, "check", away)
    reply = await site.ask("GET", "/healthz")
    assert (reply.status, reply.json["database"]) == (503, False)
    assert b"route" not in reply.body
    assert (await site.ask("GET", "/healthz/live")).status == 200


# --- metrics ----------------------------------------------------------------------------------------------------------


def samples(text: bytes) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Prometheus's text by sample name and labels; fails when it isn't that."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.documentation, family.name
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


async def test_metrics_show_the_gateway_and_every_media_node(site: Gateway) -> None:
    reply = await site.ask("GET", "/metrics")
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    found = samples(reply.body)
    assert found["parley_media_nodes"] == {(): 1.0}
    assert found["parley_gateway_sockets"] == {(): 0.0}
    assert found["parley_gateway_facts_pending"] == {(): 0.0}
    node = (("node", "node"),)
    for name in ("rooms", "participants", "consumers", "cpu", "packets_per_second", "loop_lag_seconds"):
        assert node in found[f"parley_media_{name}"], name


async def test_metrics_show_jobs_by_kind_and_state_and_how_long_they_took(site: Gateway) -> None:
    jobs, now = site.services.jobs, datetime.now(UTC)
    for seconds in (1, 2, 30):
        job = await jobs.enqueue("recap", f"done{seconds}", now)
        mine = await jobs.claim(job.id, "worker", now)
        assert mine is not None
        await jobs.finish(mine, now + timedelta(seconds=seconds))
    await jobs.enqueue("recap", "waiting", now)
    found = samples((await site.ask("GET", "/metrics")).body)
    recap = ("kind", "recap")
    assert found["parley_jobs"] == {(recap, ("state", "done")): 3.0, (recap, ("state", "waiting")): 1.0}
    quantiles = {labels[1][1]: value for labels, value in found["parley_job_seconds"].items()}
    assert quantiles == {"0.5": 2.0, "0.95": 30.0, "1.0": 30.0}


async def test_requests_are_counted_by_route_and_never_by_the_link_they_name(site: Gateway) -> None:
    meeting = await site.meeting(await site.account())
    for _ in range(2):
        await site.ask("GET", f"/api/meetings/{meeting.code}")
    await site.ask("GET", "/m/" + meeting.code)
    await site.ask("GET", "/made-up-by-a-stranger")
    reply = await site.ask("GET", "/metrics")
    labels = (("method", "GET"), ("route", "/api/meetings/{code}"), ("status", "200"))
    assert samples(reply.body)["parley_http_requests_total"][labels] == 2.0
    assert meeting.code.encode() not in reply.body
    assert b"made-up" not in reply.body


async def test_strangers_cant_make_metrics_grow(site: Gateway) -> None:
    await site.ask("GET", "/warm-up")
    before = len(samples((await site.ask("GET", "/metrics")).body)["parley_http_requests_total"])
    for number in range(30):
        await site.raw(f"X{number} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        await site.ask("GET", f"/api/{number}")
    after = len(samples((await site.ask("GET", "/metrics")).body)["parley_http_requests_total"])
    assert after <= before + 3


async def test_without_a_token_metrics_answer_this_machine_only() -> None:
    async with gateway(media=False, trusted_proxies=["127.0.0.1"]) as site:
        for headers in ({}, {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "127.0.0.1"}):
            assert (await site.ask("GET", "/metrics", headers=headers)).code == "not_found"
    async with gateway(media=False) as site:
        assert (await site.ask("GET", "/metrics")).status == 200
        unconfigured = await site.ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
        assert unconfigured.code == "not_found", "a proxy that the operator forgot to name"


async def test_with_a_token_metrics_answer_who_bears_it() -> None:
    async with gateway(media=False, metrics_token="s3cret-token") as site:
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret-token"}, {"Authorization": "é"}):
            assert (await site.ask("GET", "/metrics", headers=wrong)).code == "not_found"
        right = await site.ask("GET", "/metrics", headers={"Authorization": "Bearer s3cret-token"})
        assert right.status == 200
        assert b"s3cret" not in right.body


# --- OpenAPI ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_name() -> dict[str, Any]:
    return {route.name: route for route in ROUTES}


async def document(site: Gateway) -> dict[str, Any]:
    return dict((await site.ask("GET", "/api/openapi.json", origin=False)).json)


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for child in value.values() for found in references(child)]
    if isinstance(value, list):
        return [found for child in value for found in references(child)]
    return []


async def test_the_description_is_openapi_and_every_reference_leads_somewhere(site: Gateway) -> None:
    api = await document(site)
    assert api["openapi"] == "3.1.0"
    assert api["info"].keys() >= {"title", "version"}
    found = references(api)
    assert found
    for reference in found:
        kind, _, name = reference.removeprefix("#/components/").partition("/")
        assert name in api["components"][kind], reference


async def test_each_operation_says_who_may_what_it_takes_and_what_it_gives(
    site: Gateway, by_name: dict[str, Any]
) -> None:
    api = await document(site)
    seen = set()
    for path, methods in api["paths"].items():
        assert ":" not in path, "no regular expressions"
        for method, operation in methods.items():
            name = operation["operationId"]
            route = by_name[name]
            assert name not in seen
            seen.add(name)
            assert route.method.lower() == method
            in_path = [item["name"] for item in operation["parameters"] if item["in"] == "path"]
            assert in_path == re.findall(r"\{(\w+)\}", path)
            assert all(item["required"] for item in operation["parameters"] if item["in"] == "path")
            assert operation["summary"]
            assert operation["description"].startswith("For ")
            assert ("requestBody" in operation) is (route.request is not None or route.takes_file)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            schemes = {scheme for choice in operation["security"] for scheme in choice}
            assert schemes <= api["components"]["securitySchemes"].keys()
    assert seen == by_name.keys()


async def test_limits_on_fields_are_described(site: Gateway) -> None:
    schemas = (await document(site))["components"]["schemas"]
    assert schemas["CreateAccount"]["additionalProperties"] is False
    assert schemas["CreateAccount"]["properties"]["password"]["minLength"] == 10
    assert schemas["PostMessage"]["properties"]["text"]["maxLength"] == 4000
    assert set(schemas["Problem"]["required"]) == set(Problem.__struct_fields__)


async def test_answers_are_as_they_are_described(site: Gateway, by_name: dict[str, Any]) -> None:
    owner, member = await site.account("Owner"), await site.account("Member")
    conversation = await site.conversation(owner, member)
    meeting = await site.meeting(owner, conversation)
    await site.services.messages.post(owner.account_id, conversation.conversation_id, "Hello")
    token = await site.signed_in(owner)
    values = {
        "conversation_id": conversation.conversation_id,
        "code": meeting.code,
        "name": "terms",
        "recap_id": "shown",
    }
    await site.services.recordings.began(meeting.meeting_id, Recording("shown", meeting.meeting_id, datetime.now(UTC)))
    await publish_recap(site.services.blobs, "shown")
    checked = 0
    for route in by_name.values():
        if route.method != "GET" or route.response is None:
            continue
        reply = await site.ask(
            "GET", re.sub(r"\{(\w+):.*?\}(?=/|$)", r"{\1}", route.path).format(**values), token=token
        )
        assert reply.status == route.status
        decoded = msgspec.json.decode(reply.body, type=route.response)
        assert msgspec.json.encode(decoded) == reply.body, f"{route.name} says more than is described"
        checked += 1
    assert checked >= 8
