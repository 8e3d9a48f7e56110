"""The WebSocket route: hello within bounds, then messages both ways until either side ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter

import msgspec
from aiohttp import web

from parley.signaling import logs
from parley.signaling.directory import NoNodeError
from parley.signaling.gateway import cookies
from parley.signaling.gateway.admission import Admitted, HelloRefusedError
from parley.signaling.gateway.api import check_origin
from parley.signaling.gateway.connection import MAX_FRAME_BYTES, Connection
from parley.signaling.gateway.headers import SOURCE
from parley.signaling.gateway.names import clean_text
from parley.signaling.gateway.problems import ProblemCode, ProblemError, rate_limited
from parley.signaling.gateway.services import Services
from parley.signaling.schema.client import Ack, AnyClientMessage, Hello, SendChat, SetAgenda
from parley.signaling.schema.common import PROTOCOL_VERSION, ErrorCode

log = logging.getLogger(__name__)

SUBPROTOCOL = f"parley.{PROTOCOL_VERSION}"
HELLO_SECONDS = 10.0


class WebSocketRoute:
    """Serves GET /api/ws. sockets counts those that are open, by source."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._open: Counter[str] = Counter()

    @property
    def sockets(self) -> int:
        """How many are open."""
        return self._open.total()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket, from handshake to goodbye."""
        services, source = self._services, request[SOURCE]
        check_origin(request, services)
        offered = [item.strip() for item in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if SUBPROTOCOL not in offered:
            text = f"Open a WebSocket with the subprotocol {SUBPROTOCOL}."
            raise ProblemError(400, ProblemCode.BAD_REQUEST, text)
        key = source.limit_key
        wait = services.limits.hello.take(key, time.monotonic())
        if wait > 0 or self._open[key] >= services.limits.sockets_per_address:
            raise rate_limited(wait or 10.0)
        socket = web.WebSocketResponse(protocols=(SUBPROTOCOL,), max_msg_size=MAX_FRAME_BYTES, timeout=2.0)
        if not socket.can_prepare(request):
            raise ProblemError(400, ProblemCode.BAD_REQUEST, "This address takes WebSockets only.")
        self._open[key] += 1
        try:
            await socket.prepare(request)
            connection = Connection(socket, request.transport, source, time.monotonic())
            await self._serve(connection, cookies.read(request))
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
        return socket

    async def _serve(self, connection: Connection, session_token: str | None) -> None:
        writer = asyncio.create_task(connection.write(), name="websocket-writer")
        try:
            hello = await self._hello(connection)
            if hello is not None:
                await self._converse(connection, hello, session_token)
            connection.close()
            await writer
        finally:
            self._services.links.detach(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    async def _hello(self, connection: Connection) -> Hello | None:
        """The first message, or None when there is none that could be one."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                message = await connection.receive()
        except TimeoutError:
            connection.refuse(-1, ErrorCode.WRONG_STATE, "Say hello first.")
            return None
        if message is None or isinstance(message, Hello):
            return message
        connection.refuse(_id(message), ErrorCode.WRONG_STATE, "Say hello first.")
        return None

    async def _converse(self, connection: Connection, hello: Hello, session_token: str | None) -> None:
        services = self._services
        try:
            admitted = await self._admit(connection, hello, session_token)
            if admitted is None:
                return
            with logs.context(meeting_id=admitted.meeting_id):
                await services.links.attach(connection, admitted, hello)
        except HelloRefusedError as refused:
            connection.refuse(hello.id, refused.code, str(refused))
            return
        except NoNodeError:
            text = "No media server can take the meeting right now. Try again."
            connection.refuse(hello.id, ErrorCode.UNAVAILABLE, text)
            return
        except Exception:
            log.exception("hello failed")
            connection.refuse(hello.id, ErrorCode.INTERNAL, "Something went wrong on our side.")
            return
        while (message := await connection.receive()) is not None:
            if isinstance(message, Hello):
                connection.error(message.id, ErrorCode.WRONG_STATE, "This connection has said hello already.")
            elif isinstance(message, SendChat | SetAgenda):
                services.links.deliver(connection, msgspec.structs.replace(message, text=clean_text(message.text)))
            else:
                services.links.deliver(connection, message)

    async def _admit(self, connection: Connection, hello: Hello, session_token: str | None) -> Admitted | None:
        """Who it is. Guessing codes is slowed down as over HTTP."""
        limiter, key = self._services.limits.unknown_code, connection.source.limit_key
        if limiter.peek(key, time.monotonic()) > 0:
            connection.refuse(hello.id, ErrorCode.RATE_LIMITED, "Too many wrong links. Try again in a minute.")
            return None
        try:
            return await self._services.admission.admit(hello, session_token)
        except HelloRefusedError as refused:
            if refused.code is ErrorCode.NOT_FOUND:
                limiter.take(key, time.monotonic())
            raise


def _id(message: AnyClientMessage) -> int:
    return -1 if isinstance(message, Ack) else message.id
