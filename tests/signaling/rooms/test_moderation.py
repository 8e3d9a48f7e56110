"""What host and co-hosts do to others: mute, put out, share the role, end; and who reads the chat."""

from __future__ import annotations

import pytest

from parley.signaling.node_messages import (
    AgendaSet,
    ChatSaid,
    CohostSet,
    GuestAdmitted,
    LockSet,
    MeetingEnded,
    RoomFacts,
)
from parley.signaling.schema.common import ChatFile, ChatMessage, ErrorCode
from tests.sfu.participant import publish_offer
from tests.signaling.house import House, Person

OFFER = publish_offer([("audio", "0"), ("video", "1")])
TRACKS = [{"mid": "0", "source": "microphone"}, {"mid": "1", "source": "camera"}]


def publishes(person: Person) -> dict[str, str]:
    """Producer ids by mid."""
    answer = person.ask("publish.offer", sdp=OFFER, tracks=TRACKS)
    return {item["mid"]: item["producer_id"] for item in answer["producers"]}


def is_muted(house: House, owner: Person, producer_id: str) -> bool:
    """Whether the SFU forwards nothing of it, and everyone who comes now is told so."""
    visitor = house.room.roster.find(owner.id)
    assert visitor is not None
    assert visitor.peer is not None
    at_work = visitor.peer.publisher.producers[producer_id].muted
    assert visitor.producers[producer_id].muted is at_work
    return at_work


# --- muting ----------------------------------------------------------------------------------------------------------


async def test_muted_by_the_host_one_stays_muted_until_one_unmutes_oneself() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    producers = publishes(guest)
    assert host.ask("participant.mute", participant_id=guest.id, source="microphone")["type"] == "ok"
    for person in (host, guest):
        updated = person.events("producer.updated")[-1]
        assert (updated["producer"]["producer_id"], updated["producer"]["muted"]) == (producers["0"], True)
        assert updated["by"] == "Hanna"
    assert is_muted(house, guest, producers["0"])
    assert not is_muted(house, guest, producers["1"])

    assert publishes(guest) == producers, "negotiating again is no way around it"
    assert is_muted(house, guest, producers["0"])

    assert host.ask("producer.mute", producer_id=producers["0"], muted=False)["code"] == ErrorCode.NOT_FOUND
    assert is_muted(house, guest, producers["0"]), "nobody else can turn a microphone on"

    assert guest.ask("producer.mute", producer_id=producers["0"], muted=False)["type"] == "ok"
    assert not is_muted(house, guest, producers["0"])
    assert host.events("producer.updated")[-1]["by"] is None


async def test_muting_what_is_muted_tells_nobody() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    publishes(guest)
    for _ in range(3):
        assert host.ask("participant.mute", participant_id=guest.id, source="microphone")["type"] == "ok"
    assert len(guest.events("producer.updated")) == 1


async def test_who_comes_later_sees_who_is_muted() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    producers = publishes(guest)
    host.ask("participant.mute", participant_id=guest.id, source="camera")
    member = house.person("mia", "member")
    member.hello()
    (view,) = [one for one in member.events("joined")[-1]["participants"] if one["participant_id"] == guest.id]
    assert {one["producer_id"]: one["muted"] for one in view["producers"]} == {
        producers["0"]: False,
        producers["1"]: True,
    }


# --- putting out -----------------------------------------------------------------------------------------------------


async def test_who_is_put_out_takes_their_tracks_along() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    member = house.person("mia", "member")
    member.hello()
    publishes(guest)
    assert {one["participant_id"] for one in member.events("subscribe.offer")[-1]["consumers"]} == {guest.id}
    host.ask("participant.remove", participant_id=guest.id)
    assert member.events("participant.left")[-1]["reason"] == "removed"
    assert guest.id not in house.room.router.peers


async def test_one_does_not_remove_oneself() -> None:
    house = House()
    host = house.host()
    cohost = house.person("carl", "member")
    cohost.hello()
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    for person in (host, cohost):
        assert person.ask("participant.remove", participant_id=person.id)["type"] == "error"
        assert not person.hung_up


async def test_a_removed_cohost_is_no_cohost_any_more() -> None:
    house = House()
    host = house.host()
    cohost = house.guest_inside(host, "carl")
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    host.ask("participant.remove", participant_id=cohost.id)
    assert cohost.hello()["code"] == ErrorCode.REMOVED


async def test_an_account_whose_membership_is_taken_back_is_out_at_once_and_has_to_knock() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    house.room.revoke_member("mia", house.now)
    assert member.events("removed")[-1]["message"] == "You are no longer a member of this conversation."
    assert member.hung_up
    assert host.events("participant.left")[-1]["reason"] == "removed"
    assert house.person("mia").hello()["waiting"] is True


# --- co-hosts --------------------------------------------------------------------------------------------------------


