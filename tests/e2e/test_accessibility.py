"""Every page and panel in both themes passes axe's checks of WCAG 2.2 AA, and whole flows work by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page

from tests.e2e.person import Person, two_people
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

SETTLED = """
async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)));
}
"""

RUN = """
async () => (await axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
})).violations.map(({ id, nodes }) => [id, nodes.map((node) => [node.html.slice(0, 160), node.failureSummary])])
"""


async def check(page: Page, where: str) -> None:
    """No violation, in light and in dark."""
    found: dict[str, Any] = {}
    await page.evaluate(AXE.read_text())  # evaluated, not added: the page's policy allows no foreign script
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.evaluate(SETTLED)
        if violations := await page.evaluate(RUN):
            found[theme] = violations
    assert not found, f"{where}: {found}"


async def test_pages_outside_the_meeting(server: Server, browser: Browser) -> None:
    person = await Person.start(browser, "Hanna Host")
    page = person.page
    for path in ("/", "/sign-in", "/sign-up", "/terms", "/privacy", "/nothing/here", "/m/abcd-efgh-jkmn-pqrs"):
        await page.goto(server.url + path)
        await page.get_by_role("heading", level=1).first.wait_for()
        await check(page, path)
    await person.create_account(server.url)
    await check(page, "start page, signed in")
    await page.get_by_label("Name of the conversation").fill("Plans")
    await person.button("Create").click()
    await page.get_by_role("link", name="Plans").click()
    await page.get_by_role("heading", name="Plans").wait_for()
    await check(page, "conversation")
    await person.button("Settings").click()
    await page.get_by_role("dialog").wait_for()
    await check(page, "settings")


async def test_the_meeting_and_its_panels(server: Server, browser: Browser) -> None:
    host = await Person.start(browser, "Hanna Host")
    await host.create_account(server.url)
    link = await host.new_meeting()
    await check(host.page, "before joining")
    guest = await Person.start(browser, "Gus Guest")
    await guest.page.goto(link)
    await guest.button("Ask to join").click()
    await check(guest.page, "before joining, with what is missing")
    await guest.knock(link)
    await guest.page.get_by_role("heading", name="The host isn't here yet").wait_for()
    await check(guest.page, "waiting")
    await host.join()
    await check(host.page, "alone, with a knock")
    await host.button("People").click()
    await check(host.page, "people with knocks")
    await host.button("Admit").click()
    await guest.is_inside()
    await guest.button("Raise hand").click()
    await host.page.get_by_role("heading", name="Raised hands").wait_for()
    await check(host.page, "people with a raised hand")
    await guest.button("Chat").click()
    await guest.page.get_by_role("textbox", name="Write a message").fill("See https://example.org")
    await guest.page.keyboard.press("Enter")
    await check(guest.page, "chat")
    for item in ("Agenda and timer", "Captions", "Connection details", "Keyboard shortcuts", "Settings"):
        await host.button("More").click()
        await host.page.get_by_role("menuitem", name=item).click()
        await host.page.get_by_role("heading", level=2).first.wait_for()
        await check(host.page, item)
        if item in ("Keyboard shortcuts", "Settings"):
            await host.page.keyboard.press("Escape")
            await host.page.get_by_role("dialog").wait_for(state="detached")
    await guest.button("Share screen").click()
    await host.page.locator('video[data-source="screen"]').wait_for()
    await check(host.page, "presentation")
    await guest.button("Leave").click()
    await guest.page.get_by_role("heading", name="You left the meeting").wait_for()
    await check(guest.page, "after leaving")


async def test_a_guest_is_let_in_and_writes_by_keyboard_alone(server: Server, browser: Browser) -> None:
    host = await Person.start(browser, "Hanna Host")
    await host.page.goto(f"{server.url}/sign-up")
    await host.page.get_by_label("Your name").focus()
    for text in ("Hanna Host", "hanna@example.org", "correct horse battery"):
        await host.page.keyboard.type(text)
        await host.page.keyboard.press("Tab")
    await host.page.keyboard.press("Space")
    await host.page.keyboard.press("Enter")
    await tab_to(host.page, "New meeting")
    await host.page.keyboard.press("Enter")
    await tab_to(host.page, "Join")
    link = host.page.url
    await host.page.keyboard.press("Enter")
    guest = await Person.start(browser, "Gus Guest")
    await guest.knock(link)
    await tab_to(host.page, "Admit")
    await host.page.keyboard.press("Enter")
    await guest.is_inside()
    await host.page.keyboard.press("Control+Alt+c")
    await tab_to(host.page, "Write a message")
    await host.page.keyboard.type("Welcome!")
    await host.page.keyboard.press("Enter")
    await guest.button("Chat").click()
    await guest.page.get_by_role("list").get_by_text("Welcome!").wait_for()
    await host.page.keyboard.press("Escape")
    await host.page.get_by_role("complementary").wait_for(state="detached")
    await host.page.keyboard.press("Control+d")
    await guest.page.get_by_test_id("tile").filter(has_text=host.name).get_by_text("Microphone off").wait_for()
    await tab_to(host.page, "End meeting for all")
    await host.page.keyboard.press("Enter")
    await guest.page.get_by_role("heading", name="The meeting has ended").wait_for()


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    await (
        page.get_by_role("button", name=name, exact=True)
        .or_(page.get_by_role("textbox", name=name, exact=True))
        .first.wait_for()
    )
    for _ in range(60):
        focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
        if (await page.evaluate(focused) or "").strip() == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name!r} can't be reached with the Tab key")


async def test_what_happens_is_announced(server: Server, browser: Browser) -> None:
    host, guest, link = await two_people(browser, browser, server.url)
    live = host.page.get_by_role("status")
    await live.get_by_text("Gus Guest joined").wait_for()
    other = await Person.start(browser, "Gina Guest")
    await other.knock(link)
    await live.get_by_text("Gina Guest asks to join").wait_for(state="attached")
    await guest.button("Chat").click()
    await guest.page.get_by_role("textbox", name="Write a message").fill("Anybody there?")
    await guest.page.keyboard.press("Enter")
    await live.get_by_text("Gus Guest wrote: Anybody there?").wait_for()
    await guest.button("Raise hand").click()
    await live.get_by_text("Gus Guest raised a hand").wait_for()
    await guest.button("Leave").click()
    await live.get_by_text("Gus Guest left").wait_for()


RIGHT_TO_LEFT = "addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; });"

STICKING_OUT = """
() => [...document.body.querySelectorAll('*')]
  .filter((one) => one.checkVisibility() && !one.closest('svg, .visually-hidden, .skip'))
  .map((one) => [one.className || one.tagName, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.left < -1 || box.right > innerWidth + 1))
  .map(([name]) => String(name))
