"""A Room for tests, with the people in and before it, and a virtual clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from parley.sfu.endpoint import EndpointConfig
from parley.sfu.media_server import MediaServer
from parley.signaling.node_messages import AnyFact, Attach, Identity, OpenRoom, RoomFacts
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rooms.recorder import Recorders
from parley.signaling.rooms.room import Room
from parley.signaling.schema import client
from parley.signaling.schema.client import Resume


class Wire:
    """The room's Outbox: what went to which socket, which were closed, and what is to be written down."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.closed: list[str] = []
        self.facts: list[AnyFact] = []
        self.rooms_closed: list[str] = []

    def send(self, connection_id: str, payload: bytes) -> None:
        assert connection_id not in self.closed, "nothing is sent to a closed socket"
        self.sent.setdefault(connection_id, []).append(msgspec.json.decode(payload))

    def close(self, connection_id: str) -> None:
        self.closed.append(connection_id)

    def fact(self, meeting_id: str, fact: AnyFact) -> None:
        self.facts.append(fact)

    def room_closed(self, meeting_id: str) -> None:
        self.rooms_closed.append(meeting_id)


class Person:
    """One person's client: says hello, asks, and keeps what it is told."""

    def __init__(self, house: House, key: str, name: str, kind: str) -> None:
        self.house = house
        self.key = key
        self.identity = Identity(
            key=key, name=name, is_guest=kind == "guest", is_member=kind in ("member", "host"), is_host=kind == "host"
        )
        self.connection = ""
        self._ids = 0

    def hello(self, resume: Resume | None = None, connection: str | None = None) -> dict[str, Any]:
        """Attach a new socket; the answer to the hello."""
        self._ids += 1
        self.connection = connection or f"{self.key}-{next(self.house.connections)}"
        token = "token" if self.identity.is_guest else None
        self.house.room.attach(
            Attach("meeting", self.connection, self._ids, self.identity, token, resume, []), self.house.now
        )
        return self.answer_to(self._ids)

    def again(self, welcome: dict[str, Any], last_seq: int | None = None) -> dict[str, Any]:
        """Resume a session on a new socket."""
        seq = self.last_seq if last_seq is None else last_seq
        return self.hello(Resume(welcome["session_id"], welcome["resume_token"], seq))

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a request and return its answer."""
        self._ids += 1
        return self.repeat(self._ids, kind, **fields)

    def repeat(self, request_id: int, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a request under a given id."""
        self.say(kind, id=request_id, **fields)
        return self.answer_to(request_id)

    def say(self, kind: str, **fields: Any) -> None:
        """Send a message, as the gateway relays it: decoded."""
        message = client.CLIENT_DECODER.decode(msgspec.json.encode({"type": kind, **fields}))
        self.house.room.deliver(self.connection, message, self.house.now)

    def lost(self) -> None:
        """The socket is gone."""
        self.house.room.detach(self.connection, self.house.now)

    @property
    def heard(self) -> list[dict[str, Any]]:
        """Everything that came by the newest socket."""
        return self.house.wire.sent.get(self.connection, [])

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """Messages of these types that came by the newest socket."""
        return [message for message in self.heard if message["type"] in kinds]

    def answer_to(self, request_id: int) -> dict[str, Any]:
        found = [message for message in self.heard if message.get("re") == request_id]
        return found[-1] if found else {}

    @property
    def last_seq(self) -> int:
        return max((message["seq"] for message in self.heard if "seq" in message), default=0)

    @property
    def id(self) -> str:
        """The participant id."""
        return str(self.events("joined")[-1]["participant_id"])

    @property
    def hung_up(self) -> bool:
        return self.connection in self.house.wire.closed


class House:
    """A meeting's room and its clock."""

    def __init__(self, facts: RoomFacts | None = None, recorders: Recorders | None = None, **config: Any) -> None:
        self.now = 1_000.0
        self.connections = itertools.count(1)
        self.wire = Wire()
        self.media = MediaServer(EndpointConfig())
        opening = OpenRoom("meeting", "abcd-efgh-jkmn-pqrs", "Weekly", 1.7e9, facts or RoomFacts())
        router = self.media.create_router("meeting")
        self.router = router
        self.room = Room(
            opening, router, self.wire, RoomConfig(**config), self.now, lambda: 1.7e9 + self.now, recorders
        )

    def person(self, key: str, kind: str = "guest") -> Person:
        return Person(self, key, key.capitalize(), kind)

    def passes(self, seconds: float) -> None:
        """Time passes, with the room's tick twice a second."""
        for step in self._steps(seconds):
            self.now += step
            self.room.tick(self.now)

    @staticmethod
    def _steps(seconds: float) -> Iterator[float]:
        while seconds > 0:
            yield min(0.5, seconds)
            seconds -= 0.5

    def host(self, key: str = "hanna") -> Person:
        host = self.person(key, "host")
        host.hello()
        return host

    def guest_inside(self, host: Person, key: str = "gus") -> Person:
        guest = self.person(key)
        guest.hello()
        host.ask("knock.admit", knock_ids=None)
        return guest
