"""Who may do what with a conversation and its meetings: the one table.

Whoever is no member doesn't learn that a conversation exists: what they may not do there is not found, not forbidden.
"""

from __future__ import annotations

from enum import StrEnum


class Relation(StrEnum):
    """What an account is to a conversation."""

    OWNER = "owner"
    MEMBER = "member"
    STRANGER = "stranger"


class Action(StrEnum):
    """What can be asked of a conversation."""

    SEE = "see"
    READ = "read"
    WRITE = "write"
    MEET = "meet"
    ADD_MEMBER = "add_member"
    REMOVE_MEMBER = "remove_member"
    LEAVE = "leave"


_MEMBER = frozenset({Action.SEE, Action.READ, Action.WRITE, Action.MEET, Action.LEAVE})

TABLE: dict[Relation, frozenset[Action]] = {
    Relation.OWNER: _MEMBER | {Action.ADD_MEMBER, Action.REMOVE_MEMBER},
    Relation.MEMBER: _MEMBER,
    Relation.STRANGER: frozenset(),
}


def allowed(relation: Relation, action: Action) -> bool:
    """Whether someone of this relation may do this."""
    return action in TABLE[relation]
