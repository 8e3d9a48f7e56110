"""A meeting to which everything happens: recorder and worker are killed, connections cut, packets lost, the disk full.

The recorder is the real one in a process of its own, fed by the node's own client through a socket that can be cut; the
worker is rough_worker.py. Time is the meeting's: a number of times faster than real time, the same for all of them.
What was said when, packet by packet as the microphones sent it, is kept to be compared with the transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
import multiprocessing
import random
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Literal

import av
import numpy as np

from evaluation import rough_worker
from evaluation.long_meeting import NAMES, PACKET_MS, VOICES, clip, room
from evaluation.rough_worker import SharedClock
from parley.recap.audio import RATE, Stretch
from parley.recap.recording import Span
from parley.recap.voice import PAD, VoiceFinder
from parley.recorder.client import RecorderClient
from parley.recorder.outbox import MAX_BYTES
from parley.store import recording as stored
from parley.store.recording import RecordingHead

SENTENCES = (
    "Let us begin with the state of the new release.", "Yes.", "I measured it yesterday.", "No.",
    "We decided to release the new version on Friday.", "Who takes care of the invitations?",
    "I will write the invitations this afternoon and send them to everybody who was there last year.",
    "The budget for the summer is smaller than it was last year.",
)  # fmt: skip
PACKET = PACKET_MS / 1000
TICK = 0.01
"""Real seconds between two looks at the clock."""
DISCONTINUOUS = 20
"""Packets: a browser sends one of so many in silence."""
RESERVE = 192 * 1024
SMALL_BYTES = 6 * 1024 * 1024
"""Of the disk that can be filled."""
PATIENCE = 240.0
"""Real seconds after which a run has failed to end."""

Event = Literal[
    "recorder killed", "worker killed", "connection cut", "disk full", "node changed", "microphone off and on",
    "muted", "recording paused", "network gone",
]  # fmt: skip
EVENTS: tuple[Event, ...] = (
    "recorder killed", "worker killed", "connection cut", "disk full", "node changed", "microphone off and on",
    "muted", "recording paused", "network gone",
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """An event at a second of the meeting, for so many seconds; person: whom it is about, if it is about one."""

    at: float
    event: Event
    seconds: float
    person: int


@dataclass
class Said:
    """What a microphone sent, as spans of voice on the meeting's clock; and whether it was recorded by intention."""

    participant: str
    voice: list[Span] = field(default_factory=list)
    first: float = math.inf
    last: float = -math.inf

    def arrived(self, at: float) -> None:
        """A packet made at this second is at the node."""
        self.first, self.last = min(self.first, at), max(self.last, at)

    @property
    def known(self) -> list[Span]:
        """The voice between the first packet that arrived at the node and the last one: what a network swallowed that
        wasn't there yet, or never came back, was heard by nobody, and nobody can know of it."""
        cut = (Span(max(one.start, self.first), min(one.end, self.last + PACKET)) for one in self.voice)
        return [one for one in cut if one.end > one.start]

    def add(self, at: float) -> None:
        """A packet with voice."""
        if self.voice and at - self.voice[-1].end < PACKET / 2:
            self.voice[-1] = Span(self.voice[-1].start, at + PACKET)
        else:
            self.voice.append(Span(at, at + PACKET))


@cache
def voiced(voice: str, text: str) -> tuple[bool, ...]:
    """Which packets of a sentence carry voice, by the product's own voice activity on the undisturbed sound."""
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    resampler = av.AudioResampler("s16", "mono", RATE)
    sounds = [one for data in clip(voice, text) for one in decoder.decode(av.Packet(data))]
    frames = [made for one in sounds for made in resampler.resample(one)]
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16)
    before = np.zeros(RATE, np.int16)
    finder = VoiceFinder()
    found = [*finder.push(Stretch(0, np.concatenate([before, samples, before]))), *finder.finish()]
    spans = [(one.start + PAD - RATE, one.end - PAD - RATE) for one in found]
    width = RATE * PACKET_MS // 1000
    return tuple(
        any(start <= number * width and (number + 1) * width <= end for start, end in spans)
        for number in range(len(clip(voice, text)))
    )


def plan(chance: random.Random, seconds: float, people: int, *, disk: bool) -> list[Happening]:
    """What will happen: some of everything, the disk at most once, nothing in the first second."""
    made = []
    for event in EVENTS:
        if event == "disk full" and (not disk or chance.random() > 0.4):
            continue
        most = {"recorder killed": 2, "worker killed": 3, "disk full": 1, "node changed": 1}.get(event, 2)
        for _ in range(chance.randint(1 if event in ("recorder killed", "disk full") else 0, most)):
            length = chance.uniform(8, 20) if event == "disk full" else chance.choice((0.1, 0.4, 1.0, 3.0, 6.0))
            at, length = chance.uniform(1.0, seconds - 2.0), length * chance.uniform(0.5, 1.5)
            made.append(Happening(at, event, length, chance.randrange(people)))
    return sorted(made, key=lambda one: one.at)


