"""Bytes of the files in meetings' chats, on disk: <root>/<meeting id>/<file id>.

Everything here blocks, and is to be called off the event loop. A file has its name only when all of it is there; until
then it is a part beside it. Names that people gave appear in no path.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PART = ".part"


class PartialFile:
    """A file whose bytes still come. Either `keep` or `discard` ends it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + _PART)
        self._file = open(self._part, "xb", buffering=0, opener=_private)  # noqa: SIM115 - it outlives this call

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes. Raises OSError."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def keep(self) -> None:
        """All of it is there. Raises OSError."""
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)

    def discard(self) -> None:
        """It comes to nothing."""
        self._file.close()
        self._part.unlink(missing_ok=True)
        _leave(self._path.parent)


class FileStore:
    """See the module."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, meeting_id: str, file_id: str) -> Path:
        """Where the file is, or would be. Raises ValueError for what is no id."""
        if not (_ID.fullmatch(meeting_id) and _ID.fullmatch(file_id)):
            raise ValueError("not an id")
        return self._root / meeting_id / file_id

    def create(self, meeting_id: str, file_id: str) -> PartialFile:
        """Begin a file. Raises OSError."""
        path = self.path(meeting_id, file_id)
        while True:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # the last file was deleted, with the directory, just now
                return PartialFile(path)

    def delete(self, meeting_id: str, file_id: str) -> None:
        """Take a file away; nothing happens when it isn't there. Raises OSError."""
        path = self.path(meeting_id, file_id)
        path.unlink(missing_ok=True)
        _leave(path.parent)

    def delete_meeting(self, meeting_id: str) -> None:
        """Take away all files of a meeting, with what is left of those that never came whole. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.path(meeting_id, "all").parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _leave(directory: Path) -> None:
    """Take the directory along when nothing else is in it."""
    with contextlib.suppress(OSError):
        directory.rmdir()
