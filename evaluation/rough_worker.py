"""A recap worker that may be killed at any moment: follows a recording that grows, and completes its transcript.

What it does is what the worker's job does with a recording, without the database around it: steps while the recording
runs, then the pipeline's own stages. The next one goes on from what is on the disk.
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import struct
import sys
import time
from dataclasses import replace
from pathlib import Path

from evaluation.long_meeting import SCRIPT
from evaluation.stand_in import StandIn
from parley.recap.ahead import Ahead
from parley.recap.engines import Engines
from parley.recap.live import LiveTranscriber
from parley.recap.pipeline import STAGES, RecapSettings
from parley.recap.recording import Recording
from parley.recap.runner import Runner
from parley.recorder import __main__ as recorder
from parley.store import recording as stored
from parley.store.recording import RecordingError

LOOK_SECONDS = 0.02
_DOUBLE = struct.Struct("d")


class SharedClock:
    """The meeting's second, in a file that several processes see."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_DOUBLE.pack(0.0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _DOUBLE.size)

    def get(self) -> float:
        """The second it is."""
        now: float = _DOUBLE.unpack(self._memory[:])[0]
        return now

    def set(self, now: float) -> None:
        """It is this second now."""
        self._memory[:] = _DOUBLE.pack(now)


def follow(directory: Path, clock: Path, cost: float) -> None:
    """Work until the recording is complete and its transcript is there. cost: of the recogniser, see StandIn."""
    logging.disable()
    time_, engine = SharedClock(clock), StandIn(SCRIPT, cost)
    settings = RecapSettings(choose=lambda _: Engines((engine,)))
    live: LiveTranscriber | None = None
    while True:
        time.sleep(LOOK_SECONDS)
        now = time_.get()
        with contextlib.suppress(RecordingError, OSError):
            recording = Recording.open(directory)
            if recording.complete:
                break
            if live is None:
                (directory / stored.RECAP).mkdir(exist_ok=True)
                live = LiveTranscriber(directory, settings.choose(settings.speech), settings.speech)
            for _ in live.step(recording, now=now):
                pass
    settings = replace(settings, ahead=Ahead(live))
    while True:
        with contextlib.suppress(OSError):
            report = Runner(directory, STAGES.only("voice"), settings).run()
            if not report.failed:
                return
            if not report.retriable:
                sys.exit("; ".join(f"{one.name}: {one.words}" for one in report.failed))
        time.sleep(LOOK_SECONDS)


def record(socket: Path, root: Path, reserve: int) -> None:
    """The recorder's own program."""
    sys.argv = ["recorder", "--socket", str(socket), "--root", str(root), "--reserve", str(reserve)]
    sys.stdout = sys.stderr = open("/dev/null", "w")  # noqa: SIM115 - to the process's end
    recorder.main()
