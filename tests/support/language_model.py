"""A chat-completions endpoint that answers as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Reply = str | web.Response
Answerer = Callable[[dict[str, Any]], Reply | Awaitable[Reply]]


@dataclass
class Endpoint:
    """Where it listens, and what it was asked."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)


def is_map(request: dict[str, Any]) -> bool:
    """Whether a request is about a part of the transcript, not about the notes of all parts."""
    return "entries are a few minutes" in request["messages"][0]["content"]


def data_of(request: dict[str, Any]) -> dict[str, Any]:
    """The JSON between the marks of a request."""
    lines = request["messages"][1]["content"].split("\n")
    found: dict[str, Any] = json.loads("\n".join(lines[1:-1]))
    return found


@asynccontextmanager
async def endpoint(answer: Answerer) -> AsyncIterator[Endpoint]:
    """Serve until the block ends. A str is the content of the completion; a Response is sent as it is."""
    seen = Endpoint()

    async def complete(request: web.Request) -> web.Response:
        asked = await request.json()
        seen.requests.append(asked)
        reply = answer(asked)
        if not isinstance(reply, str | web.Response):
            reply = await reply
        if isinstance(reply, web.Response):
            return reply
        return web.json_response(
            {"choices": [{"message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}]}
        )

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    async with TestServer(app) as server:
        seen.url = str(server.make_url("/v1"))
        yield seen
