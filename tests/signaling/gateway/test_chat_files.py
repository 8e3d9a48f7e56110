"""Files in the chat over HTTP: who may send one, what may not be sent, what becomes of it, and how it is handed out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from parley.conversations import files as files_module
from parley.conversations.meetings import Meeting
from parley.signaling.gateway import uploads
from parley.signaling.gateway.file_handlers import content_disposition
from parley.signaling.gateway.limits import Rate
from parley.signaling.gateway.uploads import in_words
from tests.signaling.gateway.running import PLENTY, Gateway, Rates, Reply, gateway
from tests.support.meeting import Client
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10


class Call:
    """A live meeting with its host and a guest inside."""

    def __init__(self, site: Gateway, meeting: Meeting, token: str, host: Client, guest: Client) -> None:
        self.site = site
        self.meeting = meeting
        self.token = token
        self.host = host
        self.guest = guest
        self.path = f"/api/meetings/{meeting.code}/files"

    @property
    def guest_token(self) -> str:
        return str(self.guest.welcome["guest_token"])

    async def send(self, data: Any = b"data", name: str = "plan.pdf", **more: Any) -> Reply:
        """The host sends a file."""
        headers = {"Content-Type": "application/octet-stream", **more.pop("headers", {})}
        path = f"{self.path}?name={quote(name)}"
        return await self.site.ask("POST", path, data=data, token=self.token, headers=headers, **more)

    async def fetch(self, file_id: str, **more: Any) -> Reply:
        return await self.site.ask("GET", f"{self.path}/{file_id}", **{"token": self.token, **more})

    async def said(self, count: int = 1) -> dict[str, Any]:
        """The chat message with a file that the guest heard."""
        return dict((await self.guest.hears("chat.message", count))["message"])

    def on_disk(self) -> list[Path]:
        root = self.site.data_dir / "files" / self.meeting.meeting_id
        return sorted(root.iterdir()) if root.exists() else []


@contextlib.asynccontextmanager
async def call(site: Gateway) -> AsyncIterator[Call]:
    async with AsyncExitStack() as stack:
        account = await site.account("Hanna")
        meeting = await site.meeting(account)
        token = await site.signed_in(account)
        host, guest = [Client(SimpleNamespace(url=site.url, origin=site.origin), name) for name in ("Hanna", "Gus")]
        for client in (host, guest):
            stack.push_async_callback(client.close)
        host._http.cookie_jar.update_cookies({"parley_session": token})
        await host.connect(meeting.code)
        await guest.connect(meeting.code)
        await host.hears("knock.added")
        await host.ask("knock.admit", knock_ids=None)
        await guest.hears("joined")
        await until(lambda: not site.services.facts.pending)
        yield Call(site, meeting, token, host, guest)


@contextlib.asynccontextmanager
async def call_at(**settings: Any) -> AsyncIterator[Call]:
    async with gateway(**settings) as site, call(site) as made:
        yield made


# --- from one to all --------------------------------------------------------------------------------------------------


async def test_a_file_is_said_in_the_chat_and_everyone_has_it_byte_for_byte(site: Gateway) -> None:
    async with call(site) as made:
        sent = await made.send(PNG, "photo.png")
        assert sent.status == 201
        said = await made.said()
        assert said["file"] == sent.json
        assert (said["name"], said["text"], said["participant_id"]) == ("Hanna", "", made.host.id)
        assert (sent.json["name"], sent.json["size"], sent.json["media_type"]) == ("photo.png", len(PNG), "image/png")
        got = await made.fetch(sent.json["file_id"])
        assert (got.status, got.body) == (200, PNG)
        assert made.on_disk() == [site.services.file_store.path(made.meeting.meeting_id, sent.json["file_id"])]


async def test_a_guest_sends_and_fetches_with_their_token(site: Gateway) -> None:
    async with call(site) as made:
        headers = {"Authorization": f"Bearer {made.guest_token}"}
        sent = await site.ask("POST", made.path + "?name=a.txt", data=b"Hello", headers=headers)
        assert sent.status == 201
        said = (await made.host.hears("chat.message"))["message"]
        assert (said["name"], said["participant_id"]) == ("Gus", made.guest.id)
        path = f"{made.path}/{sent.json['file_id']}"
        assert (await site.ask("GET", path, headers=headers)).body == b"Hello"
        assert (await site.ask("GET", f"{path}?guest_token={made.guest_token}")).body == b"Hello"
        for wrong in ("", "?guest_token=", "?guest_token=x.y", f"?guest_token={made.guest_token[:-2]}"):
            assert (await site.ask("GET", path + wrong)).code == "not_found"


async def test_a_token_of_another_meeting_says_nothing(site: Gateway) -> None:
    async with call(site) as made, call(site) as other:
        sent = await made.send()
        headers = {"Authorization": f"Bearer {other.guest_token}"}
        assert (await site.ask("POST", made.path, data=b"x", headers=headers)).status == 403
        assert (await site.ask("GET", f"{made.path}/{sent.json['file_id']}", headers=headers)).status == 404
        assert (await other.fetch(sent.json["file_id"])).status == 404


async def test_who_was_here_as_a_guest_and_has_signed_in_since_sends_as_the_account(site: Gateway) -> None:
    async with call(site) as made:
        made.guest.heard.clear()
        sent = await made.send(headers={"Authorization": f"Bearer {made.guest_token}"})
        assert sent.status == 201
        assert (await made.said())["name"] == "Hanna"


async def test_the_conversation_shows_the_file_and_where_to_have_it_when_the_meeting_is_over(site: Gateway) -> None:
    async with call(site) as made:
        await made.send(PNG, "photo.png")
        await made.host.ask("meeting.end")
        await until(lambda: not site.services.facts.pending)
    path = f"/api/conversations/{made.meeting.conversation_id}/messages"
    (message,) = (await site.ask("GET", path, token=made.token)).json["messages"]
    file = message["file"]
    assert (message["text"], file["name"], file["size"], file["media_type"]) == ("", "photo.png", len(PNG), "image/png")
    assert (await site.ask("GET", file["path"], token=made.token)).body == PNG


async def test_who_comes_later_has_the_file_in_the_chat(site: Gateway) -> None:
    async with call(site) as made:
        sent = await made.send()
        await made.host.connect(made.meeting.code)
        joined = await made.host.hears("joined", 2)
        assert [line["file"] for line in joined["chat"]] == [sent.json]


# --- handed out so that it harms nobody -------------------------------------------------------------------------------


async def test_what_could_be_run_is_saved_instead(site: Gateway) -> None:
    async with call(site) as made:
        sent = await made.send(
            b"<script>alert(document.cookie)</script>", "photo.png", headers={"Content-Type": "image/png"}
        )
        assert sent.json["media_type"] == "text/plain", "neither the name nor the sender is believed"
        headers = (await made.fetch(sent.json["file_id"])).headers
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert headers["Cache-Control"].startswith("private")
        assert len(headers.getall("Content-Security-Policy")) == 1


async def test_a_part_of_a_file_can_be_asked_for(site: Gateway) -> None:
    async with call(site) as made:
        file_id = (await made.send(PNG)).json["file_id"]
        part = await made.fetch(file_id, headers={"Range": "bytes=8-17"})
        assert (part.status, part.body) == (206, PNG[8:18])
        assert part.headers["Content-Range"] == f"bytes 8-17/{len(PNG)}"
        assert part.headers["Content-Security-Policy"].startswith("sandbox")
        assert (await made.fetch(file_id, headers={"Range": "bytes=-5"})).body == PNG[-5:]
        assert (await made.fetch(file_id, headers={"Range": f"bytes={len(PNG)}-"})).status == 416
        again = {"If-None-Match": part.headers["ETag"]}
        assert (await made.fetch(file_id, headers=again)).status == 304
        for headers in ({}, {"Range": "bytes=8-17"}):
            head = await site.ask("HEAD", f"{made.path}/{file_id}", token=made.token, headers=headers)
            assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(PNG)))


@pytest.mark.parametrize(
    "name", ["plan.pdf", 'a "quoted" \\ name.txt', "Grüße 東京 \U0001f642.png", "100% *; x=y.txt", "a,b;c.txt"]
)
async def test_a_file_is_saved_under_its_own_name(name: str) -> None:
    line = content_disposition(name)
    assert line.isascii()
    assert line.isprintable()
    header = Message()
    header["Content-Disposition"] = line.partition('; filename="')[0] + ";" + line.rpartition(";")[2]
    assert header.get_filename() == name
    assert line.count('"') == 2


async def test_a_name_is_cleaned_before_anybody_sees_it(site: Gateway) -> None:
    async with call(site) as made:
        sent = await made.send(name="../..\\x\u202e\r\nSet-Cookie: a=b/ \x00evil\u202etxt.exe")
        assert sent.json["name"] == "eviltxt.exe"
        assert (await made.send(name="")).json["name"] == "file"


# --- refused, with nothing left ---------------------------------------------------------------------------------------


async def gone(made: Call) -> None:
    """Nothing of a file is left anywhere."""
    assert made.on_disk() == []
    assert await made.site.services.meetings.facts(made.meeting.meeting_id) is not None
    await made.host.ask("chat.send", text="after it")
    assert (await made.said())["text"] == "after it", "and nothing was said"


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    """A body whose length isn't said."""
    for piece in data:
        yield piece


