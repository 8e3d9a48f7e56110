"""Command lines of the measurements: what makes no sense is said in one line, with exit status 2."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An ArgumentParser without the usage text in front of an error."""

    def error(self, message: str) -> NoReturn:
        """One line, status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A type for whole numbers within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {lowest} to {highest}")
        return int(text)

    return read


def number(lowest: float, highest: float) -> Callable[[str], float]:
    """A type for numbers within bounds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {lowest:g} to {highest:g}")
        return value

    return read


def numbers(lowest: float, highest: float) -> Callable[[str], list[float]]:
    """A type for numbers within bounds, with commas between them."""
    one = number(lowest, highest)
    return lambda text: [one(part) for part in text.split(",")]


def fail(program: str, message: str) -> NoReturn:
    """The measurement didn't come about: one line, status 1."""
    sys.stderr.write(f"{program}: {message}\n")
    raise SystemExit(1)
