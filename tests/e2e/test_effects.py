"""What one does to one's own sound and picture: noise goes and speech stays, the room goes and the person stays."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.person import Person, eventually
from tests.support.browser import chromium
from tests.support.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

HERE = Path(__file__).parent
SPEECH = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well."
)

NOTE_WORKLETS = """
window.worklets = [];
const addModule = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = function (url) { window.worklets.push(url); return addModule.call(this, url); };
"""

LOOK = """
async ([selector, places]) => {
  const context = new OffscreenCanvas(640, 360).getContext('2d', { willReadFrequently: true });
  context.drawImage(document.querySelector(selector), 0, 0, 640, 360);
  return places.map(([x, y]) => {
    const { data } = context.getImageData(x - 8, y - 8, 16, 16);
    const mean = [0, 1, 2].map((one) => {
      let sum = 0;
      for (let at = one; at < data.length; at += 4) sum += data[at];
      return sum / (data.length / 4);
    });
    return mean;
  });
}
"""

SENDERS = """
(kind) => window.connections.filter((one) => one.connectionState !== 'closed')
  .flatMap((one) => one.getSenders()).map((one) => one.track).filter((one) => one?.kind === kind)
  .map((one) => one.label)
"""

OFFERS = "() => window.connections.map((one) => one.localDescription?.sdp ?? '')"


async def speak(path: Path) -> None:
    """A voice says SPEECH into a WAV file."""
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("no voice: install Debian's package flite (scripts/system_packages.sh does)")
    process = await asyncio.create_subprocess_exec(flite, "-voice", "slt", "-t", SPEECH, "-o", str(path))
    assert await process.wait() == 0


async def test_noise_is_filtered_out_and_speech_is_kept(server: Server, browser: Browser, tmp_path: Path) -> None:
    await speak(tmp_path / "speech.wav")
    speech = base64.b64encode((tmp_path / "speech.wav").read_bytes()).decode()
    person = await before_a_meeting(server, browser, NOTE_WORKLETS)

    async def loaded() -> bool:
        return bool(await person.page.evaluate("window.worklets.length"))

    await eventually(loaded, 30)
    measure = (HERE / "noise_measure.js").read_text()
    for kind in ("white", "fan"):
        measured: dict[str, Any] = await person.page.evaluate(measure, [speech, kind])
        print(kind, measured)
        assert measured["noise_before_speech_db"] < -15
        assert measured["noise_after_speech_db"] < -15
        assert abs(measured["speech_db"]) < 3
        assert min(measured["alike"]) > 0.9


@dataclass
class Seen:
    """Mean colours (red, green, blue) of places in a picture of the drawn person."""

    face: list[float]
    shirt: list[float]
    shelf: list[float]
    """Deep inside the dark shelf of the room."""
    rim: list[float]
    """Where the shelf ends: its outermost pixels only, next to the bright wall."""

    @classmethod
    async def of(cls, page: Page, selector: str) -> Seen:
        places = [(320, 150), (320, 320), (545, 170), (479, 170)]
        return cls(*await page.evaluate(LOOK, [selector, places]))


def apart(one: list[float], other: list[float]) -> float:
    """By how much two colours differ, in the channel where they differ most."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def camera_file(shared_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a camera sees: somebody drawn, in a drawn room."""
    page = await shared_browser.new_page(viewport={"width": 640, "height": 360})
    drawing = (HERE / "person.svg").read_text()
    await page.set_content(
        f"<style>body {{ margin: 0 }} svg {{ display: block; width: 640px; height: 360px }}</style>{drawing}"
    )
    path = tmp_path_factory.mktemp("camera") / "person.mjpeg"
    path.write_bytes(await page.screenshot(type="jpeg", quality=95))
    await page.close()
    return path


