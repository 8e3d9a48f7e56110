"""The types of settings that are more than a number or a text: what may be said, and how it is then written.

Each check raises ValueError with words for the operator; the settings' own error names the setting.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

MIN_SECRET_CHARS = 32

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")
_PREFIX = re.compile(r"(/[A-Za-z0-9_][A-Za-z0-9._-]*)*/?")


def _networks(value: list[str]) -> list[str]:
    for item in value:
        ipaddress.ip_network(item, strict=False)
    return value


def _addresses(value: list[str]) -> list[str]:
    for item in value:
        ipaddress.ip_address(item)
    return value


def _some(value: list[str]) -> list[str]:
    if not value:
        raise ValueError("needs at least one address")
    return value


def _public_url(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise ValueError("must be http:// or https:// with a host and nothing after it")
    # As browsers write an Origin, to be compared with one: lower case, and no port where it is the scheme's own.
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    own = parts.port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}")


def _database_url(value: str) -> str:
    if value and not value.startswith(("postgresql+asyncpg://", "sqlite+aiosqlite:///")):
        raise ValueError("must begin with postgresql+asyncpg:// or sqlite+aiosqlite:///")
    return value


def _redis_url(value: str) -> str:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return value


def _blob_url(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    directory = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
    bucket = parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc)
    if not (directory or bucket) or parts.query or parts.fragment:
        raise ValueError("must be s3://bucket, s3://bucket/prefix or file:///directory")
    if bucket and not _PREFIX.fullmatch(parts.path):
        raise ValueError("its prefix may have letters, digits, '.', '_' and '-', in parts divided by '/'")
    return value


def _http_url(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    _ = parts.port  # raises where it is no port
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be http:// or https:// with a host")
    return value


def _turn_urls(value: list[str]) -> list[str]:
    for item in value:
        if not item.startswith(("turn:", "turns:", "stun:", "stuns:")):
            raise ValueError(f"{item!r} is no turn:, turns:, stun: or stuns: address")
    return value


def _readable(value: Path | None) -> Path | None:
    if value is not None and not (value.is_file() and os.access(value, os.R_OK)):
        raise ValueError(f"no readable file at {value}")
    return value


def _long_enough(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < MIN_SECRET_CHARS:
        raise ValueError(f"needs at least {MIN_SECRET_CHARS} characters; openssl rand -base64 32 makes such a secret")
    return value


Networks = Annotated[list[str], AfterValidator(_networks)]
Addresses = Annotated[list[str], AfterValidator(_addresses)]
SomeAddresses = Annotated[list[str], AfterValidator(_addresses), AfterValidator(_some)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
BlobUrl = Annotated[str, AfterValidator(_blob_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
TurnUrls = Annotated[list[str], AfterValidator(_turn_urls)]
ReadableFile = Annotated[Path | None, AfterValidator(_readable)]
LongSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
