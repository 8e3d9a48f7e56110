"""What a route of the HTTP API is: one declaration that dispatch, OpenAPI and the authorisation test all read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
from aiohttp import web

from parley.signaling.gateway.authorization import Access

CODE = "{code:[a-z0-9-]{8,64}}"
CONVERSATION = "{conversation_id:[A-Za-z0-9_-]{1,64}}"
ACCOUNT = "{account_id:[A-Za-z0-9_-]{1,64}}"
RECAP = "{recap_id:[A-Za-z0-9_-]{1,64}}"
MOMENT = "{moment:[A-Za-z0-9_.:-]{1,64}}"
FILE = "{file_id:[A-Za-z0-9_-]{1,64}}"


class Limit(StrEnum):
    """Which rate a route counts against, besides the general one."""

    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    PROBE = "probe"
    NONE = "none"


Answer = msgspec.Struct | web.StreamResponse | None
RouteHandler = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    name: the operation's id. who: in words, for whom it is; what goes beyond `access` is held in parley/conversations/.
    request: the type of the JSON body, None for no body. response: the type of the answer, None for 204 or for what
    isn't JSON. query: parameters with their meaning. takes_file, gives_file: the body, or the answer, is bytes of any
    type. handler: called with the Call (api.py) and the body.
    """

    method: str
    path: str
    name: str
    summary: str
    access: Access
    who: str
    handler: RouteHandler
    request: type[msgspec.Struct] | None = None
    response: Any = None
    status: int = 200
    limit: Limit = Limit.READ
    query: Mapping[str, str] = field(default_factory=dict)
    takes_file: bool = False
    gives_file: bool = False

    @property
    def unsafe(self) -> bool:
        """Whether it changes something, so that only our own pages may send it (RFC 9110, 9.2.1)."""
        return self.method not in ("GET", "HEAD")
