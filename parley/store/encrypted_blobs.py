"""Blobs that are encrypted before another store gets them: AES-256-GCM in chunks, so that any range can be read alone.

    magic "PBE1" | 32 random bytes | chunk 0 | chunk 1 | …      chunk: up to 64 KiB, encrypted, and its 16-byte tag

Each blob has a key of its own, made from the secret, the random bytes and the blob's name by HKDF (RFC 5869), so the
number of the chunk can be its nonce, and a blob under another's name can't be read. The number and whether it is the
last one are authenticated with the chunk (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015):
chunks that are changed, swapped, left out or cut off at the end are noticed by whoever reads them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parley.store.blobs import BlobCorruptError, BlobStore, check_key, check_range

MAGIC = b"PBE1"
SALT_BYTES = 32
HEAD_BYTES = len(MAGIC) + SALT_BYTES
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
_SEALED_BYTES = CHUNK_BYTES + TAG_BYTES


def encryption_key(secret: str) -> bytes:
    """The 32 bytes that all blobs' keys are made from. The operator's secret is long and random, so a hash does."""
    return hashlib.sha256(b"parley blobs " + secret.encode()).digest()


class EncryptedBlobs(BlobStore):
    """See the module. key: 32 bytes."""

    def __init__(self, inner: BlobStore, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("an AES-256 key has 32 bytes")
        self._inner = inner
        self._key = key

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], size: int) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        async with contextlib.aclosing(self._seal(key, salt, chunks, size)) as sealed:
            await self._inner.put_stream(key, sealed, sealed_size(size))

    async def open_range(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        check_range(start, end)
        total = await self._inner.size(key)
        size = plain_size(total)
        if size is None:
            raise BlobCorruptError(f"{key}: it was cut off, or wasn't encrypted here")
        end = size if end is None else min(end, size)
        if start >= end and (size or start):
            return
        first, last, final = start // CHUNK_BYTES, max(end - 1, 0) // CHUNK_BYTES, max(size - 1, 0) // CHUNK_BYTES
        aead = await self._opened(key)
        ends = min(HEAD_BYTES + (last + 1) * _SEALED_BYTES, total)
        opened = self._inner.open_range(key, HEAD_BYTES + first * _SEALED_BYTES, ends)
        async with (
            contextlib.aclosing(opened) as inner,
            contextlib.aclosing(_in_chunks(inner, _SEALED_BYTES)) as pieces,
        ):
            number = first
            async for sealed in pieces:
                plain = await asyncio.to_thread(_decrypt, aead, key, number, number == final, sealed)
                base = number * CHUNK_BYTES
                piece = plain[max(start - base, 0) : end - base]
                if piece:
                    yield piece
                number += 1
            if number != last + 1:
                raise BlobCorruptError(f"{key}: it ended while it was read")

    async def size(self, key: str) -> int:
        size = plain_size(await self._inner.size(key))
        if size is None:
            raise BlobCorruptError(f"{key}: it was cut off, or wasn't encrypted here")
        return size

    async def delete(self, key: str) -> None:
        await self._inner.delete(key)

    async def list_prefix(self, prefix: str) -> list[str]:
        return await self._inner.list_prefix(prefix)

    async def delete_prefix(self, prefix: str) -> int:
        return await self._inner.delete_prefix(prefix)

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    async def close(self) -> None:
        await self._inner.close()

    async def _seal(self, key: str, salt: bytes, chunks: AsyncIterator[bytes], size: int) -> AsyncGenerator[bytes]:
        aead = self._aead(key, salt)
        yield MAGIC + salt
        number = came = 0
        final = max(size - 1, 0) // CHUNK_BYTES
        async with contextlib.aclosing(_in_chunks(chunks, CHUNK_BYTES)) as pieces:
            async for plain in pieces:
                came += len(plain)
                yield await asyncio.to_thread(_encrypt, aead, number, number == final, plain)
                number += 1
        if size == 0 and number == 0:
            yield _encrypt(aead, 0, True, b"")
        if came != size:
            raise BlobCorruptError(f"{key}: {came} bytes came instead of {size}")

    async def _opened(self, key: str) -> AESGCM:
        head = await self._inner.get_bytes(key, 0, HEAD_BYTES)
        if len(head) != HEAD_BYTES or not head.startswith(MAGIC):
            raise BlobCorruptError(f"{key}: it wasn't encrypted here")
        return self._aead(key, head[len(MAGIC) :])

    def _aead(self, key: str, salt: bytes) -> AESGCM:
        info = b"parley blob " + check_key(key).encode()
        return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(self._key))


def sealed_size(size: int) -> int:
    """How many bytes a blob of this size has when it is encrypted."""
    chunks = max(1, -(-size // CHUNK_BYTES))
    return HEAD_BYTES + size + chunks * TAG_BYTES


def plain_size(sealed: int) -> int | None:
    """The other way round; None for what no blob can have."""
    body = sealed - HEAD_BYTES
    chunks = -(-body // _SEALED_BYTES)
    rest = body - (chunks - 1) * _SEALED_BYTES
    if body < TAG_BYTES or rest < TAG_BYTES or (rest == TAG_BYTES and chunks > 1):
        return None
    return body - chunks * TAG_BYTES


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(number: int, final: bool) -> bytes:
    return number.to_bytes(8, "big") + bytes([final])


def _encrypt(aead: AESGCM, number: int, final: bool, plain: bytes) -> bytes:
    return aead.encrypt(_nonce(number), plain, _bound(number, final))


def _decrypt(aead: AESGCM, key: str, number: int, final: bool, sealed: bytes) -> bytes:
    try:
        return aead.decrypt(_nonce(number), sealed, _bound(number, final))
    except InvalidTag:
        raise BlobCorruptError(f"{key}: it was changed, or encrypted with another secret") from None


async def _in_chunks(pieces: AsyncIterator[bytes], size: int) -> AsyncGenerator[bytes]:
    """The same bytes in chunks of this size; the last one may be shorter."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
