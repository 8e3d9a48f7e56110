"""The recap page in a real browser: it plays all tracks as one, follows, finds, is changed, and fills in by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from parley.signaling.schema import recaps as told
from tests.e2e.test_accessibility import check
from tests.support.recap_site import DIST, ORIGIN, RECAP, RecapSite

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not DIST.is_dir(), reason="the client isn't built (cd web && npm run build)"),
]

# The second one's file begins three seconds into the recording, the third one's is over.
TOGETHER = """
() => {
  const [first, second, over] = document.querySelectorAll('audio');
  const apart = Math.abs(first.currentTime - 3 - second.currentTime);
  return !first.paused && !second.paused && over.paused && first.currentTime > 4 && apart < 0.1;
}
"""


@pytest.fixture
def site() -> RecapSite:
    return RecapSite()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, site: RecapSite) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await site.attach(context)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    yield page
    await context.close()


async def open_recap(page: Page) -> None:
    await page.goto(f"{ORIGIN}/recaps/r1")
    await page.get_by_role("heading", level=1, name="Launch plan").wait_for()


async def position(page: Page) -> float:
    return float(await page.get_by_role("slider", name="Position").input_value())


async def test_a_click_on_a_line_plays_every_microphone_from_its_second(page: Page) -> None:
    await open_recap(page)
    await page.get_by_text("I will send the plan").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.wait_for_function(TOGETHER)
    assert await page.locator("video").evaluate("one => Math.abs(one.currentTime)") >= 3.8
    await expect(page.locator('[data-segment="s2"]')).to_have_attribute("aria-current", "true")


async def test_keys_move_and_play_and_a_pause_of_the_recording_is_skipped(page: Page) -> None:
    await open_recap(page)
    seek = page.get_by_role("slider", name="Position")
    await seek.focus()
    await page.keyboard.press("ArrowRight")
    assert await position(page) == 5.0
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    assert await position(page) == 0.0
    await seek.fill("9.5")
    assert await position(page) == 10.5
    await page.get_by_role("combobox", name="Speed").select_option("2")
    await seek.focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.wait_for_function("document.querySelector('audio').playbackRate >= 1.9")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_words_are_found_without_their_accents_and_speakers_are_told_apart(page: Page) -> None:
    await open_recap(page)
    await page.get_by_role("searchbox").fill("CAFE")
    await expect(page.locator("mark")).to_have_text("café")
    await expect(page.get_by_text("1 of 1")).to_be_visible()
    await page.get_by_role("combobox", name="Speaker").select_option("Ada")
    await expect(page.get_by_text("Nothing found")).to_be_visible()
    await expect(page.locator('[data-segment="s2"]')).to_have_count(0)
    await expect(page.get_by_text("Another language was spoken here. (German)")).to_be_visible()


async def test_an_action_item_is_ticked_changed_and_deleted(page: Page, site: RecapSite) -> None:
    await open_recap(page)
    await page.get_by_role("checkbox", name="Done: Send the plan").check()
    await page.get_by_role("button", name="Edit: Find the figures").click()
    await page.get_by_role("textbox", name="Text").fill("Find last year's figures")
    await page.get_by_label("Owner").select_option("Ada")
    await page.get_by_label("Due").fill("2026-10-01")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text("The change is saved").wait_for()
    await page.get_by_role("button", name="Edit: Launch in May").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("textbox", name="Text")).to_have_count(0)
    changes = [body for _, path, body in site.posted if path == "recaps/r1/edits"]
    assert changes == [
        {"item": "a1", "field": "done", "value": True},
        {"item": "a2", "field": "text", "value": "Find last year's figures"},
        {"item": "a2", "field": "owner", "value": "p1"},
        {"item": "a2", "field": "due", "value": "2026-10-01"},
        {"item": "d1", "field": "deleted", "value": True},
    ]


async def test_it_fills_in_while_it_is_made_and_says_what_failed(page: Page, site: RecapSite) -> None:
    running = told.RecapStage("summary", told.StageState.RUNNING, 0.4, "")
    failed = told.RecapStage("gestures", told.StageState.FAILED, 0.0, "The hand models aren't installed.")
    before = [running if one.stage == "summary" else failed if one.stage == "gestures" else one for one in RECAP.stages]
    nothing: dict[str, Any] = {"overview": [], "topics": [], "decisions": [], "actions": [], "moments": []}
    site.recap = msgspec.structs.replace(RECAP, state=told.RecapState.WORKING, stages=before, **nothing)
    await open_recap(page)
    await expect(page.get_by_role("progressbar", name="Summary, decisions, action items")).to_have_attribute(
        "value", "0.4"
    )
    await expect(page.get_by_text("The hand models aren't installed.")).to_be_visible()
    await expect(page.get_by_text("There is no summary yet.")).to_be_visible()
    site.recap = msgspec.structs.replace(
        RECAP, stages=[failed if one.stage == "gestures" else one for one in RECAP.stages]
    )
    await page.get_by_text("The launch moves to May.").wait_for()
    await expect(page.get_by_text("Summary, decisions, action items: ready")).to_have_count(1)


async def test_a_clip_says_how_far_it_is_and_why_it_failed_until_it_can_be_played(page: Page, site: RecapSite) -> None:
    await open_recap(page)
    await page.get_by_role("button", name="Make clip: Launch in May").click()
    await expect(page.get_by_role("status", name="waiting: Launch in May")).to_be_visible()
    (moment,) = site.clips
    site.clips[moment] = told.RecapClip(told.StageState.RUNNING, 0.5)
    await expect(page.get_by_role("status", name="being made: Launch in May")).to_have_text("50 %")
    site.clips[moment] = told.RecapClip(told.StageState.FAILED, 0.5, "The disk is full.")
    await expect(page.get_by_text("The clip was not made: The disk is full.")).to_be_visible()
    site.asked = told.RecapClip(told.StageState.DONE, 1.0, file="clips/clip-h1.mp4")
    await page.get_by_role("button", name="Try again: Launch in May").click()
    await page.get_by_role("button", name="Play clip: Launch in May").click()
    await expect(page.get_by_role("dialog").locator("video")).to_have_attribute("src", "/api/media/c")


async def test_the_host_deletes_it_after_a_question(page: Page, site: RecapSite) -> None:
    await open_recap(page)
    await page.get_by_role("button", name="Delete recap").click()
    await page.get_by_role("button", name="Delete for everyone").click()
    await page.wait_for_url(f"{ORIGIN}/conversations/c1")
    assert ("DELETE", "recaps/r1", None) in site.posted


async def test_strangers_are_told_in_words_and_every_state_passes_axe(page: Page, site: RecapSite) -> None:
    await open_recap(page)
    await page.get_by_role("button", name="Edit: Send the plan").click()
    await page.get_by_role("searchbox").fill("the")
    await page.get_by_text("How this recap was made").click()
    await check(page, "recap, changing and searching")
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.get_by_role("group", name="Show").get_by_role("button", name="Transcript").click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await check(page, "transcript on a telephone")
    await page.get_by_role("button", name="Notices, 1 unread notice").click()
    await page.get_by_role("link", name="The recap is ready").wait_for()
    await check(page, "notices")
    site.recap = None
    await page.goto(f"{ORIGIN}/recaps/r1")
    await page.get_by_role("heading", name="There is no recap here").wait_for()
    await check(page, "no recap")


async def test_the_start_page_lists_recaps(page: Page) -> None:
    await page.goto(ORIGIN)
    await page.get_by_role("link", name="Launch plan").click()
    await page.get_by_role("heading", level=1, name="Launch plan").wait_for()
