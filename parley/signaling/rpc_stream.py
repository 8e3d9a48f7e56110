"""One connection between gateway and media node: length-prefixed frames, and the handshake that comes before them.

Frame: length of the rest (4 bytes, big-endian), then MessagePack. Handshake: the node sends a nonce, the gateway
answers with its own and a proof (HMAC-SHA-256 under the shared secret) over both, the node accepts with a proof of its
own over both and its name. Proofs name their side, so that neither can be sent back as the other. Both also name the
version of the message types. Nothing but these three short frames is exchanged before both have proven themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
import struct

import msgspec

log = logging.getLogger(__name__)

MAX_FRAME_BYTES = 24 * 1024 * 1024
"""A room reopened with a thousand long chat lines in four-byte letters comes to 16 MB."""

MAX_UNSENT_BYTES = 64 * 1024 * 1024
"""What may wait for a peer that doesn't read before it is dropped."""

MAX_HANDSHAKE_BYTES = 1024

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises on bytes that are no message: bad UTF-8 and endless nesting have errors of their own."""

_LENGTH = struct.Struct(">I")
_NONCE_BYTES = 32


class RpcError(Exception):
    """Something between gateway and node failed; the text says what."""


class HandshakeError(RpcError):
    """The other side doesn't know the secret, speaks other message types, or isn't Parley."""


class LinkLostError(RpcError):
    """The connection is gone; whether the request was carried out is not known."""


class RequestFailedError(RpcError):
    """The node answered that it could not do it. `code` is for the program, the text for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Stream:
    """Frames in and out of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._encoder = msgspec.msgpack.Encoder()

    async def read(self, limit: int = MAX_FRAME_BYTES) -> bytes:
        """The next frame's body. Raises LinkLostError at the end of the stream, RpcError on an oversized frame."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            if length > limit:
                raise RpcError(f"a frame of {length} bytes is over the limit of {limit}")
            return await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as lost:
            raise LinkLostError("the connection was closed") from lost

    def write(self, message: msgspec.Struct) -> None:
        """Send soon, without waiting. Raises RpcError when the message is too large, LinkLostError when the link is
        gone or the peer has stopped reading (it is dropped)."""
        transport = self._writer.transport
        if transport.is_closing():
            raise LinkLostError("the connection was closed")
        body = self._encoder.encode(message)
        if len(body) > MAX_FRAME_BYTES:
            raise RpcError(f"a message of {len(body)} bytes is over the limit of {MAX_FRAME_BYTES}")
        if transport.get_write_buffer_size() + len(body) > MAX_UNSENT_BYTES:
            log.error("rpc peer does not read, dropping it")
            transport.abort()
            raise LinkLostError("the other side stopped reading")
        self._writer.write(_LENGTH.pack(len(body)) + body)

    async def flush_and_close(self, timeout: float = 1.0) -> None:
        """Send what is unsent, for `timeout` seconds at most, and close."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(timeout):
                await self._writer.wait_closed()
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._writer.transport.abort()


class Challenge(msgspec.Struct, frozen=True, array_like=True, tag="parley-rpc"):
    """Node to gateway, first of all."""

    version: str
    nonce: bytes


class Introduction(msgspec.Struct, frozen=True, array_like=True, tag="gateway"):
    """Gateway to node: its own nonce, and proof over both."""

    version: str
    nonce: bytes
    proof: bytes


class Accepted(msgspec.Struct, frozen=True, array_like=True, tag="accepted"):
    """Node to gateway: its name, and proof over both nonces and that name."""

    node_id: str
    proof: bytes


class Rejected(msgspec.Struct, frozen=True, array_like=True, tag="rejected"):
    """Node to gateway: no, and why in plain words."""

    text: str


def _proof(secret: bytes, version: str, side: bytes, node_nonce: bytes, gateway_nonce: bytes, name: str = "") -> bytes:
    parts = (side, node_nonce, gateway_nonce, version.encode(), name.encode())
    said = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
    return hmac.digest(secret, said, "sha256")


async def introduce(stream: Stream, secret: bytes, version: str) -> str:
    """The gateway's side: returns the node's id. Raises HandshakeError."""
    try:
        challenge = msgspec.msgpack.decode(await stream.read(MAX_HANDSHAKE_BYTES), type=Challenge)
        nonce = os.urandom(_NONCE_BYTES)
        stream.write(Introduction(version, nonce, _proof(secret, version, b"gateway", challenge.nonce, nonce)))
        answer = msgspec.msgpack.decode(await stream.read(MAX_HANDSHAKE_BYTES), type=Accepted | Rejected)
    except (*UNREADABLE, RpcError) as failure:
        raise HandshakeError(f"no Parley media node answers there ({failure})") from None
    if isinstance(answer, Rejected):
        raise HandshakeError(answer.text)
    expected = _proof(secret, version, b"node", challenge.nonce, nonce, answer.node_id)
    if not hmac.compare_digest(expected, answer.proof):
        raise HandshakeError("the media node does not know our rpc_secret")
    return answer.node_id


async def check_introduction(stream: Stream, secret: bytes, version: str, node_id: str) -> None:
    """The node's side. Raises HandshakeError; the gateway has been told why when it is a mistake of configuration."""
    nonce = os.urandom(_NONCE_BYTES)
    stream.write(Challenge(version, nonce))
    try:
        said = msgspec.msgpack.decode(await stream.read(MAX_HANDSHAKE_BYTES), type=Introduction)
    except (*UNREADABLE, RpcError) as failure:
        raise HandshakeError(f"not a gateway of ours ({failure})") from None
    if said.version != version:
        stream.write(Rejected("gateway and media node run different versions of Parley"))
        raise HandshakeError("a gateway of another version")
    if not hmac.compare_digest(_proof(secret, version, b"gateway", nonce, said.nonce), said.proof):
        stream.write(Rejected("gateway and media node have different settings of rpc_secret"))
        raise HandshakeError("a gateway with another rpc_secret")
    stream.write(Accepted(node_id, _proof(secret, version, b"node", nonce, said.nonce, node_id)))
