"""Recorded tracks as files that a browser can play and seek: the same packets in a finished container.

What the recorder writes survives any death, and so has no index and ends anywhere; a track may lie in several files.
Here they become one: WebM, or MP4 for H.264. Sound without packets (muted, lost, paused) is filled with packets of
silence, for browsers play sound on without a gap and lips would run ahead of it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from parley.recap.artefacts import PlayableTrack, PlayableTracks
from parley.recap.growing import GrowingFile
from parley.recap.recording import Recording, Track
from parley.recap.stages import Context

VERSION = 2
TICKS_A_SECOND = 48_000
TICK = Fraction(1, TICKS_A_SECOND)
SILENCE = b"\xf8\xff\xfe"
"""20 ms of it in Opus."""
SILENCE_TICKS = 960
_SILK, _CELT = (480, 960, 1920, 2880), (120, 240, 480, 960)

DIRECTORY = "play"
TRIES = 10
"""So often a growing file is begun anew that isn't what it was: a recorder replaces a cluster that it wrote early."""


def make(context: Context, ahead: PlayableAhead | None = None) -> PlayableTracks:
    """The stage: every track that has anything in it. ahead: what was made of them while the meeting ran."""
    recording = context.recording
    (context.directory / DIRECTORY).mkdir(exist_ok=True)
    made = []
    for number, track in enumerate(recording.tracks):
        context.advance(number / len(recording.tracks))
        with contextlib.suppress(av.FFmpegError, ValueError):  # a damaged track is missing, the others aren't
            playable = (ahead.finish(track) if ahead is not None else None) or _remux(track, context.directory)
            if playable is not None:
                made.append(playable)
    missing = len(recording.tracks) - len(made)
    notes = (f"{missing} of {len(recording.tracks)} tracks can't be played.",) if missing else ()
    return PlayableTracks(engine="remux", notes=notes, tracks=tuple(made))


class PlayableAhead:
    """Makes the tracks playable while they grow, so that at the end only their last seconds are left to do.

    directory: that of the recap. What isn't as expected here (a file with damage) is left to the stage. Whoever
    closes it while a thread is still at work on it waits for that: two threads in one container end the process.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._growing: dict[str, _Growing] = {}
        self._damaged: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._closed = False

    def step(self, recording: Recording) -> None:
        """Take in what was added to the tracks."""
        try:
            self._directory.mkdir(exist_ok=True)
            (self._directory / DIRECTORY).mkdir(exist_ok=True)
        except FileNotFoundError:  # the recording was deleted
            return
        for track in recording.tracks:
            with self._lock:
                self._step(track, complete=recording.complete)

    def finish(self, track: Track) -> PlayableTrack | None:
        """A track of a recording that is complete; None when it must be made otherwise."""
        with self._lock:
            self._step(track, complete=True)
            growing = self._growing.pop(track.id, None)
            if growing is None:
                return None
            try:
                return growing.close()
            except (av.FFmpegError, ValueError, OSError):
                return None

    def close(self) -> None:
        """Nobody will finish this: remove what is half made."""
        with self._lock:
            self._closed = True
            for growing in self._growing.values():
                growing.discard()
            self._growing.clear()

    def _step(self, track: Track, *, complete: bool) -> None:
        if self._closed or self._damaged[track.id] > TRIES:
            return
        growing = self._growing.get(track.id)
        if growing is None:
            growing = self._growing[track.id] = _Growing(track, self._directory)
        try:
            growing.read(track, complete=complete)
        except (av.FFmpegError, ValueError, OSError):
            self._damaged[track.id] += TRIES + 1 if complete else 1
            growing.discard()
            del self._growing[track.id]


def files(artefact: PlayableTracks) -> tuple[str, ...]:
    """The files beside the artefact."""
    return tuple(track.file for track in artefact.tracks)


def title(recording: Recording, track: PlayableTrack) -> str:
    """What a downloaded file is called."""
    return f"{recording.name(track.participant)} {track.source}".replace("_", " ")


class _Output:
    """One playable file: packets in, a finished container out."""

    def __init__(self, track: Track, directory: Path) -> None:
        suffix = "mp4" if track.codec == "h264" else "webm"
        self._track = track
        self._name = f"{DIRECTORY}/{track.id}.{suffix}"
        self._path, self._part = directory / self._name, directory / f"{self._name}.part"
        self._sound = track.codec == "opus"
        self._container = av.open(str(self._part), "w", format=suffix)
        self._stream: Any = None
        self._filler = _Filler()
        self._first = self._last = 0

    def begin(self, template: Any, at: int) -> None:
        """The stream that packets are of, and when the first begins, in ticks."""
        self._stream = self._container.add_stream_from_template(template)
        self._first, self._last = at, at - 1

    @property
    def begun(self) -> bool:
        """Whether it has a stream."""
        return self._stream is not None

    def push(self, packet: Any, at: int) -> None:
        """The next packet, which begins at a tick of the meeting; one that isn't later than the last is left out."""
        if at <= self._last:
            return  # files of two segments may overlap by a moment
        if self._sound:
            for silent in self._filler.fill(at, bytes(packet)):
                filling = av.Packet(SILENCE)
                filling.is_keyframe = True
                self._mux(filling, silent)
        self._mux(packet, at)
        self._last = at

    def close(self) -> PlayableTrack | None:
        """Finish it; None when there was nothing in it."""
        self._container.close()
        if self._stream is None:
            self._part.unlink(missing_ok=True)
            return None
        with self._part.open("rb") as written:
            os.fsync(written.fileno())
        self._part.replace(self._path)
        return PlayableTrack(
            track=self._track.id,
            participant=self._track.participant,
            source=self._track.source,
            start=float(self._first * TICK),
            end=float(max(self._last, self._filler.due) * TICK),
            file=self._name,
        )

    def discard(self) -> None:
        """It isn't wanted."""
        with contextlib.suppress(av.FFmpegError, ValueError, OSError):
            self._container.close()
        self._part.unlink(missing_ok=True)

    def _mux(self, packet: Any, at: int) -> None:
        packet.stream = self._stream
        packet.time_base = TICK
        packet.pts = packet.dts = at - self._first
        self._container.mux_one(packet)


