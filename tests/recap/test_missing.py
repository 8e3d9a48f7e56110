"""What never reached the recording is said in the transcript, in its place, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recap.artefacts import Segment, Word
from parley.recap.missing import LOST, together, with_marks, without
from parley.recap.recogniser import Context, Heard, Utterance
from parley.recap.recording import Recording, Span, build
from parley.recap.segments import segments
from parley.recap.voice import Voiced
from parley.recap.windows import Window
from parley.store import recording as stored
from parley.store.recording import AnyEvent, RecordingHead
from tests.support.recordings import MONDAY

HEAD = RecordingHead(recording="r", meeting="m", title="Planning", started_at=MONDAY)
STARTED = stored.TrackStarted(
    at=1, track="t", participant="ann", source="microphone", codec="opus", file="tracks/t-0.mkv"
)


def recording(*events: AnyEvent) -> Recording:
    return build(Path("."), HEAD, (STARTED, *events, stored.Stopped(at=60)))


def lost(at: float, seconds: float, reason: str = "recorder", packets: int = 0) -> stored.Lost:
    return stored.Lost(at=at, track="t", seconds=seconds, reason=reason, packets=packets)


def text(start: float, end: float, ident: str = "t:0.0") -> Segment:
    return Segment(id=ident, participant="ann", track="t", start=start, end=end, text="Yes.")


def marks(known: Recording, *said: Segment) -> list[tuple[float, float, str]]:
    return [(one.start, one.end, one.reason) for one in with_marks(known, said, ()) if one.state == "untranscribed"]


def test_what_the_recorder_lost_of_a_microphone_is_marked() -> None:
    assert marks(recording(lost(10, 3))) == [(10, 13, LOST)]


def test_what_was_lost_while_muted_or_paused_was_never_to_be_recorded() -> None:
    events = (
        stored.Muted(at=11, track="t", muted=True), stored.Muted(at=12, track="t", muted=False),
        stored.Paused(at=14), stored.Resumed(at=15), lost(10, 6),
    )  # fmt: skip
    assert marks(recording(*events)) == [(10, 11, LOST), (12, 14, LOST), (15, 16, LOST)]


def test_what_was_told_twice_is_marked_once_and_never_over_text() -> None:
    known = recording(lost(10, 3), lost(11, 4, "disk"))
    assert marks(known, text(9, 11), text(14, 14.9)) == [(11, 14, LOST)]


def test_a_few_packets_of_silence_are_worth_no_mark_and_many_packets_are() -> None:
    assert marks(recording(lost(10, 0.4, "network", 2))) == []
    assert marks(recording(lost(10, 0.4, "network", 20))) == [(10, 10.4, LOST)]


def test_a_loss_before_the_first_file_of_a_track_counts_and_a_track_of_which_nothing_was_written_has_no_file() -> None:
    early = build(Path("."), HEAD, (lost(2, 3), STARTED, stored.Stopped(at=9)))
    assert marks(early) == [(2, 5, LOST)]
    nothing = stored.TrackStarted(at=1, track="t", participant="ann", source="microphone", codec="opus", file="")
    never = build(Path("."), HEAD, (nothing, lost(2, 3), stored.Stopped(at=9)))
    assert never.tracks[0].files == ()
    assert marks(never) == [(2, 5, LOST)]


def test_damage_is_marked_where_nothing_else_stands() -> None:
    damage = Segment(
        id="t:5.lost",
        participant="ann",
        track="t",
        start=5,
        end=14,
        state="untranscribed",
        reason="the file is damaged",
    )
    made = with_marks(recording(lost(10, 3)), [text(6, 7)], [damage])
    assert [(one.start, one.end, one.reason) for one in made] == [
        (5, 6, "the file is damaged"), (6, 7, ""), (7, 10, "the file is damaged"), (10, 13, LOST),
        (13, 14, "the file is damaged"),
    ]  # fmt: skip
    assert len({one.id for one in made}) == len(made)


def test_no_sentence_goes_on_across_missing_sound() -> None:
    rate = 16_000
    window = Window("t", "ann", (Voiced(10 * rate, 12 * rate), Voiced(14 * rate, 16 * rate)))
    words = tuple(
        Word(name, at, at + 0.5) for name, at in (("we", 0.2), ("decided", 1.0), ("on", 4.2), ("friday", 5.0))
    )
    heard = Heard((Utterance(words, "we decided on friday", 1.0),))
    made = segments(window, heard, Context(), punctuated=True, holes=[Span(12.0, 14.0)])
    assert [one.text for one in made if one.state == "text"] == ["we decided", "on friday"]
    assert all(one.end <= 12 or one.start >= 14 for one in made)


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=8).map(
    lambda pairs: [Span(start, start + length) for start, length in pairs]
)


@given(spans, spans)
def test_taking_spans_away_leaves_exactly_the_seconds_that_are_in_none_of_them(
    given_: list[Span], taken: list[Span]
) -> None:
    def seconds(of: list[Span]) -> set[int]:
        return {second for one in of for second in np.arange(one.start, one.end)}

    left = without(together(given_), taken)
    assert seconds(left) == seconds(given_) - seconds(taken)
    assert sum(one.seconds for one in left) == pytest.approx(len(seconds(left)))
