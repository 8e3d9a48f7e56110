"""The recorder's process: one Unix socket, one connection per recording, one thread for the disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from parley.recorder.disk import RESERVE_BYTES, Disk
from parley.recorder.existing import RefusedError, prepare
from parley.recorder.messages import (
    PACKET,
    FrameReader,
    FromRecorder,
    Leaving,
    Open,
    ProtocolError,
    Refused,
    decode_to_recorder,
    encode,
)
from parley.recorder.session import Session

log = logging.getLogger(__name__)

LEAVE_SECONDS = 1.0
"""How long nodes may take to end their side when the recorder is being stopped."""

TAKE_OVER_SECONDS = 0.5
"""How long what a node still said on its old connection is waited for, when it or another one comes anew."""

OPEN_SECONDS = 5.0
"""A connection that says nothing for so long is closed."""


class RecorderServer:
    """See the module. root: the directory that recordings are made in, created where it is missing.

    reserve: bytes left free on its disk.
    """

    def __init__(self, path: Path, root: Path, reserve: int = RESERVE_BYTES) -> None:
        self.path = path
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.disk = Disk(root, reserve)
        self.executor = ThreadPoolExecutor(4, thread_name_prefix="recorder-open")
        self.recordings: dict[str, Connection] = {}
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError."""
        self.path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: Connection(self), str(self.path))
        self.path.chmod(0o600)

    async def stop(self) -> None:
        """Write and close everything; recordings stay open for the next recorder."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                while self.connections:  # noqa: ASYNC110 - a stopping process may look
                    await asyncio.sleep(0.01)
        for connection in tuple(self.connections):
            connection.end()
        await self.settle()
        await asyncio.get_running_loop().run_in_executor(self.executor, self.disk.stop)
        self.executor.shutdown(wait=False)
        self.path.unlink(missing_ok=True)

    async def settle(self) -> None:
        """Everything that was ordered so far is on the disk."""
        await asyncio.get_running_loop().run_in_executor(self.executor, self.disk.settle)


class Connection(asyncio.Protocol):
    """One media node's connection for one recording."""

    def __init__(self, server: RecorderServer) -> None:
        self._server = server
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._recording = ""
        self._waiting: list[tuple[int, int, float, bytes]] = []
        """Frames that came behind Open while the directory is being prepared."""
        self._task: asyncio.Task[None] | None = None
        self._timeout: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in deed, not in name
        self._server.connections.add(self)
        self._timeout = asyncio.get_running_loop().call_later(OPEN_SECONDS, self.end)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.end()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            for frame in self._frames.feed(data):
                if self._session is None:
                    self._before_open(frame)
                else:
                    self._frame(self._session, frame)
        except ProtocolError as error:
            self._refuse(str(error))

    def eof_received(self) -> None:
        """Called by the loop: the node has said all it had to."""
        self.end()

    def leave(self) -> None:
        """Ask the node to say no more."""
        if self._session is None:
            self.end()
        else:
            self._reply(Leaving())

    def end(self) -> None:
        """Close the connection and what it wrote to."""
        self.ended.set()
        if self._timeout is not None:
            self._timeout.cancel()
        if self._session is not None:
            self._session.interrupted()
        elif self._task is not None:
            self._task.cancel()
        if self._server.recordings.get(self._recording) is self:
            del self._server.recordings[self._recording]
        self._server.connections.discard(self)
        if self._transport is not None:
            self._transport.close()

    def _before_open(self, frame: tuple[int, int, float, bytes]) -> None:
        if self._task is not None:
            self._waiting.append(frame)
            return
        kind, _, _, body = frame
        if kind == PACKET:
            raise ProtocolError("a packet before Open")
        opening = decode_to_recorder(body)
        if not isinstance(opening, Open):
            raise ProtocolError("the first message must be Open")
        assert self._transport is not None
        assert self._timeout is not None
        self._timeout.cancel()
        self._transport.pause_reading()
        self._task = asyncio.get_running_loop().create_task(self._open(opening))

    async def _open(self, opening: Open) -> None:
        """Take the recording over from a connection that its node has given up, and prepare the directory."""
        server, loop = self._server, asyncio.get_running_loop()
        recording = opening.head.recording
        before = server.recordings.get(recording)
        if before is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TAKE_OVER_SECONDS):
                    await before.ended.wait()
            before.end()
        self._recording = recording
        server.recordings[recording] = self
        try:
            await server.settle()
            existing = await loop.run_in_executor(server.executor, prepare, server.root, opening.head)
        except RefusedError as error:
            self._refuse(str(error))
            return
        except Exception:
            log.exception("a recording can't be opened")
            self._refuse("the recorder failed")
            return
        if server.recordings.get(recording) is not self:
            return
        self._session = session = Session(existing, server.disk, opening.at, self._reply)
        log.info("recording, segment %d", session.segment)
        try:
            for frame in self._waiting:
                self._frame(session, frame)
        except ProtocolError as error:
            self._refuse(str(error))
            return
        self._waiting.clear()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _frame(self, session: Session, frame: tuple[int, int, float, bytes]) -> None:
        kind, number, at, body = frame
        if kind == PACKET:
            session.packet(number, at, body)
            return
        session.handle(decode_to_recorder(body))
        if session.stopped and self._recording:
            self._task = asyncio.get_running_loop().create_task(self._finish(session))

    async def _finish(self, session: Session) -> None:
        await self._server.settle()
        session.finished()
        self.end()

    def _reply(self, message: FromRecorder) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode(message))

    def _refuse(self, text: str) -> None:
        log.error("a recording is refused: %s", text)
        self._reply(Refused(text))
        self.end()


async def run(path: Path, root: Path, reserve: int = RESERVE_BYTES, ready: asyncio.Event | None = None) -> None:
    """Record until cancelled; then everything is written and closed. Raises OSError when it can't listen."""
    server = RecorderServer(path, root, reserve)
    try:
        await server.start()
        if ready is not None:
            ready.set()
        await asyncio.get_running_loop().create_future()
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(server.stop())
