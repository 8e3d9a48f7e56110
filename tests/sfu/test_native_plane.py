"""The plane in C does what the plane in Python does, packet for packet, whatever arrives."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import struct
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pylibsrtp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parley.sfu import codecs
from parley.sfu.consumer import Consumer
from parley.sfu.endpoint import EndpointConfig, MediaEndpoint
from parley.sfu.inbound import MAX_TRACKS, NativeInbound
from parley.sfu.native.build import compiler
from parley.sfu.native.library import loaded
from parley.sfu.native_layer import NativeLayer
from parley.sfu.native_plane import NativeBatch
from parley.sfu.outbound import MAX_FAN, NativeStream, Outbound, address_from, sockaddr_of
from parley.sfu.plane import Batch, GatheringBatch
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.publisher import Publisher
from parley.sfu.rtp import find_extension, parse_rtp
from parley.sfu.srtp import SrtpContext
from parley.sfu.stats import Discarded
from parley.sfu.template import LEVEL_TAG, MAX_PAYLOAD_BYTES, ORIENTATION_TAG
from parley.sfu.transport_cc import MAX_REPORTED, TransportCcReceiver
from parley.sfu.types import MAX_PACKET_BYTES
from tests.sfu.participant import (
    LEVEL,
    MID,
    OPUS,
    ORIENTATION,
    RID,
    TRANSPORT_CC,
    VP8,
    Listener,
    media,
    publish_offer,
)

NATIVE = loaded()
native_only = pytest.mark.skipif(NATIVE is None, reason="the native plane isn't compiled")
KEY = bytes(range(28))
GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM


def test_where_there_is_a_compiler_the_plane_is_compiled() -> None:
    if os.environ.get("PARLEY_NATIVE_PLANE") == "0" or compiler() is None:
        pytest.skip("nothing to compile with, or turned off")
    assert NATIVE is not None, "run: make native"


@native_only
def test_numbers_that_both_languages_state_are_the_same() -> None:
    assert NATIVE is not None
    _, library = NATIVE
    ids = codecs.SUBSCRIBE_EXTENSIONS
    assert ids[codecs.ABS_SEND_TIME] == library.PARLEY_ABS_SEND_TIME
    assert library.PARLEY_AUDIO_LEVEL << 4 == LEVEL_TAG
    assert library.PARLEY_VIDEO_ORIENTATION << 4 == ORIENTATION_TAG
    assert library.PARLEY_MAX_PACKET == MAX_PACKET_BYTES
    assert library.PARLEY_MAX_PAYLOAD == MAX_PAYLOAD_BYTES
    assert library.PARLEY_KEPT_BYTES >= MAX_PAYLOAD_BYTES + 24
    assert library.PARLEY_FAN == MAX_FAN
    assert library.PARLEY_TRACKS == MAX_TRACKS
    assert library.PARLEY_MAX_REPORTED == MAX_REPORTED


# --- headers ----------------------------------------------------------------------------------------------------------

blocks = st.lists(
    st.one_of(
        st.binary(max_size=6),
        st.tuples(st.integers(0, 15), st.integers(0, 15), st.binary(max_size=17)).map(
            lambda found: bytes([found[0] << 4 | found[1]]) + found[2]
        ),
    ),
    max_size=6,
).map(b"".join)


def _packet(first: int, rest: bytes, profile: int, words: int, block: bytes) -> bytes:
    csrcs = bytes(4 * (first & 15)) if first & 0x0F < 3 else b""
    return bytes([first]) + rest + csrcs + struct.pack("!HH", profile, words) + block


hostile = st.one_of(
    st.binary(max_size=80),
    st.builds(
        _packet,
        first=st.integers(0, 255) | st.sampled_from([0x80, 0x90, 0xB0, 0xA0]),
        rest=st.binary(min_size=11, max_size=11),
        profile=st.sampled_from([0xBEDE, 0x1000, 0x100F, 0]) | st.integers(0, 0xFFFF),
        words=st.integers(0, 10) | st.integers(0, 0xFFFF),
        block=blocks,
    ),
)


@pytest.mark.fuzz
@native_only
@given(hostile)
@example(b"\x90\x60\0\1\0\0\0\0\0\0\0\1\x10\0\0\1\5\0")
@example(b"\xbf" + bytes(11))
def test_headers_are_read_alike(data: bytes) -> None:
    assert NATIVE is not None
    ffi, library = NATIVE
    found = ffi.new("struct parley_header *")
    expected = parse_rtp(data, len(data))
    assert bool(library.parley_parse(data, len(data), found)) is (expected is not None)
    if expected is None:
        return
    assert (found.marker, found.payload_type, found.seq, found.timestamp, found.ssrc) == (
        expected.marker, expected.payload_type, expected.sequence_number, expected.timestamp, expected.ssrc,
    )  # fmt: skip
    assert (found.header_length, found.payload_length, found.padding_length) == (
        expected.header_length, expected.payload_length, expected.padding_length,
    )  # fmt: skip
    assert (found.extension_profile, found.extension_offset, found.extension_length) == (
        expected.extension_profile, expected.extension_offset, expected.extension_length,
    )  # fmt: skip
    size = ffi.new("int *")
    for number in [*range(1, 17), 255]:
        at = library.parley_find_extension(data, found, number, size)
        element = find_extension(data, expected, number)
        assert (at, size[0]) == element if element is not None else at == -1


# --- addresses --------------------------------------------------------------------------------------------------------


@native_only
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=120))
def test_the_table_of_sources_is_a_dictionary(steps: list[tuple[int, int]]) -> None:
    assert NATIVE is not None
    ffi, library = NATIVE
    node = ffi.new("struct parley_node *")
    owners = [ffi.NULL, *(ffi.new("struct parley_in *") for _ in range(3))]
    held: dict[bytes, Any] = {}
    for port, owner in steps:
        name = bytes(sockaddr_of(socket.AF_INET, ("192.0.2.1", 7919 * port % 65_536))).ljust(28, b"\0")
        assert library.parley_hold(node, name, owners[owner])
        if owner:
            held[name] = owners[owner]
        else:
            held.pop(name, None)
        table = [(bytes(ffi.buffer(entry.name, 28)), entry.source) for entry in node.table[0 : node.sources]]
        assert table == sorted(held.items(), key=lambda item: item[0])


@native_only
def test_a_full_table_of_sources_stays_as_it_is() -> None:
    assert NATIVE is not None
    ffi, library = NATIVE
    node, owner = ffi.new("struct parley_node *"), ffi.new("struct parley_in *")
    names = [number.to_bytes(28, "big") for number in range(library.PARLEY_SOURCES + 1)]
    assert [library.parley_hold(node, name, owner) for name in names] == [1] * (len(names) - 1) + [0]
    assert node.sources == library.PARLEY_SOURCES


@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, ("203.0.113.9", 50_000)), (socket.AF_INET6, ("2001:db8::1", 443, 0, 0))],
)
def test_an_address_comes_back_as_it_was(family: int, address: Any) -> None:
    assert address_from(family, bytes(sockaddr_of(family, address)).ljust(28, b"\0")) == address


# --- feedback ---------------------------------------------------------------------------------------------------------


@native_only
@given(
    first=st.integers(0, 65_535),
    gaps=st.lists(st.sampled_from([0.0, 0.000125, 0.002, 0.07]) | st.floats(0, 9), min_size=1, max_size=60),
    began=st.floats(0, 2_000_000),
)
def test_feedback_is_written_alike(first: int, gaps: list[float], began: float) -> None:
    assert NATIVE is not None
    ours, theirs = TransportCcReceiver(7), TransportCcReceiver(7)
    inbound = NativeInbound(*NATIVE)
    for receiver in (ours, theirs):
        receiver.add((first - 1) & 0xFFFF, 9, began)
        receiver.feedback()
    for _ in range(2):
        at = began
        for gap in gaps:
            at += gap
            theirs.add(first & 0xFFFF, 9, at)
            entry = inbound.cell.arrivals[inbound.cell.arrived]
            entry.at, entry.seq, entry.ssrc = at, first & 0xFFFF, 9
            inbound.cell.arrived += 1
            first += 1
        written = inbound.feedback(ours)
        assert written is not None
        assert [written] == theirs.feedback()


@native_only
def test_feedback_with_a_gap_is_left_to_python() -> None:
    assert NATIVE is not None
    receiver, inbound = TransportCcReceiver(7), NativeInbound(*NATIVE)
    assert inbound.feedback(receiver) is None
    receiver.add(1, 9, 1.0)
    assert inbound.feedback(receiver) is None
    receiver.feedback()
    for seq in (2, 4):
        inbound.cell.arrivals[inbound.cell.arrived].seq = seq
        inbound.cell.arrived += 1
    assert inbound.feedback(receiver) is None
    assert [number for _, number, _ in inbound.arrivals()] == [2, 4]


# --- everything together ----------------------------------------------------------------------------------------------

MIC, LOW, HIGH = 0x1111, 0x2222, 0x3333
RIDS = {LOW: b"l", HIGH: b"h"}


@dataclass
class Encoder:
    """What one encoder of the publisher counts."""

    seq: int
    timestamp: int
    picture: int = 100


@dataclass
class Outcome:
    """What one plane did."""

    wire: list[list[bytes]] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    counted: list[object] = field(default_factory=list)


class Room:
    """One publisher and its subscribers on one plane, without a network on the way in."""

    def __init__(self, stack: ExitStack, native: bool, simulcast: bool) -> None:
        self.native = native
        self.outcome = Outcome()
        self._sender = stack.enter_context(_bound())
        batch: Batch = GatheringBatch(self._sender)
        if native:
            assert NATIVE is not None
            batch = NativeBatch(self._sender, *NATIVE)
        self.batch = batch
        self.now = 5_000.0
        self.encoders = {MIC: Encoder(65_530, 1), LOW: Encoder(10, 2**32 - 9_000), HIGH: Encoder(65_000, 77)}
        self.transport_wide = 65_500
        self.simulcast = simulcast
        endpoint = MediaEndpoint(EndpointConfig())
        self.publisher = Publisher(
            "ann", endpoint, Discarded(), Listener(), lambda level, now: self.outcome.heard.append(level), lambda: 0.0
        )
        self.publisher._send = self.outcome.rtcp.append  # type: ignore[method-assign]
        self.publish()
        self._tell_c()
        self.receivers: list[socket.socket] = []
        self.consumers: list[Consumer] = []
        for number, producer in enumerate(list(self.publisher.producers.values()) * 2):
            receiver = stack.enter_context(_bound())
            tx = Outbound()
            tx.set_key(SrtpContext(GCM, KEY, "outbound"))
            tx.set_address(batch, socket.AF_INET, receiver.getsockname())
            consumer = Consumer(str(number), producer, tx, 500 + number, 600 + number, lambda _: None)
            consumer.accepted, consumer.connected = frozenset({96, 97, 111}), True
            producer.add_consumer(consumer)
            producer.place(consumer, self.now)
            self.receivers.append(receiver)
            self.consumers.append(consumer)

    def publish(self) -> None:
        offer = publish_offer([("audio", "0"), ("video", "1")], rids=("l", "h") if self.simulcast else ())
        self.publisher.publish(offer, [TrackIntent("0", "microphone"), TrackIntent("1", "camera")], self.now)

    def _tell_c(self) -> None:
        """A socket's cell whose one source is the publisher, and which takes packets for decrypted as they are."""
        assert self.publisher.transport is not None
        inbound = self.publisher.transport.inbound
        if not self.native:
            return
        assert NATIVE is not None
        assert isinstance(inbound, NativeInbound)
        ffi, library = NATIVE
        self._decrypt = ffi.callback("int(void *, void *, int *)", lambda context, packet, length: 0)
        self._node = ffi.new("struct parley_node *")
        self._node.unprotect = self._decrypt
        self._plan = ffi.addressof(self._node, "plan")
        inbound.cell.context = ffi.cast("void *", 1)
        library.parley_hold(self._node, bytes(28), inbound.cell)

    def handle(self, packet: bytes) -> int:
        """C handles a packet that came; what it forwards is due then."""
        assert NATIVE is not None
        ffi, library = NATIVE
        ffi.memmove(self._node.slots[0], packet, len(packet))
        return int(library.parley_handle(self._node, 0, len(packet), self.now))

    def send_due(self) -> None:
        """C sends what is due."""
        assert NATIVE is not None
        NATIVE[1].parley_send_due(self._plan)

    def arrive(self, packet: bytes) -> str:
        """A packet is decrypted; who dealt with it."""
        if self.native:
            assert NATIVE is not None
            library = NATIVE[1]
            kind = self.handle(packet)
            library.parley_settle(self._plan)
            if kind == library.PARLEY_DRAINED:
                return "C"
            if kind == library.PARLEY_LEFT:
                assert self.publisher.transport is not None
                assert isinstance(self.publisher.transport.inbound, NativeInbound)
                layer = self.publisher.transport.inbound.track_of(self._node.layer)
                assert layer is not None
                layer.send_left()
                return "both"
        buffer = bytearray(2048)
        buffer[: len(packet)] = packet
        self.publisher._on_rtp(buffer, len(packet), self.now)
        return "Python"

    def take(self, step: Step) -> str:
        """Do one thing; who dealt with it."""
        self.now += step.wait
        who = ""
        if step.kind == "packet":
            who = self.arrive(self._next_packet(step))
        elif step.kind == "late":
            encoder = self.encoders[step.ssrc]
            encoder.seq -= 3
            who = self.arrive(self._next_packet(step))
            encoder.seq += 2
        elif step.kind == "bytes":
            who = self.arrive(step.data)
        elif step.kind == "mute":
            self.publisher._drain()  # or C's last levels, not told yet, would be taken for those of a muted microphone
            list(self.publisher.producers.values())[step.number % 2].set_muted(step.flag, self.now)
        elif step.kind == "pause":
            consumer = self.consumers[step.number % 4]
            consumer.paused = step.flag
            consumer.producer.place(consumer, self.now)
        elif step.kind == "bound":
            consumer = self.consumers[1 + 2 * (step.number % 2)]
            consumer.bound("low" if step.flag else "high")
            consumer.producer.place(consumer, self.now)
        elif step.kind == "nack":
            consumer = self.consumers[step.number % 4]
            last = consumer.stream.mapper.last_out
            consumer.retransmit([(last - back) & 0xFFFF for back in range(step.number)], self.now, 0.01)
        elif step.kind == "publish":
            self.publish()
        else:
            self.publisher.tick(self.now)
        self.batch.flush()
        return who

    def _next_packet(self, step: Step) -> bytes:
        encoder = self.encoders[step.ssrc]
        encoder.seq += 1 + step.lost
        encoder.timestamp += 3_000
        encoder.picture += 1
        self.transport_wide += 1 + step.lost
        extensions = {TRANSPORT_CC: struct.pack("!H", self.transport_wide & 0xFFFF)}
        if step.ssrc == MIC:
            extensions |= {MID: b"0", LEVEL: bytes([step.number & 0xFF])}
            payload, payload_type = step.data + bytes(step.size), OPUS
        else:
            extensions |= {MID: b"1", ORIENTATION: bytes([step.number & 3])}
            if self.simulcast:
                extensions |= {RID: RIDS[step.ssrc]}
            start = b"\x90\x80" + struct.pack("!H", 0x8000 | encoder.picture) + (b"\x10" if step.flag else b"\x11")
            payload, payload_type = start + step.data + bytes(step.size), VP8
        packet = media(
            step.ssrc, encoder.seq, encoder.timestamp & 0xFFFFFFFF, payload, payload_type, step.number & 1, extensions
        )
        return packet + step.data[:0] if not step.padded else bytes([packet[0] | 0x20]) + packet[1:] + b"\0\2"

    def finish(self) -> Outcome:
        self.outcome.wire += map(received, self.receivers)
        self.publisher._drain()
        for producer in self.publisher.producers.values():
            for layer in producer.layers:
                if layer is None:
                    continue
                self.outcome.counted += [
                    layer.ssrc, layer.stats.packets, layer.stats.bytes, layer.stats.lost, layer.stats.jitter,
                    layer.stats.report(1, self.now), layer.rate.bitrate(self.now), layer.rate.total,
                    layer.last_seq, layer.last_timestamp, layer.last_at, fields_of(layer.vp8),
                    layer.nack.due(self.now, 0.1),
                    [layer.buffer.get(layer.last_seq - back & 0xFFFF, self.now) for back in range(64)],
                ]  # fmt: skip
        self.outcome.counted += [
            (item.stream.packets, item.stream.bytes, item.retransmitted) for item in self.consumers
        ]
        self.outcome.counted += [fields_of(self.publisher.discarded), self.batch.sent, self.batch.refused]
        return self.outcome


