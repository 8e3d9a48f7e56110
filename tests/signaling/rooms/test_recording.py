"""Recording as the room decides it: who may, who is told, what the timeline says, and what outlives the node."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from parley.sfu.tap import TapTrack
from parley.signaling.node_messages import (
    ActiveRecording,
    AnyFact,
    RecordingBegan,
    RecordingEnded,
    RecordingPaused,
    RoomFacts,
)
from parley.signaling.rooms.recorder import RecorderListener, RecorderUnavailableError
from parley.signaling.schema.common import RecordingTrouble
from parley.store.recording import AnyEvent, RecordingHead
from tests.signaling.house import House


@dataclass
class Tape:
    """A recorder that keeps what it is told."""

    head: RecordingHead
    listener: RecorderListener
    events: list[AnyEvent] = field(default_factory=list)
    tracks: list[tuple[str, str]] = field(default_factory=list)
    pauses: list[bool] = field(default_factory=list)
    closed: bool = False
    reason: str | None = None

    def track_started(self, track: TapTrack, participant: str) -> None:
        self.tracks.append((track.track_id, participant))

    def track_ended(self, track_id: str) -> None: ...

    def packet(self, track_id: str, now: float, packet: bytearray) -> None: ...

    def sender_report(self, track_id: str, now: float, ntp: float, timestamp: int) -> None: ...

    def event(self, event: AnyEvent) -> None:
        assert not self.closed
        self.events.append(event)

    def pause(self, paused: bool) -> None:
        self.pauses.append(paused)

    def close(self, reason: str | None) -> None:
        self.closed = True
        self.reason = reason

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


class Studio(House):
    """A meeting with a recorder at hand."""

    def __init__(self, facts: RoomFacts | None = None) -> None:
        self.tapes: list[Tape] = []
        super().__init__(facts, self._open)

    def _open(self, head: RecordingHead, listener: RecorderListener) -> Tape:
        self.tapes.append(Tape(head, listener))
        return self.tapes[-1]

    @property
    def tape(self) -> Tape:
        return self.tapes[-1]

    def facts(self, *kinds: type) -> list[AnyFact]:
        return [fact for fact in self.wire.facts if isinstance(fact, kinds)]


def test_everyone_inside_and_everyone_who_waits_is_told_at_once() -> None:
    house = Studio()
    host = house.host()
    guest = house.guest_inside(host)
    waiting = house.person("wanda")
    waiting.hello()
    assert host.ask("recording.start")["type"] == "ok"
    for person in (host, guest):
        told = person.events("meeting.updated")[-1]["meeting"]["recording"]
        assert (told["paused"], told["recap"], told["gestures"], told["trouble"]) == (False, True, False, None)
    assert waiting.events("knock.waiting")[-1]["recording"] is True


def test_who_comes_later_sees_it_with_the_state_of_the_room() -> None:
    house = Studio()
    host = house.host()
    host.ask("recording.start")
    guest = house.guest_inside(host)
    assert guest.events("joined")[-1]["meeting"]["recording"] is not None


@pytest.mark.parametrize("kind", ["guest", "member"])
@pytest.mark.parametrize("request_kind", ["recording.start", "recording.stop"])
def test_only_moderators_record(kind: str, request_kind: str) -> None:
    house = Studio()
    host = house.host()
    other = house.person("olga", kind)
    other.hello()
    if kind == "guest":
        host.ask("knock.admit", knock_ids=None)
    assert other.ask(request_kind)["code"] == "forbidden"
    assert not house.tapes


def test_the_timeline_tells_who_was_there_and_what_they_did() -> None:
    house = Studio()
    host = house.host()
    guest = house.guest_inside(host)
    guest.ask("hand.raise", raised=True)
    house.passes(2)
    host.ask("recording.start", gestures=True)
    house.passes(3)
    guest.ask("chat.send", text="Hello")
    guest.ask("reaction.send", reaction="clap")
    guest.ask("hand.raise", raised=False)
    guest.ask("leave")
    host.ask("recording.stop")
    tape = house.tape
    assert tape.kinds == ["Joined", "Joined", "Hand", "ChatMessage", "Reaction", "Hand", "Left"]
    assert [event.at for event in tape.events] == [0, 0, 0, 3, 3, 3, 3]
    assert (tape.head.title, tape.head.meeting, tape.head.gestures) == ("Weekly", "meeting", True)
    assert tape.reason == "host"


def test_people_are_named_by_who_they_are_and_accounts_are_told_from_guests() -> None:
    house = Studio()
    host = house.host()
    host.ask("recording.start")
    house.guest_inside(host)
    (first, second) = house.tape.events
    assert (first.participant, first.name, first.account) == ("hanna", "Hanna", "hanna")  # type: ignore[union-attr]
    assert (second.participant, second.name, second.account) == ("gus", "Gus", None)  # type: ignore[union-attr]


def test_a_recording_ends_when_the_last_one_leaves() -> None:
    house = Studio()
    host = house.host()
    host.ask("recording.start")
    host.ask("leave")
    assert house.tape.kinds[-1] == "Left"
    assert house.tape.reason == "ended"
    assert len(house.facts(RecordingEnded)) == 1


def test_a_recording_ends_with_the_meeting_and_members_learn_where_its_recap_is() -> None:
    house = Studio()
    host = house.host()
    guest = house.guest_inside(host)
    host.ask("recording.start")
    host.ask("meeting.end")
    (began,) = house.facts(RecordingBegan)
    assert isinstance(began, RecordingBegan)
    assert host.events("meeting.ended")[0]["recap"] == began.recording.recording_id
    assert guest.events("meeting.ended")[0]["recap"] is None
    assert house.tape.reason == "ended"


def test_a_pause_is_seen_and_noted_and_written_down_once() -> None:
    house = Studio()
    host = house.host()
    host.ask("recording.start")
    for paused in (True, True, False):
        assert host.ask("recording.pause", paused=paused)["type"] == "ok"
    assert house.tape.pauses == [True, False]
    assert [fact.paused for fact in house.facts(RecordingPaused) if isinstance(fact, RecordingPaused)] == [True, False]
    assert [event["meeting"]["recording"]["paused"] for event in host.events("meeting.updated")] == [False, True, False]


def test_what_is_not_recorded_can_neither_be_paused_nor_stopped_and_twice_is_once() -> None:
    house = Studio()
    host = house.host()
    assert host.ask("recording.stop")["code"] == "wrong_state"
    assert host.ask("recording.pause", paused=True)["code"] == "wrong_state"
    host.ask("recording.start")
    assert host.ask("recording.start")["code"] == "wrong_state"
    assert len(house.tapes) == 1


def test_without_a_recorder_the_host_is_told_in_words_and_nobody_believes_they_are_recorded() -> None:
    house = House()
    host = house.host()
    answer = host.ask("recording.start")
    assert (answer["code"], answer["message"]) == ("unavailable", "Nothing can be recorded on this server.")
    assert not host.events("meeting.updated")


def test_a_recorder_that_refuses_is_told_too() -> None:
    def refuse(head: RecordingHead, listener: RecorderListener) -> Tape:
        raise RecorderUnavailableError("The recorder is away.")

    house = House(None, refuse)
    assert house.host().ask("recording.start")["message"] == "The recorder is away."


def test_trouble_is_seen_while_it_lasts() -> None:
    house = Studio()
    host = house.host()
    host.ask("recording.start")
    house.tape.listener.trouble(RecordingTrouble.DISK_FULL)
    house.tape.listener.trouble(RecordingTrouble.DISK_FULL)
    house.tape.listener.trouble(None)
    troubles = [event["meeting"]["recording"]["trouble"] for event in host.events("meeting.updated")]
    assert troubles == [None, "disk_full", None]


def test_the_room_that_is_opened_anew_goes_on_with_the_recording() -> None:
    house = Studio(RoomFacts(recording=ActiveRecording("r1", 1.7e9 + 900, recap=True, gestures=False)))
    host = house.host()
    house.passes(1)
    assert host.events("joined")[-1]["meeting"]["recording"]["recording_id"] == "r1"
    assert house.tape.head.recording == "r1"
    assert house.tape.events[0].at == 100
    assert not house.facts(RecordingBegan)


def test_a_node_that_drains_leaves_the_recording_open_for_the_next() -> None:
    house = Studio()
    house.host().ask("recording.start")
    house.room.drain(house.now)
    assert house.tape.kinds == ["Joined"]
    assert (house.tape.closed, house.tape.reason) == (True, None)
    assert not house.facts(RecordingEnded)
