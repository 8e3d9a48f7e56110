"""What hosts and co-hosts may ask: who comes in, who is muted, removed or made co-host, the lock, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.lobby.authorization import Action, Role, allowed
from parley.lobby.lobby import KnockOutcome, Refusal, RefusedError, WaitingKnock
from parley.signaling.node_messages import CohostSet, LockSet, PersonRemoved
from parley.signaling.rooms import media_commands, talk_commands
from parley.signaling.rooms.command_error import CommandError
from parley.signaling.rooms.reception import REFUSALS
from parley.signaling.schema.client import (
    AdmitKnocks,
    DenyKnocks,
    EndMeeting,
    LockMeeting,
    LowerHand,
    MuteParticipant,
    RemoveParticipant,
    SetRole,
)
from parley.signaling.schema.common import ErrorCode
from parley.signaling.schema.server import (
    Answer,
    KnockAdded,
    Ok,
    ParticipantUpdated,
)

if TYPE_CHECKING:
    from parley.signaling.rooms.room import Room
    from parley.signaling.rooms.visitor import Visitor


def admit(room: Room, visitor: Visitor, message: AdmitKnocks, now: float) -> Answer:
    """Let in who waits: these, or all."""
    for knock_id in _knock_ids(room, message.knock_ids):
        try:
            knock = room.lobby.admit(knock_id)
        except RefusedError:
            raise CommandError(ErrorCode.MEETING_FULL, "The meeting is full: somebody has to leave first.") from None
        _knock_decided(room, knock, KnockOutcome.ADMITTED, message.knock_ids, now)
    return Ok(re=message.id)


def deny(room: Room, visitor: Visitor, message: DenyKnocks, now: float) -> Answer:
    """Turn down who waits: these, or all."""
    for knock_id in _knock_ids(room, message.knock_ids):
        _knock_decided(room, room.lobby.deny(knock_id), KnockOutcome.DENIED, message.knock_ids, now)
    return Ok(re=message.id)


def _knock_ids(room: Room, wanted: list[str] | None) -> list[str]:
    return [knock.knock_id for knock in room.lobby.waiting()] if wanted is None else wanted


def _knock_decided(
    room: Room, knock: WaitingKnock | None, outcome: KnockOutcome, wanted: list[str] | None, now: float
) -> None:
    if knock is not None:
        room.knock_over(knock, outcome, now)
    elif wanted is not None and len(wanted) == 1:
        raise CommandError(ErrorCode.NOT_FOUND, "This guest no longer waits.")


def _whom(room: Room, actor: Visitor, participant_id: str, action: Action) -> Visitor:
    target = room.roster.find(participant_id)
    if target is None:
        raise CommandError(ErrorCode.NOT_FOUND, "This person is not in the meeting.")
    if not allowed(room.roster.standing(actor), action, target.role):
        raise CommandError(ErrorCode.FORBIDDEN, "You are not allowed to do this to the host or a co-host.")
    return target


def mute_participant(room: Room, visitor: Visitor, message: MuteParticipant, now: float) -> Answer:
    """Mute somebody's microphone, camera or screen."""
    target = _whom(room, visitor, message.participant_id, Action.MUTE)
    for producer in list(target.producers.values()):
        if producer.source is message.source:
            media_commands.set_muted(room, target, producer.producer_id, True, by=visitor.person.name)
    return Ok(re=message.id)


def remove_participant(room: Room, visitor: Visitor, message: RemoveParticipant, now: float) -> Answer:
    """Put somebody out, who can't come back."""
    target = _whom(room, visitor, message.participant_id, Action.REMOVE)
    if target is visitor:
        raise CommandError(ErrorCode.WRONG_STATE, "To go yourself, leave.")
    room.lobby.remove(target.person.key)
    room.fact(PersonRemoved(key=target.person.key))
    _, words = REFUSALS[Refusal.REMOVED]
    room.put_out(target, words, now)
    return Ok(re=message.id)


def set_role(room: Room, visitor: Visitor, message: SetRole, now: float) -> Answer:
    """Make somebody co-host, or take it back."""
    target = _whom(room, visitor, message.participant_id, Action.SET_COHOST)
    if (target.role is Role.COHOST) is message.cohost:
        return Ok(re=message.id)
    room.lobby.set_cohost(target.person.key, message.cohost)
    room.fact(CohostSet(key=target.person.key, cohost=message.cohost))
    target.role = room.lobby.role(target.person)
    room.roster.broadcast(ParticipantUpdated(participant=room.view(target)))
    if target.role is Role.COHOST:
        for knock in room.knocks.views():
            target.event(KnockAdded(knock=knock))
    room.knocks.tell_all_waiting()
    return Ok(re=message.id)


def lock(room: Room, visitor: Visitor, message: LockMeeting, now: float) -> Answer:
    """Lock the meeting, or open it."""
    if room.lobby.locked is not message.locked:
        room.lobby.locked = message.locked
        room.fact(LockSet(locked=message.locked))
        room.meeting_changed()
    return Ok(re=message.id)


def lower_hand(room: Room, visitor: Visitor, message: LowerHand, now: float) -> Answer:
    """Take down somebody's hand."""
    talk_commands.set_hand(room, _whom(room, visitor, message.participant_id, Action.LOWER_HAND), False)
    return Ok(re=message.id)


def end(room: Room, visitor: Visitor, message: EndMeeting, now: float) -> None:
    """End the meeting for everyone."""
    visitor.answer(Ok(re=message.id))
    room.end(f"{visitor.person.name} ended the meeting for everyone.", now)
