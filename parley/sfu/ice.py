"""ICE-lite for one transport (RFC 8445 section 2.5): answers the browser's checks and follows its nomination.

Sans-I/O. A source is anything hashable that names a way to the peer. Nothing but a Binding request for our username
with a valid MESSAGE-INTEGRITY is answered, and only such a request's source is ever trusted.
"""

from __future__ import annotations

import hmac
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from aioice import stun

MAX_STUN_BYTES = 548
"""Bigger messages are not parsed: no browser sends them (RFC 8489 section 6.1)."""
MAX_SOURCES = 16
"""Verified ways to one peer that are remembered."""
CONSENT_SECONDS = 30.0
"""How long a way stays verified after its last valid check (RFC 7675 section 5.1)."""

_COOKIE = b"\x21\x12\xa4\x42"
_BINDING_REQUEST = 0x0001
_USERNAME = 0x0006

Source = TypeVar("Source")


def is_stun(data: bytes | bytearray | memoryview, length: int) -> bool:
    """Whether the bytes look like a STUN message (RFC 7983: first byte 0 to 3, the cookie, a length that fits)."""
    return (
        20 <= length <= MAX_STUN_BYTES
        and data[0] < 4
        and data[4:8] == _COOKIE
        and ((data[2] << 8) | data[3]) + 20 == length
        and length % 4 == 0
    )


def local_ufrag_of(data: bytes) -> str | None:
    """The receiving side's fragment of a Binding request's username, found without parsing the rest; None where the
    message is no Binding request or has no such username."""
    if (data[0] << 8) | data[1] != _BINDING_REQUEST:
        return None
    for kind, start, size in _attributes(data):
        if kind == _USERNAME:
            local, colon, _ = data[start : start + size].partition(b":")
            return local.decode("ascii", "replace") if colon else None
    return None


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Type, offset and length of each attribute that lies wholly within the message."""
    position = 20
    while position + 4 <= len(data):
        kind, size = struct.unpack_from("!HH", data, position)
        position += 4
        if position + size > len(data):
            return
        yield kind, position, size
        position += size + (-size % 4)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One side's username fragment and password."""

    ufrag: str
    password: str


def new_credentials() -> Credentials:
    """Fresh ones: 48 and 144 bits, where RFC 8445 section 5.3 asks for 24 and 128."""
    return Credentials(secrets.token_hex(6), secrets.token_hex(18))


