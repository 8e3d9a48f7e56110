"""Takes the body of a request into a file: bounded in size, number and time, and written off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from parley.conversations.ids import new_id
from parley.signaling.gateway.media_types import MediaTypeFinder
from parley.signaling.gateway.problems import ProblemCode, ProblemError, rate_limited
from parley.store.files import FileStore, PartialFile

log = logging.getLogger(__name__)

Params = ParamSpec("Params")
Result = TypeVar("Result")

MAX_AT_ONCE = 50
"""Uploads that one gateway takes at a time: each has a buffer, and the disk is one."""

MAX_EACH = 3
"""Uploads that one person may have under way."""

IDLE_SECONDS = 15.0
"""How long a body may stand still."""

GRACE_SECONDS = 30.0
SLOWEST = 2_000
"""Bytes a second that a body has to make on the average, after the grace: any network that carries a call is faster,
and whoever drips bytes holds a connection for nothing."""

WRITE_BYTES = 262_144
"""Written at once: a thread for each packet would cost more than the packet."""

RETRY_SECONDS = 5.0


class Body(Protocol):
    """Where a request's bytes come from."""

    async def readany(self) -> bytes:
        """Some bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is still to come. length: its bytes, as far as the client says."""

    length: int | None
    body: Body


@dataclass(frozen=True, slots=True)
class Received:
    """A body that came whole and is kept."""

    file_id: str
    size: int
    media_type: str


class Uploads:
    """See the module. max_bytes: the largest file."""

    def __init__(self, store: FileStore, max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._under_way: Counter[str] = Counter()  # by person

    async def receive(self, person: str, meeting_id: str, upload: Upload) -> Received:
        """Keep the body as a new file of the meeting. Raises ProblemError; then nothing of it is left."""
        if upload.length is not None and upload.length > self._max_bytes:
            raise self._too_large()
        with self._place(person):
            file_id = new_id()
            part = await _on_disk(self._store.create, meeting_id, file_id)
            try:
                size, media_type = await self._fill(part, upload.body)
                await _on_disk(part.keep)
            except BaseException:
                await asyncio.to_thread(part.discard)
                raise
            return Received(file_id, size, media_type)

    @contextlib.contextmanager
    def _place(self, person: str) -> Iterator[None]:
        if self._under_way[person] >= MAX_EACH or self._under_way.total() >= MAX_AT_ONCE:
            raise rate_limited(RETRY_SECONDS)
        self._under_way[person] += 1
        try:
            yield
        finally:
            self._under_way[person] -= 1
            if not self._under_way[person]:
                del self._under_way[person]

    async def _fill(self, part: PartialFile, body: Body) -> tuple[int, str]:
        finder = MediaTypeFinder()
        size = 0
        buffer = bytearray()

        def write(data: bytearray) -> None:
            finder.feed(data)
            part.write(data)

        async for data in _paced(body):
            size += len(data)
            if size > self._max_bytes:
                raise self._too_large()
            buffer += data
            if len(buffer) >= WRITE_BYTES:
                await _on_disk(write, buffer)
                buffer = bytearray()
        if buffer:
            await _on_disk(write, buffer)
        return size, finder.found()

    def _too_large(self) -> ProblemError:
        detail = f"The file is too large: it may have at most {in_words(self._max_bytes)}."
        return ProblemError(413, ProblemCode.TOO_LARGE, detail)


async def _paced(body: Body) -> AsyncIterator[bytes]:
    """The body, as long as it comes. Raises ProblemError when it is too slow, ConnectionError when the client is
    gone."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + GRACE_SECONDS
    while True:
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + IDLE_SECONDS)):
                data = await body.readany()
        except TimeoutError:
            detail = "The file came too slowly."
            raise ProblemError(408, ProblemCode.BAD_REQUEST, detail, {"Connection": "close"}) from None
        if not data:
            return
        deadline += len(data) / SLOWEST
        yield data


async def _on_disk(function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
    """Raises ProblemError where the disk is full or gone."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except OSError:
        log.exception("file not written")
        detail = "The server can't keep files right now. Try again later."
        raise ProblemError(503, ProblemCode.UNAVAILABLE, detail) from None


def in_words(size: int) -> str:
    """A number of bytes for people."""
    for factor, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"
