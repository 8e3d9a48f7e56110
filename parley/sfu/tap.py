"""A tap: a room's tracks for whoever records them, each as one continuous stream in the best layer that arrives.

A tap doesn't stand in the plane's way. It reads, on the router's tick, what every layer keeps for retransmissions, so a
packet that came late or was asked for again is there as well, and recording costs the forwarding nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from parley.sfu.codecs import CodecParameters
from parley.sfu.keyframe import is_keyframe
from parley.sfu.layers import LayerSelector
from parley.sfu.producer import Producer
from parley.sfu.producer_layer import ForwardedCodec, ProducerLayer, offset_by_reports
from parley.sfu.remote_clock import seconds_of
from parley.sfu.sequence import SequenceMapper, TimestampMapper
from parley.sfu.template import payload_offset, template_timestamp
from parley.sfu.types import seq_newer

LATE = 1.5
"""Seconds in which a missing packet is looked for again: retransmissions arrive long before."""
MAX_MISSING = 256
_PATCH = struct.Struct("!BHII").pack_into


@dataclass(frozen=True, slots=True)
class TapTrack:
    """One track as the tap hands it on. A producer that changes its codec becomes another track.

    codec is spelt as in SDP, fmtp are its format parameters; clock_rate in Hz.
    """

    track_id: str
    participant_id: str
    source: str
    codec: str
    clock_rate: int
    channels: int
    fmtp: str


class TapSink(Protocol):
    """Where a tap's packets go. Called on the node's event loop: it must neither block nor raise."""

    def track_started(self, track: TapTrack) -> None:
        """Packets of this track will follow."""

    def track_ended(self, track_id: str) -> None:
        """No more packets of it."""

    def track_muted(self, track_id: str, muted: bool) -> None:
        """Its owner or the host muted it, or no longer."""

    def packet(self, track_id: str, now: float, packet: bytearray) -> None:
        """An RTP packet, as a subscriber would get it before encryption; now in monotonic seconds."""

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None:
        """The track's RTP clock showed `timestamp` when its owner's clock showed `ntp`, in seconds since 1970 UTC. All
        tracks of one participant have the same clock."""


class Tap:
    """See the module. Made by Router.tap."""

    def __init__(self, sink: TapSink) -> None:
        self._sink = sink
        self._readers: dict[Producer, _Reader] = {}

    def pull(self, producers: Iterable[Producer], now: float) -> None:
        """Hand on what has arrived since the last call. producers: all that the room has now."""
        current = list(producers)
        for producer in [one for one in self._readers if one not in current]:
            self._readers.pop(producer).end()
        for producer in current:
            reader = self._readers.get(producer)
            if reader is None:
                reader = self._readers[producer] = _Reader(producer, self._sink)
            reader.pull(now)

    def keyframe_wanted(self, track_id: str, now: float) -> None:
        """The recorder can't go on with this track until the next key frame."""
        for reader in self._readers.values():
            if reader.track_id == track_id:
                reader.ask_keyframe(now)

    def start_over(self, now: float) -> None:
        """Nothing was taken for a while: every track goes on with what is newest, video with a key frame."""
        for reader in self._readers.values():
            reader.start_over()

    def close(self) -> None:
        """The recording has ended."""
        for reader in self._readers.values():
            reader.end()
        self._readers.clear()


