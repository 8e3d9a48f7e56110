"""The host records, pauses and stops; everyone is told; members land on the recap, guests never see it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.person import Person, two_people
from tests.e2e.test_accessibility import check
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def choose(person: Person, item: str) -> None:
    await person.button("More").click()
    await person.page.get_by_role("menuitem", name=item, exact=True).click()


async def test_a_recording_is_begun_paused_and_ended_for_all_to_see(server: Server, browser: Browser) -> None:
    host, guest, _ = await two_people(browser, browser, server.url)
    head = guest.page.locator("header")
    await choose(host, "Record")
    dialog = host.page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name="With AI recap")).to_be_checked()
    await expect(dialog.get_by_role("checkbox", name="Look for gestures")).not_to_be_checked()
    await check(host.page, "dialog before recording")
    await dialog.get_by_role("button", name="Start recording").click()
    await guest.page.get_by_text("This meeting is recorded from now on, and AI makes a recap of it.").wait_for()
    await expect(head.get_by_text("Recording", exact=True)).to_be_visible()
    await check(host.page, "recording")

    await host.page.get_by_role("button", name="Recording", exact=True).click()  # the indicator is a menu to the host
    await host.page.get_by_role("menuitem", name="Pause recording").click()
    await expect(head.get_by_text("Recording paused")).to_be_visible()
    await choose(host, "Resume recording")
    await guest.page.get_by_text("The recording goes on.").wait_for()
    await guest.button("More").click()
    await expect(guest.page.get_by_role("menuitem", name="Stop recording")).to_have_count(0)
    await guest.page.keyboard.press("Escape")

    await host.button("End meeting for all").click()
    await guest.page.get_by_role("heading", name="The meeting has ended").wait_for()
    assert "/recaps/" not in guest.page.url
    await host.page.wait_for_url(re.compile(r"/recaps/\w+"))
    await host.page.get_by_role("heading", level=1).wait_for()
    recap = host.page.url
    await expect(host.page.get_by_role("heading", name="Progress")).to_be_visible()
    assert (await guest.page.context.request.get(recap.replace("/recaps/", "/api/recaps/"))).status in (401, 404)
    assert host.problems == []


async def test_who_leaves_a_recorded_meeting_lands_on_its_recap_and_finds_back(
    server: Server, browser: Browser
) -> None:
    host = await Person.start(browser, "Hanna Host")
    await host.host_meeting(server.url)
    await choose(host, "Record")
    await host.page.get_by_role("radio", name="Without AI").check()
    await host.button("Start recording").click()
    await host.page.get_by_role("button", name="Recording", exact=True).wait_for()
    await host.button("Leave").click()
    await host.page.wait_for_url(re.compile(r"/recaps/\w+"))
    await host.page.get_by_role("link", name="Back to the meeting").click()
    await host.button("Join").wait_for()