def _remux(track: Track, directory: Path) -> PlayableTrack | None:
    output = _Output(track, directory)
    try:
        for file in track.files:
            with contextlib.suppress(av.FFmpegError, OSError), av.open(str(file.path)) as container:
                if not container.streams:
                    continue
                stream: Any = container.streams[0]
                ticks = None if stream.time_base is None else stream.time_base / TICK
                for packet in container.demux(stream):
                    if packet.pts is None or not packet.size or ticks is None:
                        continue
                    at = packet.pts * ticks.numerator // ticks.denominator
                    if not output.begun:
                        output.begin(stream, at)
                    output.push(packet, at)
        return output.close()
    except BaseException:
        output.discard()
        raise


class _Growing:
    """A track while it grows. Raises ValueError where its files hold something unexpected."""

    def __init__(self, track: Track, directory: Path) -> None:
        self._output = _Output(track, directory)
        self._file = 0
        self._source: GrowingFile | None = None
        self._moved: int | None = None

    def read(self, track: Track, *, complete: bool) -> None:
        """What was added to its files. complete: nothing more will be."""
        while self._file < len(track.files):
            final = complete or self._file < len(track.files) - 1
            if self._source is None:
                self._source = GrowingFile(track.files[self._file].path)
                self._moved = None
            for packet in self._source.read(final=final):
                if packet.after_damage:
                    raise ValueError("the file is damaged")
                at = round(packet.at * TICKS_A_SECOND)
                if self._moved is None:
                    self._moved = self._begin(self._source.path, at)
                copy = av.Packet(packet.data)
                copy.is_keyframe = packet.key or track.codec == "opus"
                self._output.push(copy, at + self._moved)
            if self._source.damaged:
                raise ValueError("the file is damaged")
            if not final:
                return
            self._source = None
            self._file += 1

    def close(self) -> PlayableTrack | None:
        """All of it is read."""
        return self._output.close()

    def discard(self) -> None:
        """It isn't wanted."""
        self._output.discard()

    def _begin(self, path: Path, at: int) -> int:
        """By how many ticks libavformat moves a file's packets (a codec's delay). at: the first one's place in it."""
        with av.open(str(path)) as container:
            stream: Any = container.streams[0]
            pts = next(container.demux(stream)).pts
            first = at if pts is None else round(pts * stream.time_base / TICK)
            if not self._output.begun:
                self._output.begin(stream, first)
            return first - at


class _Filler:
    """Puts silence where packets are missing, so that what is played never runs ahead of the timestamps.

    due: the tick up to which there is sound, when all of it is played without a gap. Single losses count too: an hour
    with one packet in a hundred missing would be half a minute ahead at its end.
    """

    def __init__(self) -> None:
        self.due = 0
        self._last: int | None = None

    def fill(self, at: int, packet: bytes) -> Iterator[int]:
        """The ticks of the packets of silence that go before the packet that begins at a tick."""
        if self._last is None:
            self.due = at
        else:
            count = max(0, (at - self.due + SILENCE_TICKS // 2) // SILENCE_TICKS)
            start = max(self.due, self._last + 1)
            for number in range(count):
                yield start + (at - start) * number // count
            self.due += count * SILENCE_TICKS
        self._last = at
        self.due += opus_ticks(packet)


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
