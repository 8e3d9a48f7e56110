"""A file of the disk as an answer, whole to HEAD whatever range it names: ranges are defined for GET alone (RFC 9110
section 14.2), and aiohttp's own response minds them with HEAD too."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict


class FileResponse(web.FileResponse):
    """See the module."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Called by aiohttp."""
        if request.method != hdrs.METH_GET and hdrs.RANGE in request.headers:
            headers = CIMultiDict(request.headers)
            headers.popall(hdrs.RANGE)
            request = request.clone(headers=headers)
        return await super().prepare(request)
