"""The WebSocket at the gateway: what can't be used is answered with a code, and the meeting beside doesn't notice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import WSMsgType

from parley.conversations.meetings import Meeting
from parley.signaling.gateway import connection as connection_module
from parley.signaling.gateway import room_links as room_links_module
from parley.signaling.gateway import websocket as websocket_module
from parley.signaling.gateway.admission import GuestToken
from parley.signaling.gateway.connection import MAX_FRAME_BYTES
from parley.signaling.node_messages import RevokeMember
from parley.signaling.rpc import LinkLostError
from parley.signaling.schema.common import MAX_CHAT_CHARS, MAX_MESSAGE_BYTES
from parley.store.secrets import Signer
from tests.signaling.gateway.running import Gateway, gateway
from tests.support.meeting import Client
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Socket:
    """A WebSocket of a client that may do anything."""

    def __init__(self, site: Gateway, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.site = site
        self.raw = raw

    async def hello(self, code: str, **fields: Any) -> dict[str, Any]:
        """Say hello as a guest; the answer."""
        hello = {"type": "hello", "id": 1, "protocol": 1, "code": code, "name": "Gus", "accept_terms": True}
        await self.raw.send_json(hello | fields)
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """The next message; heartbeats don't count."""
        while True:
            frame = await self.raw.receive(timeout=5)
            assert frame.type is WSMsgType.TEXT, frame
            message = dict(json.loads(frame.data))
            if message["type"] != "heartbeat":
                return message

    async def error(self, text: str | bytes) -> dict[str, Any]:
        """Send something; the next error."""
        await (self.raw.send_str(text) if isinstance(text, str) else self.raw.send_bytes(text))
        while True:
            message = await self.next()
            if message["type"] == "error":
                return message

    async def closed(self) -> int:
        """The code it is closed with, skipping messages."""
        while True:
            frame = await self.raw.receive(timeout=5)
            if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return self.raw.close_code or 1006

    async def works(self) -> None:
        """Fails unless requests are still answered."""
        await self.raw.send_json({"type": "knock.withdraw", "id": 999})
        while (message := await self.next()).get("re") != 999:
            pass
        assert message["type"] == "ok"


@contextlib.asynccontextmanager
async def connected(site: Gateway, *, token: str | None = None, compress: int = 0) -> AsyncIterator[Socket]:
    """An open socket that has said nothing."""
    headers = dict(site.origin)
    if token is not None:
        headers["Cookie"] = f"parley_session={token}"
    raw = await site.http.ws_connect(
        site.url + "/api/ws", protocols=("parley.1",), headers=headers, compress=compress, max_msg_size=0
    )
    try:
        yield Socket(site, raw)
    finally:
        await raw.close()


