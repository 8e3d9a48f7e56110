"""Reads the client-to-mixer audio level extension (RFC 6464)."""

from __future__ import annotations

SILENCE = 127
"""dB below full scale, as a positive number."""


def audio_level(byte: int) -> tuple[int, bool]:
    """Level (0 loud to 127 silent) and whether the sender took it for speech."""
    return byte & 0x7F, byte & 0x80 != 0
