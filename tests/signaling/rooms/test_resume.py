"""Losing the socket and coming back: nothing lost, nothing twice, nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.node_messages import Attach, ChatSaid
from parley.signaling.rooms.session import MAX_KEPT_EVENTS
from parley.signaling.schema.client import Resume
from parley.signaling.schema.common import ErrorCode
from tests.sfu.participant import publish_offer
from tests.signaling.house import House, Person

MICROPHONE = {"sdp": publish_offer([("audio", "0")]), "tracks": [{"mid": "0", "source": "microphone"}]}


def numbered(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events among them."""
    return [message for message in messages if "seq" in message and message["type"] != "heartbeat"]


def texts(person: Person) -> list[str]:
    return [event["message"]["text"] for event in person.events("chat.message")]


def kept(house: House, person: Person) -> int:
    """Events that the room keeps for the person's resume."""
    visitor = house.room.roster.find(person.id)
    assert visitor is not None
    missed = 0
    while visitor.session.missed(missed) is None:
        missed += 1
    return visitor.session.seq - missed


async def test_a_resume_brings_what_was_missed_and_nothing_else() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    member_id, seen = member.id, member.last_seq
    member.lost()
    host.ask("chat.send", text="one")
    host.ask("chat.send", text="two")
    house.passes(29)
    again = member.again(welcome, seen)
    assert again["resumed"] is True
    assert (again["session_id"], again["resume_token"]) == (welcome["session_id"], welcome["resume_token"])
    assert member.heard[0]["type"] == "welcome"
    assert texts(member) == ["one", "two"]
    assert member.events("joined") == []
    assert [event["seq"] for event in numbered(member.heard)][:2] == [seen + 1, seen + 2]
    assert house.room.roster.find(member_id) is not None
    host.ask("chat.send", text="three")
    assert texts(member)[-1] == "three"


@given(
    talk=st.lists(
        st.tuples(
            st.sampled_from(["chat", "chat", "lock", "comes and goes", "publishes", "time", "mutes"]),
            st.sampled_from(["stays", "stays", "drops", "drops and lost the last ones", "resumes", "acknowledges"]),
            st.integers(0, 5),
        ),
        max_size=40,
    )
)
async def test_whenever_the_socket_drops_every_event_arrives_once_and_in_order(
    talk: list[tuple[str, str, int]],
) -> None:
    """Against a witness: a session that never dropped has got the same events."""
    house = House(heartbeat_interval=1.0)
    host = house.host()
    member, witness = house.person("mia", "member"), house.person("walt", "member")
    welcome = member.hello()
    member_id = member.id
    witness.hello()
    guest = house.person("gus", "member")
    got = numbered(member.heard)
    read, away = len(member.heard), False

    def read_on(but: int = 0) -> None:
        """Take what came by the socket, as a client does; the last few (`but`) were on the wire when it broke."""
        nonlocal read
        new = member.heard[read : len(member.heard) - but]
        read += len(new)
        got.extend(numbered(new))

    def resume() -> None:
        nonlocal read, away
        answer = member.again(welcome, got[-1]["seq"])
        assert answer["resumed"] is True
        read, away = 0, False
        read_on()

    for number, (happening, connection, few) in enumerate(talk):
        match happening:
            case "chat":
                host.ask("chat.send", text=f"line {number}")
            case "lock":
                host.ask("meeting.lock", locked=number % 2 == 0)
            case "comes and goes" if guest.connection and house.room.participants == 4:
                guest.ask("leave")
            case "comes and goes":
                guest.hello()
            case "publishes":
                host.ask("publish.offer", **MICROPHONE)
            case "mutes":
                host.ask("participant.mute", participant_id=host.id, source="microphone")
            case "time":
                house.passes(1)
        match connection:
            case "drops" if not away:
                read_on()
                member.lost()
                away = True
            case "drops and lost the last ones" if not away:
                read_on(but=min(few, len(member.heard) - read))
                member.lost()
                away = True
            case "resumes" if away:
                resume()
            case "acknowledges" if not away:
                read_on()
                member.say("ack", seq=got[-1]["seq"])
    if away:
        resume()
    read_on()
    assert [event["seq"] for event in got] == list(range(1, len(got) + 1))
    assert house.room.roster.find(member_id) is not None
    common = ("chat.message", "meeting.updated", "producer.added", "producer.updated")
    assert _told(got, common) == _told(witness.heard, common)


def _told(messages: list[dict[str, Any]], kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{**message, "seq": 0} for message in messages if message["type"] in kinds]


