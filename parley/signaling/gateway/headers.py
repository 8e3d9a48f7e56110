"""Security headers on every answer: what a page of ours may load and use, and who may frame it (nobody)."""

from __future__ import annotations

from aiohttp import web

from parley.signaling.gateway.addresses import Source

SOURCE: web.RequestKey[Source] = web.RequestKey("source", Source)

# Inline styles are allowed because dialogs and menus (Radix) position themselves with them; inline scripts are not.
# WebAssembly is what the noise filter and the finding of people run in, in worklets and workers that are files of ours.
# Nothing comes from third parties.
_PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"

_PERMISSIONS = ", ".join(
    (
        "camera=(self)",
        "microphone=(self)",
        "display-capture=(self)",
        "fullscreen=(self)",
        "picture-in-picture=(self)",
        "screen-wake-lock=(self)",
        "geolocation=()",
        "midi=()",
        "payment=()",
        "usb=()",
    )
)

HSTS_SECONDS = 365 * 24 * 3600


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """An on_response_prepare signal."""
    path = request.path
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _API_POLICY if _is_api(path) else _PAGE_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    # The link of a meeting is its key: it must not travel in a Referer.
    headers["Referrer-Policy"] = "no-referrer" if path.startswith("/m/") else "same-origin"
    headers["Permissions-Policy"] = _PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.pop("Server", None)
    source = request.get(SOURCE)
    if source is not None and source.secure:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"


def _is_api(path: str) -> bool:
    return path.startswith("/api/") or path in ("/api", "/healthz", "/metrics")
