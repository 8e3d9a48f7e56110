"""A sender with clocks of its own and a network that is late, loses and mixes up: for tests of lip sync."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from parley.recorder.frame import Frame
from parley.recorder.messages import Track
from parley.recorder.sender_clock import SenderClock
from parley.recorder.track_recorder import TrackRecorder
from tests.recorder.packetising import rtp

Event = tuple[float, int, Callable[[], None]]


@dataclass
class Path:
    """One way from sender to server. delay, jitter, resend: seconds; loss: share of packets lost at first sending."""

    seed: int = 1
    delay: float = 0.03
    jitter: float = 0.03
    loss: float = 0.02
    resend: float = 0.12
    """How long a packet that was asked for again takes more."""
    lost_for_good: float = 0.1
    """Share of lost packets that nobody sends again in time."""
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def arrivals(self, sent: float) -> float | None:
        """When a packet sent then arrives; None for never."""
        late = min(self.random.expovariate(1 / self.jitter), 0.25) if self.jitter else 0.0
        if self.random.random() >= self.loss:
            return sent + self.delay + late
        return None if self.random.random() < self.lost_for_good else sent + self.delay + late + self.resend


@dataclass
class Talker:
    """One person's microphone and camera, whose packets carry when they were made, in true seconds.

    skew: how much faster the computer's clock runs; audio_skew: the sound card's. ntp: what its clock shows at 0.
    jump: (when, by how much) its clock is set anew. report_noise: seconds.
    """

    seconds: float
    audio_every: float = 0.02
    video_every: float = 1 / 30
    skew: float = 0.0
    audio_skew: float = 0.0
    ntp: float = 3_900_000_000.0
    jump: tuple[float, float] = (1e9, 0.0)
    report_noise: float = 0.004
    video_late: float = 0.06
    """Encoding and pacing: how much later than sound a picture leaves."""
    first_report: float = 0.5
    path: Path = field(default_factory=Path)

    def clock(self, true: float) -> float:
        """The sender's NTP time."""
        return self.ntp + true * (1 + self.skew) + (self.jump[1] if true >= self.jump[0] else 0.0)

    def audio_timestamp(self, true: float) -> int:
        """RTP time of the microphone, which counts the sound card's samples."""
        return 1_000_000_000 + round(48_000 * true * (1 + self.audio_skew))

    def video_timestamp(self, true: float) -> int:
        """RTP time of the camera, by the computer's clock, which setting it anew doesn't touch."""
        return 4_290_000_000 + round(90_000 * true * (1 + self.skew))


@dataclass
class Placed:
    """Where each frame ended up: (true seconds of making, seconds in the file)."""

    audio: list[tuple[float, float]] = field(default_factory=list)
    video: list[tuple[float, float]] = field(default_factory=list)

    def offsets(self, after: float = 0.0) -> Iterator[float]:
        """Sound minus picture for each picture, against the sound nearest to it; positive when sound is late."""
        index = 0
        for true, at in self.video:
            while index + 1 < len(self.audio) and self.audio[index + 1][0] <= true:
                index += 1
            if index < len(self.audio) and true >= after:
                made, placed = self.audio[index]
                if abs(made - true) < 0.2:
                    yield (placed - made) - (at - true)


def played(talker: Talker) -> Placed:
    """Everything a talker sends, as the recorder places it."""
    placed = Placed()
    sender = SenderClock()
    events: list[Event] = []
    path = talker.path

    def track(number: int, name: str) -> TrackRecorder:
        is_audio = name == "audio"
        out = placed.audio if is_audio else placed.video

        def write(frame: Frame, at: float) -> str:
            out.append((struct.unpack("<d", frame.data[-8:])[0], at))
            return ""

        said = Track(
            number=number, track=name, participant="p", source="microphone" if is_audio else "camera",
            codec="opus" if is_audio else "vp8", clock_rate=48_000 if is_audio else 90_000, at=0.0,
        )  # fmt: skip
        return TrackRecorder(said, sender, write)

    def schedule(at: float | None, action: Callable[[], None]) -> None:
        if at is not None:
            events.append((at, len(events), action))

    audio, video = track(0, "audio"), track(1, "video")
    key = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"

    def send(recorder: TrackRecorder, data: bytes, at: float | None) -> None:
        if at is not None:
            schedule(at, lambda: recorder.packet(data, at))

    def report(recorder: TrackRecorder, timestamp: int, true: float, at: float | None) -> None:
        ntp = talker.clock(true) + path.random.gauss(0, talker.report_noise)
        if at is not None:
            schedule(at, lambda: recorder.report(ntp, timestamp & 0xFFFFFFFF, at))

    for number in range(int(talker.seconds / talker.audio_every)):
        true = number * talker.audio_every
        payload = b"\x78" + struct.pack("<d", true)
        send(audio, rtp(number, talker.audio_timestamp(true), payload), path.arrivals(true + 0.02))
    for number in range(int(talker.seconds / talker.video_every)):
        true = number * talker.video_every
        payload = b"\x10" + key + struct.pack("<d", true)  # key frames only, so that a loss costs one picture
        data = rtp(number, talker.video_timestamp(true), payload, marker=True)
        send(video, data, path.arrivals(true + talker.video_late))
    true = talker.first_report
    while true < talker.seconds:
        report(video, talker.video_timestamp(true), true, path.arrivals(true))
        if int(true) % 5 == 0:
            report(audio, talker.audio_timestamp(true), true, path.arrivals(true))
        true += 1.0
    for _, _, action in sorted(events, key=lambda event: event[:2]):
        action()
    for recorder in (audio, video):
        recorder.flush()
    return placed
