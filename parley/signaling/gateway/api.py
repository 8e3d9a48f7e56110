"""Dispatch: what every request of the HTTP API goes through before its handler, and how the handler's answer goes out.

In this order: rate of the address, origin (cross-site request forgery), who asks, whether they may, their own rate, the
body. Handlers get a Call and the decoded body, and return a struct.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from parley.conversations.accounts import Account
from parley.conversations.errors import ConversationsError, ThrottledError
from parley.signaling.gateway import cookies, wire
from parley.signaling.gateway.addresses import Source, same_origin
from parley.signaling.gateway.authorization import authorise
from parley.signaling.gateway.headers import SOURCE
from parley.signaling.gateway.problems import ProblemCode, ProblemError, rate_limited
from parley.signaling.gateway.routes import Limit, Route
from parley.signaling.gateway.services import Services
from parley.signaling.gateway.uploads import Upload

MAX_BODY_BYTES = 65_536
"""A message of 4000 characters, each written as an escaped pair, comes to 48 kB."""

BODY_SECONDS = 15.0
"""For all of a body, so that nobody holds connections open with a byte now and then."""


@dataclass(slots=True)
class Call:
    """One request, as a handler sees it. bearer: the token of its Authorization header, range: its Range header, ""
    where that doesn't count. Set `new_cookie` to sign a browser in ("" to sign it out)."""

    services: Services
    source: Source
    account: Account | None
    token: str | None
    path: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    bearer: str | None = None
    range: str = ""
    new_cookie: str | None = None

    @property
    def me(self) -> Account:
        """The account that asks, on routes that demand one."""
        assert self.account is not None
        return self.account


class Dispatcher:
    """Turns Routes into aiohttp handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._decoders: dict[type, msgspec.json.Decoder[Any]] = {}
        self._encoder = msgspec.json.Encoder()

    def add(self, app: web.Application, route: Route) -> None:
        """Serve the route."""
        if route.request is not None:
            self._decoders[route.request] = msgspec.json.Decoder(route.request)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(route, request)

        if route.method == "GET":
            app.router.add_get(route.path, handle, allow_head=True)
        else:
            app.router.add_route(route.method, route.path, handle)

    async def _handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        call = await self._admit(route, request)
        try:
            if route.takes_file:
                answer = await route.handler(call, _upload(request))
            elif route.request is None:
                answer = await route.handler(call)
            else:
                answer = await route.handler(call, await self._body(route.request, request))
        except ThrottledError as error:
            raise rate_limited(error.retry_after) from None
        except ConversationsError as error:
            raise _as_problem(error) from None
        return self._respond(route, call, answer)

    async def _admit(self, route: Route, request: web.Request) -> Call:
        services, source = self._services, request[SOURCE]
        now = time.monotonic()
        if route.limit is not Limit.NONE:
            _take(services.limits.address.take(source.limit_key, now))
        if route.limit is Limit.SIGN_IN:
            _take(services.limits.sign_in.take(source.limit_key, now))
        if route.limit is Limit.PROBE:
            _take(services.limits.probe.take(source.limit_key, now))
        if route.unsafe:
            check_origin(request, services)
        token = cookies.read(request)
        account = await services.sessions.account_of(token) if token is not None else None
        authorise(route.access, account, is_operator(request, services))
        if account is not None and route.limit is Limit.WRITE:
            _take(services.limits.account_writes.take(account.account_id, now))
        query = {name: request.query[name] for name in route.query if name in request.query}
        return Call(
            services,
            source,
            account,
            token,
            dict(request.match_info),
            query,
            _bearer(request),
            _range(request),
        )

    async def _body(self, kind: type[msgspec.Struct], request: web.Request) -> msgspec.Struct:
        if request.content_type != "application/json":
            detail = "Send JSON: Content-Type: application/json."
            raise ProblemError(415, ProblemCode.UNSUPPORTED_MEDIA_TYPE, detail)
        _check_encoding(request)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                data = await request.read()
        except TimeoutError:
            detail = "The request's body came too slowly."
            raise ProblemError(408, ProblemCode.BAD_REQUEST, detail, {"Connection": "close"}) from None
        try:
            body: msgspec.Struct = wire.decode(self._decoders[kind], data, "The request")
        except wire.BadJsonError as bad:
            raise ProblemError(400, ProblemCode.BAD_REQUEST, str(bad)) from None
        return body

    def _respond(self, route: Route, call: Call, answer: Any) -> web.StreamResponse:
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            response = web.Response(status=204)
        else:
            response = web.Response(
                status=route.status, body=self._encoder.encode(answer), content_type="application/json"
            )
        response.headers.setdefault("Cache-Control", "no-store")
        if call.new_cookie is not None:
            cookies.write(response, call.new_cookie, call.source.secure)
        return response


def _upload(request: web.Request) -> Upload:
    """The body as bytes that are still to come."""
    _check_encoding(request)
    return Upload(request.content_length, request.content)


def _check_encoding(request: web.Request) -> None:
    """What is packed could be of any size."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        detail = "Send the body without Content-Encoding."
        raise ProblemError(415, ProblemCode.UNSUPPORTED_MEDIA_TYPE, detail)


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _range(request: web.Request) -> str:
    """Ranges are defined for GET alone (RFC 9110 section 14.2). If-Range names a version of the bytes (section 13.1.5);
    we name none, so it is never the one that is there."""
    if request.method != "GET" or "If-Range" in request.headers:
        return ""
    return request.headers.get("Range", "")


def _take(wait: float) -> None:
    if wait > 0:
        raise rate_limited(wait)


def check_origin(request: web.Request, services: Services) -> None:
    """Raises ProblemError unless a page of ours sent the request."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if not same_origin(request[SOURCE], origin, site, services.settings.public_url or None):
        detail = "This request must come from a page of this server: send its Origin."
        raise ProblemError(403, ProblemCode.CROSS_SITE, detail)


def is_operator(request: web.Request, services: Services) -> bool:
    """Whether a request bears the operator's token or, when there is none, comes from this machine."""
    token = services.settings.metrics_token.get_secret_value()
    if not token:
        return request[SOURCE].is_loopback
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(errors="replace"), f"Bearer {token}".encode())


_STATUS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "forbidden": HTTPStatus.FORBIDDEN,
    "sign_up_closed": HTTPStatus.FORBIDDEN,
    "conflict": HTTPStatus.CONFLICT,
    "email_taken": HTTPStatus.CONFLICT,
    "bad_credentials": HTTPStatus.UNAUTHORIZED,
}


def _as_problem(error: ConversationsError) -> ProblemError:
    status = _STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
    return ProblemError(int(status), ProblemCode(error.code), str(error))