def fields_of(thing: Any) -> list[object]:
    """What an object with slots holds."""
    return [getattr(thing, name) for name in getattr(thing, "__slots__", ())]


@dataclass(frozen=True)
class Step:
    """Something that happens in a room."""

    kind: str
    ssrc: int = MIC
    number: int = 0
    flag: bool = False
    lost: int = 0
    wait: float = 0.0
    data: bytes = b"sound"
    padded: bool = False
    size: int = 0


def _bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setblocking(False)
    sock.bind(("127.0.0.1", 0))
    return sock


def received(sock: socket.socket) -> list[bytes]:
    """What has arrived there."""
    arrived = []
    while True:
        try:
            arrived.append(sock.recv(4096))
        except BlockingIOError:
            return arrived


async def _play(native: bool, simulcast: bool, steps: list[Step]) -> tuple[Outcome, list[str]]:
    environment = {} if native else {"PARLEY_NATIVE_PLANE": "0"}
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment))
        stack.enter_context(mock.patch("parley.sfu.sequence.random.randrange", return_value=0x3FF0))
        stack.enter_context(mock.patch.object(secrets, "randbits", return_value=77))
        room = Room(stack, native, simulcast)
        who = [room.take(step) for step in steps]
        outcome = room.finish()
        room.publisher.close()
        return outcome, who


