"""The film-maker's test: hands clap before the camera; the recording tells when it heard and saw them."""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.recorder.network import Path as Network
from tests.recorder.network import Talker
from tests.recorder.packetising import decode, payloads, rtp
from tests.recorder.tape import Tape, disk_at

FPS = 30
SECONDS = 14
CLAPS = [1.0 + 1.3 * n for n in range(10)]


def clapping_sound() -> list[bytes]:
    samples = np.zeros(48_000 * SECONDS, np.int16)
    rng = np.random.default_rng(1)
    for clap in CLAPS:
        at = round(clap * 48_000)
        samples[at : at + 960] = rng.integers(-20_000, 20_000, 960)
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 48_000, "mono", "s16"
    packets = []
    for start in range(0, len(samples), 960):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 960], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, start
        packets += context.encode(frame)
    return [bytes(packet) for packet in packets]


def flashing_pictures() -> list[tuple[bytes, bool]]:
    context = av.CodecContext.create("libvpx", "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base, context.framerate, context.gop_size = Fraction(1, FPS), Fraction(FPS), 15
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets = []
    for number in range(FPS * SECONDS):
        bright = any(clap <= number / FPS < clap + 0.1 for clap in CLAPS)
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 235 if bright else 16, np.uint8), "rgb24")
        frame.pts = number
        packets += context.encode(frame)
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


def heard(data: bytes) -> list[float]:
    """When it gets loud."""
    found: list[float] = []
    for at, samples in decode(data):
        loud = np.abs(samples[0]) > 0.05
        if loud.any():
            first = at + int(np.argmax(loud)) / 48_000
            if not found or first - found[-1] > 0.5:
                found.append(first)
    return found


def seen(data: bytes) -> list[float]:
    """When it gets bright."""
    frames = [(at, float(picture.mean()) > 120) for at, picture in decode(data)]
    return [at for (_, before), (at, bright) in pairwise(frames) if bright and not before]


@pytest.mark.parametrize("seed", [3])
def test_claps_are_heard_when_they_are_seen(tmp_path: Path, seed: int) -> None:
    talker = Talker(
        SECONDS, skew=1e-4, audio_skew=-1e-4, path=Network(seed, jitter=0.05, loss=0.03, lost_for_good=0.05)
    )
    path, offset = talker.path, 20.0
    events: list[tuple[float, int, bytes]] = []
    for number, packet in enumerate(clapping_sound()):
        true = number * 0.02
        arrival = path.arrivals(true + 0.02)
        if arrival is not None:
            events.append((offset + arrival, 1, rtp(number, talker.audio_timestamp(true), packet)))
    sequence = 0
    for number, (picture, key) in enumerate(flashing_pictures()):
        true = number / FPS
        parts = payloads("vp8", picture, key=key, picture_id=number)
        for index, part in enumerate(parts):
            sequence += 1
            arrival = path.arrivals(true + talker.video_late)
            if arrival is not None:
                data = rtp(sequence, talker.video_timestamp(true), part, marker=index == len(parts) - 1)
                events.append((offset + arrival, 2, data))
    for second in range(SECONDS):
        arrival = path.arrivals(second + 0.3)
        for number, stamp in ((1, talker.audio_timestamp), (2, talker.video_timestamp)):
            if arrival is not None:
                report = struct.pack("<dI", talker.clock(second + 0.3), stamp(second + 0.3) & 0xFFFFFFFF)
                events.append((offset + arrival, -number, report))
    with disk_at(tmp_path) as disk:
        tape = Tape(tmp_path, disk, at=offset)
        tape.track(1, "opus", at=offset)
        tape.track(2, "vp8", at=offset)
        for at, number, data in sorted(events):
            if number > 0:
                tape.session.packet(number, at, data)
            else:
                tape.report(-number, *struct.unpack("<dI", data), at)
        tape.stop(offset + SECONDS + 1)
        claps, flashes = heard(tape.file("t1-0")), seen(tape.file("t2-0"))
    pairs = [(clap, flash) for clap in claps for flash in flashes if abs(clap - flash) < 0.3]
    assert len(pairs) >= 7  # a loss may hide one
    assert max(abs(clap - flash) for clap, flash in pairs) < 0.040
