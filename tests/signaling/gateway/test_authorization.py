"""Who may use which HTTP route: every route and method there is, by everyone there is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from parley.conversations.recordings import Recording
from parley.signaling.recaps.library import key_of
from tests.signaling.gateway.running import PASSWORD, Gateway
from tests.support.meeting import Client
from tests.support.recaps import publish_recap
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYONE = ("anonymous", "waiting", "guest", "removed", "stranger", "member", "cohost", "host")
"""anonymous: nobody we know. waiting: a guest who waits in the lobby. guest: one who was let in. removed: one who was
put out. stranger: has an account, but is no member of the conversation. member: belongs to it. cohost: a member whom
the host made co-host. host: made the conversation and the meeting. All but anonymous and stranger are, or were, in the
live meeting, and send the token of a guest if they have one; that must give nobody anything over HTTP but the files of
that meeting's chat."""

WITHOUT_ACCOUNT = ("anonymous", "waiting", "guest", "removed")


def table(without: int, stranger: int, member: int, cohost: int, host: int) -> dict[str, int]:
    """Expected statuses: people without an account are all the same to the HTTP API."""
    return dict.fromkeys(WITHOUT_ACCOUNT, without) | {
        "stranger": stranger,
        "member": member,
        "cohost": cohost,
        "host": host,
    }


def everyone(status: int) -> dict[str, int]:
    return dict.fromkeys(EVERYONE, status)


def accounts(status: int) -> dict[str, int]:
    return table(401, status, status, status, status)


def members(status: int) -> dict[str, int]:
    """Strangers don't learn that there is such a conversation."""
    return table(401, 404, status, status, status)


@dataclass(frozen=True)
class Case:
    """One thing to ask. `{…}` in the path and in the body's texts is filled in from the scene."""

    method: str
    path: str
    expected: dict[str, int]
    body: dict[str, Any] | None = None
    why: str = ""
    data: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.why}".strip()


SIGN_UP = {"email": "new-{nonce}@example.org", "name": "New", "password": PASSWORD, "accept_terms": True}
CONVERSATION = "/api/conversations/{conversation_id}"
MEETING = "/api/meetings/{code}"
RECAP = "/api/recaps/{recap_id}"
IN_IT = {"conversation_id": "{conversation_id}"}

INSIDE_SEND = dict.fromkeys(("guest", "member", "cohost", "host"), 201)
INSIDE_FETCH = dict.fromkeys(("guest", "member", "cohost", "host"), 200)
MEMBERS_FETCH = dict.fromkeys(("member", "cohost", "host"), 200)

CASES = (
    Case("POST", "/api/accounts", everyone(201), SIGN_UP),
    Case("GET", "/api/session", everyone(200)),
    Case("POST", "/api/session", everyone(200), {"email": "{stranger_email}", "password": PASSWORD}),
    Case("DELETE", "/api/session", everyone(204)),
    Case("GET", "/api/conversations", accounts(200)),
    Case("POST", "/api/conversations", accounts(201), {"title": "Another"}),
    Case("GET", CONVERSATION, members(200)),
    Case("POST", CONVERSATION + "/members", table(401, 404, 403, 403, 200), {"email": "{candidate_email}"}),
    Case("DELETE", CONVERSATION + "/members/{account_id}", table(401, 404, 403, 403, 204), why="another"),
    Case("DELETE", CONVERSATION + "/members/{myself}", table(401, 404, 204, 204, 409), why="oneself"),
    Case("GET", CONVERSATION + "/messages", members(200)),
    Case("POST", CONVERSATION + "/messages", members(201), {"text": "Hello"}),
    Case("GET", "/api/meetings", accounts(200)),
    Case("POST", "/api/meetings", accounts(201), {}, why="of one's own"),
    Case("POST", "/api/meetings", members(201), IN_IT, why="in the conversation"),
    Case("GET", MEETING, everyone(200)),
    Case("POST", MEETING + "/end", table(401, 403, 403, 403, 204)),
    Case("POST", MEETING + "/files", everyone(403) | INSIDE_SEND, data=b"Some text", why="while it lasts"),
    Case("GET", MEETING + "/files/{file_id}", everyone(404) | INSIDE_FETCH, why="while it lasts"),
    Case("GET", MEETING + "/files/{file_id}", everyone(404) | MEMBERS_FETCH, why="when it is over"),
    Case("GET", "/api/recaps", accounts(200)),
    Case("GET", RECAP, members(200)),
    Case("DELETE", RECAP, table(401, 404, 403, 403, 204)),
    Case("GET", RECAP + "/transcript", members(200)),
    Case("GET", RECAP + "/links", members(200)),
    Case("GET", RECAP + "/edits", members(200)),
    Case("POST", RECAP + "/edits", members(201), {"item": "i1", "field": "done", "value": True}),
    Case("POST", RECAP + "/film", members(202)),
    Case("POST", RECAP + "/clips/{moment}", members(202)),
    Case("GET", RECAP + "/export/{format}", members(200)),
    Case("GET", "/api/media/{token}", table(401, 404, 200, 404, 404), why="the member's link"),
    Case("GET", "/api/notices", accounts(200)),
    Case("POST", "/api/notices/read", accounts(204)),
    Case("GET", "/api/site", everyone(200)),
    Case("GET", "/api/pages/{name}", everyone(200)),
    Case("POST", "/api/probe", everyone(201)),
    Case("GET", "/api/openapi.json", everyone(200)),
    Case("GET", "/healthz", everyone(200)),
    Case("GET", "/healthz/live", everyone(200)),
    Case("GET", "/metrics", everyone(200), why="from this machine"),
)

