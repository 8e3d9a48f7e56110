"""Devices go away in the middle of a meeting and come back, are chosen and stay chosen; and what a visit loads."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, expect

from tests.e2e.person import Person
from tests.support.browser import chromium
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

FIRST_LOAD_BYTES = 250_000
"""Of script, packed, that the page of a meeting may load before one can join."""

UNPLUG = """
// A camera that can be pulled out: the page can't tell this from a real one that is.
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const tracks = [];
window.plugged = true;
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (wanted.video && !window.plugged) throw new DOMException('Requested device not found', 'NotFoundError');
  const stream = await open(wanted);
  tracks.push(...stream.getVideoTracks());
  return stream;
};
window.unplug = (another) => {
  window.plugged = another;
  for (const track of tracks.splice(0)) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
};
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking() -> AsyncIterator[Browser]:
    """Two of each device, and nobody who answers the browser's questions."""
    flags = ["--use-fake-device-for-media-stream=device-count=2"]
    async with chromium(flags, without=["--use-fake-ui-for-media-stream"], large_camera=True) as running:
        yield running


async def test_a_permission_taken_back_in_the_meeting_is_said_and_given_again_it_works(
    server: Server, browser: Browser, asking: Browser
) -> None:
    host = await Person.start(browser, "Hanna Host")
    guest = await Person.start(asking, "Gus Guest")
    await guest.page.context.grant_permissions(["camera", "microphone"], origin=server.url)
    link = await host.host_meeting(server.url)
    await guest.knock(link)
    await host.button("Admit").click()
    await host.sees(guest.name)

    await guest.page.context.clear_permissions()
    banner = guest.page.get_by_role("alert")
    await expect(banner.filter(has_text="use the camera")).to_contain_text("Allow it beside the address")
    await expect(banner.filter(has_text="use the microphone")).to_contain_text("Allow it beside the address")
    await host.tile(guest.name).wait_for(state="detached")
    await guest.sees(host.name)
    await guest.hears()

    await guest.page.context.grant_permissions(["camera", "microphone"], origin=server.url)
    await guest.button("Camera").click()
    await guest.button("Microphone").click()
    await host.sees(guest.name)
    await host.hears()
    await expect(banner).to_have_count(0)
    assert guest.problems == []


async def test_a_device_that_vanishes_is_replaced_by_another_or_named(server: Server, browser: Browser) -> None:
    host = await Person.start(browser, "Hanna Host")
    guest = await Person.start(browser, "Gus Guest")
    await guest.page.context.add_init_script(UNPLUG)
    link = await host.host_meeting(server.url)
    await guest.knock(link)
    await host.button("Admit").click()
    await host.sees(guest.name)

    await guest.page.evaluate("window.unplug(true)")
    await host.sees(guest.name)
    assert await guest.page.get_by_role("alert").count() == 0

    await guest.page.evaluate("window.unplug(false)")
    await guest.page.get_by_role("alert").filter(has_text="No camera was found. Connect one").wait_for()
    await host.tile(guest.name).wait_for(state="detached")
    await host.hears()

    await guest.page.evaluate("window.plugged = true")
    await guest.button("Camera").click()
    await host.sees(guest.name)
    assert await guest.page.get_by_role("alert").count() == 0


async def test_what_was_chosen_holds_the_next_time(server: Server, asking: Browser) -> None:
    person = await Person.start(asking, "Hanna Host")
    page = person.page
    await page.context.grant_permissions(["camera", "microphone"], origin=server.url)
    await person.host_meeting(server.url)
    await page.reload()
    cameras = page.get_by_label("Camera", exact=True).locator("option")
    await expect(cameras).to_have_count(2)
    names = await cameras.all_inner_texts()
    await page.locator("select").filter(has_text=names[1]).select_option(label=names[1])
    await expect_camera(page, names[1])
    await person.join()
    await person.button("Microphone").click()
    await person.button("Leave").click()
    await person.button("Join again").click()

    await person.button("Join").wait_for()
    await expect_camera(page, names[1])
    await expect(person.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await expect(person.button("Camera")).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect_camera(page, names[1])
    await expect(person.button("Microphone")).to_have_attribute("aria-pressed", "false")


async def expect_camera(page: Page, name: str) -> None:
    """The preview shows that camera."""
    await page.wait_for_function(
        "name => document.querySelector('video')?.srcObject?.getVideoTracks()[0]?.label === name", arg=name
    )


async def test_a_visit_loads_little_and_nothing_from_elsewhere(server: Server, browser: Browser) -> None:
    host = await Person.start(browser, "Hanna Host")
    link = await host.host_meeting(server.url)

    guest = await Person.start(browser, "Gus Guest")
    asked: list[Request] = []
    sockets: list[str] = []
    guest.page.on("request", lambda request: asked.append(request))
    guest.page.on("websocket", lambda socket: sockets.append(socket.url))
    await guest.page.goto(link)
    await guest.page.get_by_text("Your connection and devices are ready.").wait_for()
    scripts = [request for request in asked if request.resource_type == "script"]
    transferred = sum([(await request.sizes())["responseBodySize"] for request in scripts])
    packed = 0
    for request in scripts:
        response = await request.response()
        assert response is not None
        packed += len(gzip.compress(await response.body(), 9))
    assert scripts
    assert transferred <= packed < FIRST_LOAD_BYTES, (transferred, packed)

    await guest.knock(link)
    await host.button("Admit").click()
    await guest.sees(host.name)
    await guest.button("Chat").click()
    await guest.page.get_by_role("textbox", name="Write a message").fill("Look at https://example.org/picture.png")
    await guest.page.keyboard.press("Enter")
    await guest.page.get_by_role("link", name="https://example.org/picture.png").wait_for()
    await guest.button("People").click()
    await guest.button("Leave").click()
    await guest.page.get_by_role("heading", name="You left the meeting").wait_for()
    ours = urlsplit(server.url).netloc
    elsewhere = {url for url in [*(request.url for request in asked), *sockets] if urlsplit(url).netloc != ours}
    assert {url for url in elsewhere if not url.startswith(("blob:", "data:"))} == set()
    assert sockets
