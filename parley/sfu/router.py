"""The media of one room: its peers, everybody's producers forwarded to everybody else, and who speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parley.sfu.active_speaker import ActiveSpeakerObserver
from parley.sfu.endpoint import MediaEndpoint
from parley.sfu.interfaces import PeerListener
from parley.sfu.peer import Peer
from parley.sfu.producer import Producer
from parley.sfu.stats import Discarded
from parley.sfu.tap import Tap, TapSink

SPEAKER_INTERVAL = 0.2
"""Seconds between two looks at who speaks."""


class Router:
    """See the module. Made by MediaServer.create_router.

    on_active_speaker: called with a participant, or None, and now (seconds, monotonic), when that changes. on_levels:
    called with the loudness of those who are heard (0 loud to 127), several times a second while somebody is, and once
    when nobody is any more.
    """

    def __init__(
        self, router_id: str, endpoint: MediaEndpoint, discarded: Discarded, forget: Callable[[Router], None]
    ) -> None:
        self.router_id = router_id
        self.peers: dict[str, Peer] = {}
        self.on_active_speaker: Callable[[str | None, float], None] = _ignore
        self.on_levels: Callable[[dict[str, int]], None] = _ignore
        self._endpoint = endpoint
        self._discarded = discarded
        self._forget = forget
        self._taps: list[Tap] = []
        self._speakers = ActiveSpeakerObserver()
        self._next_look = 0.0
        self._somebody_heard = False

    def add_peer(self, participant_id: str, listener: PeerListener) -> Peer:
        """Somebody came in: they get what everybody else publishes. Raises ValueError for one who is there already."""
        if participant_id in self.peers:
            raise ValueError(f"participant {participant_id} has a peer already")
        peer = Peer(participant_id, self, self._endpoint, self._discarded, listener)
        for other in self.peers.values():
            for producer in other.publisher.producers.values():
                peer.subscriber.add(producer)
        self.peers[participant_id] = peer
        self.settle()
        return peer

    def remove_peer(self, participant_id: str) -> None:
        """Somebody left. Unknown ids are ignored."""
        peer = self.peers.pop(participant_id, None)
        if peer is None:
            return
        for producer in peer.publisher.producers.values():
            for other in self.peers.values():
                other.subscriber.remove(producer)
        peer.close()
        self._speakers.remove(participant_id)
        self.settle()

    def producer_added(self, owner: Peer, producer: Producer) -> None:
        """A peer publishes a track."""
        owner.listener.producer_added(producer.info)
        for peer in self.peers.values():
            if peer is not owner:
                peer.subscriber.add(producer)

    def producer_removed(self, owner: Peer, producer: Producer) -> None:
        """A peer's track ended."""
        for peer in self.peers.values():
            peer.subscriber.remove(producer)
        owner.listener.producer_removed(producer.producer_id)
        if producer.source == "microphone":
            self.quiet(owner.participant_id)

    def settle(self) -> None:
        """Offer every subscriber what has changed for it."""
        for peer in list(self.peers.values()):
            peer.subscriber.offer_changes()

    # --- taps -------------------------------------------------------------------------------------------------------

    def tap(self, sink: TapSink) -> Tap:
        """Hand everything that is published to a recorder from now on."""
        made = Tap(sink)
        self._taps.append(made)
        return made

    def untap(self, tap: Tap) -> None:
        """No more for this one."""
        if tap in self._taps:
            self._taps.remove(tap)
            tap.close()

    # --- who speaks -------------------------------------------------------------------------------------------------

    def heard(self, participant_id: str, level: int, now: float) -> None:
        """A packet of somebody's microphone had this level."""
        self._speakers.level(participant_id, level, now)

    def quiet(self, participant_id: str) -> None:
        """Somebody's microphone is gone or muted."""
        self._speakers.remove(participant_id)

    def tick(self, now: float) -> None:
        """Several times a second."""
        if now >= self._next_look:
            self._next_look = now + SPEAKER_INTERVAL
            if self._speakers.update(now):
                self.on_active_speaker(self._speakers.active, now)
            levels = self._speakers.levels(now)
            if levels or self._somebody_heard:
                self.on_levels(levels)
            self._somebody_heard = bool(levels)
        for peer in list(self.peers.values()):
            peer.tick(now, self._speakers.active)
        for tap in self._taps:
            tap.pull(self._producers(), now)

    def _producers(self) -> Iterator[Producer]:
        for peer in self.peers.values():
            yield from peer.publisher.producers.values()

    def close(self) -> None:
        """The room is over."""
        for tap in list(self._taps):
            self.untap(tap)
        for peer in self.peers.values():
            peer.close()
        self.peers.clear()
        self._forget(self)


def _ignore(*_: object) -> None: ...
