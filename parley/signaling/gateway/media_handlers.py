"""Recordings and films over HTTP: ranges of a blob (RFC 9110 section 14), for who holds a link, good for minutes.

The link alone is not enough: whoever may no longer see the recap gets nothing, though the link be good.
"""

from __future__ import annotations

import contextlib
import mimetypes
import re
import time

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from parley.conversations.errors import NotFoundError
from parley.conversations.recaps import NO_SUCH_RECAP
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.problems import ProblemCode, ProblemError
from parley.signaling.recaps.library import ROOT
from parley.store.blobs import BlobError, BlobNotFoundError
from parley.store.secrets import TokenError

NO_SUCH_MEDIA = "This link has ended. Load the page again."
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_TYPES = {".webm": "video/webm", ".mp4": "video/mp4", ".jpg": "image/jpeg", ".mkv": "video/x-matroska"}


async def get_media(call: Call) -> web.StreamResponse:
    """The bytes that a link opens, or the range that is asked for."""
    services = call.services
    try:
        link = services.media_links.verify(call.path["token"], time.time())
    except TokenError:
        raise NotFoundError(NO_SUCH_MEDIA) from None
    if link.account != call.me.account_id:
        raise NotFoundError(NO_SUCH_MEDIA)
    root, _, rest = link.key.partition("/")
    if root != ROOT:
        raise NotFoundError(NO_SUCH_RECAP)
    await services.recaps.see(call.me.account_id, rest.partition("/")[0])
    try:
        size = await services.blobs.size(link.key)
    except BlobNotFoundError:
        raise NotFoundError(NO_SUCH_RECAP) from None
    except BlobError as error:
        raise ProblemError(503, ProblemCode.UNAVAILABLE, f"The recording can't be read now: {error}") from None
    return _Body(call, link.key, size)


class _Body(web.StreamResponse):
    """Sends the range when aiohttp asks for it."""

    def __init__(self, call: Call, key: str, size: int) -> None:
        asked = _range(call.range, size)
        start, end = asked or (0, size)
        super().__init__(status=206 if asked else 200)
        self._call, self._key, self._start_at, self._end_at = call, key, start, end
        suffix = "." + key.rpartition(".")[2]
        self.content_type = _TYPES.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
        self.content_length = end - start
        self.headers["Accept-Ranges"] = "bytes"
        self.headers["Cache-Control"] = "private, no-store"
        self.headers["X-Content-Type-Options"] = "nosniff"
        self.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
        if call.query.get("download"):
            self.headers["Content-Disposition"] = f'attachment; filename="{key.rpartition("/")[2]}"'
        if asked:
            self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Called by aiohttp: headers first, then the bytes."""
        writer = await super().prepare(request)
        if request.method != "HEAD" and self._end_at > self._start_at:
            chunks = self._call.services.blobs.open_range(self._key, self._start_at, self._end_at)
            async with contextlib.aclosing(chunks):
                async for chunk in chunks:
                    await self.write(chunk)
        await self.write_eof()
        return writer


def _range(header: str, size: int) -> tuple[int, int] | None:
    """(start, end) of the one range that is asked for; None where there is none, or where there are several."""
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or found.group() == "bytes=-":
        return None
    first, last = found.groups()
    if first:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    else:
        start, end = max(0, size - int(last)), size
    if end <= start:
        raise ProblemError(
            416, ProblemCode.BAD_REQUEST, "There is no such range.", {"Content-Range": f"bytes */{size}"}
        )
    return start, end