ELSEWHERE = {
    ("GET", "/api/ws"): "test_websocket.py, and tests/signaling/test_room_authorization.py",
    ("GET", "{site}"): "test_site_files.py",
}
"""Routes that speak something other than the API, and where it is told who may use them."""


class Cast:
    """One of everyone. Accounts last; the conversation and the live meeting are new for every case."""

    def __init__(self, site: Gateway) -> None:
        self.site = site
        self.nonce = 0

    async def sign_up(self) -> None:
        self.accounts = {
            name: await self.site.account(name)
            for name in ("Stranger", "Member", "Cohost", "Host", "Other", "Candidate")
        }

    async def enter(self, stack: AsyncExitStack) -> dict[str, str]:
        """Everyone takes their place; what paths and bodies are filled in with."""
        host, member, cohost, other = (self.accounts[name] for name in ("Host", "Member", "Cohost", "Other"))
        conversation = await self.site.conversation(host, member, cohost, other)
        meeting = await self.site.meeting(host, conversation)
        self.tokens = {
            name.lower(): await self.site.signed_in(account)
            for name, account in self.accounts.items()
            if name in ("Stranger", "Member", "Cohost", "Host")
        }
        await self._live(stack, meeting.code)
        path = f"/api/meetings/{meeting.code}/files"
        sent = await self.site.ask("POST", path, data=b"Some text", token=self.tokens["host"])
        assert sent.status == 201, sent
        self.nonce += 1
        recap_id = await self._recorded(meeting.meeting_id)
        link = key_of(recap_id, "recap/reel.mp4")
        return {
            "recap_id": recap_id,
            "moment": "m1",
            "format": "vtt",
            "token": self.site.services.media_links.sign(link, member.account_id, time.time()),
            "nonce": str(self.nonce),
            "conversation_id": conversation.conversation_id,
            "code": meeting.code,
            "file_id": sent.json["file_id"],
            "account_id": other.account_id,
            "candidate_email": self.accounts["Candidate"].email,
            "stranger_email": self.accounts["Stranger"].email,
            "name": "terms",
        }

    async def _recorded(self, meeting_id: str) -> str:
        """The meeting was recorded, and a recap made."""
        services, recap_id, now = self.site.services, f"recap{self.nonce}", datetime.now(UTC)
        await services.recordings.began(meeting_id, Recording(recap_id, meeting_id, now))
        await services.recordings.ended(recap_id, now)
        await publish_recap(services.blobs, recap_id)
        return recap_id

    async def _live(self, stack: AsyncExitStack, code: str) -> None:
        clients: dict[str, Client] = {}
        self.guest_tokens: dict[str, str] = {}
        for name in ("host", "member", "cohost", "guest", "removed", "waiting"):
            client = clients[name] = Client(SimpleNamespace(url=self.site.url, origin=self.site.origin), name)
            stack.push_async_callback(client.close)
            if name in self.tokens:
                client._http.cookie_jar.update_cookies({"parley_session": self.tokens[name]})
            welcome = await client.connect(code)
            assert welcome["waiting"] is (name not in self.tokens), (name, welcome)
            if welcome["guest_token"]:
                self.guest_tokens[name] = welcome["guest_token"]
            if name in ("guest", "removed"):
                await clients["host"].hears("knock.added", 1 if name == "guest" else 2)
                await clients["host"].ask("knock.admit", knock_ids=None)
                await client.hears("joined")
        host = clients["host"]
        for kind, fields in (
            ("participant.set_role", {"participant_id": clients["cohost"].id, "cohost": True}),
            ("participant.remove", {"participant_id": clients["removed"].id}),
        ):
            answer = await host.ask(kind, **fields)
            assert answer["type"] == "ok", answer
        await clients["removed"].hears("removed")
        await until(lambda: not self.site.services.facts.pending)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(site: Gateway) -> AsyncIterator[Cast]:
    cast = Cast(site)
    await cast.sign_up()
    yield cast


