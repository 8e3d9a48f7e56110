"""Real Chromium with fake camera and microphone, kept off the network."""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

CHROMIUM = "/usr/bin/chromium"

FAKE_DEVICES = "--use-fake-device-for-media-stream"
QUIET = "--disable-features=" + ",".join(
    # What a browser makes ready for its own windows, and what it looks for on the network.
    ("PreloadTopChromeWebUI", "WebUIOmniboxPopup", "Translate", "OptimizationHints", "MediaRouter", "HttpsUpgrades",
     "LensOverlay", "DialMediaRouteProvider", "PaintHolding", "AcceptCHFrame")
)  # fmt: skip

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    QUIET,
    FAKE_DEVICES,
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
)


@functools.cache
def small_camera() -> str:
    """A flag: the camera shows a moving bar, 320 x 180, ten pictures a second. Encoding larger ones is most of what a
    browser does in a test."""
    path = Path(tempfile.mkdtemp(prefix="parley-camera-")) / "camera.y4m"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    grey = bytes([128]) * (160 * 90 * 2)
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W320 H180 F10:1 Ip A1:1 C420jpeg\n")
        for at in range(0, 320, 16):
            film.write(b"FRAME\n" + (bytes([60]) * at + bytes([200]) * 16 + bytes([60]) * (304 - at)) * 180 + grey)
    return f"--use-file-for-fake-video-capture={path}"


@contextlib.asynccontextmanager
async def chromium(
    extra: Sequence[str] = (),
    executable: str | Path = CHROMIUM,
    without: Sequence[str] = (),
    *,
    large_camera: bool = False,
) -> AsyncIterator[Browser]:
    """One Chromium process of its own, with flags beyond ours, or without some of them.

    large_camera: Chromium's own drawn camera, as large as asked for, instead of a small one.
    """
    flags = [flag for flag in FLAGS if flag not in without]
    if not large_camera and FAKE_DEVICES not in without and not any("fake-video-capture" in flag for flag in extra):
        flags.append(small_camera())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(executable), args=[*flags, *extra], headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()