async def test_a_new_cohost_learns_who_waits_and_may_decide() -> None:
    house = House()
    host = house.host()
    member = house.person("carl", "member")
    member.hello()
    guest = house.person("gus")
    guest.hello()
    assert host.ask("participant.set_role", participant_id=member.id, cohost=True)["type"] == "ok"
    assert CohostSet("carl", True) in house.wire.facts
    assert host.events("participant.updated")[-1]["participant"]["role"] == "cohost"
    assert [event["knock"]["name"] for event in member.events("knock.added")] == ["Gus"]
    assert member.ask("knock.admit", knock_ids=None)["type"] == "ok"
    assert guest.events("joined")


async def test_a_guest_can_be_cohost_and_host_is_present_for_those_who_wait_while_only_a_cohost_is() -> None:
    house = House()
    host = house.host()
    cohost = house.guest_inside(host, "carl")
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    host.ask("leave")
    guest = house.person("gus")
    guest.hello()
    assert guest.events("knock.waiting")[-1]["host_present"] is True
    cohost.ask("leave")
    assert guest.events("knock.waiting")[-1]["host_present"] is False


async def test_the_role_taken_back_is_gone_at_once() -> None:
    house = House()
    host = house.host()
    cohost = house.person("carl", "member")
    cohost.hello()
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    host.ask("participant.set_role", participant_id=cohost.id, cohost=False)
    assert CohostSet("carl", False) in house.wire.facts
    assert cohost.events("participant.updated")[-1]["participant"]["role"] == "member"
    assert cohost.ask("meeting.lock", locked=True)["code"] == ErrorCode.FORBIDDEN
    house.person("gus").hello()
    assert cohost.events("knock.added") == []


async def test_a_cohost_stays_one_through_a_reload_and_a_reopened_room() -> None:
    house = House()
    host = house.host()
    cohost = house.person("carl", "member")
    cohost.hello()
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    cohost.hello()
    assert cohost.events("joined")[-1]["role"] == "cohost"
    reopened = House(RoomFacts(cohosts=["carl"])).person("carl", "member")
    reopened.hello()
    assert reopened.events("joined")[-1]["role"] == "cohost"


# --- lock and end ----------------------------------------------------------------------------------------------------


async def test_locking_is_told_once_and_written_down() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    for locked in (True, True, False):
        host.ask("meeting.lock", locked=locked)
    assert [event["meeting"]["locked"] for event in guest.events("meeting.updated")] == [True, False]
    assert [fact for fact in house.wire.facts if isinstance(fact, LockSet)] == [LockSet(True), LockSet(False)]
    assert House(RoomFacts(locked=True)).person("gil").hello()["code"] == ErrorCode.MEETING_LOCKED


async def test_ending_for_all_tells_everyone_inside_and_waiting_and_closes_the_room() -> None:
    house = House()
    host = house.host()
    guest, waiting = house.guest_inside(host), house.person("will")
    waiting.hello()
    assert host.ask("meeting.end")["type"] == "ok"
    for person in (host, guest, waiting):
        assert person.events("meeting.ended")[-1]["message"] == "Hanna ended the meeting for everyone."
        assert person.hung_up
    assert MeetingEnded(house.room.wall()) in house.wire.facts
    assert house.wire.rooms_closed == ["meeting"]
    assert house.room.closed
    assert house.media.load().routers == 0
    house.passes(60)
    assert house.wire.rooms_closed == ["meeting"]


async def test_a_room_that_stays_empty_closes_and_one_that_is_only_left_for_a_moment_does_not() -> None:
    house = House(empty_room_lifetime=60.0)
    host = house.host()
    host.ask("leave")
    house.passes(59)
    host.hello()
    house.passes(300)
    assert not house.room.closed
    host.ask("leave")
    house.passes(60)
    assert house.wire.rooms_closed == ["meeting"]
    assert not any(isinstance(fact, MeetingEnded) for fact in house.wire.facts), "the link stays good"


async def test_a_room_in_which_somebody_waits_is_not_empty() -> None:
    house = House(empty_room_lifetime=60.0, knock_lifetime=600.0)
    house.person("gus").hello()
    house.passes(300)
    assert not house.room.closed


# --- chat ------------------------------------------------------------------------------------------------------------


async def test_chat_reaches_everyone_inside_also_its_sender_and_is_written_down() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    waiting = house.person("will")
    waiting.hello()
    assert guest.ask("chat.send", text="hello")["type"] == "ok"
    (said,) = guest.events("chat.message")
    assert host.events("chat.message")[-1]["message"] == said["message"]
    message = said["message"]
    assert (message["participant_id"], message["name"], message["text"]) == (guest.id, "Gus", "hello")
    assert waiting.events("chat.message") == []
    (fact,) = [fact for fact in house.wire.facts if isinstance(fact, ChatSaid)]
    assert (fact.message.message_id, fact.account_id) == (message["message_id"], None)


