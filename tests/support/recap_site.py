"""The built client with a made-up recap behind it, all answered inside the browser: no server, no network.

Answers are the API's own structs, so that a change of the schema is seen here; media are real files that PyAV writes.
"""

from __future__ import annotations

import functools
import io
import json
import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import msgspec
import numpy as np
from playwright.async_api import BrowserContext, Route

from parley.signaling.schema import recaps as told

DIST = Path(__file__).parents[2] / "web" / "dist"
ORIGIN = "http://127.0.0.1:9"
"""Nobody listens there; the browser never asks."""
SECONDS = 12
STARTED = 1_790_000_000.0
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@functools.cache
def sound(seconds: int = SECONDS) -> bytes:
    """A quiet hum as WebM."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        hum = (0.05 * np.sin(np.arange(960) / 8)).astype(np.float32).reshape(1, -1)
        for number in range(seconds * 50):
            frame = av.AudioFrame.from_ndarray(hum, "flt", "mono")
            frame.rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@functools.cache
def picture(seconds: int = SECONDS) -> bytes:
    """A grey that grows lighter, as WebM."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=5, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(seconds * 5):
            image = np.full((36, 64, 3), 40 + number * 2, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def _line(item: str, text: str, at: float) -> told.RecapLine:
    return told.RecapLine(item, text, at, ["s1"])


def _stages(state: told.StageState, note: str = "") -> list[told.RecapStage]:
    names = ("voice", "transcript", "summary", "gestures", "highlights", "reel", "tracks")
    return [told.RecapStage(name, state, 1.0 if state == "done" else 0.0, note) for name in names]


RECAP = told.Recap(
    recap_id="r1", conversation_id="c1", meeting_id="m1", title="Launch plan", started_at=STARTED,
    duration=float(SECONDS), state=told.RecapState.READY, stages=_stages(told.StageState.DONE),
    people=[told.RecapPerson("p1", "Ada", False, 6.0), told.RecapPerson("p2", "Ben", True, 3.0)],
    draft=True, engines={"transcript": "pocketsphinx"}, notes=["Two lines were left out."],
    overview=[_line("o1", "The launch moves to May.", 1.0)],
    topics=[
        told.RecapTopic("t1", "Launch", 0.0, 6.0, [_line("l1", "Tests are late.", 2.0)]),
        told.RecapTopic("t2", "Order form", 6.0, 12.0, [_line("l2", "Accents get lost.", 7.0)]),
    ],
    decisions=[_line("d1", "Launch in May", 1.0)],
    actions=[
        told.RecapAction("a1", "Send the plan", 4.0, ["s2"], "p2", "Ben", "2026-09-25", "by Friday", False),
        told.RecapAction("a2", "Find the figures", 8.0, ["s3"], None, None, None, "", False),
    ],
    moments=[told.RecapMoment("h1", "decision", "Launch in May", 1.0, 4.0, ["p1"], True)],
    reel=None, film=None,
    tracks=[
        told.RecapTrack("m1", "p1", "microphone", 0.0, 12.0, "play/m1.webm"),
        told.RecapTrack("m2", "p2", "microphone", 3.0, 12.0, "play/m2.webm"),
        told.RecapTrack("m3", "p2", "microphone", 0.0, 2.0, "play/m3.webm"),
        told.RecapTrack("c1", "p1", "camera", 0.0, 12.0, "play/c1.webm"),
    ],
    marks=[
        told.RecapMark("gesture", 4.5, "p2", "thumbs_up", 5.0),
        told.RecapMark("pause", 9.0, None, "", 10.5),
    ],
    chat=[told.RecapChat(5.0, "p2", "See https://example.org")], can_delete=True, kept_until=STARTED + 15_000_000,
)  # fmt: skip

TRANSCRIPT = told.RecapTranscript(
    draft=True,
    engine="pocketsphinx",
    segments=[
        told.RecapSegment("s1", "p1", 1.0, 3.0, "We launch in May.", "text", "", True),
        told.RecapSegment("s2", "p2", 4.0, 5.5, "I will send the plan to the café.", "text", "", True),
        told.RecapSegment("s3", "p1", 6.0, 8.0, "", "other_language", "German", True),
        told.RecapSegment("s4", "p1", 8.0, 9.0, "Yes.", "text", "", False),
    ],
)


@dataclass
class RecapSite:
    """What the API says, to be changed by tests; posted: what the page sent, as (method, path, body). clips: by moment;
    one that is asked for becomes `asked`."""

    recap: told.Recap | None = RECAP
    transcript: told.RecapTranscript = TRANSCRIPT
    clips: dict[str, told.RecapClip] = field(default_factory=dict)
    asked: told.RecapClip = field(default=told.RecapClip(told.StageState.WAITING, 0.0))
    posted: list[tuple[str, str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._media = {"m": sound(), "c": picture()}

    async def attach(self, context: BrowserContext) -> None:
        """Answer everything that pages of this context ask for."""
        await context.route("**/*", self._answer)

    async def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path
        if not path.startswith("/api/"):
            await self._client(route, path)
        elif path.startswith("/api/media/"):
            await self._bytes(route, self._media[path.removeprefix("/api/media/")[0]])
        elif request.method == "GET":
            await self._get(route, path.removeprefix("/api/"))
        else:
            await self._change(route, request.method, path.removeprefix("/api/"))

    async def _client(self, route: Route, path: str) -> None:
        file = DIST / path.lstrip("/")
        if not file.is_file():
            file = DIST / "index.html"
        await route.fulfill(body=file.read_bytes(), content_type=_TYPES.get(file.suffix, "application/octet-stream"))

    async def _bytes(self, route: Route, data: bytes) -> None:
        headers = {"Content-Type": "video/webm", "Accept-Ranges": "bytes"}
        wanted = _RANGE.fullmatch(route.request.headers.get("range", ""))
        if wanted is None:
            await route.fulfill(body=data, headers=headers)
            return
        start, end = int(wanted[1]), int(wanted[2] or len(data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        await route.fulfill(status=206, body=data[start : end + 1], headers=headers)

    async def _get(self, route: Route, path: str) -> None:
        answers: dict[str, object] = {
            "session": {"account": {"account_id": "a1", "name": "Ada", "email": "ada@example.org"}},
            "site": {"name": "Parley", "sign_up_open": True},
            "notices": told.Notices(
                [told.Notice("n1", "recap", "The recap is ready", "/recaps/r1", STARTED, False)], 1
            ),
            "recaps": told.Recaps([told.RecapEntry("r1", "c1", "Launch plan", STARTED, None, told.RecapState.WORKING)]),
            "meetings": {"meetings": []},
            "conversations": {"conversations": []},
        }
        if self.recap is not None:
            clips = {one.file: "/api/media/c" for one in self.clips.values() if one.file is not None}
            media = {track.file: f"/api/media/{track.track}" for track in self.recap.tracks}
            answers |= {
                "recaps/r1": self._with_clips(self.recap),
                "recaps/r1/transcript": self.transcript,
                "recaps/r1/links": told.RecapLinks({**media, **clips}, 300.0),
                "recaps/r1/edits": told.RecapEdits(
                    [told.RecapEdit("d1", told.EditField.TEXT, "Launch in May", "Ben", STARTED + 60)]
                ),
            }
        await self._say(route, answers.get(path))

    async def _change(self, route: Route, method: str, path: str) -> None:
        body = json.loads(route.request.post_data or "null")
        self.posted.append((method, path, body))
        if path == "recaps/r1/edits":
            edit = told.RecapEdit(body["item"], told.EditField(body["field"]), body["value"], "Ada", STARTED)
            await self._say(route, edit, 201)
        elif path.startswith("recaps/r1/clips/"):
            self.clips[path.rpartition("/")[2]] = self.asked
            await self._say(route, None if self.recap is None else self._with_clips(self.recap), 202)
        else:
            await route.fulfill(status=204)

    def _with_clips(self, recap: told.Recap) -> told.Recap:
        moments = [msgspec.structs.replace(one, clip=self.clips.get(one.moment)) for one in recap.moments]
        return msgspec.structs.replace(recap, moments=moments)

    async def _say(self, route: Route, answer: object, status: int = 200) -> None:
        if answer is None:
            status, answer = 404, {"code": "not_found", "detail": "There is no such recap."}
        await route.fulfill(status=status, body=msgspec.json.encode(answer), content_type="application/json")
