"""What is made while a meeting runs is what would be made after it, and isn't made twice."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from parley.recap import artefacts as made
from parley.recap.ahead import Ahead
from parley.recap.artefacts import Highlights, Moment, PlayableTrack, Segment, Transcript
from parley.recap.film.films import render_ahead, render_reel
from parley.recap.playable import PlayableAhead, make
from parley.recap.recording import Recording
from parley.recap.stages import Context
from parley.store import recording as stored
from tests.support.recordings import RATE, RecordingMaker

SECONDS = 3


def record(directory: Path) -> Path:
    """Somebody with a microphone that is silent for a while, and two cameras."""
    maker = RecordingMaker(directory)
    maker.person("a", "Ann")
    tone = (8000 * np.sin(np.arange(SECONDS * RATE) / 20)).astype(np.int16)
    maker.audio("a", tone)
    pictures = [np.full((36, 64, 3), shade * 7, np.uint8) for shade in range(SECONDS * 10)]
    maker.video("a", pictures)
    maker.video("a", pictures, codec="h264")
    return maker.stop(SECONDS)


def grown(whole: Path, directory: Path, share: float) -> Recording:
    """As much of a recording as a share of the bytes of its tracks; all of it with 1."""
    (directory / stored.TRACKS).mkdir(parents=True, exist_ok=True)
    (directory / stored.HEAD).write_bytes((whole / stored.HEAD).read_bytes())
    timeline = (whole / stored.TIMELINE).read_bytes()
    (directory / stored.TIMELINE).write_bytes(timeline if share == 1 else timeline[: timeline.rfind(b"\n", 0, -1) + 1])
    for path in (whole / stored.TRACKS).iterdir():
        data = path.read_bytes()
        (directory / stored.TRACKS / path.name).write_bytes(data[: int(len(data) * share)])
    return Recording.open(directory)


def context(recording: Recording, directory: Path) -> Context:
    directory.mkdir(exist_ok=True)
    return Context(recording=recording, settings=None, directory=directory, inputs={})


def packets(directory: Path, track: PlayableTrack) -> list[tuple[int | None, bytes, bool]]:
    with av.open(str(directory / track.file)) as container:
        return [(each.pts, bytes(each), each.is_keyframe) for each in container.demux(container.streams[0])]


def test_tracks_that_became_playable_while_they_grew_are_those_that_are_made_afterwards(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole")
    recap = tmp_path / "growing" / "recap"
    ahead = PlayableAhead(recap)
    for share in (0.0, 0.3, 0.31, 0.8):
        ahead.step(grown(whole, tmp_path / "growing", share))
    complete = grown(whole, tmp_path / "growing", 1)
    before = make(context(complete, recap), ahead)
    after = make(context(complete, tmp_path / "afterwards"))
    assert before == after
    assert len(before.tracks) == 3
    for track in before.tracks:
        found = packets(recap, track)
        assert found == packets(tmp_path / "afterwards", track)
        assert len(found) > 20


def test_a_track_with_damage_is_left_to_the_stage(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole")
    recording = Recording.open(whole)
    sound = recording.of("microphone")[0].files[0].path
    data = bytearray(sound.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = b"\xff" * 400
    sound.write_bytes(data)
    ahead = PlayableAhead(tmp_path / "recap")
    ahead.step(recording)
    assert ahead.finish(recording.of("microphone")[0]) is None
    tracks = make(context(recording, tmp_path / "recap"), ahead).tracks
    assert [track.source for track in tracks] == ["microphone", "camera", "camera"]


def test_nothing_is_left_behind_when_nobody_finishes(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole")
    ahead = PlayableAhead(tmp_path / "recap")
    ahead.step(grown(whole, tmp_path / "growing", 0.5))
    ahead.close()
    assert [path for path in (tmp_path / "recap").rglob("*") if path.is_file()] == []


def test_a_piece_of_the_reel_is_rendered_once_though_the_recording_grew_since(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole")
    moment = Moment(id="m1", kind="decision", start=0.5, end=1.5, score=1, title="We begin", participants=("a",))
    said = Segment(id="s1", participant="a", track="track1", start=0.5, end=1.5, text="We begin.")
    highlights = Highlights(engine="test", moments=(moment,), reel=("m1",))
    transcript = Transcript(engine="test", draft=False, segments=(said,))
    recap = tmp_path / "recap"
    early = grown(whole, tmp_path / "growing", 0.9)
    assert render_ahead(early, highlights, transcript, recap, until=1.0) == 0
    assert render_ahead(early, highlights, transcript, recap, until=2.0) == 1
    assert render_ahead(early, highlights, transcript, recap, until=2.0) == 0
    (piece,) = (recap / ".reel-pieces").iterdir()
    piece.chmod(0o400)
    rendered = piece.stat().st_mtime_ns, piece.read_bytes()
    complete = grown(whole, tmp_path / "growing", 1)
    assert render_ahead(complete, highlights, transcript, recap, until=2.0) == 0
    assert (piece.stat().st_mtime_ns, piece.read_bytes()) == rendered
    film = render_reel(complete, highlights, transcript, recap)
    assert film.seconds == pytest.approx(1.0)
    assert not (recap / ".reel-pieces").exists()


def test_what_lives_in_memory_is_handed_over_once(tmp_path: Path) -> None:
    tracks = PlayableAhead(tmp_path)
    ahead = Ahead(None, tracks)
    assert ahead.take_tracks() is tracks
    assert ahead.take_tracks() is None
    assert isinstance(make(context(Recording.open(record(tmp_path / "r")), tmp_path / "p")), made.PlayableTracks)


def test_a_cluster_that_the_recorder_replaces_costs_a_growing_track_nothing(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole")
    recap = tmp_path / "growing" / "recap"
    ahead = PlayableAhead(recap)
    early = grown(whole, tmp_path / "growing", 0.7)
    ahead.step(early)
    sound = early.of("microphone")[0].files[0].path
    sound.write_bytes(sound.read_bytes() + b"\xff" * 300)
    ahead.step(Recording.open(early.directory))
    ahead.step(grown(whole, tmp_path / "growing", 0.9))
    complete = grown(whole, tmp_path / "growing", 1)
    assert ahead.finish(complete.of("microphone")[0]) == make(context(complete, tmp_path / "after")).tracks[0]
