"""How much one WebSocket may say: a token bucket per class of message, and one for bytes. Sans-I/O.

Who is over a limit is told so; who goes on regardless runs out of patience's own bucket and is disconnected.
"""

from __future__ import annotations

from enum import StrEnum

from parley.signaling.gateway.limits import Rate, TokenBucket
from parley.signaling.schema import client


class MessageClass(StrEnum):
    """Messages that cost us, or others, about the same."""

    CHAT = "chat"
    OFFER = "offer"
    MEDIA = "media"
    ACK = "ack"
    OTHER = "other"


RATES: dict[MessageClass, Rate] = {
    MessageClass.CHAT: Rate(per_second=1.0, burst=10.0),
    MessageClass.OFFER: Rate(per_second=2.0, burst=20.0),
    # Nine tiles that change their layer with every change of the layout.
    MessageClass.MEDIA: Rate(per_second=20.0, burst=150.0),
    MessageClass.ACK: Rate(per_second=5.0, burst=30.0),
    MessageClass.OTHER: Rate(per_second=5.0, burst=30.0),
}

BYTES = Rate(per_second=256_000.0, burst=1_500_000.0)
PATIENCE = Rate(per_second=0.5, burst=40.0)
"""Refused messages in a row after which the connection is closed."""

_CLASSES: dict[type, MessageClass] = {
    client.SendChat: MessageClass.CHAT,
    client.PublishOffer: MessageClass.OFFER,
    client.RestartSubscribe: MessageClass.OFFER,
    client.SubscribeAnswer: MessageClass.MEDIA,
    client.UpdateConsumer: MessageClass.MEDIA,
    client.MuteProducer: MessageClass.MEDIA,
    client.GetStats: MessageClass.MEDIA,
    client.Ack: MessageClass.ACK,
}


def message_class(kind: type) -> MessageClass:
    """The class of a message type."""
    return _CLASSES.get(kind, MessageClass.OTHER)


class Traffic:
    """The buckets of one connection; `now` in seconds, monotonic."""

    def __init__(self, now: float) -> None:
        self._buckets = {kind: TokenBucket(rate, now) for kind, rate in RATES.items()}
        self._bytes = TokenBucket(BYTES, now)
        self._patience = TokenBucket(PATIENCE, now)

    def allows(self, kind: type, now: float) -> bool:
        """Whether one more message of this type may pass."""
        return self._buckets[message_class(kind)].take(now)

    def allows_bytes(self, count: int, now: float) -> bool:
        """Whether a frame of this size may be looked at; its content is not known yet."""
        return self._bytes.take(now, count)

    def tolerates(self, now: float) -> bool:
        """Count a refused message; False when it was one too many."""
        return self._patience.take(now)
