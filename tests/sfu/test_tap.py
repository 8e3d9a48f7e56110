"""What a recorder gets of a producer: one continuous stream, complete as soon as it can be, and nothing while muted."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from parley.sfu.codecs import CodecParameters
from parley.sfu.producer import Producer
from parley.sfu.publish_sdp import NegotiatedTrack
from parley.sfu.receive_stats import ntp_time
from parley.sfu.remote_clock import RemoteClock
from parley.sfu.rtcp import SenderReport
from parley.sfu.rtp import parse_rtp
from parley.sfu.tap import Tap, TapTrack

OPUS = CodecParameters("opus", 111, 48_000, 2, "minptime=10")
VP8 = CodecParameters("VP8", 96, 90_000, 1, "")
H264 = CodecParameters("H264", 102, 90_000, 1, "profile-level-id=42e01f;packetization-mode=1")
KEY, DELTA = b"\x10\x10", b"\x10\x11"


@dataclass
class Sink:
    """What reached the recorder."""

    tracks: list[TapTrack] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    muted: list[tuple[str, bool]] = field(default_factory=list)
    packets: list[tuple[int, int, bytes]] = field(default_factory=list)
    reports: list[tuple[float, int]] = field(default_factory=list)

    def track_started(self, track: TapTrack) -> None:
        self.tracks.append(track)

    def track_ended(self, track_id: str) -> None:
        self.ended.append(track_id)

    def track_muted(self, track_id: str, muted: bool) -> None:
        self.muted.append((track_id, muted))

    def packet(self, track_id: str, now: float, packet: bytearray) -> None:
        header = parse_rtp(packet, len(packet))
        assert header is not None
        end = header.header_length + header.payload_length
        self.packets.append((header.sequence_number, header.timestamp, bytes(packet[header.header_length : end])))

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None:
        self.reports.append((ntp, timestamp))

    @property
    def payloads(self) -> list[bytes]:
        return [payload for _, _, payload in self.packets]

    @property
    def steps(self) -> list[int]:
        numbers = [number for number, _, _ in self.packets]
        return [(after - before) & 0xFFFF for before, after in pairwise(numbers)]


class Stage:
    """A producer, its tap, and the test's clock."""

    def __init__(self, *codecs: CodecParameters, source: str = "microphone", rids: tuple[str, ...] = ()) -> None:
        kind = "audio" if codecs[0].name == "opus" else "video"
        by_type = {codec.payload_type: codec for codec in codecs}
        track = NegotiatedTrack("1", source, kind, False, by_type, {}, {}, rids, ())
        self.asked: list[int] = []
        self.producer = Producer("p", "ann", track, RemoteClock(), self.asked.append)
        self.now = 50.0
        if not rids:
            self.producer.add_layer(0, 100, self.now)
        self.sink = Sink()
        self.tap = Tap(self.sink)

    def send(self, seq: int, payload: bytes = b"sound", timestamp: int | None = None, layer: int = 0) -> None:
        self.now += 0.02
        found = self.producer.layers[layer]
        assert found is not None
        found.last_at = self.now
        if not self.producer.muted:
            stamp = seq * 960 if timestamp is None else timestamp
            found.forward(payload, self.producer.codec, 1, seq & 0xFFFF, stamp & 0xFFFFFFFF, 0, 0, self.now)

    def pull(self) -> None:
        self.tap.pull([self.producer], self.now)


def test_a_track_is_described_before_its_first_packet() -> None:
    stage = Stage(OPUS)
    stage.pull()
    assert stage.sink.tracks == [TapTrack("p", "ann", "microphone", "opus", 48_000, 2, "minptime=10")]
    assert not stage.sink.packets


@pytest.mark.parametrize("first", [1, 65_530])
def test_a_microphone_that_nobody_else_hears_is_complete_also_across_the_wrap(first: int) -> None:
    stage = Stage(OPUS)
    stage.pull()
    for number in range(40):
        stage.send(first + number, b"%d" % number)
        if number % 3 == 0:
            stage.pull()
    stage.pull()
    assert stage.sink.payloads == [b"%d" % number for number in range(40)]
    assert set(stage.sink.steps) == {1}


def test_a_packet_that_comes_late_has_its_own_place_and_what_never_comes_leaves_a_gap() -> None:
    stage = Stage(OPUS)
    stage.pull()
    for number in (10, 11, 14):
        stage.send(number, b"%d" % number)
        stage.pull()
    stage.send(12, b"12")
    stage.pull()
    assert stage.sink.payloads == [b"10", b"11", b"14", b"12"]
    assert stage.sink.steps == [1, 3, 65_534]