class IceLite(Generic[Source]):
    """The ICE state of one transport.

    local: our credentials. selected: the source that media goes to, None before the first nomination. last_check: when
    the last valid check came (seconds), the peer's consent to being sent to (RFC 7675).
    """

    def __init__(self) -> None:
        self.local = new_credentials()
        self.selected: Source | None = None
        self.last_check: float | None = None
        self._remote: Credentials | None = None
        self._old: tuple[Credentials, Credentials | None] | None = None
        self._nominated = False  # a pair with the current credentials
        self._sources: dict[Source, float] = {}

    def set_remote(self, ufrag: str, password: str) -> None:
        """The browser's credentials, from its SDP. Others than before are the browser's restart, and then ours too."""
        remote = Credentials(ufrag, password)
        if self._remote is not None and self._remote != remote:
            self.restart()
        self._remote = remote

    def restart(self) -> None:
        """New local credentials (RFC 8445 section 9). The old stay valid until a pair with the new is nominated.

        Restarting again before that drops the credentials in between: media flows by those that were nominated.
        """
        if self._nominated or self._old is None:
            self._old = (self.local, self._remote)
        self.local = new_credentials()
        self._remote = None
        self._nominated = False

    def ufrags(self) -> list[str]:
        """The local fragments that are answered to now."""
        return [self.local.ufrag] + ([self._old[0].ufrag] if self._old is not None else [])

    def checked(self, source: Source) -> float | None:
        """When the last valid check came from there; None where none has or its consent ran out."""
        return self._sources.get(source)

    def sources(self) -> list[Source]:
        """Every verified way to the peer."""
        return list(self._sources)

    def forget(self, source: Source) -> None:
        """The way is gone (its TCP connection closed)."""
        self._sources.pop(source, None)
        if self.selected == source:
            self.selected = None

    def expire(self, now: float) -> list[Source]:
        """Forget the ways whose consent has run out, the selected one too; which they were."""
        gone = [source for source, checked in self._sources.items() if now - checked > CONSENT_SECONDS]
        for source in gone:
            self.forget(source)
        return gone

    def handle(self, data: bytes, source: Source, address: tuple[str, int], now: float) -> bytes | None:
        """Answer a Binding request, or None where it deserves no answer.

        address: host and port that the request came from, for XOR-MAPPED-ADDRESS.
        """
        request = parse_request(data)
        if request is None:
            return None
        generation = self._generation(request.attributes.get("USERNAME"))
        if generation is None:
            return None
        local, is_current = generation
        answer = binding_answer(request, local, address)
        if answer is None or _is_conflict(request):
            return answer
        self._learn(source, now)
        if "USE-CANDIDATE" in request.attributes:
            self._nominate(source, is_current)
        return answer

    def _generation(self, username: object) -> tuple[Credentials, bool] | None:
        """Which of our credentials the username is for, both fragments compared (RFC 8445 section 7.3)."""
        if not isinstance(username, str):
            return None
        generations = [(self.local, self._remote, True)]
        if self._old is not None:
            generations.append((self._old[0], self._old[1], False))
        for local, remote, is_current in generations:
            # Checks may come before the answer has told us the browser's fragment (RFC 8445 section 7.3.1.4).
            if remote is None:
                matches = hmac.compare_digest(username.partition(":")[0].encode(), local.ufrag.encode())
            else:
                matches = hmac.compare_digest(username.encode(), f"{local.ufrag}:{remote.ufrag}".encode())
            if matches:
                return local, is_current
        return None

    def _learn(self, source: Source, now: float) -> None:
        self.last_check = now
        self._sources.pop(source, None)
        self._sources[source] = now
        if len(self._sources) > MAX_SOURCES:
            oldest = next(known for known in self._sources if known != self.selected)
            del self._sources[oldest]

    def _nominate(self, source: Source, is_current: bool) -> None:
        if is_current:
            self._old = None
            self._nominated = True
        self.selected = source


def parse_request(data: bytes) -> stun.Message | None:
    """A Binding request; None for what isn't one."""
    try:
        request = stun.parse_message(data)
    except Exception:  # aioice lets through whatever its unpackers raise on hostile bytes
        return None
    if request.message_method != stun.Method.BINDING or request.message_class != stun.Class.REQUEST:
        return None
    return request


def binding_answer(request: stun.Message, local: Credentials, address: tuple[str, int]) -> bytes | None:
    """What a Binding request gets that was made with these credentials' password; None for one that wasn't.

    address: host and port that the request came from, for XOR-MAPPED-ADDRESS.
    """
    if "FINGERPRINT" not in request.attributes or not request.check_message_integrity(local.password.encode()):
        return None
    return _role_conflict(request, local) if _is_conflict(request) else _success(request, local, address)


def _is_conflict(request: stun.Message) -> bool:
    """A lite agent never controls (RFC 8445 section 7.3.1.1)."""
    return "ICE-CONTROLLED" in request.attributes


def _success(request: stun.Message, local: Credentials, address: tuple[str, int]) -> bytes:
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
    response.attributes["XOR-MAPPED-ADDRESS"] = address
    response.add_message_integrity(local.password.encode())
    return bytes(response)


def _role_conflict(request: stun.Message, local: Credentials) -> bytes:
    response = stun.Message(stun.Method.BINDING, stun.Class.ERROR, request.transaction_id)
    response.attributes["ERROR-CODE"] = (487, "Role Conflict")
    response.add_message_integrity(local.password.encode())
    return bytes(response)
