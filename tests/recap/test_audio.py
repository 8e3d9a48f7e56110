"""A track's samples come from files that grow, end anywhere, or are damaged."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.recap.audio import RATE, Stretch, TrackAudio
from parley.recap.growing import GrowingFile
from parley.recap.recording import Recording, Track, TrackFile
from parley.recorder.frame import Frame
from parley.recorder.matroska import MatroskaFile
from tests.support.recordings import RecordingMaker


def tone(seconds: float, hertz: float = 440.0) -> np.ndarray:
    t = np.arange(round(seconds * 48_000)) / 48_000
    return (8000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    maker = RecordingMaker(tmp_path_factory.mktemp("audio") / "recording")
    maker.person("ann", "Ann")
    maker.audio("ann", tone(6), at=2.5)
    return Recording.open(maker.stop(10))


def with_bytes(recording: Recording, path: Path, data: bytes) -> Track:
    """The recording's track, with these bytes for a file."""
    path.write_bytes(data)
    track = recording.tracks[0]
    return Track(
        track.id, track.participant, track.source, track.codec, (TrackFile(path, track.start),), track.start, track.end
    )


def whole(stretches: list[Stretch]) -> np.ndarray:
    return np.concatenate([one.samples for one in stretches])


def test_samples_are_on_the_meetings_clock(recording: Recording) -> None:
    stretches = list(TrackAudio().read(recording.tracks[0], complete=True))
    assert stretches[0].start == pytest.approx(2.5 * RATE, abs=0.01 * RATE)
    assert stretches[-1].end == pytest.approx(8.5 * RATE, abs=0.03 * RATE)
    spectrum = np.abs(np.fft.rfft(whole(stretches)[RATE : 2 * RATE].astype(float)))
    assert int(np.argmax(spectrum)) == 440


def test_a_reader_that_begins_in_the_middle_gives_what_one_from_the_start_gives(recording: Recording) -> None:
    everything = whole(list(TrackAudio().read(recording.tracks[0], complete=True)))
    late = list(TrackAudio(5.0).read(recording.tracks[0], complete=True))
    assert late[0].start == 5 * RATE
    assert np.abs(whole(late).astype(int) - everything[-len(whole(late)) :]).max() <= 8


@settings(max_examples=4, deadline=None)
@given(cuts=st.lists(st.integers(0, 40_000), max_size=5))
def test_a_file_that_grows_gives_the_same_samples_as_the_whole(
    recording: Recording, tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    data = recording.tracks[0].files[0].path.read_bytes()
    expected = whole(list(TrackAudio().read(recording.tracks[0], complete=True)))
    path = tmp_path_factory.mktemp("grow") / "track.mkv"
    reader, found = TrackAudio(), []
    for cut in sorted(cut % len(data) for cut in cuts):
        found += list(reader.read(with_bytes(recording, path, data[:cut])))
    found += list(reader.read(with_bytes(recording, path, data), complete=True))
    assert np.array_equal(whole(found), expected)
    assert reader.damage == []


def test_a_torn_file_gives_what_is_whole_of_it(recording: Recording, tmp_path: Path) -> None:
    data = recording.tracks[0].files[0].path.read_bytes()
    track = with_bytes(recording, tmp_path / "torn.mkv", data[: len(data) // 2])
    stretches = list(TrackAudio().read(track, complete=True))
    assert 2 * RATE < len(whole(stretches)) < 4 * RATE


def test_a_hole_of_zeros_is_a_span_that_is_reported_and_the_rest_keeps_its_place(
    recording: Recording, tmp_path: Path
) -> None:
    data = bytearray(recording.tracks[0].files[0].path.read_bytes())
    third = len(data) // 3
    data[third : third + 4096] = bytes(4096)
    reader = TrackAudio()
    stretches = list(reader.read(with_bytes(recording, tmp_path / "hole.mkv", bytes(data)), complete=True))
    assert stretches[-1].end == pytest.approx(8.5 * RATE, abs=0.03 * RATE)
    assert [one.reason for one in reader.damage] == ["the file is damaged"]
    lost = reader.damage[0].span
    inside = [one for one in stretches if lost.start * RATE + 400 < one.start < lost.end * RATE - 400]
    assert 3 < lost.start < lost.end < 8
    assert inside == []


def test_a_file_of_rubbish_is_one_damaged_span(recording: Recording, tmp_path: Path) -> None:
    reader = TrackAudio()
    track = with_bytes(recording, tmp_path / "rubbish.mkv", b"this is not a recording" * 500)
    assert list(reader.read(track, complete=True)) == []
    assert [(one.span.start, one.span.end) for one in reader.damage] == [(track.start, track.end)]


def test_a_file_that_was_never_written_is_one_damaged_span(recording: Recording, tmp_path: Path) -> None:
    reader = TrackAudio()
    track = with_bytes(recording, tmp_path / "gone.mkv", b"")
    track.files[0].path.unlink()
    assert list(reader.read(track)) == []
    assert reader.damage == []
    assert list(reader.read(track, complete=True)) == []
    assert [(one.span.start, one.span.end) for one in reader.damage] == [(track.start, track.end)]


@settings(max_examples=20, deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 60_000), st.binary(min_size=1, max_size=200)), max_size=4),
    end=st.integers(0, 60_000),
)
def test_no_bytes_whatever_raise(
    recording: Recording, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, bytes]], end: int
) -> None:
    data = bytearray(recording.tracks[0].files[0].path.read_bytes())
    for at, new in edits:
        data[at % len(data) : at % len(data) + len(new)] = new
    path = tmp_path_factory.mktemp("edited") / "track.mkv"
    path.write_bytes(bytes(data[: max(end % (2 * len(data)), 1)]))
    stamps = [packet.at for packet in GrowingFile(path).read(final=True)]
    assert len(stamps) <= 400
    list(TrackAudio().read(with_bytes(recording, path, path.read_bytes()), complete=True))


