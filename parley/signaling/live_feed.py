"""Brings what workers understand of running recordings (recaps/live_lines.py) into the rooms: captions and gestures.

The files are read in a thread, for a media node's event loop waits for no disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from parley.signaling.recaps.live_lines import LiveLine, LiveReader

LOOK_SECONDS = 0.4


class Hears(Protocol):
    """A room with a recording that runs."""

    def understood(self, line: LiveLine) -> None:
        """Something was said or shown."""


class LiveFeed:
    """See the module. rooms: those that are recorded now, by recording. root: the directory of recordings."""

    def __init__(self, root: Path, rooms: Callable[[], Mapping[str, Hears]]) -> None:
        self._root = root
        self._rooms = rooms
        self._readers: dict[str, LiveReader] = {}

    async def run(self) -> None:
        """For ever. Run by one task."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            rooms = self._rooms()
            for gone in self._readers.keys() - rooms.keys():
                del self._readers[gone]
            for recording_id, room in rooms.items():
                for line in await asyncio.to_thread(self._read, recording_id):
                    room.understood(line)

    def _read(self, recording_id: str) -> list[LiveLine]:
        reader = self._readers.get(recording_id)
        if reader is None:
            reader = self._readers[recording_id] = LiveReader(self._root / recording_id)
        return reader.read()
