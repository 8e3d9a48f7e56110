"""What those who wait and those who decide see of knocks. Who waits, and how a knock ends, the Lobby knows."""

from __future__ import annotations

from collections.abc import Callable

from parley.lobby.lobby import KnockOutcome, Lobby, WaitingKnock
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.common import Knock
from parley.signaling.schema.server import KnockAdded, KnockEnded, KnockRemoved, Waiting

ENDED_WORDS: dict[KnockOutcome, str] = {
    KnockOutcome.DENIED: "The host has turned down your request to join.",
    KnockOutcome.WITHDRAWN: "You no longer wait to join.",
    KnockOutcome.EXPIRED: "Nobody answered your request to join. You can ask again.",
    KnockOutcome.ADMITTED: "You have been let in.",
}


class Knocks:
    """See the module. title: of the meeting; recorded: whether it is being recorded; wall: seconds since 1970 UTC."""

    def __init__(
        self, roster: Roster, lobby: Lobby, title: str, recorded: Callable[[], bool], wall: Callable[[], float]
    ) -> None:
        self._roster = roster
        self._lobby = lobby
        self._title = title
        self._recorded = recorded
        self._wall = wall

    def wait(self, visitor: Visitor, knock: WaitingKnock) -> None:
        """This visitor knocks, or waits on with a new session."""
        is_new = visitor.knock is None
        visitor.knock = knock
        if is_new:
            visitor.knocked_at = self._wall()
        self._tell_waiting(visitor)
        if is_new:
            self._roster.tell_moderators(KnockAdded(knock=_view(visitor, knock)))

    def tell_all_waiting(self) -> None:
        """Those who wait learn whether somebody is there to answer, and whether they would be recorded."""
        for visitor in self._roster:
            self._tell_waiting(visitor)

    def _tell_waiting(self, visitor: Visitor) -> None:
        knock = visitor.knock
        if knock is None:
            return
        visitor.event(
            Waiting(
                knock_id=knock.knock_id,
                title=self._title,
                recording=self._recorded(),
                host_present=self._lobby.host_present,
                expires_at=visitor.knocked_at + knock.expires - knock.since,
            )
        )

    def views(self) -> list[Knock]:
        """Those who wait, as moderators see them."""
        found = [(self._roster.of(knock.person.key), knock) for knock in self._lobby.waiting()]
        return [_view(visitor, knock) for visitor, knock in found if visitor is not None]

    def gone(self, knock: WaitingKnock, outcome: KnockOutcome) -> None:
        """Nobody need decide about this one any more."""
        self._roster.tell_moderators(KnockRemoved(knock_id=knock.knock_id, outcome=outcome))


def ended(outcome: KnockOutcome) -> KnockEnded:
    """What the one who knocked is told when they aren't let in."""
    return KnockEnded(outcome=outcome, message=ENDED_WORDS[outcome])


def _view(visitor: Visitor, knock: WaitingKnock) -> Knock:
    return Knock(knock_id=knock.knock_id, name=visitor.person.name, at=visitor.knocked_at)
