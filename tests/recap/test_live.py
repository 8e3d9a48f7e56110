"""A transcript grows with its recording, loses nothing and does nothing twice, whatever dies in between."""

from __future__ import annotations

import bisect
import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from parley.recap.ahead import Ahead
from parley.recap.artefacts import Segment, Transcript, VoiceActivity, Word
from parley.recap.audio import RATE, Samples
from parley.recap.engines import Engines
from parley.recap.growing import GrowingFile
from parley.recap.journal import Done, Journal
from parley.recap.live import LiveTranscriber
from parley.recap.pipeline import STAGES, RecapSettings
from parley.recap.recogniser import Context, Heard, RecogniserError, SpeechSettings, Utterance
from parley.recap.recording import Recording
from parley.recap.runner import Runner
from tests.support.recordings import RecordingMaker
from tests.support.speech import silence, spoken


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class StandIn:
    """Hears one word a second and costs what it is told to."""

    engine: str = "stand-in"
    draft: bool = False
    punctuates: bool = True
    batch: int = 1
    cost: float = 0.0
    clock: Clock = field(default_factory=Clock)
    fails: bool = False
    heard: list[int] = field(default_factory=list)

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        if self.fails:
            raise RecogniserError("it broke")
        made = []
        for samples in windows:
            seconds = len(samples) / RATE
            self.heard.append(len(samples))
            self.clock.now += self.cost * seconds
            loud = [float(np.abs(samples[at : at + RATE]).max()) for at in range(0, len(samples), RATE)]
            words = tuple(
                Word(f"w{round(power)}", float(at), min(at + 1.0, seconds))
                for at, power in enumerate(loud)
                if power > 500 and seconds - at > 0.05
            )
            made.append(Heard((Utterance(words, "", 1.0),) if words else ()))
        return made


def sentence(index: int) -> Samples:
    return spoken(
        ("We decided to ship on Friday.", "Yes.", "I will write the report and send it to everybody.", "Who tests it?")[
            index % 4
        ],
        ("slt", "rms")[index % 2],
    )


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people for half a minute, one of them twice without a microphone."""
    maker = RecordingMaker(tmp_path_factory.mktemp("live") / "recording")
    maker.person("ann", "Ann")
    maker.person("ben", "Ben")
    maker.audio(
        "ann", np.concatenate([silence(1), sentence(0), silence(2), sentence(1), silence(4), sentence(2)]), at=1
    )
    maker.audio("ben", np.concatenate([silence(5), sentence(3), silence(1)]), at=0.5)
    maker.audio("ben", np.concatenate([sentence(1), silence(3), sentence(0)]), at=15)
    return maker.stop(32)


def copy(meeting: Path, target: Path) -> Path:
    shutil.copytree(meeting, target)
    return target


def transcribed(directory: Path, *engines: StandIn) -> tuple[Transcript, VoiceActivity]:
    live = LiveTranscriber(directory, Engines(engines or (StandIn(),)))
    list(live.finish(Recording.open(directory)))
    return live.transcript(), live.voice_activity()


def uncovered(transcript: Transcript, voice: VoiceActivity) -> float:
    """Seconds of speech that are neither text nor marked."""
    bare = 0.0
    for speech in voice.speech:
        at = speech.start
        for one in (one for one in transcript.segments if one.track == speech.track):
            if one.end > at and one.start < speech.end:
                bare += max(0.0, one.start - at)
                at = max(at, one.end)
        bare += max(0.0, speech.end - at)
    return bare


def grown(meeting: Path, target: Path, until: float, torn: int = 0) -> Recording:
    """The recording as it was when its recorder had written everything before `until`, and some bytes more."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(meeting, target, ignore=shutil.ignore_patterns("recap"))
    for path in (target / "tracks").iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: _written(path, until) + torn])
    return Recording.open(target)


def _written(path: Path, until: float) -> int:
    """How many bytes of a file hold its packets before `until`: silent packets are alike, so their times are asked."""
    data = path.read_bytes()

    def time_at(size: int) -> float:
        path.write_bytes(data[:size])
        return max((packet.at for packet in GrowingFile(path).read(final=False)), default=-1.0)

    try:
        return (
            max(0, bisect.bisect_left(range(len(data) + 1), until, key=time_at) - 1)
            if time_at(len(data)) >= until
            else len(data)
        )
    finally:
        path.write_bytes(data)


def test_a_recording_is_transcribed_by_speaker_in_order_and_wholly(meeting: Path, tmp_path: Path) -> None:
    transcript, voice = transcribed(copy(meeting, tmp_path / "r"))
    assert [one.start for one in transcript.segments] == sorted(one.start for one in transcript.segments)
    assert {one.participant for one in transcript.segments} == {"ann", "ben"}
    assert len({one.id for one in transcript.segments}) == len(transcript.segments)
    assert len(voice.speech) >= 6
    assert uncovered(transcript, voice) < 0.01
    assert all(one.confirmed for one in transcript.segments)