async def test_a_members_chat_is_written_down_under_their_account() -> None:
    house = House()
    house.host("hanna").ask("chat.send", text="hello")
    (fact,) = [fact for fact in house.wire.facts if isinstance(fact, ChatSaid)]
    assert fact.account_id == "hanna"


async def test_a_file_is_said_by_who_is_inside_reaches_everyone_and_is_written_down() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    file = ChatFile("f1", "plan.pdf", 1234, "application/pdf")
    assert house.room.post_file("gus", None, house.now)
    assert house.room.chat.lines == [], "which was only asked"
    assert house.room.post_file("gus", file, house.now)
    (said,) = house.room.chat.lines
    assert (said.participant_id, said.name, said.text, said.file) == (guest.id, "Gus", "", file)
    for person in (host, guest):
        assert person.events("chat.message")[-1]["message"]["file"]["name"] == "plan.pdf"
    assert ChatSaid(said, None) in house.wire.facts


async def test_nobody_who_is_not_inside_says_a_file() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    house.person("will").hello()
    host.ask("participant.remove", participant_id=guest.id)
    gone = house.person("mia", "member")
    gone.hello()
    gone.ask("leave")
    for key in ("will", "gus", "mia", "nobody"):
        for file in (None, ChatFile("f1", "plan.pdf", 1234, "application/pdf")):
            assert not house.room.post_file(key, file, house.now)
    assert house.room.chat.lines == []
    assert host.events("chat.message") == []


@pytest.mark.parametrize("text", [" ", "\n\t ", "\u2003"])
async def test_an_empty_line_is_no_chat(text: str) -> None:
    house = House()
    host = house.host()
    assert host.ask("chat.send", text=text)["code"] == ErrorCode.BAD_MESSAGE
    assert host.events("chat.message") == []


async def test_a_member_who_comes_late_reads_what_was_said_and_a_guest_only_what_came_after() -> None:
    house = House()
    host = house.host()
    host.ask("chat.send", text="before")
    house.passes(1)
    guest, member = house.guest_inside(host), house.person("mia", "member")
    member.hello()
    assert [line["text"] for line in member.events("joined")[-1]["chat"]] == ["before"]
    assert guest.events("joined")[-1]["chat"] == []
    house.passes(1)
    host.ask("chat.send", text="after")
    guest.hello()
    assert [line["text"] for line in guest.events("joined")[-1]["chat"]] == ["after"]


async def test_a_guest_who_left_and_came_back_reads_what_was_said_in_between() -> None:
    house = House()
    host = house.host()
    host.ask("chat.send", text="before")
    house.passes(1)
    guest = house.guest_inside(host)
    guest.ask("leave")
    house.passes(1)
    host.ask("chat.send", text="between")
    house.passes(1)
    guest.hello()
    assert [line["text"] for line in guest.events("joined")[-1]["chat"]] == ["between"]


async def test_a_reopened_room_knows_the_chat_of_before_for_its_members() -> None:
    line = ChatMessage("m1", "p1", "Hanna", "from the life before", 1.0)
    house = House(RoomFacts(chat=[line], admitted={"gus": None}))
    member, guest = house.person("mia", "member"), house.person("gus")
    member.hello()
    guest.hello()
    assert [one["text"] for one in member.events("joined")[-1]["chat"]] == ["from the life before"]
    assert guest.events("joined")[-1]["chat"] == []


async def test_in_a_reopened_room_a_guest_has_the_chat_since_they_first_came_in() -> None:
    chat = [ChatMessage(f"m{at}", "p1", "Hanna", f"at {at}", float(at)) for at in (10, 20, 30)]
    house = House(RoomFacts(chat=chat, admitted={"gus": 20.0}))
    guest = house.person("gus")
    guest.hello()
    assert [one["text"] for one in guest.events("joined")[-1]["chat"]] == ["at 20", "at 30"]
    assert GuestAdmitted("gus", 20.0) in house.wire.facts, "which stays the time that is written down"


async def test_the_agenda_is_told_once_written_down_and_known_again() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    for text in ("1. Hello", "1. Hello", ""):
        assert host.ask("meeting.agenda", text=text)["type"] == "ok"
    assert [event["meeting"]["agenda"] for event in guest.events("meeting.updated")] == ["1. Hello", ""]
    assert [fact for fact in house.wire.facts if isinstance(fact, AgendaSet)] == [AgendaSet("1. Hello"), AgendaSet("")]
    assert House(RoomFacts(agenda="1. Hello")).host().events("joined")[-1]["meeting"]["agenda"] == "1. Hello"


async def test_no_more_than_a_thousand_lines_of_chat_are_kept() -> None:
    house = House()
    host = house.host()
    for number in range(1005):
        host.ask("chat.send", text=str(number))
    host.hello()
    chat = host.events("joined")[-1]["chat"]
    assert (len(chat), chat[0]["text"], chat[-1]["text"]) == (1000, "5", "1004")
