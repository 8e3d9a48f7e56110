"""A room's way out: bytes to sockets, and what outlives the room to the gateway that owns the database."""

from __future__ import annotations

from typing import Protocol

from parley.signaling.node_messages import AnyFact


class Sockets(Protocol):
    """Where a room's bytes go: the node's RPC connections to the gateways."""

    def send(self, connection_id: str, payload: bytes) -> None:
        """One message for one socket."""

    def close(self, connection_id: str) -> None:
        """Close the socket once what was sent is out."""


class Outbox(Sockets, Protocol):
    """All that a room has to say to its node."""

    def fact(self, meeting_id: str, fact: AnyFact) -> None:
        """Something that must outlive the room."""

    def room_closed(self, meeting_id: str) -> None:
        """The room is over; its node may forget it."""