@settings(max_examples=5, phases=[Phase.explicit, Phase.generate])  # an example takes a second: shrinking, minutes
@given(
    times=st.lists(st.floats(0, 32), max_size=3),
    kills=st.lists(st.booleans(), min_size=4, max_size=4),
    torn=st.integers(0, 300),
)
def test_growth_kills_and_torn_journals_change_nothing_and_cost_no_window_twice(
    meeting: Path, tmp_path_factory: pytest.TempPathFactory, times: list[float], kills: list[bool], torn: int
) -> None:
    base = tmp_path_factory.mktemp("kills")
    expected, expected_voice = transcribed(copy(meeting, base / "whole"))
    directory = base / "grows"
    directory.mkdir()
    engine = StandIn()
    live = LiveTranscriber(directory, Engines((engine,)))
    for now, kill in zip(sorted(times), kills, strict=False):
        recording = grown(meeting, base / "now", now, torn % 7)
        list(live.step(recording, now=now))
        if kill:
            path = live.journal.path
            if path.exists() and torn:
                with path.open("ab") as file:
                    file.write(b'{"kind":"window","track":"track1","at":12' + b"0" * torn)
            live = LiveTranscriber(directory, Engines((engine,)))
    list(live.finish(grown(meeting, base / "now", 99.0)))
    transcript, voice = live.transcript(), live.voice_activity()
    windows = [entry for entry in Journal(directory).entries if isinstance(entry, Done)]
    assert len({(one.track, one.until) for one in windows}) == len(windows)
    assert _same(voice, expected_voice)
    assert [one.reason for one in transcript.segments] == [one.reason for one in expected.segments]
    assert [one.id.split(":")[0] for one in transcript.segments] == [one.id.split(":")[0] for one in expected.segments]
    assert uncovered(transcript, voice) < 0.01


def _same(voice: VoiceActivity, other: VoiceActivity) -> bool:
    """A decoder that begins anew finds its state within a frame of 32 ms."""
    return [one.track for one in voice.speech] == [one.track for one in other.speech] and all(
        abs(mine.start - theirs.start) < 0.04 and abs(mine.end - theirs.end) < 0.04
        for mine, theirs in zip(voice.speech, other.speech, strict=True)
    )


def test_drafts_become_confirmed_under_the_same_ids(tmp_path: Path) -> None:
    long = np.concatenate([spoken("I will write the whole report today and send it to everybody tomorrow")] * 3)
    maker = RecordingMaker(tmp_path / "r")
    maker.person("ann", "Ann")
    maker.audio("ann", np.concatenate([silence(1), long, silence(3)]))
    whole = maker.stop(30)
    live = LiveTranscriber(tmp_path / "live", Engines((StandIn(),)))
    seen: dict[str, Segment] = {}
    drafts: set[str] = set()
    for now in (5.0, 9.0, 12.0):
        for update in live.step(grown(whole, tmp_path / "now", now), now=now):
            seen |= {one.id: one for one in update.segments}
            for ident in update.gone:
                del seen[ident]
            drafts |= {one.id for one in update.segments if not one.confirmed}
    for update in live.finish(grown(whole, tmp_path / "now", 99.0)):
        seen |= {one.id: one for one in update.segments}
        for ident in update.gone:
            del seen[ident]
    assert drafts & set(seen)
    assert all(one.confirmed for one in seen.values())
    assert sorted(seen) == sorted(one.id for one in live.transcript().segments)


def test_a_second_run_over_a_finished_recording_recognises_nothing(meeting: Path, tmp_path: Path) -> None:
    directory = copy(meeting, tmp_path / "r")
    first = transcribed(directory)
    engine = StandIn()
    assert transcribed(directory, engine) == first
    assert engine.heard == []


def test_work_that_piles_up_goes_to_a_cheaper_engine_and_the_transcript_says_so(meeting: Path, tmp_path: Path) -> None:
    clock = Clock()
    slow = StandIn(engine="slow", cost=5.0, clock=clock)
    fast = StandIn(engine="fast", cost=0.01, clock=clock, draft=True)
    live = LiveTranscriber(
        copy(meeting, tmp_path / "r"), Engines((slow, fast)), SpeechSettings(patience=10.0), clock=clock
    )
    list(live.finish(Recording.open(tmp_path / "r")))
    transcript = live.transcript()
    assert fast.heard
    assert transcript.draft
    assert any("fast, because work had piled up" in note for note in transcript.notes)


def test_an_engine_that_fails_is_replaced_and_the_transcript_says_why(meeting: Path, tmp_path: Path) -> None:
    transcript, _ = transcribed(copy(meeting, tmp_path / "r"), StandIn(engine="broken", fails=True), StandIn())
    assert transcript.engine == "stand-in"
    assert "it broke" in " ".join(transcript.notes)


