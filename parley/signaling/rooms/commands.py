"""What a client may ask of a room, one function per message: authorised here once, by the table, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from parley.lobby.authorization import Action, allowed
from parley.sfu.sdp import SdpError
from parley.signaling.rooms import media_commands, moderation_commands, recording_commands, talk_commands
from parley.signaling.rooms.command_error import CommandError
from parley.signaling.schema.client import (
    AdmitKnocks,
    AnyClientMessage,
    DenyKnocks,
    EndMeeting,
    GetStats,
    Leave,
    LockMeeting,
    LowerHand,
    MuteParticipant,
    MuteProducer,
    PauseRecording,
    PublishOffer,
    RaiseHand,
    RemoveParticipant,
    RestartSubscribe,
    SendChat,
    SendReaction,
    SetAgenda,
    SetRole,
    SetTimer,
    StartRecording,
    StopRecording,
    SubscribeAnswer,
    UpdateConsumer,
    WithdrawKnock,
)
from parley.signaling.schema.common import ErrorCode
from parley.signaling.schema.server import (
    Answer,
    Error,
)

if TYPE_CHECKING:
    from parley.signaling.rooms.room import Room
    from parley.signaling.rooms.visitor import Visitor


def carry_out(room: Room, visitor: Visitor, message: AnyClientMessage, now: float) -> None:
    """Authorise the message, do what it says, and answer it."""
    command = _COMMANDS.get(type(message))
    request_id = cast(int, getattr(message, "id", -1))
    if command is None:
        text = "This connection has said hello already."
        visitor.answer(Error(re=request_id, code=ErrorCode.WRONG_STATE, message=text))
        return
    action, function = command
    if not allowed(room.roster.standing(visitor), action):
        code = ErrorCode.FORBIDDEN if visitor.inside else ErrorCode.WRONG_STATE
        text = "You are not allowed to do this." if visitor.inside else "Wait until you have been let in."
        visitor.answer(Error(re=request_id, code=code, message=text))
        return
    try:
        answer = function(room, visitor, message, now)
    except CommandError as error:
        answer = Error(re=request_id, code=error.code, message=error.message)
    except SdpError as error:
        answer = Error(re=request_id, code=ErrorCode.BAD_SDP, message=str(error))
    if answer is not None:
        visitor.answer(answer)


# The one place that says which action of the authorization table a message is.
_COMMANDS: dict[type, tuple[Action, Callable[[Room, Visitor, Any, float], Answer | None]]] = {
    Leave: (Action.LEAVE, talk_commands.leave),
    WithdrawKnock: (Action.WITHDRAW, talk_commands.withdraw),
    AdmitKnocks: (Action.DECIDE_KNOCKS, moderation_commands.admit),
    DenyKnocks: (Action.DECIDE_KNOCKS, moderation_commands.deny),
    PublishOffer: (Action.PUBLISH, media_commands.publish),
    MuteProducer: (Action.PUBLISH, media_commands.mute_producer),
    SubscribeAnswer: (Action.SUBSCRIBE, media_commands.subscribe_answer),
    RestartSubscribe: (Action.SUBSCRIBE, media_commands.subscribe_restart),
    UpdateConsumer: (Action.SUBSCRIBE, media_commands.update_consumer),
    SendChat: (Action.CHAT, talk_commands.chat),
    MuteParticipant: (Action.MUTE, moderation_commands.mute_participant),
    RemoveParticipant: (Action.REMOVE, moderation_commands.remove_participant),
    SetRole: (Action.SET_COHOST, moderation_commands.set_role),
    LockMeeting: (Action.LOCK, moderation_commands.lock),
    SetAgenda: (Action.SET_AGENDA, talk_commands.agenda),
    SetTimer: (Action.SET_AGENDA, talk_commands.timer),
    StartRecording: (Action.RECORD, recording_commands.start),
    PauseRecording: (Action.RECORD, recording_commands.pause),
    StopRecording: (Action.RECORD, recording_commands.stop),
    RaiseHand: (Action.REACT, talk_commands.raise_hand),
    LowerHand: (Action.LOWER_HAND, moderation_commands.lower_hand),
    SendReaction: (Action.REACT, talk_commands.react),
    EndMeeting: (Action.END, moderation_commands.end),
    GetStats: (Action.SEE_STATS, media_commands.stats),
}
