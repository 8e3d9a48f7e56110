"""What a client may ask of a room, one function per message: authorised here once, by the table, then carried out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec

from parley.lobby.authorization import Action, Role, allowed
from parley.lobby.lobby import KnockOutcome, RefusedError, WaitingKnock
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.sdp import SdpError
from parley.signaling.node_messages import ChatSaid, CohostSet, LockSet, PersonRemoved
from parley.signaling.room_recording import RecorderUnavailableError
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
from parley.signaling.schema.common import ChatFile, ChatMessage, ErrorCode, LeaveReason, Timer
from parley.signaling.schema.server import (
    Answer,
    ChatPosted,
    ConsumerStats,
    Error,
    KnockAdded,
    MeetingUpdated,
    Ok,
    ParticipantUpdated,
    ProducerStats,
    ProducerUpdated,
    PublishAnswer,
    PublishedProducer,
    ReactionShown,
    Stats,
    TransportStats,
)

if TYPE_CHECKING:
    from parley.sfu.peer import Peer
    from parley.signaling.room import Room
    from parley.signaling.visitor import Visitor


class CommandError(Exception):
    """A request that can't be carried out; becomes an `error` answer."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def carry_out(room: Room, visitor: Visitor, message: AnyClientMessage, now: float) -> None:
    """Authorise the message, do what it says, and answer it."""
    command = _COMMANDS.get(type(message))
    request_id = cast(int, getattr(message, "id", -1))
    if command is None:
        text = "This connection has said hello already."
        visitor.answer(Error(re=request_id, code=ErrorCode.WRONG_STATE, message=text))
        return
    action, function = command
    if not allowed(room.standing(visitor), action):
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


# --- coming and going ------------------------------------------------------------------------------------------------


def _leave(room: Room, visitor: Visitor, message: Leave, now: float) -> None:
    visitor.answer(Ok(re=message.id))
    room.go(visitor, LeaveReason.LEFT, now)


def _withdraw(room: Room, visitor: Visitor, message: WithdrawKnock, now: float) -> None:
    visitor.answer(Ok(re=message.id))
    knock = room.lobby.withdraw(visitor.person.key)
    if knock is not None:
        room.knock_over(knock, KnockOutcome.WITHDRAWN, now)


def _admit(room: Room, visitor: Visitor, message: AdmitKnocks, now: float) -> Answer:
    for knock_id in _knock_ids(room, message.knock_ids):
        try:
            knock = room.lobby.admit(knock_id)
        except RefusedError:
            raise CommandError(ErrorCode.MEETING_FULL, "The meeting is full: somebody has to leave first.") from None
        _knock_decided(room, knock, KnockOutcome.ADMITTED, message.knock_ids, now)
    return Ok(re=message.id)


def _deny(room: Room, visitor: Visitor, message: DenyKnocks, now: float) -> Answer:
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


# --- media -----------------------------------------------------------------------------------------------------------


def _publish(room: Room, visitor: Visitor, message: PublishOffer, now: float) -> Answer:
    tracks = [TrackIntent(mid=track.mid, source=track.source.value, muted=track.muted) for track in message.tracks]
    result = _peer(visitor).publish(message.sdp, tracks)
    producers = [PublishedProducer(mid=mid, producer_id=producer_id) for mid, producer_id in result.producers]
    return PublishAnswer(re=message.id, sdp=result.sdp, producers=producers)


def _mute_producer(room: Room, visitor: Visitor, message: MuteProducer, now: float) -> Answer:
    if message.producer_id not in visitor.producers:
        raise CommandError(ErrorCode.NOT_FOUND, "You have no such producer.")
    _set_muted(room, visitor, message.producer_id, message.muted, by=None)
    return Ok(re=message.id)


def _set_muted(room: Room, owner: Visitor, producer_id: str, muted: bool, by: str | None) -> None:
    producer = owner.producers[producer_id]
    if producer.muted is muted:
        return
    _peer(owner).set_muted(producer_id, muted)
    changed = msgspec.structs.replace(producer, muted=muted)
    owner.producers[producer_id] = changed
    room.broadcast(ProducerUpdated(producer=changed, by=by))


def _subscribe_answer(room: Room, visitor: Visitor, message: SubscribeAnswer, now: float) -> Answer:
    _peer(visitor).answer_subscribe(message.offer_id, message.sdp)
    return Ok(re=message.id)


