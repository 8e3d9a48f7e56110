"""One connection from a media node to a recorder: bytes out while the socket takes them, messages in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from parley.recorder.messages import FrameReader, FromRecorder, ProtocolError, decode_from_recorder

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
"""What may wait in the transport: it would be lost with the recorder."""


class Link(asyncio.Protocol):
    """One connection to a recorder. writable: whether the socket takes more."""

    def __init__(self, on_writable: Callable[[], None], on_message: Callable[[FromRecorder], None]) -> None:
        self.writable = True
        self.lost = asyncio.Event()
        self._frames = FrameReader()
        self._on_writable = on_writable
        self._on_message = on_message
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in deed, not in name
        self._transport.set_write_buffer_limits(high=CHUNK_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.writable = False
        self.lost.set()

    def pause_writing(self) -> None:
        """Called by the loop."""
        self.writable = False

    def resume_writing(self) -> None:
        """Called by the loop."""
        self.writable = True
        self._on_writable()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            for _, _, _, body in self._frames.feed(data):
                self._on_message(decode_from_recorder(body))
        except ProtocolError as error:
            log.error("the recorder makes no sense: %s", error)
            self.close()

    def write(self, data: bytes) -> None:
        """Send soon."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def finish(self) -> None:
        """Nothing more will be written; what was, still arrives."""
        self.writable = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def close(self) -> None:
        """Let go; what was written still goes out."""
        if self._transport is not None:
            self._transport.close()
