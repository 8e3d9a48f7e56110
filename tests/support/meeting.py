"""People who use a running server as browsers do, over HTTP and WebSocket, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.support.server import Server
from tests.support.waiting import until

PASSWORD = "correct horse battery staple"


class Client:
    """One person's browser: cookies, and a WebSocket at a time.

    heard: every message of all sockets with the time (monotonic seconds) it came, oldest first.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self.close_code: int | None = None
        self.welcome: dict[str, Any] = {}
        self._http = aiohttp.ClientSession(headers=server.origin)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ids = 0

    async def close(self) -> None:
        """Leave nothing behind."""
        await self.drop()
        await self._http.close()

    async def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded JSON of an HTTP request."""
        async with self._http.request(method, self.server.url + path, json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def sign_up(self) -> dict[str, Any]:
        """Be an account."""
        body = {"email": self.email, "name": self.name, "password": PASSWORD, "accept_terms": True}
        status, account = await self.request("POST", "/api/accounts", body)
        assert status in (200, 201), account
        return dict(account)

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.org"

    def session_cookie(self) -> str:
        """The secret in the session's cookie."""
        return next(cookie.value for cookie in self._http.cookie_jar)

    # --- the socket -------------------------------------------------------------------------------------------------

    async def connect(self, code: str, **fields: Any) -> dict[str, Any]:
        """Open a socket and say hello; its answer."""
        await self.drop()
        self.close_code = None
        address = self.server.url.replace("http", "ws", 1) + "/api/ws"
        self._socket = await self._http.ws_connect(address, protocols=("parley.1",), max_msg_size=0)
        self._reading = asyncio.create_task(self._read(self._socket))
        return await self.ask("hello", protocol=1, code=code, name=self.name, accept_terms=True, **fields)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            message = json.loads(frame.data)
            self.heard.append((time.monotonic(), message))
            if message["type"] == "welcome":
                self.welcome = message
            if message["type"] == "heartbeat":
                await socket.send_json({"type": "ack", "seq": message["seq"]})
        self.close_code = socket.close_code or 1006

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self._ids += 1
        request, before = self._ids, len(self.heard)
        assert self._socket is not None
        await self._socket.send_json({"type": kind, "id": request, **fields})
        await until(lambda: any(message.get("re") == request for _, message in self.heard[before:]), 20)
        return next(message for _, message in self.heard[before:] if message.get("re") == request)

    async def drop(self) -> None:
        """The socket is gone without a word."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    # --- what came --------------------------------------------------------------------------------------------------

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Messages of one type, oldest first."""
        return [message for _, message in self.heard if message["type"] == kind]

    async def hears(self, kind: str, count: int = 1, seconds: float = 20) -> dict[str, Any]:
        """The `count`th message of a type, once it is there."""
        await until(lambda: len(self.events(kind)) >= count, seconds)
        return self.events(kind)[count - 1]

    def came_at(self, kind: str, count: int = 1) -> float:
        """When the `count`th message of a type came, monotonic seconds."""
        return [at for at, message in self.heard if message["type"] == kind][count - 1]

    @property
    def id(self) -> str:
        """The participant id."""
        return str(self.events("joined")[-1]["participant_id"])

    @property
    def last_seq(self) -> int:
        """The newest event's number since the last welcome."""
        seq = 0
        for _, message in self.heard:
            seq = 0 if message["type"] == "welcome" and not message["resumed"] else message.get("seq", seq)
        return seq


@dataclass
class Meeting:
    """A meeting with a host, a member and an admitted guest inside, and one guest who was put out."""

    code: str
    host: Client
    member: Client
    guest: Client
    removed: Client

    @property
    def inside(self) -> list[Client]:
        return [self.host, self.member, self.guest]


@contextlib.asynccontextmanager
async def people(server: Server, *names: str) -> AsyncIterator[list[Client]]:
    """Browsers of these people."""
    clients = [Client(server, name) for name in names]
    try:
        yield clients
    finally:
        for client in clients:
            await client.close()


@contextlib.asynccontextmanager
async def meeting(server: Server) -> AsyncIterator[Meeting]:
    """See Meeting."""
    async with people(server, "Hanna", "Mia", "Gus", "Rob") as (host, member, guest, removed):
        await host.sign_up()
        await member.sign_up()
        status, conversation = await host.request(
            "POST", "/api/conversations", {"title": "Weekly", "member_emails": [member.email]}
        )
        assert status in (200, 201), conversation
        body = {"title": "Weekly", "conversation_id": conversation["conversation_id"]}
        status, made = await host.request("POST", "/api/meetings", body)
        assert status in (200, 201), made
        code = made["code"]
        assert (await host.connect(code))["waiting"] is False
        assert (await member.connect(code))["waiting"] is False
        for knocking in (guest, removed):
            assert (await knocking.connect(code))["waiting"] is True
        await host.hears("knock.added", 2)
        await host.ask("knock.admit", knock_ids=None)
        for knocking in (guest, removed):
            await knocking.hears("joined")
        assert (await host.ask("participant.remove", participant_id=removed.id))["type"] == "ok"
        await removed.hears("removed")
        yield Meeting(code, host, member, guest, removed)