PREVIEW = "section video"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_browser(camera_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Its camera sees somebody in a room, its microphone hears somebody speak."""
    voice = tmp_path_factory.mktemp("voice") / "speech.wav"
    await speak(voice)
    files = [f"--use-file-for-fake-video-capture={camera_file}", f"--use-file-for-fake-audio-capture={voice}"]
    async with chromium(files) as running:
        yield running


async def before_a_meeting(server: Server, browser: Browser, script: str = "") -> Person:
    """Somebody with open devices and effects in sight; a request to elsewhere is noted among the page's problems."""
    person = await Person.start(browser, "Hanna Host", keep_noise=False)
    person.page.on(
        "request", lambda asked: None if asked.url.startswith(server.url) else person.problems.append(asked.url)
    )
    await person.page.add_init_script(script)
    await person.create_account(server.url)
    await person.new_meeting()
    await person.page.locator(PREVIEW).wait_for()
    await person.page.get_by_text("Noise filter and background").click()
    return person


async def looks(page: Page, selector: str, condition: Callable[[Seen], bool]) -> Seen:
    """What is seen there, as soon as it is so."""
    seen: list[Seen] = []

    async def so() -> bool:
        seen.append(await Seen.of(page, selector))
        return seen[-1].face[0] > 100 and condition(seen[-1])  # black while a new video begins

    try:
        await eventually(so, 30)
    except AssertionError:
        raise AssertionError(f"it looks like this: {seen[-1]}") from None
    return seen[-1]


async def test_the_room_goes_and_the_person_stays_before_and_in_a_meeting(server: Server, own_browser: Browser) -> None:
    host = await before_a_meeting(server, own_browser)
    page = host.page
    room = await looks(page, PREVIEW, lambda seen: apart(seen.shelf, [88, 63, 38]) < 20)
    assert page.workers == [], "nothing is loaded before it is used"

    await page.get_by_role("radio", name="Blurred").check()
    blurred = await looks(page, PREVIEW, lambda seen: apart(seen.rim, room.rim) > 20)
    assert apart(blurred.shelf, room.shelf) < 20
    await page.get_by_role("radio", name="Mountain lake").check()
    lake = await looks(page, PREVIEW, lambda seen: apart(seen.shelf, room.shelf) > 80)
    for seen in (blurred, lake):
        assert apart(seen.face, room.face) < 6
        assert apart(seen.shirt, room.shirt) < 6

    link = page.url
    await host.join()
    guest = await Person.start(own_browser, "Gus Guest")
    await guest.knock(link)
    await host.button("Admit").click()
    await guest.is_inside()
    await guest.sees(host.name)
    tile = f'[data-testid=tile]:has-text("{host.name}") video'
    selector = "[data-watched]"
    await guest.page.locator(tile).evaluate("(video) => { video.dataset.watched = ''; }")
    await looks(
        guest.page, selector, lambda seen: apart(seen.shelf, lake.shelf) < 40 and apart(seen.face, room.face) < 40
    )

    offers = await page.evaluate(OFFERS)
    await host.button("More").click()
    await page.get_by_role("menuitem", name="Settings").click()
    await page.get_by_role("radio", name="My room").check()
    await looks(guest.page, selector, lambda seen: apart(seen.shelf, room.shelf) < 40)
    await eventually(lambda: _no_workers(page), 30)
    await page.get_by_role("radio", name="Waves").check()
    await looks(guest.page, selector, lambda seen: apart(seen.shelf, room.shelf) > 60)
    assert await page.evaluate(OFFERS) == offers, "another background needs no negotiation"
    await page.keyboard.press("Escape")
    await host.button("Camera").click()
    await eventually(lambda: _no_workers(page), 30)

    await page.reload()
    await page.get_by_text("Noise filter and background").click()
    assert await page.get_by_role("radio", name="Waves").is_checked()
    await host.button("Camera").click()
    await page.locator(PREVIEW).wait_for()
    await looks(page, PREVIEW, lambda seen: apart(seen.shelf, room.shelf) > 60)
    assert host.problems == []


async def _no_workers(page: Page) -> bool:
    return page.workers == []


async def test_the_filter_lies_over_the_microphone_and_can_be_taken_off(server: Server, own_browser: Browser) -> None:
    host = await before_a_meeting(server, own_browser)
    page = host.page
    link = page.url
    await host.join()
    guest = await Person.start(own_browser, "Gus Guest")
    await guest.knock(link)
    await host.button("Admit").click()
    await guest.is_inside()

    async def filtered(wanted: bool) -> bool:
        return [label == "MediaStreamAudioDestinationNode" for label in await page.evaluate(SENDERS, "audio")] == [
            wanted
        ]

    await eventually(lambda: filtered(True), 30)
    await guest.hears()
    offers = await page.evaluate(OFFERS)
    await page.keyboard.press("Control+d")
    await eventually(lambda: _is_silent(page), 30)
    await page.keyboard.press("Control+d")
    await eventually(lambda: filtered(True), 30)
    await guest.hears()
    await host.button("More").click()
    await page.get_by_role("menuitem", name="Settings").click()
    await page.get_by_label("Filter out noise around me").uncheck()
    await eventually(lambda: filtered(False), 30)
    await guest.hears()
    await page.get_by_label("Filter out noise around me").check()
    await eventually(lambda: filtered(True), 30)
    await page.get_by_role("combobox", name="Microphone").select_option(index=1)
    await guest.hears()
    await eventually(lambda: filtered(True), 30)
    assert await page.evaluate(OFFERS) == offers
    assert host.problems == []


async def _sends(page: Page, kinds: list[str]) -> bool:
    return all([await page.evaluate(SENDERS, kind) for kind in kinds])


async def _is_silent(page: Page) -> bool:
    return bool(await page.evaluate(SENDERS, "audio") == [])


async def test_without_webgl_and_worklets_it_is_said_and_plain_devices_go_on(server: Server) -> None:
    async with chromium(["--disable-3d-apis", "--disable-software-rasterizer"]) as browser:
        person = await before_a_meeting(server, browser, "delete window.AudioWorkletNode;")
        page = person.page
        await page.get_by_text(
            "This browser can't filter noise. Your microphone goes on without the filter."
        ).wait_for()
        await page.get_by_role("radio", name="Blurred").check()
        await page.get_by_text("Backgrounds need WebGL").wait_for()
        frames = "document.querySelector('section video').getVideoPlaybackQuality().totalVideoFrames"
        shown = int(await page.evaluate(frames))

        async def goes_on() -> bool:
            return int(await page.evaluate(frames)) >= shown + 5

        await eventually(goes_on, 30)
        await page.get_by_role("radio", name="My room").check()
        await page.get_by_text("Backgrounds need WebGL").wait_for(state="detached")
        await person.join()
        await eventually(lambda: _sends(page, ["audio", "video"]), 30)
