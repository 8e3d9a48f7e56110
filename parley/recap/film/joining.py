"""Makes one MP4 of rendered pieces, with chapters and a poster.

The file is written under another name, made safe on disk and then renamed: whoever finds a film under its name finds
all of it. Nothing in it depends on when it was made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from parley.recap.artefacts import Chapter
from parley.recap.film.piece import FPS, PER_PICTURE
from parley.recap.film.sound import RATE

SOUND_BITS = 128_000
POSTER_QUALITY = 86


def join(pieces: Sequence[tuple[Path, int]], chapters: Iterable[Chapter], title: str, path: Path,
         tick: Callable[[], None]) -> None:  # fmt: skip
    """Write the film of these pieces (file, number of pictures), in this order. tick is called now and then, may raise.

    Raises av.error.FFmpegError or OSError when a piece can't be read or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        with ExitStack() as stack:
            options = {"movflags": "+faststart", "fflags": "+bitexact"}
            film = stack.enter_context(av.open(str(temporary), "w", format="mp4", options=options))
            first = stack.enter_context(av.open(str(pieces[0][0])))
            video = film.add_stream_from_template(first.streams.video[0])
            video.time_base = Fraction(1, FPS * 512)
            audio = film.add_stream("aac", rate=RATE, layout="stereo", format="fltp")
            audio.bit_rate = SOUND_BITS
            audio.codec_context.options = {"flags": "+bitexact", "aac_coder": "fast"}  # people wait for it
            film.metadata["title"] = title
            film.set_chapters([_chapter(number, each) for number, each in enumerate(chapters)])
            resampler = av.AudioResampler("fltp", "stereo", RATE)
            begin = 0
            for file, length in pieces:
                _append(film, file, begin, video, audio, resampler)
                begin += length
                tick()
            for frame in resampler.resample(None):
                film.mux(audio.encode(frame))
            film.mux(audio.encode(None))
        publish(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _append(
    film: av.container.OutputContainer, file: Path, begin: int, video: av.VideoStream, audio: av.AudioStream,
    resampler: av.AudioResampler,
) -> None:  # fmt: skip
    """Add a piece whose first picture is number `begin` of the film."""
    picture, sample = begin, begin * PER_PICTURE
    with av.open(str(file)) as piece:
        for packet in piece.demux(piece.streams.video[0], piece.streams.audio[0]):
            if isinstance(packet.stream, av.VideoStream):
                if packet.size:
                    # Matroska's milliseconds are too coarse to count on: without B-frames the number is the time.
                    packet.time_base = Fraction(1, FPS)
                    packet.pts = packet.dts = picture
                    packet.duration = 1
                    packet.stream = video
                    film.mux_one(packet)
                    picture += 1
                continue
            for frame in packet.decode():
                if not isinstance(frame, av.AudioFrame):
                    continue
                frame.pts, frame.time_base = sample, Fraction(1, RATE)
                sample += frame.samples
                for made in resampler.resample(frame):
                    film.mux(audio.encode(made))


def _chapter(number: int, chapter: Chapter) -> av.container.core.Chapter:
    return {
        "id": number,
        "start": round(chapter.start * 1000),
        "end": round(chapter.end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }


def write_poster(film: Path, at: float, path: Path) -> None:
    """The picture `at` seconds into a film, as a JPEG."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with av.open(str(film)) as container:
            container.seek(int(at * av.time_base), backward=True)
            shown = None
            for frame in container.decode(video=0):
                shown = frame
                if frame.time is not None and frame.time >= at:
                    break
            if shown is None:
                return
            picture: Image.Image = shown.to_image()  # type: ignore[no-untyped-call]
            picture.save(temporary, "JPEG", quality=POSTER_QUALITY, optimize=True)
        publish(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def publish(temporary: Path, path: Path) -> None:
    """Give a complete file its name, so that after a power cut there is either all of it or nothing."""
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