def test_numbers_close_up_over_packets_that_carry_nothing() -> None:
    stage = Stage(OPUS)
    stage.pull()
    stage.send(10)
    stage.pull()
    layer = stage.producer.layers[0]
    assert layer is not None
    layer.leave_out(11)
    stage.send(12)
    stage.pull()
    assert stage.sink.steps == [1]


def test_video_begins_with_a_key_frame_that_the_tap_asks_for() -> None:
    stage = Stage(VP8, source="screen")
    stage.send(1, DELTA)
    stage.pull()
    assert stage.asked == [100]
    stage.send(2, DELTA)
    stage.pull()
    assert not stage.sink.packets
    stage.send(3, KEY)
    stage.send(4, DELTA)
    stage.pull()
    assert stage.sink.payloads == [KEY, DELTA]


def test_while_muted_nothing_is_handed_on_and_afterwards_it_goes_on_without_a_gap() -> None:
    stage = Stage(OPUS)
    stage.pull()
    stage.send(1)
    stage.pull()
    stage.producer.set_muted(True, stage.now)
    for number in range(2, 50):
        stage.send(number, b"secret")
        stage.pull()
    stage.producer.set_muted(False, stage.now)
    stage.send(50, b"again")
    stage.pull()
    assert stage.sink.payloads == [b"sound", b"again"]
    assert stage.sink.steps == [1]
    assert stage.sink.packets[1][1] == 50 * 960
    assert stage.sink.muted == [("p", True), ("p", False)]


def test_the_best_layer_that_arrives_is_taken_and_time_runs_on_across_the_change() -> None:
    stage = Stage(VP8, source="camera", rids=("l", "m", "h"))
    for number in range(20):
        if number in (0, 10):
            for index in (0, 1) if number == 0 else (2,):
                layer_added = stage.producer.add_layer(index, 100 + index, stage.now)
                report = SenderReport(100 + index, ntp_time(1_000.0), 7_000_000 * index, 0, 0)
                layer_added.stats.sender_report(report, stage.now)
        for layer in range(2 if number < 10 else 3):
            key = KEY if number in (2, 12) else DELTA
            stage.send(number + 100 * layer, key + bytes([layer]), 7_000_000 * layer + number * 3_000, layer)
        stage.pull()
    assert [payload[2] for payload in stage.sink.payloads] == [1] * 10 + [2] * 8
    assert set(stage.sink.steps) == {1}
    times = [timestamp for _, timestamp, _ in stage.sink.packets]
    assert [after - before for before, after in pairwise(times)] == [3_000] * 17


def test_a_change_of_codec_is_another_track() -> None:
    stage = Stage(VP8, H264, source="camera")
    stage.pull()
    stage.send(1, KEY)
    stage.pull()
    stage.producer.use_codec(stage.producer.codecs[102], stage.now)
    stage.pull()
    assert stage.sink.ended == ["p"]
    assert [(track.track_id, track.codec) for track in stage.sink.tracks] == [("p", "VP8"), ("p.2", "H264")]


def test_sender_reports_are_told_once_with_the_timestamps_that_packets_have() -> None:
    stage = Stage(OPUS)
    stage.pull()
    stage.send(1)
    layer = stage.producer.layers[0]
    assert layer is not None
    layer.stats.sender_report(SenderReport(100, ntp_time(2_000.0), 960, 0, 0), stage.now)
    stage.pull()
    stage.pull()
    ((ntp, timestamp),) = stage.sink.reports
    assert ntp == pytest.approx(2_000.0, abs=1e-3)
    assert timestamp == 960


def test_a_track_ends_with_its_producer() -> None:
    stage = Stage(OPUS)
    stage.pull()
    stage.tap.pull([], stage.now)
    assert stage.sink.ended == ["p"]
    assert not stage.producer.tapped


def test_a_new_description_of_the_same_track_changes_nothing() -> None:
    stage = Stage(VP8, source="camera")
    stage.pull()
    stage.send(1, KEY)
    stage.pull()
    stage.producer.renegotiate(NegotiatedTrack("2", "camera", "video", False, {96: VP8}, {}, {}, (), ()))
    stage.producer.use_codec(stage.producer.codecs[96], stage.now)
    stage.pull()
    assert stage.sink.ended == []
