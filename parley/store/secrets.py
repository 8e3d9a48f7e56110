"""Signs what the server hands out and takes back: guests' tokens.

One algorithm, HMAC-SHA256, and no header that could name another. A token is base64url(payload) "." base64url(tag);
the tag covers the purpose too, so that a token made for one thing is worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import TypeVar

import msgspec

MAX_TOKEN_CHARS = 1024
SECRET_BYTES = 32

T = TypeVar("T", bound=msgspec.Struct)


class TokenError(Exception):
    """The token is not ours, is for something else, or is over."""


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    expires: float
    body: msgspec.Raw


def load_secret(data_dir: Path, given: str = "") -> bytes:
    """The signing secret: the given one, or the one that is made once and kept in data_dir, readable by its owner."""
    if given:
        return hashlib.sha256(given.encode()).digest()
    path = data_dir / "secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    temporary = data_dir / f"secret.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        try:
            os.link(temporary, path)  # whoever comes first wins, and nobody sees half a secret
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise OSError(errno.EINVAL, "the secret kept there is too short", str(path))
    return secret


class Signer:
    """Makes and checks tokens of one purpose, with a body of one type."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, b"parley token " + purpose.encode(), "sha256")

    def sign(self, body: msgspec.Struct, expires: float) -> str:
        """A token that is good until `expires` (seconds since 1970 UTC)."""
        envelope = _Envelope(expires, msgspec.Raw(msgspec.json.encode(body)))
        payload = _encode(msgspec.json.encode(envelope))
        return f"{payload}.{_encode(self._tag(payload))}"

    def verify(self, token: str, body_type: type[T], now: float) -> T:
        """The body of a token that is genuine and not over. Raises TokenError."""
        payload, dot, tag = token.partition(".")
        if len(token) > MAX_TOKEN_CHARS or not dot:
            raise TokenError("malformed")
        try:
            genuine = hmac.compare_digest(self._tag(payload), _decode(tag))
        except (ValueError, binascii.Error):
            raise TokenError("malformed") from None
        if not genuine:
            raise TokenError("forged")
        try:
            envelope = msgspec.json.decode(_decode(payload), type=_Envelope)
            body = msgspec.json.decode(envelope.body, type=body_type)
        except (ValueError, binascii.Error):
            raise TokenError("malformed") from None
        if envelope.expires <= now:
            raise TokenError("expired")
        return body

    def _tag(self, payload: str) -> bytes:
        return hmac.digest(self._key, payload.encode(), "sha256")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
