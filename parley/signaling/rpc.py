"""The RPC between gateway and media node: typed messages over one stream, in order, bounded on every side.

A gateway connects to a node over a Unix socket (one machine) or TCP (several); rpc_stream.py has the frames and the
handshake. The gateway asks or notifies; the node answers and notifies on the same stream, so that an answer arrives
after all that was sent before it. A peer that stops reading is dropped, never buffered for ever. The stream is neither
encrypted nor signed after the handshake: between machines it belongs on a private network.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from parley.signaling.node_messages import GatewayMessage, NodeMessage
from parley.signaling.rpc_stream import UNREADABLE, Stream, check_introduction, introduce
from parley.signaling.rpc_stream import HandshakeError as HandshakeError
from parley.signaling.rpc_stream import LinkLostError as LinkLostError
from parley.signaling.rpc_stream import RequestFailedError as RequestFailedError
from parley.signaling.rpc_stream import RpcError as RpcError
from parley.signaling.tasks import Tasks

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 5.0
MAX_UNPROVEN = 32
"""Connections that may be in their handshake at a time."""

FRAMES_PER_TURN = 64
"""Frames handled before other work of the event loop gets its turn."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Answer: the request was not carried out."""

    code: str
    text: str


class GatewayFrame(msgspec.Struct, frozen=True, array_like=True):
    """From gateway to node. `request_id` is 0 for a notification."""

    request_id: int
    body: GatewayMessage


class NodeFrame(msgspec.Struct, frozen=True, array_like=True):
    """From node to gateway. `request_id` is that of the request answered, 0 for a notification."""

    request_id: int
    body: NodeMessage | Failed


Answer = NodeMessage | Failed


