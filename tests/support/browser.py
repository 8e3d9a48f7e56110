"""Real Chromium with fake camera and microphone, kept off the network."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

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
    "--auto-select-desktop-capture-source=Entire",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
)


@contextlib.asynccontextmanager
async def chromium(
    extra: Sequence[str] = (), executable: str | Path = CHROMIUM, without: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """One Chromium process of its own, with flags beyond ours, or without some of them."""
    flags = [flag for flag in FLAGS if flag not in without]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(executable), args=[*flags, *extra], headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()
