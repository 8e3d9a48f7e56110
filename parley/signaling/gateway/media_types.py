"""What a file is, by its bytes: neither its name nor what the sender calls it is believed.

Only what browsers show and people send is told apart; everything else is application/octet-stream. HTML and SVG are
text here and nothing more, so that nothing somebody sends is ever run.
"""

from __future__ import annotations

import codecs

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

HEAD_BYTES = 128
"""So much of a file says what it is."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"OggS\x00", "application/ogg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_MP4_BRANDS = (b"isom", b"iso", b"mp4", b"avc1", b"M4V", b"M4A", b"dash", b"MSNV")
"""Major brands of ISO base media files that are MP4 (ISO/IEC 14496-12, 4.3); others are pictures or QuickTime."""

_EBML = b"\x1a\x45\xdf\xa3"
_WEBM = b"\x42\x82\x84webm"
"""The DocType element with its value (RFC 8794, 11.2.6): without it, it is some other Matroska."""

_NOT_TEXT = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b") | {0x7F}


def media_type_of_start(head: bytes) -> str:
    """What the first HEAD_BYTES of a file say it is."""
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp" and head[8:12].startswith(_MP4_BRANDS):
        return "video/mp4"
    if head.startswith(_EBML) and _WEBM in head:
        return "video/webm"
    return UNKNOWN


class MediaTypeFinder:
    """Looks at a file's bytes as they come."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    def feed(self, data: bytes | bytearray) -> None:
        """The next bytes."""
        if len(self._head) < HEAD_BYTES:
            self._head += bytes(data[: HEAD_BYTES - len(self._head)])
        if self._is_text:
            self._is_text = self._decodes(data, final=False)

    def _decodes(self, data: bytes | bytearray, *, final: bool) -> bool:
        try:
            self._decoder.decode(data, final)
        except UnicodeDecodeError:
            return False
        return len(data.translate(None, bytes(_NOT_TEXT))) == len(data)

    def found(self) -> str:
        """What it is, now that all of it has come."""
        media_type = media_type_of_start(self._head)
        if media_type == UNKNOWN and self._head and self._is_text and self._decodes(b"", final=True):
            return TEXT
        return media_type
