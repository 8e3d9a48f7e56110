"""What people do in a meeting besides talking, each thing as a person would do it."""

from __future__ import annotations

import filecmp
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.person import Person, eventually, two_people
from tests.support.browser import chromium
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def more(person: Person, item: str) -> None:
    await person.button("More").click()
    await person.page.get_by_role("menuitem", name=item, exact=True).click()


async def test_hands_reactions_agenda_timer_and_talk_time(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await guest.button("Raise hand").click()
    tile = host.page.get_by_test_id("tile").filter(has_text=guest.name)
    await tile.get_by_text("Hand raised, number 1").wait_for(state="attached")
    await host.button("People").click()
    await host.page.get_by_role("heading", name="Raised hands").wait_for()
    await host.page.get_by_text("spoke for").first.wait_for()
    await host.button("Actions for Gus Guest").click()
    await host.page.get_by_role("menuitem", name="Take Gus Guest's hand down").click()
    await host.page.get_by_role("heading", name="Raised hands").wait_for(state="detached")
    assert await guest.button("Raise hand").get_attribute("aria-pressed") == "false"

    await guest.button("React").click()
    await guest.page.get_by_role("menuitem", name="Applause").click()
    await tile.locator('[data-reaction="clap"]').wait_for(state="attached")

    await more(host, "Agenda and timer")
    await host.page.get_by_role("textbox", name="Agenda of the meeting").fill("1. Plans\n2. Cake")
    await host.button("Save").click()
    await host.page.get_by_label("Minutes").fill("0.5")
    await host.button("Start").click()
    await guest.page.get_by_role("timer").get_by_text("left").wait_for()
    await more(guest, "Agenda and timer")
    await guest.page.get_by_text("2. Cake").wait_for()
    assert await guest.page.get_by_role("textbox", name="Agenda of the meeting").count() == 0
    await host.button("Stop").click()
    await guest.page.get_by_role("timer").wait_for(state="detached")


async def test_layouts_pin_self_view_and_sound_only(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await host.sees(guest.name)
    own = host.page.get_by_test_id("tile").filter(has_text="(you)")

    async def width(name: str) -> float:
        box = await host.page.get_by_test_id("tile").filter(has_text=name).bounding_box()
        return box["width"] if box else 0.0

    assert await width("Gus Guest") > 3 * await width("(you)")  # a meeting of two: the other fills the stage
    floating = host.page.locator("[data-corner]")
    assert await floating.get_attribute("data-corner") == "bottom-end"
    box = await floating.bounding_box()
    assert box is not None
    await host.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await host.page.mouse.down()
    await host.page.mouse.move(100, 120, steps=5)
    await host.page.mouse.up()
    assert await floating.get_attribute("data-corner") == "top-start"
    await floating.focus()
    await host.page.keyboard.press("ArrowRight")
    assert await floating.get_attribute("data-corner") == "top-end"

    await own.hover()
    await own.get_by_role("button", name="Options for Hanna Host (you)").click()
    await host.page.get_by_role("menuitem", name="Pin", exact=True).click()
    await eventually(lambda: _is(lambda: width("(you)"), lambda own_width: own_width > 500))
    await own.get_by_role("button", name="Options for Hanna Host (you)").click()
    await host.page.get_by_role("menuitem", name="Unpin").click()

    await more(host, "Hide my own picture")
    await own.wait_for(state="detached")
    await more(host, "Show my own picture")
    await more(host, "Speaker in front")
    await eventually(lambda: _is(lambda: width("Gus Guest"), lambda other: other > 700))

    await more(host, "Sound only")
    await host.tile(guest.name).wait_for(state="detached")

    async def video_stops() -> bool:
        before = await host.total("inbound-rtp", "video", "packetsReceived")
        await host.page.wait_for_timeout(400)  # the time over which no packet came
        return await host.total("inbound-rtp", "video", "packetsReceived") == before

    await eventually(video_stops)
    await more(host, "Sound and video")
    await host.sees(guest.name)


async def _is(value, condition) -> bool:  # type: ignore[no-untyped-def]
    return bool(condition(await value()))


@pytest_asyncio.fixture(loop_scope="session")
async def large_camera() -> AsyncIterator[Browser]:
    async with chromium(large_camera=True) as running:
        yield running


@pytest.mark.alone
async def test_a_hidden_tile_asks_for_nothing_and_a_small_one_for_little(server: Server, large_camera: Browser) -> None:
    host, _guest, _ = await two_people(large_camera, large_camera, server.url, width=1920, height=1080)

    async def receives(lines: int) -> bool:
        return lines in [one.get("frameHeight") for one in await host.stats("inbound-rtp", "video")]

    await eventually(lambda: receives(720), 40)
    await host.page.set_viewport_size({"width": 360, "height": 640})
    await eventually(lambda: receives(180), 40)


async def test_a_screen_is_zoomed_and_moved(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await guest.button("Share screen").click()
    await host.sees(guest.name, "screen")
    zoom = host.page.locator("[data-scale]")
    await host.button("Zoom in").click()
    assert float(await zoom.get_attribute("data-scale") or 0) > 1
    await zoom.focus()
    await host.page.keyboard.press("0")
    assert float(await zoom.get_attribute("data-scale") or 0) == 1
    await zoom.hover()
    await host.page.mouse.wheel(0, -400)
    await eventually(lambda: _is(lambda: zoom.get_attribute("data-scale"), lambda scale: float(scale) > 1.5))
    await host.button("Fit").click()
    assert float(await zoom.get_attribute("data-scale") or 0) == 1


async def test_keys_and_push_to_talk(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    badge = host.page.get_by_test_id("tile").filter(has_text=guest.name).get_by_text("Microphone off")
    await guest.page.keyboard.press("Control+d")
    await badge.wait_for()
    await guest.page.evaluate("document.activeElement.blur()")
    await guest.page.keyboard.down("Space")
    await badge.wait_for(state="detached")
    await guest.page.keyboard.up("Space")
    await badge.wait_for()
    await guest.page.keyboard.press("Control+Alt+h")
    await host.page.get_by_text("Gus Guest raised a hand").first.wait_for()
    await guest.page.keyboard.press("Control+/")
    await guest.page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()


async def test_files_arrive_and_too_large_ones_are_refused_in_words(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.4\n" + os.urandom(2000))
    (tmp_path / "big.bin").write_bytes(os.urandom(200_000))
    host, guest, _ = await two_people(browser, browser, server.url)
    for person in (host, guest):
        await person.button("Chat").click()
    await guest.page.get_by_test_id("chat-file").set_input_files(tmp_path / "plan.pdf")
    for person in (host, guest):
        async with person.page.expect_download() as download:
            await person.page.get_by_role("link", name="plan.pdf, 2 kB").click()
        await (await download.value).save_as(tmp_path / "received.pdf")
        assert filecmp.cmp(tmp_path / "plan.pdf", tmp_path / "received.pdf", shallow=False)
    await guest.page.get_by_test_id("chat-file").set_input_files(tmp_path / "big.bin")
    await guest.page.get_by_text("big.bin is larger than 100 kB").wait_for()


async def test_picture_in_picture_has_controls(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await host.sees(guest.name)
    await host.button("More").click()
    async with host.page.context.expect_page() as opened:
        await host.page.get_by_role("menuitem", name="Picture in picture").click()
    small = await opened.value
    await small.locator("video").wait_for()
    await small.get_by_role("button", name="Microphone").click()
    await guest.page.get_by_test_id("tile").filter(has_text=host.name).get_by_text("Microphone off").wait_for()
    await small.close()


async def test_bad_names_and_messages_break_nothing(server: Server, browser: Browser) -> None:
    host = await Person.start(browser, "Hanna Host")
    await host.create_account(server.url)
    link = await host.new_meeting()
    await host.join()
    guest = await Person.start(browser, "<img src=x onerror=alert(1)>" + "x" * 500)
    await guest.knock(link)
    await host.button("Admit").click()
    await guest.is_inside()
    await host.page.get_by_test_id("tile").filter(has_text="<img src=x").wait_for()
    await guest.button("Chat").click()
    message = guest.page.get_by_role("textbox", name="Write a message")
    await message.evaluate(
        "(field) => { const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;"
        " set.call(field, 'x'.repeat(3_000_000)); field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    await guest.page.get_by_text("A message holds at most 4000 characters").wait_for()
    await message.fill("<b>bold</b> javascript:alert(1)")
    await guest.page.keyboard.press("Enter")
    await host.button("Chat").click()
    await host.page.get_by_role("list").get_by_text("<b>bold</b> javascript:alert(1)").wait_for()
    assert host.problems == []
    assert guest.problems == []


async def test_a_camera_that_is_taken_away_is_replaced_or_missed_in_words(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    await host.sees(guest.name)
    await guest.page.evaluate(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));"
        "for (const one of window.connections) for (const sender of one.getSenders())"
        " if (sender.track?.kind === 'video') sender.track.dispatchEvent(new Event('ended'));"
    )
    await guest.page.get_by_text("No camera was found.").wait_for()
    await host.tile(guest.name).wait_for(state="detached")
    await guest.hears()
