"""Tells key frames by their first packet's payload, and asks publishers for them, not too often."""

from __future__ import annotations

from parley.sfu.vp8 import parse_vp8

Buffer = bytes | bytearray | memoryview


def is_keyframe(codec: str, buf: Buffer, offset: int, length: int) -> bool:
    """Whether the payload at `buf[offset:offset + length]` starts a key frame.

    codec: "VP8" (RFC 7741), "VP9" (RFC 9628), "H264" (RFC 6184) or "AV1" (AV1 RTP payload, section 4.4). For other
    codecs every packet can be started from.
    """
    if length < 1:
        return False
    if codec == "VP8":
        descriptor = parse_vp8(buf, offset, length)
        return descriptor is not None and descriptor.keyframe
    if codec == "VP9":
        # B set, P clear: start of a frame that predicts from nothing
        return buf[offset] & 0x48 == 0x08
    if codec == "H264":
        return _h264_keyframe(buf, offset, length)
    if codec == "AV1":
        # N: first packet of a coded video sequence
        return buf[offset] & 0x08 != 0
    return True


def _h264_keyframe(buf: Buffer, offset: int, length: int) -> bool:
    nal = buf[offset] & 0x1F
    if nal in (5, 7):
        return True
    end = offset + length
    if nal == 24:  # STAP-A
        position = offset + 1
        while position + 2 < end:
            size = (buf[position] << 8) | buf[position + 1]
            if buf[position + 2] & 0x1F in (5, 7):
                return True
            position += 2 + size
        return False
    # FU-A: the start of a fragmented IDR slice or parameter set
    return nal == 28 and length > 1 and buf[offset + 1] & 0x80 != 0 and buf[offset + 1] & 0x1F in (5, 7)


class KeyFrameRequester:
    """Throttles key frame requests for one SSRC.

    A request is sent at once, then not again for `interval` seconds; while nobody got the key frame it is repeated up
    to `max_tries` times. Times in seconds.
    """

    __slots__ = ("_last_sent", "_tries", "interval", "max_tries", "sent", "wanted")

    def __init__(self, interval: float = 0.5, max_tries: int = 10) -> None:
        self.interval = interval
        self.max_tries = max_tries
        self.sent = 0
        self.wanted = False
        self._tries = 0
        self._last_sent = float("-inf")

    def want(self, now: float) -> bool:
        """Somebody needs a key frame; True when the request is to be sent now."""
        self.wanted = True
        self._tries = 0
        return self.due(now)

    def due(self, now: float) -> bool:
        """Whether a request is to be sent now: to be asked on every tick."""
        if not self.wanted or now - self._last_sent < self.interval:
            return False
        if self._tries >= self.max_tries:
            self.wanted = False
            return False
        self._tries += 1
        self._last_sent = now
        self.sent += 1
        return True

    def arrived(self) -> None:
        """A key frame came."""
        self.wanted = False
