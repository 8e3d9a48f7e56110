"""A meeting that is spoken, recorded and over: its recap has the right words under the right names, and a reel.

Two Chromium processes speak a script with flite's voices as their microphones.
"""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from tests.e2e.person import Person, eventually
from tests.support.browser import chromium
from tests.support.server import serve
from tests.support.speech import spoken

pytestmark = pytest.mark.e2e

LEAD = 1.5
"""Seconds between a microphone's opening, which begins its file, and its first word."""
SCRIPT = (
    ("Hanna", "We have to talk about the budget for the new office today."),
    ("Gus", "I think the budget is too small for two floors."),
    ("Hanna", "We decided to take only one floor."),
    ("Gus", "I will send the contract to the lawyer by Friday."),
    ("Hanna", "I will call the landlord tomorrow."),
)
VOICES = {"Hanna": "slt", "Gus": "rms"}


def write_voices(directory: Path) -> tuple[dict[str, Path], float]:
    """A WAV for each person, silent while the other speaks; and how long they are."""
    at, parts = LEAD, []
    for name, text in SCRIPT:
        samples = spoken(text, VOICES[name])
        parts.append((name, at, samples))
        at += len(samples) / 48_000 + 0.8
    files = {}
    for name in VOICES:
        track = np.zeros(round((at + 60) * 48_000), np.int16)
        for who, start, samples in parts:
            if who == name:
                track[round(start * 48_000) :][: len(samples)] = samples
        files[name] = directory / f"{name}.wav"
        with wave.open(str(files[name]), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes(track.tobytes())
    return files, at


@contextlib.asynccontextmanager
async def speaking(name: str, voice: Path) -> AsyncIterator[Person]:
    async with chromium([f"--use-file-for-fake-audio-capture={voice}%noloop"]) as browser:
        yield await Person.start(browser, name)


async def told(page: Page, path: str) -> Any:
    return await page.evaluate("path => fetch(path).then((answer) => answer.json())", path)


async def test_a_spoken_meeting_becomes_a_recap(tmp_path: Path) -> None:
    voices, seconds = write_voices(tmp_path)
    async with (
        serve(tmp_path, recap_workers=1, speech_engine="sphinx") as server,
        speaking("Hanna", voices["Hanna"]) as host,
        speaking("Gus", voices["Gus"]) as guest,
    ):
        await host.create_account(server.url)
        link = await host.new_meeting()
        await host.button("Microphone").click()  # off: they speak once it is recorded
        await host.join()
        await guest.page.goto(link)
        await guest.button("Microphone").click()
        await guest.knock(link)
        await host.button("Admit").click()
        await guest.is_inside()
        await host.button("More").click()
        await host.page.get_by_role("menuitem", name="Record", exact=True).click()
        await host.button("Start recording").click()
        await guest.page.get_by_text("Recording").first.wait_for()
        for person in (host, guest):
            await person.button("Microphone").click()
        await asyncio.sleep(seconds)  # the meeting itself
        await guest.button("Leave").click()
        await host.button("Leave").click()
        await host.page.wait_for_url("**/recaps/*")
        recap_id = host.page.url.rpartition("/")[2]
        await eventually(lambda: _is(host.page, f"/api/recaps/{recap_id}", "ready"), 100)

        recap = await told(host.page, f"/api/recaps/{recap_id}")
        assert [stage["stage"] for stage in recap["stages"] if stage["state"] == "failed"] == []
        names = {person["person"]: person["name"] for person in recap["people"]}
        transcript = await told(host.page, f"/api/recaps/{recap_id}/transcript")
        said = [(names[one["person"]], one["text"].lower()) for one in transcript["segments"]]
        for name, word in (("Hanna", "budget"), ("Gus", "floors"), ("Hanna", "decided"), ("Gus", "contract")):
            assert any(who == name and word in text for who, text in said), (name, word, said)
        assert transcript["draft"]
        owners = {(one["owner_name"], one["due"] is not None) for one in recap["actions"]}
        assert ("Gus", True) in owners
        assert ("Hanna", True) in owners
        assert recap["reel"] is not None
        assert {track["source"] for track in recap["tracks"]} >= {"microphone", "camera"}
        links = await told(host.page, f"/api/recaps/{recap_id}/links")
        played = await host.page.evaluate(PLAY, links["urls"][recap["reel"]["file"]])
        assert played > 0.3
        assert datetime.now(UTC).timestamp() < recap["kept_until"]


PLAY = """async (url) => {
  const video = document.createElement('video');
  video.muted = true; video.src = url; document.body.append(video);
  await video.play();
  await new Promise((done) => setTimeout(done, 1500));
  return video.currentTime;
}"""


async def _is(page: Page, path: str, state: str) -> bool:
    return (await told(page, path))["state"] == state
