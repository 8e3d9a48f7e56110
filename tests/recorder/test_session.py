"""A recording from its messages to its files and timeline."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.recorder.disk import Disk
from parley.recorder.existing import RefusedError, prepare
from parley.recorder.messages import Expect, Happened, Missed, Pause, ProtocolError, Resume, Track, TrackEnd
from parley.recorder.tail import last_timestamp
from parley.store import recording as stored
from parley.store.recording import AnyEvent, Codec, Lost, TrackStarted
from tests.recorder.packetising import Encoded, decode, demux, pictures, rtp, sound
from tests.recorder.tape import HEAD, Tape, disk_at

VIDEO: tuple[Codec, ...] = ("vp8", "vp9", "h264", "av1")
CODECS: tuple[Codec, ...] = ("opus", *VIDEO)


def media(codec: Codec, seconds: float) -> tuple[Encoded, ...]:
    return sound(seconds) if codec == "opus" else pictures(codec, round(seconds * 10))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with disk_at(tmp_path) as disk:
        yield disk


@pytest.fixture
def tape(tmp_path: Path, disk: Disk) -> Tape:
    return Tape(tmp_path, disk)


def lost(events: list[AnyEvent]) -> list[Lost]:
    return [event for event in events if isinstance(event, Lost)]


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_of_a_track_is_in_its_file_at_its_time(tape: Tape, codec: Codec) -> None:
    frames = media(codec, 2.0)
    tape.track(1, codec)
    tape.play(1, codec, frames, start=5.0)
    events = tape.stop(7.5)
    times = [at for at, _ in demux(tape.file("t1-0"))]
    assert times == pytest.approx([5.0 + frame.at for frame in frames], abs=0.0015)
    decoded = decode(tape.file("t1-0"))
    assert len(decoded) == len(frames)
    if codec != "opus":
        means = [float(picture.mean()) for _, picture in decoded]
        assert means[:3] == pytest.approx([16, 24, 32], abs=3)
    assert [type(event).__name__ for event in events] == ["SegmentStarted", "TrackStarted", "TrackEnded", "Stopped"]
    started = events[1]
    assert isinstance(started, TrackStarted)
    assert (started.at, started.file) == (pytest.approx(5.0, abs=0.0015), "tracks/t1-0.mkv")


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_cut_anywhere_plays_up_to_there(tape: Tape, codec: Codec) -> None:
    tape.track(1, codec)
    tape.play(1, codec, media(codec, 2.0))
    tape.stop(2.5)
    whole = tape.file("t1-0")
    times = demux(whole)
    rng = random.Random(codec)
    header = whole.index(b"\x1f\x43\xb6\x75")
    for cut in sorted(rng.randrange(header + 40, len(whole)) for _ in range(12)):
        played = demux(whole[:cut])
        assert played == times[: len(played)]
        assert sum(size for _, size in played) > cut * 0.6 - 2000


def test_a_recorder_that_is_gone_at_any_moment_leaves_all_but_its_last_cluster(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(3.0))
    times = [at for at, _ in demux(tape.file("t1-0"))]  # the file is still open
    assert times[-1] > 2.98 - 0.3
    assert last_timestamp(tape.directory / "tracks/t1-0.mkv") == pytest.approx(times[-1], abs=0.0015)


@pytest.mark.parametrize("codec", CODECS)
def test_the_last_frames_before_a_silence_or_a_still_picture_are_on_disk_though_nothing_follows(
    tape: Tape, codec: Codec
) -> None:
    tape.track(1, codec)
    frames = media(codec, 2.0)
    tape.play(1, codec, frames)
    for tenth in range(5):
        tape.wait(2.0 + tenth / 10)
    before = tape.file("t1-0")
    assert len(demux(before)) == len(decode(before)) == len(frames)
    tape.play(1, codec, media(codec, 1.0), start=10.0)
    tape.stop(12.0)
    after = tape.file("t1-0")
    assert len(demux(after)) == len(decode(after)) == len(frames) + len(media(codec, 1.0))


def test_single_packets_minutes_apart_are_all_on_disk(tape: Tape) -> None:
    tape.track(1, "opus")
    for minute in range(5):
        tape.play(1, "opus", sound(1.0)[:1], start=90.0 * minute)
        for second in range(1, 4):
            tape.wait(90.0 * minute + second)
        assert len(demux(tape.file("t1-0"))) == minute + 1


def test_a_lost_packet_of_sound_is_a_gap_and_shifts_nothing(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(3.0), lose=(50, 51, 52))
    events = tape.stop(3.5)
    times = [at for at, _ in demux(tape.file("t1-0"))]
    assert times == pytest.approx([i * 0.02 for i in range(150) if i not in (50, 51, 52)], abs=0.0015)
    assert lost(events) == [Lost(at=1.0, track="t1", seconds=pytest.approx(0.06, abs=0.002), packets=3)]


@pytest.mark.parametrize("codec", VIDEO)
def test_after_a_lost_packet_of_video_nothing_is_written_until_a_key_frame_which_is_asked_for(
    tape: Tape, codec: Codec
) -> None:
    frames = pictures(codec, 20)  # key frames: 0 and 10
    tape.track(1, codec)
    before = sum(len(list(tape.packets(9, codec, [frame], 0))) for frame in frames[:4])
    tape.play(1, codec, frames, lose=(before,))
    tape.wait(2.5)
    events = tape.stop(3.0)
    times = [at for at, _ in demux(tape.file("t1-0"))]
    assert times == pytest.approx([i / 10 for i in range(20) if not 4 <= i < 10], abs=0.0015)
    assert len(decode(tape.file("t1-0"))) == 14
    assert tape.key_frames_wanted >= 1
    assert [(event.track, event.reason) for event in lost(events)] == [("t1", "network")]
    assert lost(events)[0].seconds == pytest.approx(0.7, abs=0.002)


def test_late_packets_that_come_within_the_wait_lose_nothing(tape: Tape) -> None:
    tape.track(1, "vp8")
    first, *rest = tape.packets(1, "vp8", pictures("vp8", 20), 1.0)
    rng = random.Random(7)
    sent = [first, *((at + rng.uniform(0, 0.3), packet) for at, packet in rest)]
    for at, packet in sorted(sent):
        tape.session.packet(1, at, packet)
    events = tape.stop(4.0)
    assert len(demux(tape.file("t1-0"))) == 20
    assert lost(events) == []


def test_nothing_is_written_while_paused_and_video_goes_on_with_a_key_frame(tape: Tape) -> None:
    for number, codec in ((1, "opus"), (2, "vp8")):
        tape.track(number, codec)  # type: ignore[arg-type]
        tape.play(number, codec, media(codec, 1.0))  # type: ignore[arg-type]
    tape.say(Pause(1.0))
    tape.play(1, "opus", sound(1.0), start=1.0)
    tape.play(2, "vp8", pictures("vp8", 10), start=1.0)
    asked = tape.key_frames_wanted
    tape.say(Resume(2.05))
    tape.play(1, "opus", sound(1.0), start=2.06)
    tape.play(2, "vp8", pictures("vp8", 20)[5:], start=1.6)  # from the middle of a group of pictures
    events = tape.stop(4.0)
    assert [at for at, _ in demux(tape.file("t1-0")) if 0.99 < at < 2.05] == []
    video = [at for at, _ in demux(tape.file("t2-0"))]
    assert [at for at in video if 0.95 < at < 2.05] == []
    assert min(at for at in video if at > 1) == pytest.approx(2.6, abs=0.01)
    assert len(decode(tape.file("t2-0"))) == len(video)
    assert tape.key_frames_wanted > asked
    kinds = [type(event).__name__ for event in events]
    assert kinds.index("Paused") < kinds.index("Resumed")
    assert not [event for event in lost(events) if event.track == "t1"]


def test_silence_of_a_muted_track_stays_a_gap_and_is_no_loss(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0), start=1.0)
    tape.wait(60.0)
    tape.play(1, "opus", sound(1.0), start=90.0)
    events = tape.stop(95.0)
    times = [at for at, _ in demux(tape.file("t1-0"))]
    assert times[49:51] == pytest.approx([1.98, 90.0], abs=0.025)
    assert lost(events) == []


def test_a_packet_lost_after_a_silence_is_no_hole_of_the_whole_silence(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0))
    tape.play(1, "opus", sound(1.0), start=60.0, lose=(0, 1))
    (hole,) = lost(tape.stop(62.0))
    assert (hole.at, hole.seconds, hole.packets) == (pytest.approx(60.0, abs=0.03), pytest.approx(0.04, abs=0.002), 2)


def test_a_packet_lost_after_a_pause_is_no_hole_of_the_whole_pause(tape: Tape) -> None:
    tape.track(1, "vp8")
    tape.play(1, "vp8", pictures("vp8", 10))
    tape.say(Pause(1.0))
    tape.say(Resume(60.0))
    tape.play(1, "vp8", pictures("vp8", 20), start=60.1, lose=(3,))
    holes = lost(tape.stop(64.0))
    assert holes
    assert all(hole.at >= 60.0 for hole in holes)


def test_hostile_packets_for_a_long_time_take_no_more_memory_than_for_a_short_one(tape: Tape) -> None:
    rng = random.Random(1)
    for number, codec in enumerate(CODECS):
        tape.track(number, codec)

    def bombard(packets: int) -> int:
        for index in range(packets):
            data = rtp(
                rng.randrange(65536), rng.randrange(2**32), rng.randbytes(rng.randrange(40)), marker=index % 3 == 0
            )
            tape.session.packet(index % len(CODECS), index / 1000, data)
            tape.report(index % len(CODECS), rng.uniform(-1e9, 1e9), rng.randrange(2**32), index / 1000)
        tape.settle()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = bombard(3000)
        assert bombard(6000) < before + 1_000_000
    finally:
        tracemalloc.stop()


def test_a_size_that_changes_goes_on_in_the_file_where_the_codec_allows_it(tape: Tape) -> None:
    tape.track(1, "vp8")
    tape.play(1, "vp8", pictures("vp8", 10))
    tape.play(1, "vp8", pictures("vp8", 10, 320, 192), start=1.0)
    tape.stop(3.0)
    assert tape.files() == ["t1-0"]
    assert [picture.shape for _, picture in decode(tape.file("t1-0"))][9:11] == [(96, 160), (192, 320)]


def test_other_h264_parameter_sets_begin_another_file_of_the_segment(tape: Tape) -> None:
    tape.track(1, "h264")
    tape.play(1, "h264", pictures("h264", 10))
    tape.play(1, "h264", pictures("h264", 10, 320, 192), start=1.0)
    events = tape.stop(3.0)
    assert tape.files() == ["t1-0", "t1-0.1"]
    assert [picture.shape for _, picture in decode(tape.file("t1-0.1"))] == [(192, 320)] * 10
    assert [event.file for event in events if isinstance(event, TrackStarted)] == [
        "tracks/t1-0.mkv",
        "tracks/t1-0.1.mkv",
    ]


def test_another_codec_of_the_same_track_begins_another_file(tape: Tape) -> None:
    tape.track(1, "vp8")
    tape.play(1, "vp8", pictures("vp8", 10))
    tape.track(1, "av1", at=1.0)
    tape.play(1, "av1", pictures("av1", 10), start=1.0)
    events = tape.stop(3.0)
    assert [event.codec for event in events if isinstance(event, TrackStarted)] == ["vp8", "av1"]
    assert len(decode(tape.file("t1-0.1"))) == 10


def test_packets_that_the_node_left_out_are_lost_to_the_recorder_not_to_the_network(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0))
    list(tape.packets(1, "opus", sound(1.0), 1.0))
    tape.say(Missed(1, 50, 2.0))
    tape.play(1, "opus", sound(1.0), start=2.0)
    events = tape.stop(3.5)
    assert lost(events) == [
        Lost(at=1.0, track="t1", seconds=pytest.approx(1.0, abs=0.01), packets=50, reason="recorder")
    ]


def test_a_node_that_comes_again_goes_on_in_the_next_segment_and_the_timeline_says_what_is_missing(
    tmp_path: Path, tape: Tape, disk: Disk
) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(2.0))
    tape.settle()  # killed here: nothing is closed
    again = Tape(tmp_path, disk, at=2.5)
    again.track(1, "opus", at=2.5, active_until=2.3)
    again.play(1, "opus", sound(1.0), start=2.5)
    events = again.stop(4.0)
    assert again.files() == ["t1-0", "t1-1"]
    assert [event.number for event in events if isinstance(event, stored.SegmentStarted)] == [0, 1]
    (hole,) = lost(events)
    assert hole.reason == "recorder"
    assert hole.at == pytest.approx(demux(again.file("t1-0"))[-1][0], abs=0.0015)
    assert hole.at + hole.seconds == pytest.approx(2.5, abs=0.01)


def test_a_track_that_was_muted_when_the_recorder_came_back_misses_only_what_the_old_one_was_given(
    tmp_path: Path, tape: Tape, disk: Disk
) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(2.0))
    tape.settle()
    again = Tape(tmp_path, disk, at=2.5)
    again.track(1, "opus", at=2.5, active_until=2.3)
    again.wait(60.0)
    again.play(1, "opus", sound(1.0), start=60.0)
    (hole,) = lost(again.stop(62.0))
    assert hole.at + hole.seconds == pytest.approx(2.3, abs=0.01)


def test_an_event_that_is_said_again_is_written_once(tmp_path: Path, tape: Tape, disk: Disk) -> None:
    said = stored.ChatMessage(at=1.5, participant="p1", text="hello")
    tape.say(Happened(said))
    tape.session.interrupted()
    tape.settle()
    again = Tape(tmp_path, disk, at=2.0)
    again.say(Happened(said))
    assert again.stop(3.0).count(said) == 1


def test_a_torn_last_line_doesnt_take_the_next_one_with_it(tmp_path: Path, tape: Tape, disk: Disk) -> None:
    tape.session.interrupted()
    tape.settle()
    with (tape.directory / stored.TIMELINE).open("ab") as file:
        file.write(b'{"kind":"joi')
    events = Tape(tmp_path, disk, at=2.0).stop(3.0)
    assert [event.number for event in events if isinstance(event, stored.SegmentStarted)] == [0, 1]


def test_a_recording_that_was_stopped_is_not_gone_on_with(tmp_path: Path, tape: Tape) -> None:
    tape.stop(1.0)
    with pytest.raises(RefusedError, match="was stopped"):
        prepare(tmp_path, HEAD)


@pytest.mark.parametrize("name", ["", "..", ".a", "a/b", "x" * 65])
def test_an_id_that_is_no_name_for_a_directory_is_refused(tmp_path: Path, name: str) -> None:
    import msgspec

    with pytest.raises(RefusedError, match="no name"):
        prepare(tmp_path, msgspec.structs.replace(HEAD, recording=name))


def test_a_track_with_an_improper_id_is_a_breach_of_protocol(tape: Tape) -> None:
    import msgspec

    from parley.recorder.messages import Track

    track = Track(number=1, track="t", participant="p", source="camera", codec="vp8", clock_rate=90_000, at=0.0)
    for change in ({"track": "../t"}, {"number": 70_000}, {"clock_rate": 0}):
        with pytest.raises(ProtocolError):
            tape.say(msgspec.structs.replace(track, **change))


def test_the_end_of_a_track_is_in_the_timeline_and_its_file_has_a_duration(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0))
    tape.say(TrackEnd(1, 1.2))
    events = tape.timeline()
    assert events[-1] == stored.TrackEnded(at=1.2, track="t1")
    tape.play(1, "opus", sound(0.1), start=1.3)  # what crossed the end is left out
    assert len(tape.files()) == 1


hostile = st.lists(
    st.one_of(
        st.tuples(st.just("junk"), st.binary(max_size=60), st.just(0), st.just(0)),
        st.tuples(st.just("rtp"), st.binary(max_size=40), st.integers(0, 65535), st.integers(0, 2**32 - 1)),
        st.tuples(st.just("next"), st.binary(max_size=40), st.integers(0, 3), st.integers(0, 10**6)),
        st.tuples(st.just("report"), st.just(b""), st.integers(-(2**40), 2**40), st.integers(0, 2**32 - 1)),
        st.tuples(st.just("time"), st.just(b""), st.integers(0, 10**5), st.just(0)),
    ),
    max_size=80,
)


@pytest.mark.parametrize("codec", CODECS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=hostile)
def test_no_packets_make_a_session_raise_or_its_file_unplayable(
    tmp_path_factory: pytest.TempPathFactory, disk: Disk, codec: Codec, steps: list[tuple[str, bytes, int, int]]
) -> None:
    tape = Tape(tmp_path_factory.mktemp("hostile"), disk)
    tape.track(1, codec)
    tape.play(1, codec, media(codec, 0.5))
    sequence, timestamp, at = 65_600, 0, 0.5
    for kind, data, number, value in steps:
        at += 0.01
        if kind == "junk":
            tape.session.packet(1, at, data)
        elif kind == "rtp":
            tape.session.packet(1, at, rtp(number, value, data, marker=number % 2 == 0))
        elif kind == "next":
            sequence, timestamp = sequence + number, timestamp + value
            tape.session.packet(1, at, rtp(sequence, timestamp, data, marker=True))
        elif kind == "report":
            tape.report(1, float(number), value, at)
        else:
            at += number / 1000
            tape.wait(at)
    tape.session.interrupted()
    tape.settle()
    played = 0
    for name in tape.files():
        times = [at for at, _ in demux(tape.file(name))]
        assert times == sorted(set(times))
        played += len(times)
    assert played >= 5


def test_a_long_hole_is_told_as_soon_as_it_is_over_for_a_recorder_may_die_at_once(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0), lose=tuple(range(10, 30)))
    tape.play(1, "opus", sound(1.0)[:6], start=1.0)
    (hole,) = lost(tape.timeline())
    assert (hole.at, hole.at + hole.seconds) == (pytest.approx(0.2, abs=0.03), pytest.approx(0.6, abs=0.03))


def test_a_track_of_which_a_dead_recorder_wrote_nothing_is_told_of_with_what_is_missing(
    tmp_path: Path, disk: Disk
) -> None:
    tape = Tape(tmp_path, disk)
    tape.say(
        Track(
            number=1, track="t1", participant="p", codec="opus", source="microphone", clock_rate=48_000, at=6.0,
            active_since=5.0, active_until=5.6,
        )
    )  # fmt: skip
    tape.play(1, "opus", sound(1.0), start=6.0)
    events = tape.stop(7.5)
    (hole,) = lost(events)
    assert (hole.at, hole.reason) == (5.0, "recorder")
    assert hole.at + hole.seconds == pytest.approx(6.0, abs=0.03)


def test_a_hole_that_begins_under_one_recorder_and_ends_under_the_next_is_told(tape: Tape) -> None:
    tape.track(1, "opus")
    tape.play(1, "opus", sound(1.0))
    tape.session.interrupted()
    tape.settle()
    again = Tape(tape.directory.parent, tape.disk, at=1.0)
    again.track(1, "opus", active_until=0.98, at=1.0)
    again.say(Expect(1, (65_500 + 50) & 0xFFFF))
    again._sequence[1] = 65_500 + 50
    again.play(1, "opus", sound(2.0), start=1.0, lose=tuple(range(60)))
    again.play(1, "opus", sound(1.0), start=3.0)
    (hole,) = lost(again.stop(4.5))
    assert (hole.packets, hole.reason) == (60, "network")
    assert (hole.at, hole.at + hole.seconds) == (pytest.approx(1.0, abs=0.05), pytest.approx(2.2, abs=0.05))