async def test_a_request_that_is_sent_again_is_answered_again_and_carried_out_once() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    first = member.repeat(77, "chat.send", text="once")
    member.lost()
    member.again(welcome)
    second = member.repeat(77, "chat.send", text="once")
    assert first == second == {"type": "ok", "re": 77}
    assert texts(host) == ["once"]
    assert len([fact for fact in house.wire.facts if isinstance(fact, ChatSaid)]) == 1


async def test_a_refused_request_stays_refused_when_it_is_sent_again() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    assert member.repeat(77, "meeting.lock", locked=True)["code"] == ErrorCode.FORBIDDEN
    member.lost()
    host.ask("participant.set_role", participant_id=member_id(house, "Mia"), cohost=True)
    member.again(welcome)
    assert member.repeat(77, "meeting.lock", locked=True)["code"] == ErrorCode.FORBIDDEN
    assert member.repeat(78, "meeting.lock", locked=True)["type"] == "ok"


def member_id(house: House, name: str) -> str:
    return next(one.participant_id for one in house.room.roster.inside() if one.person.name == name)


async def test_a_publish_offer_sent_again_gets_the_same_answer_and_no_second_track() -> None:
    house = House()
    house.host()
    member = house.person("mia", "member")
    welcome = member.hello()
    first = member.repeat(5, "publish.offer", **MICROPHONE)
    member.lost()
    member.again(welcome)
    assert member.repeat(5, "publish.offer", **MICROPHONE) == first


async def test_a_resume_touches_no_transport() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    member.ask("publish.offer", **MICROPHONE)
    visitor = house.room.roster.find(member.id)
    assert visitor is not None
    peer = visitor.peer
    member.lost()
    house.passes(20)
    member.again(welcome)
    assert visitor.peer is peer
    assert host.events("producer.removed") == []


async def test_after_the_resume_window_the_person_is_gone_and_comes_back_as_new() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    first, seen = member.id, member.last_seq
    member.lost()
    house.passes(30)
    assert host.events("participant.left")[-1] | {"seq": 0} == {
        "type": "participant.left", "seq": 0, "participant_id": first, "reason": "lost",
    }  # fmt: skip
    assert house.room.participants == 1
    again = member.again(welcome, seen)
    assert (again["resumed"], again["waiting"]) == (False, False)
    assert again["session_id"] != welcome["session_id"]
    assert member.id != first


async def test_a_guest_who_comes_back_too_late_to_resume_does_not_knock_again() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    welcome = guest.hello()
    host.ask("knock.admit", knock_ids=None)
    seen = guest.last_seq
    guest.lost()
    house.passes(3600)
    again = guest.again(welcome, seen)
    assert (again["resumed"], again["waiting"]) == (False, False)
    assert guest.events("joined")


@pytest.mark.parametrize("wrong", ["token", "session", "future"])
async def test_a_resume_that_is_not_right_begins_a_new_session_of_the_same_participant(wrong: str) -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    before, seen = member.id, member.last_seq
    member.lost()
    host.ask("chat.send", text="missed")
    answer = member.hello(
        Resume(
            session_id="another" if wrong == "session" else welcome["session_id"],
            resume_token="wrong" if wrong == "token" else welcome["resume_token"],
            last_seq=seen + 1000 if wrong == "future" else seen,
        )
    )
    assert answer["resumed"] is False
    assert answer["session_id"] != welcome["session_id"]
    assert member.id == before
    assert numbered(member.heard)[0]["seq"] == 1
    assert [line["text"] for line in member.events("joined")[-1]["chat"]] == ["missed"]
    assert host.events("participant.left") == []


async def test_a_stale_session_cannot_be_resumed_once_a_new_one_began() -> None:
    house = House()
    house.host()
    member = house.person("mia", "member")
    old = member.hello()
    member.hello()
    assert member.again(old, 1)["resumed"] is False


async def test_a_second_tab_takes_over_and_the_first_is_told_not_to_come_back() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    member.hello()
    first_tab, participant = member.connection, member.id
    member.hello()
    *_, closing = house.wire.sent[first_tab]
    assert (closing["type"], closing["code"], closing["reconnect"]) == ("closing", ErrorCode.SUPERSEDED, False)
    assert first_tab in house.wire.closed
    assert member.id == participant
    assert host.events("participant.left") == []
    house.room.detach(first_tab, house.now)  # the old socket's end is noticed after the new one's hello
    house.passes(60)
    assert house.room.roster.find(participant) is not None
    assert member.ask("chat.send", text="from the second tab")["type"] == "ok"


async def test_the_first_tab_can_do_nothing_more() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    member.hello()
    first_tab = member.connection
    member.hello()
    second_tab, member.connection = member.connection, first_tab
    assert member.ask("chat.send", text="from the first tab") == {}
    member.connection = second_tab
    assert texts(host) == []


