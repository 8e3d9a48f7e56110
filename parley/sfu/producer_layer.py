"""One encoding of a track as it arrives, which is one SSRC of its publisher: counted, kept, and sent to who gets it.

The layer builds the template of a packet once and has the plane send it to every consumer in its `forwarding` list.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parley.sfu.codecs import CodecParameters
from parley.sfu.keyframe import KeyFrameRequester, is_keyframe
from parley.sfu.layers import LIVE_FOR
from parley.sfu.nack import NackGenerator
from parley.sfu.outbound import Fan
from parley.sfu.rate import RateMeter
from parley.sfu.receive_stats import ReceiveStatistics
from parley.sfu.retransmission import RetransmissionBuffer
from parley.sfu.rtp import abs_send_time
from parley.sfu.template import build_template
from parley.sfu.types import seq_newer
from parley.sfu.vp8 import Vp8Descriptor, parse_vp8

if TYPE_CHECKING:
    from parley.sfu.consumer import Consumer
    from parley.sfu.producer import Producer

KEPT_VIDEO, KEPT_AUDIO = 512, 64
"""Packets that are kept for those who miss them."""
KEPT_LEFT_OUT = 64


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


def offset_by_reports(before: ProducerLayer, after: ProducerLayer, offset: int) -> int | None:
    """The timestamp offset that keeps a moment at the same time on both layers, where both have sender reports.

    offset: the one that is used on the layer before.
    """
    old, new = before.stats.last_sr, after.stats.last_sr
    if old is None or new is None:
        return None
    elapsed = (new.ntp - old.ntp) / 2**32
    old_at_new = old.rtp_timestamp + int(elapsed * before.producer.clock_rate)
    return (old_at_new + offset - new.rtp_timestamp) & 0xFFFFFFFF


class ProducerLayer:
    """See the module.

    forwarding: consumers that get its packets. waiting: those that will, from the next key frame on. last_timestamp,
    last_at, vp8: of the newest packet, for consumers that switch away. left_out: numbers of the last packets that
    carried nothing. cell: for the native plane; None in Python.
    """

    cell: Any = None

    __slots__ = (
        "_fan",
        "_fan_of",
        "buffer",
        "forwarding",
        "index",
        "last_at",
        "last_seq",
        "last_timestamp",
        "left_out",
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
        self._lay_out(KEPT_VIDEO if producer.kind == "video" else KEPT_AUDIO)
        self.requester = KeyFrameRequester()
        self.forwarding: list[Consumer] = []
        self.waiting: list[Consumer] = []
        self._fan = Fan([])
        self._fan_of: list[Consumer] = []
        self.last_seq = -1
        self.last_timestamp = 0
        self.last_at = float("-inf")
        self.vp8: Vp8Descriptor | None = None
        self.left_out: deque[int] = deque(maxlen=KEPT_LEFT_OUT)

    def _lay_out(self, kept: int) -> None:
        """Make what counts and keeps the packets, so many of them."""
        self.stats = ReceiveStatistics(self.producer.clock_rate)
        self.nack = NackGenerator()
        self.rate = RateMeter()
        self.buffer = RetransmissionBuffer(kept)

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
        producer = self.producer
        if not self.forwarding and not self.waiting and not producer.is_simulcast and not producer.tapped:
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
        self._renew_fan()
        second = marker << 7 | codec.payload_type
        fan = self._fan if vp8 is None else self._forward_munged(template, second, seq, timestamp, vp8)
        self._send(fan, template, second, seq, timestamp)

    def _renew_fan(self) -> None:
        if self._fan_of != self.forwarding:
            self._fan_of = list(self.forwarding)
            self._fan = Fan([consumer.stream for consumer in self._fan_of])

    def _send(self, fan: Fan, template: bytes, second: int, seq: int, timestamp: int) -> None:
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

    def leave(self, consumer: Consumer) -> None:
        """The consumer gets nothing of this layer any more."""
        for those in (self.forwarding, self.waiting):
            if consumer in those:
                self.hold()
                those.remove(consumer)

    def hold(self) -> None:
        """Who gets the packets changes: the next goes through Python, as all do here (native_layer.py)."""

    def open(self, payload_type: int, codec: ForwardedCodec) -> bool:
        """A packet with this payload type went through Python; whether C may forward those that follow it."""
        return False

    def leave_out(self, seq: int) -> None:
        """A packet that carries nothing (padding) arrived: consumers' numbers close up over it."""
        self.left_out.append(seq)
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