async def raw_socket(site: Gateway, receive_buffer: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The bytes beneath a WebSocket, after its handshake."""
    host = site.url.partition("//")[2]
    raw = socket.socket()
    if receive_buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", int(host.rpartition(":")[2])))
    reader, writer = await asyncio.open_connection(sock=raw)
    writer.write(
        f"GET /api/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.url}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: parley.1\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return reader, writer


def masked(text: bytes) -> bytes:
    """A text frame of up to 64 kB as clients send it, masked with zeros (RFC 6455, 5.2)."""
    return b"\x81\xfe" + len(text).to_bytes(2) + bytes(4) + text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(site: Gateway) -> Meeting:
    return await site.meeting(await site.account("Host"))


@pytest_asyncio.fixture(loop_scope="module")
async def beside(site: Gateway) -> AsyncIterator[Meeting]:
    """A meeting of two in the same process. When the test is over both must still be there, be able to talk to each
    other, and have heard of nothing else."""
    host, member = await site.account("Host"), await site.account("Member")
    conversation = await site.conversation(host, member)
    meeting = await site.meeting(host, conversation)
    clients = []
    for account in (host, member):
        client = Client(SimpleNamespace(url=site.url, origin=site.origin), account.name)
        client._http.cookie_jar.update_cookies({"parley_session": await site.signed_in(account)})
        await client.connect(meeting.code)
        await client.hears("joined")
        clients.append(client)
    first, second = clients
    await first.hears("participant.joined")
    heard = [len(client.heard) for client in clients]
    try:
        yield meeting
        assert (await first.ask("chat.send", text="Still there?"))["type"] == "ok"
        await second.hears("chat.message")
        for client, before in zip(clients, heard, strict=True):
            since = [message["type"] for _, message in client.heard[before:]]
            assert set(since) <= {"ok", "chat.message", "heartbeat", "knock.added", "knock.removed"}, since
            assert client.close_code is None
    finally:
        for client in clients:
            await client.close()


# --- the handshake ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocols", [(), ("parley.2",), ("chat", "superchat")])
async def test_a_socket_that_doesnt_offer_our_subprotocol_is_not_opened(
    site: Gateway, protocols: tuple[str, ...]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await site.http.ws_connect(site.url + "/api/ws", protocols=protocols, headers=site.origin)
    assert refused.value.status == 400


async def test_our_subprotocol_is_taken_wherever_it_stands_in_the_list(site: Gateway) -> None:
    raw = await site.http.ws_connect(site.url + "/api/ws", protocols=("other", "parley.1"), headers=site.origin)
    assert raw.protocol == "parley.1"
    await raw.close()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upgrade": "websocket", "Connection": "Upgrade"},
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "x"},
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"},
        {"Upgrade": "h2c", "Connection": "Upgrade"},
    ],
    ids=lambda headers: "+".join(headers.values()) or "plain",
)
async def test_a_request_that_is_no_websocket_handshake_is_a_problem(site: Gateway, headers: dict[str, str]) -> None:
    reply = await site.ask("GET", "/api/ws", headers={"Sec-WebSocket-Protocol": "parley.1", **headers})
    assert (reply.status, reply.code) == (400, "bad_request")


# --- hello ------------------------------------------------------------------------------------------------------------


async def test_a_guest_who_says_who_they_are_waits(site: Gateway, meeting: Meeting) -> None:
    async with connected(site) as guest:
        welcome = await guest.hello(meeting.code)
        assert (welcome["type"], welcome["re"], welcome["waiting"]) == ("welcome", 1, True)
        assert welcome["guest_token"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"protocol": 2}, "unsupported_protocol"),
        ({"protocol": -1}, "unsupported_protocol"),
        ({"code": "no-such-meeting"}, "not_found"),
        ({"name": None}, "name_required"),
        ({"name": " \u200b "}, "name_required"),
        ({"accept_terms": False}, "terms_required"),
        ({"name": None, "guest_token": "forged"}, "name_required"),
        ({"name": None, "guest_token": "e30.e30"}, "name_required"),
        ({"name": None, "guest_token": "ä.ö"}, "name_required"),
    ],
)
async def test_a_hello_that_cant_be_accepted_is_answered_and_ends_the_socket(
    site: Gateway, meeting: Meeting, fields: dict[str, Any], code: str
) -> None:
    async with connected(site) as guest:
        answer = await guest.hello(**{"code": meeting.code, **fields})
        assert (answer["type"], answer["re"], answer["code"]) == ("error", 1, code)
        assert answer["message"].endswith(".")
        assert await guest.closed() == 1008


async def test_a_meeting_that_has_ended_takes_nobody(site: Gateway) -> None:
    host = await site.account()
    meeting = await site.meeting(host)
    await site.services.meetings.end(host.account_id, meeting.code)
    async with connected(site) as guest:
        assert (await guest.hello(meeting.code))["code"] == "meeting_ended"


async def test_a_guests_token_makes_them_the_same_person_again_without_name_or_terms(
    site: Gateway, meeting: Meeting
) -> None:
    async with connected(site) as guest:
        token = (await guest.hello(meeting.code))["guest_token"]
    async with connected(site) as again:
        welcome = await again.hello(meeting.code, name=None, accept_terms=False, guest_token=token)
        assert (welcome["type"], welcome["waiting"]) == ("welcome", True)
    signer = Signer(b"another secret", "guest")
    first, second = (signer.verify(text, GuestToken, time.time()) for text in (token, welcome["guest_token"]))
    assert first == second
    assert first.name == "Gus"


@pytest.mark.parametrize("kind", ["another meeting's", "expired", "another purpose's", "another secret's"])
async def test_a_guests_token_is_good_for_its_meeting_and_time_only(site: Gateway, meeting: Meeting, kind: str) -> None:
    secret = b"stolen" if kind == "another secret's" else b"another secret"
    signer = Signer(secret, "something" if kind == "another purpose's" else "guest")
    meeting_id = "another" if kind == "another meeting's" else meeting.meeting_id
    expires = time.time() + (-1 if kind == "expired" else 60)
    token = signer.sign(GuestToken(meeting_id, "guest-admitted-before", "Mallory"), expires)
    async with connected(site) as guest:
        assert (await guest.hello(meeting.code, name=None, guest_token=token))["code"] == "name_required"


async def test_a_cookie_of_no_session_makes_nobody_a_member(site: Gateway, meeting: Meeting) -> None:
    async with connected(site, token="x" * 43) as stranger:
        assert (await stranger.hello(meeting.code))["waiting"] is True
    async with connected(site, token="x" * 43) as stranger:
        assert (await stranger.hello(meeting.code, name=None))["code"] == "name_required"


async def test_an_account_is_known_by_its_cookie_whatever_name_it_gives(site: Gateway) -> None:
    host = await site.account("Hanna")
    meeting = await site.meeting(host)
    async with connected(site, token=await site.signed_in(host)) as client:
        welcome = await client.hello(meeting.code, name="Somebody Else", accept_terms=False)
        assert (welcome["waiting"], welcome["guest_token"]) == (False, None)
        joined = await client.next()
        assert [person["name"] for person in joined["participants"]] == ["Hanna"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "leave", "id": 7},
        {"type": "chat.send", "id": 7, "text": "Let me in"},
        {"type": "knock.admit", "id": 7, "knock_ids": None},
        {"type": "meeting.end", "id": 7},
        {"type": "ack", "seq": 1},
    ],
    ids=lambda message: message["type"],
)
async def test_nothing_but_hello_is_taken_before_hello(site: Gateway, message: dict[str, Any], beside: Meeting) -> None:
    async with connected(site) as client:
        answer = await client.error(json.dumps(message))
        assert (answer["re"], answer["code"]) == (message.get("id", -1), "wrong_state")
        assert await client.closed() == 1008


async def test_hello_is_said_once(site: Gateway, meeting: Meeting) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        hello = {"type": "hello", "id": 2, "protocol": 1, "code": meeting.code}
        answer = await client.error(json.dumps(hello))
        assert (answer["re"], answer["code"]) == (2, "wrong_state")
        await client.works()


async def test_who_says_nothing_is_let_go(site: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "HELLO_SECONDS", 0.05)
    async with connected(site) as client:
        answer = await client.next()
        assert (answer["type"], answer["code"]) == ("error", "wrong_state")
        assert await client.closed() == 1008


# --- messages that can't be used --------------------------------------------------------------------------------------

MALFORMED: list[tuple[str | bytes, int, str]] = [
    ("", -1, "not valid JSON"),
    ("{", -1, "not valid JSON"),
    ("nonsense", -1, "not valid JSON"),
    ("[]", -1, "must be an object"),
    ("[" * 50_000, -1, "The message"),
    ("null", -1, "must be an object"),
    ("{}", -1, "needs the field `type`"),
    ('{"id": 4}', 4, "needs the field `type`"),
    ('{"id": 4, "type": 7}', 4, "`type`"),
    ('{"id": 4, "type": "no.such.message"}', 4, "`type` has a value that is not known"),
    ('{"id": 4, "type": "welcome"}', 4, "`type` has a value that is not known"),
    ('{"type": "leave"}', -1, "needs the field `id`"),
    ('{"type": "leave", "id": -1}', -1, "`id` must be at least 0"),
    ('{"type": "leave", "id": "4"}', -1, "`id` must be a whole number"),
    ('{"type": "leave", "id": 1e300}', -1, "`id`"),
    ('{"type": "leave", "id": 99999999999999999999999}', -1, "`id`"),
    ('{"type": "leave", "id": 4, "please": true}', 4, "a field `please` that is not known"),
    ('{"type": "chat.send", "id": 4}', 4, "needs the field `text`"),
    ('{"type": "chat.send", "id": 4, "text": ""}', 4, "`text` is too short"),
    ('{"type": "chat.send", "id": 4, "text": 5}', 4, "`text` must be text"),
    ('{"type": "chat.send", "id": 4, "text": "' + "x" * (MAX_CHAT_CHARS + 1) + '"}', 4, "`text` is too long"),
    ('{"type": "chat.send", "id": 4, "text": "\\ud800"}', -1, "not valid JSON"),
    ('{"type": "participant.mute", "id": 4, "participant_id": "a b", "source": "camera"}', 4, "`participant_id`"),
    ('{"type": "participant.mute", "id": 4, "participant_id": "a", "source": "tv"}', 4, "`source`"),
    ('{"type": "knock.admit", "id": 4, "knock_ids": ["ok", 7]}', 4, "`knock_ids[1]` must be text"),
    (b"binary", -1, "text frames"),
    (b"", -1, "text frames"),
    (b'{"type": "leave", "id": 4}', -1, "text frames"),
]


@pytest.mark.parametrize(("text", "re", "words"), MALFORMED, ids=lambda value: str(value)[:50])
async def test_a_message_that_cant_be_used_is_answered_and_changes_nothing(
    site: Gateway, meeting: Meeting, text: str | bytes, re: int, words: str
) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        answer = await client.error(text)
        assert (answer["re"], answer["code"]) == (re, "bad_message")
        assert words in answer["message"]
        assert len(answer["message"]) < 300
        await client.works()


async def test_before_hello_too_a_malformed_message_is_answered_and_may_be_made_good(
    site: Gateway, meeting: Meeting, beside: Meeting
) -> None:
    async with connected(site) as client:
        assert (await client.error("nonsense"))["code"] == "bad_message"
        assert (await client.hello(meeting.code))["type"] == "welcome"


async def test_a_message_at_the_limit_is_read_and_one_over_it_ends_the_socket(
    site: Gateway, meeting: Meeting, beside: Meeting
) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        padded = '{"type": "leave", "id": 4, "please": true'
        at_limit = padded + " " * (MAX_MESSAGE_BYTES - len(padded) - 1) + "}"
        assert (await client.error(at_limit))["code"] == "bad_message"
        answer = await client.error(at_limit + " ")
        assert (answer["re"], answer["code"]) == (-1, "too_large")
        assert await client.closed() == 1009


async def test_characters_of_several_bytes_count_as_such(site: Gateway, meeting: Meeting) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        answer = await client.error('"' + "\U0001f600" * (MAX_MESSAGE_BYTES // 4) + '"')
        assert answer["code"] == "too_large"


@pytest.mark.parametrize("compress", [0, 15])
async def test_a_huge_message_is_never_read_to_its_end(
    site: Gateway, meeting: Meeting, compress: int, beside: Meeting
) -> None:
    """Neither a plain one nor a small one that is huge once it is unpacked."""
    async with connected(site, compress=compress) as client:
        await client.hello(meeting.code)
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            await client.raw.send_str(" " * (16 * MAX_FRAME_BYTES))
        assert await client.closed() in (1006, 1009)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x83\x00\x00\x00\x00\xff\xfe\xfd", 1007),  # text that is no UTF-8
        (b"\xf1\x80\x00\x00\x00\x00", 1002),  # reserved bits
        (b"\x83\x80\x00\x00\x00\x00", 1002),  # reserved opcode
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009),  # 2^64-1 bytes announced
        (b"\x89\xfe\x01\x00\x00\x00\x00\x00", 1002),  # a ping too long for a control frame
    ],
    ids=["not UTF-8", "reserved bits", "reserved opcode", "2^64 bytes", "long ping"],
)
async def test_a_frame_against_the_rules_ends_its_socket_only(
    site: Gateway, beside: Meeting, frame: bytes, code: int
) -> None:
    reader, writer = await raw_socket(site)
    writer.write(frame)
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert (answer[:1], int.from_bytes(answer[2:4])) == (b"\x88", code)
    writer.close()


async def test_control_characters_and_direction_overrides_dont_reach_the_chat(site: Gateway) -> None:
    host = await site.account("Hanna")
    meeting = await site.meeting(host)
    async with connected(site, token=await site.signed_in(host)) as client:
        await client.hello(meeting.code)
        await client.raw.send_json({"type": "chat.send", "id": 5, "text": "a\x00b\u202ec\nd"})
        while (message := await client.next())["type"] != "chat.message":
            pass
        assert message["message"]["text"] == "abc\nd"
        await until(lambda: not site.services.facts.pending)
        kept = await site.services.messages.page(host.account_id, meeting.conversation_id)
        assert [line.text for line in kept[0]] == ["abc\nd"]


async def test_control_characters_and_direction_overrides_dont_reach_the_agenda(site: Gateway) -> None:
    host = await site.account("Hanna")
    meeting = await site.meeting(host)
    async with connected(site, token=await site.signed_in(host)) as client:
        await client.hello(meeting.code)
        await client.raw.send_json({"type": "meeting.agenda", "id": 5, "text": "1. a\x00b\u202ec\n2. d"})
        while (message := await client.next())["type"] != "meeting.updated":
            pass
        assert message["meeting"]["agenda"] == "1. abc\n2. d"


# --- too much ---------------------------------------------------------------------------------------------------------


async def test_who_floods_is_told_and_then_disconnected(site: Gateway, meeting: Meeting, beside: Meeting) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            for number in range(500):
                await client.raw.send_json({"type": "chat.send", "id": number, "text": "!"})
        told: list[dict[str, Any]] = []
        while True:
            frame = await client.raw.receive(timeout=5)
            if frame.type is not WSMsgType.TEXT:
                break
            told.append(json.loads(frame.data))
        limited = [message for message in told if message.get("code") == "rate_limited"]
        assert limited[0]["type"] == "error"
        assert limited[0]["re"] >= 0
        assert (told[-1]["type"], told[-1]["reconnect"]) == ("closing", False)
        assert client.raw.close_code == 1008


async def test_who_sends_nonsense_again_and_again_is_disconnected(site: Gateway, beside: Meeting) -> None:
    async with connected(site) as client:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            for _ in range(200):
                await client.raw.send_bytes(b"nonsense")
        assert await client.closed() == 1008


async def test_who_sends_too_many_bytes_is_told(site: Gateway, meeting: Meeting, beside: Meeting) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        big = '{"type": "leave", "id": 4, "please": true' + " " * 120_000 + "}"
        codes = [(await client.error(big))["code"] for _ in range(14)]
        assert codes[0] == "bad_message"
        assert codes[-1] == "rate_limited"


async def test_who_slows_down_when_told_goes_on(site: Gateway, meeting: Meeting) -> None:
    async with connected(site) as client:
        await client.hello(meeting.code)
        for number in range(40):
            await client.raw.send_json({"type": "chat.send", "id": number, "text": "!"})
        codes = [(await client.next()).get("code") for _ in range(40)]
        assert "rate_limited" in codes
        await client.works()


async def test_a_client_that_doesnt_read_is_cut_and_costs_the_others_nothing(
    site: Gateway, beside: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(connection_module, "GOODBYE_SECONDS", 0.05)
    meeting = await site.meeting(await site.account())
    before = set(site.services.links._links)
    _, writer = await raw_socket(site, receive_buffer=4096)
    hello = {"type": "hello", "id": 1, "protocol": 1, "code": meeting.code, "name": "Gus", "accept_terms": True}
    writer.write(masked(json.dumps(hello).encode()))
    await until(lambda: len(site.services.links) > len(before))
    (connection_id,) = set(site.services.links._links) - before
    connection = site.services.links._links[connection_id].connection
    writer.transport.pause_reading()

    def gone() -> bool:
        connection.send(b'"' + b"x" * 100_000 + b'"')
        return connection_id not in site.services.links._links

    await until(gone)
    assert connection._queued_bytes < 2 * connection_module.SLOW_BYTES + 4 * 100_000
    writer.close()


# --- the end ----------------------------------------------------------------------------------------------------------


async def test_a_gateway_that_stops_tells_everyone_to_come_back() -> None:
    async with gateway() as site:
        meeting = await site.meeting(await site.account())
        async with connected(site) as client:
            await client.hello(meeting.code)
            await site.services.links.close()
            while (message := await client.next())["type"] != "closing":
                pass
            assert (message["code"], message["reconnect"]) == ("unavailable", True)
            assert await client.closed() == 1001


async def test_without_a_media_node_a_hello_is_answered_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with gateway(media=False) as site:
        place = site.services.directory.open_room

        async def hasty(meeting_id: str, load: Any, timeout: float = 0.1) -> Any:
            return await place(meeting_id, load, 0.1)

        monkeypatch.setattr(site.services.directory, "open_room", hasty)
        meeting = await site.meeting(await site.account())
        async with connected(site) as client:
            answer = await client.hello(meeting.code)
            assert (answer["type"], answer["code"]) == ("error", "unavailable")
            assert await client.closed() == 1008


async def test_while_facts_dont_get_into_the_database_a_hello_is_answered_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with gateway() as site:

        async def away() -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(site.services.facts, "flush", away)
        monkeypatch.setattr(room_links_module, "FACTS_SECONDS", 0.1)
        meeting = await site.meeting(await site.account())
        async with connected(site) as client:
            answer = await client.hello(meeting.code)
            assert (answer["type"], answer["code"]) == ("error", "unavailable")
            assert await client.closed() == 1008


async def test_a_member_is_removed_also_while_the_meetings_media_node_goes_away(
    site: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, member = await site.account(), await site.account()
    conversation = await site.conversation(owner, member)
    first, second = await site.meeting(owner, conversation), await site.meeting(owner, conversation)
    asked: list[str] = []

    class Lost:
        def notify(self, message: RevokeMember) -> None:
            asked.append(message.meeting_id)
            raise LinkLostError("the connection was closed")

    async def find(meeting_id: str) -> Lost:
        return Lost()

    monkeypatch.setattr(site.services.directory, "find", find)
    path = f"/api/conversations/{conversation.conversation_id}/members/{member.account_id}"
    assert (await site.ask("DELETE", path, token=await site.signed_in(owner))).status == 204
    assert sorted(asked) == sorted([first.meeting_id, second.meeting_id])
