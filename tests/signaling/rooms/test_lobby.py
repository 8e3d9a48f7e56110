"""Knocking, being let in or not, how many fit, and that who waits gets nothing of the room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.node_messages import GuestAdmitted, Identity, PersonRemoved, RoomFacts
from parley.signaling.schema.common import ErrorCode
from tests.sfu.participant import publish_offer
from tests.signaling.house import House, Person

MICROPHONE = {"sdp": publish_offer([("audio", "0")]), "tracks": [{"mid": "0", "source": "microphone"}]}


def outcome(guest: Person) -> str:
    """How the guest's knock ended."""
    return str(guest.events("knock.ended")[-1]["outcome"])


def knock_of(guest: Person) -> str:
    return str(guest.events("knock.waiting")[-1]["knock_id"])


def names(knocks: list[dict[str, Any]]) -> list[str]:
    return [knock["name"] for knock in knocks]


# --- knocking --------------------------------------------------------------------------------------------------------


async def test_a_guest_knocks_is_let_in_and_everyone_learns_of_it() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    welcome = guest.hello()
    assert (welcome["waiting"], welcome["guest_token"]) == (True, "token")
    assert guest.events("knock.waiting")[-1]["host_present"] is True
    (added,) = host.events("knock.added")
    assert added["knock"] == {"knock_id": knock_of(guest), "name": "Gus", "at": house.room.wall()}

    assert host.ask("knock.admit", knock_ids=[knock_of(guest)])["type"] == "ok"

    (joined,) = guest.events("joined")
    assert names(joined["participants"]) == ["Hanna", "Gus"]
    assert joined["role"] == "guest"
    assert joined["knocks"] == []
    assert host.events("knock.removed")[-1]["outcome"] == "admitted"
    assert host.events("participant.joined")[-1]["participant"]["participant_id"] == guest.id
    assert GuestAdmitted("gus", house.room.wall()) in house.wire.facts


async def test_a_guest_who_knocks_before_the_host_is_there_is_told_so_and_when_the_host_comes() -> None:
    house = House()
    guest = house.person("gus")
    guest.hello()
    assert guest.events("knock.waiting")[-1]["host_present"] is False
    host = house.host()
    assert guest.events("knock.waiting")[-1]["host_present"] is True
    host.ask("leave")
    assert guest.events("knock.waiting")[-1]["host_present"] is False


async def test_a_host_who_comes_late_sees_everyone_who_knocked_before_in_the_order_they_came() -> None:
    house = House()
    for key in ("gus", "gil", "gabi"):
        house.person(key).hello()
        house.passes(1)
    host = house.host()
    assert names(host.events("joined")[-1]["knocks"]) == ["Gus", "Gil", "Gabi"]


async def test_a_host_who_reloads_sees_the_knocks_again() -> None:
    house = House()
    host = house.host()
    house.person("gus").hello()
    host.hello()
    assert names(host.events("joined")[-1]["knocks"]) == ["Gus"]


async def test_members_and_guests_inside_hear_nothing_of_knocks() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host, "gil")
    house.person("gus").hello()
    member = house.person("mia", "member")
    member.hello()
    guest.hello()
    house.person("gabi").hello()
    for person in (member, guest):
        assert person.events("joined")[-1]["knocks"] == []
        assert person.events("knock.added", "knock.removed") == []


async def test_the_time_at_which_a_knock_expires_stays_the_same_when_the_host_comes() -> None:
    house = House(knock_lifetime=60.0)
    guest = house.person("gus")
    guest.hello()
    at_first = guest.events("knock.waiting")[-1]["expires_at"]
    assert at_first == house.room.wall() + 60
    house.passes(20)
    house.host()
    assert guest.events("knock.waiting")[-1]["expires_at"] == at_first