def _without_prose(schema: Any) -> Any:
    """A JSON schema without its descriptions: a better docstring is no other version."""
    if isinstance(schema, dict):
        return {
            key: _without_prose(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [_without_prose(item) for item in schema] if isinstance(schema, list) else schema


def _messages_version() -> str:
    """A name for the message types themselves, so that nobody has to remember to raise a number."""
    schemas, definitions = msgspec.json.schema_components([GatewayMessage, Answer])
    shape = msgspec.json.encode(_without_prose([list(schemas), definitions]), order="deterministic")
    return hashlib.sha256(shape).hexdigest()[:16]


VERSION = _messages_version()


Incoming = TypeVar("Incoming")


class _Link(Generic[Incoming]):
    """A connection after its handshake, from either side."""

    def __init__(self, stream: Stream, incoming: type[Incoming]) -> None:
        self._stream = stream
        self._decoder: msgspec.msgpack.Decoder[Incoming] = msgspec.msgpack.Decoder(incoming)

    async def _frames(self) -> AsyncIterator[Incoming]:
        """What arrives until the connection ends. Raises RpcError when the peer sends what isn't ours."""
        handled = 0
        while True:
            try:
                body = await self._stream.read()
            except LinkLostError:
                return
            try:
                frame = self._decoder.decode(body)
            except UNREADABLE as bad:
                raise RpcError(f"the peer sent what is no message of ours: {bad}") from None
            yield frame
            handled += 1
            if handled % FRAMES_PER_TURN == 0:
                await asyncio.sleep(0)  # reading what is buffered already never yields by itself

    def abort(self) -> None:
        """Close at once."""
        self._stream.abort()


# --- the gateway's side -----------------------------------------------------------------------------------------------


class NodeLink(_Link[NodeFrame]):
    """A gateway's connection to one node; `connect` makes it, `run` reads it until it is lost."""

    def __init__(self, stream: Stream, node_id: str) -> None:
        super().__init__(stream, NodeFrame)
        self.node_id = node_id
        self.lost = False
        self._last_request = 0
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    async def run(self, on_message: Callable[[NodeMessage], None]) -> None:
        """Hand answers to those who asked and notifications to `on_message`, in order, until the link is lost. An error
        in `on_message` is logged and harms no other message."""
        try:
            async for frame in self._frames():
                if frame.request_id:
                    waiting = self._waiting.pop(frame.request_id, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(frame.body)
                elif not isinstance(frame.body, Failed):
                    try:
                        on_message(frame.body)
                    except Exception:
                        log.exception("notification failed", extra={"kind": type(frame.body)})
        except RpcError as failure:
            log.warning("rpc link to node %s: %s", self.node_id, failure)
        finally:
            self.lost = True
            self.abort()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkLostError(f"the connection to node {self.node_id} is lost"))
            self._waiting.clear()

    def notify(self, message: GatewayMessage) -> None:
        """Send without an answer. Raises LinkLostError, RpcError when it is too large."""
        self._stream.write(GatewayFrame(0, message))

    async def request(self, message: GatewayMessage, timeout: float = 5.0) -> NodeMessage:
        """Ask and wait (seconds). Raises LinkLostError, RequestFailedError, TimeoutError."""
        if self.lost:
            raise LinkLostError(f"the connection to node {self.node_id} is lost")
        self._last_request += 1
        request_id = self._last_request
        self._stream.write(GatewayFrame(request_id, message))
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        try:
            answer = await asyncio.wait_for(future, timeout)
        finally:
            self._waiting.pop(request_id, None)
        if isinstance(answer, Failed):
            raise RequestFailedError(answer.code, answer.text)
        return answer


def is_unix(address: str) -> bool:
    """Whether an address is a path; else it is host:port."""
    return address.startswith("/")


def split_host_port(address: str) -> tuple[str, int]:
    """ "host:port" or "[v6]:port". Raises ValueError with a plain sentence."""
    host, separator, port = address.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65_535:
        raise ValueError(f"{address!r} is neither a path nor host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def connect(address: str, secret: bytes, timeout: float = HANDSHAKE_SECONDS) -> NodeLink:
    """Connect to a node and prove ourselves (seconds for all of it).

    Raises OSError when nobody listens, TimeoutError, HandshakeError when it isn't a node of ours.
    """
    async with asyncio.timeout(timeout):
        if is_unix(address):
            reader, writer = await asyncio.open_unix_connection(address)
        else:
            reader, writer = await asyncio.open_connection(*split_host_port(address))
        stream = Stream(reader, writer)
        try:
            return NodeLink(stream, await introduce(stream, secret, VERSION))
        except BaseException:
            stream.abort()
            raise


# --- the node's side --------------------------------------------------------------------------------------------------


class GatewayLink(_Link[GatewayFrame]):
    """A node's connection to one gateway."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, GatewayFrame)

    def notify(self, message: NodeMessage) -> None:
        """Send soon. A gateway that is gone, or was dropped, is noticed by the reader, so nothing is raised here."""
        self.answer(0, message)

    def answer(self, request_id: int, message: Answer) -> None:
        """Answer a request; as `notify`."""
        try:
            self._stream.write(NodeFrame(request_id, message))
        except LinkLostError:
            pass
        except RpcError as failure:
            log.error("message to gateway dropped: %s", failure, extra={"kind": type(message)})


class Service(Protocol):
    """What a node does with its gateways' messages."""

    def linked(self, link: GatewayLink) -> None:
        """A gateway has connected."""

    def handle(self, link: GatewayLink, message: GatewayMessage) -> Answer | Awaitable[Answer] | None:
        """A message arrived. What is returned answers it if it was a request; an awaitable is answered when it is done,
        everything else before the next message is handled."""

    def unlinked(self, link: GatewayLink) -> None:
        """The gateway is gone."""


class RpcServer:
    """Accepts gateways for a node."""

    def __init__(self, node_id: str, secret: bytes, service: Service) -> None:
        self._node_id = node_id
        self._secret = secret
        self._service = service
        self._server: asyncio.Server | None = None
        self._tasks = Tasks()
        self._unproven = 0

    async def listen(self, address: str) -> str:
        """Listen on a path or host:port; returns the address with the real port. Raises OSError, ValueError."""
        if is_unix(address):
            self._server = await asyncio.start_unix_server(self._accept, address)
            await asyncio.to_thread(os.chmod, address, 0o600)
            return address
        host, port = split_host_port(address)
        self._server = await asyncio.start_server(self._accept, host, port)
        port = self._server.sockets[0].getsockname()[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening and drop every gateway; what was written to them before is sent first."""
        if self._server is not None:
            self._server.close()
        await self._tasks.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream(reader, writer)
        if self._unproven >= MAX_UNPROVEN:
            stream.abort()
            return
        self._unproven += 1
        self._tasks.spawn(self._serve(stream), "rpc-gateway")

    async def _serve(self, stream: Stream) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await check_introduction(stream, self._secret, VERSION, self._node_id)
        except (RpcError, TimeoutError) as failure:
            log.warning("refused an rpc connection: %s", failure if str(failure) else "it said nothing")
            await stream.flush_and_close()
            return
        except BaseException:
            stream.abort()
            raise
        finally:
            self._unproven -= 1
        await self._serve_gateway(stream)

    async def _serve_gateway(self, stream: Stream) -> None:
        link = GatewayLink(stream)
        self._service.linked(link)
        try:
            await self._read(link)
        except RpcError as failure:
            log.warning("rpc link to a gateway: %s", failure)
            link.abort()
        finally:
            self._service.unlinked(link)
            await stream.flush_and_close()

    async def _read(self, link: GatewayLink) -> None:
        async for frame in link._frames():
            try:
                result = self._service.handle(link, frame.body)
            except Exception:
                log.exception("rpc message failed", extra={"kind": type(frame.body)})
                result = Failed("internal", "Something went wrong on the media node.")
            if isinstance(result, Awaitable):
                self._tasks.spawn(self._answer_later(link, frame.request_id, result), "rpc-answer")
            elif frame.request_id and result is not None:
                link.answer(frame.request_id, result)

    async def _answer_later(self, link: GatewayLink, request_id: int, result: Awaitable[Answer]) -> None:
        try:
            answer = await result
        except Exception:
            log.exception("rpc request failed")
            answer = Failed("internal", "Something went wrong on the media node.")
        if request_id:
            link.answer(request_id, answer)
