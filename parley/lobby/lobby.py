"""The lobby of one meeting: who is in, who waits, who was turned away, and how many fit.

Sans-I/O: methods take people and `now` (seconds, monotonic) and return what became of the request. There is one Lobby
per Room and no other place that counts seats, so capacity can't be passed by racing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from parley.lobby.authorization import Role, Standing

MAX_DENIALS = 2
"""After so many denials a guest is not shown to the host again."""


class KnockOutcome(StrEnum):
    """How a knock ended."""

    ADMITTED = "admitted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why someone can't enter or knock."""

    FULL = "full"
    LOBBY_FULL = "lobby_full"
    LOCKED = "locked"
    REMOVED = "removed"
    DENIED = "denied"


class RefusedError(Exception):
    """Raised where a person or a guest's admission doesn't go through; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Person:
    """Someone at the door. `key` is the same for the same person as long as the meeting lives."""

    key: str
    name: str
    is_guest: bool
    is_member: bool
    is_host: bool


@dataclass(frozen=True, slots=True)
class WaitingKnock:
    """A guest who waits. `since` and `expires` are in seconds on the lobby's clock."""

    knock_id: str
    person: Person
    since: float
    expires: float


class Lobby:
    """Admission state of one meeting.

    capacity: seats; one is kept for the host while they are away, so that nobody can lock the host out.
    knock_lifetime: seconds after which an unanswered knock expires.
    max_waiting: knocks that may wait at once.
    admitted, removed, cohosts: keys known from an earlier life of the room.
    """

    def __init__(
        self,
        *,
        capacity: int = 10,
        knock_lifetime: float = 600.0,
        max_waiting: int = 50,
        locked: bool = False,
        admitted: Iterable[str] = (),
        removed: Iterable[str] = (),
        cohosts: Iterable[str] = (),
    ) -> None:
        self.capacity = capacity
        self.knock_lifetime = knock_lifetime
        self.max_waiting = max_waiting
        self.locked = locked
        self._admitted = set(admitted)
        self._removed = set(removed)
        self._cohosts = set(cohosts)
        self._denials: dict[str, int] = {}
        self._seated: dict[str, Person] = {}
        self._waiting: dict[str, WaitingKnock] = {}  # by knock id, in the order they came

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def seated(self) -> int:
        """How many seats are taken."""
        return len(self._seated)

    @property
    def host_present(self) -> bool:
        """Whether somebody who can decide about knocks has a seat."""
        return any(self.role(person) in (Role.HOST, Role.COHOST) for person in self._seated.values())

    def waiting(self) -> list[WaitingKnock]:
        """Those who wait, longest first."""
        return list(self._waiting.values())

    def role(self, person: Person) -> Role:
        """What this person is once inside."""
        if person.is_host:
            return Role.HOST
        if person.key in self._cohosts:
            return Role.COHOST
        return Role.MEMBER if person.is_member else Role.GUEST

    def standing(self, person: Person) -> Standing:
        """What this person is now."""
        if person.key in self._seated:
            return Standing(self.role(person).value)
        if person.key in self._removed and not person.is_host:
            return Standing.REMOVED
        if any(knock.person.key == person.key for knock in self._waiting.values()):
            return Standing.WAITING
        return Standing.OUTSIDE

    # --- entering ---------------------------------------------------------------------------------------------------

    def enter(self, person: Person, knock_id: str, now: float) -> WaitingKnock | None:
        """Take a seat (None) or, for a guest who was never let in, wait with a knock.

        Entering again is idempotent: who has a seat keeps it, who waits keeps the same knock.
        Raises RefusedError.
        """
        if person.key in self._seated:
            self._seated[person.key] = person
            return None
        if person.key in self._removed and not person.is_host:
            raise RefusedError(Refusal.REMOVED)
        trusted = person.is_host or person.key in self._cohosts or person.key in self._admitted
        if trusted or (person.is_member and not self.locked):
            self._sit(person)
            return None
        return self._knock(person, knock_id, now)

    def _free_seats(self, person: Person) -> int:
        kept_for_host = 0 if person.is_host or any(p.is_host for p in self._seated.values()) else 1
        return self.capacity - kept_for_host - len(self._seated)

    def _sit(self, person: Person) -> None:
        if self._free_seats(person) <= 0:
            raise RefusedError(Refusal.FULL)
        self._seated[person.key] = person
        self._admitted.add(person.key)

    def _knock(self, person: Person, knock_id: str, now: float) -> WaitingKnock:
        for knock in self._waiting.values():
            if knock.person.key == person.key:
                return knock
        if self.locked:
            raise RefusedError(Refusal.LOCKED)
        if self._denials.get(person.key, 0) >= MAX_DENIALS:
            raise RefusedError(Refusal.DENIED)
        if len(self._waiting) >= self.max_waiting:
            raise RefusedError(Refusal.LOBBY_FULL)
        knock = WaitingKnock(knock_id, person, now, now + self.knock_lifetime)
        self._waiting[knock_id] = knock
        return knock

    def leave(self, key: str) -> None:
        """Give the seat back, for good or until they return."""
        self._seated.pop(key, None)

    # --- deciding ---------------------------------------------------------------------------------------------------

    def admit(self, knock_id: str) -> WaitingKnock | None:
        """Seat the guest who waits; None when nobody waits under this id any more. Raises RefusedError(FULL)."""
        knock = self._waiting.get(knock_id)
        if knock is None:
            return None
        self._sit(knock.person)
        del self._waiting[knock_id]
        return knock

    def deny(self, knock_id: str) -> WaitingKnock | None:
        """Turn the guest away; None when nobody waits under this id any more."""
        knock = self._waiting.pop(knock_id, None)
        if knock is not None:
            if len(self._denials) >= 1000:  # keys are the guests' to make up: keep the newest only
                self._denials.pop(next(iter(self._denials)))
            self._denials[knock.person.key] = self._denials.get(knock.person.key, 0) + 1
        return knock

    def withdraw(self, key: str) -> WaitingKnock | None:
        """The guest gives up, or was not heard of for too long."""
        for knock in self._waiting.values():
            if knock.person.key == key:
                return self._waiting.pop(knock.knock_id)
        return None

    def expire(self, now: float) -> list[WaitingKnock]:
        """Take out the knocks whose time is over."""
        over = [knock for knock in self._waiting.values() if knock.expires <= now]
        for knock in over:
            del self._waiting[knock.knock_id]
        return over

    def remove(self, key: str) -> None:
        """Put someone out for good: seat, knock, admission and co-host role are gone, and entering is refused."""
        self.withdraw(key)
        self._seated.pop(key, None)
        self._admitted.discard(key)
        self._cohosts.discard(key)
        self._removed.add(key)

    def revoke(self, key: str) -> None:
        """Take back what someone was trusted with: they may come again, but only by knocking."""
        self._seated.pop(key, None)
        self._admitted.discard(key)
        self._cohosts.discard(key)

    def set_cohost(self, key: str, cohost: bool) -> None:
        """Give or take the co-host role."""
        if cohost:
            self._cohosts.add(key)
        else:
            self._cohosts.discard(key)