async def test_a_waiting_guest_who_reloads_keeps_their_knock_and_their_place() -> None:
    house = House()
    host = house.host()
    guest, other = house.person("gus"), house.person("gil")
    guest.hello()
    other.hello()
    knock = knock_of(guest)
    guest.hello()
    assert knock_of(guest) == knock
    assert len(host.events("knock.added")) == 2
    host.hello()
    assert names(host.events("joined")[-1]["knocks"]) == ["Gus", "Gil"]


# --- how a knock ends without the guest inside -----------------------------------------------------------------------


async def test_a_denied_guest_is_told_and_hung_up_on() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    assert host.ask("knock.deny", knock_ids=[knock_of(guest)])["type"] == "ok"
    assert outcome(guest) == "denied"
    assert guest.events("knock.ended")[-1]["message"] == "The host has turned down your request to join."
    assert guest.hung_up
    assert host.events("knock.removed")[-1]["outcome"] == "denied"


async def test_a_guest_who_was_denied_twice_cannot_ask_a_third_time() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    for _ in range(2):
        assert guest.hello()["waiting"] is True
        host.ask("knock.deny", knock_ids=None)
    assert guest.hello()["code"] == ErrorCode.DENIED
    assert guest.hung_up
    assert len(host.events("knock.added")) == 2


async def test_a_guest_who_withdraws_is_gone_for_the_host() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    assert guest.ask("knock.withdraw")["type"] == "ok"
    assert outcome(guest) == "withdrawn"
    assert guest.events("knock.ended")[-1]["message"] == "You no longer wait to join."
    assert guest.hung_up
    assert host.events("knock.removed")[-1]["outcome"] == "withdrawn"


async def test_a_knock_that_nobody_answers_expires_and_may_be_repeated() -> None:
    house = House(knock_lifetime=60.0)
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    house.passes(59.5)
    assert guest.events("knock.ended") == []
    house.passes(0.5)
    assert outcome(guest) == "expired"
    assert "ask again" in guest.events("knock.ended")[-1]["message"]
    assert host.events("knock.removed")[-1]["outcome"] == "expired"
    assert guest.hello()["waiting"] is True


async def test_a_waiting_guest_who_does_not_come_back_is_taken_for_gone() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    guest.lost()
    house.passes(29.5)
    assert host.events("knock.removed") == []
    house.passes(0.5)
    assert host.events("knock.removed")[-1]["outcome"] == "withdrawn"
    assert host.ask("knock.admit", knock_ids=None)["type"] == "ok"
    assert house.room.participants == 1


async def test_the_host_is_told_when_the_guest_gave_up_just_before_being_let_in() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    knock = knock_of(guest)
    guest.ask("knock.withdraw")
    for decision in ("knock.admit", "knock.deny"):
        answer = host.ask(decision, knock_ids=[knock])
        assert answer["code"] == ErrorCode.NOT_FOUND
        assert answer["message"] == "This guest no longer waits."


async def test_who_waited_and_then_walks_in_as_member_is_waited_for_no_longer() -> None:
    house = House(knock_lifetime=60.0)
    host = house.host()
    stranger = house.person("stan")
    stranger.hello()
    knock = knock_of(stranger)
    stranger.identity = Identity(key="stan", name="Stan", is_guest=False, is_member=True, is_host=False)
    assert stranger.hello()["waiting"] is False
    assert host.events("knock.removed")[-1] | {"seq": 0} == {
        "type": "knock.removed", "seq": 0, "knock_id": knock, "outcome": "admitted",
    }  # fmt: skip
    house.passes(120)
    assert stranger.events("knock.ended") == []
    assert not stranger.hung_up


# --- deciding --------------------------------------------------------------------------------------------------------


async def test_admit_all_lets_everyone_in_who_waits() -> None:
    house = House()
    host = house.host()
    guests = [house.person(key) for key in ("gus", "gil", "gabi")]
    for guest in guests:
        guest.hello()
    host.ask("knock.admit", knock_ids=None)
    assert all(guest.events("joined") for guest in guests)
    assert house.room.participants == 4
    assert host.ask("knock.admit", knock_ids=None)["type"] == "ok"


