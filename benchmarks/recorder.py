"""What the recorder costs: `python benchmarks/recorder.py`, or `--help`.

A synthetic meeting - ten people, each with a camera (VP8, 30 frames/s, three packets each) and a microphone (Opus,
50 packets/s), sender reports, a packet lost here and there - is played as fast as it goes over the socket into a real
recorder process, which writes it to disk as ever. Printed are the recorder's processor seconds per second of meeting,
and how its memory grew.
"""

from __future__ import annotations

import argparse
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from parley.recorder.messages import (
    Clock,
    Finished,
    FrameReader,
    Open,
    Refused,
    Report,
    Status,
    Stop,
    Track,
    decode_from_recorder,
    encode,
    encode_packet,
)
from parley.store.recording import RecordingHead, read_timeline

PAYLOAD = 1000
FRAME_PACKETS = 3
FPS = 30
KEY_FRAME_SECONDS = 10
AHEAD_SECONDS = 4
"""How much further the meeting may be than what the recorder said it has seen."""

LOST_EVERY = 997


@dataclass(frozen=True)
class Cost:
    """cpu: processor seconds per second of meeting. before, after: resident bytes, after a tenth and at the end.

    lost: packets that the timeline says are missing. lasted: wall seconds.
    """

    cpu: float
    before: int
    after: int
    lost: int
    written: int
    lasted: float
    slow: bool


def _packet(sequence: int, timestamp: int, payload: bytes, *, marker: bool) -> bytes:
    second = 96 | (0x80 if marker else 0)
    return struct.pack("!BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 1) + payload


def meeting(people: int, seconds: int) -> Iterator[bytes]:
    """What a media node would send, second by second."""
    key = b"\x90\x80\x80\x01" + b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 360)
    delta = b"\x90\x80\x80\x01" + b"\x31\x02\x00"
    first = {True: key + os.urandom(PAYLOAD), False: delta + os.urandom(PAYLOAD)}
    rest = b"\x80\x80\x80\x01" + os.urandom(PAYLOAD)
    sound = b"\x78" + os.urandom(79)
    opening = []
    for person in range(people):
        common = {"participant": f"p{person}", "at": 0.0}
        opening.append(
            Track(number=2 * person, track=f"cam{person}", source="camera", codec="vp8", clock_rate=90_000, **common)
        )
        opening.append(
            Track(
                number=2 * person + 1,
                track=f"mic{person}",
                source="microphone",
                codec="opus",
                clock_rate=48_000,
                **common,
            )
        )
    yield b"".join(encode(message) for message in opening)
    for second in range(seconds):
        out = []
        for tick in range(FPS * 5):  # a multiple of both rates
            at = second + tick / (FPS * 5)
            for person in range(people):
                if tick % 5 == 0:
                    frame = second * FPS + tick // 5
                    for index in range(FRAME_PACKETS):
                        sequence = frame * FRAME_PACKETS + index
                        if sequence % (LOST_EVERY * FRAME_PACKETS) == LOST_EVERY:
                            continue
                        is_key = frame % (KEY_FRAME_SECONDS * FPS) == 0
                        payload = first[is_key] if index == 0 else rest
                        packet = _packet(sequence, frame * 3000, payload, marker=index == FRAME_PACKETS - 1)
                        out.append(encode_packet(2 * person, at + 0.02 + index / 10_000, packet))
                if tick % 3 == 0:
                    number = second * 50 + tick // 3
                    if number % LOST_EVERY:
                        packet = _packet(number, number * 960, sound, marker=False)
                        out.append(encode_packet(2 * person + 1, at + 0.01, packet))
        for person in range(people):
            ntp = 3_900_000_000.0 + second
            out.append(encode(Report(2 * person, ntp, second * 90_000 & 0xFFFFFFFF, second + 0.99)))
            out.append(encode(Report(2 * person + 1, ntp, second * 48_000 & 0xFFFFFFFF, second + 0.99)))
        out.append(encode(Clock(second + 1.0)))
        yield b"".join(out)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class _Link:
    """The node's end, blocking."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._reader = FrameReader()
        self.seconds = 0.0
        self.finished = False
        self.slow = False

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> None:
        """Wait for the recorder's next word."""
        data = self._socket.recv(65536)
        if not data:
            raise SystemExit("the recorder closed the connection")
        for _, _, _, body in self._reader.feed(data):
            message = decode_from_recorder(body)
            if isinstance(message, Refused):
                raise SystemExit(f"the recorder refused: {message.text}")
            if isinstance(message, Status):
                self.seconds = message.seconds
                self.slow = self.slow or message.disk != "ok"
            self.finished = self.finished or isinstance(message, Finished)


def measure(people: int, seconds: int, directory: Path) -> Cost:
    """Play a meeting into a recorder that writes below `directory`."""
    path = directory / "recorder.sock"
    command = [
        sys.executable,
        "-m",
        "parley.recorder",
        "--socket",
        str(path),
        "--root",
        str(directory),
        "--reserve",
        "1",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - this interpreter
    try:
        assert process.stdout is not None
        process.stdout.readline()
        link = _Link(path)
        head = RecordingHead(recording="bench", meeting="bench", title="bench", started_at=datetime.now(UTC))
        link.send(encode(Open(head, 0.0)))
        began, cpu = time.monotonic(), _cpu_seconds(process.pid)
        before = 0
        for second, data in enumerate(meeting(people, seconds)):
            link.send(data)
            while link.seconds < second - AHEAD_SECONDS:
                link.hear()
            if second == max(1, seconds // 10):
                before = _resident(process.pid)
        after = _resident(process.pid)
        link.send(encode(Stop("host", float(seconds))))
        while not link.finished:
            link.hear()
        spent = _cpu_seconds(process.pid) - cpu
        lasted = time.monotonic() - began
    finally:
        process.terminate()
        process.wait()
    lost = sum(event.packets for event in read_timeline(directory / "bench") if hasattr(event, "packets"))
    written = sum(file.stat().st_size for file in (directory / "bench" / "tracks").iterdir())
    return Cost(spent / seconds, before, after, lost, written, lasted, link.slow)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--directory", type=Path, help="where to write (and remove) some GB; default: a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        cost = measure(arguments.people, round(arguments.minutes * 60), Path(directory))
    print(f"meeting       {arguments.minutes:g} min, {arguments.people} people, played in {cost.lasted:.0f} s")
    print(f"processor     {100 * cost.cpu:.1f} % of a core per second of meeting")
    print(f"memory        {cost.before / 1e6:.1f} MB after a tenth, {cost.after / 1e6:.1f} MB at the end")
    print(
        f"written       {cost.written / 1e6:.0f} MB; packets missing {cost.lost}; "
        f"disk {'slow' if cost.slow else 'kept up'}"
    )


if __name__ == "__main__":
    main()
