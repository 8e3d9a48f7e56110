"""How long people spoke: as the active speaker, by who they are, whatever becomes of their connections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.rooms.talk_time import TalkTime
from tests.signaling.house import House, Person

# --- the sum ---------------------------------------------------------------------------------------------------------


def test_who_speaks_is_counted_until_now_and_who_listens_is_not() -> None:
    talk = TalkTime()
    talk.speaks("ann", 10.0)
    assert talk.seconds("ann", 12.5) == 2.5
    assert talk.seconds("bob", 12.5) == 0.0
    talk.speaks("bob", 13.0)
    talk.speaks("ann", 14.0)
    talk.speaks(None, 20.0)
    assert (talk.seconds("ann", 99.0), talk.seconds("bob", 99.0)) == (9.0, 1.0)


def test_who_goes_stops_speaking_and_takes_nobody_elses_time() -> None:
    talk = TalkTime()
    talk.speaks("ann", 0.0)
    talk.stops("bob", 2.0)
    assert talk.seconds("ann", 3.0) == 3.0
    talk.stops("ann", 4.0)
    assert talk.seconds("ann", 9.0) == 4.0


@given(st.lists(st.tuples(st.sampled_from(["ann", "bob", None]), st.floats(0, 60)), max_size=30))
def test_all_together_they_spoke_as_long_as_somebody_did(turns: list[tuple[str | None, float]]) -> None:
    talk, now, spoken = TalkTime(), 0.0, 0.0
    for speaker, lasted in turns:
        talk.speaks(speaker, now)
        now += lasted
        spoken += lasted if speaker is not None else 0.0
    assert talk.seconds("ann", now) + talk.seconds("bob", now) == pytest.approx(spoken)


# --- in a room -------------------------------------------------------------------------------------------------------


def speaks(house: House, person: Person | None, seconds: float) -> None:
    """The SFU names them as active speaker; so much time passes."""
    house.room.router.on_active_speaker(None if person is None else person.id, house.now)
    house.passes(seconds)


def seconds_of(name: str, seen_by: Person) -> float:
    """What somebody who comes in, or comes back, is told."""
    people = seen_by.events("joined")[-1]["participants"]
    return float(next(one["talk_seconds"] for one in people if one["name"] == name))


def someone_new(house: House, key: str) -> Person:
    person = house.person(key, "member")
    person.hello()
    return person


async def test_everyone_is_told_how_long_the_others_spoke_until_then() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    speaks(house, guest, 7)
    speaks(house, host, 3)
    speaks(house, None, 20)
    mia = someone_new(house, "mia")
    assert (seconds_of("Gus", mia), seconds_of("Hanna", mia)) == (7, 3)
    speaks(house, guest, 1.5)
    assert seconds_of("Gus", someone_new(house, "max")) == 8.5, "also in the middle of what they say"
    guest.ask("hand.raise", raised=True)
    assert host.events("participant.updated")[-1]["participant"]["talk_seconds"] == 8.5


async def test_talk_time_goes_on_after_a_reload_and_after_leaving_and_coming_back() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    speaks(house, guest, 4)
    guest.hello()
    assert seconds_of("Gus", guest) == 4
    guest.ask("leave")
    house.passes(30)
    guest.hello()
    assert seconds_of("Gus", guest) == 4, "who is gone doesn't speak, even if nobody said yet that they stopped"
    speaks(house, guest, 2)
    assert seconds_of("Gus", someone_new(house, "mia")) == 6


# --- hands -----------------------------------------------------------------------------------------------------------


def hands(seen_by: Person) -> list[str]:
    return [one["name"] for one in seen_by.events("joined")[-1]["participants"] if one["hand_raised_at"] is not None]


async def test_a_raised_hand_outlives_the_socket_and_goes_with_the_person() -> None:
    house = House()
    host = house.host()
    guest = house.person("gus")
    welcome = guest.hello()
    host.ask("knock.admit", knock_ids=None)
    guest.ask("hand.raise", raised=True)
    guest.lost()
    house.passes(10)
    assert guest.again(welcome)["resumed"] is True
    assert hands(someone_new(house, "mia")) == ["Gus"]
    guest.ask("leave")
    guest.hello()
    assert hands(guest) == []
    assert hands(someone_new(house, "max")) == []
