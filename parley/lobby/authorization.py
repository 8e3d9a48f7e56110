"""Who may do what in a room: the one table, and the one rule about targets.

Everything a person asks of a room is an Action; what a person is there is a Standing. Nothing else in the project
decides it again.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What someone who is inside the room is there."""

    HOST = "host"
    COHOST = "cohost"
    MEMBER = "member"
    GUEST = "guest"


class Standing(StrEnum):
    """A role, or what someone is who is not inside."""

    HOST = "host"
    COHOST = "cohost"
    MEMBER = "member"
    GUEST = "guest"
    WAITING = "waiting"
    REMOVED = "removed"
    OUTSIDE = "outside"


class Action(StrEnum):
    """Something a person can ask of a room."""

    WITHDRAW = "withdraw"
    LEAVE = "leave"
    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"
    CHAT = "chat"
    REACT = "react"
    SEE_STATS = "see_stats"
    SEE_KNOCKS = "see_knocks"
    DECIDE_KNOCKS = "decide_knocks"
    MUTE = "mute"
    REMOVE = "remove"
    SET_COHOST = "set_cohost"
    LOCK = "lock"
    SET_AGENDA = "set_agenda"
    LOWER_HAND = "lower_hand"
    RECORD = "record"
    END = "end"


_TAKE_PART = frozenset({Action.LEAVE, Action.PUBLISH, Action.SUBSCRIBE, Action.CHAT, Action.REACT, Action.SEE_STATS})
_MODERATE = frozenset(
    {
        Action.SEE_KNOCKS,
        Action.DECIDE_KNOCKS,
        Action.MUTE,
        Action.REMOVE,
        Action.LOCK,
        Action.SET_AGENDA,
        Action.LOWER_HAND,
        Action.RECORD,
        Action.END,
    }
)

TABLE: dict[Standing, frozenset[Action]] = {
    Standing.HOST: _TAKE_PART | _MODERATE | {Action.SET_COHOST},
    Standing.COHOST: _TAKE_PART | _MODERATE,
    Standing.MEMBER: _TAKE_PART,
    Standing.GUEST: _TAKE_PART,
    Standing.WAITING: frozenset({Action.WITHDRAW, Action.LEAVE}),
    Standing.REMOVED: frozenset(),
    Standing.OUTSIDE: frozenset(),
}

_PROTECTED: dict[Standing, frozenset[Role]] = {
    Standing.HOST: frozenset({Role.HOST}),
    Standing.COHOST: frozenset({Role.HOST, Role.COHOST}),
}
_TARGETED = frozenset({Action.MUTE, Action.REMOVE, Action.SET_COHOST})


def allowed(standing: Standing, action: Action, target: Role | None = None) -> bool:
    """Whether someone of this standing may do this, for MUTE, REMOVE and SET_COHOST to a target of that role.

    Nobody acts on a host, and a co-host doesn't act on another co-host; muting is the exception, because a noisy
    microphone is nobody's privilege.
    """
    if action not in TABLE[standing]:
        return False
    if action not in _TARGETED or action is Action.MUTE or target is None:
        return True
    return target not in _PROTECTED.get(standing, frozenset())
