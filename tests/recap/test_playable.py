"""Tracks that browsers can play: nothing missing, nothing early, whatever the recorder went through."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from parley.recap import playable
from parley.recap.artefacts import PlayableTracks
from parley.recap.playable import opus_ticks
from parley.recap.recording import Recording
from parley.recap.stages import Context
from parley.store import recording as stored
from tests.support.recordings import RATE, RecordingMaker
from tests.support.speech import read_audio

Samples = NDArray[np.int16]


def tone(seconds: float, hertz: float = 440.0) -> Samples:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def pictures(count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    return [np.full((48, 64, 3), (seed + 9 * number) % 256, np.uint8) for number in range(count)]


@pytest.fixture
def maker(tmp_path: Path) -> RecordingMaker:
    made = RecordingMaker(tmp_path / "recording")
    made.person("a", "Ann")
    return made


def made_of(maker: RecordingMaker) -> PlayableTracks:
    """What the stage makes."""
    if not any(isinstance(event, stored.Stopped) for event in stored.read_timeline(maker.directory)):
        maker.stop(10)
    recording = Recording.open(maker.directory)
    directory = maker.directory / stored.RECAP
    directory.mkdir(exist_ok=True)
    return playable.make(Context(recording, None, directory, {}))


def path_of(maker: RecordingMaker, made: PlayableTracks, number: int = 0) -> Path:
    return maker.directory / stored.RECAP / made.tracks[number].file


def timestamps(path: Path) -> list[float]:
    """Of all packets, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams[0]
        assert stream.time_base is not None
        return [float(packet.pts * stream.time_base) for packet in container.demux(stream) if packet.pts is not None]


def joined(maker: RecordingMaker) -> None:
    """Make the second track another file of the first one."""
    path = maker.directory / stored.TIMELINE
    lines = path.read_bytes().replace(b'"track":"track2"', b'"track":"track1"')
    path.write_bytes(lines)


