"""Entering, knocking and deciding, with a virtual clock; and a state machine that tries every order of them."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from parley.lobby.authorization import Role, Standing
from parley.lobby.lobby import MAX_DENIALS, Lobby, Person, Refusal, RefusedError


def host(key: str = "host") -> Person:
    return Person(key=key, name="Hana", is_guest=False, is_member=True, is_host=True)


def member(key: str = "member") -> Person:
    return Person(key=key, name="Mo", is_guest=False, is_member=True, is_host=False)


def guest(key: str = "guest") -> Person:
    return Person(key=key, name="Gus", is_guest=True, is_member=False, is_host=False)


def refusal(lobby: Lobby, person: Person, now: float = 0.0) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        lobby.enter(person, f"knock-{person.key}", now)
    return caught.value.refusal


def test_members_walk_in_and_guests_wait() -> None:
    lobby = Lobby()
    assert lobby.enter(member(), "k1", 0.0) is None
    knock = lobby.enter(guest(), "k2", 0.0)
    assert knock is not None
    assert lobby.standing(member()) is Standing.MEMBER
    assert lobby.standing(guest()) is Standing.WAITING
    assert lobby.seated == 1


def test_a_guest_can_knock_before_the_host_is_there_and_is_still_waiting_when_they_come() -> None:
    lobby = Lobby()
    lobby.enter(guest(), "k", 0.0)
    assert not lobby.host_present
    lobby.enter(host(), "-", 5.0)
    assert lobby.host_present
    assert [knock.knock_id for knock in lobby.waiting()] == ["k"]


def test_an_admitted_guest_comes_back_without_knocking() -> None:
    lobby = Lobby()
    lobby.enter(guest(), "k", 0.0)
    lobby.admit("k")
    lobby.leave("guest")
    assert lobby.enter(guest(), "k2", 50.0) is None


def test_an_admitted_guest_comes_back_even_into_a_locked_meeting_whose_room_was_reopened() -> None:
    lobby = Lobby(locked=True, admitted=["guest"])
    assert lobby.enter(guest(), "k", 0.0) is None


def test_a_removed_person_cannot_walk_back_in_not_even_as_member_or_after_the_room_was_reopened() -> None:
    lobby = Lobby()
    lobby.enter(member(), "-", 0.0)
    lobby.remove("member")
    assert refusal(lobby, member()) is Refusal.REMOVED
    assert lobby.standing(member()) is Standing.REMOVED
    assert refusal(Lobby(removed=["guest"], admitted=["guest"]), guest()) is Refusal.REMOVED


def test_a_denied_guest_may_ask_once_more_and_then_no_longer() -> None:
    lobby = Lobby()
    for attempt in range(MAX_DENIALS):
        lobby.enter(guest(), f"k{attempt}", 0.0)
        lobby.deny(f"k{attempt}")
    assert refusal(lobby, guest()) is Refusal.DENIED


def test_a_knock_expires_after_its_lifetime_and_not_before() -> None:
    lobby = Lobby(knock_lifetime=600)
    lobby.enter(guest(), "k", 100.0)
    assert lobby.expire(699.9) == []
    assert [knock.knock_id for knock in lobby.expire(700.0)] == ["k"]
    assert lobby.admit("k") is None


def test_locking_keeps_out_new_people_but_never_the_host() -> None:
    lobby = Lobby(locked=True)
    assert refusal(lobby, guest()) is Refusal.LOCKED
    assert refusal(lobby, member()) is Refusal.LOCKED
    assert lobby.enter(host(), "-", 0.0) is None


def test_ten_fit_and_the_eleventh_does_not() -> None:
    lobby = Lobby()
    lobby.enter(host(), "-", 0.0)
    for n in range(9):
        assert lobby.enter(member(f"m{n}"), "-", 0.0) is None
    assert refusal(lobby, member("m9")) is Refusal.FULL
    lobby.leave("m3")
    assert lobby.enter(member("m9"), "-", 0.0) is None


def test_a_seat_is_kept_for_a_host_who_is_away() -> None:
    lobby = Lobby()
    for n in range(9):
        lobby.enter(member(f"m{n}"), "-", 0.0)
    assert refusal(lobby, member("m9")) is Refusal.FULL
    assert lobby.enter(host(), "-", 0.0) is None


def test_a_guest_admitted_into_a_full_meeting_keeps_waiting() -> None:
    lobby = Lobby(capacity=2)
    lobby.enter(host(), "-", 0.0)
    lobby.enter(member(), "-", 0.0)
    lobby.enter(guest(), "k", 0.0)
    with pytest.raises(RefusedError):
        lobby.admit("k")
    assert [knock.knock_id for knock in lobby.waiting()] == ["k"]


def test_the_waiting_room_is_bounded() -> None:
    lobby = Lobby(max_waiting=3)
    for n in range(3):
        lobby.enter(guest(f"g{n}"), f"k{n}", 0.0)
    assert refusal(lobby, guest("g3")) is Refusal.LOBBY_FULL


def test_knocking_twice_is_one_knock() -> None:
    lobby = Lobby()
    first = lobby.enter(guest(), "k1", 0.0)
    assert lobby.enter(guest(), "k2", 9.0) is first


def test_cohost_is_a_role_that_comes_and_goes() -> None:
    lobby = Lobby()
    lobby.enter(guest(), "k", 0.0)
    lobby.admit("k")
    lobby.set_cohost("guest", True)
    assert lobby.role(guest()) is Role.COHOST
    lobby.set_cohost("guest", False)
    assert lobby.role(guest()) is Role.GUEST


def test_a_revoked_member_has_to_knock() -> None:
    lobby = Lobby()
    lobby.enter(member("x"), "-", 0.0)
    lobby.revoke("x")
    stranger = Person(key="x", name="Xi", is_guest=True, is_member=False, is_host=False)
    assert lobby.enter(stranger, "k", 1.0) is not None


PEOPLE = [host(), member("m1"), member("m2"), member("m3"), guest("g1"), guest("g2"), guest("g3")]


class AnyOrder(RuleBasedStateMachine):
    """Whatever order things happen in: never over capacity, nobody inside who was removed or never let in."""

    def __init__(self) -> None:
        super().__init__()
        self.lobby = Lobby(capacity=4, max_waiting=2, knock_lifetime=10)
        self.now = 0.0
        self.count = 0
        self.removed: set[str] = set()
        self.let_in: set[str] = set()

    @rule(person=st.sampled_from(PEOPLE))
    def enter(self, person: Person) -> None:
        self.count += 1
        try:
            knock = self.lobby.enter(person, f"k{self.count}", self.now)
        except RefusedError:
            return
        assert person.key not in self.removed or person.is_host
        if knock is None:
            assert person.is_member or person.key in self.let_in

    @rule(n=st.integers(0, 2))
    def admit(self, n: int) -> None:
        waiting = self.lobby.waiting()
        if n < len(waiting):
            try:
                knock = self.lobby.admit(waiting[n].knock_id)
            except RefusedError:
                return
            assert knock is not None
            self.let_in.add(knock.person.key)

    @rule(n=st.integers(0, 2))
    def deny(self, n: int) -> None:
        waiting = self.lobby.waiting()
        if n < len(waiting):
            self.lobby.deny(waiting[n].knock_id)

    @rule(person=st.sampled_from(PEOPLE))
    def leave(self, person: Person) -> None:
        self.lobby.leave(person.key)

    @rule(person=st.sampled_from(PEOPLE[1:]))
    def remove(self, person: Person) -> None:
        self.lobby.remove(person.key)
        self.removed.add(person.key)
        self.let_in.discard(person.key)

    @rule(seconds=st.floats(0, 20))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        for knock in self.lobby.expire(self.now):
            assert knock.expires <= self.now

    @rule()
    def lock(self) -> None:
        self.lobby.locked = not self.lobby.locked

    @invariant()
    def capacity_holds(self) -> None:
        assert self.lobby.seated <= 4
        assert len(self.lobby.waiting()) <= 2

    @invariant()
    def nobody_removed_is_inside(self) -> None:
        inside = (Standing.HOST, Standing.COHOST, Standing.MEMBER, Standing.GUEST)
        assert not [p for p in PEOPLE if p.key in self.removed and self.lobby.standing(p) in inside]

    @invariant()
    def guests_inside_were_let_in(self) -> None:
        inside = [p for p in PEOPLE if p.is_guest and self.lobby.standing(p) is Standing.GUEST]
        assert all(p.key in self.let_in for p in inside)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