async def test_deny_all_turns_everyone_away_who_waits() -> None:
    house = House()
    host = house.host()
    guests = [house.person(key) for key in ("gus", "gil")]
    for guest in guests:
        guest.hello()
    host.ask("knock.deny", knock_ids=None)
    assert [outcome(guest) for guest in guests] == ["denied", "denied"]


async def test_two_hosts_at_two_screens_decide_once() -> None:
    house = House()
    host = house.host()
    cohost = house.person("carl", "member")
    cohost.hello()
    host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
    guest = house.person("gus")
    guest.hello()
    knock = knock_of(guest)
    assert cohost.ask("knock.admit", knock_ids=[knock])["type"] == "ok"
    assert host.ask("knock.deny", knock_ids=[knock])["code"] == ErrorCode.NOT_FOUND
    assert guest.events("joined")
    assert not guest.hung_up


async def test_a_guest_who_was_let_in_while_their_socket_was_away_finds_themselves_inside() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    welcome = guest.hello()
    seq = guest.last_seq
    guest.lost()
    host.ask("knock.admit", knock_ids=None)
    again = guest.again(welcome, seq)
    assert (again["resumed"], again["waiting"]) == (True, False)
    assert len(guest.events("joined")) == 1


async def test_an_admitted_guest_comes_back_without_knocking() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    first = guest.id
    guest.ask("leave")
    assert guest.hello()["waiting"] is False
    assert guest.id != first
    assert len(host.events("knock.added")) == 1


async def test_an_admitted_guest_comes_back_into_a_room_that_was_reopened_elsewhere() -> None:
    house = House(RoomFacts(admitted={"gus": None}))
    guest, other = house.person("gus"), house.person("gil")
    assert guest.hello()["waiting"] is False
    assert other.hello()["waiting"] is True


# --- how many fit ----------------------------------------------------------------------------------------------------


def full_house() -> tuple[House, Person, list[Person]]:
    house = House()
    host = house.host()
    members = [house.person(f"member-{number}", "member") for number in range(9)]
    for member in members:
        assert member.hello()["waiting"] is False
    return house, host, members


async def test_ten_people_fit_and_the_eleventh_is_told_that_it_is_full() -> None:
    house, _, _ = full_house()
    late = house.person("late", "member")
    refused = late.hello()
    assert (refused["code"], refused["message"]) == (ErrorCode.MEETING_FULL, "The meeting is full.")
    assert late.hung_up
    assert house.room.participants == 10


async def test_a_guest_cannot_be_let_in_while_it_is_full_and_keeps_waiting() -> None:
    house, host, members = full_house()
    guest = house.person("gus")
    guest.hello()
    knock = knock_of(guest)
    assert host.ask("knock.admit", knock_ids=[knock])["code"] == ErrorCode.MEETING_FULL
    assert guest.events("joined", "knock.ended") == []
    members[0].ask("leave")
    assert host.ask("knock.admit", knock_ids=[knock])["type"] == "ok"
    assert guest.events("joined")


async def test_the_host_always_finds_a_seat() -> None:
    house = House()
    members = [house.person(f"member-{number}", "member") for number in range(10)]
    answers = [member.hello() for member in members]
    assert [answer.get("code") for answer in answers] == [None] * 9 + [ErrorCode.MEETING_FULL]
    assert house.host().events("joined")


async def test_who_is_only_reconnecting_keeps_their_seat_until_the_resume_window_is_over() -> None:
    house, _, members = full_house()
    late = house.person("late", "member")
    members[0].lost()
    house.passes(29)
    assert late.hello()["code"] == ErrorCode.MEETING_FULL
    house.passes(1)
    assert late.hello()["waiting"] is False