async def test_a_file_over_the_limit_is_refused_in_words_whether_its_length_is_said_or_not() -> None:
    async with call_at(max_file_bytes=300_000) as made:
        for data in (bytes(300_001), pieces(bytes(200_000), bytes(200_000))):
            refused = await made.send(data)
            assert (refused.status, refused.code) == (413, "too_large")
            assert refused.json["detail"] == "The file is too large: it may have at most 300 kB."
        await gone(made)
        assert (await made.send(pieces(bytes(150_000), bytes(150_000)))).json["size"] == 300_000


async def test_a_server_can_take_no_files_at_all() -> None:
    async with call_at(max_file_bytes=0) as made:
        refused = await made.send()
        assert (refused.status, refused.code) == (403, "forbidden")
        await gone(made)


async def test_who_is_put_out_while_they_send_has_sent_nothing(site: Gateway) -> None:
    async with call(site) as made:
        going_on, put_out = asyncio.Event(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"one half"
            going_on.set()
            await put_out.wait()
            yield b"the other"

        headers = {"Authorization": f"Bearer {made.guest_token}"}
        sending = asyncio.create_task(site.ask("POST", made.path, data=body(), headers=headers))
        await going_on.wait()
        await until(made.on_disk)
        assert (await made.host.ask("participant.remove", participant_id=made.guest.id))["type"] == "ok"
        put_out.set()
        assert (await sending).status == 403
        assert made.on_disk() == []
        assert made.host.events("chat.message") == []


async def test_a_client_that_stops_sending_is_told_so_and_leaves_nothing(
    site: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "IDLE_SECONDS", 0.2)
    async with call(site) as made:
        head = (
            f"POST {made.path} HTTP/1.1\r\nHost: {site.url.partition('://')[2]}\r\nOrigin: {site.url}\r\n"
            f"Cookie: parley_session={made.token}\r\nContent-Length: 1000\r\n\r\n"
        )
        host, _, port = site.url.partition("://")[2].partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + b"only this")
        async with asyncio.timeout(5):
            answer = await reader.readuntil(b"too slowly")
        assert answer.startswith(b"HTTP/1.1 408 "), answer
        writer.close()
        await gone(made)