class _Reader:
    """One producer's way into the tap. _layer: the one that is read, from the number `_next` on."""

    def __init__(self, producer: Producer, sink: TapSink) -> None:
        self._producer = producer
        self._sink = sink
        self._life = 0
        self._muted: bool | None = None
        producer.tapped = True
        self._begin()

    def _begin(self) -> None:
        """A track with this codec."""
        producer = self._producer
        self._codec: ForwardedCodec = producer.codec
        self._life += 1
        self.track_id = producer.producer_id if self._life == 1 else f"{producer.producer_id}.{self._life}"
        self._selector = LayerSelector(len(producer.layers) - 1)
        self._mapper = SequenceMapper()
        self._timestamps = TimestampMapper(producer.clock_rate)
        self._reported: tuple[int, int] | None = None
        self._last = (0, 0.0)  # what was handed on, and when
        self.start_over()
        described = _described(producer)
        self._sink.track_started(
            TapTrack(
                track_id=self.track_id,
                participant_id=producer.participant_id,
                source=producer.source,
                codec=self._codec.name,
                clock_rate=self._codec.clock_rate,
                channels=described.channels,
                fmtp=described.fmtp,
            )
        )
        self._muted = False

    def start_over(self) -> None:
        """Go on with what is newest."""
        self._layer: ProducerLayer | None = None
        self._next = 0
        self._looked: dict[ProducerLayer, int] = {}
        self._missing: dict[int, float] = {}
        self._selector.current = self._selector.target = -1

    def end(self) -> None:
        """The producer is gone, or nobody records it any more."""
        self._producer.tapped = False
        self._sink.track_ended(self.track_id)

    def ask_keyframe(self, now: float) -> None:
        """Of the layer that is read."""
        if self._layer is not None:
            self._producer.request_keyframe(self._layer, now)

    def pull(self, now: float) -> None:
        """Hand on what is new."""
        producer = self._producer
        if producer.muted != self._muted:
            self._muted = producer.muted
            self._sink.track_muted(self.track_id, producer.muted)
        if producer.muted:
            self.start_over()
            return
        if producer.codec != self._codec:
            self._sink.track_ended(self.track_id)
            self._begin()
        selector = self._selector
        selector.choose(producer.live(now), len(producer.layers) - 1)
        if selector.target != selector.current and selector.target >= 0:
            layer = producer.layers[selector.target]
            if layer is not None:
                self._seek(layer, now)
        layer = self._layer
        if layer is None or producer.layers[layer.index] is not layer:
            self._layer = None
            return
        self._look_again(layer, now)
        self._read(layer, now)
        self._report(layer, now)

    def _seek(self, layer: ProducerLayer, now: float) -> None:
        """Change over to this layer at its next key frame; audio has no need for one."""
        self._producer.request_keyframe(layer, now)  # which is sent at most twice a second
        if layer.last_seq < 0:
            return
        position = self._looked.get(layer, layer.last_seq)
        while not seq_newer(position, layer.last_seq):
            template = layer.buffer.get(position, now)
            if template is not None and self._starts(template):
                self._switch(layer, position, template, now)
                return
            position = (position + 1) & 0xFFFF
        self._looked[layer] = position

    def _starts(self, template: bytes) -> bool:
        offset = payload_offset(template)
        return is_keyframe(self._codec.name, template, offset, len(template) - offset)

    def _switch(self, layer: ProducerLayer, seq: int, template: bytes, now: float) -> None:
        before = self._layer
        if before is not None:
            # What the layer before sent in this moment is left out: the key frame shows it.
            expected = offset_by_reports(before, layer, self._timestamps.offset)
            self._timestamps.sent(*self._last)
            self._timestamps.restart(template_timestamp(template), now, expected)
        self._mapper.restart(seq)
        self._missing.clear()
        self._looked.clear()
        self._layer, self._next, self._reported = layer, seq, None
        self._selector.current = layer.index

    def _read(self, layer: ProducerLayer, now: float) -> None:
        behind = (layer.last_seq - self._next) & 0xFFFF
        if behind >= 0x8000:
            return
        if behind >= layer.buffer.size:
            self._next = (layer.last_seq - layer.buffer.size + 1) & 0xFFFF
        while not seq_newer(self._next, layer.last_seq):
            seq = self._next
            self._next = (seq + 1) & 0xFFFF
            template = layer.buffer.get(seq, now)
            if template is not None:
                self._hand_on(seq, template, now)
            elif seq in layer.left_out:
                self._mapper.leave_out(seq)
            elif len(self._missing) < MAX_MISSING:
                self._missing[seq] = now

    def _look_again(self, layer: ProducerLayer, now: float) -> None:
        """For packets that were missing when their turn came."""
        for seq, since in list(self._missing.items()):
            template = layer.buffer.get(seq, now)
            if template is not None:
                self._hand_on(seq, template, now)
            elif now - since < LATE:
                continue
            del self._missing[seq]

    def _hand_on(self, seq: int, template: bytes, now: float) -> None:
        number = self._mapper.map(seq)
        if number < 0:
            return
        packet = bytearray(template)
        timestamp = (template_timestamp(template) + self._timestamps.offset) & 0xFFFFFFFF
        self._last = timestamp, now
        _PATCH(packet, 1, packet[1] & 0x80 | self._codec.payload_type, number, timestamp, 1)
        self._sink.packet(self.track_id, now, packet)

    def _report(self, layer: ProducerLayer, now: float) -> None:
        """Tell what the publisher's clocks showed, once for each of its sender reports."""
        report = layer.stats.last_sr
        if report is None:
            return
        said = (report.ntp, report.rtp_timestamp)
        if said != self._reported:
            self._reported = said
            timestamp = (report.rtp_timestamp + self._timestamps.offset) & 0xFFFFFFFF
            self._sink.sender_report(self.track_id, now, seconds_of(report.ntp), timestamp)


def _described(producer: Producer) -> CodecParameters:
    """What the publisher's offer said of the codec that it sends."""
    wanted = producer.codec.payload_type
    return next(one for one in producer.offered if one.outgoing is not None and one.outgoing[0] == wanted)
