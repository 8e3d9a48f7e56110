"""A request that can't be carried out, for a reason that its sender is told."""

from __future__ import annotations

from parley.signaling.schema.common import ErrorCode


class CommandError(Exception):
    """A request that can't be carried out; becomes an `error` answer."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
