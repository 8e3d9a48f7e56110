"""Whether those inside are there: sockets and media that are away, how well media gets through, and heartbeats.

Sans-I/O: `now` is in seconds, monotonic. Who stays away for too long the room shows out (room.py).
"""

from __future__ import annotations

from collections.abc import Callable

from parley.signaling.rooms import quality
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.common import ConnectionState, Participant
from parley.signaling.schema.server import Heartbeat, ParticipantUpdated

RECONNECTING_AFTER = 2.0
"""Seconds a socket may be away before the others are told: a reload needn't make tiles flicker."""


class Presence:
    """See the module. view: a participant as everyone sees them now."""

    def __init__(
        self, roster: Roster, view: Callable[[Visitor], Participant], heartbeat_interval: float, now: float
    ) -> None:
        self._roster = roster
        self._view = view
        self._heartbeat_interval = heartbeat_interval
        self._next_heartbeat = now + heartbeat_interval
        self._next_look = now + quality.INTERVAL

    def look(self, visitor: Visitor, now: float) -> None:
        """Tell everyone where somebody is away since a moment, or there again."""
        if not visitor.inside:
            return
        detached_at = visitor.session.detached_at
        away = detached_at is not None and now - detached_at >= RECONNECTING_AFTER
        state = ConnectionState.RECONNECTING if away or visitor.media_down else ConnectionState.CONNECTED
        if state is not visitor.state:
            visitor.state = state
            self._roster.broadcast(ParticipantUpdated(participant=self._view(visitor)))

    def tick(self, now: float) -> None:
        """Measure quality and send heartbeats, each in its own time."""
        if now >= self._next_look:
            self._next_look = now + quality.INTERVAL
            for visitor in self._roster.inside():
                if visitor.measure_quality(now):
                    self._roster.broadcast(ParticipantUpdated(participant=self._view(visitor)))
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + self._heartbeat_interval
            for visitor in self._roster:
                visitor.now_or_never(Heartbeat(seq=visitor.session.seq))
