"""Firefox and Chromium see and hear each other, and the check before the meeting works in Firefox too."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from parley.sfu.candidates import local_addresses
from tests.e2e.person import Person
from tests.support.browser import chromium
from tests.support.server import serve

pytestmark = pytest.mark.e2e

GUEST = Path(__file__).with_name("firefox_guest.mjs")
PUPPETEER = Path(__file__).parents[2] / "web" / "node_modules" / "puppeteer-core"


def firefox() -> str:
    """Where it is. Skips the test where it isn't (scripts/system_packages.sh installs it)."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    if not PUPPETEER.exists():
        pytest.skip("puppeteer-core is not installed: run npm ci in web/")
    return found


def own_address() -> str:
    """An address of this machine that isn't loopback, and is reached over loopback all the same: Firefox gathers no
    candidates for 127.0.0.1 while there is another interface, and pairs loopback with nothing but itself."""
    found = [address for address in local_addresses(ipv6=False) if not address.startswith("127.")]
    if not found:
        pytest.skip("this machine has no address but loopback, for which Firefox gathers no candidates")
    return found[0]


class FirefoxGuest:
    """What the guest said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.stats: dict[str, float] = {}

    async def until(self, condition: Callable[[dict[str, Any]], object], seconds: float = 40) -> dict[str, Any]:
        """The first thing said from now on for which that holds."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := await self._process.stdout.readline():
                said = json.loads(line)
                assert "error" not in said, said
                self.stats = said.get("stats", self.stats)
                if condition(said):
                    return dict(said)
        raise AssertionError("Firefox ended")

    async def step(self, name: str) -> None:
        await self.until(lambda said: said.get("step") == name)

    async def receives(self, key: str, more: float) -> None:
        """That number of the statistics rises by so much."""
        first = (await self.until(lambda said: "stats" in said))["stats"][key]
        await self.until(lambda said: "stats" in said and said["stats"][key] >= first + more)


@contextlib.asynccontextmanager
async def firefox_guest(link: str, name: str) -> AsyncIterator[FirefoxGuest]:
    process = await asyncio.create_subprocess_exec(
        "node", str(GUEST), firefox(), link, name, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield FirefoxGuest(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.communicate(), 15)
        except TimeoutError:
            process.kill()


async def test_firefox_and_chromium_see_and_hear_each_other(tmp_path: Path) -> None:
    firefox()
    address = own_address()
    async with serve(tmp_path, media_hosts=address, media_public_addresses=address) as server, chromium() as browser:
        host = await Person.start(browser, "Hanna Host")
        link = await host.host_meeting(server.url)
        async with firefox_guest(link, "Fay Fox") as guest:
            await guest.step("checked")
            await host.button("Admit").click()
            await guest.step("inside")
            await host.sees("Fay Fox")
            await host.hears()
            await guest.receives("framesDecoded", 5)
            await guest.receives("audioEnergy", 1e-4)
        await host.page.get_by_test_id("tile").filter(has_text="Fay Fox").wait_for(state="detached")
        assert host.problems == []
    assert '"level": "error"' not in server.log, server.log
    assert "Traceback" not in server.log, server.log