def play_both(simulcast: bool, steps: list[Step]) -> list[str]:
    """The same steps on both planes, which must come to the same; who dealt with each in the native room."""
    expected, _ = asyncio.run(_play(False, simulcast, steps))
    found, who = asyncio.run(_play(True, simulcast, steps))
    for name in ("wire", "rtcp", "heard", "counted"):
        assert getattr(found, name) == getattr(expected, name), name
    return who


@native_only
def test_the_usual_packets_are_forwarded_in_c() -> None:
    video = [Step("packet", LOW, flag=index == 0, wait=0.01, data=b"p" * index) for index in range(20)]
    sound = [Step("packet", MIC, number=0x80 | 30, wait=0.01) for _ in range(20)]
    who = play_both(False, [*video, *sound, Step("tick")])
    assert who == ["Python"] + ["C"] * 19 + ["Python"] + ["C"] * 19 + [""]


@native_only
def test_after_a_change_of_layers_picture_ids_are_rewritten_as_ever() -> None:
    def frames(key: bool) -> list[Step]:
        return [Step("packet", ssrc, flag=key, wait=0.02, data=b"picture") for ssrc in (LOW, HIGH)]

    steps = [*frames(True), *frames(False), *frames(False), Step("bound", flag=True), *frames(True), *frames(False)]
    steps += [*frames(False), Step("bound", flag=False), *frames(False), *frames(True), *frames(False), *frames(False)]
    who = play_both(True, steps)
    assert {"C", "both", "Python"} <= set(who)


