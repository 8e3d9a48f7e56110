"""What the server says of itself: the site, its texts, its health, its metrics, its API."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path

import msgspec
from aiohttp import web

from parley.signaling.directory import NoNodeError
from parley.signaling.gateway import wire
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.problems import ProblemCode, ProblemError, not_found
from parley.signaling.node_messages import MakeProbe, ProbeMade
from parley.signaling.rpc import RpcError
from parley.signaling.schema.http import Page, Probe, Site

VERSION = version("parley")
TEXTS = Path(__file__).parent / "texts"
HEALTH_SECONDS = 2.0


class Health(msgspec.Struct, frozen=True):
    """Whether people can meet: the gateway answers, and reaches its database and so many media nodes."""

    status: str
    database: bool
    media_nodes: int


async def site(call: Call) -> Site:
    """What the client needs to know of this server."""
    settings = call.services.settings
    is_open = settings.sign_up_open or not await call.services.accounts.any_exist()
    return Site(
        version=VERSION,
        sign_up_open=is_open,
        max_participants=settings.capacity,
        max_file_bytes=settings.max_file_bytes,
    )


async def make_probe(call: Call) -> Probe:
    """Something to try out the media port of the node with that a new room would go to.

    Not of the meeting's own node: nobody outside learns whether a meeting is going on, or where.
    """
    try:
        made = await call.services.directory.any_node().request(MakeProbe())
    except (NoNodeError, RpcError, TimeoutError):
        made = None
    if not isinstance(made, ProbeMade):
        detail = "The network can't be checked right now."
        raise ProblemError(503, ProblemCode.UNAVAILABLE, detail, {"Retry-After": "5"})
    relay = any(url.startswith(("turn:", "turns:")) for url in call.services.settings.turn_urls)
    return Probe(udp=made.udp, tcp=made.tcp, expires_in=made.expires_in, relay=relay)


async def page(call: Call) -> Page:
    """Terms or privacy policy: the operator's text, or ours."""
    settings = call.services.settings
    name = call.path["name"]
    file = {"terms": settings.terms_file, "privacy": settings.privacy_file}.get(name) or TEXTS / f"{name}.md"
    try:
        markdown = await asyncio.to_thread(file.read_text, "utf-8")
    except (OSError, UnicodeError):
        raise not_found("The operator's text can't be read.") from None
    headings = (line.lstrip("# ").strip() for line in markdown.splitlines() if line.startswith("#"))
    return Page(title=next(headings, name.capitalize()), markdown=markdown)


async def live(call: Call) -> web.Response:
    """Whether the process answers at all; for whoever restarts it."""
    return web.json_response({"status": "ok"})


async def health(call: Call) -> web.Response:
    """Whether people can meet now; 503 when not. For load balancers and start scripts."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await call.services.database.check()
        database = True
    except Exception:  # whatever keeps the database from answering, the answer is no
        database = False
    nodes = len(call.services.directory.nodes)
    fine = database and nodes > 0
    body = Health(status="ok" if fine else "unavailable", database=database, media_nodes=nodes)
    return web.Response(
        status=200 if fine else 503,
        body=msgspec.json.encode(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def metrics(call: Call) -> web.Response:
    """Prometheus's text format."""
    numbers = call.services.metrics
    return web.Response(body=await numbers.text(), headers={"Content-Type": numbers.content_type})


async def openapi(call: Call) -> web.Response:
    """This API, as OpenAPI 3.1."""
    from parley.signaling.gateway.openapi import document
    from parley.signaling.gateway.route_table import ROUTES  # the table names this function

    return web.Response(body=wire.to_json(document(ROUTES, VERSION)), content_type="application/json")