async def test_the_waiting_room_holds_fifty_and_says_so_to_the_next() -> None:
    house = House()
    for number in range(50):
        assert house.person(f"guest-{number}").hello()["waiting"] is True
    late = house.person("late")
    refused = late.hello()
    assert refused["code"] == ErrorCode.LOBBY_FULL
    assert late.hung_up
    assert house.person("mia", "member").hello()["waiting"] is False


MOVES = st.sampled_from(["member", "guest", "admit", "admit all", "leave", "host leaves", "host comes", "reload"])


@given(moves=st.lists(st.tuples(MOVES, st.integers(0, 13)), max_size=60))
async def test_no_order_of_coming_and_admitting_puts_more_than_ten_inside(moves: list[tuple[str, int]]) -> None:
    house = House()
    host = house.host()
    guests = [house.person(f"guest-{number}") for number in range(14)]
    members = [house.person(f"member-{number}", "member") for number in range(14)]
    for move, number in moves:
        match move:
            case "member":
                members[number].hello()
            case "guest" | "reload":
                guests[number].hello()
            case "admit" if guests[number].events("knock.waiting"):
                host.ask("knock.admit", knock_ids=[knock_of(guests[number])])
            case "admit all":
                host.ask("knock.admit", knock_ids=None)
            case "leave" if members[number].connection:
                members[number].ask("leave")
            case "host leaves":
                host.ask("leave")
            case "host comes":
                assert "code" not in host.hello(), "the host is never locked out"
        inside = house.room.roster.inside()
        assert len(inside) == house.room.participants == len(house.room.router.peers)
        assert len(inside) <= 10


# --- locked and removed ----------------------------------------------------------------------------------------------


async def test_a_locked_meeting_takes_no_new_people_but_keeps_those_it_knows() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    assert host.ask("meeting.lock", locked=True)["type"] == "ok"
    assert guest.events("meeting.updated")[-1]["meeting"]["locked"] is True
    for newcomer in (house.person("gil"), house.person("mia", "member")):
        refused = newcomer.hello()
        assert (refused["code"], refused["message"]) == (ErrorCode.MEETING_LOCKED, "The host has locked the meeting.")
        assert newcomer.hung_up
    assert guest.hello()["waiting"] is False
    host.ask("leave")
    assert host.hello()["waiting"] is False
    host.ask("meeting.lock", locked=False)
    assert house.person("gil").hello()["waiting"] is True


async def test_who_waited_before_the_lock_waits_on_even_after_a_reload() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    guest.hello()
    host.ask("meeting.lock", locked=True)
    assert guest.hello()["waiting"] is True
    host.ask("knock.admit", knock_ids=None)
    assert guest.events("joined")


@pytest.mark.parametrize("kind", ["guest", "member"])
async def test_a_removed_person_is_told_and_cannot_come_back_by_any_door(kind: str) -> None:
    house = House()
    host = house.host()
    if kind == "guest":
        rob = house.person("rob")
        welcome = rob.hello()
        host.ask("knock.admit", knock_ids=None)
    else:
        rob = house.person("rob", "member")
        welcome = rob.hello()
    seq = rob.last_seq
    removed = rob.id
    assert host.ask("participant.remove", participant_id=removed)["type"] == "ok"
    assert rob.events("removed")[-1]["message"] == "The host has removed you from this meeting."
    assert rob.hung_up
    assert host.events("participant.left")[-1] | {"seq": 0} == {
        "type": "participant.left", "seq": 0, "participant_id": removed, "reason": "removed",
    }  # fmt: skip
    assert PersonRemoved("rob") in house.wire.facts

    assert rob.again(welcome, seq)["code"] == ErrorCode.REMOVED, "not by resuming"
    assert rob.hello()["code"] == ErrorCode.REMOVED, "not by the token or the account, nor by knocking"
    assert rob.hung_up
    assert len(host.events("knock.added")) == (1 if kind == "guest" else 0)
    house.passes(3600)
    assert rob.hello()["code"] == ErrorCode.REMOVED, "nor later"


