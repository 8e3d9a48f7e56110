"""What the SFU says to whoever runs a meeting on it: the listener of a peer, and the facts that it is told.

The listener's methods are called synchronously, from the call that caused them or from the node's event loop. They may
call back into the Router and the Peer; they must neither block nor raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProducerInfo:
    """One published track. source: "microphone", "camera", "screen" or "screen_audio"."""

    producer_id: str
    source: str
    muted: bool


@dataclass(frozen=True, slots=True)
class ConsumerInfo:
    """Which m-line (`mid`) of a subscribe offer carries which producer of which participant."""

    consumer_id: str
    producer_id: str
    participant_id: str
    source: str
    mid: str


@dataclass(frozen=True, slots=True)
class PublishResult:
    """The answer to a publish offer, and (mid, producer id) of every track it publishes."""

    sdp: str
    producers: list[tuple[str, str]]


class PeerListener(Protocol):
    """Whoever speaks for the participant."""

    def subscribe_offer(self, offer_id: int, sdp: str, consumers: list[ConsumerInfo], fresh: bool) -> None:
        """Hand this offer to the browser; it is answered with Peer.answer_subscribe(offer_id, …).

        consumers: all that live, not only the new ones. fresh: it needs a new RTCPeerConnection.
        """

    def producer_added(self, info: ProducerInfo) -> None:
        """The participant publishes a track."""

    def producer_removed(self, producer_id: str) -> None:
        """A track of the participant ended."""

    def consumer_updated(self, consumer_id: str, paused: bool, layer: str | None) -> None:
        """What the participant gets of a producer changed: paused by the participant, another layer ("low", "medium"
        or "high"; a track without layers counts as "high"), or None where the bandwidth holds none."""

    def transport_state(self, kind: str, state: str) -> None:
        """A transport ("publish" or "subscribe") is now "new", "connecting", "connected", "disconnected", "failed" or
        "closed"."""
