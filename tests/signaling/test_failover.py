"""A real server whose media nodes die: people are told within two seconds and go on in a room on another node."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.sfu.participant import publish_offer
from tests.support.meeting import Client, Meeting, meeting, people
from tests.support.server import Server, serve
from tests.support.waiting import until

NOTICED_SECONDS = 2.0
MICROPHONE = {"sdp": publish_offer([("audio", "0")]), "tracks": [{"mid": "0", "source": "microphone"}]}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serve(tmp_path, media_nodes=2) as server:
        yield server


async def media_port(client: Client) -> int:
    """The port at which the room's media node takes this person's media."""
    answer = await client.ask("publish.offer", **MICROPHONE)
    found = re.search(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+) ", answer["sdp"])
    assert found, answer
    return int(found.group(1))


def owner_of(server: Server, port: int) -> int:
    """The child of this server that has the UDP port."""
    table = Path("/proc/net/udp").read_text().splitlines()[1:]
    inodes = {row.split()[9] for row in table if int(row.split()[1].rpartition(":")[2], 16) == port}
    for pid in server.children():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if any(os.readlink(descriptor) == f"socket:[{inode}]" for inode in inodes):
                return pid
    raise AssertionError(f"none of the server's children has port {port}")


def log_lines(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


def logged_at(server: Server, words: str) -> float:
    """When the server logged these words, seconds since 1970."""
    line = next(line for line in log_lines(server) if words in str(line["message"]))
    return datetime.fromisoformat(str(line["time"])).timestamp()


async def everyone_is_back(room: Meeting, since: float) -> None:
    """All have the whole state anew on the socket they had, nobody knocked, and they can talk."""
    for person in room.inside:
        joined = await person.hears("joined", 2)
        assert person.close_code is None
        assert person.came_at("joined", 2) > since
        assert joined["chat"] == person.events("joined")[-1]["chat"]
    await until(lambda: all(len(roster(person)) == 3 for person in room.inside))
    assert len(room.host.events("knock.added")) == 2, "nobody knocked again"
    assert (await room.guest.ask("chat.send", text="we are back"))["type"] == "ok"
    for person in room.inside:
        await until(lambda person=person: said(person, "we are back"))


def roster(person: Client) -> set[str]:
    """Names in the room, by the newest state and what followed it."""
    names: dict[str, str] = {}
    for _, message in person.heard:
        match message["type"]:
            case "joined":
                names = {one["participant_id"]: one["name"] for one in message["participants"]}
            case "participant.joined":
                names[message["participant"]["participant_id"]] = message["participant"]["name"]
            case "participant.left":
                names.pop(message["participant_id"], None)
    return set(names.values())


def said(person: Client, text: str) -> bool:
    return any(event["message"]["text"] == text for event in person.events("chat.message"))


async def test_when_a_media_node_is_killed_its_people_go_on_on_the_other_one(server: Server) -> None:
    async with meeting(server) as room:
        await room.host.ask("chat.send", text="before the crash")
        old = room.member.welcome
        await room.member.drop()
        port = await media_port(room.host)
        node = owner_of(server, port)
        killed = time.monotonic()
        os.kill(node, signal.SIGKILL)
        for person in (room.host, room.guest):
            await person.hears("joined", 2)
            assert person.came_at("joined", 2) - killed < NOTICED_SECONDS

        resume = {
            "session_id": old["session_id"],
            "resume_token": old["resume_token"],
            "last_seq": room.member.last_seq,
        }
        answer = await room.member.connect(room.code, resume=resume)
        assert (answer["resumed"], answer["waiting"]) == (False, False)
        await everyone_is_back(room, killed)
        assert [line["text"] for line in room.host.events("joined")[-1]["chat"]] == ["before the crash"]
        assert room.host.events("joined")[-1]["role"] == "host"

        refused = await room.removed.connect(room.code, guest_token=room.removed.welcome["guest_token"])
        assert refused["code"] == "removed"

        elsewhere = await media_port(room.host)
        assert elsewhere != port
        await until(lambda: len(server.children()) == 4 and node not in server.children(), 20)


async def test_who_waits_when_the_media_node_dies_waits_on_and_can_be_let_in(server: Server) -> None:
    async with meeting(server) as room, people(server, "Will") as (waiting,):
        await waiting.connect(room.code)
        await room.host.hears("knock.added", 3)
        os.kill(owner_of(server, await media_port(room.host)), signal.SIGKILL)
        await waiting.hears("knock.waiting", 2)
        await room.host.hears("joined", 2)
        await until(lambda: room.host.events("joined")[-1]["knocks"] or len(room.host.events("knock.added")) > 3)
        assert waiting.events("joined") == []
        assert (await room.host.ask("knock.admit", knock_ids=None))["type"] == "ok"
        await waiting.hears("joined")


async def test_when_a_media_node_hangs_its_people_go_on_on_the_other_one(server: Server) -> None:
    async with meeting(server) as room:
        port = await media_port(room.host)
        node = owner_of(server, port)
        stopped, stopped_wall = time.monotonic(), time.time()
        os.kill(node, signal.SIGSTOP)
        await everyone_is_back(room, stopped)
        assert logged_at(server, "does not answer") - stopped_wall < NOTICED_SECONDS
        for person in room.inside:
            assert person.came_at("joined", 2) - stopped < NOTICED_SECONDS + 0.5

        await room.guest.drop()
        answer = await room.guest.connect(room.code, guest_token=room.guest.welcome["guest_token"])
        assert answer["waiting"] is False
        refused = await room.removed.connect(room.code, guest_token=room.removed.welcome["guest_token"])
        assert refused["code"] == "removed"

        await until(lambda: node not in server.children(), 20)
        assert "hangs, killing it" in server.log
        await until(lambda: len(server.children()) == 4, 20)


async def test_when_the_gateway_dies_rooms_stay_and_people_resume_in_them(server: Server) -> None:
    async with meeting(server) as room:
        port = await media_port(room.host)
        gateway = server.child("gateway")
        participant, welcome, seq = room.guest.id, room.guest.welcome, room.guest.last_seq
        os.kill(gateway, signal.SIGKILL)
        await until(lambda: room.guest.close_code is not None)
        resume = {"session_id": welcome["session_id"], "resume_token": welcome["resume_token"], "last_seq": seq}
        answer = await reconnect(room.guest, room.code, guest_token=welcome["guest_token"], resume=resume)
        assert (answer["resumed"], answer["waiting"]) == (True, False)
        assert room.guest.id == participant
        await reconnect(room.host, room.code)
        assert await media_port(room.host) == port


async def reconnect(client: Client, code: str, **fields: object) -> dict[str, object]:
    """Try again until there is a gateway, as browsers do."""
    async with asyncio.timeout(20):
        while True:
            try:
                answer = await client.connect(code, **fields)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            if answer["type"] == "welcome":
                return answer


async def test_sigterm_says_goodbye_to_everyone_and_ends_cleanly(server: Server) -> None:
    async with meeting(server) as room:
        server.process.send_signal(signal.SIGTERM)
        for person in room.inside:
            closing = await person.hears("closing")
            assert (closing["code"], closing["reconnect"]) == ("unavailable", True)
            await until(lambda person=person: person.close_code is not None)
        async with asyncio.timeout(30):
            assert await server.process.wait() == 0
    assert "Traceback" not in server.log
    assert [line for line in log_lines(server) if line["level"] in ("error", "critical") or "trace" in line] == []


async def test_a_meeting_survives_a_restart_of_the_whole_server(tmp_path: Path) -> None:
    """Who was let in and when, who was put out, the chat and the agenda are on disk."""
    async with serve(tmp_path, media_nodes=1) as server, meeting(server) as room:
        await room.host.ask("meeting.agenda", text="1. Restart")
        await room.guest.ask("chat.send", text="before the restart")
        code, token = room.code, room.guest.welcome["guest_token"]
        removed = room.removed.welcome["guest_token"]
        await room.host.drop()
        port = int(server.url.rpartition(":")[2])
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(server.process.wait(), 30) == 0
        async with serve(tmp_path, media_nodes=1, port=port) as again:
            room.guest.server = room.removed.server = room.host.server = again
            answer = await room.guest.connect(code, guest_token=token)
            assert answer["waiting"] is False
            assert (await room.removed.connect(code, guest_token=removed))["code"] == "removed"
            await room.host.connect(code)
            joined = await room.host.hears("joined", 2)
            assert joined["meeting"]["agenda"] == "1. Restart"
            for person in (room.host, room.guest):
                assert [line["text"] for line in person.events("joined")[-1]["chat"]] == ["before the restart"]
