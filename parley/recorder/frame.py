"""What a depacketiser makes of a frame's packets, and what every depacketiser can do."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Frame(NamedTuple):
    """An encoded frame as the file takes it.

    width and height are 0 where the frame doesn't say. configuration: what the file's header must have been made with
    (parameter sets); a frame with another one, not empty, needs another file.
    """

    data: bytes
    keyframe: bool
    width: int = 0
    height: int = 0
    configuration: bytes = b""


class Depacketiser(Protocol):
    """A codec's payload format. Never raises: bytes that make no sense are no frame."""

    def begins(self, payload: bytes) -> bool:
        """Whether a frame can begin with this packet."""
        ...

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """The frame that these packets, all of it and in order, are; None where they are none."""
        ...
