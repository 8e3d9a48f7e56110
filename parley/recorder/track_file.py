"""A track's file: the muxer's bytes on their way to the disk's thread."""

from __future__ import annotations

import logging
from pathlib import Path

from parley.recorder.disk import Disk
from parley.recorder.frame import Frame
from parley.recorder.matroska import MatroskaFile, MuxError
from parley.store.recording import Codec

log = logging.getLogger(__name__)


class TrackFile:
    """Begun with its first frame. Nothing here raises."""

    def __init__(self, disk: Disk, path: Path, codec: Codec, channels: int, first: Frame) -> None:
        self._disk = disk
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

    def close(self) -> None:
        """End the file with its index; where it failed, leave it as it is, which plays too."""
        muxer, self._muxer = self._muxer, None
        if muxer is not None:
            try:
                muxer.close()
            except MuxError as error:
                log.error("the muxer could not end a file: %s", error)
        self._disk.close(self._file)

    def _bytes(self, offset: int, data: bytes) -> None:
        self._disk.write(self._file, offset, data)
