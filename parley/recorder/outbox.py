"""What a media node has to tell its recorder and hasn't yet: in order, bounded, packets dropped before facts."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from parley.recorder.messages import Clock, ToRecorder

MAX_BYTES = 32 * 1024 * 1024
"""Some ten seconds of a full meeting: more than a recorder takes to start again."""

MAX_FACTS = 50_000


class Entry(NamedTuple):
    """A frame as it goes over the socket. message: what it says, None for a packet; number: the packet's track."""

    frame: bytes
    at: float
    number: int
    message: ToRecorder | None


class Outbox:
    """See the module. facts_dropped: messages that found no place, which takes a recorder that is gone for hours."""

    __slots__ = ("_bytes", "_entries", "_facts", "_full", "_max_bytes", "facts_dropped")

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._entries: deque[Entry] = deque()
        self._max_bytes = max_bytes
        self._bytes = 0
        self._facts = 0
        self._full = False
        self.facts_dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def first_at(self) -> float | None:
        """When the oldest of what waits happened."""
        return self._entries[0].at if self._entries else None

    def has_room(self, size: int) -> bool:
        """Whether a packet of so many bytes is taken. Once full, it takes packets again when it is half empty."""
        if self._bytes + size > self._max_bytes:
            self._full = True
        elif self._full and self._bytes <= self._max_bytes // 2:
            self._full = False
        return not self._full

    def packet(self, frame: bytes, at: float, number: int) -> bool:
        """Add a packet; False when there is no room."""
        if not self.has_room(len(frame)):
            return False
        self._entries.append(Entry(frame, at, number, None))
        self._bytes += len(frame)
        return True

    def fact(self, frame: bytes, at: float, message: ToRecorder) -> None:
        """Add a message, also where packets find no room any more."""
        if isinstance(message, Clock) and self._entries:
            return
        if self._facts >= MAX_FACTS:
            self.facts_dropped += 1
            return
        self._entries.append(Entry(frame, at, -1, message))
        self._facts += 1
        self._bytes += len(frame)

    def take(self, max_bytes: int) -> list[Entry]:
        """Remove the oldest, about so many bytes of them."""
        taken = []
        size = 0
        while self._entries and size < max_bytes:
            entry = self._entries.popleft()
            size += len(entry.frame)
            if entry.message is not None:
                self._facts -= 1
            taken.append(entry)
        self._bytes -= size
        return taken
