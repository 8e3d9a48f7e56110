"""Whether a second of speech is ever lost: `python -m evaluation.tiling --runs 100 --seed 1`, or `--help`.

Each run holds a meeting of its own to which everything happens (rough_meeting.py), and compares its transcript with
what was said: every second of voice is under text or under a mark that says why there is none, no two segments of a
microphone lie over each other, and no text lies where nobody spoke.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import logging
import math
import os
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.rough_meeting import SMALL_BYTES, RoughMeeting
from parley.recap import cache
from parley.recap.artefacts import Segment, Transcript, VoiceActivity
from parley.recap.missing import without
from parley.recap.recording import Span
from parley.store import recording as stored

TOLERANCE = 0.4
"""Seconds of voice without text or mark that are no loss: at a hole's edge voice activity may end a word early (its
shortest speech is 0.16 s), packets are placed to within the network's delay, and holes below 0.2 s get no mark."""
NEAR = 1.0
"""Seconds from voice that a text may reach: a window holds pauses up to 1.2 s, half of it each way, and paddings."""
OVER = 0.002
"""Seconds by which segments may overlap: they are rounded to milliseconds."""


@dataclass
class Verdict:
    """What one run came to, in seconds. bare: of voice, without text or mark; first what is longer than TOLERANCE."""

    voice: float = 0.0
    text: float = 0.0
    marked: Counter[str] = field(default_factory=Counter)
    bare: list[tuple[str, Span]] = field(default_factory=list)
    slivers: float = 0.0
    double: list[str] = field(default_factory=list)
    in_silence: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Nothing was lost, doubled or invented."""
        return not (self.bare or self.double or self.in_silence)


def judged(meeting: RoughMeeting) -> Verdict:
    """Compare a meeting's transcript with what was said in it."""
    directory = meeting.directory
    said = cache.read_artefact(directory / stored.RECAP, "transcript", Transcript)
    found = cache.read_artefact(directory / stored.RECAP, "voice", VoiceActivity)
    assert said is not None
    assert found is not None
    verdict = Verdict(events=Counter(one.event for one in meeting.plan))
    by_track: dict[str, list[Segment]] = defaultdict(list)
    for segment in said.segments:
        by_track[segment.track].append(segment)
    for track, said_there in meeting.said.items():
        truth = said_there.known
        segments = sorted(by_track.pop(track, []), key=lambda one: (one.start, one.end))
        texts = [Span(one.start, one.end) for one in segments if one.state == "text"]
        spans = [Span(one.start, one.end) for one in segments]
        verdict.voice += sum(one.seconds for one in truth)
        verdict.text += sum(one.seconds for one in truth) - sum(one.seconds for one in without(truth, texts))
        for segment in segments:
            if segment.state != "text":
                over = Span(segment.start, segment.end)
                verdict.marked[segment.reason] += over.seconds - sum(one.seconds for one in without([over], truth))
        for left in without(truth, spans):
            if left.seconds > TOLERANCE:
                verdict.bare.append((track, left))
            else:
                verdict.slivers += left.seconds
        heard = [Span(one.start, one.end) for one in found.speech if one.track == track]
        verdict.bare += [(f"{track} found", left) for left in without(heard, spans) if left.seconds > 0.01]
        for earlier, later in itertools.pairwise(segments):
            if later.start < earlier.end - OVER:
                verdict.double.append(f"{earlier.id} {earlier.end} > {later.id} {later.start}")
        near = [Span(one.start - NEAR, one.end + NEAR) for one in truth]
        verdict.in_silence += [f"{track} {one.start:.2f} to {one.end:.2f}" for one in without(texts, near)]
    verdict.in_silence += [f"{track} was never sent" for track in by_track]
    return verdict


@contextlib.contextmanager
def place(directory: Path | None) -> Iterator[tuple[Path, Path, bool]]:
    """Where recordings go, where all else goes, and whether the former is a small disk that can be filled."""
    with TemporaryDirectory(dir=directory, prefix="tiling") as name:
        root, scratch = Path(name) / "disk", Path(name) / "scratch"
        root.mkdir()
        scratch.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs", str(root)]
        small = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
        try:
            yield root, scratch, small
        finally:
            if small:
                subprocess.run(["umount", "-l", str(root)], check=True)  # noqa: S603, S607


