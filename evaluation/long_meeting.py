"""A long meeting as the recorder writes it, made without encoding it: short encoded loops, muxed again and again.

Everybody has a camera and a microphone; they take turns in saying sentences of a script (voices by flite), write,
raise hands and react. `advance` writes the meeting up to a second; what it writes goes
through the recorder's own muxer.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from parley.recorder.frame import Frame
from parley.recorder.matroska import MatroskaFile
from parley.store import recording as stored
from parley.store.recording import AnyEvent, Codec, RecordingHead, Source

NAMES = ("Ann", "Bea", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jun")
VOICES = ("slt", "rms", "kal16", "awb")
SCRIPT = (
    "Let us begin with the state of the new release.",
    "The import of old files takes far too long on small machines.",
    "I measured it yesterday, and most of the time goes into checking the pictures.",
    "We decided to release the new version on Friday.",
    "I will send the report to the customers by Monday.",
    "Carl, can you write the tests for the import until Wednesday?",
    "What did the customers say about the first page?",
    "They like it, but they want to see the price at once.",
    "Let us agree that the price goes to the top of the page.",
    "Dora will call the printer about the posters tomorrow.",
    "The budget for the summer is smaller than it was last year.",
    "We could move the workshop to the autumn and save the hotel.",
    "I think that is a good idea, and nobody would miss it.",
    "Then we decided to move the workshop to October.",
    "Who takes care of the invitations?",
    "I will write the invitations this afternoon.",
    "The server was down twice last week because the disk was full.",
    "We need an alarm that comes before the disk is full.",
    "Emil, please set up the alarm by the end of the month.",
    "Is there anything else about the design of the reports?",
    "The colours are hard to read on the beamer in the large room.",
    "Yes.",
    "We will use darker colours for all reports from now on.",
    "Thank you all, that was very helpful.",
)
FPS = 20
WIDTH, HEIGHT = 320, 180
LOOP_SECONDS = 8
PACKET_MS = 20
PAUSE_SECONDS = (0.6, 2.4)

Write = tuple[Path, int, bytes]
"""Bytes for a place in a file; place -1: at its end."""


@dataclass
class _Track:
    name: str
    codec: Codec
    path: Path
    frames: Iterator[tuple[float, Frame]]
    ahead: tuple[float, Frame] | None = None
    muxer: MatroskaFile | None = None
    pieces: list[tuple[int, bytearray]] = field(default_factory=list)


class LongMeeting:
    """See the module. Deterministic, apart from flite. seconds: how long it will be, unless it is ended sooner."""

    def __init__(self, directory: Path, people: int, seconds: float, bitrate: int = 150_000) -> None:
        self.directory = directory
        self.seconds = seconds
        self.at = 0.0
        self._names = [NAMES[one % len(NAMES)] + ("" if one < len(NAMES) else str(one)) for one in range(people)]
        (directory / stored.TRACKS).mkdir(parents=True)
        head = RecordingHead(
            recording=directory.name, meeting="meeting", title="Planning",
            started_at=datetime(2026, 3, 2, 9, tzinfo=UTC), zone="Europe/London",
        )  # fmt: skip
        (directory / stored.HEAD).write_bytes(stored.encode_head(head))
        turns = _turns(people, seconds)
        self._tracks: list[_Track] = []
        events: list[AnyEvent] = [
            stored.Joined(at=0, participant=f"p{one}", name=name, account=f"a{one}", zone="Europe/London")
            for one, name in enumerate(self._names)
        ]
        for one in range(people):
            own = [(at, text) for at, who, text in turns if who == one]
            events.append(self._track(one, "microphone", "opus", _sound(VOICES[one % len(VOICES)], own)))
            codec: Codec = "h264" if one % 2 else "vp8"
            events.append(self._track(one, "camera", codec, _pictures(codec, bitrate)))
        for at, who, text in turns:
            events.append(stored.Speaking(at=at, participant=f"p{who}"))
            if text.startswith(("We decided", "Thank you")):
                for other in range(3):
                    events.append(stored.Reaction(at=at + 2, participant=f"p{(who + other) % people}", emoji="👍"))
            if text.endswith("?"):
                events.append(stored.Hand(at=at + 1, participant=f"p{(who + 1) % people}", raised=True))
                events.append(stored.Hand(at=at + 4, participant=f"p{(who + 1) % people}", raised=False))
        chat = np.arange(60.0, seconds, 180.0)
        events += [stored.ChatMessage(at=float(at), participant="p1", text="Here is the link.") for at in chat]
        self._events = sorted(events, key=lambda event: event.at)

    def advance(self, until: float) -> list[Write]:
        """What is to be written up to a second of the meeting, in order. Nothing is written here."""
        self.at = until
        writes: list[Write] = []
        for track in self._tracks:
            while True:
                at, frame = track.ahead or next(track.frames)
                if at >= until:
                    track.ahead = at, frame
                    break
                track.ahead = None
                if track.muxer is None:
                    track.muxer = MatroskaFile(track.codec, 1, frame, _taker(track))
                track.muxer.write(frame, at)
            writes += self._taken(track)
        due = [event for event in self._events if event.at < until]
        del self._events[: len(due)]
        return writes + [self._line(event) for event in due]

    def leave(self) -> list[Write]:
        """Everybody leaves: all files are closed and the recorder says that nothing follows."""
        writes: list[Write] = []
        for track in self._tracks:
            if track.muxer is not None:
                track.muxer.close()
            writes += self._taken(track)
            writes.append(self._line(stored.TrackEnded(at=self.at, track=track.name)))
        for one in range(len(self._names)):
            writes.append(self._line(stored.Left(at=self.at, participant=f"p{one}")))
        return [*writes, self._line(stored.Stopped(at=self.at, reason="ended"))]

    def _track(self, one: int, source: Source, codec: Codec, frames: Iterator[tuple[float, Frame]]) -> AnyEvent:
        name = f"{source}{one}"
        file = f"{stored.TRACKS}/{name}-0.mkv"
        self._tracks.append(_Track(name, codec, self.directory / file, frames))
        return stored.TrackStarted(at=0, track=name, participant=f"p{one}", source=source, codec=codec, file=file)

    def _line(self, event: AnyEvent) -> Write:
        return self.directory / stored.TIMELINE, -1, stored.encode_event(event)

    @staticmethod
    def _taken(track: _Track) -> list[Write]:
        pieces, track.pieces = track.pieces, []
        return [(track.path, place, bytes(data)) for place, data in pieces]


def write(writes: list[Write]) -> None:
    """Do it."""
    for path, place, data in writes:
        with path.open("r+b" if path.exists() else "wb") as file:
            file.seek(*((place, 0) if place >= 0 else (0, 2)))
            file.write(data)


def _taker(track: _Track) -> Callable[[int, bytes], None]:
    def take(place: int, data: bytes) -> None:
        if track.pieces and track.pieces[-1][0] + len(track.pieces[-1][1]) == place:
            track.pieces[-1][1].extend(data)
        else:
            track.pieces.append((place, bytearray(data)))

    return take


# --- what is said -----------------------------------------------------------------------------------------------------


def _turns(people: int, seconds: float) -> list[tuple[float, int, str]]:
    """(when, who, what): one after the other, without the same person twice on end."""
    chance = random.Random(7)  # noqa: S311 - no secret
    turns: list[tuple[float, int, str]] = []
    at, who = 2.0, 0
    for text in cycle(SCRIPT):
        length = len(clip(VOICES[who % len(VOICES)], text)) * PACKET_MS / 1000
        if at + length > seconds - 1:
            return turns
        turns.append((at, who, text))
        at += length + chance.uniform(*PAUSE_SECONDS)
        who = (who + chance.randrange(1, people)) % people if people > 1 else 0
    raise AssertionError


def _sound(voice: str, turns: list[tuple[float, str]]) -> Iterator[tuple[float, Frame]]:
    """Packets of a microphone, for ever: a quiet room, and somebody who speaks in it."""
    quiet = cycle(room())
    waiting = iter([*turns, (float("inf"), "")])
    at, text = next(waiting)
    speech: Iterator[bytes] = iter(())
    number = 0
    while True:
        now = number * PACKET_MS / 1000
        if now >= at:
            speech = iter(clip(voice, text))
            at, text = next(waiting)
        yield now, Frame(next(speech, b"") or next(quiet), keyframe=True)
        number += 1


@cache
def clip(voice: str, text: str) -> tuple[bytes, ...]:
    """A sentence as Opus packets."""
    program = shutil.which("flite")
    if program is None:
        raise SystemExit("flite is not installed (scripts/system_packages.sh installs it)")
    with TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        subprocess.run([program, "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)  # noqa: S603
        resampler = av.AudioResampler("s16", "mono", 48_000)
        with av.open(str(path)) as container:
            frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
            frames += resampler.resample(None)
    return _opus(np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16))


@cache
def room() -> tuple[bytes, ...]:
    """Some seconds of next to nothing."""
    noise = np.random.default_rng(7).normal(0, 20, 5 * 48_000)
    return _opus(noise.astype(np.int16))


def _opus(samples: NDArray[np.int16]) -> tuple[bytes, ...]:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.options = {"application": "voip"}
    encoder.bit_rate = 32_000
    packets = []
    for start in range(0, len(samples) - 959, 960):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 960], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        packets += encoder.encode(frame)
    return tuple(bytes(packet) for packet in packets)


# --- what is seen -----------------------------------------------------------------------------------------------------


def _pictures(codec: str, bitrate: int) -> Iterator[tuple[float, Frame]]:
    """Frames of a camera, for ever: a loop of some seconds, the same for everybody."""
    for number, frame in enumerate(cycle(_encoded(codec, bitrate))):
        yield number / FPS, frame


@cache
def _encoded(codec: str, bitrate: int) -> tuple[Frame, ...]:
    encoder = av.CodecContext.create("libvpx" if codec == "vp8" else "libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.bit_rate, encoder.gop_size = bitrate, LOOP_SECONDS * FPS
    encoder.options = (
        {"deadline": "realtime", "cpu-used": "8"}
        if codec == "vp8"
        else {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    )
    packets: list[Any] = []
    grain = np.random.default_rng(7).integers(0, 12, (HEIGHT, WIDTH), np.uint8)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for number in range(LOOP_SECONDS * FPS):
        turn = 2 * np.pi * number / (LOOP_SECONDS * FPS)
        head = np.hypot(x - WIDTH / 2 - 40 * np.cos(turn), y - HEIGHT / 2 - 10 * np.sin(turn)) < 45
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        planes[:HEIGHT] = np.where(head, 160, 60) + np.roll(grain, number * 7, axis=1)
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    configuration = bytes(packets[0]) if codec == "h264" else b""
    return tuple(Frame(bytes(packet), packet.is_keyframe, WIDTH, HEIGHT, configuration) for packet in packets)
