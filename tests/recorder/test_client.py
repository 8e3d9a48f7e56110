"""Node and recorder over the socket: nothing waits, nothing is forgotten, and a killed recorder is gone on with."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recorder.client import RecorderClient
from parley.recorder.messages import FrameReader, Open, Pause, ProtocolError, Status, encode, encode_packet
from parley.recorder.outbox import Outbox
from parley.recorder.server import RecorderServer
from parley.store import recording as stored
from parley.store.recording import AnyEvent, ChatMessage, Codec, Lost, RecordingHead, read_timeline
from tests.recorder.packetising import Encoded, decode, demux, payloads, pictures, rtp, sound
from tests.support.waiting import until


def head(recording: str = "rec1") -> RecordingHead:
    return RecordingHead(recording=recording, meeting="meet1", title="Planning", started_at=datetime.now(UTC))


class Node:
    """A media node that sends a microphone and a camera in real time, and counts what it is asked for."""

    def __init__(self, path: Path, recording: str = "rec1", max_bytes: int = 1 << 25) -> None:
        self.asked: list[str] = []
        self.statuses: list[Status] = []
        self.dropped: list[tuple[str, int]] = []
        self.refused: list[str] = []
        self.client = RecorderClient(
            path, on_key_frame=self._key_frame, on_status=self.statuses.append, max_bytes=max_bytes,
            on_lost=lambda track, packets: self.dropped.append((track, packets)), on_refused=self.refused.append,
        )  # fmt: skip
        self._wants_key = False
        self._sequence = {"mic": 65_000, "cam": 100}
        self.client.open(head(recording))

    def _key_frame(self, track: str) -> None:
        self.asked.append(track)
        self._wants_key = True

    def begin(self) -> None:
        sound(1.0)
        pictures("vp8", 30, key_every=30)  # encoded before time counts
        now = time.monotonic()
        self.client.track("mic", participant="p", source="microphone", codec="opus", clock_rate=48_000, now=now)
        self.client.track("cam", participant="p", source="camera", codec="vp8", clock_rate=90_000, now=now)

    async def talk(self, seconds: float) -> None:
        """Real time: the guarantee is about it."""
        tone = sound(1.0)
        films = pictures("vp8", 30, key_every=30)
        camera = itertools.cycle(films)
        began = time.monotonic()
        for tick in range(round(seconds * 50)):
            now = began + tick * 0.02
            await asyncio.sleep(max(0.0, now - time.monotonic()))
            self.send("mic", now, tone[tick % 50], 48_000)
            if tick % 5 == 0:
                if self._wants_key:
                    camera, self._wants_key = itertools.cycle(films), False
                self.send("cam", now, next(camera), 90_000)

    def send(self, track: str, now: float, frame: Encoded, rate: int) -> None:
        parts = payloads("opus" if track == "mic" else "vp8", frame.data)
        for index, part in enumerate(parts):
            self._sequence[track] += 1
            packet = rtp(self._sequence[track], round(now * rate), part, marker=index == len(parts) - 1)
            self.client.packet(track, now, packet)

    async def stop(self) -> bool:
        self.client.stop("host", time.monotonic())
        return await self.client.wait_stopped(20)


@asynccontextmanager
async def server_at(tmp_path: Path) -> AsyncIterator[RecorderServer]:
    server = RecorderServer(tmp_path / "recorder.sock", tmp_path / "root", reserve=0)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def node_at(path: Path, recording: str = "rec1", max_bytes: int = 1 << 25) -> AsyncIterator[Node]:
    node = Node(path, recording, max_bytes)
    try:
        yield node
    finally:
        await node.client.close()


@asynccontextmanager
async def process_at(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parley.recorder", "--socket", str(tmp_path / "recorder.sock"),
        "--root", str(tmp_path / "root"), "--reserve", "1", stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def timeline(tmp_path: Path, recording: str = "rec1") -> list[AnyEvent]:
    return list(read_timeline(tmp_path / "root" / recording))


def track_file(tmp_path: Path, name: str, recording: str = "rec1") -> bytes:
    return (tmp_path / "root" / recording / "tracks" / f"{name}.mkv").read_bytes()


async def test_many_recordings_at_once_each_get_their_own_directory(tmp_path: Path) -> None:
    async with (
        server_at(tmp_path) as server,
        node_at(server.path, "a") as first,
        node_at(server.path, "b") as second,
    ):
        for node in (first, second):
            node.begin()
        await asyncio.gather(first.talk(0.4), second.talk(0.4))
        assert await first.stop()
        assert await second.stop()
    for recording in ("a", "b"):
        assert len(demux(track_file(tmp_path, "mic-0", recording))) == 20
        assert isinstance(timeline(tmp_path, recording)[-1], stored.Stopped)


async def test_killed_and_started_again_at_most_a_second_is_missing_and_both_files_play(tmp_path: Path) -> None:
    path = tmp_path / "recorder.sock"
    async with process_at(tmp_path) as first, node_at(path) as node:
        node.begin()
        early = ChatMessage(at=node.client.at(time.monotonic()), participant="p", text="one")
        node.client.event(early)
        await node.talk(1.0)
        said = ChatMessage(at=node.client.at(time.monotonic()), participant="p", text="two")
        node.client.event(said)
        await asyncio.sleep(0.03)
        talking = asyncio.create_task(node.talk(2.5))
        await asyncio.sleep(0.5)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        async with process_at(tmp_path):
            await talking
            assert await node.stop()
        events = timeline(tmp_path)
    assert [event.number for event in events if isinstance(event, stored.SegmentStarted)] == [0, 1]
    assert (events.count(early), events.count(said)) == (1, 1)
    assert "cam" in node.asked
    for track, step in (("mic", 0.02), ("cam", 0.1)):
        old, new = track_file(tmp_path, f"{track}-0"), track_file(tmp_path, f"{track}-1")
        end, begin = demux(old)[-1][0], demux(new)[0][0]
        assert begin - end < 1.0
        assert len(decode(old)) > 5
        assert len(decode(new)) > 5
        holes = [event for event in events if isinstance(event, Lost) and event.track == track]
        if begin - end > 0.25:
            assert [hole.reason for hole in holes] == ["recorder"]
            assert holes[0].at == pytest.approx(end, abs=0.03)
            assert holes[0].at + holes[0].seconds == pytest.approx(begin, abs=step + 0.05)


async def test_a_recorder_that_is_stopped_and_started_again_loses_no_sound_at_all(tmp_path: Path) -> None:
    async with node_at(tmp_path / "recorder.sock") as node:
        async with server_at(tmp_path):
            node.begin()
            await node.talk(0.6)
        await node.talk(0.4)  # nobody listens
        async with server_at(tmp_path):
            await node.talk(0.6)
            assert await node.stop()
    frames = [len(demux(track_file(tmp_path, f"mic-{segment}"))) for segment in (0, 1)]
    assert sum(frames) == 80


async def test_while_the_recorder_is_away_key_frames_are_asked_for_a_few_times_and_no_more(tmp_path: Path) -> None:
    async with node_at(tmp_path / "recorder.sock") as node:
        async with server_at(tmp_path):
            node.begin()
            await until(lambda: node.client.connected)
            await node.talk(0.1)
            node.asked.clear()
        await until(lambda: len(node.asked) == 3)
        await node.talk(0.4)
        assert node.asked == ["cam"] * 3


async def test_a_recorder_that_is_away_for_long_costs_packets_which_are_counted_and_never_memory(
    tmp_path: Path,
) -> None:
    async with node_at(tmp_path / "recorder.sock", max_bytes=20_000) as node:
        async with server_at(tmp_path):
            node.begin()
            await node.talk(0.3)
        now = time.monotonic()
        for tick in range(500):
            node.send("mic", now + tick * 0.001, sound(1.0)[0], 48_000)
        assert node.client.lost["mic"] > 400
        assert node.dropped == [("mic", 0)]
        async with server_at(tmp_path):
            await until(lambda: node.client.connected)
            await asyncio.sleep(max(0.0, now + 0.6 - time.monotonic()))
            await node.talk(0.4)
            assert await node.stop()
    assert [track for track, packets in node.dropped if packets] == ["mic"]
    holes = [event for event in timeline(tmp_path) if isinstance(event, Lost) and event.track == "mic"]
    assert sum(hole.packets for hole in holes) >= node.client.lost["mic"]
    assert {hole.reason for hole in holes} == {"recorder"}


async def test_status_comes_and_grows(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        await node.talk(1.2)
        await until(lambda: len(node.statuses) >= 2)
        assert node.statuses[-1].bytes > 0
        assert node.statuses[-1].disk == "ok"
        assert node.statuses[-1].free > 0


async def test_a_pause_sends_nothing_and_a_resume_asks_for_key_frames(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        await node.talk(0.3)
        node.client.pause(time.monotonic())
        await node.talk(0.3)
        node.asked.clear()
        node.client.resume(time.monotonic())
        assert node.asked == ["cam"]
        await node.talk(0.3)
        assert await node.stop()
    paused = next(event for event in timeline(tmp_path) if isinstance(event, stored.Paused))
    resumed = next(event for event in timeline(tmp_path) if isinstance(event, stored.Resumed))
    times = [at for at, _ in demux(track_file(tmp_path, "mic-0"))]
    assert not [at for at in times if paused.at + 0.005 < at < resumed.at - 0.005]


async def test_a_track_that_cant_be_recorded_is_left_out_and_the_others_are_not(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        for track, codec in (("../x", "opus"), ("pcm", "pcmu"), ("", "vp8")):
            node.client.track(
                track, participant="p", source="microphone", codec=cast(Codec, codec), clock_rate=48_000, now=1.0
            )
            node.client.packet(track, time.monotonic(), b"x")
        await node.talk(0.2)
        assert await node.stop()
    assert len(demux(track_file(tmp_path, "mic-0"))) == 10


async def test_when_the_node_is_gone_its_files_are_ended_in_order_and_the_recording_stays_open(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        await node.talk(0.5)
        await node.client.close()
        await until(lambda: not server.recordings)
        await server.settle()
        with av.open(str(tmp_path / "root" / "rec1" / "tracks" / "mic-0.mkv")) as container:
            assert container.duration is not None  # the trailer was written
        assert len(demux(track_file(tmp_path, "mic-0"))) == 25
        assert not [event for event in timeline(tmp_path) if isinstance(event, stored.Stopped | stored.TrackEnded)]


async def test_a_second_connection_takes_the_recording_over(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as old:
        old.begin()
        await old.talk(0.2)
        async with node_at(server.path) as new:
            await until(lambda: new.client.connected)
            await old.client.close()
            new.begin()
            await new.talk(0.2)
            assert await new.stop()
    numbers = [event.number for event in timeline(tmp_path) if isinstance(event, stored.SegmentStarted)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 2


async def test_a_recording_that_was_stopped_is_refused_by_name(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server:
        async with node_at(server.path) as node:
            await until(lambda: node.client.connected)
            assert await node.stop()
        async with node_at(server.path) as node:
            await until(lambda: node.refused)
            assert node.refused == ["this recording was stopped"]
            node.begin()
            await node.talk(0.05)  # goes nowhere, and harms nobody


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\n\r\n", encode_packet(1, 0.0, b"x"), b"\0\0\0\2\0\xc1", encode(Open(head("a/b"), 0.0))],
)
async def test_whatever_a_stranger_sends_ends_only_their_connection(tmp_path: Path, data: bytes) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        reader, writer = await asyncio.open_unix_connection(str(server.path))
        writer.write(data)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        assert b"refused" in answer
        await node.talk(0.1)
        assert await node.stop()


def test_nothing_raises_into_the_media_path_before_open_or_for_unknown_tracks(tmp_path: Path) -> None:
    client = RecorderClient(tmp_path / "nobody.sock")
    client.packet("mic", 1.0, b"x")
    client.sender_report("mic", 1.0, 1, 1.0)
    client.track_end("mic", 1.0)
    client.event(ChatMessage(at=1.0, participant="p", text="x"))


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(1, 12))
def test_frames_come_out_however_the_stream_is_cut(packets: list[bytes], size: int) -> None:
    stream = b"".join(encode_packet(index, index / 7, packet) for index, packet in enumerate(packets))
    reader = FrameReader()
    found = [frame for at in range(0, len(stream), size) for frame in reader.feed(stream[at : at + size])]
    assert [(number, at, body) for _, number, at, body in found] == [
        (index, index / 7, packet) for index, packet in enumerate(packets)
    ]


@given(st.binary(max_size=200))
def test_no_bytes_make_the_frame_reader_raise_anything_but_its_own_error(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        list(FrameReader().feed(data))


def test_an_outbox_drops_packets_and_keeps_facts() -> None:
    outbox = Outbox(1000)
    taken = [outbox.packet(bytes(100), 0.0, 1) for _ in range(20)]
    assert taken == [True] * 10 + [False] * 10
    outbox.fact(b"fact", 0.0, Pause(1.0))
    assert len(outbox) == 11
    outbox.take(300)
    assert not outbox.has_room(100)  # only once half of it is gone
    outbox.take(400)
    assert outbox.has_room(100)


async def test_what_was_left_out_of_a_track_that_ended_or_before_a_pause_is_in_the_timeline(tmp_path: Path) -> None:
    async with node_at(tmp_path / "recorder.sock", max_bytes=20_000) as node:
        async with server_at(tmp_path):
            node.begin()
            await node.talk(0.3)
        now = time.monotonic()
        for tick in range(500):
            for track in ("mic", "cam"):
                node.send(track, now + tick * 0.001, sound(1.0)[0], 48_000)
        node.client.track_end("mic", now + 0.5)
        node.client.pause(now + 0.5)
        async with server_at(tmp_path):
            await until(lambda: node.client.connected)
            assert await node.stop()
    holes = [event for event in timeline(tmp_path) if isinstance(event, Lost)]
    assert {hole.track for hole in holes if hole.packets > 300} == {"mic", "cam"}


async def test_a_node_that_hands_over_says_first_what_waits(tmp_path: Path) -> None:
    async with server_at(tmp_path) as server, node_at(server.path) as node:
        node.begin()
        await until(lambda: node.client.connected)
        now = time.monotonic()
        for tick in range(3000):
            node.send("mic", now + tick * 0.02, sound(1.0)[tick % 50], 48_000)
        await node.client.close()
        async with node_at(server.path) as other:
            other.client.stop("host", time.monotonic())
            assert await other.client.wait_stopped(20)
    assert len(demux(track_file(tmp_path, "mic-0"))) == 3000
