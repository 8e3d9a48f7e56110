"""Recaps over HTTP: what members see, change, play, download and delete, and that nobody else gets anything."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from parley.conversations.accounts import Account
from parley.conversations.recaps import Stage
from parley.conversations.recordings import Recording
from parley.signaling.recaps.library import Library, folder_of, key_of
from parley.signaling.recaps.on_demand import clip_file
from parley.store.blobs import BlobUnavailableError
from parley.store.local_blobs import LocalBlobs
from parley.store.media_links import LINK_SECONDS
from parley.store.tables import RecordingRow
from tests.signaling.gateway.running import Gateway, Reply
from tests.support.recaps import FILM, publish_recap
from tests.support.recordings import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="module")

numbers = itertools.count()
HOSTILE = '../../a"; filename="b.exe\r\nX: y 😀 <script>\u202e'


@dataclass
class Home:
    """A recap, with the browsers of its host, of a member and of a stranger."""

    site: Gateway
    recap_id: str
    host: str
    member: str
    stranger: str
    people: dict[str, Account]
    conversation_id: str

    @property
    def path(self) -> str:
        return f"/api/recaps/{self.recap_id}"

    async def get(self, path: str = "", who: str | None = None, **more: Any) -> Reply:
        """What a member gets at an address below the recap's."""
        return await self.site.ask("GET", self.path + path, token=who or self.member, **more)

    async def edit(self, item: str, field: str, value: object) -> Reply:
        body = {"item": item, "field": field, "value": value}
        return await self.site.ask("POST", self.path + "/edits", body, token=self.member)

    async def link(self, name: str = "reel.mp4") -> str:
        """The address of a file, for the member."""
        return str((await self.get("/links")).json["urls"][name])

    async def media(self, headers: dict[str, str] | None = None, **more: Any) -> Reply:
        return await self.site.ask(
            more.pop("method", "GET"), more.pop("path", None) or await self.link(),
            headers=headers, **{"token": self.member, **more},
        )  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module")
async def home(site: Gateway) -> AsyncIterator[Home]:
    host, member, stranger = [await site.account(name) for name in ("Hana", "Mia", "Sue")]
    conversation = await site.conversation(host, member)
    meeting = await site.services.meetings.create(host.account_id, HOSTILE, conversation.conversation_id)
    recap_id = f"{next(numbers):032x}"
    recordings = site.services.recordings
    await recordings.began(meeting.meeting_id, Recording(recap_id, meeting.meeting_id, MONDAY))
    await recordings.ended(recap_id, MONDAY + timedelta(seconds=5))
    await publish_recap(site.services.blobs, recap_id)
    tokens = [await site.signed_in(one) for one in (host, member, stranger)]
    people = {"host": host, "member": member, "stranger": stranger}
    yield Home(site, recap_id, tokens[0], tokens[1], tokens[2], people, conversation.conversation_id)


# --- seeing ----------------------------------------------------------------------------------------------------------


async def test_a_member_sees_what_was_made_and_what_is_not_made_yet(home: Home) -> None:
    recap = (await home.get()).json
    assert (recap["title"], recap["state"], recap["draft"]) == (HOSTILE.strip(), "working", True)
    assert [person["name"] for person in recap["people"]] == ["Ann"]
    assert [(one["text"], one["owner_name"], one["due"]) for one in recap["actions"]] == [
        ("Send the report", "Ann", "2026-03-06")
    ]
    assert recap["reel"]["file"] == "reel.mp4"
    assert recap["film"] is None
    assert recap["kept_until"] == datetime(2026, 9, 2, 9, tzinfo=UTC).timestamp()
    segments = (await home.get("/transcript")).json["segments"]
    assert [(one["segment"], one["person"], one["text"]) for one in segments] == [
        ("s1", "a", "I will send the report on Friday.")
    ]


async def test_a_recap_of_which_nothing_is_published_yet_is_told_all_the_same(home: Home) -> None:
    await home.site.services.blobs.delete_prefix(folder_of(home.recap_id))
    recap = (await home.get()).json
    assert (recap["state"], recap["people"], recap["overview"], recap["reel"]) == ("working", [], [], None)
    assert (await home.get("/transcript")).json["segments"] == []
    assert (await home.get("/links")).json["urls"] == {}
    assert (await home.get("/export/pdf")).status == 200