@native_only
def test_what_is_late_lost_padded_or_asked_for_again_is_dealt_with_alike() -> None:
    some = [Step("packet", MIC, wait=0.02) for _ in range(5)]
    steps = [*some, Step("packet", MIC, lost=2), *some, Step("late", MIC), *some, Step("packet", MIC, padded=True)]
    steps += [*some, Step("packet", MIC, data=b""), *some, Step("nack", number=6), Step("tick", wait=0.1), *some]
    steps += [Step("mute", flag=True), *some, Step("mute", flag=False), *some, Step("publish"), *some]
    assert "C" in play_both(False, steps)


steps_of = st.lists(
    st.one_of(
        *[
            st.builds(
                Step,
                kind=st.just("packet"),
                ssrc=st.sampled_from([MIC, LOW, HIGH]),
                number=st.integers(0, 255),
                flag=st.sampled_from([False, False, False, True]),
                lost=st.sampled_from([0, 0, 0, 0, 0, 1, 4]),
                wait=st.sampled_from([0.0, 0.001, 0.02, 0.3, 1.5]),
                data=st.binary(max_size=4),
                size=st.sampled_from([0, 0, 1_100, 1_400]),
                padded=st.sampled_from([False, False, False, True]),
            )
        ]
        * 4,
        st.builds(
            Step,
            kind=st.sampled_from(["late", "mute", "pause", "bound", "nack", "tick", "tick", "publish"]),
            ssrc=st.sampled_from([MIC, LOW, HIGH]),
            number=st.integers(0, 12),
            flag=st.booleans(),
            wait=st.sampled_from([0.0, 0.05]),
        ),
        st.builds(
            Step, kind=st.just("bytes"), data=st.binary(max_size=8).map(lambda end: b"\x90o\0\1" + bytes(4) + end)
        ),
    ),
    max_size=60,
)


