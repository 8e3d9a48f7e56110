"""One producer as one subscriber gets it: its own SSRC, numbers and timestamps, the layer it is given, what it asks for
again.

The packets themselves don't pass through here: the layer that a consumer stands in queues them (producer.py), with the
mappers of the consumer.
"""

from __future__ import annotations

from collections.abc import Callable

from parley.sfu.layers import LayerSelector
from parley.sfu.outbound import Outbound, new_stream
from parley.sfu.producer import Producer
from parley.sfu.producer_layer import ProducerLayer, offset_by_reports
from parley.sfu.receive_stats import ntp_time
from parley.sfu.rtcp import ReportBlock, SenderReport
from parley.sfu.rtp import abs_send_time
from parley.sfu.sequence import SequenceMapper
from parley.sfu.stats import ConsumerReport
from parley.sfu.subscribe_sdp import ConsumerIntent
from parley.sfu.template import payload_offset, retransmission, template_timestamp
from parley.sfu.vp8 import Vp8Descriptor, Vp8Munger, parse_vp8

MIN_RESEND = 0.02
"""Seconds in which a packet is not sent a second time: a subscriber that asks faster than its round trip gets nothing
out of it."""
MAX_RESENT = 512


class Consumer:
    """See the module.

    ready: whether packets may flow: the browser accepted it, its transport is up, it isn't paused. allowed: the highest
    layer that the subscriber's bandwidth holds, -1 for none. layer: the one whose packets it got last. stream: what the
    plane sends it by. on_layer: called when another layer begins.
    """

    __slots__ = (
        "_counted",
        "_packets_at_report",
        "_resent",
        "_rtx_seq",
        "accepted",
        "allowed",
        "bitrate",
        "connected",
        "consumer_id",
        "fraction_lost",
        "layer",
        "munger",
        "nacks",
        "on_layer",
        "paused",
        "plis",
        "producer",
        "retransmitted",
        "rtx_ssrc",
        "said",
        "selector",
        "stream",
    )

    def __init__(
        self,
        consumer_id: str,
        producer: Producer,
        tx: Outbound,
        ssrc: int,
        rtx_ssrc: int,
        on_layer: Callable[[Consumer], None],
    ) -> None:
        self.consumer_id = consumer_id
        self.producer = producer
        self.on_layer = on_layer
        self.paused = False
        self.selector = LayerSelector(len(producer.layers) - 1)
        self.allowed = len(producer.layers) - 1
        self.said: tuple[bool, str | None] | None = None
        self.bitrate = 0
        self.nacks = self.retransmitted = self.plis = 0
        self._counted = 0
        self.stream = new_stream(tx, ssrc, producer.clock_rate)
        self._start_over(rtx_ssrc)

    def move_to(self, tx: Outbound, ssrc: int, rtx_ssrc: int) -> None:
        """Start over on this transport, with SSRCs it has never seen."""
        self.stream.move_to(tx, ssrc, self.producer.clock_rate)
        self._start_over(rtx_ssrc)

    def _start_over(self, rtx_ssrc: int) -> None:
        self.rtx_ssrc = rtx_ssrc
        self.accepted: frozenset[int] = frozenset()
        self.connected = False
        self.munger = Vp8Munger()
        self.layer: ProducerLayer | None = None
        self.fraction_lost = 0.0
        self.selector.current = self.selector.target = -1
        self._packets_at_report = self.stream.packets
        self._rtx_seq = SequenceMapper().last_out & 0x3FFF
        self._resent: dict[int, float] = {}

    @property
    def tx(self) -> Outbound:
        """The way out of the transport that it is on."""
        return self.stream.tx

    @property
    def ssrc(self) -> int:
        """What its packets are sent from."""
        return self.stream.ssrc

    @property
    def ready(self) -> bool:
        """See the class."""
        return self.connected and not self.paused and self.producer.codec.payload_type in self.accepted

    def intent(self) -> ConsumerIntent:
        """What a subscribe offer says of it."""
        producer = self.producer
        return ConsumerIntent(
            self.consumer_id,
            producer.participant_id,
            producer.kind,
            producer.offered,
            self.ssrc,
            self.rtx_ssrc,
            producer.participant_id,
        )

    # --- layers -----------------------------------------------------------------------------------------------------

    def bound(self, name: str) -> None:
        """The subscriber wants at most this layer: "low", "medium" or "high"."""
        highest = len(self.producer.layers) - 1
        self.selector.max_layer = {"low": 0, "medium": (highest + 1) // 2}.get(name, highest)

    def switch_to(self, layer: ProducerLayer, seq: int, timestamp: int, vp8: Vp8Descriptor | None, now: float) -> None:
        """The packet with this number and timestamp is the first that this consumer gets of a layer, or gets again."""
        before = self.layer
        if before is not layer:
            if before is not None:
                offset = self.stream.timestamps.offset
                self.stream.timestamps.sent((before.last_timestamp + offset) & 0xFFFFFFFF, before.last_at)
                self.stream.timestamps.restart(timestamp, now, offset_by_reports(before, layer, offset))
                if vp8 is not None and before.vp8 is not None:
                    self.munger.sent(before.vp8)
                    self.munger.switched(vp8)
            else:
                self.stream.timestamps.restart(timestamp, now)
            self.layer = layer
        self.stream.mapper.restart(seq)
        self.on_layer(self)

    def munged(self, template: bytes, vp8: Vp8Descriptor) -> bytearray:
        """The template with the picture ids that this consumer's decoder expects."""
        packet = bytearray(template)
        self.munger.rewrite(packet, 0, 0, vp8)
        return packet

    # --- feedback ---------------------------------------------------------------------------------------------------

    def received(self, block: ReportBlock) -> int:
        """The subscriber reported; how many packets the report covers."""
        self.fraction_lost = block.fraction_lost / 256
        covered = self.stream.packets - self._packets_at_report
        self._packets_at_report = self.stream.packets
        return covered

    def retransmit(self, lost: list[int], now: float, rtt: float) -> None:
        """Send again what the subscriber misses (RFC 4588), as far as it is still there. rtt in seconds."""
        self.nacks += len(lost)
        batch, layer = self.stream.tx.batch, self.layer
        payload_type = self.producer.codec.rtx_payload_type
        if batch is None or layer is None or payload_type is None:
            return
        interval = max(MIN_RESEND, rtt * 0.8)
        for out in lost:
            if now - self._resent.get(out, float("-inf")) < interval:
                continue
            seq = self.stream.mapper.reverse(out)
            template = layer.buffer.get(seq, now) if seq >= 0 else None
            if template is None:
                continue
            if len(self._resent) >= MAX_RESENT:
                self._resent.clear()
            self._resent[out] = now
            timestamp = (template_timestamp(template) + self.stream.timestamps.offset) & 0xFFFFFFFF
            packet = retransmission(self._munged_again(template), out, abs_send_time(now))
            self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
            second = template[1] & 0x80 | payload_type
            if batch.queue(self.stream.tx, packet, second, self._rtx_seq, timestamp, self.rtx_ssrc):
                self.retransmitted += 1

    def _munged_again(self, template: bytes) -> bytes | bytearray:
        if not self.munger.active or self.producer.codec.name != "VP8":
            return template
        offset = payload_offset(template)
        vp8 = parse_vp8(template, offset, len(template) - offset)
        return template if vp8 is None else self.munged(template, vp8)

    def keyframe_wanted(self, now: float) -> None:
        """The subscriber's decoder can't go on (PLI or FIR)."""
        self.plis += 1
        if self.layer is not None and self.selector.current == self.layer.index:
            self.producer.request_keyframe(self.layer, now)

    # --- reports ----------------------------------------------------------------------------------------------------

    def sender_report(self, wall: float) -> SenderReport | None:
        """What was sent, on our clock; None while nothing was, or while the publisher's clock isn't known.

        wall: seconds since 1970 UTC.
        """
        layer = self.layer
        report = layer.stats.last_sr if layer is not None else None
        if report is None or not self.stream.packets or self.selector.current < 0:
            return None
        timestamp = self.producer.clock.rtp_at(wall, report.ntp, report.rtp_timestamp, self.producer.clock_rate)
        if timestamp is None:
            return None
        timestamp = (timestamp + self.stream.timestamps.offset) & 0xFFFFFFFF
        return SenderReport(self.ssrc, ntp_time(wall), timestamp, self.stream.packets, self.stream.bytes)

    def measure(self, elapsed: float) -> None:
        """Once a second: the bitrate since the last call, `elapsed` seconds ago."""
        self.bitrate = int((self.stream.bytes - self._counted) * 8 / elapsed)
        self._counted = self.stream.bytes

    def state(self) -> tuple[bool, str | None]:
        """Whether it is paused, and the name of the layer that is forwarded or awaited; None where none fits."""
        if self.allowed < 0:
            return self.paused, None
        current = self.selector.current if self.selector.current >= 0 else self.selector.target
        return self.paused, self.producer.names[current]

    def report(self) -> ConsumerReport:
        """Statistics."""
        current = self.selector.current
        return ConsumerReport(
            consumer_id=self.consumer_id,
            producer_id=self.producer.producer_id,
            codec=self.producer.codec.name,
            paused=self.paused,
            layer=self.producer.names[current] if current >= 0 else "",
            packets=self.stream.packets,
            bytes=self.stream.bytes,
            bitrate=self.bitrate,
            fraction_lost=self.fraction_lost,
            nacks_received=self.nacks,
            retransmitted=self.retransmitted,
            plis_received=self.plis,
        )
