"""A session: one person's conversation with the room, which outlives the WebSocket that carries it.

Events are numbered and kept until the client acknowledged them, so that a new socket within the resume window gets
everything the old one missed, once and in order. Answers are kept too: a request sent again after a drop is not carried
out twice. Sans-I/O.
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque

import msgspec

from parley.signaling.schema.server import Answer, Event, ServerMessage

MAX_KEPT_EVENTS = 2000
MAX_KEPT_BYTES = 2_000_000
MAX_KEPT_ANSWERS = 64

_ENCODER = msgspec.json.Encoder()


def encode(message: ServerMessage) -> bytes:
    """The bytes of a message that is not an Event."""
    return _ENCODER.encode(message)


class Session:
    """Numbering, keeping and resuming for one client.

    connection_id: the socket that carries the session now, or None while it is away.
    detached_at: when it went away, in seconds on the room's clock.
    """

    def __init__(self, connection_id: str) -> None:
        self.session_id = secrets.token_urlsafe(12)
        self.resume_token = secrets.token_urlsafe(24)
        self.connection_id: str | None = connection_id
        self.detached_at: float | None = None
        self.seq = 0
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._answers: dict[int, bytes] = {}

    def number(self, event: Event) -> bytes:
        """Give the event its number, keep it for a resume, and return its bytes."""
        self.seq += 1
        payload = _ENCODER.encode(msgspec.structs.replace(event, seq=self.seq))
        self._kept.append((self.seq, payload))
        self._kept_bytes += len(payload)
        while len(self._kept) > MAX_KEPT_EVENTS or self._kept_bytes > MAX_KEPT_BYTES:
            self._forget_first()
        return payload

    def answered(self, request_id: int) -> bytes | None:
        """The answer already given to this request: a client that lost its socket asks again under the same id."""
        return self._answers.get(request_id)

    def answer(self, message: Answer) -> bytes:
        """The bytes of an answer, kept in case the client has to ask again."""
        payload = _ENCODER.encode(message)
        self._answers[message.re] = payload
        if len(self._answers) > MAX_KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]
        return payload

    def acknowledge(self, seq: int) -> None:
        """The client has everything up to `seq`."""
        while self._kept and self._kept[0][0] <= seq:
            self._forget_first()

    def _forget_first(self) -> None:
        _, payload = self._kept.popleft()
        self._kept_bytes -= len(payload)

    def missed(self, last_seq: int) -> list[bytes] | None:
        """The events after `last_seq`, or None when some of them were forgotten or `last_seq` was never sent."""
        if last_seq > self.seq:
            return None
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        if last_seq + 1 < oldest:
            return None
        return [payload for seq, payload in self._kept if seq > last_seq]

    def owns(self, resume_token: str) -> bool:
        """Whether this token was given to this session's client."""
        return hmac.compare_digest(self.resume_token.encode(), resume_token.encode())

    def detach(self, now: float) -> None:
        """The socket is gone."""
        self.connection_id = None
        self.detached_at = now

    def take_up(self, connection_id: str) -> None:
        """A new socket carries the session."""
        self.connection_id = connection_id
        self.detached_at = None
