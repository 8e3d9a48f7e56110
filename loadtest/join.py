"""How long it takes to join: from the click on `Join` to the first picture of somebody else, in real Chromium.

`make bench-join`, or `python -m loadtest.join --runs 7`. One person is in the meeting with Chromium's fake camera;
another, signed in and a member, opens the page, waits for their own camera, and clicks. The page's own clock measures:
from the click event to the first frame that the browser presents of the other's camera (requestVideoFrameCallback).
The browser reaches nothing but loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from loadtest import command_line
from loadtest.server import ServerFailedError, own_server
from loadtest.signalling import Account, RefusedError

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
WAIT_MS = 30_000

STOPWATCH = """
(() => {
  const frames = {}, waiting = {};
  let clickedAt = 0;
  document.addEventListener("click", (event) => {
    if (event.target.closest("button[type=submit]")) clickedAt = event.timeStamp;
  }, true);
  const seen = new WeakSet();
  const look = () => {
    for (const video of document.querySelectorAll('[data-testid="tile"] video[data-source="camera"]')) {
      if (seen.has(video)) continue;
      seen.add(video);
      const who = video.closest('[data-testid="tile"]').dataset.participantId;
      video.requestVideoFrameCallback((now, frame) => {
        frames[who] ??= frame.presentationTime - clickedAt;
        waiting[who]?.(frames[who]);
      });
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
  window.firstFrameOf = (who) => new Promise((resolve) => {
    if (who in frames) resolve(frames[who]); else waiting[who] = resolve;
  });
  window.ownPicture = () => new Promise((resolve) => {
    const check = () => document.querySelector("video")?.videoWidth ? resolve() : requestAnimationFrame(check);
    check();
  });
})();
"""
"""Runs in the page before its own scripts."""


class JoinFailedError(Exception):
    """No picture came; str() says at which step."""


@contextlib.asynccontextmanager
async def _browser(executable: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def _context(browser: Browser, url: str, account: Account) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-US")
    try:
        await context.add_cookies([{"name": key, "value": value, "url": url} for key, value in account.cookies.items()])
        await context.add_init_script(STOPWATCH)
        yield context
    finally:
        await context.close()


async def _at_the_door(context: BrowserContext, url: str, code: str) -> Page:
    """The page before the meeting, with one's own picture."""
    page = await context.new_page()
    await page.goto(f"{url}/m/{code}")
    await page.get_by_role("button", name="Join", exact=True).wait_for(timeout=WAIT_MS)
    await _evaluate(page, "() => window.ownPicture()")
    return page


async def _evaluate(page: Page, function: str, argument: str = "") -> Any:
    """What a function of the page promises. Raises JoinFailedError when it doesn't keep it in time."""
    try:
        async with asyncio.timeout(WAIT_MS / 1000):
            return await page.evaluate(function, argument)
    except TimeoutError:
        raise JoinFailedError(f"no picture within {WAIT_MS / 1000:.0f} s") from None


async def _join(page: Page) -> None:
    await page.get_by_role("button", name="Join", exact=True).click()


async def measure(
    runs: int, done: Callable[[float], None], url: str | None = None, executable: str = CHROMIUM
) -> list[float]:
    """Join so many times; milliseconds of each. Raises JoinFailedError, RefusedError or ServerFailedError."""
    async with contextlib.AsyncExitStack() as stack:
        if url is None:
            url = (await stack.enter_async_context(own_server())).url
        host = await stack.enter_async_context(Account(url))
        member = await stack.enter_async_context(Account(url))
        code = await host.open_meeting(member)
        try:
            browser = await stack.enter_async_context(_browser(executable))
            first = await stack.enter_async_context(_context(browser, url, host))
            page = await _at_the_door(first, url, code)
            await _join(page)
            tile = page.get_by_test_id("tile")
            await tile.first.wait_for(timeout=WAIT_MS)
            who = await tile.first.get_attribute("data-participant-id")
            return [await _one(browser, url, member, code, who or "", done) for _ in range(runs)]
        except Error as error:
            raise JoinFailedError(error.message.splitlines()[0]) from None


async def _one(
    browser: Browser, url: str, member: Account, code: str, who: str, done: Callable[[float], None]
) -> float:
    """One join, in a fresh context: nothing cached, no connection open."""
    async with _context(browser, url, member) as context:
        page = await _at_the_door(context, url, code)
        await _join(page)
        elapsed = float(await _evaluate(page, "who => window.firstFrameOf(who)", who))
        done(elapsed)
        await page.get_by_role("button", name="Leave").first.click()
        return elapsed


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = command_line.Parser(prog="loadtest.join", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=command_line.whole(1, 1000), default=7)
    parser.add_argument("--url", help="of a server that runs; without it one is started")
    parser.add_argument("--chromium", default=CHROMIUM, help="the browser's program")
    options = parser.parse_args(arguments)
    if options.url is not None and not urlsplit(options.url).hostname:
        parser.error(f"argument --url: {options.url!r} is no address")
    print("ms from the click on Join to the first frame of somebody else:", flush=True)
    try:
        times = asyncio.run(
            measure(options.runs, lambda elapsed: print(f"{elapsed:8.0f}", flush=True), options.url, options.chromium)
        )
    except (JoinFailedError, RefusedError, ServerFailedError) as error:
        command_line.fail(parser.prog, str(error))
    print(f"median {statistics.median(times):.0f} ms, {min(times):.0f} to {max(times):.0f}, of {len(times)} joins")


if __name__ == "__main__":
    main()
