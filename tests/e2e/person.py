"""Somebody with a browser: does what a person does, by the names that a person reads, and looks at what arrives."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Locator, Page

_NUMBERS = itertools.count(1)

WATCH_CONNECTIONS = """
(() => {
  const all = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parameters) { super(...parameters); all.push(this); }
  };
  // Without those that only try out the network before the meeting: they carry nothing.
  Object.defineProperty(window, 'connections', {
    get: () => all.filter((one) => !one.remoteDescription?.sdp.includes('m=application')),
  });
})();
"""

INBOUND = """
async () => {
  const found = [];
  for (const connection of window.connections) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach((entry) => {
      if (['inbound-rtp', 'outbound-rtp', 'candidate-pair'].includes(entry.type)) found.push({...entry});
    });
  }
  return found;
}
"""


# A noise filter takes the beep of Chromium's fake microphone for what it is.
KEEP_NOISE = """
try {
  const [key, kept] = ['parley.effects', '{"noiseFilter":false}'];
  localStorage.setItem(key, localStorage.getItem(key) ?? kept);
} catch {}
"""


@dataclass
class Person:
    """A page in a browser context of its own. problems: what the console and the page complained about."""

    page: Page
    name: str
    problems: list[str]

    @classmethod
    async def start(
        cls, browser: Browser, name: str, width: int = 1280, height: int = 800, keep_noise: bool = True
    ) -> Person:
        context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        await context.add_init_script(WATCH_CONNECTIONS)
        if keep_noise:
            await context.add_init_script(KEEP_NOISE)
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        return cls(page, name, problems)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def create_account(self, url: str) -> None:
        await self.page.goto(f"{url}/sign-up")
        await self.page.get_by_label("Your name").fill(self.name)
        await self.page.get_by_label("Email").fill(f"somebody{next(_NUMBERS)}@example.org")
        await self.page.get_by_label("Password").fill("correct horse battery")
        await self.page.get_by_label("I accept the Terms and the Privacy Policy").check()
        await self.button("Create account").click()
        await self.button("New meeting").wait_for()

    async def new_meeting(self) -> str:
        """Make one and stand before its door; the link."""
        await self.button("New meeting").click()
        await self.button("Join").wait_for()
        return self.page.url

    async def host_meeting(self, url: str) -> str:
        """Sign up, make a meeting and go in, without the pages that lead there; the link."""
        api, headers = self.page.context.request, {"Origin": url}
        email = f"somebody{next(_NUMBERS)}@example.org"
        account = {"email": email, "name": self.name, "password": "correct horse battery", "accept_terms": True}
        assert (await api.post(f"{url}/api/accounts", data=account, headers=headers)).ok
        made = await api.post(f"{url}/api/meetings", data={}, headers=headers)
        link = f"{url}/m/{(await made.json())['code']}"
        await self.page.goto(link)
        await self.join()
        return link

    async def join(self) -> None:
        await self.button("Join").click()
        await self.button("Leave").wait_for()

    async def knock(self, link: str) -> None:
        await self.page.goto(link)
        await self.page.get_by_label("Your name").fill(self.name)
        await self.page.get_by_label("I accept the Terms and the Privacy Policy").check()
        await self.button("Ask to join").click()

    async def is_inside(self) -> None:
        await self.button("Leave").wait_for()

    def tile(self, name: str, source: str = "camera") -> Locator:
        """The picture of somebody else."""
        return self.page.get_by_test_id("tile").filter(has_text=name).locator(f'video[data-source="{source}"]')

    async def stats(self, kind: str, media: str) -> list[dict[str, Any]]:
        """Entries of getStats of all connections: kind "inbound-rtp" or "outbound-rtp", media "audio" or "video"."""
        return [one for one in await self.page.evaluate(INBOUND) if one["type"] == kind and one.get("kind") == media]

    async def total(self, kind: str, media: str, key: str) -> float:
        return sum(float(one.get(key) or 0) for one in await self.stats(kind, media))

    async def frames_shown(self, name: str, source: str = "camera") -> int:
        """How many frames of somebody's picture were painted so far; 0 where there is none."""
        found = await self.page.evaluate(
            """([name, source]) => [...document.querySelectorAll('[data-testid=tile]')]
              .filter((tile) => tile.innerText.includes(name))
              .flatMap((tile) => [...tile.querySelectorAll(`video[data-source=${source}]`)])
              .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)""",
            [name, source],
        )
        return int(max(found, default=0))

    async def sees(self, name: str, source: str = "camera", frames: int = 5, seconds: float = 30) -> None:
        """New frames of somebody's picture arrive."""
        first = await self.frames_shown(name, source)
        await eventually(lambda: self._at_least(first + frames, name, source), seconds)

    async def _at_least(self, frames: int, name: str, source: str) -> bool:
        return await self.frames_shown(name, source) >= frames

    async def hears(self, seconds: float = 30) -> None:
        """Sound arrives that isn't silence."""
        first = await self.total("inbound-rtp", "audio", "totalAudioEnergy")

        async def louder() -> bool:
            return await self.total("inbound-rtp", "audio", "totalAudioEnergy") > first + 1e-4

        await eventually(louder, seconds)


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until it holds. Raises AssertionError."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it didn't become true in time"
        await asyncio.sleep(0.1)


async def two_people(
    host_browser: Browser, guest_browser: Browser, url: str, **size: int
) -> tuple[Person, Person, str]:
    """A host and an admitted guest in a new meeting, and its link."""
    host = await Person.start(host_browser, "Hanna Host", **size)
    guest = await Person.start(guest_browser, "Gus Guest", **size)
    await host.create_account(url)
    link = await host.new_meeting()
    await host.join()
    await guest.knock(link)
    await host.button("Admit").click()
    await guest.is_inside()
    return host, guest, link