async def test_a_client_that_sends_a_byte_now_and_then_is_as_slow(
    site: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "GRACE_SECONDS", 0.3)

    async def drips() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"."
            await asyncio.sleep(0.02)

    async with call(site) as made:
        slow = await made.send(drips())
        assert slow.status == 408
        await gone(made)


async def test_a_client_that_goes_away_leaves_nothing(site: Gateway) -> None:
    async with call(site) as made:

        async def half() -> AsyncIterator[bytes]:
            yield bytes(400_000)
            await asyncio.sleep(60)

        sending = asyncio.create_task(made.send(half()))
        await until(made.on_disk)
        sending.cancel()
        await until(lambda: not made.on_disk())
        await gone(made)


async def test_a_body_that_is_no_http_is_refused_and_nothing_for_the_log(
    site: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with call(site) as made:
        head = (
            f"POST {made.path} HTTP/1.1\r\nHost: {site.url.partition('://')[2]}\r\nOrigin: {site.url}\r\n"
            f"Cookie: parley_session={made.token}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno number\r\n"
        )
        assert b" 400 Bad Request" in await site.raw(head.encode())
        assert caplog.records == []
        await gone(made)


async def test_a_packed_body_is_refused_as_is_one_from_another_site(
    site: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with call(site) as made:
        assert (await made.send(headers={"Content-Encoding": "gzip", "Connection": "close"})).status == 415
        assert caplog.records == []
        assert (await made.send(headers={"Origin": "https://evil.example"})).code == "cross_site"
        await gone(made)


async def test_a_disk_that_takes_nothing_is_said_so(site: Gateway) -> None:
    async with call(site) as made:
        blocked = site.data_dir / "files" / made.meeting.meeting_id
        blocked.parent.mkdir(exist_ok=True)
        blocked.write_text("no directory")
        refused = await made.send()
        assert (refused.status, refused.code) == (503, "unavailable")
        assert "data" not in refused.json["detail"]
        blocked.unlink()
        await gone(made)


# --- how many ---------------------------------------------------------------------------------------------------------


async def test_a_meeting_keeps_a_number_of_files_and_no_more(site: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_FILES", 3)
    async with call(site) as made:
        replies = [(await made.send()).status for _ in range(5)]
        assert replies == [201, 201, 201, 409, 409]
        assert len(made.on_disk()) == 3
    async with call(site) as another:
        replies = sorted([reply.status for reply in await asyncio.gather(*(another.send() for _ in range(3)))])
        assert replies == [201, 201, 201]


async def test_one_person_sends_so_many_and_another_is_not_held_up() -> None:
    rates = Rates(PLENTY, PLENTY, PLENTY, PLENTY, PLENTY, uploads=Rate(per_second=0.001, burst=2))
    async with call_at(rates=rates) as made:
        assert [(await made.send()).status for _ in range(3)] == [201, 201, 429]
        headers = {"Authorization": f"Bearer {made.guest_token}"}
        assert (await made.site.ask("POST", made.path, data=b"x", headers=headers)).status == 201


async def test_one_person_has_so_many_under_way_at_a_time(site: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_EACH", 2)
    async with call(site) as made:
        finish = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield bytes(300_000)
            await finish.wait()

        under_way = [asyncio.create_task(made.send(slow())) for _ in range(2)]
        await until(lambda: len(made.on_disk()) == 2)
        refused = await made.send()
        assert (refused.status, refused.code) == (429, "rate_limited")
        finish.set()
        assert [(await one).status for one in under_way] == [201, 201]
        assert (await made.send()).status == 201


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (20_000_000, "20 MB"), (1_000_000_000, "1 GB")],
)
async def test_sizes_are_said_in_words(size: int, words: str) -> None:
    assert in_words(size) == words
