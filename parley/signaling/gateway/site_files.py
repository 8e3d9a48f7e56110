"""The built web client: its pages with the right status, its hashed assets for ever, compressed copies if there."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

from aiohttp import web

from parley.signaling.gateway.file_response import FileResponse
from parley.signaling.gateway.problems import ProblemCode, ProblemError, not_found

log = logging.getLogger(__name__)

PAGES = re.compile(
    r"/(?:"
    r"|sign-in|sign-up|preflight|terms|privacy|meetings|settings|join"
    r"|conversations(?:/[A-Za-z0-9_-]{1,64})?"
    r"|m/[a-z0-9-]{8,64}(?:/(?:left|ended))?"
    r")/?"
)
"""Addresses at which the client has something to show; at all others it shows its not-found page, with 404."""

_HASHED = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


class SiteFiles:
    """Serves `root`, the directory the client was built into."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def page(self, path: str) -> web.Response:
        """index.html, with 200 where the client has a page and 404 elsewhere."""
        try:
            html = await asyncio.to_thread((self._root / "index.html").read_bytes)
        except OSError:
            detail = "The web client is not built. Run `make web`, then reload."
            raise ProblemError(503, ProblemCode.UNAVAILABLE, detail) from None
        status = 200 if PAGES.fullmatch(path) else 404
        return web.Response(
            status=status, body=html, content_type="text/html", charset="utf-8", headers={"Cache-Control": _FRESH}
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any address that no route has: a file of the client, or one of its pages."""
        path = request.path
        file = await asyncio.to_thread(self._find, path)
        if file is not None:
            cache = _HASHED if path.startswith("/assets/") else _FRESH
            # Vary also where no compressed copy goes out: caches between must not take one answer for all.
            return FileResponse(file, headers={"Cache-Control": cache, "Vary": "Accept-Encoding"})
        if path.startswith(("/api/", "/assets/")) or path == "/api" or "." in path.rpartition("/")[2]:
            raise not_found()
        return await self.page(path)

    def _find(self, path: str) -> Path | None:
        """The file at an address, never outside the root and never a hidden one."""
        parts = path.strip("/").split("/")
        if path == "/index.html" or any(not part or part.startswith(".") or "\x00" in part for part in parts):
            return None
        try:
            file = self._root.joinpath(*parts).resolve()
            inside = file.is_relative_to(self._root.resolve())
            return file if inside and file.is_file() else None
        except (OSError, ValueError):
            return None
