"""Opus in RTP (RFC 7587): every packet's payload is one Opus packet (RFC 6716)."""

from __future__ import annotations

from parley.recorder.frame import Frame

MAX_BYTES = 63 * 1275 + 64
_SILK = (0.01, 0.02, 0.04, 0.06)
_CELT = (0.0025, 0.005, 0.01, 0.02)


def duration(packet: bytes) -> float:
    """Seconds of sound in an Opus packet (RFC 6716 section 3.1); 0 where the bytes are no such packet."""
    if not packet:
        return 0.0
    configuration = packet[0] >> 3
    if configuration < 12:
        frame = _SILK[configuration & 3]
    elif configuration < 16:
        frame = (0.01, 0.02)[configuration & 1]
    else:
        frame = _CELT[configuration & 3]
    code = packet[0] & 3
    if code < 3:
        return frame * (1 if code == 0 else 2)
    frames = packet[1] & 0x3F if len(packet) > 1 else 0
    seconds = frame * frames
    return seconds if 0 < seconds <= 0.1201 else 0.0


class OpusDepacketiser:
    """A packet is a frame, and any frame can be the first. Of discontinuous transmission (one or two bytes) too."""

    def begins(self, payload: bytes) -> bool:
        """Always."""
        return True

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """The packet as it came."""
        data = payloads[0]
        if len(payloads) != 1 or not 0 < len(data) <= MAX_BYTES or duration(data) == 0.0:
            return None
        return Frame(data, True)