def test_silence_in_the_timestamps_stays_a_gap(tmp_path: Path) -> None:
    maker = RecordingMaker(tmp_path / "recording")
    maker.person("ann", "Ann")
    maker.audio("ann", tone(1), at=1)
    first = Recording.open(maker.directory).tracks[0]
    maker.audio("ann", tone(1), at=6)
    second = Recording.open(maker.stop(8)).tracks[1]
    both = Track("t", "ann", "microphone", "opus", (*first.files, *second.files), 1.0, 7.0)
    stretches = list(TrackAudio().read(both, complete=True))
    gaps = [later.start - earlier.end for earlier, later in itertools.pairwise(stretches)]
    assert max(gaps) == pytest.approx(4 * RATE, abs=0.05 * RATE)


def test_a_timestamp_from_nowhere_is_damage_and_moves_nothing(recording: Recording, tmp_path: Path) -> None:
    data = bytearray(recording.tracks[0].files[0].path.read_bytes())
    cluster = data.find(b"\x1f\x43\xb6\x75", len(data) // 2) or 0
    stamp = data.find(b"\xe7", cluster)
    data[stamp + 2] = 0x7F  # the high byte of the cluster's time
    reader = TrackAudio()
    stretches = list(reader.read(with_bytes(recording, tmp_path / "t.mkv", bytes(data)), complete=True, latest=10.0))
    assert stretches[-1].end <= 9 * RATE
    assert reader.damage[0].reason == "a packet's time is wrong"


def test_clusters_that_the_recorder_writes_anew_give_each_packet_once_and_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "track.mkv"
    path.write_bytes(b"")

    def put(at: int, data: bytes) -> None:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(data)

    silent = bytes.fromhex("f8fffe")
    muxer, reader, found = MatroskaFile("opus", 1, Frame(silent, True), put), GrowingFile(path), list[float]()
    times = [0.0, 0.02, 0.04, 0.44, 0.84, 40.0, 75.0, 75.02, 75.3, 75.32, 75.34, 76.0]
    for at in times:
        muxer.write(Frame(silent, True), at)
        for later in (0.1, 0.4):
            held = muxer.checkpoint(at + later)
            if held is not None:
                put(*held)
            found += [packet.at for packet in reader.read(final=False)]
            assert not reader.damaged
    muxer.close()
    found += [packet.at for packet in reader.read(final=True)]
    assert found == pytest.approx(times)
    assert not reader.damaged