class _Cutter:
    """A socket in front of the recorder's, whose connections can be cut as by a crash of whatever lies between.

    It is there while the recorder listens, as the recorder's own would be.
    """

    def __init__(self, front: Path, back: Path) -> None:
        self._front, self._back = front, back
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """A recorder is being started."""
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(str(self._back))
                writer.close()
                break
            await asyncio.sleep(TICK)
        self._server = await asyncio.start_unix_server(self._joined, str(self._front))

    def cut(self) -> None:
        """All connections, with what is under way."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def shut(self) -> None:
        """The recorder is gone."""
        if self._opening is not None:
            self._opening.cancel()
        if self._server is not None:
            self._server.close()
            self._server = None
        self._front.unlink(missing_ok=True)
        self._back.unlink(missing_ok=True)
        self.cut()

    async def stop(self) -> None:
        """For good."""
        self.shut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            other, onward = await asyncio.open_unix_connection(str(self._back))
        except OSError:
            writer.transport.abort()
        else:
            self._writers.add(onward)
            await asyncio.gather(self._pass(reader, onward), self._pass(other, writer))
            self._writers.discard(onward)
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
            return
        writer.transport.abort()


@dataclass
class _Microphone:
    """A producer: sequence numbers and timestamps of its own, a sentence that is being said, a network path."""

    track: str
    person: int
    chance: random.Random
    said: Said
    discontinuous: bool
    loss: float
    sequence: int = field(init=False)
    first: int = field(init=False)
    silent: int = 0

    def __post_init__(self) -> None:
        self.sequence, self.first = self.chance.randrange(30_000), self.chance.randrange(2**31)

    def packet(self, at: float, payload: bytes) -> bytes:
        """The next RTP packet, made at this second."""
        self.sequence += 1
        stamp = (self.first + round(at * 48_000)) & 0xFFFFFFFF
        return struct.pack("!BBHII", 0x80, 111, self.sequence & 0xFFFF, stamp, self.person + 1) + payload


class RoughMeeting:
    """One meeting below `root`. speed: how many seconds of it pass in a real one. small: whether root is a small disk.

    said: by track. happened: what of the plan came to pass.
    """

    def __init__(
        self, root: Path, scratch: Path, number: int, *, seconds: float, people: int, speed: float, small: bool,
        cost: float = 0.0,
    ) -> None:  # fmt: skip
        self.chance = random.Random(number)  # noqa: S311 - no secret
        self.directory = root / f"rec{number}"
        self.said: dict[str, Said] = {}
        self.plan = plan(self.chance, seconds, people, disk=small)
        self._root, self._scratch, self._seconds, self._people, self._speed = root, scratch, seconds, people, speed
        self._cost = cost
        self._clock = SharedClock(scratch / f"clock{number}")
        self._clock_path = scratch / f"clock{number}"
        self._front, self._back = scratch / f"front{number}.sock", scratch / f"back{number}.sock"
        self._context = _processes()
        self._worker: ForkServerProcess | None = None
        self._recorder: ForkServerProcess | None = None
        self._cutter = _Cutter(self._front, self._back)
        self._queue: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._microphones: dict[int, _Microphone] = {}
        self._muted: set[int] = set()
        self._gone: dict[int, float] = {}
        self._paused = False
        self._tracks = itertools.count(1)
        self._speech: list[list[tuple[float, str, str]]] = []
        self._client: RecorderClient | None = None
        self._head = RecordingHead(
            recording=f"rec{number}", meeting="meeting", title="Planning", started_at=datetime.now(UTC)
        )
        self._ending: list[asyncio.Task[None]] = []
        self._memory = self.chance.choice((MAX_BYTES, 60_000))
        """Bytes that a node keeps for a recorder that is away."""

    async def run(self) -> None:
        """Hold it, and wait until its transcript is there. Raises TimeoutError."""
        self._begin_recorder(self._now)
        self._begin_worker(self._now)
        try:
            await asyncio.sleep(0.05)
            self._join_node()
            while not (self.directory / stored.TIMELINE).exists():  # noqa: ASYNC110 - a full disk refuses what isn't begun
                await asyncio.sleep(TICK)
            self._people_join()
            for one in self.plan:
                self._at(one.at, lambda _, one=one: self._happen(one))  # type: ignore[misc]
            began = time.monotonic()
            now = 0.0
            while now < self._seconds:
                await asyncio.sleep(TICK)
                # a machine that is slow makes the meeting slow, and not what happens in it larger
                now = min(now + TICK * self._speed * 1.5, (time.monotonic() - began) * self._speed)
                began = time.monotonic() - now / self._speed
                self._advance(now)
            await self._end()
        finally:
            await self._close()

    @property
    def _now(self) -> float:
        return self._clock.get()

    # --- time -------------------------------------------------------------------------------------------------------

    def _at(self, at: float, action: Callable[[float], None]) -> None:
        heapq.heappush(self._queue, (at, next(self._order), action))

    def _advance(self, until: float) -> None:
        while self._queue and self._queue[0][0] <= until:
            at, _, action = heapq.heappop(self._queue)
            self._clock.set(at)
            action(at)
        self._clock.set(until)

    # --- people -----------------------------------------------------------------------------------------------------

    def _people_join(self) -> None:
        for person in range(self._people):
            self._speech.append(self._script(person))
            joins = 0.0 if person == 0 else self.chance.uniform(0, self._seconds / 4)
            self._at(joins, lambda at, person=person: self._joins(person, at))  # type: ignore[misc]

    def _script(self, person: int) -> list[tuple[float, str, str]]:
        """When this one says what, in which voice; they don't listen to each other."""
        made, at, voice = [], self.chance.uniform(0.5, 4), VOICES[person % 3]
        while at < self._seconds:
            text = self.chance.choice(SENTENCES)
            made.append((at, voice, text))
            at += len(clip(voice, text)) * PACKET + self.chance.choice((0.1, 0.6, 1.5, 4.0)) * self.chance.uniform(
                0.7, 1.5
            )
        return made  # fmt: skip

    def _joins(self, person: int, at: float) -> None:
        name = NAMES[person % len(NAMES)]
        if self._client is None:
            self._at(at + 1.0, lambda now: self._joins(person, now))
            return
        self._client.event(stored.Joined(at=at, participant=f"p{person}", name=name, account=f"a{person}"))
        self._publish(person, at)

    def _publish(self, person: int, at: float) -> None:
        if self._client is None:
            self._at(at + 1.0, lambda now: self._publish(person, now))
            return
        if person in self._microphones:
            return
        track = f"mic{person}-{next(self._tracks)}"
        said = self.said[track] = Said(f"p{person}")
        microphone = self._microphones[person] = _Microphone(
            track, person, self.chance, said, self.chance.random() < 0.5, self.chance.choice((0.0, 0.01, 0.05))
        )
        self._client.track(
            track, participant=f"p{person}", source="microphone", codec="opus", clock_rate=48_000, now=at
        )
        for start, voice, text in self._speech[person]:
            if start >= at:
                self._at(start, lambda now, m=microphone, v=voice, t=text: self._speak(m, v, t, now))  # type: ignore[misc]
        self._at(at, lambda now: self._breathe(microphone, now))

    def _unpublish(self, person: int, at: float) -> None:
        microphone = self._microphones.pop(person, None)
        if microphone is not None and self._client is not None:
            self._client.track_end(microphone.track, at)

    def _speak(self, microphone: _Microphone, voice: str, text: str, at: float) -> None:
        """Send a sentence, unless the microphone is gone; while it speaks it doesn't breathe."""
        if self._microphones.get(microphone.person) is not microphone:
            return
        packets = clip(voice, text)
        microphone.silent = -len(packets)
        for number, (payload, heard) in enumerate(zip(packets, voiced(voice, text), strict=True)):
            self._at(at + number * PACKET, lambda now, p=payload, h=heard: self._send(microphone, p, h, now))  # type: ignore[misc]

    def _breathe(self, microphone: _Microphone, at: float) -> None:
        """Silence goes on the line too, or one packet of many where the browser leaves it out."""
        if self._microphones.get(microphone.person) is not microphone:
            return
        microphone.silent += 1
        if microphone.silent > 0 and (not microphone.discontinuous or microphone.silent % DISCONTINUOUS == 1):
            self._send(microphone, room()[microphone.sequence % len(room())], False, at)
        self._at(at + PACKET, lambda now: self._breathe(microphone, now))

    def _send(self, microphone: _Microphone, payload: bytes, heard: bool, at: float) -> None:
        if self._microphones.get(microphone.person) is not microphone or microphone.person in self._muted:
            return
        data = microphone.packet(at, payload)
        if heard and not self._paused:
            microphone.said.add(at)
        lost = self._gone.get(microphone.person, -1.0) > at or self.chance.random() < microphone.loss
        if not lost:
            late = 0.03 + min(self.chance.expovariate(1 / 0.01), 0.2)
            self._at(at + PACKET + late, lambda now: self._arrives(microphone, data, at, now))

    def _arrives(self, microphone: _Microphone, data: bytes, made: float, at: float) -> None:
        if self._client is not None and self._microphones.get(microphone.person) is microphone:
            microphone.said.arrived(made)
            self._client.packet(microphone.track, at, data)

    # --- what happens -----------------------------------------------------------------------------------------------

    def _happen(self, one: Happening) -> None:
        after, person, now = one.at + one.seconds, one.person, one.at
        client = self._client
        if client is None:  # between two nodes
            self._at(one.at + 2.0, lambda at: self._happen(replace(one, at=at)))
            return
        match one.event:
            case "recorder killed":
                if self._recorder is not None:
                    self._recorder.kill()
                    self._recorder = None
                    self._cutter.shut()
                    self._at(after, self._begin_recorder)
            case "worker killed":
                if self._worker is not None:
                    self._worker.kill()
                    self._worker = None
                    self._at(after, self._begin_worker)
            case "connection cut":
                self._cutter.cut()
            case "disk full":
                self._fill()
                self._at(after, lambda _: self._empty())
            case "node changed":
                self._change_node(now)
            case "microphone off and on":
                self._unpublish(person, now)
                self._at(after, lambda at: self._publish(person, at))
            case "muted":
                microphone = self._microphones.get(person)
                if microphone is not None and person not in self._muted:
                    self._mute(microphone, now, True)
                    self._at(after, lambda at: self._mute(microphone, at, False))
            case "recording paused":
                if not self._paused:
                    self._paused = True
                    client.pause(now)
                    self._at(after, self._resume)
            case "network gone":
                self._gone[person] = after

    def _mute(self, microphone: _Microphone, at: float, muted: bool) -> None:
        (self._muted.add if muted else self._muted.discard)(microphone.person)
        if self._client is not None and self._microphones.get(microphone.person) is microphone:
            self._client.event(stored.Muted(at=at, track=microphone.track, muted=muted))

    def _resume(self, at: float) -> None:
        self._paused = False
        if self._client is not None:
            self._client.resume(at)

    def _begin_recorder(self, at: float) -> None:
        if self._recorder is None:
            self._recorder = self._process(rough_worker.record, self._back, self._root, RESERVE)
            self._cutter.open()

    def _begin_worker(self, at: float) -> None:
        if self._worker is None:
            self._worker = self._process(rough_worker.follow, self.directory, self._clock_path, self._cost)

    def _process(self, work: Callable[..., None], *arguments: object) -> ForkServerProcess:
        process = self._context.Process(target=work, args=arguments, daemon=True)
        process.start()
        return process

    def _join_node(self) -> None:
        """A media node begins to record, or goes on with it."""
        client = self._client = RecorderClient(self._front, clock=self._clock.get, max_bytes=self._memory)
        client.open(
            self._head, time.time() - self._head.started_at.timestamp()
        )  # so that its second 0 is the meeting's
        if self._paused:
            client.pause(self._now)

    def _change_node(self, at: float) -> None:
        """The node gives the meeting to another one, which goes on with new producers; once the recorder is there."""
        before = self._client
        if before is None or not before.connected:
            self._at(at + 1.0, self._change_node)
            return
        people = sorted(self._microphones)
        self._microphones.clear()
        self._ending.append(asyncio.get_running_loop().create_task(before.close()))
        self._client = None
        self._at(at + 1.0, lambda now: self._take_over(people, now))

    def _take_over(self, people: list[int], at: float) -> None:
        self._join_node()
        for person in people:
            self._publish(person, at)

    def _fill(self) -> None:
        with contextlib.suppress(OSError), (self._root / "ballast").open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()

    def _empty(self) -> None:
        (self._root / "ballast").unlink(missing_ok=True)

    # --- its end ----------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        self._begin_recorder(self._now)
        self._begin_worker(self._now)
        self._empty()
        if self._paused:
            self._resume(self._now)
        while self._client is None:
            self._advance(self._now + 0.1)
        self._client.stop("ended", self._now)
        self._microphones.clear()
        until = time.monotonic() + PATIENCE
        transcript = self.directory / stored.RECAP / "voice.json"
        while not transcript.exists():
            if time.monotonic() > until:
                raise TimeoutError("the transcript was never finished")
            if self._worker is not None and self._worker.exitcode not in (None, 0):
                raise TimeoutError(f"the worker ended with {self._worker.exitcode}")
            self._advance(self._now + TICK * self._speed)  # disks are looked at, outages end
            await asyncio.sleep(TICK)

    async def _close(self) -> None:
        self._empty()
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        await self._cutter.stop()
        for process in (self._recorder, self._worker):
            if process is not None:
                process.kill()
                process.join()
        for path in (self._front, self._back, self._clock_path):
            path.unlink(missing_ok=True)


@cache
def _processes() -> ForkServerContext:
    """Children of a process that has loaded everything: they are there at once, and are real processes all the same."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evaluation.rough_worker"])
    return context


@contextlib.asynccontextmanager
async def held(meeting: RoughMeeting) -> AsyncIterator[RoughMeeting]:
    """A meeting that is over."""
    await meeting.run()
    yield meeting
