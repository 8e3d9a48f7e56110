"""A meeting that is recorded, through all processes: browser's packets to Matroska files, with one clock for all."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import av

from loadtest.client import LightClient, Person
from loadtest.signalling import host_of_a_new_meeting
from parley.recap.recording import Recording
from parley.store.recording import Joined, SegmentStarted, Stopped
from tests.support.server import Server, serve
from tests.support.waiting import until


@contextlib.asynccontextmanager
async def meeting(server: Server) -> AsyncIterator[tuple[LightClient, LightClient]]:
    """Host and guest, in a room, sending."""
    code, cookies = await host_of_a_new_meeting(server.url)
    async with (
        LightClient(Person(server.url, code, "Hanna", cookies)) as host,
        LightClient(Person(server.url, code, "Gus", {})) as guest,
    ):
        await until(lambda: host.receives(2) and guest.receives(2), 20)
        yield host, guest


def recording_of(server: Server) -> Recording | None:
    found = list((server.data_dir / "data" / "recordings").glob("*/recording.json"))
    return Recording.open(found[0].parent) if found else None


def seconds_of(path: Path) -> tuple[float, float, int]:
    """First and last timestamp of a track file, and how many packets it has so far."""
    times = []
    with contextlib.suppress(av.FFmpegError), av.open(str(path)) as container:  # it is being written
        for packet in container.demux(container.streams[0]):
            if packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
    return times[0], times[-1], len(times)


def written(server: Server, seconds: float) -> bool:
    recording = recording_of(server)
    files = [] if recording is None else [file.path for track in recording.tracks for file in track.files]
    try:
        return len(files) == 4 and all(seconds_of(path)[1] >= seconds for path in files)
    except IndexError:
        return False


async def test_every_track_is_kept_on_one_clock_until_the_host_stops(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, meeting(server) as (host, _):
        await host.request("recording.start")
        await until(lambda: written(server, 2.0), 30)
        await host.request("recording.stop")
        await until(lambda: (made := recording_of(server)) is not None and made.complete, 10)
        made = recording_of(server)
        assert made is not None
        assert sorted((shown(made.name(track.participant)), track.source) for track in made.tracks) == [
            ("Gus", "camera"), ("Gus", "microphone"), ("Host", "camera"), ("Host", "microphone"),
        ]  # fmt: skip
        ends = [seconds_of(track.files[0].path)[1] for track in made.tracks]
        assert max(ends) - min(ends) < 0.5
        assert all(abs(end - made.duration) < 1.0 for end in ends)
        assert {shown(event.name) for event in made.events if isinstance(event, Joined)} == {"Gus", "Host"}
        assert isinstance(made.events[-1], Stopped)
        assert not [track for track in made.tracks if track.lost]


async def test_a_recorder_that_is_killed_is_back_with_a_new_segment(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, meeting(server) as (host, _):
        await host.request("recording.start")
        await until(lambda: written(server, 1.5), 30)
        os.kill(server.child("recorder"), signal.SIGKILL)
        await until(lambda: len(segments(server)) == 2, 20)
        made = recording_of(server)
        assert made is not None
        goes_on = segments(server)[1].at
        await until(lambda: all(end > goes_on + 1.5 for end in ends(server)), 20)
        await host.request("recording.stop")
        await until(lambda: (made := recording_of(server)) is not None and made.complete, 10)
        made = recording_of(server)
        assert made is not None
        assert [len(track.files) for track in made.tracks] == [2] * 4
        for track in made.tracks:
            first, second = (seconds_of(file.path) for file in track.files)
            assert first[1] <= second[0] <= first[1] + 1.5, "at most a second is missing, and none is told twice"


def segments(server: Server) -> list[SegmentStarted]:
    made = recording_of(server)
    return [] if made is None else [event for event in made.events if isinstance(event, SegmentStarted)]


def ends(server: Server) -> list[float]:
    """How far the newest file of each track goes."""
    made = recording_of(server)
    assert made is not None
    found = []
    for track in made.tracks:
        with contextlib.suppress(IndexError):
            found.append(seconds_of(track.files[-1].path)[1])
    return found or [0.0]


def shown(name: str) -> str:
    """The host's account has a name of the load generator's choosing."""
    return "Host" if name.startswith("Load ") else name