async def test_an_artefact_that_is_damaged_is_missing_and_the_rest_is_there(home: Home) -> None:
    await home.site.services.blobs.put_bytes(key_of(home.recap_id, "recap/summary.json"), b'{"format": 1, "sta')
    recap = (await home.get()).json
    assert (recap["overview"], recap["reel"]["file"]) == ([], "reel.mp4")


async def test_nothing_is_said_to_be_waited_for_once_nothing_more_is_made(home: Home) -> None:
    recaps = home.site.services.recaps
    for stage in (Stage("transcript", "done", 1.0), Stage("summary", "running", 0.5), Stage("film", "running", 0.1)):
        await recaps.stage(home.recap_id, stage)
    before = {one["stage"]: one["state"] for one in (await home.get()).json["stages"]}
    async with home.site.services.database.session() as session:
        row = await session.get(RecordingRow, home.recap_id)
        assert row is not None
        row.finished_at = MONDAY
    recap = (await home.get()).json
    after = {one["stage"]: one["state"] for one in recap["stages"]}
    assert (before["summary"], before["reel"], before["film"]) == ("running", "waiting", "running")
    assert (after["summary"], after.get("reel"), after["film"]) == ("failed", None, "running")
    assert (after["transcript"], recap["state"]) == ("done", "ready")


READS = [
    "",
    "/transcript",
    "/links",
    "/edits",
    *(f"/export/{one}" for one in ("markdown", "pdf", "srt", "vtt", "json")),
]


@pytest.mark.parametrize("path", READS)
async def test_what_members_may_read_is_not_there_for_others(home: Home, path: str) -> None:
    stranger, nobody = await home.get(path, home.stranger), await home.site.ask("GET", home.path + path)
    assert (stranger.status, stranger.code, nobody.status) == (404, "not_found", 401)


# --- changing --------------------------------------------------------------------------------------------------------


async def test_changes_are_seen_by_all_and_what_was_made_stays_below_them(home: Home) -> None:
    changes = [("i1", "text", " Mail  it "), ("i1", "owner", None), ("i1", "due", None), ("i1", "done", True),
               ("o1", "text", "All is well.")]  # fmt: skip
    for change in changes:
        assert (await home.edit(*change)).status == 201
    recap = (await home.get(who=home.host)).json
    action = recap["actions"][0]
    assert (action["text"], action["owner"], action["owner_name"], action["due"], action["done"], action["edited"]) == (
        "Mail it", None, None, None, True, True,
    )  # fmt: skip
    assert recap["overview"][0]["text"] == "All is well."
    edits = (await home.get("/edits")).json["edits"]
    assert [(one["item"], one["field"], one["by"]) for one in edits] == [
        (item, field, "Mia") for item, field, _ in reversed(changes)
    ]


async def test_what_is_taken_out_comes_back_when_that_is_taken_back(home: Home) -> None:
    counts = []
    for deleted in (True, False):
        await home.edit("i1", "deleted", deleted)
        counts.append(len((await home.get()).json["actions"]))
    assert counts == [0, 1]


async def test_ticking_a_box_is_no_edit_of_the_words(home: Home) -> None:
    await home.edit("i1", "done", True)
    assert (await home.get()).json["actions"][0]["edited"] is False