async def test_a_removed_person_stays_out_of_a_room_that_was_reopened() -> None:
    house = House(RoomFacts(admitted={"rob": None}, removed=["rob"]))
    assert house.person("rob").hello()["code"] == ErrorCode.REMOVED
    assert house.person("rob", "member").hello()["code"] == ErrorCode.REMOVED


# --- the waiting room does not leak ----------------------------------------------------------------------------------


@pytest.fixture
async def busy() -> tuple[House, Person, Person]:
    """A room with two people who publish, chat and speak, and a guest who waits."""
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    waiting = house.person("will")
    waiting.hello()
    for person in (host, member):
        assert person.ask("publish.offer", **MICROPHONE)["type"] == "publish.answer"
        person.ask("chat.send", text=f"{person.key}'s secret")
    house.room.router.on_active_speaker(member.id, house.now)
    house.room.router.on_levels({member.id: 12})
    house.person("other").hello()
    house.passes(30)
    return house, host, waiting


async def test_leak_no_roster_before_admission(busy: tuple[House, Person, Person]) -> None:
    _, host, waiting = busy
    assert waiting.events("joined", "participant.joined", "participant.updated", "participant.left") == []
    for word in (host.id, "Hanna", "Mia", "Other"):
        assert word not in str(waiting.heard)


async def test_leak_no_chat_before_admission_and_none_of_before_after_it(busy: tuple[House, Person, Person]) -> None:
    _, host, waiting = busy
    assert "secret" not in str(waiting.heard)
    host.ask("knock.admit", knock_ids=None)
    assert waiting.events("joined")[-1]["chat"] == []
    assert "secret" not in str(waiting.heard)
    host.ask("chat.send", text="hello Will")
    assert waiting.events("chat.message")[-1]["message"]["text"] == "hello Will"


async def test_leak_no_transport_and_no_media_before_admission(busy: tuple[House, Person, Person]) -> None:
    house, _, waiting = busy
    assert waiting.events("subscribe.offer", "producer.added", "speaker.active", "speaker.levels") == []
    assert waiting.ask("publish.offer", **MICROPHONE)["code"] == ErrorCode.WRONG_STATE
    assert waiting.ask("subscribe.restart", fresh=True)["code"] == ErrorCode.WRONG_STATE
    assert waiting.ask("stats.get")["code"] == ErrorCode.WRONG_STATE
    assert len(house.room.router.peers) == 2


async def test_leak_no_servers_credentials_before_admission(busy: tuple[House, Person, Person]) -> None:
    _, _, waiting = busy
    assert "ice_servers" not in str(waiting.heard)


async def test_leak_resuming_in_the_lobby_brings_nothing_of_the_room(busy: tuple[House, Person, Person]) -> None:
    _, host, waiting = busy
    welcome = waiting.events("welcome")[0]
    waiting.lost()
    host.ask("chat.send", text="another secret")
    again = waiting.again(welcome, 0)
    assert (again["resumed"], again["waiting"]) == (True, True)
    assert {message["type"] for message in waiting.heard} <= {"welcome", "knock.waiting"}


async def test_leak_who_was_removed_hears_nothing_more() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    host.ask("participant.remove", participant_id=guest.id)
    heard = len(guest.heard)
    host.ask("chat.send", text="now that he is gone")
    host.ask("publish.offer", **MICROPHONE)
    house.passes(20)
    assert len(guest.heard) == heard
    assert guest.ask("chat.send", text="I am still here") == {}
    assert "still here" not in str(host.heard)


async def test_leak_someone_elses_session_cannot_be_resumed_from_the_lobby() -> None:
    house = House()
    host = house.host()
    inside = house.person("ida")
    welcome = inside.hello()
    host.ask("knock.admit", knock_ids=None)
    thief = house.person("theo")
    answer = thief.again(welcome, inside.last_seq)
    assert (answer["resumed"], answer["waiting"]) == (False, True)
    assert not inside.hung_up
