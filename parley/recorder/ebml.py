"""The few Matroska elements (RFC 8794, RFC 9559) that the recorder writes or reads itself."""

from __future__ import annotations

import struct
from collections.abc import Iterable

EBML, DOC_TYPE, DOC_VERSION, DOC_READ_VERSION = b"\x1a\x45\xdf\xa3", b"\x42\x82", b"\x42\x87", b"\x42\x85"
SEGMENT, INFO, TIMESTAMP_SCALE = b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66", b"\x2a\xd7\xb1"
TRACKS, TRACK, NUMBER, UID = b"\x16\x54\xae\x6b", b"\xae", b"\xd7", b"\x73\xc5"
TYPE, CODEC, PRIVATE = b"\x83", b"\x86", b"\x63\xa2"
AUDIO, RATE, CHANNELS = b"\xe1", b"\xb5", b"\x9f"
CLUSTER, TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = b"\x1f\x43\xb6\x75", b"\xe7", b"\xa3", b"\xa0", b"\xa1"

MAX_SPAN = 30_000
"""Milliseconds: a block's time against its cluster's has 16 bits and a sign."""

_KEY = 0x80


def element(identifier: bytes, content: bytes) -> bytes:
    """An element, its size in as few bytes as it takes."""
    width = 1
    while len(content) >= (1 << 7 * width) - 1:
        width += 1
    return identifier + ((1 << 7 * width) | len(content)).to_bytes(width, "big") + content


def number(identifier: bytes, value: int) -> bytes:
    """An unsigned integer's element."""
    return element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def clusters(blocks: Iterable[tuple[int, bool, bytes]]) -> bytes:
    """Clusters of track 1. blocks: (milliseconds, key frame, data), in order."""
    out: list[tuple[int, bytearray]] = []
    for at, key, data in blocks:
        if not out or at - out[-1][0] > MAX_SPAN:
            out.append((at, bytearray(number(TIMESTAMP, at))))
        base, content = out[-1]
        content += element(SIMPLE_BLOCK, b"\x81" + struct.pack(">hB", at - base, _KEY if key else 0) + data)
    return b"".join(element(CLUSTER, bytes(content)) for _, content in out)
