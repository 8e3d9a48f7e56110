"""Continues a counter of a few bits beyond its wrap: what is nearest to the last value is meant."""

from __future__ import annotations


class Unwrapper:
    """bits: width of the counter. `last` is the newest value given, None before the first."""

    __slots__ = ("_half", "_mask", "last")

    def __init__(self, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._half = 1 << (bits - 1)
        self.last: int | None = None

    def near(self, value: int) -> int:
        """The extended value, without remembering it. The first is given as it is."""
        if self.last is None:
            return value
        ahead = (value - self.last) & self._mask
        return self.last + (ahead if ahead < self._half else ahead - self._mask - 1)

    def unwrap(self, value: int) -> int:
        """The extended value, which the next one is measured against."""
        self.last = extended = self.near(value)
        return extended
