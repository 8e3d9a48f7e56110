"""The public protocol over HTTP and WebSocket (docs/PROTOCOL.md), as far as the light participant needs it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any, Self

import aiohttp

Json = dict[str, Any]

ANSWER_SECONDS = 20.0
SUBPROTOCOL = "parley.1"


class RefusedError(Exception):
    """The server said no, or hung up; str() is what it said."""


class Account:
    """Somebody who signed up. `async with` does that. email: by which others name them. Raises RefusedError."""

    def __init__(self, url: str) -> None:
        self.name = f"Load {secrets.token_hex(4)}"
        self.email = f"load-{secrets.token_hex(6)}@example.org"
        self._http = aiohttp.ClientSession(url, headers={"Origin": url}, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        password = secrets.token_urlsafe(16)
        body = {"email": self.email, "name": self.name, "password": password, "accept_terms": True}
        try:
            await _post(self._http, "/api/accounts", body)
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What shows the server that it is them."""
        return {cookie.key: cookie.value for cookie in self._http.cookie_jar}

    async def open_meeting(self, *members: Account) -> str:
        """The code of a new meeting, which members enter without knocking. Raises RefusedError."""
        emails = [member.email for member in members]
        conversation = await _post(self._http, "/api/conversations", {"title": "Load", "member_emails": emails})
        meeting = await _post(self._http, "/api/meetings", {"conversation_id": conversation["conversation_id"]})
        return str(meeting["code"])


async def host_of_a_new_meeting(url: str) -> tuple[str, dict[str, str]]:
    """Sign up and open a meeting: its code, and the cookies that make their bearer its host. Raises RefusedError."""
    async with Account(url) as host:
        return await host.open_meeting(), host.cookies


async def _post(http: aiohttp.ClientSession, path: str, body: Json) -> Json:
    try:
        async with http.post(path, json=body) as response:
            answer: Json = await response.json(content_type=None)
    except aiohttp.ClientError as error:
        raise RefusedError(f"no answer from the server: {error}") from None
    if response.status >= 400:
        raise RefusedError(f"{path}: {answer.get('detail') or response.reason}")
    return answer


class Signalling:
    """One participant's WebSocket. on_event is called with each event; on_closed, once, when the socket is gone."""

    def __init__(self, on_event: Callable[[Json], None], on_closed: Callable[[str], None]) -> None:
        self._on_event = on_event
        self._on_closed = on_closed
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._last_id = 0
        self._last_seq = 0
        self._reader: asyncio.Task[None] | None = None

    async def connect(self, url: str, cookies: dict[str, str], hello: Json) -> Json:
        """Open the socket and say hello; the welcome. Raises RefusedError."""
        self._http = aiohttp.ClientSession(
            cookies=cookies, headers={"Origin": url}, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        try:
            self._socket = await self._http.ws_connect(
                url.rstrip("/") + "/api/ws", protocols=(SUBPROTOCOL,), max_msg_size=4 * 1024 * 1024
            )
        except aiohttp.ClientError as error:
            raise RefusedError(f"no WebSocket: {error}") from None
        self._reader = asyncio.create_task(self._read(self._socket), name="signalling")
        return await self.request("hello", protocol=1, **hello)

    async def request(self, kind: str, **fields: Any) -> Json:
        """Ask for something; the answer. Raises RefusedError."""
        if self._socket is None or self._socket.closed:
            raise RefusedError("the WebSocket is closed")
        self._last_id += 1
        number = self._last_id
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(json.dumps({"type": kind, "id": number, **fields}))
            message: Json = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            raise RefusedError(f"{kind}: no answer within {ANSWER_SECONDS:.0f} s") from None
        except ConnectionError:
            raise RefusedError("the WebSocket is closed") from None
        finally:
            self._answers.pop(number, None)
        if message["type"] == "error":
            raise RefusedError(f"{kind}: {message['code']}: {message['message']}")
        return message

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        reason = "the server closed the WebSocket"
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message: Json = json.loads(frame.data)
            kind = message["type"]
            if "re" in message:
                answer = self._answers.get(message["re"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
                continue
            if "seq" in message and kind != "heartbeat":
                self._last_seq = message["seq"]
            if kind == "heartbeat":
                await socket.send_str(json.dumps({"type": "ack", "seq": self._last_seq}))
            elif kind in ("closing", "removed", "meeting.ended"):
                reason = f"{kind}: {message.get('message', '')}"
            else:
                self._on_event(message)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(RefusedError(reason))
        self._on_closed(reason)

    async def close(self) -> None:
        """Close the socket. on_closed is not called."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()
