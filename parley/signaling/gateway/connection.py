"""One WebSocket: typed messages in, bytes out through a bounded queue with one writer.

What a client sends is bounded, counted and decoded here; what can't be used is answered here. A client that doesn't
read what we send is disconnected (it may come back and resume), so that it costs no memory.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque

from aiohttp import WSCloseCode, WSMsgType, web

from parley.signaling.gateway import wire
from parley.signaling.gateway.addresses import Source
from parley.signaling.gateway.traffic import Traffic
from parley.signaling.rooms.session import encode
from parley.signaling.schema.client import CLIENT_DECODER, AnyClientMessage
from parley.signaling.schema.common import MAX_MESSAGE_BYTES, ErrorCode
from parley.signaling.schema.server import Closing, Error

log = logging.getLogger(__name__)

MAX_FRAME_BYTES = 4 * MAX_MESSAGE_BYTES
"""What aiohttp reads at most: some over our own limit, so that we can say what was wrong before closing."""

SLOW_BYTES = 1_000_000
SLOW_SECONDS = 5.0
"""A client is too slow when SLOW_BYTES wait for it and it took nothing for SLOW_SECONDS."""

MAX_QUEUED_BYTES = 32_000_000
"""More than one whole state of a room with all its chat; never waits longer than this allows."""

GOODBYE_SECONDS = 2.0
"""For what is queued, and for the closing handshake, before the socket is cut."""


class Connection:
    """See the module. `connection_id` is unique over all gateways. transport: the TCP connection beneath the socket."""

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, source: Source, now: float
    ) -> None:
        self.connection_id = secrets.token_urlsafe(15)
        self.source = source
        self._socket = socket
        self._transport = transport
        self._traffic = Traffic(now)
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._last_taken = now
        self._close_code: int | None = None

    @property
    def closing(self) -> bool:
        """Whether it is closed, or will be once the queue is out."""
        return self._close_code is not None

    # --- out --------------------------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        """Queue one JSON message. Nothing happens once the connection is closing."""
        if self.closing:
            return
        now = time.monotonic()
        if not self._queue:
            self._last_taken = now
        self._queue.append(payload)
        self._queued_bytes += len(payload)
        stuck = self._queued_bytes > SLOW_BYTES and now - self._last_taken > SLOW_SECONDS
        if stuck or (self._queued_bytes > MAX_QUEUED_BYTES and len(self._queue) > 1):
            log.info("client reads too slowly", extra={"connection_id": self.connection_id})
            self._queue.clear()
            self.close(WSCloseCode.TRY_AGAIN_LATER)
        self._wake.set()

    def error(self, re: int, code: ErrorCode, message: str) -> None:
        """Answer a request with an error."""
        self.send(encode(Error(re=re, code=code, message=message)))

    def close(self, code: int = WSCloseCode.OK) -> None:
        """Close once what is queued is out. The first call counts."""
        if self._close_code is None:
            self._close_code = code
        self._wake.set()

    def refuse(self, re: int, code: ErrorCode, message: str) -> None:
        """Answer with an error that ends the connection."""
        self.error(re, code, message)
        self.close(WSCloseCode.POLICY_VIOLATION)

    def go_away(self, code: ErrorCode, message: str, *, reconnect: bool, close_code: int = WSCloseCode.OK) -> None:
        """Say `closing`, and close."""
        self.send(encode(Closing(code=code, message=message, reconnect=reconnect)))
        self.close(close_code)

    async def write(self) -> None:
        """Send what is queued until the connection is to be closed, then close it. Run by the one writer task."""
        deadline: float | None = None
        try:
            while True:
                while self._queue:
                    payload = self._queue.popleft()
                    self._queued_bytes -= len(payload)
                    if self.closing and deadline is None:
                        deadline = time.monotonic() + GOODBYE_SECONDS
                    timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
                    async with asyncio.timeout(timeout):
                        await self._send_or_closing(payload)
                    self._last_taken = time.monotonic()
                if self._close_code is not None:
                    break
                self._wake.clear()
                await self._wake.wait()
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._socket.close(code=self._close_code)
        except (TimeoutError, OSError, RuntimeError):
            self._cut()

    async def _send_or_closing(self, payload: bytes) -> None:
        """Send, but give a send that the client blocks no longer than a goodbye once the connection is closing."""
        sending = asyncio.ensure_future(self._socket.send_frame(payload, WSMsgType.TEXT))
        try:
            while not sending.done():
                self._wake.clear()
                woken = asyncio.ensure_future(self._wake.wait())
                try:
                    await asyncio.wait({sending, woken}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    woken.cancel()
                if not sending.done() and self.closing:
                    async with asyncio.timeout(GOODBYE_SECONDS):
                        await asyncio.shield(sending)
            await sending
        finally:
            sending.cancel()

    def _cut(self) -> None:
        """End the TCP connection without waiting for anybody."""
        self.close()
        if self._transport is not None:
            self._transport.abort()

    # --- in ---------------------------------------------------------------------------------------------------------

    async def receive(self) -> AnyClientMessage | None:
        """The next message that may be acted on; None when the connection is over. Refused ones are answered here."""
        while not self.closing:
            frame = await self._socket.receive()
            if frame.type is WSMsgType.TEXT:
                message = self._accept(frame.data)
                if message is not None:
                    return message
            elif frame.type is WSMsgType.BINARY:
                self._reject(-1, ErrorCode.BAD_MESSAGE, "Send text frames: binary ones are not understood.")
            else:
                return None  # closed, or so broken that aiohttp closed it (RFC 6455, 7.4.1)
        return None

    def _accept(self, text: str) -> AnyClientMessage | None:
        now = time.monotonic()
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > MAX_MESSAGE_BYTES:
            self.error(-1, ErrorCode.TOO_LARGE, f"The message is larger than {MAX_MESSAGE_BYTES} bytes.")
            self.close(WSCloseCode.MESSAGE_TOO_BIG)
            return None
        if not self._traffic.allows_bytes(len(data), now):
            self._reject(wire.request_id(data), ErrorCode.RATE_LIMITED, "Too much at once. Slow down.")
            return None
        try:
            message = wire.decode(CLIENT_DECODER, data)
        except wire.BadJsonError as bad:
            self._reject(wire.request_id(data), ErrorCode.BAD_MESSAGE, str(bad))
            return None
        if not self._traffic.allows(type(message), now):
            self._reject(getattr(message, "id", -1), ErrorCode.RATE_LIMITED, "Too many messages. Slow down.")
            return None
        return message

    def _reject(self, re: int, code: ErrorCode, text: str) -> None:
        self.error(re, code, text)
        if not self._traffic.tolerates(time.monotonic()):
            words = "Too many messages that can't be accepted."
            self.go_away(ErrorCode.RATE_LIMITED, words, reconnect=False, close_code=WSCloseCode.POLICY_VIOLATION)
