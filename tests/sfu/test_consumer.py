"""A simulcast producer and one consumer without transports or time: what a decoder gets over changes of layers.

Packets are really encrypted and sent, over a loopback socket that is read at once; the clock is the test's.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pylibsrtp
import pytest

from parley.sfu.codecs import CodecParameters
from parley.sfu.consumer import Consumer
from parley.sfu.outbound import Outbound
from parley.sfu.plane import PortableBatch
from parley.sfu.producer import Producer
from parley.sfu.publish_sdp import NegotiatedTrack
from parley.sfu.receive_stats import ntp_time
from parley.sfu.remote_clock import RemoteClock
from parley.sfu.rtcp import ReportBlock, SenderReport
from parley.sfu.srtp import SrtpContext
from parley.sfu.vp8 import parse_vp8
from tests.sfu.participant import Received, read

KEY = bytes(range(28))
GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
LOW, MEDIUM, HIGH = 0, 1, 2
FRAME = 3_000
VP8 = CodecParameters("VP8", 96, 90_000, 1, "")


@dataclass
class Layer:
    """What the publisher's encoder of one layer counts."""

    seq: int
    timestamp: int
    picture_id: int


class Camera:
    """A camera of three layers, each with spaces of its own, and its one subscriber."""

    def __init__(self, sender: socket.socket, receiver: socket.socket) -> None:
        track = NegotiatedTrack("1", "camera", "video", False, {96: VP8}, {97: 96}, {}, ("l", "m", "h"), ())
        self.asked: list[int] = []
        self.producer = Producer("camera", "ann", track, RemoteClock(), self.asked.append)
        self.receiver = receiver
        self.decrypt = pylibsrtp.Session(
            pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=GCM)
        )
        tx = Outbound()
        tx.set_address(PortableBatch(sender), socket.AF_INET, receiver.getsockname())
        tx.set_key(SrtpContext(GCM, KEY, "outbound"))
        self.told: list[tuple[bool, str | None]] = []
        self.consumer = Consumer(
            "consumer", self.producer, tx, 7, 8, lambda consumer: self.told.append(consumer.state())
        )
        self.consumer.accepted = frozenset({96, 97})
        self.consumer.connected = True
        self.producer.add_consumer(self.consumer)
        self.now = 1_000.0
        self.layers = [Layer(60_000, 2**31 + 5, 30_000), Layer(3, 17, 5), Layer(65_530, 2**32 - 9_000, 32_760)]
        for index in range(3):
            self.producer.add_layer(index, 100 + index, self.now)

    def frame(self, *keyframes: int) -> list[Received]:
        """Every layer sends a frame, those named a key frame; what the subscriber got."""
        self.now += 1 / 30
        for index, layer in enumerate(self.layers):
            number = layer.picture_id & 0x7FFF
            payload = b"\x90\x80" + (0x8000 | number).to_bytes(2, "big") + (b"\x10" if index in keyframes else b"\x11")
            found = self.producer.layers[index]
            assert found is not None
            found.last_at = self.now
            found.forward(
                payload, self.producer.codec, 1, layer.seq & 0xFFFF, layer.timestamp & 0xFFFFFFFF, 0, 0, self.now
            )
            layer.seq, layer.timestamp, layer.picture_id = layer.seq + 1, layer.timestamp + FRAME, layer.picture_id + 1
        return self.received()

    def frames(self, count: int) -> list[Received]:
        return [packet for _ in range(count) for packet in self.frame()]

    def received(self) -> list[Received]:
        got = []
        while True:
            try:
                got.append(read(self.decrypt.unprotect(self.receiver.recv(2_000))))
            except BlockingIOError:
                return got

    def want(self, layer: int) -> None:
        self.consumer.allowed = layer
        self.producer.place(self.consumer, self.now)


@pytest.fixture
def camera() -> Iterator[Camera]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        sender.bind(("127.0.0.1", 0))
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield Camera(sender, receiver)


def picture_id(packet: Received) -> int:
    descriptor = parse_vp8(packet.payload, 0, len(packet.payload))
    assert descriptor is not None
    return descriptor.picture_id


def assert_one_stream(got: list[Received]) -> None:
    """No decoder can tell that there was a change. At a change upwards, one moment may be shown by both layers."""
    for before, after in pairwise(got):
        assert after.seq == (before.seq + 1) & 0xFFFF
        assert picture_id(after) == (picture_id(before) + 1) & 0x7FFF
        assert 0 < (after.timestamp - before.timestamp) & 0xFFFFFFFF < FRAME * 1.5


def test_the_best_layer_starts_with_its_key_frame_which_is_asked_for(camera: Camera) -> None:
    assert camera.asked[-1] == 100 + HIGH
    assert camera.frame() == []
    assert len(camera.frame(HIGH)) == 1
    assert len(camera.frames(5)) == 5


