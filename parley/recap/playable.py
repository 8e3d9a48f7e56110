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

VERSION = 1
TICK = Fraction(1, 48_000)
SILENCE = b"\xf8\xff\xfe"
"""20 ms of it in Opus."""
SILENCE_TICKS = 960
GAP_TICKS = 3 * SILENCE_TICKS // 2
"""Less than this between two packets is jitter of the sender's clock."""

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
    first = last = None
    stream: Any = None
    with av.open(str(part), "w", format=suffix) as output:
        for packet, template in _packets(track):
            if stream is None:
                stream = output.add_stream_from_template(template)
                first = packet[0]
            assert first is not None
            if last is not None and packet[0] <= last:
                continue  # files of two segments may overlap by a moment
            for at, data, key in _filled(packet, last) if track.codec == "opus" else [packet]:
                muxed = av.Packet(data)
                muxed.stream = stream
                muxed.time_base = TICK
                muxed.pts = muxed.dts = at - first
                muxed.is_keyframe = key
                output.mux(muxed)
            last = packet[0]
    if first is None or last is None:
        part.unlink(missing_ok=True)
        return None
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(path)
    return PlayableTrack(
        track=track.id,
        participant=track.participant,
        source=track.source,
        start=float(first * TICK),
        end=float(last * TICK),
        file=name,
    )


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


def _filled(packet: _Packet, last: int | None) -> Iterator[_Packet]:
    """The packet, with silence before it where there is a gap."""
    if last is not None and packet[0] - last > SILENCE_TICKS + GAP_TICKS:
        at = last + SILENCE_TICKS
        while at + GAP_TICKS < packet[0]:
            yield at, SILENCE, True
            at += SILENCE_TICKS
    yield packet
