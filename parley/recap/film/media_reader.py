"""The pictures of a track at any second of the meeting, whatever state its files are in.

Reading goes forward: a jump seeks to the key frame before it and decodes from there. Several files (the recorder was
restarted), holes, changes of size and damaged data end in the last good picture, and after a while in none; never in
an exception.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import av
from av.codec.context import ThreadType

from parley.recap.recording import Track, TrackFile

log = logging.getLogger(__name__)

HELD = 4.0
"""Seconds that a camera's last picture stays: longer, and it would pretend that somebody sits still."""
JUMP = 8.0
"""Seconds forward from which seeking is worth it; key frames of meetings are seldom, so a jump may have to go back."""
UNREADABLE = (av.error.FFmpegError, OSError, ValueError, EOFError)
"""What a damaged or missing file may raise."""


def files_from(files: tuple[TrackFile, ...], at: float) -> tuple[TrackFile, ...]:
    """The files of a track that hold what is from `at` on, the first of them begun at or before it."""
    ordered = sorted(files, key=lambda file: file.start)
    earlier = sum(file.start <= at for file in ordered)
    return tuple(ordered[max(0, earlier - 1) :])


def seconds(packet: av.Packet[Any]) -> float | None:
    """When on the meeting's clock a packet begins; None for the empty one at the end."""
    return None if packet.pts is None or packet.time_base is None else float(packet.pts * packet.time_base)


class VideoReader:
    """The pictures of one track. Not for several threads."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._held = HELD if track.source == "camera" else float("inf")
        self._frames: Iterator[tuple[float, av.VideoFrame]] | None = None
        self._shown: tuple[float, av.VideoFrame] | None = None
        self._next: tuple[float, av.VideoFrame] | None = None
        self._asked = float("-inf")

    def at(self, at: float) -> av.VideoFrame | None:
        """The picture to be seen `at` seconds into the meeting; the same object while it stays the same.

        None when there is none: before the first, long after the last, or where nothing can be decoded.
        """
        if self._frames is None or at < self._asked or at > self._asked + JUMP:
            self._seek(at)
        self._asked = at
        while self._next is None or self._next[0] <= at:
            if self._next is not None:
                self._shown = self._next
            self._next = next(self._frames, None) if self._frames is not None else None
            if self._next is None:
                break
        if self._shown is None or at - self._shown[0] > self._held:
            return None
        return self._shown[1]

    def close(self) -> None:
        """Let the files go."""
        if self._frames is not None:
            self._frames.close()  # type: ignore[attr-defined]
        self._frames = self._shown = self._next = None

    def _seek(self, at: float) -> None:
        self.close()
        self._asked = at
        self._frames = self._read(at)

    def _read(self, at: float) -> Iterator[tuple[float, av.VideoFrame]]:
        """The track's pictures with their times, the first of them at or before `at` where there is one."""
        for file in files_from(self.track.files, at):
            try:
                with av.open(str(file.path)) as container:
                    if not container.streams.video:
                        continue
                    stream = container.streams.video[0]
                    stream.codec_context.thread_type = ThreadType.NONE
                    stream.codec_context.thread_count = 1
                    if at - file.start > 0.5:
                        container.seek(max(0, int(at * av.time_base)), backward=True)
                    yield from self._decoded(container, stream)
            except UNREADABLE as error:
                log.info("%s can't be read on: %s", file.path.name, error)

    def _decoded(
        self, container: av.container.InputContainer, stream: av.VideoStream
    ) -> Iterator[tuple[float, av.VideoFrame]]:
        codec = stream.codec_context
        for packet in container.demux(stream):
            # On the way to what is asked for, pictures that no other depends on needn't be decoded.
            at = seconds(packet)
            behind = at is not None and at < self._asked - 1
            codec.skip_frame = "NONREF" if behind else "DEFAULT"
            try:
                frames = codec.decode(packet) if packet.size or packet.pts is None else []
            except UNREADABLE:
                continue
            for frame in frames:
                if frame.time is not None and not frame.is_corrupt and frame.width > 1 and frame.height > 1:
                    yield frame.time, frame
