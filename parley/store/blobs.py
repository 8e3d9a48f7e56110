"""Where finished bytes are kept: recordings, films, transcripts, under keys such as recordings/ID/tracks/one.mkv.

A blob is there when all of it is, and is never changed, only replaced or deleted. Three stores keep to this interface:
a directory (local_blobs.py), an S3-compatible object store (s3_blobs.py), and one that encrypts what another one keeps
(encrypted_blobs.py). `blob_store.py` opens the one that the settings name.
"""

from __future__ import annotations

import abc
import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

READ_BYTES = 256 * 1024
"""How much is read, and handed on, at a time."""

MAX_KEY_CHARS = 512
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._=+-]{0,127}")


class BlobError(Exception):
    """Something about a blob went wrong; str() says what, in one line.

    retriable: whether the same may work in some minutes, because a store is out of reach or full for now.
    """

    retriable = False


class BlobNotFoundError(BlobError):
    """There is no blob of this key."""


class BlobKeyError(BlobError):
    """The key is none; nothing was asked of the store."""


class BlobCorruptError(BlobError):
    """What the store has isn't what was put there."""


class BlobRefusedError(BlobError):
    """The store knows us not, or doesn't allow it: a matter for the operator."""


class BlobUnavailableError(BlobError):
    """The store can't be reached, or can't do it now."""

    retriable = True


def check_key(key: str) -> str:
    """The key, if it is one: parts of plain characters divided by "/", none of them hidden or "..".

    The same rule for a prefix, which names a folder and never a part of a name. Raises BlobKeyError.
    """
    if len(key) > MAX_KEY_CHARS or not all(_PART.fullmatch(part) for part in key.split("/")):
        raise BlobKeyError(f"{key[:80]!r} can't be the key of a blob")
    return key


def check_range(start: int, end: int | None) -> None:
    """Raises ValueError for what is no range."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"bytes {start} up to {end} are no range")


class BlobStore(abc.ABC):
    """See the module. Every method raises BlobError, of the kind that fits."""

    @abc.abstractmethod
    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Keep what comes, `size` bytes of it, in place of what was there. Whoever reads sees the old or the new.

        Raises BlobCorruptError when more or less comes; then nothing has changed.
        """

    @abc.abstractmethod
    def open_range(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `end`, or to the end of the blob, in pieces; fewer where the blob ends before.

        Nothing is opened before the first piece is asked for. Who doesn't read to the end closes it (aclosing).
        """

    @abc.abstractmethod
    async def size(self, key: str) -> int:
        """How many bytes it has. Raises BlobNotFoundError."""

    @abc.abstractmethod
    async def delete(self, key: str) -> None:
        """Take it away; nothing happens when it isn't there."""

    @abc.abstractmethod
    async def list_prefix(self, prefix: str) -> list[str]:
        """The keys under a folder, sorted: `recordings/a` is for recordings/a/b, not for recordings/ab."""

    @abc.abstractmethod
    async def delete_prefix(self, prefix: str) -> int:
        """Take away everything under a folder, with what is left of puts that came to nothing; how many blobs."""

    @abc.abstractmethod
    def local_path(self, key: str) -> Path | None:
        """Where it is, or would be, when it is a plain file of this machine."""

    async def put_file(self, key: str, path: Path) -> None:
        """Keep a copy of a file, which must not change meanwhile."""
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
        except OSError as error:
            raise BlobError(f"{path.name} can't be read: {error.strerror}") from error
        async with contextlib.aclosing(read_file(path)) as chunks:
            await self.put_stream(key, chunks, size)

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Keep these bytes."""
        await self.put_stream(key, _pieces(data), len(data))

    async def get_bytes(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        """A range in one piece."""
        return b"".join([piece async for piece in self.open_range(key, start, end)])

    async def exists(self, key: str) -> bool:
        """Whether it is there."""
        try:
            await self.size(key)
        except BlobNotFoundError:
            return False
        return True

    async def close(self) -> None:
        """Let go of connections."""
        return


async def read_file(path: Path) -> AsyncGenerator[bytes]:
    """A file's bytes, read off the event loop."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise BlobError(f"{path.name} can't be read: {error.strerror}") from error
    with file:
        while piece := await asyncio.to_thread(file.read, READ_BYTES):
            yield piece


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), READ_BYTES):
        yield data[at : at + READ_BYTES]