@pytest.mark.parametrize("path", [[HIGH, LOW, HIGH], [LOW, MEDIUM, HIGH, LOW], [MEDIUM, LOW, MEDIUM, LOW, HIGH]])
def test_changes_between_layers_with_clocks_and_counters_anywhere_make_one_stream(
    camera: Camera, path: list[int]
) -> None:
    got: list[Received] = []
    for layer in path:
        camera.want(layer)
        got += camera.frames(3)
        got += camera.frame(layer)
        got += camera.frames(10)
    upwards = sum(after > before for before, after in pairwise(path))
    assert len(got) == 14 * len(path) - 3 + upwards
    assert (got[-1].timestamp - got[0].timestamp) & 0xFFFFFFFF == pytest.approx((14 * len(path) - 4) * FRAME, abs=20)
    assert_one_stream(got)
    assert [camera.producer.names[layer] for layer in path] == [name for _, name in camera.told]


def test_a_change_after_eleven_minutes_is_one_too(camera: Camera) -> None:
    camera.want(HIGH)
    got = camera.frame(HIGH)
    camera.want(LOW)
    got += camera.frame(LOW)
    got += camera.frames(30 * 60 * 11)
    camera.want(HIGH)
    got += camera.frame(HIGH)
    got += camera.frames(3)
    assert_one_stream(got)


def test_with_sender_reports_a_change_keeps_the_picture_on_time_to_the_tick(camera: Camera) -> None:
    captured = 5.0
    for index, layer in enumerate(camera.layers):
        found = camera.producer.layers[index]
        assert found is not None
        report = SenderReport(100 + index, ntp_time(captured), layer.timestamp & 0xFFFFFFFF, 1, 1)
        found.stats.sender_report(report, camera.now)
    camera.want(HIGH)
    got = camera.frame(HIGH) + camera.frames(4)
    camera.now += 0.2  # the network held back what comes now
    camera.want(LOW)
    got += camera.frame(LOW) + camera.frames(4)
    steps = {(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(got)}
    assert steps <= {FRAME - 1, FRAME, FRAME + 1}


def test_after_a_change_retransmissions_are_of_the_layer_that_was_sent(camera: Camera) -> None:
    camera.want(HIGH)
    camera.frame(HIGH)
    camera.want(LOW)
    got = camera.frame(LOW) + camera.frames(5)
    camera.consumer.retransmit([got[2].seq, got[4].seq, 0x7FFF], camera.now, 0.05)
    again = camera.received()
    assert [packet.payload[:2] for packet in again] == [number.seq.to_bytes(2, "big") for number in (got[2], got[4])]
    assert [packet.payload[2:] for packet in again] == [got[2].payload, got[4].payload]
    assert [packet.timestamp for packet in again] == [got[2].timestamp, got[4].timestamp]
    assert {packet.ssrc for packet in again} == {8}


def test_while_paused_nothing_comes_and_afterwards_the_stream_goes_on_without_a_gap_in_its_numbers(
    camera: Camera,
) -> None:
    camera.want(HIGH)
    before = camera.frame(HIGH) + camera.frames(2)
    camera.consumer.paused = True
    camera.producer.place(camera.consumer, camera.now)
    assert camera.frames(20) == []
    camera.consumer.paused = False
    camera.producer.place(camera.consumer, camera.now)
    assert camera.frames(2) == [], "nothing but a key frame can be decoded now"
    after = camera.frame(HIGH) + camera.frames(2)
    assert after[0].seq == (before[-1].seq + 1) & 0xFFFF
    assert (after[0].timestamp - before[-1].timestamp) & 0xFFFFFFFF == 23 * FRAME


def test_a_layer_that_begins_anew_with_another_ssrc_needs_a_key_frame_and_goes_on(camera: Camera) -> None:
    camera.want(HIGH)
    got = camera.frame(HIGH) + camera.frames(3)
    camera.layers[HIGH] = Layer(9, 2**30, 77)
    camera.producer.add_layer(HIGH, 999, camera.now)
    assert camera.asked[-1] == 999
    assert camera.frames(2) == []
    got += camera.frame(HIGH) + camera.frames(3)
    assert [after.seq - got[0].seq & 0xFFFF for after in got] == list(range(8))
    assert [picture_id(packet) - picture_id(got[0]) & 0x7FFF for packet in got] == list(range(8))


def test_what_a_report_covers_is_what_was_sent_since_the_last(camera: Camera) -> None:
    camera.want(HIGH)
    camera.frame(HIGH)
    camera.frames(9)
    block = ReportBlock(7, 64, 0, 0, 0, 0, 0)
    assert camera.consumer.received(block) == 10
    camera.frames(4)
    assert camera.consumer.received(block) == 4
    assert camera.consumer.fraction_lost == 0.25
