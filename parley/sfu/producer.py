"""One published track: its layers as they arrive, and which consumer each layer's packets go to.

A microphone or screen has one layer, a simulcast camera up to three. A packet goes one way: publisher.py hands it to
its layer, the layer builds the template once and queues it for every consumer that stands in its `forwarding` list.
Who stands where is decided in `Producer.place`, never per packet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.sfu.codecs import CodecParameters
from parley.sfu.interfaces import ProducerInfo
from parley.sfu.keyframe import KeyFrameRequester, is_keyframe
from parley.sfu.layers import LIVE_FOR
from parley.sfu.nack import NackGenerator
from parley.sfu.outbound import Fan
from parley.sfu.publish_sdp import NegotiatedTrack
from parley.sfu.rate import RateMeter
from parley.sfu.receive_stats import ReceiveStatistics
from parley.sfu.remote_clock import RemoteClock
from parley.sfu.retransmission import RetransmissionBuffer
from parley.sfu.rtp import abs_send_time
from parley.sfu.stats import ProducerReport
from parley.sfu.template import build_template
from parley.sfu.types import seq_newer
from parley.sfu.vp8 import Vp8Descriptor, parse_vp8

if TYPE_CHECKING:
    from parley.sfu.consumer import Consumer

LAYER_NAMES = {1: ("high",), 2: ("low", "high"), 3: ("low", "medium", "high")}
"""What clients call the layers of a producer that has so many, smallest first."""


@dataclass(frozen=True, slots=True)
class ForwardedCodec:
    """A codec of one producer, with its payload types towards subscribers."""

    name: str
    clock_rate: int
    payload_type: int
    rtx_payload_type: int | None


def forwarded_codecs(codecs: dict[int, CodecParameters]) -> dict[int, ForwardedCodec]:
    """By the publisher's payload type."""
    forwarded = {}
    for payload_type, codec in codecs.items():
        outgoing = codec.outgoing
        if outgoing is not None:
            forwarded[payload_type] = ForwardedCodec(codec.name, codec.clock_rate, *outgoing)
    return forwarded


class ProducerLayer:
    """One encoding of a track, which is one SSRC of its publisher.

    forwarding: consumers that get its packets. waiting: those that will, from the next key frame on. last_timestamp,
    last_at, vp8: of the newest packet, for consumers that switch away.
    """

    __slots__ = (
        "_fan",
        "_fan_of",
        "buffer",
        "forwarding",
        "index",
        "last_at",
        "last_seq",
        "last_timestamp",
        "nack",
        "producer",
        "rate",
        "requester",
        "ssrc",
        "stats",
        "vp8",
        "waiting",
    )

    def __init__(self, producer: Producer, index: int, ssrc: int) -> None:
        self.producer = producer
        self.index = index
        self.ssrc = ssrc
        self.stats = ReceiveStatistics(producer.clock_rate)
        self.nack = NackGenerator()
        self.rate = RateMeter()
        self.buffer = RetransmissionBuffer(512 if producer.kind == "video" else 64)
        self.requester = KeyFrameRequester()
        self.forwarding: list[Consumer] = []
        self.waiting: list[Consumer] = []
        self._fan = Fan([])
        self._fan_of: list[Consumer] = []
        self.last_seq = -1
        self.last_timestamp = 0
        self.last_at = float("-inf")
        self.vp8: Vp8Descriptor | None = None

    def is_live(self, now: float) -> bool:
        """Whether packets arrive."""
        return now - self.last_at <= LIVE_FOR

    def forward(
        self, payload: bytes | bytearray, codec: ForwardedCodec, marker: int, seq: int, timestamp: int, tag: int,
        value: int, now: float,
    ) -> None:  # fmt: skip
        """Send a packet on to everyone who gets this layer.

        payload: its bytes, which reach subscribers as they are, but for picture ids after a change of layers. tag and
        value: see template.build_template.
        """
        if not self.forwarding and not self.waiting and not self.producer.is_simulcast:
            return
        template = build_template(payload, marker, timestamp, abs_send_time(now), tag, value)
        self.buffer.store(seq, template, now)
        vp8 = None
        if self.producer.is_simulcast and codec.name == "VP8":
            offset = len(template) - len(payload)
            vp8 = parse_vp8(template, offset, len(payload))
        if self.requester.wanted or self.waiting:
            self._let_in(template, len(payload), codec, seq, timestamp, vp8, now)
        if self.last_seq < 0 or seq_newer(seq, self.last_seq):
            self.last_seq = seq
            self.last_timestamp = timestamp
            self.vp8 = vp8
        if self._fan_of != self.forwarding:
            self._fan_of = list(self.forwarding)
            self._fan = Fan([consumer.stream for consumer in self._fan_of])
        fan = self._fan
        second = marker << 7 | codec.payload_type
        if vp8 is not None:
            fan = self._forward_munged(template, second, seq, timestamp, vp8)
        while fan.streams:  # once, unless some come by IPv6 or TCP
            batch = fan.streams[0].tx.batch
            others = fan.streams[1:] if batch is None else batch.forward(template, second, seq, timestamp, fan)
            if not others:
                break
            fan = Fan(others)

    def _forward_munged(self, template: bytes, second: int, seq: int, timestamp: int, vp8: Vp8Descriptor) -> Fan:
        """Send a VP8 packet to those who get it with other picture ids; the rest are handed back."""
        munged = [consumer for consumer in self.forwarding if consumer.munger.active]
        if not munged:
            return self._fan
        for consumer in munged:
            batch = consumer.stream.tx.batch
            if batch is not None:
                batch.forward(consumer.munged(template, vp8), second, seq, timestamp, consumer.stream.alone)
        return Fan([consumer.stream for consumer in self.forwarding if not consumer.munger.active])

    def leave_out(self, seq: int) -> None:
        """A packet that carries nothing (padding) arrived: consumers' numbers close up over it."""
        for consumer in self.forwarding:
            consumer.stream.mapper.leave_out(seq)

    def _let_in(
        self, template: bytes, size: int, codec: ForwardedCodec, seq: int, timestamp: int, vp8: Vp8Descriptor | None,
        now: float,
    ) -> None:  # fmt: skip
        keyframe = is_keyframe(codec.name, template, len(template) - size, size)
        if keyframe:
            self.requester.arrived()
        for consumer in list(self.waiting):
            forwarded, _ = consumer.selector.accept(self.index, keyframe)
            if forwarded:
                self.waiting.remove(consumer)
                self.producer.leave_other_layers(consumer, self)
                consumer.switch_to(self, seq, timestamp, vp8, now)
                self.forwarding.append(consumer)


