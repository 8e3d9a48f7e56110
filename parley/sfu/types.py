"""The SFU's own words for numbers and ids, and arithmetic on RTP's wrapping sequence numbers."""

from __future__ import annotations

from typing import NewType

Ssrc = NewType("Ssrc", int)
PayloadType = NewType("PayloadType", int)
SequenceNumber = NewType("SequenceNumber", int)
ParticipantId = NewType("ParticipantId", str)
ProducerId = NewType("ProducerId", str)
ConsumerId = NewType("ConsumerId", str)

MAX_PACKET_BYTES = 1500
"""Largest datagram that is read or sent; browsers stay below 1250."""


def seq_newer(seq: int, than: int) -> bool:
    """Whether a 16-bit sequence number comes after another, half the circle being the future (RFC 1982)."""
    return seq != than and ((seq - than) & 0xFFFF) < 0x8000


def seq_diff(seq: int, reference: int) -> int:
    """How far a 16-bit sequence number is ahead of another: -32768 to 32767."""
    return ((seq - reference + 0x8000) & 0xFFFF) - 0x8000