@pytest.mark.fuzz
@native_only
@given(simulcast=st.booleans(), steps=steps_of)
def test_both_planes_agree_on_whatever_happens(simulcast: bool, steps: list[Step]) -> None:
    if not simulcast:
        steps = [step for step in steps if step.ssrc != HIGH]
    play_both(simulcast, steps)


def shared_way(stack: ExitStack) -> Room:
    """A room whose first subscriber gets sound and picture at one address, after C began to forward both."""
    room = Room(stack, native=True, simulcast=False)
    for ssrc in (MIC, LOW, MIC, LOW):
        room.take(Step("packet", ssrc, flag=True))
    sound, picture = room.consumers[:2]
    assert isinstance(sound.stream, NativeStream)
    assert isinstance(picture.stream, NativeStream)
    picture.stream.cell.out = sound.stream.tx.cell
    for receiver in room.receivers:
        received(receiver)
    return room


@native_only
def test_what_came_together_leaves_picture_first_and_each_stream_in_its_order() -> None:
    async def scene() -> None:
        with ExitStack() as stack:
            room = shared_way(stack)
            packets = [room._next_packet(Step("packet", ssrc)) for ssrc in (MIC, LOW, MIC, LOW, LOW, MIC)]
            assert {room.handle(packet) for packet in packets} == {0}
            assert received(room.receivers[0]) == []
            room.send_due()
            found = [(packet[1] & 0x7F, packet[2] << 8 | packet[3]) for packet in received(room.receivers[0])]
            assert [kind for kind, _ in found] == [96, 96, 96, 111, 111, 111]
            for numbers in ([number for _, number in found[:3]], [number for _, number in found[3:]]):
                assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
            assert room.consumers[0].stream.packets == room.consumers[2].stream.packets
            room.publisher.close()

    asyncio.run(scene())