"""


async def test_where_people_read_from_right_to_left_everything_is_mirrored_and_nothing_sticks_out(
    server: Server, browser: Browser
) -> None:
    host = await Person.start(browser, "Hanna Host")
    page = host.page
    await page.context.add_init_script(RIGHT_TO_LEFT)
    link = await host.host_meeting(server.url)
    guest = await Person.start(browser, "Gus Guest", width=360, height=740)
    await guest.page.context.add_init_script(RIGHT_TO_LEFT)
    await guest.page.goto(link)
    await guest.page.get_by_text("Your connection and devices are ready.").wait_for()
    assert await guest.page.evaluate(STICKING_OUT) == []
    await guest.page.set_viewport_size({"width": 1280, "height": 800})
    assert await left_of(guest.button("Ask to join")) < await left_of(guest.page.get_by_label("Preview of your camera"))

    await guest.knock(link)
    await host.button("Admit").click()
    await host.sees(guest.name)
    for width, height in ((1280, 800), (360, 740)):
        await page.set_viewport_size({"width": width, "height": height})
        for panel in ("Chat", "People"):
            await host.button(panel).click()
            await page.evaluate(SETTLED)
            assert await page.evaluate(STICKING_OUT) == [], (width, panel)
            if width == 1280:
                heading = page.get_by_role("heading", name={"Chat": "Messages", "People": "People"}[panel])
                assert await left_of(heading) < await left_of(page.get_by_test_id("tile").first)
            await host.button(panel).click()
        assert await left_of(host.button("Leave")) < await left_of(host.button("Microphone"))
        await host.button("More").click()
        item = page.get_by_role("menuitem", name="Settings")
        assert await item.evaluate("one => getComputedStyle(one).direction") == "rtl"
        await page.evaluate(SETTLED)
        assert await page.evaluate(STICKING_OUT) == [], (width, "menu")
        await page.keyboard.press("Escape")


async def left_of(control: Locator) -> float:
    """How far from the window's left edge it begins."""
    box = await control.bounding_box()
    assert box is not None
    return box["x"]
