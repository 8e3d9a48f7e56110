"""What an operator may set about rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """How many fit into a room, and how long it waits for people; times in seconds."""

    capacity: int = 10
    knock_lifetime: float = 600.0
    resume_window: float = 30.0
    empty_room_lifetime: float = 60.0
    heartbeat_interval: float = 5.0
