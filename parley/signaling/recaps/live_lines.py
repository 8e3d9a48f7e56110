"""What a worker understands while the meeting runs, for those who are in it: lines of recap/live.jsonl.

The worker appends, the media node of the meeting reads what is new: they share the directory of recordings anyway. A
line is worth nothing later, so nobody waits for it to be on the disk, and who starts to read starts at the end.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from parley.recap.artefacts import GestureLabel
from parley.store import recording as stored

NAME = "live.jsonl"
MAX_READ = 64 * 1024


class Said(msgspec.Struct, frozen=True, tag="said"):
    """A caption; one with the same segment replaces it. person: the timeline's participant."""

    segment: str
    person: str
    text: str
    final: bool


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """Somebody's hand said something."""

    person: str
    label: GestureLabel


LiveLine = Said | Shown
_decoder = msgspec.json.Decoder(LiveLine)


def append_lines(directory: Path, lines: Iterable[LiveLine]) -> None:
    """Say these. directory: the recording's. Raises OSError."""
    encoded = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if encoded:
        with (directory / stored.RECAP / NAME).open("ab") as file:
            file.write(encoded)


class LiveReader:
    """Reads what is new in one recording. directory: the recording's."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / stored.RECAP / NAME
        self._at = 0
        with contextlib.suppress(OSError):
            self._at = self._path.stat().st_size

    def read(self) -> list[LiveLine]:
        """The lines since the last call; what can't be read isn't there."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read(MAX_READ)
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole) or len(data) // MAX_READ * MAX_READ  # nobody waits for the end of what is no line
        found = []
        for line in whole.splitlines():
            with contextlib.suppress(msgspec.MsgspecError):
                found.append(_decoder.decode(line))
        return found