def one_run(
    number: int, root: Path, scratch: Path, small: bool, *, seconds: float = 45.0, people: int = 3, speed: float = 20.0,
    keep: Path | None = None,
) -> Verdict:  # fmt: skip
    """Hold the meeting of this number and judge it."""
    meeting = RoughMeeting(root, scratch, number, seconds=seconds, people=people, speed=speed, small=small)
    began = time.monotonic()
    try:
        asyncio.run(meeting.run())
        verdict = judged(meeting)
        verdict.seconds = time.monotonic() - began
        if keep is not None and not verdict.good:
            shutil.copytree(meeting.directory, keep / meeting.directory.name, dirs_exist_ok=True)
    finally:
        shutil.rmtree(meeting.directory, ignore_errors=True)
    return verdict


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.tiling", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others count on")
    parser.add_argument("--seconds", type=float, default=45.0, help="of each meeting")
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--speed", type=float, default=20.0, help="seconds of meeting in one of ours")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no run after so many")
    parser.add_argument("--keep", type=Path, help="a directory for the recordings of runs that failed")
    asked = parser.parse_args()
    logging.disable()  # that the recorder is gone is what this is about
    verdicts: list[Verdict] = []
    with place(None) as (root, scratch, small):
        if not small:
            print("no small disk can be mounted (that takes root): no disk was full", file=sys.stderr)
        began = time.monotonic()
        for number in range(asked.seed, asked.seed + asked.runs):
            if time.monotonic() - began > 60 * asked.minutes:
                break
            verdict = one_run(
                number, root, scratch, small, seconds=asked.seconds, people=asked.people, speed=asked.speed,
                keep=asked.keep,
            )  # fmt: skip
            verdicts.append(verdict)
            words = "ok" if verdict.good else "FAILED"
            print(
                f"run {number}: {words} {verdict.seconds:.1f} s, voice {verdict.voice:.1f}, text {verdict.text:.1f}, "
                f"slivers {verdict.slivers:.1f}, marked {dict(verdict.marked)}",
                file=sys.stderr,
            )
            for track, span in verdict.bare:
                print(f"  bare: {track} {span.start:.2f} to {span.end:.2f}", file=sys.stderr)
            for each in (*verdict.double, *verdict.in_silence):
                print(f"  {each}", file=sys.stderr)
    summary(verdicts)
    sys.exit(any(not one.good for one in verdicts))


def summary(verdicts: Sequence[Verdict]) -> None:
    """The table of all runs."""
    voice = sum(one.voice for one in verdicts)
    marked: Counter[str] = sum((one.marked for one in verdicts), Counter())
    events: Counter[str] = sum((one.events for one in verdicts), Counter())
    failed = [one for one in verdicts if not one.good]
    print(f"{len(verdicts)} runs, {sum(one.seconds for one in verdicts) / max(1, len(verdicts)):.1f} s each")
    print(", ".join(f"{event} {count}" for event, count in events.most_common()))
    print(f"{'seconds of voice':<46}{voice:>10.1f}{100.0:>8.2f} %")
    rows = {"  under text": sum(one.text for one in verdicts)}
    rows |= {f"  marked: {reason}": seconds for reason, seconds in marked.most_common() if seconds >= 0.05}
    rows[f"  neither, in pieces up to {TOLERANCE:g} s"] = sum(one.slivers for one in verdicts)
    rows["  neither, in longer pieces"] = sum(span.seconds for one in verdicts for _, span in one.bare)
    for name, seconds in rows.items():
        print(f"{name:<46}{seconds:>10.1f}{100 * seconds / max(voice, 1e-9):>8.2f} %")
    print(f"{'segments over each other':<46}{sum(len(one.double) for one in verdicts):>10}")
    print(f"{'texts where nobody spoke':<46}{sum(len(one.in_silence) for one in verdicts):>10}")
    print(f"{'runs in which a second was lost':<46}{len(failed):>10}")


if __name__ == "__main__":
    main()
