"""Decodes the Opus of a track, as far as it is written, to 16 kHz mono on the meeting's clock.

Gaps stay gaps: samples come as stretches, each with the sample number of the meeting at which it begins. What can't be
decoded is a span with a reason, never an exception: a torn file is ordinary while a meeting runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from parley.recap.growing import GrowingFile, Packet
from parley.recap.recording import Span, Track

RATE = 16_000
"""Samples a second, everywhere in the recap's speech stages."""
Samples = NDArray[np.int16]

_OPUS_RATE = 48_000
_STRETCH = RATE
"""Samples are handed on about a second at a time."""
_SLACK = 0.06
"""Seconds by which timestamps and the count of samples may differ before the samples move: timestamps are whole
milliseconds, and sender reports correct a sound card's clock by small steps. Three packets."""
_PREROLL = 1.0
"""An Opus decoder that begins in the middle has found its state by then."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples without a gap; `start` counts samples of 16 kHz from the meeting's beginning."""

    start: int
    samples: Samples

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


@dataclass(frozen=True, slots=True)
class Damage:
    """Part of a track that can't be decoded."""

    span: Span
    reason: str


@dataclass
class _Run:
    """Packets without a gap between them: one resampler, and where its output goes."""

    start: int
    resampler: av.AudioResampler
    made: int = 0
    decoded: int = 0
    waiting: list[Samples] = field(default_factory=list)


class TrackAudio:
    """The samples of one track from `position` (seconds) on, in as many reads as it takes.

    at: the meeting's second up to which samples were given. damage: what couldn't be decoded so far.
    """

    def __init__(self, position: float = 0.0) -> None:
        self.at = position
        self.damage: list[Damage] = []
        self._first = round(position * RATE)
        self._file = 0
        self._source: GrowingFile | None = None
        self._decoder: AudioCodecContext | None = None
        self._run: _Run | None = None
        self._last: float | None = None

    def read(self, track: Track, *, complete: bool = False, latest: float = math.inf) -> Iterator[Stretch]:
        """What the track's files hold beyond the last read. complete: nothing will be added to them.

        latest: the meeting's second after which no packet can be; a later timestamp is damage. A file is taken to be
        complete as soon as the next one of the same track has begun.
        """
        while self._file < len(track.files):
            last = self._file == len(track.files) - 1
            final = complete or not last
            if self._source is None:
                self._source = GrowingFile(track.files[self._file].path)
            for packet in self._source.read(final=final):
                if packet.at > latest:
                    self._note(Span(self.at, self.at + 0.02), "a packet's time is wrong")
                    continue
                yield from self._packet(packet, track)
            if not final:
                if self._run is not None:
                    yield from self._hand_on(self._run)
                return
            yield from self._end_run()
            self._decoder = None
            if self._source.damaged:
                end = track.end if last else track.files[self._file + 1].start
                self._report(track, end)
            self._source = None
            self._file += 1

    def _packet(self, packet: Packet, track: Track) -> Iterator[Stretch]:
        if packet.at < self.at - _PREROLL and self._run is None:
            return
        if packet.after_damage:
            self._report(track, packet.at)
        samples = self._decode(packet)
        if samples is None:
            yield from self._end_run()
            self._note(Span(packet.at, packet.at + 0.02), "a packet can't be decoded")
            return
        self._last = packet.at + len(samples) / _OPUS_RATE
        run = self._run
        if run is not None:
            ahead = packet.at - (run.start / RATE + run.decoded / _OPUS_RATE)
            if ahead < -_SLACK:
                skipped = min(len(samples), round(-ahead * _OPUS_RATE))
                samples = samples[skipped:]
                if not len(samples):
                    return
            elif ahead > _SLACK:
                yield from self._end_run()
                run = None
        if run is None:
            start = round(max(packet.at, 0.0) * RATE)
            run = self._run = _Run(start, av.AudioResampler("s16", "mono", RATE))
        run.decoded += len(samples)
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
        frame.sample_rate = _OPUS_RATE
        self._collect(run, run.resampler.resample(frame))
        if sum(map(len, run.waiting)) >= _STRETCH:
            yield from self._hand_on(run)

    def _decode(self, packet: Packet) -> Samples | None:
        """The packet's samples at 48 kHz; None when it isn't Opus."""
        if self._decoder is None:
            decoder = av.CodecContext.create("libopus", "r")
            assert isinstance(decoder, AudioCodecContext)
            decoder.sample_rate = _OPUS_RATE
            decoder.layout = "mono"
            self._decoder = decoder
        try:
            frames = self._decoder.decode(av.Packet(packet.data))
        except av.FFmpegError:
            self._decoder = None
            return None
        if not frames:
            return None
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16, copy=False)

    @staticmethod
    def _collect(run: _Run, frames: list[av.AudioFrame]) -> None:
        run.waiting += [frame.to_ndarray().reshape(-1).astype(np.int16, copy=False) for frame in frames]

    def _hand_on(self, run: _Run) -> Iterator[Stretch]:
        if not run.waiting:
            return
        samples = np.concatenate(run.waiting)
        run.waiting.clear()
        start = run.start + run.made
        run.made += len(samples)
        skipped = self._first - start
        if skipped > 0:
            samples, start = samples[skipped:], self._first
        if len(samples):
            self._first = start + len(samples)
            self.at = self._first / RATE
            yield Stretch(start, samples)

    def _end_run(self) -> Iterator[Stretch]:
        run, self._run = self._run, None
        if run is not None:
            self._collect(run, run.resampler.resample(None))
            yield from self._hand_on(run)

    def _report(self, track: Track, end: float) -> None:
        """What lies between the last packet that was read and `end` is lost."""
        start = self._last if self._last is not None else track.files[self._file].start
        self._note(Span(max(start, self.at if self._last is None else start), end), "the file is damaged")

    def _note(self, span: Span, reason: str) -> None:
        if span.seconds <= 0:
            return
        if self.damage and self.damage[-1].reason == reason and span.start - self.damage[-1].span.end < 0.1:
            span = Span(self.damage.pop().span.start, span.end)
        self.damage.append(Damage(span, reason))