@pytest.mark.parametrize(
    ("item", "field", "value", "status"),
    [
        ("i1", "text", "   ", 400),
        ("i1", "text", None, 400),
        ("i1", "text", True, 400),
        ("i1", "text", "x" * 2001, 400),
        ("i1", "text", "x" * 2000, 201),
        ("i1", "text", "<b>\u0000\u202e😀", 201),
        ("i1", "owner", "a", 201),
        ("i1", "owner", "nobody", 400),
        ("i1", "owner", False, 400),
        ("i1", "due", "2026-02-28", 201),
        ("i1", "due", "2026-02-30", 400),
        ("i1", "due", "tomorrow", 400),
        ("i1", "due", "", 400),
        ("i1", "due", True, 400),
        ("i1", "done", None, 400),
        ("i1", "done", "true", 400),
        ("i1", "done", 1, 400),
        ("i1", "deleted", "yes", 400),
        ("i1", "title", "x", 400),
        ("o1", "owner", "a", 400),
        ("o1", "due", None, 400),
        ("o1", "done", True, 400),
        ("s1", "text", "x", 404),
        ("m1", "text", "x", 404),
        ("../i1", "text", "x", 400),
        ("", "text", "x", 400),
    ],
)
async def test_each_field_takes_what_fits_it_and_nothing_else(
    home: Home, item: str, field: str, value: object, status: int
) -> None:
    reply = await home.edit(item, field, value)
    assert reply.status == status, reply
    assert len((await home.get("/edits")).json["edits"]) == (status == 201)


async def test_a_stranger_changes_nothing(home: Home) -> None:
    body = {"item": "i1", "field": "done", "value": True}
    reply = await home.site.ask("POST", home.path + "/edits", body, token=home.stranger)
    assert reply.status == 404
    assert (await home.get("/edits")).json["edits"] == []


# --- playing ---------------------------------------------------------------------------------------------------------

SIZE = len(FILM)


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        (None, 200, 0, SIZE),
        ("bytes=0-9", 206, 0, 10),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=0-", 206, 0, SIZE),
        (f"bytes=0-{SIZE - 1}", 206, 0, SIZE),
        ("bytes=990-", 206, 990, SIZE),
        ("bytes=990-5000", 206, 990, SIZE),
        ("bytes=-10", 206, SIZE - 10, SIZE),
        ("bytes=-5000", 206, 0, SIZE),
        ("bytes=0-9,20-29", 200, 0, SIZE),
        ("bytes=-", 200, 0, SIZE),
        ("bytes=x-9", 200, 0, SIZE),
        ("items=0-9", 200, 0, SIZE),
        ("bytes=" + "9" * 5000 + "-", 200, 0, SIZE),
        ("bytes=٠-٩", 200, 0, SIZE),
    ],
)
async def test_a_link_gives_the_film_or_the_range_of_it(
    home: Home, asked: str | None, status: int, start: int, end: int
) -> None:
    reply = await home.media(None if asked is None else {"Range": asked})
    assert (reply.status, reply.body) == (status, FILM[start:end])
    assert reply.headers["Content-Length"] == str(end - start)
    assert reply.headers.get("Content-Range") == (f"bytes {start}-{end - 1}/{SIZE}" if status == 206 else None)
    assert (reply.headers["Accept-Ranges"], reply.headers["Content-Type"]) == ("bytes", "video/mp4")
    assert "no-store" in reply.headers["Cache-Control"]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=9-3", "bytes=-0"])
