"""A slow disk, a full disk, a broken file: the meeting goes on, and what is written stays good."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.recorder.disk import Disk
from parley.store import recording as stored
from parley.store.recording import AnyEvent, Lost, TrackStarted
from tests.recorder.packetising import Encoded, decode, demux, pictures, sound
from tests.recorder.tape import Tape, disk_at


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk takes root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def lost(events: list[AnyEvent]) -> list[Lost]:
    return [event for event in events if isinstance(event, Lost)]


def shifted(frames: tuple[Encoded, ...], seconds: float) -> list[Encoded]:
    return [Encoded(frame.data, frame.key, frame.at + seconds) for frame in frames]


def test_a_disk_that_runs_full_ends_the_files_and_room_begins_the_next_segment(small_disk: Path) -> None:
    with disk_at(small_disk, reserve=64 * 1024) as disk:
        tape = Tape(small_disk, disk)
        tape.track(1, "opus")
        second = sound(1.0)  # some 16 KB
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(700_000))
        at = 0
        while not disk.full:
            assert at < 60
            tape.play(1, "opus", second, start=at)
            tape.settle()
            at += 1
        tape.play(1, "opus", second, start=at)
        tape.wait(at + 2.0)
        assert tape.status.disk == "full"
        written = len(demux(tape.file("t1-0")))
        assert written > 50
        ballast.unlink()
        for _ in range(40):
            with contextlib.suppress(TimeoutError):
                tape.settle()
            if not disk.full:
                break
            threading.Event().wait(0.1)
        assert not disk.full
        tape.wait(at + 3.0)
        tape.play(1, "opus", second, start=at + 3.0)
        tape.wait(at + 5.0)
        assert tape.status.disk == "ok"
        events = tape.stop(at + 6.0)
        assert tape.files() == ["t1-0", "t1-1"]
        assert len(decode(tape.file("t1-0"))) == written
        assert len(decode(tape.file("t1-1"))) == 50
        holes = lost(events)
        assert {hole.reason for hole in holes} == {"disk"}
        assert min(hole.at for hole in holes) <= demux(tape.file("t1-0"))[-1][0] + 0.03
        assert max(hole.at + hole.seconds for hole in holes) == pytest.approx(at + 3.0, abs=0.02)
        assert [event.number for event in events if isinstance(event, stored.SegmentStarted)] == [0, 1]


def test_no_room_at_all_is_an_error_of_the_write_and_cuts_no_frame_in_two(small_disk: Path) -> None:
    with disk_at(small_disk, reserve=0) as disk:
        tape = Tape(small_disk, disk)
        tape.track(1, "vp8")
        frames = pictures("vp8", 10, 640, 480)
        (small_disk / "ballast").write_bytes(bytes(920_000))
        for second in range(40):
            tape.play(1, "vp8", shifted(frames, 0), start=second)
            tape.settle()
            if disk.full:
                break
        assert disk.full
        data = tape.file("t1-0")
        assert len(decode(data)) == len(demux(data)) > 9


def test_before_the_disk_is_quite_full_tracks_stop_and_events_go_on(tmp_path: Path) -> None:
    with disk_at(tmp_path, reserve=1 << 60) as disk:
        tape = Tape(tmp_path, disk)
        tape.track(1, "vp8")
        tape.wait(0.5)
        tape.play(1, "vp8", pictures("vp8", 10), start=0.5)
        tape.wait(2.0)
        assert tape.status.disk == "full"
        assert tape.key_frames_wanted == 0  # it would be of no use
        events = tape.stop(3.0)
        kinds = ["SegmentStarted", "TrackStarted", "Lost", "TrackEnded", "Stopped"]
        assert [type(event).__name__ for event in events] == kinds
        assert not (tape.directory / "tracks" / "t1-0.mkv").exists()


def test_a_slow_disk_leaves_out_frames_and_says_so_and_holds_no_more_than_its_bound(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(fd: int) -> None:
        gate.wait(20)
        os.fsync(fd)

    disk = Disk(tmp_path, 0, fsync=slow)
    try:
        tape = Tape(tmp_path, disk, slow_bytes=40_000)
        tape.track(1, "opus")
        tape.track(2, "vp8")
        tape.play(1, "opus", sound(0.5))
        assert not disk.settle(0.05)  # it hangs in its first fsync
        largest = 0
        for second in range(1, 15):
            tape.play(1, "opus", sound(1.0), start=second)
            tape.play(2, "vp8", pictures("vp8", 10), start=second)
            largest = max(largest, disk.backlog)
        tape.wait(16.0)
        assert tape.status.disk == "slow"
        assert largest < 40_000 + 40_000
        gate.set()
        tape.settle()
        tape.wait(16.5)
        tape.play(1, "opus", sound(1.0), start=17.0)
        tape.play(2, "vp8", pictures("vp8", 10), start=17.0)
        tape.wait(18.5)
        assert tape.status.disk == "ok"
        events = tape.stop(19.0)
        assert tape.files() == ["t1-0", "t2-0"]
        assert {event.track for event in lost(events)} == {"t1", "t2"}
        assert {event.reason for event in lost(events)} == {"disk"}
        for name in tape.files():
            data = tape.file(name)
            assert len(decode(data)) == len(demux(data))
            assert demux(data)[-1][0] == pytest.approx(17.9, abs=0.1)
    finally:
        gate.set()
        disk.stop()


def test_a_file_that_cant_be_made_is_a_loss_and_no_crash(tmp_path: Path) -> None:
    with disk_at(tmp_path) as disk:
        tape = Tape(tmp_path, disk)
        tape.settle()
        (tape.directory / "tracks" / "t1-0.mkv").write_bytes(b"somebody else's")
        tape.track(1, "opus")
        tape.play(1, "opus", sound(0.5))
        tape.settle()
        tape.wait(1.0)
        tape.play(1, "opus", sound(0.5), start=1.0)
        tape.wait(1.6)
        tape.play(1, "opus", sound(0.5), start=2.1)
        tape.wait(2.7)
        assert tape.status.disk == "failed"
        events = tape.stop(3.0)
        assert [event.file for event in events if isinstance(event, TrackStarted)][-1] == "tracks/t1-0.1.mkv"
        assert 25 <= len(demux(tape.file("t1-0.1"))) <= 50
        assert tape.file("t1-0") == b"somebody else's"


def test_timeline_lines_wait_for_room_and_never_interleave(tmp_path: Path) -> None:
    with disk_at(tmp_path) as disk:
        missing = tmp_path / "file"
        missing.write_bytes(b"")
        timeline = disk.timeline(missing / "timeline.jsonl")  # its directory is a file: nothing can be written
        disk.append(timeline, b"one\n")
        assert disk.settle(20)
        missing.unlink()
        disk.append(timeline, b"two\n")
        assert disk.settle(20)
        assert (missing / "timeline.jsonl").read_bytes() == b"one\ntwo\n"


def test_what_could_not_be_told_of_a_recording_that_is_closed_is_told_when_there_is_room(small_disk: Path) -> None:
    with disk_at(small_disk, reserve=0) as disk:
        timeline = disk.timeline(small_disk / "timeline.jsonl")
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        lines = b"".join(b'{"number":%d}\n' % number for number in range(12_000))  # more than is kept for it
        disk.append(timeline, lines)
        disk.close_timeline(timeline)
        assert disk.settle(20)
        ballast.unlink()
        assert disk.settle(20)
        assert (small_disk / "timeline.jsonl").read_bytes() == lines
