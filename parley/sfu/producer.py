"""One published track: which consumer gets which of its layers (producer_layer.py).

A microphone or screen has one layer, a simulcast camera up to three. A packet goes one way: publisher.py hands it to
its layer, which sends it to every consumer that stands in its `forwarding` list. Who stands where is decided in
`Producer.place`, never per packet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from parley.sfu.interfaces import ProducerInfo
from parley.sfu.native_layer import new_layer
from parley.sfu.producer_layer import ForwardedCodec, ProducerLayer, forwarded_codecs
from parley.sfu.publish_sdp import NegotiatedTrack
from parley.sfu.remote_clock import RemoteClock
from parley.sfu.stats import ProducerReport

if TYPE_CHECKING:
    from parley.sfu.consumer import Consumer

LAYER_NAMES = {1: ("high",), 2: ("low", "high"), 3: ("low", "medium", "high")}
"""What clients call the layers of a producer that has so many, smallest first."""


class Producer:
    """See the module.

    muted: by its owner or the host; nothing is forwarded meanwhile. is_simulcast: whether it has layers to choose from,
    which never changes. restless: whether something may be missing or a key frame be wanted, for which the publisher's
    tick looks. ask_keyframe: sends a request for one to the publisher. tapped: somebody records it, so packets are kept
    also when nobody else gets them. clock: maps the publisher's NTP time to ours.
    """

    def __init__(
        self,
        producer_id: str,
        participant_id: str,
        track: NegotiatedTrack,
        clock: RemoteClock,
        ask_keyframe: Callable[[int], None],
    ) -> None:
        self.producer_id = producer_id
        self.participant_id = participant_id
        self.source = track.source
        self.kind = track.kind
        self.muted = track.muted
        self.clock = clock
        self.mid = track.mid
        self.rids = track.rids
        self.codecs = forwarded_codecs(track.codecs)
        self.offered = tuple(track.codecs.values())
        self.rtx = track.rtx
        self.codec = next(iter(self.codecs.values()))
        self.clock_rate = self.codec.clock_rate
        self.layers: list[ProducerLayer | None] = [None] * max(1, len(track.rids))
        self.is_simulcast = len(self.layers) > 1
        self.restless = True
        self.consumers: list[Consumer] = []
        self.tapped = False
        self._ask_keyframe = ask_keyframe

    def renegotiate(self, track: NegotiatedTrack) -> bool:
        """Take over a new description of the same track; False when consumers would need another one."""
        outgoing = [codec.outgoing for codec in track.codecs.values()]
        if outgoing != [codec.outgoing for codec in self.offered] or len(track.rids) != len(self.rids):
            return False
        self._hold()
        self.mid = track.mid
        self.rids = track.rids
        self.codecs = forwarded_codecs(track.codecs)
        self.offered = tuple(track.codecs.values())
        self.rtx = track.rtx
        return True

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def info(self) -> ProducerInfo:
        """What others are told of it."""
        return ProducerInfo(self.producer_id, self.source, self.muted)

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names, smallest first."""
        return LAYER_NAMES[len(self.layers)]

    def live(self, now: float) -> list[bool]:
        """Which layers can be forwarded. A track without layers always can: screens that stand still send nothing."""
        if self.is_simulcast:
            return [layer is not None and layer.is_live(now) for layer in self.layers]
        return [self.layers[0] is not None]

    def bitrates(self, now: float) -> list[int]:
        """Bit/s of each layer, 0 for one that doesn't arrive."""
        return [0 if layer is None else layer.rate.bitrate(now) for layer in self.layers]

    # --- layers -----------------------------------------------------------------------------------------------------

    def add_layer(self, index: int, ssrc: int, now: float) -> ProducerLayer:
        """This SSRC is the layer with this index from now on; the one before, if any, has ended."""
        self._hold()
        before = self.layers[index]
        layer = new_layer(self, index, ssrc)
        layer.last_at = now
        self.layers[index] = layer
        if before is not None:
            for consumer in [*before.forwarding, *before.waiting]:
                consumer.selector.current = consumer.selector.target = -1
            before.forwarding.clear()
            before.waiting.clear()
        self.place_all(now)
        return layer

    def drop_layers(self) -> None:
        """The publisher's transport is a new one: its SSRCs will be others."""
        self._hold()
        for index, layer in enumerate(self.layers):
            if layer is not None:
                layer.forwarding.clear()
                layer.waiting.clear()
                self.layers[index] = None
        for consumer in self.consumers:
            consumer.selector.current = consumer.selector.target = -1

    def _hold(self) -> None:
        """Who gets what is about to change: no packet passes it by."""
        for layer in self.layers:
            if layer is not None:
                layer.hold()

    # --- consumers --------------------------------------------------------------------------------------------------

    def add_consumer(self, consumer: Consumer) -> None:
        """Somebody subscribes; packets flow once the consumer is ready and was placed."""
        self.consumers.append(consumer)

    def remove_consumer(self, consumer: Consumer) -> None:
        """Somebody no longer does."""
        if consumer in self.consumers:
            self.consumers.remove(consumer)
            self.leave_other_layers(consumer, None)
            consumer.stream.tx.drop(consumer.stream)

    def leave_other_layers(self, consumer: Consumer, keep: ProducerLayer | None) -> None:
        """Take the consumer out of every layer's lists but one's."""
        for layer in self.layers:
            if layer is not None and layer is not keep:
                layer.leave(consumer)

    def place_all(self, now: float) -> None:
        """Decide anew for every consumer: layers, muting or the codec changed."""
        for consumer in self.consumers:
            self.place(consumer, now)

    def place(self, consumer: Consumer, now: float) -> None:
        """Decide which layer's packets the consumer gets, and ask for the key frame that it takes."""
        selector = consumer.selector
        if not consumer.ready or self.muted:
            self.leave_other_layers(consumer, None)
            selector.current = selector.target = -1
            return
        selector.choose(self.live(now), consumer.allowed)
        for layer in self.layers:
            if layer is None:
                continue
            if layer.index != selector.current and consumer in layer.forwarding:
                layer.hold()
                layer.forwarding.remove(consumer)
            awaited = layer.index == selector.target and selector.target != selector.current
            if awaited and consumer not in layer.waiting:
                layer.hold()
                layer.waiting.append(consumer)
                self.request_keyframe(layer, now)
            elif not awaited and consumer in layer.waiting:
                layer.waiting.remove(consumer)

    def request_keyframe(self, layer: ProducerLayer, now: float) -> None:
        """Somebody can't go on without one; asked of the publisher, not too often."""
        self.restless = True
        layer.hold()
        if self.kind == "video" and not self.muted and layer.requester.want(now):
            self._ask_keyframe(layer.ssrc)

    def set_muted(self, muted: bool, now: float) -> None:
        """Stop or start forwarding."""
        if muted != self.muted:
            self._hold()
            self.muted = muted
            self.place_all(now)

    def use_codec(self, codec: ForwardedCodec, now: float) -> None:
        """The publisher sends this one now; not every subscriber may take it."""
        self._hold()
        self.codec = codec
        self.place_all(now)

    def tick(self, now: float) -> None:
        """Once a second: layers come and go, and who still waits for a key frame needs another request."""
        self.place_all(now)
        for layer in self.layers:
            if layer is not None and layer.waiting and layer.is_live(now):
                self.request_keyframe(layer, now)

    def report(self, now: float) -> ProducerReport:
        """Statistics."""
        layers = [layer for layer in self.layers if layer is not None]
        return ProducerReport(
            producer_id=self.producer_id,
            source=self.source,
            codec=self.codec.name,
            muted=self.muted,
            packets=sum(layer.stats.packets for layer in layers),
            bytes=sum(layer.stats.bytes for layer in layers),
            bitrate=sum(layer.rate.bitrate(now) for layer in layers),
            lost=sum(layer.stats.lost for layer in layers),
            nacks_sent=sum(layer.nack.requested for layer in layers),
            plis_sent=sum(layer.requester.sent for layer in layers),
            jitter_ms=max((layer.stats.jitter / self.clock_rate * 1000 for layer in layers), default=0.0),
            layers=[self.names[layer.index] for layer in layers if layer.is_live(now)],
        )
