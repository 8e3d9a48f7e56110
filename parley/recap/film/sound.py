"""What was heard at any second of the meeting: all microphones and shared sound, mixed.

Each track is placed by its timestamps, so that a hole in it (a lost packet, a pause of the sender) stays a hole and
nothing after it moves. The mix is at 48 kHz in two channels; where voices add up to more than there is room for, a soft
knee bends them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from parley.recap.film.media_reader import UNREADABLE, files_from, seconds
from parley.recap.recording import AUDIO, Recording, Track

log = logging.getLogger(__name__)

RATE = 48_000
PREROLL = 0.1
"""Seconds before what is wanted, from which a decoder that begins in the middle is right (RFC 7845, 4.6: 80 ms)."""
JITTER = 480
"""Samples that a timestamp may be off from where the last ended: Matroska rounds to milliseconds, clocks drift."""
KNEE = 0.7
"""Of full scale: louder is bent."""

Samples = NDArray[np.float32]
"""Two channels by samples, 1.0 is full scale."""


class SoundReader:
    """The sound of one track. Not for several threads."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._chunks: Iterator[tuple[int, Samples]] | None = None
        self._ready: tuple[int, Samples] | None = None
        self._expected = -1

    def add_to(self, mix: Samples, start: int) -> None:
        """Add what is heard from sample `start` of the meeting on; reading goes forward best."""
        if self._chunks is None or start != self._expected:
            self.close()
            self._chunks = self._read(start / RATE)
        end = start + mix.shape[1]
        self._expected = end
        while True:
            if self._ready is None:
                self._ready = next(self._chunks, None)
            if self._ready is None or self._ready[0] >= end:
                return
            at, samples = self._ready
            begin, finish = max(at, start), min(at + samples.shape[1], end)
            if finish > begin:
                mix[:, begin - start : finish - start] += samples[:, begin - at : finish - at]
            if at + samples.shape[1] > end:
                return
            self._ready = None

    def close(self) -> None:
        """Let the files go."""
        if self._chunks is not None:
            self._chunks.close()  # type: ignore[attr-defined]
        self._chunks = self._ready = None

    def _read(self, at: float) -> Iterator[tuple[int, Samples]]:
        """The track's sound in order, each part with the sample of the meeting at which it begins."""
        for file in files_from(self.track.files, at):
            try:
                with av.open(str(file.path)) as container:
                    if not container.streams.audio:
                        continue
                    if at - file.start > PREROLL:
                        container.seek(max(0, int((at - PREROLL) * av.time_base)), backward=True)
                    yield from self._decoded(container, container.streams.audio[0], at - PREROLL)
            except UNREADABLE as error:
                log.info("%s can't be read on: %s", file.path.name, error)

    def _decoded(
        self, container: av.container.InputContainer, stream: av.AudioStream, wanted: float
    ) -> Iterator[tuple[int, Samples]]:
        codec = stream.codec_context
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        cursor: int | None = None
        for packet in container.demux(stream):
            at = seconds(packet)
            if at is not None and at < wanted:
                continue
            try:
                frames = codec.decode(packet) if packet.size or packet.pts is None else []
            except UNREADABLE:
                continue
            for frame in frames:
                if frame.time is None:
                    continue
                place = round(frame.time * RATE)
                if cursor is None or abs(place - cursor) > JITTER:
                    cursor = place
                for samples in self._stereo(frame, resampler):
                    yield cursor, samples
                    cursor += samples.shape[1]

    def _stereo(self, frame: av.AudioFrame, resampler: av.AudioResampler) -> Iterator[Samples]:
        """The samples of a decoded frame in two channels; the usual format needs no resampler."""
        if frame.sample_rate == RATE and frame.format.name == "fltp" and frame.layout.nb_channels <= 2:
            yield np.broadcast_to(np.asarray(frame.to_ndarray(), np.float32), (2, frame.samples))
            return
        frame.pts = None
        for made in resampler.resample(frame):
            yield np.asarray(made.to_ndarray(), np.float32)


class Mixer:
    """All that is heard in a meeting."""

    def __init__(self, recording: Recording) -> None:
        self._readers = [SoundReader(track) for track in recording.of(*AUDIO)]

    def read(self, start: int, count: int) -> Samples:
        """So many samples from sample `start` of the meeting on."""
        mix = np.zeros((2, count), np.float32)
        for reader in self._readers:
            track = reader.track
            if track.start * RATE < start + count + RATE and track.end * RATE > start - RATE:
                reader.add_to(mix, start)
        return limited(mix)

    def close(self) -> None:
        """Let the files go."""
        for reader in self._readers:
            reader.close()


def limited(mix: Samples) -> Samples:
    """The mix within full scale: unchanged below the knee, bent towards 1 above it."""
    loud = np.abs(mix)
    if float(loud.max(initial=0.0)) <= KNEE:
        return mix
    room = 1 - KNEE
    bent = np.sign(mix) * (KNEE + room * np.tanh((loud - KNEE) / room))
    return np.where(loud > KNEE, bent, mix).astype(np.float32)
