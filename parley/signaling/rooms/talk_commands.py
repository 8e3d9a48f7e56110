"""What everybody inside may ask: to leave, to chat, an agenda, a timer, a hand, a reaction; and who waits, to go."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from parley.lobby.authorization import Action, allowed
from parley.lobby.lobby import KnockOutcome
from parley.signaling.node_messages import AgendaSet, ChatSaid
from parley.signaling.rooms.command_error import CommandError
from parley.signaling.schema.client import (
    Leave,
    RaiseHand,
    SendChat,
    SendReaction,
    SetAgenda,
    SetTimer,
    WithdrawKnock,
)
from parley.signaling.schema.common import ChatFile, ChatMessage, ErrorCode, LeaveReason, Timer
from parley.signaling.schema.server import (
    Answer,
    ChatPosted,
    Ok,
    ParticipantUpdated,
    ReactionShown,
)

if TYPE_CHECKING:
    from parley.signaling.rooms.room import Room
    from parley.signaling.rooms.visitor import Visitor


def leave(room: Room, visitor: Visitor, message: Leave, now: float) -> None:
    """Leave the meeting."""
    visitor.answer(Ok(re=message.id))
    room.go(visitor, LeaveReason.LEFT, now)


def withdraw(room: Room, visitor: Visitor, message: WithdrawKnock, now: float) -> None:
    """Knock no longer."""
    visitor.answer(Ok(re=message.id))
    knock = room.lobby.withdraw(visitor.person.key)
    if knock is not None:
        room.knock_over(knock, KnockOutcome.WITHDRAWN, now)


def chat(room: Room, visitor: Visitor, message: SendChat, now: float) -> Answer:
    """Say something in the chat."""
    if not message.text.strip():
        raise CommandError(ErrorCode.BAD_MESSAGE, "A chat message needs some text.")
    _say(room, visitor, message.text, None)
    return Ok(re=message.id)


def post_file(room: Room, visitor: Visitor | None, file: ChatFile | None) -> bool:
    """Say a file in the chat; whether the person may. None asks without doing it."""
    if visitor is None or not allowed(room.roster.standing(visitor), Action.CHAT):
        return False
    if file is not None:
        _say(room, visitor, "", file)
    return True


def _say(room: Room, visitor: Visitor, text: str, file: ChatFile | None) -> None:
    said = ChatMessage(
        message_id=secrets.token_urlsafe(12),
        participant_id=visitor.participant_id,
        name=visitor.person.name,
        text=text,
        at=room.wall(),
        file=file,
    )
    room.chat.keep(said)
    room.recording.said(visitor.person.key, text)
    account_id = None if visitor.person.is_guest else visitor.person.key
    room.fact(ChatSaid(message=said, account_id=account_id))
    room.roster.broadcast(ChatPosted(message=said))


def agenda(room: Room, visitor: Visitor, message: SetAgenda, now: float) -> Answer:
    """Write down what the meeting is about."""
    if message.text != room.meeting.agenda:
        room.meeting.agenda = message.text
        room.fact(AgendaSet(text=message.text))
        room.meeting_changed()
    return Ok(re=message.id)


def timer(room: Room, visitor: Visitor, message: SetTimer, now: float) -> Answer:
    """Start a countdown, or take it away."""
    at = room.wall()
    room.meeting.timer = None if message.seconds is None else Timer(started_at=at, ends_at=at + message.seconds)
    room.meeting_changed()
    return Ok(re=message.id)


def raise_hand(room: Room, visitor: Visitor, message: RaiseHand, now: float) -> Answer:
    """Raise one's own hand, or take it down."""
    set_hand(room, visitor, message.raised)
    return Ok(re=message.id)


def set_hand(room: Room, visitor: Visitor, raised: bool) -> None:
    """Somebody's hand is up, or down."""
    if (visitor.hand_raised_at is not None) is raised:
        return
    visitor.hand_raised_at = room.wall() if raised else None
    room.recording.hand(visitor.person.key, raised)
    room.roster.broadcast(ParticipantUpdated(participant=room.view(visitor)))


def react(room: Room, visitor: Visitor, message: SendReaction, now: float) -> Answer:
    """Show everybody a reaction."""
    shown = ReactionShown(participant_id=visitor.participant_id, reaction=message.reaction)
    room.roster.show(shown)
    room.recording.reacted(visitor.person.key, message.reaction)
    return Ok(re=message.id)
