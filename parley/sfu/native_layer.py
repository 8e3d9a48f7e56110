"""What producer.py counts of a layer, where C counts it: the same classes, with their numbers in C's memory.

C forwards the packets of a layer that is open (`NativeLayer.open`), as long as each is the next one and has nothing
unusual about it. Whatever changes who gets what closes it (`hold`); the next packet then goes through Python, which
opens it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.sfu.layers import LIVE_FOR
from parley.sfu.nack import NackGenerator
from parley.sfu.native.cells import lay_in_cell
from parley.sfu.native.library import loaded
from parley.sfu.outbound import Fan, NativeStream
from parley.sfu.producer_layer import ForwardedCodec, ProducerLayer
from parley.sfu.rate import RateMeter
from parley.sfu.receive_stats import ReceiveStatistics
from parley.sfu.retransmission import RetransmissionBuffer
from parley.sfu.template import payload_offset, template_timestamp
from parley.sfu.vp8 import Vp8Descriptor, parse_vp8

if TYPE_CHECKING:
    from parley.sfu.producer import Producer


class NativeStatistics(ReceiveStatistics):
    """Loss and jitter."""

    __slots__ = ("cell",)

    def __init__(self, cell: Any, clock_rate: int) -> None:
        self.cell = cell
        super().__init__(clock_rate)


def _transit(self: NativeStatistics) -> float | None:
    return float(self.cell.transit) if self.cell.has_transit else None


def _set_transit(self: NativeStatistics, value: float | None) -> None:
    self.cell.has_transit = value is not None
    self.cell.transit = value or 0.0


lay_in_cell(NativeStatistics, "packets", "bytes", "jitter")
lay_in_cell(NativeStatistics, _base="base", _max_seq="max_seq", _cycles="cycles", _clock_rate="clock_rate")
NativeStatistics._transit = property(_transit, _set_transit)  # type: ignore[misc, assignment]


class NativeNack(NackGenerator):
    """What is missing; C knows the next number only."""

    __slots__ = ("cell",)

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        super().__init__()


lay_in_cell(NativeNack, _next="next")


class NativeRate(RateMeter):
    """The bitrate."""

    __slots__ = ("cell",)

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        super().__init__()


lay_in_cell(
    NativeRate,
    "total",
    _buckets="buckets",
    _bucket="bucket",
    _bucket_ends="bucket_ends",
    _first="first",
    _step="step",
)


class NativeStore(RetransmissionBuffer):
    """The last packets."""

    __slots__ = ("_kept",)

    def __init__(self, cell: Any, size: int) -> None:
        super().__init__(1)
        native = loaded()
        assert native is not None
        ffi = native[0]
        self._mask = size - 1
        self._kept = ffi.new_allocator(should_clear_after_alloc=False)("struct parley_kept[]", size)
        self.clear()
        cell.kept = self._kept
        cell.kept_mask = self._mask

    def store(self, seq: int, packet: bytes, now: float) -> None:
        kept = self._kept[seq & self._mask]
        kept.seq, kept.size, kept.at = seq, len(packet), now
        kept.packet[0 : len(packet)] = packet

    def get(self, seq: int, now: float) -> bytes | None:
        kept = self._kept[seq & self._mask]
        if kept.seq != seq or now - kept.at > self.max_age:
            return None
        return self._bytes_of(kept)

    def newest(self, seq: int) -> bytes | None:
        """The packet with this number, however old; None where it never came."""
        kept = self._kept[seq & self._mask]
        return self._bytes_of(kept) if kept.seq == seq else None

    def _bytes_of(self, kept: Any) -> bytes:
        native = loaded()
        assert native is not None
        return bytes(native[0].buffer(kept.packet, kept.size))

    def clear(self) -> None:
        for index in range(self._mask + 1):
            self._kept[index].seq = -1


class NativeLayer(ProducerLayer):
    """A layer whose packets C forwards while it is open."""

    __slots__ = ("_has_vp8", "_open_fan", "_vp8", "cell")

    def __init__(self, producer: Producer, index: int, ssrc: int) -> None:
        native = loaded()
        assert native is not None
        self.cell: Any = native[0].new("struct parley_layer *")
        self.cell.is_audio = producer.kind == "audio"
        self.cell.is_microphone = producer.source == "microphone"
        self.cell.live_for = LIVE_FOR
        self._has_vp8 = False
        self._vp8: tuple[int, Vp8Descriptor | None] = (-1, None)
        self._open_fan: Fan | None = None
        super().__init__(producer, index, ssrc)

    def _lay_out(self, kept: int) -> None:
        self.stats = NativeStatistics(self.cell, self.producer.clock_rate)
        self.nack = NativeNack(self.cell)
        self.rate = NativeRate(self.cell)
        self.buffer = NativeStore(self.cell, kept)

    def hold(self) -> None:
        """The next packet goes through Python."""
        self.cell.open = 0

    def open(self, payload_type: int, codec: ForwardedCodec) -> bool:
        """A packet with this payload type went through Python; whether C may forward those that follow it."""
        cell, producer = self.cell, self.producer
        if cell.open and cell.payload_type == payload_type:
            return True
        nothing_to_do = not self.forwarding and not producer.is_simulcast
        if self.requester.wanted or self.waiting or producer.muted or codec is not producer.codec or nothing_to_do:
            return False
        self._renew_fan()
        pointers = self._fan.native_pointers()
        if pointers is None:
            return False
        for consumer in self._fan_of:
            if isinstance(consumer.stream, NativeStream):
                consumer.stream.cell.munged = consumer.munger.active
        self._open_fan = self._fan  # holds what the pointers point to
        self._has_vp8 = producer.is_simulcast and codec.name == "VP8"
        cell.streams, cell.count = pointers, len(pointers)
        cell.payload_type, cell.sent_type = payload_type, codec.payload_type
        cell.open = 1
        return True

    def send_left(self) -> None:
        """C sent the newest packet to all but some: those who get other picture ids, come by TCP, or are late."""
        cell, fan = self.cell, self._open_fan
        seq = (cell.next - 1) & 0xFFFF
        template = self._newest(seq)
        if fan is None or template is None:
            return
        places = list(cell.left[0 : cell.left_count])
        offset = payload_offset(template)
        vp8 = parse_vp8(template, offset, len(template) - offset) if self._has_vp8 else None
        second = template[1] | int(cell.sent_type)
        timestamp = template_timestamp(template)
        plain = []
        for place in places:
            consumer = self._fan_of[place]
            if vp8 is not None and consumer.munger.active:
                self._send(consumer.stream.alone, bytes(consumer.munged(template, vp8)), second, seq, timestamp)
            else:
                plain.append(consumer.stream)
        self._send(Fan(plain), template, second, seq, timestamp)

    def _newest(self, seq: int) -> bytes | None:
        return self.buffer.newest(seq) if isinstance(self.buffer, NativeStore) else None

    def _read_vp8(self) -> Vp8Descriptor | None:
        """Of the newest packet: read when somebody asks, who switches away."""
        seq, descriptor = self._vp8
        if seq == self.last_seq or not self._has_vp8:
            return descriptor
        template = self._newest(self.last_seq)
        if template is None:
            return None
        offset = payload_offset(template)
        return parse_vp8(template, offset, len(template) - offset)

    def _write_vp8(self, descriptor: Vp8Descriptor | None) -> None:
        self._vp8 = (self.last_seq, descriptor)


lay_in_cell(NativeLayer, "last_seq", "last_timestamp", "last_at")
NativeLayer.vp8 = property(NativeLayer._read_vp8, NativeLayer._write_vp8)  # type: ignore[misc, assignment]


def new_layer(producer: Producer, index: int, ssrc: int) -> ProducerLayer:
    """A layer for the plane that is used here."""
    kind = ProducerLayer if loaded() is None else NativeLayer
    return kind(producer, index, ssrc)
