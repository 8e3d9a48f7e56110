"""What the recorder after one that was killed is told, and the numbers of tracks."""

from __future__ import annotations

from datetime import UTC, datetime

from parley.recorder.messages import (
    FrameReader,
    Happened,
    Open,
    Pause,
    Report,
    Resume,
    Stop,
    ToRecorder,
    Track,
    TrackEnd,
    decode_to_recorder,
    encode,
    encode_packet,
)
from parley.recorder.node_tracks import NUMBERS, NodeTracks
from parley.recorder.outbox import Entry
from parley.recorder.told import RECENT_SECONDS, Told
from parley.store import recording as stored
from parley.store.recording import RecordingHead

HEAD = RecordingHead(recording="r1", meeting="m1", title="Planning", started_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
HAND = stored.Hand(at=4.0, participant="ann", raised=True)


def begin(tracks: NodeTracks, track: str, at: float = 1.0) -> Track:
    said = tracks.begin(
        track, participant="ann", source="camera", codec="vp8", clock_rate=90_000, channels=1, fmtp="", at=at
    )
    assert said is not None
    return said


def say(told: Told, *messages: ToRecorder) -> None:
    for message in messages:
        told.sent(Entry(encode(message), 0.0, -1, message))


def again(told: Told, at: float = 10.0) -> list[ToRecorder]:
    """What another recorder hears at that second."""
    return [decode_to_recorder(body) for _, _, _, body in FrameReader().feed(told.introduction(HEAD, at))]


def test_another_recorder_hears_of_the_tracks_that_go_on_and_up_to_where_they_were_handed_over() -> None:
    tracks = NodeTracks()
    told = Told(tracks)
    said, gone = begin(tracks, "one"), begin(tracks, "two")
    say(told, said, gone)
    told.sent(Entry(encode_packet(said.number, 6.5, b"\x80" * 20), 6.5, said.number, None))
    tracks.end("two")
    say(told, TrackEnd(gone.number, 7.0))
    heard = again(told)
    assert heard[0] == Open(HEAD, 10.0)
    (track,) = [one for one in heard if isinstance(one, Track)]
    assert (track.track, track.number, track.at, track.active_until) == ("one", said.number, 10.0, 6.5)
    assert Happened(stored.TrackEnded(at=7.0, track="two")) in heard


def test_what_it_was_not_told_yet_waits_in_the_outbox_and_is_not_said_twice() -> None:
    tracks = NodeTracks()
    begin(tracks, "one")
    assert [type(one) for one in again(Told(tracks))] == [Open, Resume]


def test_a_pause_a_stop_and_a_sender_report_hold_for_the_next_recorder_too() -> None:
    tracks = NodeTracks()
    told, said = Told(tracks), begin(tracks, "one")
    report, stop = Report(said.number, 3_900_000_000.0, 1234, 2.0), Stop("host", 9.0)
    say(told, said, Pause(3.0))
    known = tracks.get("one")
    assert known is not None
    known.report = report
    assert Pause(10.0) in again(told)
    say(told, Resume(4.0), stop)
    heard = again(told)
    assert Resume(10.0) in heard
    assert heard[-2:] == [report, stop]


def test_events_of_the_last_seconds_are_said_again_and_older_ones_are_not() -> None:
    told = Told(NodeTracks())
    say(told, Happened(HAND))
    assert Happened(HAND) in again(told, HAND.at + RECENT_SECONDS - 1)
    assert Happened(HAND) not in again(told, HAND.at + RECENT_SECONDS)


def test_a_number_is_that_of_a_track_only_while_it_goes_on() -> None:
    tracks = NodeTracks()
    told, said = Told(tracks), begin(tracks, "one")
    assert told.track(said.number) is None, "for the recorder doesn't know it yet"
    say(told, said)
    assert told.track(said.number) == "one"
    tracks.end("one")
    assert told.track(said.number) is None


def test_a_track_that_goes_on_with_another_codec_keeps_its_number_and_no_two_share_one() -> None:
    tracks = NodeTracks()
    first = begin(tracks, "one").number
    for turn in range(NUMBERS + 5):
        assert begin(tracks, "other").number != first
        tracks.end("other")
        if turn % 20_000 == 0:
            assert begin(tracks, "one").number == first
