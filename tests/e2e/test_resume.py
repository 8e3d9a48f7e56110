"""The network fails in every way it knows, and the meeting goes on without anybody doing anything."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.person import Person, eventually, two_people
from tests.support.relay import TcpRelay, UdpRelay, tcp_relay, udp_relay
from tests.support.server import Server, logging_no_error, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

RELAYED = "127.0.0.2"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Browsers are told an address for media at which only the relay listens."""
    directory = tmp_path_factory.mktemp("server")
    async with serve(directory, media_hosts="127.0.0.1", media_public_addresses=RELAYED, media_tcp=False) as running:
        with logging_no_error(running):
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def media(server: Server) -> AsyncIterator[UdpRelay]:
    async with udp_relay((RELAYED, server.media_port), ("127.0.0.1", server.media_port)) as relay:
        yield relay


@pytest_asyncio.fixture(loop_scope="session")
async def web(server: Server) -> AsyncIterator[TcpRelay]:
    async with tcp_relay(("127.0.0.1", int(server.url.rpartition(":")[2]))) as relay:
        yield relay


async def see_and_hear(*people: Person, seconds: float = 20) -> None:
    for person in people:
        for other in people:
            if other is not person:
                await person.sees(other.name, seconds=seconds)
        await person.hears(seconds)


async def test_a_dropped_websocket_is_resumed_and_nothing_said_meanwhile_is_lost(
    server: Server, media: UdpRelay, web: TcpRelay, browser: Browser
) -> None:
    host, guest, _ = await two_people(browser, browser, f"http://localhost:{web.port}")
    await see_and_hear(host, guest)
    await guest.button("Chat").click()
    frames = await host.frames_shown(guest.name)

    web.refusing = True
    web.cut()
    await guest.page.get_by_text("The connection is lost. Reconnecting").wait_for()
    await guest.page.get_by_role("textbox", name="Write a message").fill("Written while away")
    await guest.page.keyboard.press("Enter")
    assert await host.frames_shown(guest.name) > frames  # media goes on without the socket
    web.refusing = False

    await guest.page.get_by_role("list").get_by_text("Written while away").wait_for()
    await guest.page.get_by_text("The connection is lost. Reconnecting").wait_for(state="detached")
    await host.button("Chat").click()
    await host.page.get_by_role("list").get_by_text("Written while away").wait_for()
    assert await host.page.get_by_role("list").get_by_text("Written while away").count() == 1
    await see_and_hear(host, guest)


async def test_media_is_back_after_ten_seconds_without_udp(server: Server, media: UdpRelay, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await see_and_hear(host, guest)
    media.blocked = True
    await host.page.wait_for_timeout(10_000)  # what is tested: that long without a packet
    media.blocked = False
    await see_and_hear(host, guest)
    await host.page.get_by_text("The connection is lost. Reconnecting").wait_for(state="detached")


async def test_media_follows_the_client_to_a_new_address(server: Server, media: UdpRelay, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await see_and_hear(host, guest)
    media.reroute("127.0.0.3")
    await see_and_hear(host, guest)


async def test_everything_drops_at_once_and_comes_back(
    server: Server, media: UdpRelay, web: TcpRelay, browser: Browser
) -> None:
    host, guest, _ = await two_people(browser, browser, f"http://localhost:{web.port}")
    await see_and_hear(host, guest)
    web.refusing = media.blocked = True
    web.cut()
    await guest.page.get_by_text("The connection is lost. Reconnecting").wait_for()
    await guest.page.wait_for_timeout(3_000)  # a lift ride
    media.reroute("127.0.0.3")
    web.refusing = media.blocked = False
    await see_and_hear(host, guest)
    await eventually(lambda: _no_banner(guest))


async def _no_banner(person: Person) -> bool:
    return await person.page.get_by_text("The connection is lost. Reconnecting").count() == 0


async def test_people_meet_again_on_another_node_when_theirs_dies(tmp_path: Path, browser: Browser) -> None:
    async with serve(tmp_path, media_nodes=2) as server:
        host, guest, _ = await two_people(browser, browser, server.url)
        await see_and_hear(host, guest)
        os.kill(await _media_process(guest, server), signal.SIGKILL)
        for person in (host, guest):
            await eventually(lambda person=person: _begun_again(person))
        await see_and_hear(host, guest)


async def _begun_again(person: Person) -> bool:
    """Whether the page has made new transports: two are closed, two are connected."""
    states = await person.page.evaluate("window.connections.map((one) => one.connectionState)")
    return states.count("closed") == 2 and states.count("connected") == 2


async def _media_process(person: Person, server: Server) -> int:
    """The pid of the media node that this person's media goes through: the one that holds that port."""
    remotes = await person.page.evaluate("window.connections[0].remoteDescription.sdp")
    port = int(re.findall(r"a=candidate:.* udp \d+ \S+ (\d+) typ host", remotes)[0])
    for pid in server.children():
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            inode = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{descriptor}"))
            if inode and inode[1] in _sockets_at(port):
                return pid
    raise AssertionError(f"no process holds port {port}")


def _sockets_at(port: int) -> set[str]:
    """Inodes of UDP sockets bound to a port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return {line.split()[9] for line in lines if int(line.split()[1].partition(":")[2], 16) == port}
