"""The table of who may do what in a room, written out once more by hand: a change of the rules changes this page."""

from __future__ import annotations

import pytest

from parley.lobby.authorization import Action, Role, Standing, allowed

H, C, M, G, W, R, O = (  # noqa: E741
    Standing.HOST,
    Standing.COHOST,
    Standing.MEMBER,
    Standing.GUEST,
    Standing.WAITING,
    Standing.REMOVED,
    Standing.OUTSIDE,
)

WHO_MAY = {
    Action.WITHDRAW: {W},
    Action.LEAVE: {H, C, M, G, W},
    Action.PUBLISH: {H, C, M, G},
    Action.SUBSCRIBE: {H, C, M, G},
    Action.CHAT: {H, C, M, G},
    Action.REACT: {H, C, M, G},
    Action.SEE_STATS: {H, C, M, G},
    Action.SEE_KNOCKS: {H, C},
    Action.DECIDE_KNOCKS: {H, C},
    Action.MUTE: {H, C},
    Action.REMOVE: {H, C},
    Action.SET_COHOST: {H},
    Action.LOCK: {H, C},
    Action.SET_AGENDA: {H, C},
    Action.LOWER_HAND: {H, C},
    Action.RECORD: {H, C},
    Action.END: {H, C},
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("standing", list(Standing))
def test_each_standing_may_do_exactly_what_the_table_says(standing: Standing, action: Action) -> None:
    assert allowed(standing, action) is (standing in WHO_MAY[action])


@pytest.mark.parametrize(
    ("actor", "action", "target", "expected"),
    [
        (H, Action.REMOVE, Role.GUEST, True),
        (H, Action.REMOVE, Role.MEMBER, True),
        (H, Action.REMOVE, Role.COHOST, True),
        (H, Action.REMOVE, Role.HOST, False),
        (C, Action.REMOVE, Role.GUEST, True),
        (C, Action.REMOVE, Role.MEMBER, True),
        (C, Action.REMOVE, Role.COHOST, False),
        (C, Action.REMOVE, Role.HOST, False),
        (H, Action.SET_COHOST, Role.MEMBER, True),
        (H, Action.SET_COHOST, Role.HOST, False),
        (C, Action.SET_COHOST, Role.MEMBER, False),
        (C, Action.MUTE, Role.HOST, True),
        (G, Action.MUTE, Role.GUEST, False),
        (G, Action.REMOVE, Role.GUEST, False),
    ],
)
def test_host_and_cohosts_are_protected_from_each_other_as_stated(
    actor: Standing, action: Action, target: Role, expected: bool
) -> None:
    assert allowed(actor, action, target) is expected
