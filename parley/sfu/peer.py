"""One participant's media: what it publishes (publisher.py) and what it subscribes to (subscriber.py)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from parley.sfu.endpoint import MediaEndpoint
from parley.sfu.interfaces import PeerListener, PublishResult
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.publisher import Publisher
from parley.sfu.stats import Discarded, PeerStats
from parley.sfu.subscriber import Subscriber

if TYPE_CHECKING:
    from parley.sfu.router import Router


class Peer:
    """See the module. Made by Router.add_peer."""

    def __init__(
        self,
        participant_id: str,
        router: Router,
        endpoint: MediaEndpoint,
        discarded: Discarded,
        listener: PeerListener,
    ) -> None:
        self.participant_id = participant_id
        self.listener = listener
        self._router = router
        self.publisher = Publisher(participant_id, endpoint, discarded, listener, self._heard, time.time)
        self.subscriber = Subscriber(endpoint, discarded, listener, time.time)

    def _heard(self, level: int, now: float) -> None:
        self._router.heard(self.participant_id, level, now)

    def publish(self, sdp: str, tracks: Sequence[TrackIntent]) -> PublishResult:
        """Take the browser's publish offer. Raises SdpError.

        tracks: all that it publishes; a producer whose source is not among them ends. Producers live on by their
        source, with their id and whether they are muted. Other ICE credentials than before restart ICE, another
        certificate fingerprint starts a new transport.
        """
        result, added, removed = self.publisher.publish(sdp, list(tracks), time.monotonic())
        for producer in removed:
            self._router.producer_removed(self, producer)
        for producer in added:
            self._router.producer_added(self, producer)
        self._router.settle()
        return result

    def set_muted(self, producer_id: str, muted: bool) -> None:
        """Stop or start forwarding a producer. Raises KeyError for one that isn't there."""
        producer = self.publisher.producers[producer_id]
        producer.set_muted(muted, time.monotonic())
        if muted and producer.source == "microphone":
            self._router.quiet(self.participant_id)

    def answer_subscribe(self, offer_id: int, sdp: str) -> None:
        """Take the browser's answer; stale ones are ignored. Raises SdpError."""
        self.subscriber.answer(offer_id, sdp, time.monotonic())
        self._router.settle()

    def restart_subscribe(self, fresh: bool) -> None:
        """Offer the subscribe transport with new ICE credentials, or with `fresh` a whole new one."""
        self.subscriber.restart(fresh=fresh)
        self._router.settle()

    def update_consumer(self, consumer_id: str, paused: bool | None, max_layer: str | None) -> None:
        """Pause or resume a consumer, or bound its layer; None leaves as is. Raises KeyError."""
        self.subscriber.update(consumer_id, paused, max_layer, time.monotonic())

    def tick(self, now: float, active_speaker: str | None) -> None:
        """Several times a second."""
        self.publisher.tick(now)
        if now >= self.subscriber.next_report:
            self.subscriber.tick(now, active_speaker)
            self.publisher.rtt = self.subscriber.rtt or self.publisher.rtt

    def stats(self) -> PeerStats:
        """Everything about this participant's media."""
        now = time.monotonic()
        publish = self.publisher.transport
        transports = [publish.report(now)] if publish is not None else []
        return PeerStats(
            transports=[*transports, self.subscriber.transport.report(now)],
            producers=[producer.report(now) for producer in self.publisher.producers.values()],
            consumers=[consumer.report() for consumer in self.subscriber.consumers.values()],
        )

    def close(self) -> None:
        """The participant is gone. Called by Router.remove_peer."""
        self.publisher.close()
        self.subscriber.close()
