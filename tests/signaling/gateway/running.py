"""A gateway and a media node in this process, on real sockets, and browsers' requests to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from argon2 import PasswordHasher

from parley.conversations.accounts import Account, Accounts
from parley.conversations.conversations import Conversation
from parley.conversations.meetings import Meeting
from parley.sfu.endpoint import EndpointConfig
from parley.sfu.media_server import MediaServer
from parley.signaling.directory import NodeDirectory
from parley.signaling.gateway.app import create_app
from parley.signaling.gateway.limits import Rate
from parley.signaling.gateway.services import Rates, Services
from parley.signaling.media_node import MediaNode
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rpc import RpcServer
from parley.signaling.tasks import Tasks
from parley.store.database import Database
from parley.store.registry import EmbeddedRegistry
from parley.store.settings import Settings
from tests.support.server import free_port
from tests.support.waiting import until

PASSWORD = "correct horse battery staple"
PLENTY = Rate(per_second=1e6, burst=1e6)
UNLIMITED = Rates(PLENTY, PLENTY, PLENTY, PLENTY, PLENTY, uploads=PLENTY, probe=PLENTY)
"""For tests that are not about rates: all of them come from one address."""

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashes worth nothing, in no time."""

SITE = {
    "index.html": "<!doctype html><title>Parley</title>",
    "assets/app-1a2b3c.js": "console.log('parley')",
    "assets/app-1a2b3c.js.br": "compressed by brotli",
    "assets/app-1a2b3c.js.gz": "compressed by gzip",
    "favicon.svg": "<svg/>",
    ".hidden": "not for the public",
}
"""A built client, small enough to see what is served. What compresses it doesn't matter to who serves it."""


@dataclass
class Reply:
    """An answer to an HTTP request."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's code; fails when the answer is no problem."""
        assert self.headers["Content-Type"].partition(";")[0] == "application/problem+json", self
        return str(self.json["code"])

    @property
    def cookie(self) -> str:
        """The Set-Cookie line."""
        return str(self.headers.get("Set-Cookie", ""))


@dataclass
class Gateway:
    """One that runs. `url` is what browsers open."""

    url: str
    services: Services
    app: web.Application
    data_dir: Path
    root: Path
    http: aiohttp.ClientSession
    names: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> dict[str, str]:
        """The header that makes a request same-origin."""
        return {"Origin": self.url}

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        token: str | None = None,
        origin: bool = True,
    ) -> Reply:
        """A request of a page of ours; `token` is the session cookie's value, `data` a body as it is."""
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        if origin:
            sent = self.origin | sent
        if token is not None:
            sent["Cookie"] = f"parley_session={token}"
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        kind: dict[str, Any] = {"data": data} if data is not None else {"json": body} if body is not None else {}
        async with self.http.request(method, self.url + path, headers=sent, allow_redirects=False, **kind) as response:
            return Reply(response.status, response.headers, await response.read())

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and read until the server has nothing more to say."""
        host, port = self.url.partition("://")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()

    # --- people and things ------------------------------------------------------------------------------------------

    async def account(self, name: str = "Ann") -> Account:
        """Someone who signed up."""
        self.names += 1
        email = f"{name.lower()}{self.names}@example.org"
        return await self.services.accounts.sign_up(email, name, PASSWORD, accept_terms=True)

    async def signed_in(self, account: Account) -> str:
        """A new browser of this account: its session token."""
        return await self.services.sessions.create(account.account_id)

    async def conversation(self, owner: Account, *members: Account) -> Conversation:
        emails = [member.email for member in members]
        return await self.services.conversations.create(owner.account_id, "Weekly", emails)

    async def meeting(self, host: Account, conversation: Conversation | None = None) -> Meeting:
        conversation_id = conversation.conversation_id if conversation is not None else None
        return await self.services.meetings.create(host.account_id, "Weekly", conversation_id)


def build_site(root: Path) -> Path:
    """A directory like the one the client is built into."""
    for name, text in SITE.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@contextlib.asynccontextmanager
async def gateway(
    *, media: bool = True, rates: Rates = UNLIMITED, tls: ssl.SSLContext | None = None, **settings: Any
) -> AsyncIterator[Gateway]:
    """A gateway with a database of its own and, if asked for, a media node."""
    async with contextlib.AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-test-")))
        node_address = str(root / "node")
        if media:
            await stack.enter_async_context(_media_node(node_address))
        port = free_port()
        site = build_site(root / "site")
        values = {"host": "127.0.0.1", "port": port, "data_dir": root / "data", "web_dist": site, **settings}
        database = Database(Settings(**values).database)
        stack.push_async_callback(database.close)
        await database.migrate()
        directory = NodeDirectory(EmbeddedRegistry([node_address] if media else []), b"secret")
        services = Services(Settings(**values), database, directory, b"another secret", rates)
        services.accounts = Accounts(database, services.settings.sign_up_open, hasher=QUICK)
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        tasks.spawn(services.facts.run(), "fact-writer")
        app = create_app(services)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        stack.push_async_callback(services.links.close)
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
        await directory.start()
        stack.push_async_callback(directory.close)
        if media:
            await until(lambda: directory.nodes)
        connector = aiohttp.TCPConnector(ssl=False)
        http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        stack.push_async_callback(http.close)
        url = f"{'https' if tls else 'http'}://localhost:{port}"
        yield Gateway(url, services, app, root / "data", site, http)


@contextlib.asynccontextmanager
async def _media_node(address: str) -> AsyncIterator[None]:
    config = EndpointConfig(hosts=("127.0.0.1",), tcp_port=None, public_addresses=("127.0.0.1",))
    media = MediaServer(config)
    await media.start()
    node = MediaNode("node", media, RoomConfig())
    server = RpcServer("node", b"secret", node)
    await server.listen(address)
    await node.start()
    try:
        yield
    finally:
        await node.close()
        await server.close()
        await media.close()
