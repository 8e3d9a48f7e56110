"""Blobs as files of one directory.

A blob has its name only when all of it is on disk (fsync, rename, fsync of the directory); until then it is a hidden
part beside it, which goes with the folder. No symbolic link below the root is followed. What blocks is done in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from parley.store.blobs import (
    READ_BYTES,
    BlobCorruptError,
    BlobError,
    BlobKeyError,
    BlobNotFoundError,
    BlobRefusedError,
    BlobStore,
    BlobUnavailableError,
    check_key,
    check_range,
)

_PART = ".part"


class LocalBlobs(BlobStore):
    """See the module. The directory is made when the first blob comes."""

    def __init__(self, directory: Path) -> None:
        self._root = directory.absolute()

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], size: int) -> None:
        path = self._path(key)
        with _explained(key):
            part, file = await asyncio.to_thread(_begin, path)
        try:
            with _explained(key), file:
                came = 0
                async for chunk in chunks:
                    came += len(chunk)
                    await asyncio.to_thread(file.write, chunk)
                if came != size:
                    raise BlobCorruptError(f"{key}: {came} bytes came instead of {size}")
                await asyncio.to_thread(_keep, file, part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    async def put_file(self, key: str, path: Path) -> None:
        """Where the file system can, the blob is another name of the same bytes: an hour of video costs no copy."""
        target = self._path(key)
        with _explained(key):
            if await asyncio.to_thread(_link, path, target):
                return
        await super().put_file(key, path)

    async def open_range(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        check_range(start, end)
        path = self._path(key)
        with _explained(key):
            file = await asyncio.to_thread(_open, path)
            with file:
                file.seek(start)
                at = start
                while end is None or at < end:
                    wanted = READ_BYTES if end is None else min(READ_BYTES, end - at)
                    piece = await asyncio.to_thread(file.read, wanted)
                    if not piece:
                        return
                    at += len(piece)
                    yield piece

    async def size(self, key: str) -> int:
        path = self._path(key)
        with _explained(key):
            status = await asyncio.to_thread(path.lstat)
        if not path.is_file():
            raise BlobNotFoundError(f"there is no blob {key}")
        return status.st_size

    async def delete(self, key: str) -> None:
        path = self._path(key)
        with _explained(key):
            await asyncio.to_thread(self._delete, path)

    async def list_prefix(self, prefix: str) -> list[str]:
        path = self._path(prefix)
        with _explained(prefix):
            return await asyncio.to_thread(lambda: sorted(self._keys(path)))

    async def delete_prefix(self, prefix: str) -> int:
        path = self._path(prefix)
        with _explained(prefix):
            return await asyncio.to_thread(self._delete_folder, path)

    def local_path(self, key: str) -> Path | None:
        return self._path(key)

    def _path(self, key: str) -> Path:
        """The file of a key. Raises BlobKeyError for a way that leads through a symbolic link."""
        path = self._root
        for part in check_key(key).split("/"):
            path = path / part
            if path.is_symlink():
                raise BlobKeyError(f"{key}: a symbolic link is in the way")
        return path

    def _keys(self, folder: Path) -> Iterator[str]:
        for parent, _, names in os.walk(folder):  # which follows no links to directories
            for name in names:
                path = Path(parent, name)
                if not name.startswith(".") and path.is_file() and not path.is_symlink():
                    yield path.relative_to(self._root).as_posix()

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        for part in path.parent.glob(f".{path.name}.*{_PART}"):
            part.unlink(missing_ok=True)
        self._leave(path.parent)

    def _delete_folder(self, folder: Path) -> int:
        count = sum(1 for _ in self._keys(folder))
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            shutil.rmtree(folder)
        self._leave(folder.parent)
        return count

    def _leave(self, folder: Path) -> None:
        """Take folders along that are empty now, and let the disk know."""
        while folder != self._root:
            with contextlib.suppress(FileNotFoundError):
                try:
                    folder.rmdir()
                except OSError:
                    break
            folder = folder.parent
        with contextlib.suppress(FileNotFoundError):
            _sync_directory(folder)


def _begin(path: Path) -> tuple[Path, BinaryIO]:
    """An open part beside the path, readable by its owner only."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
    for _ in range(10):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # whoever deleted the last blob took the folder along just now
            return part, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))


def _keep(file: BinaryIO, part: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    part.replace(path)
    _sync_directory(path.parent)


def _link(source: Path, path: Path) -> bool:
    """Whether the file could get a second name."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, part, follow_symlinks=False)
    except OSError:  # another file system, or one without links; where more is wrong, copying says so
        return False
    try:
        if part.is_symlink():
            return False
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_directory(path.parent)
    return True


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


@contextlib.contextmanager
def _explained(key: str) -> Iterator[None]:
    """Turns what the file system says into our words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
            raise BlobNotFoundError(f"there is no blob {key}") from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE):
            raise BlobUnavailableError(f"{key}: {error.strerror}") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise BlobRefusedError(f"{key}: {error.strerror}") from error
        raise BlobError(f"{key}: {error.strerror or error}") from error
