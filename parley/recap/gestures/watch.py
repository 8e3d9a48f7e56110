"""Watches the cameras of a recording, also while it grows, and says what hands show.

A picture is looked at a few times a second, more often while a hand is there. Packets are decoded as the recorder
wrote them; a track that falls behind its meeting goes on with the next key frame, so that watching never keeps a recap
waiting. Nothing but label, time and person leaves this module.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from PIL import Image

from parley.recap.artefacts import Gesture, GestureLabel, Gestures
from parley.recap.gestures.hands import Hand, HandFinder
from parley.recap.gestures.holds import Holds, Seen
from parley.recap.gestures.shapes import shape_of
from parley.recap.growing import GrowingFile, Packet
from parley.recap.recording import Recording, Track

log = logging.getLogger(__name__)

ENGINE = "hand-landmarks"
IDLE, BUSY = 0.25, 0.12
"""Seconds between two pictures that are looked at: with no hand in sight, and with one."""
MOST_PIXELS = 640
"""Pictures are made this wide at most before they are looked at."""
BEHIND = 20.0
"""Seconds behind the meeting from which on a track is left until its next key frame."""
_FINGERTIPS = (8, 12, 16)


class Finds(Protocol):
    """Finds hands in a picture; `hands.HandFinder` does."""

    def find(self, picture: Image.Image, before: list[Hand], part: int) -> list[Hand]:
        """The hands in an RGB picture. before: those of the picture before. part: where others are looked for."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody's hand says something, from now on. at: on the meeting's clock."""

    participant: str
    label: GestureLabel
    at: float


class _Pictures:
    """The pictures of one file, as far as it is written."""

    def __init__(self, track: Track, index: int) -> None:
        self._path = track.files[index].path
        self._file = GrowingFile(self._path)
        self._decoder: VideoCodecContext | None = None
        self._waits_for_key = True

    def read(
        self, *, final: bool, since: float, wanted: Callable[[float], bool]
    ) -> Iterator[tuple[float, VideoFrame | None]]:
        """Packet by packet: its time, and its picture where that is wanted and there is one. since: what is older is
        passed over up to a key frame."""
        for packet in self._file.read(final=final):
            if packet.after_damage or (packet.at < since and not self._waits_for_key):
                self._waits_for_key = True
            if self._waits_for_key and not packet.key:
                continue
            self._waits_for_key = False
            yield packet.at, self._decode(packet, wanted(packet.at))

    def _decode(self, packet: Packet, wanted: bool) -> VideoFrame | None:
        try:
            if self._decoder is None:
                self._decoder = self._open()
            self._decoder.skip_frame = "DEFAULT" if wanted else "NONREF"
            frames = self._decoder.decode(av.Packet(packet.data))
        except (av.FFmpegError, OSError, IndexError, ValueError):
            self._waits_for_key = True
            return None
        return frames[-1] if frames and wanted else None

    def _open(self) -> VideoCodecContext:
        """A decoder such as the file's head asks for."""
        with av.open(str(self._path)) as container:
            written = container.streams.video[0].codec_context
            name, extradata = written.codec.name, written.extradata
        decoder = cast(VideoCodecContext, VideoCodecContext.create(name, "r"))
        decoder.extradata = extradata
        decoder.thread_count = 1
        return decoder


class _Camera:
    """One camera track."""

    def __init__(self, track: Track, finder: Finds) -> None:
        self.holds = Holds(track.participant)
        self._participant = track.participant
        self._finder = finder
        self._files: list[_Pictures] = []
        self._hands: list[Hand] = []
        self._part = 0
        self._next = 0.0
        self.reached = 0.0

    def step(self, track: Track, *, final: bool, since: float, until: Callable[[], bool]) -> Iterator[Begun]:
        """Look at what is new. until: asked after each picture whether to stop for now."""
        for index in range(len(track.files)):
            if index == len(self._files):
                self._files.append(_Pictures(track, index))
            over = final or index + 1 < len(track.files)
            for at, picture in self._files[index].read(final=over, since=since, wanted=lambda at: at >= self._next):
                self.reached = at
                if picture is not None:
                    yield from self._look(at, picture)
                if until():
                    return

    def _look(self, at: float, frame: VideoFrame) -> Iterator[Begun]:
        width = min(MOST_PIXELS, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        picture = Image.fromarray(frame.reformat(width, height, "rgb24").to_ndarray())
        self._part += 1
        self._hands = self._finder.find(picture, self._hands, self._part)
        self._next = at + (BUSY if self._hands else IDLE)
        seen = []
        for hand in self._hands:
            shape = shape_of(hand.points)
            if shape is not None:
                tips = float(hand.points[list(_FINGERTIPS), 0].mean())
                seen.append(Seen(shape, tips / max(1.0, hand.size), float(hand.middle[1]) / height))
        for label in self.holds.see(at, seen):
            yield Begun(self._participant, label, at)


class Watcher:
    """See the module. finder: finds hands. Raises ModelsMissingError when it is made without one and there are none."""

    def __init__(self, finder: Finds | None = None) -> None:
        self._finder: Finds = finder if finder is not None else HandFinder()
        self._cameras: dict[str, _Camera] = {}
        self._gestures: list[Gesture] = []

    def step(self, recording: Recording, now: float, budget: float) -> list[Begun]:
        """Look at what was written since the last time, for at most so many seconds in all. now: the meeting's time,
        in seconds since its recording began; what lies BEHIND it is passed over."""
        begun: list[Begun] = []
        for track, share in self._shares(recording, budget):
            begun += self._look(track, share, since=now - BEHIND, final=False)
        return begun

    def finish(
        self, recording: Recording, progress: Callable[[float], None], *, hurry: bool, limit: float = 10.0
    ) -> Gestures:
        """The recording is complete: all its gestures, in the order of their beginnings. hurry: people wait, so what
        lies far behind is passed over, and after `limit` seconds so is the rest."""
        tracks = recording.of("camera")
        for number, track in enumerate(tracks):
            progress(number / len(tracks))
            since = track.end - BEHIND if hurry and track.id in self._cameras else 0.0
            for _ in self._look(track, limit / len(tracks) if hurry else None, since=since, final=True):
                progress(number / len(tracks))
        for camera in self._cameras.values():
            self._gestures += camera.holds.finish()
        found = tuple(sorted(self._gestures, key=lambda one: (one.start, one.participant, one.label)))
        return Gestures(engine=ENGINE, gestures=found)

    def _shares(self, recording: Recording, budget: float) -> Iterator[tuple[Track, float]]:
        """Each camera that isn't finished, those that are farthest behind first, and its share of the time."""
        tracks = [track for track in recording.of("camera") if self._reached(track) < track.end]
        end = time.monotonic() + budget
        for left, track in zip(range(len(tracks), 0, -1), sorted(tracks, key=self._reached), strict=True):
            remaining = end - time.monotonic()
            if remaining <= 0:
                return
            yield track, remaining / left

    def _reached(self, track: Track) -> float:
        camera = self._cameras.get(track.id)
        return camera.reached if camera is not None else 0.0

    def _look(self, track: Track, seconds: float | None, *, since: float, final: bool) -> Iterator[Begun]:
        camera = self._cameras.get(track.id)
        if camera is None:
            camera = self._cameras[track.id] = _Camera(track, self._finder)
        end = time.monotonic() + seconds if seconds is not None else float("inf")
        yield from camera.step(track, final=final, since=since, until=lambda: time.monotonic() > end)
        self._gestures += camera.holds.take()