def drop(path: Path, lost: Callable[[int], bool]) -> None:
    """Take packets out of a file, by their number."""
    whole = path.with_suffix(".whole")
    path.rename(whole)
    with av.open(str(whole)) as source, av.open(str(path), "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams[0])
        for number, packet in enumerate(source.demux(0)):
            if packet.pts is not None and not lost(number):
                packet.stream = stream
                target.mux(packet)
    whole.unlink()


def file_of(maker: RecordingMaker, track: int = 1) -> Path:
    return maker.directory / stored.TRACKS / f"track{track}-0.mkv"


def test_sound_is_webm_from_its_first_moment_on_with_all_of_it(maker: RecordingMaker) -> None:
    maker.audio("a", tone(2), at=3.0)
    made = made_of(maker)
    (track,) = made.tracks
    path = path_of(maker, made)
    assert (track.participant, track.source, track.file) == ("a", "microphone", "play/track1.webm")
    assert (track.start, track.end) == pytest.approx((3.0, 5.0), abs=0.03)
    assert timestamps(path)[0] == pytest.approx(0, abs=0.001)
    assert len(read_audio(path, RATE)) / RATE == pytest.approx(2.0, abs=0.03)


@pytest.mark.parametrize(("codec", "suffix", "kind"), [("vp8", "webm", "matroska"), ("h264", "mp4", "mp4")])
def test_video_is_in_a_container_that_browsers_know_and_its_packets_are_the_same(
    maker: RecordingMaker, codec: str, suffix: str, kind: str
) -> None:
    maker.video("a", pictures(12), at=1.0, codec=codec)  # type: ignore[arg-type]
    made = made_of(maker)
    path = path_of(maker, made)
    assert path.suffix == f".{suffix}"
    with av.open(str(path)) as container:
        assert kind in container.format.name
        stream = container.streams.video[0]
        assert stream.codec_context.name == codec
        assert len(list(container.decode(stream))) == 12
    assert timestamps(path) == pytest.approx([number / 10 for number in range(12)], abs=0.002)


def test_a_finished_file_can_be_searched(maker: RecordingMaker) -> None:
    maker.audio("a", tone(3))
    maker.video("a", pictures(30), codec="h264")
    made = made_of(maker)
    for number in range(2):
        with av.open(str(path_of(maker, made, number))) as container:
            assert container.duration is not None
            assert container.duration / av.time_base == pytest.approx(3.0, abs=0.15)
            container.seek(2 * av.time_base)
            assert next(container.demux(0)).pts is not None


def test_the_segments_of_a_track_become_one_file_with_silence_between(maker: RecordingMaker) -> None:
    maker.audio("a", tone(1), at=1.0)
    maker.audio("a", tone(1), at=4.0)
    joined(maker)
    made = made_of(maker)
    (track,) = made.tracks
    samples = read_audio(path_of(maker, made), RATE)
    assert (track.start, track.end) == pytest.approx((1.0, 5.0), abs=0.03)
    assert len(samples) / RATE == pytest.approx(4.0, abs=0.03)
    loud = [float(np.abs(samples[round(at * RATE) :][: RATE // 2]).max()) for at in (0.2, 1.5, 2.3, 3.2)]
    assert [power > 4000 for power in loud] == [True, False, False, True]


def test_segments_that_overlap_are_not_heard_twice(maker: RecordingMaker) -> None:
    maker.audio("a", tone(2), at=0)
    maker.audio("a", tone(2), at=1.5)
    joined(maker)
    made = made_of(maker)
    path = path_of(maker, made)
    assert len(read_audio(path, RATE)) / RATE == pytest.approx(3.5, abs=0.04)
    assert timestamps(path) == sorted(set(timestamps(path)))


@pytest.mark.parametrize(
    "lost", [lambda number: number % 4 == 2, lambda number: 20 <= number < 70, lambda number: number % 7 in (3, 4)]
)
def test_what_was_lost_on_the_way_leaves_sound_as_long_as_the_picture(
    maker: RecordingMaker, lost: Callable[[int], bool]
) -> None:
    maker.audio("a", tone(6))
    drop(file_of(maker), lost)
    made = made_of(maker)
    assert len(read_audio(path_of(maker, made), RATE)) / RATE == pytest.approx(6.0, abs=0.03)


def frames_of(milliseconds: int, path: Path, seconds: float) -> None:
    """Write a track whose packets are so long."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.codec_context.options = {"frame_duration": str(milliseconds)}
        step = RATE * milliseconds // 1000
        samples = tone(seconds)
        for start in range(0, len(samples) - step + 1, step):
            frame = av.AudioFrame.from_ndarray(samples[start : start + step][None, :], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("milliseconds", [10, 20, 40, 60])
def test_packets_of_any_length_are_played_without_anything_between_them(
    maker: RecordingMaker, milliseconds: int
) -> None:
    maker.audio("a", tone(0.1))
    frames_of(milliseconds, file_of(maker), 2.4)
    made = made_of(maker)
    path = path_of(maker, made)
    assert len(timestamps(path)) == len(timestamps(file_of(maker)))
    assert len(read_audio(path, RATE)) / RATE == pytest.approx(2.4, abs=0.07)


@pytest.mark.parametrize(
    ("packet", "ticks"),
    [
        (b"", 0),
        (playable.SILENCE, 960),
        (bytes([0 << 3]), 480),
        (bytes([3 << 3]), 2880),
        (bytes([13 << 3 | 1]), 1920),
        (bytes([16 << 3]), 120),
        (bytes([31 << 3 | 2]), 1920),
        (bytes([31 << 3 | 3, 3]), 2880),
        (bytes([31 << 3 | 3]), 0),
    ],
)
def test_a_packet_says_how_long_it_sounds(packet: bytes, ticks: int) -> None:
    assert opus_ticks(packet) == ticks


@given(st.lists(st.integers(1, 5000), max_size=60), st.sampled_from([playable.SILENCE, b"\x18x", b"\xf0x"]))
@settings(deadline=None, max_examples=60)
def test_sound_is_never_behind_by_more_than_half_a_packet_and_times_only_grow(steps: list[int], data: bytes) -> None:
    filler, at, seen = playable._Filler(), 7, []
    for step in steps:
        at += step
        seen += [*filler.fill(at, data), at]
        assert at - (filler.due - opus_ticks(data)) <= playable.SILENCE_TICKS // 2
    assert seen == sorted(set(seen))


def test_a_track_that_is_damaged_is_left_out_and_that_is_said(maker: RecordingMaker) -> None:
    maker.audio("a", tone(1))
    maker.audio("a", tone(1))
    maker.audio("a", tone(1))
    file_of(maker, 1).write_bytes(b"not a Matroska file " * 100)
    file_of(maker, 2).unlink()
    made = made_of(maker)
    assert [track.track for track in made.tracks] == ["track3"]
    assert made.notes == ("2 of 3 tracks can't be played.",)
    left = sorted(path.name for path in (maker.directory / stored.RECAP / "play").iterdir())
    assert left == ["track3.webm"]


def test_a_file_that_was_torn_off_is_played_as_far_as_it_goes(maker: RecordingMaker) -> None:
    maker.audio("a", tone(6))
    path = file_of(maker)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    made = made_of(maker)
    assert 3 < len(read_audio(path_of(maker, made), RATE)) / RATE < 5
    assert made.notes == ()


def test_a_meeting_without_tracks_has_none_to_play(maker: RecordingMaker) -> None:
    assert made_of(maker) == PlayableTracks(engine="remux", tracks=())