async def test_a_range_that_is_not_there_cannot_be_had(home: Home, asked: str) -> None:
    reply = await home.media({"Range": asked})
    assert (reply.status, reply.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("asked", [None, "bytes=0-9", f"bytes={SIZE}-"])
async def test_head_tells_the_size_and_sends_nothing_whatever_range_it_names(home: Home, asked: str | None) -> None:
    reply = await home.media(None if asked is None else {"Range": asked}, method="HEAD")
    assert (reply.status, reply.headers["Content-Length"], reply.body) == (200, str(SIZE), b"")
    assert "Content-Range" not in reply.headers


async def test_who_wants_a_range_of_another_version_only_gets_the_whole(home: Home) -> None:
    reply = await home.media({"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (reply.status, reply.body) == (200, FILM)


async def test_a_film_may_be_saved_rather_than_played(home: Home) -> None:
    reply = await home.media(path=await home.link() + "?download=1")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="reel.mp4"'


async def test_links_are_good_for_five_minutes(home: Home) -> None:
    assert (await home.get("/links")).json["seconds"] == 300 == LINK_SECONDS
    sign = home.site.services.media_links.sign
    key, account = key_of(home.recap_id, "recap/reel.mp4"), home.people["member"].account_id
    came = [
        (await home.media(path="/api/media/" + sign(key, account, time.time() - age))).status
        for age in (LINK_SECONDS - 60, LINK_SECONDS + 1)
    ]
    assert came == [200, 404]


async def test_a_link_is_for_the_one_who_asked(home: Home) -> None:
    link = await home.link()
    others = [await home.media(path=link, token=token) for token in (home.host, home.stranger)]
    assert [(one.status, one.code) for one in others] == [(404, "not_found")] * 2
    assert (await home.site.ask("GET", link)).status == 401


async def test_a_link_that_was_changed_opens_nothing(home: Home) -> None:
    link = await home.link()
    body, _, tag = link.rpartition(".")
    broken = [f"{body}.{tag[:-2]}AA", body, "/api/media/x.y", f"/api/media/{'x' * 1024}"]
    assert [(await home.media(path=path)).status for path in broken] == [404] * 4


async def test_who_was_removed_loses_every_link_at_once(home: Home) -> None:
    link = await home.link()
    assert (await home.media(path=link)).status == 200
    await home.site.services.conversations.remove_member(
        home.people["host"].account_id, home.conversation_id, home.people["member"].account_id
    )
    for asked in (home.media(path=link), home.get(), home.get("/transcript"), home.edit("i1", "done", True)):
        assert (await asked).status == 404


@pytest.mark.parametrize("key", ["files/secret", "recordings", "recordingsx/{}/recap/reel.mp4", "recordings/other/x"])
async def test_a_link_to_anything_but_a_recording_one_may_see_opens_nothing(home: Home, key: str) -> None:
    key = key.format(home.recap_id)
    if "/" in key:
        await home.site.services.blobs.put_bytes(key, b"secret")
    token = home.site.services.media_links.sign(key, home.people["member"].account_id, time.time())
    assert (await home.media(path="/api/media/" + token)).status == 404


async def test_media_that_is_no_more_is_not_found(home: Home) -> None:
    link = await home.link()
    await home.site.services.blobs.delete(key_of(home.recap_id, "recap/reel.mp4"))
    assert (await home.media(path=link)).status == 404


async def test_tracks_whose_id_begins_with_a_dash_can_be_played(home: Home) -> None:
    name = "clips/-a.mp4"
    await home.site.services.blobs.put_bytes(key_of(home.recap_id, f"recap/{name}"), b"clip")
    assert (await home.media(path=await home.link(name))).body == b"clip"


# --- downloading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "media_type", "suffix", "begins"),
    [
        ("markdown", "text/markdown", "md", b"# "),
        ("pdf", "application/pdf", "pdf", b"%PDF-"),
        ("srt", "application/x-subrip", "srt", b"1\n00:00:01,000 --> 00:00:03,000\nAnn: I will"),
        ("vtt", "text/vtt", "vtt", b"WEBVTT\n"),
        ("json", "application/json", "json", b"{"),
    ],
)
async def test_a_recap_can_be_kept_as_a_file_of_a_harmless_name(
    home: Home, kind: str, media_type: str, suffix: str, begins: bytes
) -> None:
    await home.edit("i1", "text", "Mail the report")
    reply = await home.get(f"/export/{kind}")
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, media_type)
    assert reply.body.startswith(begins)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    said = Message()
    said["Content-Disposition"] = line = reply.headers["Content-Disposition"]
    plain = line.split('filename="')[1].split('"')[0]
    assert said.get_content_disposition() == "attachment"
    assert line.isascii()
    assert line.count('filename="') == 1
    for name in (plain, line.rpartition("''")[2]):
        assert name.endswith(f".{suffix}")
        assert not set('/\\"\r\n;') & set(name)
    if kind in ("markdown", "json"):
        assert b"Mail the report" in reply.body


async def test_another_format_is_not_there(home: Home) -> None:
    assert (await home.get("/export/docx")).status == 404


# --- deleting --------------------------------------------------------------------------------------------------------


async def test_the_host_deletes_it_and_it_is_gone_for_all_at_once(home: Home) -> None:
    link = await home.link()
    refused = await home.site.ask("DELETE", home.path, token=home.member)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert (await home.site.ask("DELETE", home.path, token=home.stranger)).status == 404
    assert (await home.site.ask("DELETE", home.path, token=home.host)).status == 204
    assert [(await home.get(path, who)).status for path in READS for who in (home.host, home.member)] == [404] * 18
    assert (await home.media(path=link)).status == 404
    assert (await home.site.ask("DELETE", home.path, token=home.host)).status == 404
    listed = (await home.site.ask("GET", "/api/recaps", token=home.host)).json["recaps"]
    assert home.recap_id not in {one["recap_id"] for one in listed}
    assert [(job.kind, job.state) for job in await home.site.services.jobs.of(home.recap_id)] == [("erase", "waiting")]


async def test_what_is_being_recorded_is_not_deleted(home: Home, site: Gateway) -> None:
    meeting = await site.meeting(home.people["host"])
    await site.services.recordings.began(meeting.meeting_id, Recording("running", meeting.meeting_id, MONDAY))
    assert (await site.ask("DELETE", "/api/recaps/running", token=home.host)).status == 409
    assert (await site.ask("POST", "/api/recaps/running/film", token=home.host)).status == 400


# --- films -----------------------------------------------------------------------------------------------------------


async def test_films_and_clips_are_asked_for_once_however_often_one_asks(home: Home) -> None:
    for path in ("/film", "/clips/m1", "/film", "/clips/m1"):
        assert (await home.site.ask("POST", home.path + path, token=home.member)).status == 202
    assert (await home.site.ask("POST", home.path + "/clips/m9", token=home.member)).status == 404
    assert (await home.site.ask("POST", home.path + "/film", token=home.stranger)).status == 404
    jobs = await home.site.services.jobs.of(home.recap_id)
    assert [(job.kind, job.payload) for job in jobs] == [("film", {}), ("clip", {"moment": "m1"})]


async def test_a_film_that_failed_may_be_asked_for_again(home: Home) -> None:
    services = home.site.services
    await home.site.ask("POST", home.path + "/film", token=home.member)
    (job,) = await services.jobs.of(home.recap_id)
    claimed = await services.jobs.claim(job.id, "worker", datetime.now(UTC))
    assert claimed is not None
    await services.jobs.give_up(claimed, datetime.now(UTC), "It did not work.")
    assert (await home.site.ask("POST", home.path + "/film", token=home.member)).status == 202
    assert [(one.state, one.attempts, one.error) for one in await services.jobs.of(home.recap_id)] == [
        ("waiting", 0, "")
    ]


async def clip(home: Home) -> Any:
    """What members see of the clip of the one moment."""
    (moment,) = (await home.get()).json["moments"]
    return moment["clip"]


async def test_a_clip_says_that_it_waits_is_made_failed_and_is_tried_again(home: Home) -> None:
    jobs = home.site.services.jobs
    assert await clip(home) is None
    asked = await home.site.ask("POST", home.path + "/clips/m1", token=home.member)
    assert asked.json["moments"][0]["clip"] == {"state": "waiting", "progress": 0, "note": "", "file": None}
    (job,) = await jobs.of(home.recap_id)
    claimed = await jobs.claim(job.id, "worker", datetime.now(UTC))
    assert claimed is not None
    await jobs.beat(claimed, datetime.now(UTC), 0.5)
    assert await clip(home) == {"state": "running", "progress": 0.5, "note": "", "file": None}
    await jobs.put_off(claimed, datetime.now(UTC), "The disk is full.", 60.0)
    assert (await clip(home))["state"] == "waiting"
    assert (await clip(home))["note"] == "The disk is full."


async def test_a_clip_that_failed_says_why_until_it_is_asked_for_again(home: Home) -> None:
    jobs = home.site.services.jobs
    await home.site.ask("POST", home.path + "/clips/m1", token=home.member)
    (job,) = await jobs.of(home.recap_id)
    claimed = await jobs.claim(job.id, "worker", datetime.now(UTC))
    assert claimed is not None
    await jobs.give_up(claimed, datetime.now(UTC), "Its track can't be read.")
    failed = await clip(home)
    assert (failed["state"], failed["note"], failed["file"]) == ("failed", "Its track can't be read.", None)
    again = await home.site.ask("POST", home.path + "/clips/m1", token=home.member)
    assert again.json["moments"][0]["clip"]["state"] == "waiting"


async def test_a_clip_that_is_there_is_ready_names_its_file_and_is_not_made_again(home: Home) -> None:
    file = clip_file("m1")
    await home.site.services.blobs.put_bytes(key_of(home.recap_id, f"recap/{file}"), FILM)
    assert await clip(home) == {"state": "done", "progress": 1, "note": "", "file": file}
    assert file in (await home.get("/links")).json["urls"]
    assert (await home.site.ask("POST", home.path + "/clips/m1", token=home.member)).status == 202
    assert await home.site.services.jobs.of(home.recap_id) == []


async def test_a_film_says_that_it_waits_and_why_it_failed(home: Home) -> None:
    async def film() -> Any:
        return next((one for one in (await home.get()).json["stages"] if one["stage"] == "film"), None)

    jobs = home.site.services.jobs
    assert await film() is None
    await home.site.ask("POST", home.path + "/film", token=home.member)
    assert await film() == {"stage": "film", "state": "waiting", "progress": 0, "note": ""}
    (job,) = await jobs.of(home.recap_id)
    claimed = await jobs.claim(job.id, "worker", datetime.now(UTC))
    assert claimed is not None
    await home.site.services.recaps.stage(home.recap_id, Stage("film", "done", 1.0))
    assert (await film())["state"] == "running", "for it has not been stored yet"
    await jobs.give_up(claimed, datetime.now(UTC), "The blob store doesn't take the film.")
    assert await film() == {
        "stage": "film", "state": "failed", "progress": 0, "note": "The blob store doesn't take the film.",
    }  # fmt: skip


# --- when the store is out of reach ----------------------------------------------------------------------------------


class Unreachable(LocalBlobs):
    """A store that can't be reached."""

    async def size(self, key: str) -> int:
        raise BlobUnavailableError("the store can't be reached")

    async def list_prefix(self, prefix: str) -> list[str]:
        raise BlobUnavailableError("the store can't be reached")

    async def get_bytes(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        raise BlobUnavailableError("the store can't be reached")


@contextmanager
def out_of_reach(site: Gateway) -> Iterator[None]:
    before = site.services.blobs, site.services.library
    site.services.blobs = Unreachable(Path("/nowhere"))
    site.services.library = Library(site.services.blobs)
    try:
        yield
    finally:
        site.services.blobs, site.services.library = before


async def test_while_the_store_is_out_of_reach_that_is_said_and_nothing_is_changed(home: Home) -> None:
    link = await home.link()
    with out_of_reach(home.site):
        asked = [home.get(path) for path in READS if path != "/edits"]
        replies = [await one for one in [*asked, home.media(path=link), home.edit("i1", "done", True)]]
        assert [(one.status, one.code) for one in replies] == [(503, "unavailable")] * len(replies)
        assert (await home.get("/edits")).json["edits"] == []
        assert (await home.site.ask("GET", "/api/recaps", token=home.member)).status == 200
    assert (await home.get()).status == 200


async def test_it_can_be_deleted_while_the_store_is_out_of_reach(home: Home) -> None:
    with out_of_reach(home.site):
        assert (await home.site.ask("DELETE", home.path, token=home.host)).status == 204
    assert (await home.get()).status == 404


# --- notices ---------------------------------------------------------------------------------------------------------


async def test_notices_are_listed_and_read_by_those_whom_they_are_for(home: Home) -> None:
    account = home.people["member"].account_id
    await home.site.services.notices.tell(
        [account], "recap", home.recap_id, "Ready", f"/recaps/{home.recap_id}", MONDAY
    )
    mine, other = [(await home.site.ask("GET", "/api/notices", token=token)).json for token in (home.member, home.host)]
    assert ([one["title"] for one in mine["notices"]], mine["unread"], other["notices"]) == (["Ready"], 1, [])
    assert (await home.site.ask("POST", "/api/notices/read", token=home.member)).status == 204
    assert (await home.site.ask("GET", "/api/notices", token=home.member)).json["unread"] == 0
