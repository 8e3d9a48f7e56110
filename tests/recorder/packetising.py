"""A browser for the recorder's tests: real encoded media as the RTP packets that a browser would make of it."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np

from parley.recorder.bits import leb128, to_leb128
from parley.store.recording import Codec

MTU = 1100
FPS = 10
ENCODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9", "h264": "libx264", "av1": "libsvtav1", "opus": "libopus"}
CLOCK_RATES = {"opus": 48_000}


def rtp(sequence: int, timestamp: int, payload: bytes, *, marker: bool = False, ssrc: int = 1) -> bytes:
    """One RTP packet."""
    second = 96 | (0x80 if marker else 0)
    return struct.pack("!BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


@dataclass(frozen=True)
class Encoded:
    """A frame as the encoder gave it. at: seconds since the first."""

    data: bytes
    key: bool
    at: float


@cache
def pictures(codec: Codec, count: int, width: int = 160, height: int = 96, key_every: int = 10) -> tuple[Encoded, ...]:
    """So many frames at FPS, whose brightness tells their number (`picture_number`)."""
    with ThreadPoolExecutor(1) as one:  # root's SVT-AV1 gives whatever thread begins it real-time priority, for ever
        return one.submit(_encode, codec, count, width, height, key_every).result()


def _encode(codec: Codec, count: int, width: int, height: int, key_every: int) -> tuple[Encoded, ...]:
    context = av.CodecContext.create(ENCODERS[codec], "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.gop_size = key_every
    context.options = {
        "libvpx": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        "libx264": {"preset": "ultrafast", "tune": "zerolatency"},
        "libsvtav1": {"preset": "13", "svtav1-params": "pred-struct=1:lookahead=0"},
    }[ENCODERS[codec]]
    packets = []
    for number in range(count):
        picture = np.full((height, width, 3), 0, np.uint8)
        picture[:] = 16 + 8 * (number % 25)
        picture[:8, :8] = np.random.default_rng(number).integers(0, 255, (8, 8, 3))
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts = number
        if number % key_every == 0:
            frame.pict_type = av.video.frame.PictureType.I
        packets += context.encode(frame)
    packets += context.encode(None)
    return tuple(Encoded(bytes(packet), packet.is_keyframe, (packet.pts or 0) / FPS) for packet in packets)


@cache
def sound(seconds: float, channels: int = 1) -> tuple[Encoded, ...]:
    """Opus packets of 20 ms: a tone."""
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate = 48_000
    context.layout = "mono" if channels == 1 else "stereo"
    context.format = "s16"
    context.options = {"application": "voip"}
    packets = []
    for index in range(round(seconds * 50)):
        tone = (8000 * np.sin(np.arange(960) * 2 * np.pi * 440 / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, channels)[None, :], "s16", context.layout.name)
        frame.sample_rate = 48_000
        frame.pts = index * 960
        packets += context.encode(frame)
    return tuple(Encoded(bytes(packet), True, index * 0.02) for index, packet in enumerate(packets))


# --- payload formats ------------------------------------------------------------------------------------------------


def payloads(codec: Codec, frame: bytes, *, key: bool = False, picture_id: int = 0) -> list[bytes]:
    """A frame's payloads, in order."""
    if codec == "opus":
        return [frame]
    if codec == "vp8":
        parts = [frame[at : at + MTU] for at in range(0, len(frame), MTU)]
        identifier = struct.pack("!H", 0x8000 | picture_id & 0x7FFF)
        return [bytes([0x90 if not n else 0x80, 0x80]) + identifier + part for n, part in enumerate(parts)]
    if codec == "vp9":
        parts = [frame[at : at + MTU] for at in range(0, len(frame), MTU)]
        last = len(parts) - 1
        identifier = struct.pack("!H", 0x8000 | picture_id & 0x7FFF)
        flags = 0x80 | (0 if key else 0x40)
        return [
            bytes([flags | (0x08 if n == 0 else 0) | (0x04 if n == last else 0)]) + identifier + part
            for n, part in enumerate(parts)
        ]
    if codec == "h264":
        return [part for unit in split_units(frame) for part in _h264(unit)]
    return _av1(split_obus(frame), key)


def split_units(stream: bytes) -> list[bytes]:
    """NAL units of a byte stream."""
    return [unit.rstrip(b"\0") for unit in stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def _h264(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MTU:
        yield unit
        return
    parts = [unit[at : at + MTU] for at in range(1, len(unit), MTU)]
    for number, part in enumerate(parts):
        edge = (0x80 if number == 0 else 0) | (0x40 if number == len(parts) - 1 else 0)
        yield bytes([unit[0] & 0xE0 | 28, edge | unit[0] & 0x1F]) + part


def stap_a(units: list[bytes]) -> bytes:
    """Several NAL units in one payload."""
    return b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in units)


def split_obus(unit: bytes) -> list[bytes]:
    """OBUs of a temporal unit without their size fields and without the delimiter, as RTP carries them."""
    found = []
    position = 0
    while position < len(unit):
        header = unit[position]
        head = 2 if header & 4 else 1
        size, start = leb128(unit, position + head)
        if header >> 3 & 15 != 2:
            found.append(bytes([header & ~2]) + unit[position + 1 : position + head] + unit[start : start + size])
        position = start + size
    return found


def _av1(obus: list[bytes], key: bool) -> list[bytes]:
    """Every element with a length (W is 0), cut wherever a packet is full."""
    out: list[bytes] = []
    body, opened = b"", False
    for number, obu in enumerate(obus):
        rest = obu
        while rest:
            room = MTU - len(body)
            part, rest = rest[:room], rest[room:]
            body += to_leb128(len(part)) + part
            if rest or number == len(obus) - 1 or len(body) > MTU - 20:
                header = (0x80 if opened else 0) | (0x40 if rest else 0) | (0x08 if key and not out else 0)
                out.append(bytes([header]) + body)
                body, opened = b"", bool(rest)
    return out


# --- what is in a file ---------------------------------------------------------------------------------------------


def demux(data: bytes) -> list[tuple[float, int]]:
    """(seconds, bytes) of every packet in a Matroska file; [] where it has none."""
    try:
        with av.open(io.BytesIO(data)) as container:
            found = []
            try:
                for packet in container.demux(container.streams[0]):
                    if packet.pts is not None and packet.size:
                        found.append((float(packet.pts * packet.time_base), packet.size))
            except av.FFmpegError:
                pass
            return found
    except (av.FFmpegError, IndexError):
        return []


def decode(data: bytes) -> list[tuple[float, np.ndarray]]:
    """(seconds, luma or samples) of every frame. Raises where one can't be decoded."""
    with av.open(io.BytesIO(data)) as container:
        out = []
        for frame in container.decode(container.streams[0]):
            array = frame.to_ndarray(format="gray") if isinstance(frame, av.VideoFrame) else frame.to_ndarray()
            out.append((float(frame.pts * frame.time_base), array))
        return out
