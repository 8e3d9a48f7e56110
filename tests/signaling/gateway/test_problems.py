"""Every error of the HTTP side is a problem (RFC 9457) that says what is wrong and nothing of our insides."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from parley.signaling.gateway import api as api_module
from parley.signaling.gateway.api import MAX_BODY_BYTES
from parley.signaling.gateway.problems import ProblemCode
from tests.signaling.gateway.running import PASSWORD, Gateway, Reply, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIGN_IN = "/api/session"
CODE = "abcd-efgh-jkmn-pqrs"


def check(reply: Reply, status: int, code: str) -> str:
    """That it is a whole problem; its sentence."""
    assert (reply.status, reply.code) == (status, code)
    problem = reply.json
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["code"] in list(ProblemCode)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    return str(problem["detail"])


BODIES: list[tuple[bytes | str, str]] = [
    ("", "not valid JSON"),
    ("{", "not valid JSON"),
    ("nonsense", "not valid JSON"),
    (b"\xff\xfe", "not valid JSON"),
    (b'{"email": "a@b.c\xff", "password": "x"}', "not valid JSON"),
    ('{"email": "\\ud800@b.c", "password": "x"}', "not valid JSON"),
    ("[" * 20_000, "must be an object"),
    ('{"email": ' + "[" * 20_000, "`email` must be text"),
    ('{"email": "a@b.c", "password": "x"} trailing', "not valid JSON"),
    ("[]", "must be an object"),
    ("null", "must be an object"),
    ("7", "must be an object"),
    ("{}", "needs the field `email`"),
    ('{"email": "a@b.c"}', "needs the field `password`"),
    ('{"email": "a@b.c", "password": "x", "admin": true}', "a field `admin` that is not known"),
    ('{"email": 7, "password": "x"}', "`email` must be text"),
    ('{"email": null, "password": "x"}', "`email` must be text"),
    ('{"email": "a@b.c", "password": ["x"]}', "`password` must be text"),
    ('{"email": "a@b.c", "password": ""}', "`password` is too short"),
    ('{"email": "a", "password": "x"}', "`email` is too short"),
    ('{"email": "abcdef", "password": "x"}', "`email` is not in the form it should have"),
]


@pytest.mark.parametrize(("data", "words"), BODIES, ids=lambda value: str(value)[:40])
async def test_a_body_that_cant_be_used_is_answered_with_what_is_wrong(
    site: Gateway, data: bytes | str, words: str
) -> None:
    assert words in check(await site.ask("POST", SIGN_IN, data=data), 400, "bad_request")


async def test_a_field_deep_inside_is_named_by_its_path(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    body = {"title": "x", "member_emails": ["a@example.org", 7]}
    detail = check(await site.ask("POST", "/api/conversations", body, token=token), 400, "bad_request")
    assert "`member_emails[1]` must be text" in detail


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "nonsense"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
    ids=str,
)
async def test_a_body_that_is_no_plain_json_is_refused(site: Gateway, headers: dict[str, str]) -> None:
    body = json.dumps({"email": "a@example.org", "password": PASSWORD}).encode()
    request = [
        f"POST {SIGN_IN} HTTP/1.1",
        "Host: " + site.url.partition("//")[2],
        f"Origin: {site.url}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    answer = await site.raw("\r\n".join(request).encode() + b"\r\n\r\n" + body)
    head, _, problem = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 415 "), answer
    assert json.loads(problem)["code"] == "unsupported_media_type"


async def test_json_may_say_its_charset(site: Gateway) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    check(await site.ask("POST", SIGN_IN, data="{}", headers=headers), 400, "bad_request")


async def test_a_body_over_the_limit_is_refused(site: Gateway) -> None:
    body = {"email": "a@example.org", "password": "x" * MAX_BODY_BYTES}
    check(await site.ask("POST", SIGN_IN, body), 413, "too_large")


async def test_a_body_that_doesnt_come_is_not_waited_for(site: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "BODY_SECONDS", 0.05)
    head = f"POST {SIGN_IN} HTTP/1.1\r\nHost: {site.url.partition('//')[2]}\r\nOrigin: {site.url}\r\n"
    host, _, port = site.url.partition("//")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"too slowly")
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    writer.close()


async def test_the_longest_message_that_is_allowed_fits_however_it_is_escaped(site: Gateway) -> None:
    owner = await site.account()
    conversation = await site.conversation(owner)
    data = '{"text": "' + "\\ud83d\\ude00" * 4000 + '"}'
    path = f"/api/conversations/{conversation.conversation_id}/messages"
    reply = await site.ask("POST", path, data=data, token=await site.signed_in(owner))
    assert reply.status == 201
    assert reply.json["text"] == "\U0001f600" * 4000


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("POST", "/api/nothing"),
        ("OPTIONS", "/api/nothing"),
        ("DELETE", "/api/nothing"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/session/"),
        ("GET", "/api/pages/imprint"),
        ("GET", "/api/meetings/UPPER-CASE"),
        ("GET", "/api/meetings/short"),
        ("GET", "/assets/none.js"),
        ("GET", "/robots.txt"),
    ],
)
async def test_where_nothing_is_the_answer_is_not_found(site: Gateway, method: str, path: str) -> None:
    check(await site.ask(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/accounts", {"POST"}),
        ("PUT", "/api/session", {"GET", "HEAD", "POST", "DELETE"}),
        ("PATCH", "/api/session", {"GET", "HEAD", "POST", "DELETE"}),
        ("OPTIONS", "/api/session", {"GET", "HEAD", "POST", "DELETE"}),
        ("POST", f"/api/meetings/{CODE}", {"GET", "HEAD"}),
        ("GET", f"/api/meetings/{CODE}/end", {"POST"}),
        ("GET", "/api/conversations/x/members", {"POST"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("POST", "/", {"GET", "HEAD"}),
        ("DELETE", "/assets/app-1a2b3c.js", {"GET", "HEAD"}),
    ],
)
async def test_a_method_that_an_address_doesnt_take_is_answered_with_those_it_takes(
    site: Gateway, method: str, path: str, allowed: set[str]
) -> None:
    reply = await site.ask(method, path)
    check(reply, 405, "method_not_allowed")
    assert {item.strip() for item in reply.headers["Allow"].split(",")} == allowed


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/messages?limit=0", 400, "bad_request"),
        ("/messages?limit=-1", 400, "bad_request"),
        ("/messages?limit=many", 400, "bad_request"),
        ("/messages?limit=99999999999", 400, "bad_request"),
        ("/messages?limit=%D9%A3", 400, "bad_request"),
        ("/messages?before=", 400, "bad_request"),
        ("/messages?before=%00", 400, "bad_request"),
        ("/messages?before=unknown", 404, "not_found"),
    ],
)
async def test_query_parameters_are_checked_like_everything_else(
    site: Gateway, path: str, status: int, code: str
) -> None:
    owner = await site.account()
    conversation = await site.conversation(owner)
    token = await site.signed_in(owner)
    check(await site.ask("GET", f"/api/conversations/{conversation.conversation_id}{path}", token=token), status, code)


@pytest.mark.parametrize("host", ["", "a b", "evil.example/path", "user@evil.example", "<script>", "a:b:c", "x" * 300])
async def test_a_host_header_that_is_no_host_is_refused(site: Gateway, host: str) -> None:
    answer = await site.raw(f"GET /api/site HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"<script>" not in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n",
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nx",
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda value: repr(value[:30]),
)
async def test_what_is_no_http_is_answered_with_400_and_the_connection_closed(
    site: Gateway, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await site.raw(request_bytes)
    assert answer.startswith(b"HTTP/1.") or not answer
    assert not answer or answer.split(b" ")[1] in (b"400", b"414", b"431"), answer
    assert b"Traceback" not in answer
    assert not caplog.records, "strangers can't fill the log"
    assert (await site.ask("GET", "/api/site")).status == 200, "others aren't disturbed"


async def test_a_failure_of_ours_says_nothing_of_itself_and_is_logged(
    site: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*args: Any) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(site.services.sessions, "account_of", fail)
    with caplog.at_level(logging.ERROR):
        reply = await site.ask("GET", "/api/session", token="some-token")
    check(reply, 500, "internal")
    assert b"secret" not in reply.body
    assert "a secret detail" in caplog.text


async def test_a_database_that_is_away_makes_the_service_unavailable_for_now() -> None:
    async with gateway(media=False) as site:
        token = await site.signed_in(await site.account())
        async with site.services.database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE sessions RENAME TO elsewhere")
        with pytest.raises(OperationalError):
            await site.services.sessions.account_of(token)
        reply = await site.ask("GET", "/api/meetings", token=token)
        assert "database" in check(reply, 503, "unavailable")
        assert int(reply.headers["Retry-After"]) > 0


async def test_the_server_doesnt_say_what_it_is_made_of(site: Gateway) -> None:
    for reply in (await site.ask("GET", "/"), await site.ask("GET", "/api/nothing"), await site.ask("PUT", "/api")):
        assert "Server" not in reply.headers or "aiohttp" not in reply.headers["Server"].lower()
