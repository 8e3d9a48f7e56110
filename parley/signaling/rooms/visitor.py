"""One person at or in a room: who they are, the session that reaches them, and their media once they are inside.

The Visitor is the room's PeerListener for that person: what the SFU says of the person's tracks becomes protocol here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from parley.lobby.authorization import Role
from parley.lobby.lobby import Person, WaitingKnock
from parley.sfu.health import health_of
from parley.sfu.interfaces import ConsumerInfo, ProducerInfo
from parley.sfu.peer import Peer
from parley.signaling.rooms.outbox import Sockets
from parley.signaling.rooms.quality import QualityMeter
from parley.signaling.rooms.session import Session, encode
from parley.signaling.schema.common import ConnectionState, IceServer, Layer, Participant, Producer, Source
from parley.signaling.schema.server import (
    Answer,
    Consumer,
    ConsumerUpdated,
    Event,
    ProducerAdded,
    ProducerRemoved,
    ServerMessage,
    SubscribeOffer,
)


class Broadcast(Protocol):
    """How a visitor tells the whole room something."""

    def __call__(self, event: Event, *, besides: Visitor | None = None) -> None: ...


class Visitor:
    """See the module. `participant_id` stays the same when the person comes back with a new session."""

    def __init__(
        self, participant_id: str, person: Person, role: Role, session: Session, sockets: Sockets, broadcast: Broadcast
    ) -> None:
        self.participant_id = participant_id
        self.person = person
        self.role = role
        self.session = session
        self.ice_servers: list[IceServer] = []
        self.knock: WaitingKnock | None = None
        self.knocked_at = 0.0
        self.peer: Peer | None = None
        self.joined_at: float | None = None
        self.hand_raised_at: float | None = None
        self.state = ConnectionState.CONNECTED
        self.producers: dict[str, Producer] = {}
        self._quality = QualityMeter()
        self._sockets = sockets
        self._broadcast = broadcast
        self._transport_states: dict[str, str] = {}

    @property
    def inside(self) -> bool:
        """Whether the person is a participant of the room."""
        return self.joined_at is not None

    def view(self, talk_seconds: float) -> Participant:
        """The participant as everyone sees them; talk_seconds: how long they spoke until now."""
        return Participant(
            participant_id=self.participant_id,
            name=self.person.name,
            role=self.role,
            is_guest=self.person.is_guest,
            state=self.state,
            joined_at=self.joined_at or 0.0,
            producers=list(self.producers.values()),
            hand_raised_at=self.hand_raised_at,
            talk_seconds=round(talk_seconds, 1),
            quality=self._quality.quality,
        )

    # --- talking to the client --------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        """Send an event, and keep it for a resume."""
        payload = self.session.number(event)
        if self.session.connection_id is not None:
            self._sockets.send(self.session.connection_id, payload)

    def now_or_never(self, message: ServerMessage) -> None:
        """Send what is worth nothing later."""
        if self.session.connection_id is not None:
            self._sockets.send(self.session.connection_id, encode(message))

    def answer(self, message: Answer) -> None:
        """Answer a request."""
        payload = self.session.answer(message)
        self.resend([payload])

    def resend(self, payloads: Iterable[bytes]) -> None:
        """Send bytes that were encoded before."""
        if self.session.connection_id is not None:
            for payload in payloads:
                self._sockets.send(self.session.connection_id, payload)

    def hang_up(self) -> None:
        """Close the socket after what was sent."""
        if self.session.connection_id is not None:
            self._sockets.close(self.session.connection_id)
            self.session.connection_id = None

    # --- media (PeerListener) ---------------------------------------------------------------------------------------

    @property
    def media_down(self) -> bool:
        """Whether a transport that was connected has lost its network path."""
        return any(state in ("disconnected", "failed") for state in self._transport_states.values())

    def measure_quality(self, now: float) -> bool:
        """Look anew how the person's media gets through; whether the verdict has changed."""
        return self.peer is not None and self._quality.measure(health_of(self.peer), now)

    def forget_media(self) -> None:
        """The peer is gone; a new one starts from nothing. Not for the person's own new session: it knows of none."""
        self.peer = None
        self._transport_states.clear()
        self._quality = QualityMeter()
        for producer_id in list(self.producers):
            del self.producers[producer_id]
            gone = ProducerRemoved(producer_id=producer_id, participant_id=self.participant_id)
            self._broadcast(gone, besides=self)

    def subscribe_offer(self, offer_id: int, sdp: str, consumers: list[ConsumerInfo], fresh: bool) -> None:
        """The SFU offers the subscribe transport anew."""
        views = [
            Consumer(
                consumer_id=info.consumer_id,
                producer_id=info.producer_id,
                participant_id=info.participant_id,
                source=Source(info.source),
                mid=info.mid,
            )
            for info in consumers
        ]
        self.event(SubscribeOffer(offer_id=offer_id, sdp=sdp, consumers=views, fresh=fresh))

    def producer_added(self, info: ProducerInfo) -> None:
        """One of the person's tracks is known now."""
        producer = Producer(
            producer_id=info.producer_id,
            participant_id=self.participant_id,
            source=Source(info.source),
            muted=info.muted,
        )
        self.producers[info.producer_id] = producer
        self._broadcast(ProducerAdded(producer=producer))

    def producer_removed(self, producer_id: str) -> None:
        """One of the person's tracks ended."""
        if self.producers.pop(producer_id, None) is not None:
            self._broadcast(ProducerRemoved(producer_id=producer_id, participant_id=self.participant_id))

    def consumer_updated(self, consumer_id: str, paused: bool, layer: str | None) -> None:
        """What one of the person's consumers forwards changed."""
        self.event(
            ConsumerUpdated(consumer_id=consumer_id, paused=paused, layer=Layer(layer) if layer is not None else None)
        )

    def transport_state(self, kind: str, state: str) -> None:
        """A transport came up or lost its path; the room's tick tells the others."""
        self._transport_states[kind] = state
