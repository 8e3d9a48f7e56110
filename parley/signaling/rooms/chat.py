"""The chat of a meeting, as far as it is kept in the room, and from when on each person may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from parley.lobby.lobby import Person
from parley.signaling.schema.common import ChatMessage

MAX_CHAT_KEPT = 1000


class Chat:
    """See the module. first_joined: when people of an earlier life of the room came in, in seconds since 1970 UTC."""

    def __init__(self, lines: Iterable[ChatMessage], first_joined: Mapping[str, float]) -> None:
        self.lines = list(lines)[-MAX_CHAT_KEPT:]
        self._first_joined = dict(first_joined)

    def keep(self, message: ChatMessage) -> None:
        """Remember a line for those who come later."""
        self.lines.append(message)
        del self.lines[:-MAX_CHAT_KEPT]

    def came_in(self, key: str, at: float) -> float:
        """Somebody comes in; when they did so for the first time."""
        return self._first_joined.setdefault(key, at)

    def for_person(self, person: Person) -> list[ChatMessage]:
        """What somebody who is inside may read: members all of it, guests what was said since they first came in."""
        if not person.is_guest:
            return self.lines
        since = self._first_joined[person.key]
        return [message for message in self.lines if message.at >= since]
