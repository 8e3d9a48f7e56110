"""What a client may ask of its own media: publishing, muting, what it is sent, and how it all gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parley.sfu.peer import Peer
from parley.sfu.publish_sdp import TrackIntent
from parley.signaling.rooms.command_error import CommandError
from parley.signaling.schema.client import (
    GetStats,
    MuteProducer,
    PublishOffer,
    RestartSubscribe,
    SubscribeAnswer,
    UpdateConsumer,
)
from parley.signaling.schema.common import ErrorCode
from parley.signaling.schema.server import (
    Answer,
    ConsumerStats,
    Ok,
    ProducerStats,
    ProducerUpdated,
    PublishAnswer,
    PublishedProducer,
    Stats,
    TransportStats,
)

if TYPE_CHECKING:
    from parley.signaling.rooms.room import Room
    from parley.signaling.rooms.visitor import Visitor


def publish(room: Room, visitor: Visitor, message: PublishOffer, now: float) -> Answer:
    """Publish these tracks."""
    tracks = [TrackIntent(mid=track.mid, source=track.source.value, muted=track.muted) for track in message.tracks]
    result = _peer(visitor).publish(message.sdp, tracks)
    producers = [PublishedProducer(mid=mid, producer_id=producer_id) for mid, producer_id in result.producers]
    return PublishAnswer(re=message.id, sdp=result.sdp, producers=producers)


def mute_producer(room: Room, visitor: Visitor, message: MuteProducer, now: float) -> Answer:
    """Mute one's own track, or be heard again."""
    if message.producer_id not in visitor.producers:
        raise CommandError(ErrorCode.NOT_FOUND, "You have no such producer.")
    set_muted(room, visitor, message.producer_id, message.muted, by=None)
    return Ok(re=message.id)


def set_muted(room: Room, owner: Visitor, producer_id: str, muted: bool, by: str | None) -> None:
    """A track of the owner's is muted, or isn't any more; by: who else did it."""
    producer = owner.producers[producer_id]
    if producer.muted is muted:
        return
    _peer(owner).set_muted(producer_id, muted)
    changed = msgspec.structs.replace(producer, muted=muted)
    owner.producers[producer_id] = changed
    room.roster.broadcast(ProducerUpdated(producer=changed, by=by))


def subscribe_answer(room: Room, visitor: Visitor, message: SubscribeAnswer, now: float) -> Answer:
    """The browser takes up our offer."""
    _peer(visitor).answer_subscribe(message.offer_id, message.sdp)
    return Ok(re=message.id)


def subscribe_restart(room: Room, visitor: Visitor, message: RestartSubscribe, now: float) -> Answer:
    """Offer anew what one is sent."""
    _peer(visitor).restart_subscribe(message.fresh)
    return Ok(re=message.id)


def update_consumer(room: Room, visitor: Visitor, message: UpdateConsumer, now: float) -> Answer:
    """Another layer of what one is sent, or a pause."""
    try:
        _peer(visitor).update_consumer(message.consumer_id, message.paused, message.max_layer)
    except KeyError:
        raise CommandError(ErrorCode.NOT_FOUND, "You have no such consumer.") from None
    return Ok(re=message.id)


def stats(room: Room, visitor: Visitor, message: GetStats, now: float) -> Answer:
    """How one's media gets through."""
    stats = _peer(visitor).stats()
    return Stats(
        re=message.id,
        transports=[msgspec.convert(item, TransportStats, from_attributes=True) for item in stats.transports],
        producers=[msgspec.convert(item, ProducerStats, from_attributes=True) for item in stats.producers],
        consumers=[msgspec.convert(item, ConsumerStats, from_attributes=True) for item in stats.consumers],
    )


def _peer(visitor: Visitor) -> Peer:
    if visitor.peer is None:
        raise CommandError(ErrorCode.WRONG_STATE, "There is no media session yet.")
    return visitor.peer