def filled(template: Any, values: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {name: filled(value, values) for name, value in template.items()}
    return template.format(**values) if isinstance(template, str) else template


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_each_route_answers_everyone_as_the_table_says(case: Case, cast: Cast) -> None:
    async with AsyncExitStack() as stack:
        values = await cast.enter(stack)
        if case.why == "when it is over":
            ended = await cast.site.ask("POST", f"/api/meetings/{values['code']}/end", token=cast.tokens["host"])
            assert ended.status == 204
        answers = {}
        for person in EVERYONE:
            mine = cast.accounts.get(person.capitalize())
            values |= {"nonce": f"{cast.nonce}-{person}", "myself": mine.account_id if mine else "nobody"}
            reply = await cast.site.ask(
                case.method,
                filled(case.path, values),
                filled(case.body, values),
                data=case.data,
                token=cast.tokens.get(person),
                headers=bearer(cast.guest_tokens.get(person)),
            )
            answers[person] = reply.status
        assert answers == case.expected


async def test_the_table_names_every_route_of_the_app(site: Gateway) -> None:
    served = set()
    for route in site.app.router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        if route.method != "HEAD":  # comes with every GET
            served.add((route.method, "{site}" if path == "/{path}" else path))
    named = {(case.method, case.path.replace("{myself}", "{account_id}")) for case in CASES}
    assert served == named | ELSEWHERE.keys()


async def test_the_table_names_every_operation_of_the_openapi_document(site: Gateway) -> None:
    document = (await site.ask("GET", "/api/openapi.json")).json
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(case.method, case.path.replace("{myself}", "{account_id}")) for case in CASES}


async def test_the_table_is_for_everyone(site: Gateway) -> None:
    assert all(case.expected.keys() == set(EVERYONE) for case in CASES)


async def test_what_was_refused_has_not_happened(site: Gateway) -> None:
    host, member, other = await site.account("Host"), await site.account("Member"), await site.account("Other")
    conversation = await site.conversation(host, member, other)
    meeting = await site.meeting(host, conversation)
    token = await site.signed_in(member)
    path = f"/api/conversations/{conversation.conversation_id}/members"
    assert (await site.ask("DELETE", f"{path}/{other.account_id}", token=token)).status == 403
    assert (await site.ask("POST", path, {"email": (await site.account()).email}, token=token)).status == 403
    assert (await site.ask("POST", f"/api/meetings/{meeting.code}/end", token=token)).status == 403
    now = await site.services.conversations.get(host.account_id, conversation.conversation_id)
    assert now.members == conversation.members
    found = await site.services.meetings.by_code(meeting.code)
    assert found is not None
    assert found.ended_at is None


async def test_a_host_who_was_put_out_of_the_conversation_may_not_end_its_meetings(site: Gateway) -> None:
    owner, host = await site.account("Owner"), await site.account("Host")
    conversation = await site.conversation(owner, host)
    meeting = await site.meeting(host, conversation)
    await site.services.conversations.remove_member(owner.account_id, conversation.conversation_id, host.account_id)
    token = await site.signed_in(host)
    assert (await site.ask("POST", f"/api/meetings/{meeting.code}/end", token=token)).status == 403


@pytest.mark.parametrize(
    ("person", "role"),
    [("anonymous", "guest"), ("Stranger", "guest"), ("Member", "member"), ("Cohost", "member"), ("Host", "host")],
)
async def test_who_looks_at_a_link_learns_what_they_would_enter_as(cast: Cast, person: str, role: str) -> None:
    host = cast.accounts["Host"]
    conversation = await cast.site.conversation(host, cast.accounts["Member"], cast.accounts["Cohost"])
    meeting = await cast.site.meeting(host, conversation)
    account = cast.accounts.get(person)
    token = await cast.site.signed_in(account) if account else None
    info = (await cast.site.ask("GET", f"/api/meetings/{meeting.code}", token=token)).json
    assert info["role"] == role
    assert info["account_name"] == (account.name if account else None)
    assert not {"meeting_id", "conversation_id", "host_id"} & info.keys(), "the link tells no ids"
