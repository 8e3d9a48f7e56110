"""Takes the pictures of the product: `make screenshots` writes them to build/screenshots, and the best to docs/images.

People are drawn, so that no camera and no stranger's face is needed.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.browser import chromium
from tests.support.server import serve

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "screenshots"
DOCS = ROOT / "docs" / "images"
BEST = ("grid-5", "prejoin", "presentation", "people-knocks-dark")

NAMES = (
    "Hanna Okafor", "Gus Lindqvist", "Mina Sato", "Tomas Rey", "Priya Nair",
    "Jonas Weber", "Aylin Kaya", "Sam Novak", "Leila Haddad", "Ben Osei",
)  # fmt: skip

DRAWN_CAMERA = Path(__file__).parent / "drawn_camera.js"


async def person(
    browser: Browser, name: str, *, dark: bool = False, width: int = 1280, height: int = 800, camera: int = 1280
) -> Page:
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-GB"
    )
    await context.add_init_script(f"window.drawnName = {json.dumps(name)}; window.drawnWidth = {camera};")
    await context.add_init_script(path=DRAWN_CAMERA)
    return await context.new_page()


async def shoot(page: Page, name: str) -> None:
    await page.mouse.move(1, 1)
    await page.wait_for_timeout(900)  # notices fade, layers arrive
    await page.screenshot(path=OUT / f"{name}.png")
    print(f"  {name}")


async def knock(page: Page, link: str, name: str) -> None:
    await page.goto(link)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("I accept the Terms and the Privacy Policy").check()
    await page.get_by_role("button", name="Ask to join").click()


async def let_in(host: Page, browser: Browser, link: str, name: str) -> Page:
    guest = await person(browser, name, width=640, height=400, camera=640)
    await knock(guest, link, name)
    await host.get_by_role("button", name="Admit").click()
    await guest.get_by_role("button", name="Leave").wait_for()
    await guest.get_by_role("button", name="Microphone").click()
    return guest


async def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as directory:
        async with serve(Path(directory)) as server, chromium() as browser:
            await tour(server.url, browser)
    DOCS.mkdir(exist_ok=True)
    for name in BEST:
        shutil.copy(OUT / f"{name}.png", DOCS / f"{name}.png")


async def tour(url: str, browser: Browser) -> None:
    host = await person(browser, NAMES[0])
    await host.goto(url)
    await host.get_by_role("link", name="Create account").wait_for()
    await shoot(host, "home")
    await host.get_by_role("link", name="Create account").click()
    await host.get_by_label("Your name").fill(NAMES[0])
    await host.get_by_label("Email").fill("hanna@example.org")
    await host.get_by_label("Password").fill("correct horse battery")
    await host.get_by_label("I accept the Terms and the Privacy Policy").check()
    await shoot(host, "sign-up")
    await host.get_by_role("button", name="Create account").click()
    await host.get_by_label("Name of the conversation").fill("Spring release")
    await host.get_by_role("button", name="Create").click()
    await host.get_by_role("link", name="Spring release").click()
    await host.get_by_role("button", name="New meeting").wait_for()
    await shoot(host, "conversation")
    await host.get_by_role("button", name="New meeting").click()
    await host.get_by_role("button", name="Join").wait_for()
    link = host.url

    waiting = await person(browser, NAMES[1])
    await knock(waiting, link, NAMES[1])
    await waiting.get_by_role("heading", name="The host isn't here yet").wait_for()
    await shoot(waiting, "waiting")
    await waiting.context.close()

    newcomer = await person(browser, NAMES[2])
    await newcomer.goto(link)
    await newcomer.get_by_label("Your name").fill(NAMES[2])
    await newcomer.get_by_label("I accept the Terms and the Privacy Policy").check()
    await newcomer.locator("video").wait_for()
    await shoot(newcomer, "prejoin")
    await newcomer.set_viewport_size({"width": 360, "height": 740})
    await shoot(newcomer, "prejoin-phone")
    await newcomer.context.close()

    await host.get_by_role("button", name="Join").click()
    await host.get_by_role("button", name="Leave").wait_for()
    while await host.get_by_role("button", name="Deny").count():
        await host.get_by_role("button", name="Deny").click()
        await host.wait_for_timeout(300)
    await shoot(host, "alone")
    guests = [await let_in(host, browser, link, NAMES[1])]
    await host.wait_for_timeout(5_000)
    await shoot(host, "grid-2")
    for name in NAMES[2:5]:
        guests.append(await let_in(host, browser, link, name))
    await host.wait_for_timeout(5_000)
    await shoot(host, "grid-5")
    await host.set_viewport_size({"width": 360, "height": 740})
    await shoot(host, "grid-5-phone")
    await host.set_viewport_size({"width": 1280, "height": 800})

    await guests[0].get_by_role("button", name="Share screen").click()
    await host.locator('video[data-source="screen"]').wait_for()
    await host.wait_for_timeout(3_000)
    await shoot(host, "presentation")
    await guests[0].get_by_role("button", name="Share screen").click()
    await talk(host, guests)
    for name in NAMES[5:]:
        guests.append(await let_in(host, browser, link, name))
    await host.wait_for_timeout(5_000)
    await shoot(host, "grid-10")


async def talk(host: Page, guests: list[Page]) -> None:
    lines = (
        "Good morning! The draft is at https://example.org/spring",
        "Thanks, reading it now.",
        "Shall we freeze on the 3rd?",
    )
    for guest, line in zip(guests, lines, strict=False):
        await guest.get_by_role("button", name="Chat").click()
        await guest.get_by_role("textbox", name="Write a message").fill(line)
        await guest.keyboard.press("Enter")
    await host.get_by_role("button", name="Chat").click()
    await host.get_by_role("textbox", name="Write a message").fill("Works for me.")
    await host.keyboard.press("Enter")
    await host.wait_for_timeout(5_000)
    await shoot(host, "chat")
    browser = host.context.browser
    assert browser is not None
    waiting = [await person(browser, name) for name in NAMES[5:7]]
    link = host.url
    for page, name in zip(waiting, NAMES[5:7], strict=True):
        await knock(page, link, name)
    await host.get_by_role("button", name="People").click()
    await host.get_by_role("button", name="Admit all").wait_for()
    await host.wait_for_timeout(5_000)
    await shoot(host, "people-knocks")
    await host.emulate_media(color_scheme="dark")
    await shoot(host, "people-knocks-dark")
    await host.emulate_media(color_scheme="light")
    await host.get_by_role("button", name="Deny all").click()
    await host.get_by_role("button", name="People").click()
    for page in waiting:
        await page.context.close()


if __name__ == "__main__":
    asyncio.run(main())
