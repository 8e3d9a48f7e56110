"""Finds when a Matroska file ends without reading it from the start: a file that was torn off has no duration.

Walks the last clusters (RFC 9559 section 5.1.3) for the newest block. Knows only what the recorder's own files have.
"""

from __future__ import annotations

from pathlib import Path

from parley.recorder.ebml import BLOCK, BLOCK_GROUP, CLUSTER, SIMPLE_BLOCK, TIMESTAMP

MAX_TAIL = 16 * 1024 * 1024
"""Bytes at the end that are looked at: more than the largest cluster and the index behind it."""


def last_timestamp(path: Path) -> float | None:
    """Seconds at which the file's last block begins; None where the file has none or can't be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MAX_TAIL))
            data = file.read(MAX_TAIL)
    except OSError:
        return None
    end = len(data)
    while (start := data.rfind(CLUSTER, 0, end)) >= 0:
        newest = _newest(data, start + len(CLUSTER))
        if newest is not None:
            return newest / 1000
        end = start
    return None


def _newest(data: bytes, position: int) -> int | None:
    """Milliseconds of the newest block of the cluster whose size is at `position`."""
    size, position = _size(data, position)
    if size is None:
        return None
    end = min(len(data), position + size)
    base: int | None = None
    newest: int | None = None
    while position < end:
        identifier = data[position : position + 1]
        if identifier < b"\x80":  # an element of another level, or torn bytes
            break
        length, content = _size(data, position + 1)
        if length is None or content + length > len(data):
            break
        if identifier == TIMESTAMP:
            base = int.from_bytes(data[content : content + length], "big")
        elif identifier == BLOCK_GROUP:
            position = content  # its block comes first
            continue
        elif identifier in (SIMPLE_BLOCK, BLOCK) and base is not None and length > 4:
            relative = int.from_bytes(data[content + 1 : content + 3], "big", signed=True)
            newest = max(newest or 0, base + relative)
        position = content + length
    return newest


def _size(data: bytes, position: int) -> tuple[int | None, int]:
    """An element's size (RFC 8794 section 4) and where its content begins; None for no size."""
    if position >= len(data) or data[position] == 0:
        return None, position
    width = 9 - data[position].bit_length()
    if position + width > len(data):
        return None, position
    value = int.from_bytes(data[position : position + width], "big") & ((1 << 7 * width) - 1)
    return value, position + width
