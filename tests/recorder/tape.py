"""A recording session for tests: feeds media into a Session and tells what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from parley.recorder.disk import Disk
from parley.recorder.existing import prepare
from parley.recorder.messages import Clock, FromRecorder, KeyFrameWanted, Report, Status, Stop, ToRecorder, Track
from parley.recorder.session import Session
from parley.store.recording import AnyEvent, Codec, RecordingHead, read_timeline
from tests.recorder.packetising import CLOCK_RATES, Encoded, payloads, rtp
from tests.support.recordings import MONDAY

HEAD = RecordingHead(recording="rec1", meeting="meet1", title="Planning", started_at=MONDAY)


class Tape:
    """See the module. replies: what the session said to the node."""

    def __init__(self, root: Path, disk: Disk, at: float = 0.0, slow_bytes: int = 1 << 25) -> None:
        self.disk = disk
        self.directory = root / HEAD.recording
        self.replies: list[FromRecorder] = []
        self.session = Session(prepare(root, HEAD), disk, at, self.replies.append, slow_bytes)
        self._sequence: dict[int, int] = {}

    def track(self, number: int, codec: Codec, *, at: float = 0.0, active_until: float | None = None) -> str:
        """A producer begins; its id is t and the number."""
        self.say(
            Track(
                number=number, track=f"t{number}", participant="p", codec=codec, at=at,
                source="microphone" if codec == "opus" else "camera",
                clock_rate=CLOCK_RATES.get(codec, 90_000), active_until=active_until,
            )
        )  # fmt: skip
        return f"t{number}"

    def say(self, message: ToRecorder) -> None:
        """A message."""
        self.session.handle(message)

    def packets(
        self, number: int, codec: Codec, frames: Iterable[Encoded], start: float
    ) -> Iterator[tuple[float, bytes]]:
        """Frames as packets with their arrival, beginning at `start`."""
        rate = CLOCK_RATES.get(codec, 90_000)
        for index, frame in enumerate(frames):
            at = start + frame.at
            parts = payloads(codec, frame.data, key=frame.key, picture_id=index)
            for position, part in enumerate(parts):
                sequence = self._sequence.get(number, 65_500)
                self._sequence[number] = sequence + 1
                yield at, rtp(sequence, round(at * rate), part, marker=position == len(parts) - 1)

    def play(
        self, number: int, codec: Codec, frames: Iterable[Encoded], start: float = 0.0, lose: tuple[int, ...] = ()
    ) -> None:
        """Feed frames; `lose`: the packets, by index, that never come."""
        for index, (at, packet) in enumerate(self.packets(number, codec, frames, start)):
            if index not in lose:
                self.session.packet(number, at, packet)

    def wait(self, at: float) -> None:
        """It is `at`, and nothing came."""
        self.say(Clock(at))

    def report(self, number: int, ntp: float, timestamp: int, at: float) -> None:
        """A sender report."""
        self.say(Report(number, ntp, timestamp, at))

    def stop(self, at: float) -> list[AnyEvent]:
        """End it; the timeline."""
        self.say(Stop("host", at))
        return self.timeline()

    def settle(self) -> None:
        """Everything is on the disk."""
        assert self.disk.settle(20)

    def timeline(self) -> list[AnyEvent]:
        """Every event that is on the disk."""
        self.settle()
        return list(read_timeline(self.directory))

    def file(self, name: str) -> bytes:
        """A track's file, by its name without suffix."""
        self.settle()
        return (self.directory / "tracks" / f"{name}.mkv").read_bytes()

    def files(self) -> list[str]:
        """The names of all of them."""
        self.settle()
        return sorted(file.stem for file in (self.directory / "tracks").iterdir())

    @property
    def status(self) -> Status:
        """The newest."""
        return next(reply for reply in reversed(self.replies) if isinstance(reply, Status))

    @property
    def key_frames_wanted(self) -> int:
        """How often one was asked for."""
        return sum(isinstance(reply, KeyFrameWanted) for reply in self.replies)


@contextmanager
def disk_at(root: Path, reserve: int = 0) -> Iterator[Disk]:
    """A disk's thread that ends with the test."""
    root.mkdir(exist_ok=True)
    disk = Disk(root, reserve)
    try:
        yield disk
    finally:
        disk.stop()
