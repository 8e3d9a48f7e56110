"""Facts on their way from a node's rooms to the gateway that writes them down: none is lost with a gateway.

Each fact goes to one gateway. Those sent shortly before a gateway's connection was lost are sent again to another one,
so a fact may arrive twice but not never; while there is no gateway they wait.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from parley.signaling.node_messages import RoomFact

RECENT_SECONDS = 3.0
"""A gateway that reads has a fact after this long; one that hangs is another matter."""

MAX_WAITING = 10_000


class Link(Protocol):
    """A connection to a gateway."""

    def notify(self, message: RoomFact) -> None:
        """Send soon."""


class FactsMail:
    """See the module. Sans-I/O: `now` in seconds, monotonic."""

    def __init__(self) -> None:
        self._links: list[Link] = []
        self._preferred: dict[str, Link] = {}  # by meeting: the gateway that opened its room
        self._recent: deque[tuple[float, Link, RoomFact]] = deque(maxlen=MAX_WAITING)
        self._waiting: deque[RoomFact] = deque(maxlen=MAX_WAITING)
        self.dropped = 0
        """Facts that were lost because too many waited; the oldest go first."""

    @property
    def waiting(self) -> int:
        """Facts that no gateway is there to take."""
        return len(self._waiting)

    def linked(self, link: Link, now: float) -> None:
        """A gateway is there: it gets what waits."""
        self._links.append(link)
        waiting, self._waiting = self._waiting, deque(maxlen=MAX_WAITING)
        for fact in waiting:
            self.send(fact, now)

    def prefer(self, meeting_id: str, link: Link) -> None:
        """This gateway opened the room."""
        self._preferred[meeting_id] = link

    def room_closed(self, meeting_id: str) -> None:
        """No more facts of this meeting."""
        self._preferred.pop(meeting_id, None)

    def send(self, fact: RoomFact, now: float) -> None:
        """Send a fact to one gateway, or keep it until there is one."""
        link = self._preferred.get(fact.meeting_id)
        if link not in self._links:
            link = self._links[0] if self._links else None
        if link is None:
            self.dropped += len(self._waiting) == MAX_WAITING
            self._waiting.append(fact)
            return
        self._recent.append((now, link, fact))
        while self._recent and now - self._recent[0][0] > RECENT_SECONDS:
            self._recent.popleft()
        link.notify(fact)

    def unlinked(self, link: Link, now: float) -> None:
        """A gateway is gone: what it may not have read is sent again."""
        self._links.remove(link)
        self._preferred = {meeting: other for meeting, other in self._preferred.items() if other is not link}
        unsure = [fact for at, to, fact in self._recent if to is link and now - at <= RECENT_SECONDS]
        self._recent = deque((entry for entry in self._recent if entry[1] is not link), maxlen=MAX_WAITING)
        for fact in unsure:
            self.send(fact, now)
