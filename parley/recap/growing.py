"""Reads the packets of a one-track Matroska file that still grows, was torn off or is damaged (RFC 9559).

libavformat stops for good where a file ends, and passes over damage in silence. This reader goes on from where it
stopped, and says where it had to search for the next cluster. It walks the elements flat, without trusting the sizes
of those that contain others, so that a cluster of unknown size and a segment that was never finished are ordinary.

The recorder writes its last clusters anew when more has come (parley/recorder/matroska.py, `checkpoint`), so each read
begins with the last cluster that is still where it was, and passes over what it gave before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

CLUSTER = 0x1F43B675
_CLUSTER_BYTES = CLUSTER.to_bytes(4, "big")
_SEGMENT, _INFO, _BLOCK_GROUP = 0x18538067, 0x1549A966, 0xA0
_CONTAINERS = frozenset((_SEGMENT, _INFO, CLUSTER, _BLOCK_GROUP))
_SCALE, _TIMESTAMP, _SIMPLE_BLOCK, _BLOCK = 0x2AD7B1, 0xE7, 0xA3, 0xA1
_CHECKSUM = 0xBF
_SKIPPED = frozenset(
    (
        0x1A45DFA3, 0x114D9B74, 0x1654AE6B, 0x1C53BB6B, 0x1254C367, 0x1043A770, 0x1941A469,  # heads, cues, tags
        0xEC, 0xBF, 0xA7, 0xAB, 0x9B, 0xFB, 0xA2, 0x75A1, 0x75A2, 0xA4,  # void, checksum, what clusters and blocks add
        0x4489, 0x4461, 0x7BA9, 0x4D80, 0x5741, 0x73A4, 0x4DBB,  # the info's facts
    )
)  # fmt: skip
MAX_ELEMENT = 1 << 22
"""No element of an audio file is larger than 4 MiB: a size beyond it is damage."""
_READ = 1 << 20
_REMEMBERED = 4
"""Clusters that may be written anew: what the muxer holds back is seldom more than one."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded frame and its timestamp in seconds. after_damage: something before it couldn't be read.

    key: it says that it is a key frame.
    """

    at: float
    data: bytes
    after_damage: bool = False
    key: bool = False


class _Damaged(Exception):
    """What stands here is no element of Matroska."""


@dataclass(slots=True)
class _Cluster:
    """A cluster that was read: where it begins, its time, and the times of the packets that were given of it."""

    offset: int
    time: int | None = None
    given: set[int] = field(default_factory=set)


class GrowingFile:
    """The packets of one file, in as many reads as it takes.

    damaged: bytes were passed over since the last packet, so what follows is missing something.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = False
        self._offset = 0
        self._searching = False
        self._nanoseconds = 1_000_000
        self._cluster = 0
        self._clusters: deque[_Cluster] = deque(maxlen=_REMEMBERED)
        self._given: set[int] = set()
        self._doubted = self._doubt = -1
        """Where the last read, and this one, met damage that may be a cluster that is just being written anew."""

    def read(self, *, final: bool) -> Iterator[Packet]:
        """What was added since the last read. final: the file won't grow, so an element cut off by the end is damage.

        A file that can't be opened has no packets and is damaged.
        """
        try:
            with self.path.open("rb") as file:
                self._doubted, self._doubt = self._doubt, -1
                self._go_back(file)
                file.seek(self._offset)
                data = b""
                while (final or self._doubt < 0) and (more := file.read(_READ)):
                    data = data[self._consumed :] + more if data else more
                    yield from self._parse(data, final=final)
                rest = data[self._consumed :] if data else b""
        except FileNotFoundError:
            self.damaged = self.damaged or final
            return
        except OSError:
            self.damaged = True
            return
        while final and rest:
            self.damaged = self._searching = True
            yield from self._parse(rest[1:], final=True, end=True)
            self._offset += 1
            rest = rest[1 + self._consumed :]

    def _go_back(self, file: BinaryIO) -> None:
        """To the last cluster that is where it was."""
        while self._clusters:
            last = self._clusters[-1]
            self._given = set(last.given)
            file.seek(last.offset)
            if self._begins_alike(file.read(64), last):
                self._offset, self._searching, self.damaged = last.offset, False, False
                return
            if len(self._clusters) == 1:  # it is damaged too: what follows is searched from where the last read ended
                return
            self._clusters.pop()
            self._clusters[-1].given |= last.given  # they come again in the clusters behind it

    @staticmethod
    def _begins_alike(data: bytes, cluster: _Cluster) -> bool:
        try:
            head = _header(data, 0)
            first = _header(data, head[1]) if head is not None and head[0] == CLUSTER else None
            if first is not None and first[0] == _CHECKSUM:
                first = _header(data, first[1] + first[2])
        except _Damaged:
            return False
        if first is None or first[0] != _TIMESTAMP:
            return False
        return cluster.time in (None, int.from_bytes(data[first[1] : first[1] + first[2]], "big"))

    def _parse(self, data: bytes, *, final: bool, end: bool = False) -> Iterator[Packet]:
        """Packets of the whole elements at the start of data; leaves in _consumed how many bytes those took.

        end: nothing follows data.
        """
        here = 0
        self._consumed = 0
        while True:
            if self._searching:
                found = data.find(_CLUSTER_BYTES, here)
                if found < 0:
                    here = len(data) if end else max(here, len(data) - 3)
                    break
                self._searching = False
                here = found
            try:
                element = _header(data, here)
                if element is None:
                    break
                kind, body, size = element
                if kind in _CONTAINERS:
                    if kind == CLUSTER:
                        self._enter(self._offset - self._consumed + here)
                    here = body
                    continue
                if body + size > len(data):
                    break
                packet = self._element(kind, data[body : body + size])
            except _Damaged:
                place = self._offset - self._consumed + here
                if not final and self._clusters and place != self._doubted and self._doubt < 0:
                    self._doubt = place
                    break
                self._doubt = place
                self.damaged = self._searching = True
                here += 1
                continue
            here = body + size
            if packet is not None:
                self._advance(here)
                ticks = round(packet.at * 1e9 / self._nanoseconds)
                if self._clusters:
                    self._clusters[-1].given.add(ticks)
                if ticks in self._given:
                    continue
                self.damaged = False
                yield packet
        self._advance(here)

    def _enter(self, offset: int) -> None:
        """A cluster begins; the one that a read goes back to begins again."""
        if not self._clusters or self._clusters[-1].offset != offset:
            self._clusters.append(_Cluster(offset))

    def _advance(self, here: int) -> None:
        self._offset += here - self._consumed
        self._consumed = here

    _consumed = 0

    def _element(self, kind: int, body: bytes) -> Packet | None:
        if kind == _TIMESTAMP:
            self._cluster = int.from_bytes(body[:8], "big")
            if self._clusters and self._clusters[-1].time is None:
                self._clusters[-1].time = self._cluster
        elif kind == _SCALE:
            self._nanoseconds = int.from_bytes(body[:8], "big") or 1_000_000
        elif kind in (_SIMPLE_BLOCK, _BLOCK):
            if len(body) < 4 or not body[0] & 0x80 or body[3] & 0x06:  # one track, no lacing
                raise _Damaged
            ticks = self._cluster + int.from_bytes(body[1:3], "big", signed=True)
            key = kind == _SIMPLE_BLOCK and bool(body[3] & 0x80)
            return Packet(ticks * self._nanoseconds / 1e9, body[4:], self.damaged, key)
        return None


def _header(data: bytes, here: int) -> tuple[int, int, int] | None:
    """(id, where the body begins, its size) of the element at `here`; None when it isn't all there. Raises _Damaged."""
    if here >= len(data):
        return None
    length = 9 - data[here].bit_length()
    if length > 4:
        raise _Damaged
    if here + length >= len(data):
        return None
    kind = int.from_bytes(data[here : here + length], "big")
    here += length
    width = 9 - data[here].bit_length()
    if width > 8:
        raise _Damaged
    if here + width > len(data):
        return None
    size = int.from_bytes(data[here : here + width], "big") & ((1 << 7 * width) - 1)
    if kind in _CONTAINERS:
        return kind, here + width, size
    if kind not in _SKIPPED and kind not in (_SCALE, _TIMESTAMP, _SIMPLE_BLOCK, _BLOCK):
        raise _Damaged
    if size > MAX_ELEMENT:
        raise _Damaged
    return kind, here + width, size
