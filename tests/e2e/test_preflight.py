"""Before the meeting the page says in plain words what would go wrong inside, and how to mend it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.browser import FAKE_DEVICES, chromium
from tests.support.meeting import people
from tests.support.relay import TcpRelay, UdpRelay, tcp_relay, udp_relay
from tests.support.server import Server, serve

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

RELAYED, HIDDEN = "127.0.0.1", "127.0.0.2"
"""Where browsers are told that media is, and where the server really has it. Our Chromium knows no other by TCP."""
FAKE_ANSWERS = "--use-fake-ui-for-media-stream"
ALL_WELL = "Your connection and devices are ready."


@dataclass
class House:
    """A server with a meeting, at whose media address only relays listen."""

    server: Server
    path: str
    udp: UdpRelay
    tcp: TcpRelay

    @property
    def link(self) -> str:
        return self.server.url + self.path

    def open(self) -> None:
        self.udp.blocked = self.tcp.refusing = False


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with contextlib.AsyncExitStack() as stack:
        directory = tmp_path_factory.mktemp("server")
        server = await stack.enter_async_context(serve(directory, media_hosts=HIDDEN, media_public_addresses=RELAYED))
        media = (RELAYED, server.media_port)
        udp = await stack.enter_async_context(udp_relay(media, (HIDDEN, server.media_port)))
        tcp = await stack.enter_async_context(tcp_relay((HIDDEN, server.media_port), media))
        (host,) = await stack.enter_async_context(people(server, "Hanna"))
        await host.sign_up()
        _, meeting = await host.request("POST", "/api/meetings", {})
        yield House(server, f"/m/{meeting['code']}", udp, tcp)
    assert '"level": "error"' not in server.log, server.log
    assert "Traceback" not in server.log, server.log


@contextlib.asynccontextmanager
async def visit(browser: Browser, link: str, script: str = "", language: str = "en-GB") -> AsyncIterator[Page]:
    """Somebody before the door."""
    context = await browser.new_context(locale=language)
    if script:
        await context.add_init_script(script)
    page = await context.new_page()
    await page.goto(link)
    yield page
    await context.close()


async def finds(page: Page, finding: str, *words: str) -> None:
    """The page shows exactly this finding, with these words in its remedy."""
    item = page.locator("[data-finding]")
    await expect(item).to_have_count(1, timeout=15_000)
    await expect(item).to_have_attribute("data-finding", finding)
    for word in words:
        await expect(item).to_contain_text(word)


async def test_one_calm_line_says_that_all_is_well_and_asks_nothing_of_the_meeting(
    house: House, browser: Browser
) -> None:
    async with visit(browser, house.link) as page:
        await page.get_by_text(ALL_WELL).wait_for()
        assert house.udp.passed > 0, "the media port itself was tried"
        assert await page.locator("[data-finding]").count() == 0
        assert await page.get_by_role("button", name="Check again").count() == 0


async def test_without_udp_it_says_that_tcp_works_and_which_port_to_open(house: House, browser: Browser) -> None:
    house.udp.blocked = True
    async with visit(browser, house.link) as page:
        await finds(page, "udp", "You can join", f"UDP to {RELAYED}:{house.server.media_port}")
        house.open()
        await page.get_by_role("button", name="Check again").click()
        await page.get_by_text(ALL_WELL).wait_for()


async def test_without_udp_and_tcp_it_says_that_no_media_gets_through(house: House, browser: Browser) -> None:
    house.udp.blocked = house.tcp.refusing = True
    async with visit(browser, house.link, language="de-DE") as page:
        await finds(page, "media", "Dein Netz lässt weder Ton noch Bild durch", "Hotspot")
        assert await page.locator("[data-finding]").get_attribute("data-weight") == "stops"
    house.open()


async def test_a_proxy_that_breaks_websockets_is_named(house: House, browser: Browser) -> None:
    broken = "window.WebSocket = class extends WebSocket { constructor(url, ...rest) { super(url + '/x', ...rest); } }"
    async with visit(browser, house.link, broken) as page:
        await finds(page, "socket", "WebSocket", house.server.url.removeprefix("http://"))


async def test_a_browser_without_webrtc_is_told_so_and_cant_join(house: House, browser: Browser) -> None:
    async with visit(browser, house.link, "delete window.RTCPeerConnection") as page:
        await finds(page, "no-webrtc", "current Firefox, Chrome, Edge or Safari")
        await expect(page.get_by_role("button", name="Ask to join")).to_be_disabled()


async def test_a_device_that_another_program_uses_is_named(house: House, browser: Browser) -> None:
    taken = """
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => wanted.video && !window.free
      ? Promise.reject(new DOMException('Device in use', 'NotReadableError')) : open(wanted);
    """
    async with visit(browser, house.link, taken) as page:
        await finds(page, "busy camera", "Camera", "Another program")
        await page.evaluate("window.free = true")
        await page.get_by_role("button", name="Check again").click()
        await page.get_by_text(ALL_WELL).wait_for()
        assert await page.get_by_label("Preview of your camera").count() == 1


async def test_a_refused_permission_is_named_with_the_place_where_it_is_given_back(house: House) -> None:
    insecure = "--host-resolver-rules=MAP meet.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost"
    async with chromium([insecure], without=[FAKE_ANSWERS]) as asking:
        async with visit(asking, house.link) as page:
            await finds(page, "denied microphone camera", "Microphone and camera", "at the left of the address")
            await page.context.grant_permissions(["camera", "microphone"])
            await page.get_by_role("button", name="Check again").click()
            await page.get_by_text(ALL_WELL).wait_for()
        async with visit(asking, house.link.replace("localhost", "meet.example")) as page:
            await finds(page, "insecure", "https://")


async def test_missing_devices_are_named(house: House) -> None:
    async with chromium(without=[FAKE_DEVICES]) as bare, visit(bare, house.link) as page:
        await finds(page, "missing microphone camera", "Connect one")