@native_only
def test_more_than_can_be_due_at_one_time_is_sent_all_the_same() -> None:
    async def scene() -> None:
        assert NATIVE is not None
        with ExitStack() as stack:
            room = Room(stack, native=True, simulcast=False)
            for _ in range(2):
                room.take(Step("packet", LOW, flag=True))
            before = room.batch.sent
            count = NATIVE[1].PARLEY_DUE // 2 + 4
            for _ in range(count):
                assert room.handle(room._next_packet(Step("packet", LOW))) == 0
            assert room.batch.sent > before
            room.send_due()
            assert room.batch.sent == before + 2 * count
            numbers = [packet[2] << 8 | packet[3] for packet in received(room.receivers[1])[-count:]]
            assert numbers == list(range(numbers[0], numbers[0] + count))
            room.publisher.close()

    asyncio.run(scene())


@native_only
def test_a_layer_that_is_not_open_forwards_nothing_in_c() -> None:
    async def scene() -> None:
        with ExitStack() as stack:
            room = Room(stack, native=True, simulcast=False)
            assert [room.take(Step("packet", MIC)) for _ in range(2)] == ["Python", "C"]
            producer = next(item for item in room.publisher.producers.values() if item.source == "microphone")
            layer = producer.layers[0]
            assert isinstance(layer, NativeLayer)
            layer.hold()
            assert [room.take(Step("packet", MIC)) for _ in range(2)] == ["Python", "C"]
            for consumer in list(producer.consumers):
                producer.remove_consumer(consumer)
            before = room.batch.sent
            assert [room.take(Step("packet", MIC)) for _ in range(2)] == ["Python", "Python"]
            assert room.batch.sent == before
            room.publisher.close()

    asyncio.run(scene())