def _subscribe_restart(room: Room, visitor: Visitor, message: RestartSubscribe, now: float) -> Answer:
    _peer(visitor).restart_subscribe(message.fresh)
    return Ok(re=message.id)


def _update_consumer(room: Room, visitor: Visitor, message: UpdateConsumer, now: float) -> Answer:
    try:
        _peer(visitor).update_consumer(message.consumer_id, message.paused, message.max_layer)
    except KeyError:
        raise CommandError(ErrorCode.NOT_FOUND, "You have no such consumer.") from None
    return Ok(re=message.id)


def _stats(room: Room, visitor: Visitor, message: GetStats, now: float) -> Answer:
    stats = _peer(visitor).stats()
    return Stats(
        re=message.id,
        transports=[msgspec.convert(item, TransportStats, from_attributes=True) for item in stats.transports],
        producers=[msgspec.convert(item, ProducerStats, from_attributes=True) for item in stats.producers],
        consumers=[msgspec.convert(item, ConsumerStats, from_attributes=True) for item in stats.consumers],
    )


def _peer(visitor: Visitor) -> Peer:
    if visitor.peer is None:
        raise CommandError(ErrorCode.WRONG_STATE, "There is no media session yet.")
    return visitor.peer


# --- talking and moderating ------------------------------------------------------------------------------------------


def _chat(room: Room, visitor: Visitor, message: SendChat, now: float) -> Answer:
    if not message.text.strip():
        raise CommandError(ErrorCode.BAD_MESSAGE, "A chat message needs some text.")
    _say(room, visitor, message.text, None)
    return Ok(re=message.id)


def post_file(room: Room, visitor: Visitor | None, file: ChatFile | None) -> bool:
    """Say a file in the chat; whether the person may. None asks without doing it."""
    if visitor is None or not allowed(room.standing(visitor), Action.CHAT):
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
    room.keep_chat(said)
    account_id = None if visitor.person.is_guest else visitor.person.key
    room.outbox.fact(room.meeting_id, ChatSaid(message=said, account_id=account_id))
    room.broadcast(ChatPosted(message=said))


def _target(room: Room, actor: Visitor, participant_id: str, action: Action) -> Visitor:
    target = room.find(participant_id)
    if target is None:
        raise CommandError(ErrorCode.NOT_FOUND, "This person is not in the meeting.")
    if not allowed(room.standing(actor), action, target.role):
        raise CommandError(ErrorCode.FORBIDDEN, "You are not allowed to do this to the host or a co-host.")
    return target


def _mute_participant(room: Room, visitor: Visitor, message: MuteParticipant, now: float) -> Answer:
    target = _target(room, visitor, message.participant_id, Action.MUTE)
    for producer in list(target.producers.values()):
        if producer.source is message.source:
            _set_muted(room, target, producer.producer_id, True, by=visitor.person.name)
    return Ok(re=message.id)


def _remove_participant(room: Room, visitor: Visitor, message: RemoveParticipant, now: float) -> Answer:
    target = _target(room, visitor, message.participant_id, Action.REMOVE)
    if target is visitor:
        raise CommandError(ErrorCode.WRONG_STATE, "To go yourself, leave.")
    room.lobby.remove(target.person.key)
    room.outbox.fact(room.meeting_id, PersonRemoved(key=target.person.key))
    room.put_out(target, "The host has removed you from this meeting.", now)
    return Ok(re=message.id)


def _set_role(room: Room, visitor: Visitor, message: SetRole, now: float) -> Answer:
    target = _target(room, visitor, message.participant_id, Action.SET_COHOST)
    if (target.role is Role.COHOST) is message.cohost:
        return Ok(re=message.id)
    room.lobby.set_cohost(target.person.key, message.cohost)
    room.outbox.fact(room.meeting_id, CohostSet(key=target.person.key, cohost=message.cohost))
    target.role = room.lobby.role(target.person)
    room.broadcast(ParticipantUpdated(participant=room.view(target)))
    if target.role is Role.COHOST:
        for knock in room.knock_views():
            target.event(KnockAdded(knock=knock))
    room.tell_all_waiting()
    return Ok(re=message.id)


def _lock(room: Room, visitor: Visitor, message: LockMeeting, now: float) -> Answer:
    if room.lobby.locked is not message.locked:
        room.lobby.locked = message.locked
        room.outbox.fact(room.meeting_id, LockSet(locked=message.locked))
        room.broadcast(MeetingUpdated(meeting=room.meeting_state()))
    return Ok(re=message.id)


