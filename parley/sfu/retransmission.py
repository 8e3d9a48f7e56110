"""Keeps the last packets of one stream, so that whoever missed one can have it again (RFC 4588)."""

from __future__ import annotations


class RetransmissionBuffer:
    """A ring of packets by sequence number.

    size: how many packets; a power of two. max_age: seconds after which a packet is of no use to anybody.
    """

    __slots__ = ("_mask", "_packets", "_seqs", "_times", "max_age")

    def __init__(self, size: int = 512, max_age: float = 2.0) -> None:
        if size < 1 or size & (size - 1):
            raise ValueError("size must be a power of two")
        self._mask = size - 1
        self._seqs = [-1] * size
        self._packets: list[bytes] = [b""] * size
        self._times = [0.0] * size
        self.max_age = max_age

    @property
    def size(self) -> int:
        """How many packets there is room for."""
        return self._mask + 1

    def store(self, seq: int, packet: bytes, now: float) -> None:
        """Keep a packet; the one that was `size` numbers before it is forgotten."""
        index = seq & self._mask
        self._seqs[index] = seq
        self._packets[index] = packet
        self._times[index] = now

    def get(self, seq: int, now: float) -> bytes | None:
        """The packet with this number, or None when it never came, is overwritten or too old."""
        index = seq & self._mask
        if self._seqs[index] != seq or now - self._times[index] > self.max_age:
            return None
        return self._packets[index]

    def clear(self) -> None:
        """Forget everything."""
        for index in range(len(self._seqs)):
            self._seqs[index] = -1
            self._packets[index] = b""
