"""Recorded tracks as files that a browser can play and seek: the same packets in a finished container.

What the recorder writes survives any death, and so has no index and ends anywhere; a track may lie in several files.
Here they become one: WebM, or MP4 for H.264. Sound without packets (muted, lost, paused) is filled with packets of
silence, for browsers play sound on without a gap and lips would run ahead of it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from parley.recap.artefacts import PlayableTrack, PlayableTracks
from parley.recap.recording import Recording, Track
from parley.recap.stages import Context

VERSION = 2
TICK = Fraction(1, 48_000)
SILENCE = b"\xf8\xff\xfe"
"""20 ms of it in Opus."""
SILENCE_TICKS = 960
_SILK, _CELT = (480, 960, 1920, 2880), (120, 240, 480, 960)

DIRECTORY = "play"


def make(context: Context) -> PlayableTracks:
    """The stage: every track that has anything in it."""
    recording = context.recording
    (context.directory / DIRECTORY).mkdir(exist_ok=True)
    made = []
    for number, track in enumerate(recording.tracks):
        context.advance(number / len(recording.tracks))
        with contextlib.suppress(av.FFmpegError, ValueError):  # a damaged track is missing, the others aren't
            playable = _remux(track, context.directory)
            if playable is not None:
                made.append(playable)
    missing = len(recording.tracks) - len(made)
    notes = (f"{missing} of {len(recording.tracks)} tracks can't be played.",) if missing else ()
    return PlayableTracks(engine="remux", notes=notes, tracks=tuple(made))


def files(artefact: PlayableTracks) -> tuple[str, ...]:
    """The files beside the artefact."""
    return tuple(track.file for track in artefact.tracks)


def title(recording: Recording, track: PlayableTrack) -> str:
    """What a downloaded file is called."""
    return f"{recording.name(track.participant)} {track.source}".replace("_", " ")


def _remux(track: Track, directory: Path) -> PlayableTrack | None:
    suffix = "mp4" if track.codec == "h264" else "webm"
    name = f"{DIRECTORY}/{track.id}.{suffix}"
    path, part = directory / name, directory / f"{name}.part"
    try:
        span = _write(track, part, suffix)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if span is None:
        part.unlink(missing_ok=True)
        return None
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(path)
    return PlayableTrack(
        track=track.id,
        participant=track.participant,
        source=track.source,
        start=float(span[0] * TICK),
        end=float(span[1] * TICK),
        file=name,
    )


def _write(track: Track, part: Path, suffix: str) -> tuple[int, int] | None:
    """From when to when there is something in it; None where there is nothing."""
    first = last = None
    stream: Any = None
    filler = _Filler()
    with av.open(str(part), "w", format=suffix) as output:
        for packet, template in _packets(track):
            if stream is None:
                stream = output.add_stream_from_template(template)
                first = packet[0]
            assert first is not None
            if last is not None and packet[0] <= last:
                continue  # files of two segments may overlap by a moment
            for at, data, key in filler.fill(packet) if track.codec == "opus" else [packet]:
                muxed = av.Packet(data)
                muxed.stream = stream
                muxed.time_base = TICK
                muxed.pts = muxed.dts = at - first
                muxed.is_keyframe = key
                output.mux(muxed)
            last = packet[0]
    return None if first is None or last is None else (first, max(last, filler.due))


_Packet = tuple[int, bytes, bool]


def _packets(track: Track) -> Iterator[tuple[_Packet, Any]]:
    """(ticks on the meeting's clock, data, whether a key frame) of all files, as far as they can be read."""
    for file in track.files:
        with contextlib.suppress(av.FFmpegError, OSError), av.open(str(file.path)) as container:
            if not container.streams:
                continue
            stream = container.streams[0]
            for packet in container.demux(stream):
                if packet.pts is not None and packet.size and stream.time_base is not None:
                    yield (round(packet.pts * stream.time_base / TICK), bytes(packet), packet.is_keyframe), stream


class _Filler:
    """Puts silence where packets are missing, so that what is played never runs ahead of the timestamps.

    due: the tick up to which there is sound, when all of it is played without a gap. Single losses count too: an hour
    with one packet in a hundred missing would be half a minute ahead at its end.
    """

    def __init__(self) -> None:
        self.due = 0
        self._last: int | None = None

    def fill(self, packet: _Packet) -> Iterator[_Packet]:
        """The packet, with silence before it where there is a gap."""
        at = packet[0]
        if self._last is None:
            self.due = at
        else:
            count = max(0, (at - self.due + SILENCE_TICKS // 2) // SILENCE_TICKS)
            start = max(self.due, self._last + 1)
            for number in range(count):
                yield start + (at - start) * number // count, SILENCE, True
            self.due += count * SILENCE_TICKS
        yield packet
        self._last = at
        self.due += opus_ticks(packet[1])


def opus_ticks(packet: bytes) -> int:
    """How long an Opus packet sounds, at 48 kHz (RFC 6716 section 3.1); 0 for what is none."""
    if not packet:
        return 0
    configuration, code = packet[0] >> 3, packet[0] & 3
    if configuration < 12:
        frame = _SILK[configuration & 3]
    elif configuration < 16:
        frame = _SILK[configuration & 1]
    else:
        frame = _CELT[configuration & 3]
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[code]
    return frame * frames
