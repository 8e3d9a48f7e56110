"""How a participant's packets get through, as totals: what a judgement of their connection is made of.

Read now and then from counters that are kept anyway; no packet costs more for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.sfu.peer import Peer


@dataclass(frozen=True, slots=True)
class Health:
    """One look at a participant's two transports. Packets are counted since they came up.

    sent, sent_lost: what the participant should have delivered to us, and what of it didn't come first-hand (RFC 3550
    A.3). received, received_lost: what their receiver reports covered, and what of it they missed. rtt: round trip in
    seconds, 0.0 while unknown. starved: a picture they want is not sent, because no layer of it fits their bandwidth.
    """

    sent: int
    sent_lost: int
    received: int
    received_lost: float
    rtt: float
    starved: bool


def health_of(peer: Peer) -> Health:
    """How this participant's packets get through."""
    sent = lost = 0
    for producer in peer.publisher.producers.values():
        for layer in producer.layers:
            if layer is not None:
                missing = layer.stats.lost
                sent += layer.stats.packets + missing
                lost += missing
    subscriber = peer.subscriber
    starved = any(
        consumer.allowed < 0 and consumer.ready and not consumer.producer.muted
        for consumer in subscriber.consumers.values()
    )
    return Health(sent, lost, subscriber.reported, subscriber.reported_lost, subscriber.rtt, starved)
