"""A piece of a film: some seconds of the meeting, rendered into a file of its own.

Films are made of pieces, so that a crash costs one of them and two cores can work on two. A piece is H.264 without
B-frames and FLAC in Matroska: its pictures go into the film as they are, its sound is encoded once, over all pieces, so
that nobody hears where they meet. It is a whole number of pictures long, and its sound is exactly as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from parley.recap.film import cards
from parley.recap.film.canvas import Canvas
from parley.recap.film.cards import Caption
from parley.recap.film.composer import Composer
from parley.recap.film.layout import Shot, Talk
from parley.recap.film.sound import RATE, Mixer, Samples
from parley.recap.recording import Recording

WIDTH, HEIGHT = 1280, 720
FPS = 25
PER_PICTURE = RATE // FPS
FADE_PICTURES = 5
FADE_SAMPLES = RATE // 8
KEY_FRAMES = 2 * FPS
"""A player can jump to every second second."""
VIDEO_OPTIONS = {
    "preset": "superfast",
    "profile": "high",
    "crf": "23",
    "threads": "1",
    "x264-params": f"bframes=0:keyint={KEY_FRAMES}:min-keyint={FPS}:open-gop=0",
}
"""One thread for each piece: the same bytes on every machine, and pieces share the cores among them."""


@dataclass(frozen=True, slots=True)
class Words:
    """Something said, to be read while it is heard."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be seen and heard from start on; `pictures` long. fades: comes out of the dark and goes back there."""

    start: float
    pictures: int
    shots: tuple[Shot, ...]
    talks: tuple[Talk, ...]
    caption: Caption | None = None
    words: tuple[Words, ...] = ()
    fades: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.pictures / FPS


def pictures(seconds: float) -> int:
    """How many pictures a film of so many seconds has; at least one."""
    return max(1, round(seconds * FPS))


def render(recording: Recording, piece: Piece, path: Path, tick: Callable[[int], None]) -> None:
    """Write a piece to a file. tick is told how many pictures were made since the last call, and may raise to stop."""
    composer, mixer = Composer(recording, piece.talks, WIDTH, HEIGHT), Mixer(recording)
    try:
        with av.open(str(path), "w", format="matroska", options={"fflags": "+bitexact"}) as container:
            video = container.add_stream("libx264", rate=FPS, options=VIDEO_OPTIONS)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            video.time_base = video.codec_context.time_base = Fraction(1, FPS)
            context = video.codec_context
            # SMPTE 170M (BT.601), limited range: said in the stream, or a player guesses BT.709 for this height.
            context.colorspace = context.color_primaries = context.color_trc = 6
            context.color_range = 1
            audio = container.add_stream("flac", rate=RATE, layout="stereo", format="s16")
            for index, picture in enumerate(_pictures(composer, piece)):
                picture.pts, picture.time_base = index, Fraction(1, FPS)
                container.mux(video.encode(picture))
                if index % FPS == 0:
                    container.mux(audio.encode(_sound(mixer, piece, index)))
                if index % FPS == FPS - 1:
                    tick(FPS)
            container.mux(video.encode(None))
            container.mux(audio.encode(None))
            tick(piece.pictures % FPS)
    finally:
        composer.close()
        mixer.close()


def _pictures(composer: Composer, piece: Piece) -> Iterator[av.VideoFrame]:
    """Every picture of a piece, in order."""
    shot = 0
    faded = Canvas(WIDTH, HEIGHT)
    for index in range(piece.pictures):
        at = piece.start + index / FPS
        while shot + 1 < len(piece.shots) and piece.shots[shot + 1].start <= at:
            shot += 1
        words = next((each.text for each in piece.words if each.start <= at < each.end), None)
        canvas = composer.picture(at, piece.shots[shot].scene, piece.caption, at - piece.start, words)
        edge = min(index + 1, piece.pictures - index)
        if piece.fades and edge <= FADE_PICTURES:
            faded.copy_from(canvas)
            faded.fade(cards.PAGE_YUV, edge / (FADE_PICTURES + 1))
            canvas = faded
        yield canvas.taken()


def _sound(mixer: Mixer, piece: Piece, index: int) -> av.AudioFrame:
    """The second of sound that begins with a picture, or what is left of it."""
    count = min(FPS, piece.pictures - index) * PER_PICTURE
    first = index * PER_PICTURE
    mix = mixer.read(round(piece.start * RATE) + first, count)
    if piece.fades:
        mix = _faded(mix, first, piece.pictures * PER_PICTURE)
    samples = np.rint(np.clip(mix, -1, 1) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), "s16", "stereo")
    frame.sample_rate = RATE
    frame.pts, frame.time_base = first, Fraction(1, RATE)
    return frame


def _faded(mix: Samples, first: int, total: int) -> Samples:
    """Sound that rises from nothing at the piece's start and sinks back at its end."""
    place = np.arange(first, first + mix.shape[1], dtype=np.float32)
    gain = np.clip(np.minimum(place, total - 1 - place) / FADE_SAMPLES, 0, 1).astype(np.float32)
    faded: Samples = np.multiply(mix, gain, dtype=np.float32)
    return faded
