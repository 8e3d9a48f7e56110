"""Two real browsers meet through a real server, as people would."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.person import Person, eventually, two_people
from tests.support.browser import chromium
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_guest_knocks_is_let_in_and_both_see_hear_write_and_share(server: Server) -> None:
    async with chromium() as one, chromium() as other:
        host, guest, _ = await two_people(one, other, server.url)
        for person, who in ((host, guest), (guest, host)):
            await person.sees(who.name)
            await person.hears()

        await guest.button("Chat").click()
        await guest.page.get_by_role("textbox", name="Write a message").fill("See https://example.org/plan.")
        await guest.page.keyboard.press("Enter")
        await host.button("Chat").click()
        await host.page.get_by_role("link", name="https://example.org/plan", exact=True).wait_for()

        await guest.button("Share screen").click()
        await host.sees(guest.name, "screen")
        await guest.button("Stop sharing").click()
        await host.tile(guest.name, "screen").wait_for(state="detached")
        await guest.button("Share screen").click()
        await host.sees(guest.name, "screen")
        await guest.button("Share screen").click()
        await host.tile(guest.name, "screen").wait_for(state="detached")

        await mute_stops_the_packets(host, guest)

        await host.button("End meeting for all").click()
        await guest.page.get_by_role("heading", name="The meeting has ended").wait_for()
        await host.page.get_by_role("heading", name="The meeting has ended").wait_for()
        assert host.problems == []
        assert guest.problems == []


async def mute_stops_the_packets(host: Person, guest: Person) -> None:
    async def audio_stops() -> bool:
        before = await host.total("inbound-rtp", "audio", "packetsReceived")
        await host.page.wait_for_timeout(500)  # the time over which no packet came
        return await host.total("inbound-rtp", "audio", "packetsReceived") == before

    await guest.button("Microphone").click()
    await host.page.get_by_test_id("tile").filter(has_text=guest.name).get_by_text("Microphone off").wait_for()
    await eventually(audio_stops)
    await guest.button("Microphone").click()
    await host.hears()

    await guest.button("Camera").click()
    await host.tile(guest.name).wait_for(state="detached")
    await guest.button("Camera").click()
    await host.sees(guest.name)


async def test_the_host_is_told_of_knocks_that_came_before_and_denial_is_said_in_words(
    server: Server, browser: Browser
) -> None:
    host = await Person.start(browser, "Hanna Host")
    await host.create_account(server.url)
    link = await host.new_meeting()
    guests = [await Person.start(browser, name) for name in ("Gus Guest", "Gina Guest")]
    for guest in guests:
        await guest.knock(link)
        await guest.page.get_by_role("heading", name="The host isn't here yet").wait_for()
    await host.join()
    await host.button("Show them").click()
    for guest in guests:
        await guest.page.get_by_role("heading", name="The host will let you in soon").wait_for()
    await host.page.get_by_role("listitem").filter(has_text="Gina Guest").get_by_role("button", name="Deny").click()
    await guests[1].page.get_by_role("heading", name="The host didn't let you in").wait_for()
    await host.button("Admit").click()
    await guests[0].is_inside()


async def test_a_removed_guest_cannot_walk_back_in(server: Server, browser: Browser) -> None:
    host, guest, link = await two_people(browser, browser, server.url)
    await host.button("People").click()
    await host.button("Actions for Gus Guest").click()
    await host.page.get_by_role("menuitem", name="Remove from the meeting").click()
    await guest.page.get_by_role("heading", name="You were removed from the meeting").wait_for()
    await host.page.get_by_test_id("tile").filter(has_text=guest.name).wait_for(state="detached")
    await guest.page.goto(link)
    await guest.button("Join").click()
    await guest.page.get_by_text("The host removed you from this meeting.").wait_for()


async def test_the_host_mutes_a_guest_who_unmutes_themselves(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await host.hears()
    await host.button("People").click()
    await host.button("Actions for Gus Guest").click()
    await host.page.get_by_role("menuitem", name="Turn off microphone").click()
    await guest.page.get_by_text("The host turned your microphone off.").wait_for()
    assert await guest.button("Microphone").get_attribute("aria-pressed") == "false"
    await guest.button("Microphone").click()
    await host.hears()


def grainy_camera(path: Path) -> str:
    """A 720p film with a sensor's grain, as a Chromium flag: Chromium's own drawn camera needs less than 1.5 Mbit/s."""
    noise = random.Random(7)
    grain = bytes(110 + value % 40 for value in range(256))
    grey = bytes([128]) * (640 * 360 * 2)
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W1280 H720 F15:1 Ip A1:1 C420jpeg\n")
        for _ in range(15):
            film.write(b"FRAME\n" + noise.randbytes(1280 * 720).translate(grain) + grey)
    return f"--use-file-for-fake-video-capture={path}"


@pytest.mark.alone
async def test_a_720p_camera_reaches_its_rate_and_its_subscriber_sees_all_of_it(server: Server, tmp_path: Path) -> None:
    async with chromium() as one, chromium((grainy_camera(tmp_path / "camera.y4m"),)) as other:
        viewer = await Person.start(one, "Hanna Host", width=800, height=600)
        sender = await Person.start(other, "Gus Guest", width=480, height=360)
        await viewer.create_account(server.url)
        link = await viewer.new_meeting()
        await viewer.button("Camera").click()  # one camera is enough for two cores
        await viewer.join()
        await sender.knock(link)
        await viewer.button("Admit").click()
        await sender.is_inside()

        async def sharp_and_fast() -> bool:
            sent = await sender.total("outbound-rtp", "video", "bytesSent")
            at = await sender.page.evaluate("performance.now()")
            await sender.page.wait_for_timeout(1000)  # the time over which the rate is measured
            seconds = (await sender.page.evaluate("performance.now()") - at) / 1000
            rate = (await sender.total("outbound-rtp", "video", "bytesSent") - sent) * 8 / seconds
            heights = [one.get("frameHeight") for one in await viewer.stats("inbound-rtp", "video")]
            return rate >= 1_500_000 and 720 in heights

        await eventually(sharp_and_fast, 10)


async def test_a_reload_brings_the_guest_back_without_knocking(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await host.sees(guest.name)
    await guest.page.reload()
    await guest.join()
    await guest.sees(host.name)
    await host.sees(guest.name)
