"""Small stages for tests, shaped like the real ones, that write down each time they are made; also as a process.

Run as a module, it makes a recap and kills itself where PARLEY_TEST_KILL says: "begin NAME" or "end NAME".
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from parley.recap.artefacts import (
    Artefact,
    Film,
    Gesture,
    Gestures,
    Highlights,
    Line,
    Moment,
    Segment,
    Speech,
    Summary,
    Transcript,
    VoiceActivity,
)
from parley.recap.runner import Runner
from parley.recap.schedule import StageStatus
from parley.recap.stages import Context, Graph, Stage

NAMES = ("voice", "transcript", "summary", "gestures", "highlights", "reel")


def write(context: Context, line: str) -> None:
    with (context.recording.directory / "diary").open("a") as diary:
        diary.write(line + "\n")


def diary(directory: Path) -> list[str]:
    path = directory / "diary"
    return path.read_text().splitlines() if path.exists() else []


def voice(context: Context) -> VoiceActivity:
    return VoiceActivity(engine="test", speech=(Speech("p", "t", 0.5, 2.0),))


def transcript(context: Context) -> Transcript:
    segments = tuple(
        Segment(id=f"s{number}", participant=one.participant, track=one.track, start=one.start, end=one.end, text="Hi.")
        for number, one in enumerate(context.get("voice", VoiceActivity).speech)
    )
    return Transcript(engine=f"test {context.settings}", draft=False, segments=segments)


def summary(context: Context) -> Summary:
    lines = tuple(
        Line(id=f"l{one.id}", text=one.text, cites=(one.id,), at=one.start)
        for one in context.get("transcript", Transcript).segments
    )
    return Summary(engine="test", overview=lines, topics=(), decisions=(), actions=())


def gestures(context: Context) -> Gestures:
    return Gestures(engine="test", gestures=(Gesture("p", "wave", 1.0, 2.0),))


def highlights(context: Context) -> Highlights:
    waves = context.find("gestures", Gestures)
    lines = context.find("summary", Summary)
    notes = tuple(f"without {what}" for what, there in (("gestures", waves), ("summary", lines)) if there is None)
    moment = Moment(id="m", kind="thumbs_up", start=1.0, end=2.0, score=1.0, title="Hi", participants=("p",))
    return Highlights(engine="test", notes=notes, moments=(moment,), reel=("m",))


def reel(context: Context) -> Film:
    count = len(context.get("highlights", Highlights).moments)
    (context.directory / "reel.mp4").write_bytes(b"film" * count)
    return Film(engine="test", file="reel.mp4", poster="", seconds=1.0, width=1280, height=720, chapters=())


MAKES: dict[str, Callable[[Context], Artefact]] = {
    "voice": voice, "transcript": transcript, "summary": summary, "gestures": gestures, "highlights": highlights,
    "reel": reel,
}  # fmt: skip


def graph(
    before: Callable[[str, Context], None] = lambda name, context: None, versions: dict[str, int] | None = None
) -> Graph:
    """The stages. before: called as each begins, ahead of what it writes down."""

    def make(name: str) -> Callable[[Context], Artefact]:
        def making(context: Context) -> Artefact:
            before(name, context)
            write(context, name)
            context.advance(0.5)
            return MAKES[name](context)

        return making

    version = dict.fromkeys(NAMES, 1) | (versions or {})

    def stage(name: str, artefact: type[Artefact], **more: object) -> Stage:
        return Stage(name=name, version=version[name], artefact=artefact, make=make(name), **more)  # type: ignore[arg-type]

    return Graph.of(
        [
            stage("voice", VoiceActivity),
            stage("transcript", Transcript, needs=("voice",), settings=lambda settings: settings),
            stage("summary", Summary, needs=("transcript",)),
            stage("gestures", Gestures, unwanted=lambda one: "" if one.head.gestures else "The host didn't want them."),
            stage("highlights", Highlights, needs=("transcript",), uses=("summary", "gestures")),
            stage("reel", Film, needs=("highlights",), files=lambda film: (film.file, film.poster)),
        ]
    )


def _main() -> None:
    kill = os.environ.get("PARLEY_TEST_KILL", "")

    def begins(name: str, context: Context) -> None:
        if kill == f"begin {name}":
            os.kill(os.getpid(), signal.SIGKILL)

    def ended(status: StageStatus) -> None:
        if status.state == "done" and not status.cached and kill == f"end {status.name}":
            os.kill(os.getpid(), signal.SIGKILL)

    report = Runner(Path(sys.argv[1]), graph(begins), "settings", on_change=ended).run()
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    _main()
