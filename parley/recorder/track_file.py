"""A track's file: the muxer's bytes on their way to the disk's thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path

from parley.recorder.disk import Disk
from parley.recorder.frame import Frame
from parley.recorder.matroska import MatroskaFile, MuxError
from parley.store.recording import Codec

log = logging.getLogger(__name__)


class TrackFile:
    """Begun with its first frame, at a second of the meeting. Nothing here raises."""

    def __init__(self, disk: Disk, path: Path, codec: Codec, channels: int, first: Frame, at: float) -> None:
        self._disk = disk
        self._began = self._end = at
        self._handed: deque[tuple[int, float]] = deque()
        """Bytes and the second of the last frame in them, of what may not be on the disk yet; one more before it."""
        self._file = disk.create(path)
        self._muxer: MatroskaFile | None = None
        try:
            self._muxer = MatroskaFile(codec, channels, first, self._bytes)
        except MuxError as error:
            log.error("the muxer takes no %s: %s", codec, error)

    @property
    def disk_error(self) -> str:
        """Why the disk takes nothing more of this file, "" while it does."""
        return self._file.error

    def takes(self, frame: Frame) -> bool:
        """Whether a frame can be in this file: one with other parameter sets can't."""
        return self._muxer is None or frame.configuration in (b"", self._muxer.configuration)

    def write(self, frame: Frame, at: float) -> bool:
        """Append a frame at its time (seconds, meeting's clock); False where that can't be."""
        if self._muxer is None or self._file.error:
            return False
        try:
            self._muxer.write(frame, at)
            self._end = at
            if self._muxer.handed is not None and (not self._handed or self._handed[-1] != self._muxer.handed):
                self._handed.append(self._muxer.handed)
            while len(self._handed) > 1 and self._handed[1][0] <= self._file.written:
                self._handed.popleft()
        except MuxError as error:
            log.error("the muxer refused a frame: %s", error)
            return False
        return True

    def checkpoint(self, now: float) -> None:
        """Write what the muxer holds back, where that is old at `now`."""
        if self._muxer is not None and not self._file.error:
            held = self._muxer.checkpoint(now)
            if held is not None:
                self._disk.write(self._file, held[0], held[1], provisional=True)

    def close(self, torn: Callable[[float, float], None]) -> None:
        """End the file with its index; where it failed, leave it as it is, which plays too.

        torn(since, until): called on the disk's thread when the disk didn't take the frames between these seconds.
        """
        muxer, self._muxer = self._muxer, None
        if muxer is not None:
            try:
                muxer.close()
            except MuxError as error:
                log.error("the muxer could not end a file: %s", error)
        self._disk.close(self._file, lambda: torn(self._kept, self._end))

    @property
    def _kept(self) -> float:
        """When the last frame began of which all bytes are on the disk; when the file began, where there is none."""
        whole = [at for size, at in self._handed if size <= self._file.written]
        return whole[-1] if whole else self._began

    def _bytes(self, offset: int, data: bytes) -> None:
        self._disk.write(self._file, offset, data)