class Producer:
    """See the module.

    muted: by its owner or the host; nothing is forwarded meanwhile. is_simulcast: whether it has layers to choose from,
    which never changes. ask_keyframe: sends a request for one to the
    publisher. clock: maps the publisher's NTP time to ours.
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
        self.consumers: list[Consumer] = []
        self._ask_keyframe = ask_keyframe

    def renegotiate(self, track: NegotiatedTrack) -> bool:
        """Take over a new description of the same track; False when consumers would need another one."""
        outgoing = [codec.outgoing for codec in track.codecs.values()]
        if outgoing != [codec.outgoing for codec in self.offered] or len(track.rids) != len(self.rids):
            return False
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
        before = self.layers[index]
        layer = ProducerLayer(self, index, ssrc)
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
        for index, layer in enumerate(self.layers):
            if layer is not None:
                layer.forwarding.clear()
                layer.waiting.clear()
                self.layers[index] = None
        for consumer in self.consumers:
            consumer.selector.current = consumer.selector.target = -1

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
                if consumer in layer.forwarding:
                    layer.forwarding.remove(consumer)
                if consumer in layer.waiting:
                    layer.waiting.remove(consumer)

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
                layer.forwarding.remove(consumer)
            awaited = layer.index == selector.target and selector.target != selector.current
            if awaited and consumer not in layer.waiting:
                layer.waiting.append(consumer)
                self.request_keyframe(layer, now)
            elif not awaited and consumer in layer.waiting:
                layer.waiting.remove(consumer)

    def request_keyframe(self, layer: ProducerLayer, now: float) -> None:
        """Somebody can't go on without one; asked of the publisher, not too often."""
        if self.kind == "video" and not self.muted and layer.requester.want(now):
            self._ask_keyframe(layer.ssrc)

    def set_muted(self, muted: bool, now: float) -> None:
        """Stop or start forwarding."""
        if muted != self.muted:
            self.muted = muted
            self.place_all(now)

    def use_codec(self, codec: ForwardedCodec, now: float) -> None:
        """The publisher sends this one now; not every subscriber may take it."""
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
