"""Everybody at a room, inside or waiting: found by who they are, by socket and by participant id, and told together."""

from __future__ import annotations

from collections.abc import Iterator

from parley.lobby.authorization import Action, Standing, allowed
from parley.lobby.lobby import Lobby
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.server import Event, ServerMessage


class Roster:
    """See the module. Iterating goes over all visitors, also while some of them go."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby
        self._by_key: dict[str, Visitor] = {}
        self._by_connection: dict[str, Visitor] = {}

    def __iter__(self) -> Iterator[Visitor]:
        return iter(list(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)

    # --- finding ----------------------------------------------------------------------------------------------------

    def of(self, key: str) -> Visitor | None:
        """The visitor who is this person."""
        return self._by_key.get(key)

    def on(self, connection_id: str) -> Visitor | None:
        """The visitor whom this socket carries."""
        return self._by_connection.get(connection_id)

    def inside(self) -> list[Visitor]:
        """The participants, in the order they came."""
        return [visitor for visitor in self._by_key.values() if visitor.inside]

    def find(self, participant_id: str) -> Visitor | None:
        """The participant with this id."""
        return next((visitor for visitor in self.inside() if visitor.participant_id == participant_id), None)

    def key_of(self, participant_id: str) -> str:
        """Who that is, inside or not; "" for nobody here."""
        return next((one.person.key for one in self._by_key.values() if one.participant_id == participant_id), "")

    def standing(self, visitor: Visitor) -> Standing:
        """What this visitor is, for the authorization table."""
        return self._lobby.standing(visitor.person)

    def sees_knocks(self, visitor: Visitor) -> bool:
        """Whether this visitor decides about knocks."""
        return allowed(self.standing(visitor), Action.SEE_KNOCKS)

    # --- coming and going -------------------------------------------------------------------------------------------

    def add(self, visitor: Visitor) -> None:
        """Somebody is at the room now."""
        self._by_key[visitor.person.key] = visitor

    def remove(self, visitor: Visitor) -> bool:
        """They are gone, and their socket with them; False when they were already."""
        if self._by_key.get(visitor.person.key) is not visitor:
            return False
        del self._by_key[visitor.person.key]
        if visitor.session.connection_id is not None:
            self.disconnect(visitor.session.connection_id)
        return True

    def connect(self, visitor: Visitor, connection_id: str) -> None:
        """This socket carries the visitor from now on."""
        self._by_connection[connection_id] = visitor

    def disconnect(self, connection_id: str) -> Visitor | None:
        """This socket carries nobody any more; whom it did."""
        return self._by_connection.pop(connection_id, None)

    def clear(self) -> None:
        """Nobody is here any more."""
        self._by_key.clear()
        self._by_connection.clear()

    # --- telling ----------------------------------------------------------------------------------------------------

    def broadcast(self, event: Event, *, besides: Visitor | None = None) -> None:
        """Tell every participant."""
        for visitor in self.inside():
            if visitor is not besides:
                visitor.event(event)

    def tell_moderators(self, event: Event) -> None:
        """Tell those who decide about knocks."""
        for visitor in self.inside():
            if self.sees_knocks(visitor):
                visitor.event(event)

    def show(self, message: ServerMessage) -> None:
        """Send every participant what is worth nothing later."""
        for visitor in self.inside():
            visitor.now_or_never(message)