def _agenda(room: Room, visitor: Visitor, message: SetAgenda, now: float) -> Answer:
    room.set_agenda(message.text)
    return Ok(re=message.id)


def _timer(room: Room, visitor: Visitor, message: SetTimer, now: float) -> Answer:
    at = room.wall()
    room.set_timer(None if message.seconds is None else Timer(started_at=at, ends_at=at + message.seconds))
    return Ok(re=message.id)


def _start_recording(room: Room, visitor: Visitor, message: StartRecording, now: float) -> Answer:
    if room.recording.state is not None:
        raise CommandError(ErrorCode.WRONG_STATE, "This meeting is being recorded already.")
    try:
        room.record(message.recap, message.gestures)
    except RecorderUnavailableError as error:
        raise CommandError(ErrorCode.UNAVAILABLE, str(error)) from None
    return Ok(re=message.id)


def _pause_recording(room: Room, visitor: Visitor, message: PauseRecording, now: float) -> Answer:
    _check_recorded(room)
    room.pause_recording(message.paused)
    return Ok(re=message.id)


def _stop_recording(room: Room, visitor: Visitor, message: StopRecording, now: float) -> Answer:
    _check_recorded(room)
    room.stop_recording("host")
    return Ok(re=message.id)


def _check_recorded(room: Room) -> None:
    if room.recording.state is None:
        raise CommandError(ErrorCode.WRONG_STATE, "This meeting is not being recorded.")


def _raise_hand(room: Room, visitor: Visitor, message: RaiseHand, now: float) -> Answer:
    _set_hand(room, visitor, message.raised)
    return Ok(re=message.id)


def _lower_hand(room: Room, visitor: Visitor, message: LowerHand, now: float) -> Answer:
    _set_hand(room, _target(room, visitor, message.participant_id, Action.LOWER_HAND), False)
    return Ok(re=message.id)


def _set_hand(room: Room, visitor: Visitor, raised: bool) -> None:
    if (visitor.hand_raised_at is not None) is raised:
        return
    visitor.hand_raised_at = room.wall() if raised else None
    room.recording.hand(visitor.person.key, raised)
    room.broadcast(ParticipantUpdated(participant=room.view(visitor)))


def _react(room: Room, visitor: Visitor, message: SendReaction, now: float) -> Answer:
    shown = ReactionShown(participant_id=visitor.participant_id, reaction=message.reaction)
    for other in room.inside():
        other.now_or_never(shown)
    room.recording.reacted(visitor.person.key, message.reaction)
    return Ok(re=message.id)


def _end(room: Room, visitor: Visitor, message: EndMeeting, now: float) -> None:
    visitor.answer(Ok(re=message.id))
    room.end(f"{visitor.person.name} ended the meeting for everyone.", now)


# The one place that says which action of the authorization table a message is.
_COMMANDS: dict[type, tuple[Action, Callable[[Room, Visitor, Any, float], Answer | None]]] = {
    Leave: (Action.LEAVE, _leave),
    WithdrawKnock: (Action.WITHDRAW, _withdraw),
    AdmitKnocks: (Action.DECIDE_KNOCKS, _admit),
    DenyKnocks: (Action.DECIDE_KNOCKS, _deny),
    PublishOffer: (Action.PUBLISH, _publish),
    MuteProducer: (Action.PUBLISH, _mute_producer),
    SubscribeAnswer: (Action.SUBSCRIBE, _subscribe_answer),
    RestartSubscribe: (Action.SUBSCRIBE, _subscribe_restart),
    UpdateConsumer: (Action.SUBSCRIBE, _update_consumer),
    SendChat: (Action.CHAT, _chat),
    MuteParticipant: (Action.MUTE, _mute_participant),
    RemoveParticipant: (Action.REMOVE, _remove_participant),
    SetRole: (Action.SET_COHOST, _set_role),
    LockMeeting: (Action.LOCK, _lock),
    SetAgenda: (Action.SET_AGENDA, _agenda),
    SetTimer: (Action.SET_AGENDA, _timer),
    StartRecording: (Action.RECORD, _start_recording),
    PauseRecording: (Action.RECORD, _pause_recording),
    StopRecording: (Action.RECORD, _stop_recording),
    RaiseHand: (Action.REACT, _raise_hand),
    LowerHand: (Action.LOWER_HAND, _lower_hand),
    SendReaction: (Action.REACT, _react),
    EndMeeting: (Action.END, _end),
    GetStats: (Action.SEE_STATS, _stats),
}