def test_when_every_engine_fails_all_speech_is_marked(meeting: Path, tmp_path: Path) -> None:
    transcript, voice = transcribed(copy(meeting, tmp_path / "r"), StandIn(fails=True))
    assert {one.state for one in transcript.segments} == {"untranscribed"}
    assert {one.reason for one in transcript.segments} == {"it broke"}
    assert uncovered(transcript, voice) < 0.01


def test_a_dead_track_is_marked_and_the_others_are_transcribed(meeting: Path, tmp_path: Path) -> None:
    directory = copy(meeting, tmp_path / "r")
    (directory / "tracks" / "track2-0.mkv").write_bytes(b"\x00" * 9000)
    transcript, _ = transcribed(directory)
    marked = [one for one in transcript.segments if one.state == "untranscribed"]
    assert [(one.track, one.reason) for one in marked] == [("track2", "the file is damaged")]
    assert any(one.track == "track1" and one.text for one in transcript.segments)
    assert transcribed(directory)[0] == transcript


def test_a_journal_on_a_full_disk_is_written_when_there_is_room_again(meeting: Path, tmp_path: Path) -> None:
    directory = copy(meeting, tmp_path / "r")
    (directory / "recap").write_bytes(b"in the way")
    live = LiveTranscriber(directory, Engines((StandIn(),)))
    list(live.finish(Recording.open(directory)))
    assert live.journal.failure
    expected = live.transcript()
    (directory / "recap").unlink()
    live.journal.flush()
    assert not live.journal.failure
    assert LiveTranscriber(directory, Engines((StandIn(),))).transcript() == expected


def test_nobody_and_a_second_of_meeting_make_an_empty_transcript(tmp_path: Path) -> None:
    maker = RecordingMaker(tmp_path / "r")
    maker.person("ann", "Ann")
    maker.audio("ann", silence(1))
    transcript, voice = transcribed(maker.stop(1))
    assert transcript.segments == ()
    assert voice.speech == ()


def test_a_silent_minute_is_not_listened_to_again(tmp_path: Path) -> None:
    maker = RecordingMaker(tmp_path / "r")
    maker.person("ann", "Ann")
    maker.audio("ann", silence(75))
    directory = maker.stop(75)
    live = LiveTranscriber(directory, Engines((StandIn(),)))
    list(live.step(Recording.open(directory), now=75.0))
    assert live.transcript().segments == ()
    assert Journal(directory).reached["track1"].at > 50 * RATE


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_is_set_anew_while_the_meeting_runs_loses_no_word(
    meeting: Path, tmp_path: Path, jump: float
) -> None:
    expected, _ = transcribed(copy(meeting, tmp_path / "whole"))
    directory = tmp_path / "live"
    directory.mkdir()
    live = LiveTranscriber(directory, Engines((StandIn(),)))
    for now in (6.0, 12.0, 18.0, 24.0):
        recording = dataclasses.replace(grown(meeting, tmp_path / "now", now), duration=now)
        list(live.step(recording, now=max(0.0, now + (jump if now > 6 else 0))))
    list(live.finish(grown(meeting, tmp_path / "now", 99.0)))
    made = live.transcript()
    assert [one.reason for one in made.segments] == [one.reason for one in expected.segments]
    assert [one.id.split(":")[0] for one in made.segments] == [one.id.split(":")[0] for one in expected.segments]


def test_what_waited_for_a_recorder_that_was_away_is_transcribed_though_it_comes_late(
    meeting: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "live"
    directory.mkdir()
    live = LiveTranscriber(directory, Engines((StandIn(),)))
    early = dataclasses.replace(grown(meeting, tmp_path / "now", 7.0), duration=7.0)
    for now in (7.0, 21.0):  # nothing was written for a while
        list(live.step(early, now=now))
    list(live.finish(grown(meeting, tmp_path / "now", 99.0)))
    assert {one.state for one in live.transcript().segments} == {"text"}


def test_made_by_hand_the_best_recogniser_is_waited_for_and_right_after_a_meeting_it_is_not(
    meeting: Path, tmp_path: Path
) -> None:
    used = {}
    for name, ahead in (("by hand", None), ("after a meeting", Ahead())):
        settings = RecapSettings(
            speech=SpeechSettings(patience=1e-6),
            choose=lambda _: Engines((StandIn(engine="best"), StandIn(engine="cheap"))),
            ahead=ahead,
        )
        report = Runner(copy(meeting, tmp_path / name), STAGES.only("transcript"), settings).run()
        used[name] = report.artefacts["transcript"].engine
    assert used == {"by hand": "best", "after a meeting": "cheap"}
