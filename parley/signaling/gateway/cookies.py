"""The one cookie: it names a signed-in browser's session."""

from __future__ import annotations

from aiohttp import web

from parley.conversations.sessions import LIFETIME
from parley.signaling.gateway.headers import SOURCE

MAX_TOKEN_CHARS = 128


def name(secure: bool) -> str:
    """With HTTPS the __Host- prefix keeps other hosts of the domain, and plain HTTP, from setting it (RFC 6265bis,
    4.1.3)."""
    return "__Host-parley_session" if secure else "parley_session"


def read(request: web.BaseRequest) -> str | None:
    """The session token that the browser sent."""
    token = request.cookies.get(name(request[SOURCE].secure))
    return token if token and token.isascii() and len(token) <= MAX_TOKEN_CHARS else None


def write(response: web.Response, token: str, secure: bool) -> None:
    """Give the browser its token, or with an empty one take it away. Not readable by scripts, not sent cross-site."""
    response.set_cookie(
        name(secure),
        token,
        max_age=int(LIFETIME.total_seconds()) if token else 0,
        path="/",
        httponly=True,
        secure=secure,
        samesite="Lax",
    )