async def test_a_resume_while_the_old_socket_still_looks_alive_closes_the_old_one() -> None:
    house = House()
    house.host()
    member = house.person("mia", "member")
    welcome = member.hello()
    old, seen = member.connection, member.last_seq
    assert member.again(welcome, seen)["resumed"] is True
    assert old in house.wire.closed
    house.room.detach(old, house.now)
    house.passes(60)
    assert not member.hung_up


async def test_the_others_see_that_somebody_is_reconnecting_but_not_for_a_blink() -> None:
    house = House()
    host, member = house.host(), house.person("mia", "member")
    welcome = member.hello()
    member.lost()
    house.passes(1)
    welcome = member.again(welcome)
    assert host.events("participant.updated") == []
    member.lost()
    house.passes(2)
    assert host.events("participant.updated")[-1]["participant"]["state"] == "reconnecting"
    member.again(welcome)
    assert host.events("participant.updated")[-1]["participant"]["state"] == "connected"


# --- bounds ----------------------------------------------------------------------------------------------------------


async def test_heartbeats_come_to_everyone_also_to_those_who_wait_and_name_the_newest_event() -> None:
    house = House(heartbeat_interval=5.0)
    host = house.host()
    waiting = house.person("will")
    waiting.hello()
    house.passes(16)
    for person in (host, waiting):
        assert [beat["seq"] for beat in person.events("heartbeat")] == [person.events("heartbeat")[-1]["seq"]] * 3
        newest = max(event["seq"] for event in numbered(person.heard))
        assert person.events("heartbeat")[-1]["seq"] == newest


async def test_what_was_acknowledged_is_forgotten() -> None:
    house = House()
    host = house.host()
    for number in range(100):
        host.ask("chat.send", text=str(number))
    assert kept(house, host) == host.last_seq
    host.say("ack", seq=host.last_seq)
    assert kept(house, host) == 0


async def test_what_a_resume_says_has_arrived_is_forgotten_too() -> None:
    house = House()
    host = house.host()
    for number in range(100):
        host.ask("chat.send", text=str(number))
    welcome = host.heard[0]
    host.lost()
    host.again(welcome, 90)
    visitor = house.room.roster.find(house.room.roster.inside()[0].participant_id)
    assert visitor is not None
    assert visitor.session.missed(89) is None
    assert len(visitor.session.missed(90) or []) == 11


async def test_a_client_that_never_acknowledges_costs_only_so_much_and_can_resume_from_what_is_left() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    welcome = member.hello()
    seen = member.last_seq
    member.lost()
    for number in range(MAX_KEPT_EVENTS + 1):
        host.ask("chat.send", text=str(number))
    assert kept(house, host) <= MAX_KEPT_EVENTS
    assert member.again(welcome, seen)["resumed"] is False
    assert member.events("joined")


async def test_an_acknowledgement_of_what_was_never_sent_does_no_harm() -> None:
    house = House()
    host = house.host()
    welcome = host.heard[0]
    host.say("ack", seq=2**50)
    host.ask("chat.send", text="after")
    seen = host.last_seq - 1
    host.lost()
    assert host.again(welcome, seen)["resumed"] is True
    assert texts(host) == ["after"]


# --- the node stops, or another takes over ---------------------------------------------------------------------------


async def test_a_draining_node_tells_everyone_to_come_back_and_they_do_in_another_room() -> None:
    house = House()
    host = house.host()
    guest, waiting = house.guest_inside(host), house.person("will")
    waiting.hello()
    house.room.drain(house.now)
    for person in (host, guest, waiting):
        closing = person.heard[-1]
        assert (closing["type"], closing["code"], closing["reconnect"]) == ("closing", "unavailable", True)
        assert person.hung_up
    assert house.wire.rooms_closed == ["meeting"]
    assert [fact for fact in house.wire.facts if type(fact).__name__ == "MeetingEnded"] == []


async def test_a_session_of_another_rooms_life_is_answered_with_a_new_one() -> None:
    house = House()
    host = house.host()
    old = Resume("gone-with-its-node", "token", 12)
    assert host.hello(old)["resumed"] is False
    assert numbered(host.heard)[0]["type"] == "joined"


async def test_a_message_of_a_socket_the_room_does_not_know_is_ignored() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.connection = "unknown"
    member.say("chat.send", id=1, text="hello")
    house.room.detach("unknown", house.now)
    assert texts(host) == []


async def test_attaching_the_same_socket_again_is_a_new_session_and_does_not_close_it() -> None:
    """A gateway asks again when it can't know whether the first time went through."""
    house = House()
    host = house.host()
    message = Attach("meeting", host.connection, 9, host.identity, None, None, [])
    house.room.attach(message, house.now)
    assert not host.hung_up
    assert len(host.events("joined")) == 2
    assert host.ask("chat.send", text="still here")["type"] == "ok"
