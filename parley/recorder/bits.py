"""Reads single bits and the variable-length codes of video headers."""

from __future__ import annotations


class BitsError(ValueError):
    """The bytes end before the value does, or the value is absurd."""


class BitReader:
    """Bits of some bytes, most significant first. Raises BitsError at the end."""

    __slots__ = ("_end", "_position", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._end = 8 * len(data)
        self._position = 0

    def read(self, bits: int) -> int:
        """An unsigned number of so many bits, f(n)."""
        self._position += bits
        left = self._end - self._position
        if left < 0:
            raise BitsError("the header is cut")
        return (self._value >> left) & ((1 << bits) - 1)

    def skip(self, bits: int) -> None:
        """Pass over bits."""
        self.read(bits)

    def leading_zeros(self) -> int:
        """Zeros up to and with the next 1, the zeros counted; at most 32."""
        zeros = 0
        while self.read(1) == 0:
            zeros += 1
            if zeros > 32:
                raise BitsError("an absurd Exp-Golomb code")
        return zeros

    def ue(self) -> int:
        """An unsigned Exp-Golomb code (ITU-T H.264 section 9.1); AV1's uvlc() is the same."""
        zeros = self.leading_zeros()
        return (1 << zeros) - 1 + self.read(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb code (ITU-T H.264 section 9.1.1)."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def leb128(data: bytes, position: int) -> tuple[int, int]:
    """The value at `position` and where it ends (AV1 section 4.10.5). Raises BitsError."""
    value = 0
    for index in range(8):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, position
    raise BitsError("the length is cut or absurd")


def to_leb128(value: int) -> bytes:
    """The shortest form."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
