"""Recordings for tests: the directory that the recorder would have written, from samples and pictures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

from parley.store import recording as stored
from parley.store.recording import AnyEvent, RecordingHead

RATE = 48_000
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When recordings of tests begin, unless they say otherwise: a Monday."""


class RecordingMaker:
    """Writes a recording step by step. Times are seconds on the meeting's clock."""

    def __init__(
        self, directory: Path, *, title: str = "Planning", started_at: datetime = MONDAY, zone: str = "Europe/London",
        gestures: bool = False,
    ) -> None:  # fmt: skip
        self.directory = directory
        (directory / stored.TRACKS).mkdir(parents=True)
        head = RecordingHead(
            recording="rec1", meeting="meet1", title=title, started_at=started_at, zone=zone, gestures=gestures
        )
        (directory / stored.HEAD).write_bytes(stored.encode_head(head))
        self._tracks = 0

    def event(self, event: AnyEvent) -> None:
        """Append to the timeline."""
        with (self.directory / stored.TIMELINE).open("ab") as file:
            file.write(stored.encode_event(event))

    def person(
        self, participant: str, name: str, *, at: float = 0, zone: str = "Europe/London", guest: bool = False
    ) -> None:
        """Somebody joins."""
        account = None if guest else f"account-{participant}"
        self.event(stored.Joined(at=at, participant=participant, name=name, account=account, zone=zone))

    def audio(
        self, participant: str, samples: NDArray[np.int16], *, at: float = 0,
        source: Literal["microphone", "screen_audio"] = "microphone",
    ) -> str:  # fmt: skip
        """A track of mono samples at 48 kHz, as Opus, beginning at `at`; its id."""
        track, path = self._begin(participant, source, "opus", at)
        with av.open(str(path), "w", format="matroska") as container:
            stream = container.add_stream("libopus", rate=RATE, layout="mono")
            stream.codec_context.options = {"application": "voip"}
            for start in range(0, len(samples), 960):
                chunk = samples[start : start + 960]
                frame = av.AudioFrame.from_ndarray(np.pad(chunk, (0, 960 - len(chunk)))[None, :], "s16", "mono")
                frame.sample_rate = RATE
                frame.pts = round(at * RATE) + start
                frame.time_base = Fraction(1, RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        self.event(stored.TrackEnded(at=at + len(samples) / RATE, track=track))
        return track

    def video(
        self, participant: str, pictures: Iterable[NDArray[np.uint8]], *, fps: int = 10, at: float = 0,
        source: Literal["camera", "screen"] = "camera", codec: Literal["vp8", "h264"] = "vp8",
    ) -> str:  # fmt: skip
        """A track of RGB pictures (height, width, 3), beginning at `at`; its id."""
        track, path = self._begin(participant, source, codec, at)
        count = 0
        with av.open(str(path), "w", format="matroska") as container:
            stream = None
            for count, picture in enumerate(pictures, 1):
                if stream is None:
                    stream = container.add_stream("libvpx" if codec == "vp8" else "libx264", rate=fps)
                    stream.height, stream.width = picture.shape[:2]
                    stream.pix_fmt = "yuv420p"
                    stream.codec_context.options = (
                        {"deadline": "realtime", "cpu-used": "8"}
                        if codec == "vp8"
                        else {"preset": "ultrafast", "tune": "zerolatency"}
                    )
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                frame.pts = round(at * fps) + count - 1
                frame.time_base = Fraction(1, fps)
                container.mux(stream.encode(frame))
            if stream is not None:
                container.mux(stream.encode(None))
        self.event(stored.TrackEnded(at=at + count / fps, track=track))
        return track

    def stop(self, at: float, reason: str = "host") -> Path:
        """End the recording; its directory."""
        self.event(stored.Stopped(at=at, reason=reason))
        return self.directory

    def _begin(self, participant: str, source: stored.Source, codec: stored.Codec, at: float) -> tuple[str, Path]:
        self._tracks += 1
        track = f"track{self._tracks}"
        file = f"{stored.TRACKS}/{track}-0.mkv"
        self.event(
            stored.TrackStarted(at=at, track=track, participant=participant, source=source, codec=codec, file=file)
        )
        return track, self.directory / file
