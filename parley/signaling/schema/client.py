"""What a client may say over the WebSocket.

Every message has `type`; all but `ack` have an `id` that the answer repeats as `re`. Decoding with `CLIENT_DECODER`
is the one validation of a client message: what passes has the types and bounds stated here.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from parley.signaling.schema.common import (
    AgendaText,
    ChatText,
    DisplayName,
    Id,
    Layer,
    MeetingCode,
    Mid,
    Reaction,
    Sdp,
    Source,
    TimerSeconds,
    Token,
)

RequestId = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class ClientMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all client messages."""


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take up a session whose WebSocket dropped: the server sends every event after `last_seq` again."""

    session_id: Id
    resume_token: Token
    last_seq: Seq


class Hello(ClientMessage, tag="hello", frozen=True):
    """The first message. An account is known by its cookie; a guest gives name and consent, or a guest token."""

    id: RequestId
    protocol: int
    code: MeetingCode
    name: DisplayName | None = None
    accept_terms: bool = False
    guest_token: Token | None = None
    resume: Resume | None = None


class Ack(ClientMessage, tag="ack", frozen=True):
    """Answer to `heartbeat`: events up to `seq` have arrived, the server may forget them. Never answered."""

    seq: Seq


class Leave(ClientMessage, tag="leave", frozen=True):
    """Leave for good; the participant is gone at once."""

    id: RequestId


class WithdrawKnock(ClientMessage, tag="knock.withdraw", frozen=True):
    """The waiting guest gives up."""

    id: RequestId


class AdmitKnocks(ClientMessage, tag="knock.admit", frozen=True):
    """Let guests in: those named, or with null everyone who waits."""

    id: RequestId
    knock_ids: Annotated[list[Id], msgspec.Meta(max_length=200)] | None


class DenyKnocks(ClientMessage, tag="knock.deny", frozen=True):
    """Turn guests away: those named, or with null everyone who waits."""

    id: RequestId
    knock_ids: Annotated[list[Id], msgspec.Meta(max_length=200)] | None


class PublishTrack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which source one m-line of the publish offer carries."""

    mid: Mid
    source: Source
    muted: bool = False


class PublishOffer(ClientMessage, tag="publish.offer", frozen=True):
    """SDP offer of the publish transport, with all tracks that live; a producer whose source is not listed ends."""

    id: RequestId
    sdp: Sdp
    tracks: Annotated[list[PublishTrack], msgspec.Meta(max_length=8)]


class MuteProducer(ClientMessage, tag="producer.mute", frozen=True):
    """Mute or unmute one's own producer: while muted the server forwards none of its packets."""

    id: RequestId
    producer_id: Id
    muted: bool


class SubscribeAnswer(ClientMessage, tag="subscribe.answer", frozen=True):
    """SDP answer to `subscribe.offer`."""

    id: RequestId
    offer_id: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    sdp: Sdp


class RestartSubscribe(ClientMessage, tag="subscribe.restart", frozen=True):
    """Ask for a subscribe offer with fresh ICE credentials (the network changed), or with `fresh` for a new transport
    (the client made a new RTCPeerConnection). The offer comes as an event."""

    id: RequestId
    fresh: bool = False


class UpdateConsumer(ClientMessage, tag="consumer.update", frozen=True):
    """Pause, resume, or bound the layer of one consumer; what is null stays as it is."""

    id: RequestId
    consumer_id: Id
    paused: bool | None = None
    max_layer: Layer | None = None


class SendChat(ClientMessage, tag="chat.send", frozen=True):
    """Say something to everyone in the room."""

    id: RequestId
    text: ChatText


class RemoveParticipant(ClientMessage, tag="participant.remove", frozen=True):
    """Put someone out; they can't come back into this meeting."""

    id: RequestId
    participant_id: Id


class MuteParticipant(ClientMessage, tag="participant.mute", frozen=True):
    """Mute someone's producers of one source; they can unmute themselves."""

    id: RequestId
    participant_id: Id
    source: Source


class SetRole(ClientMessage, tag="participant.set_role", frozen=True):
    """Make someone a co-host, or take that back."""

    id: RequestId
    participant_id: Id
    cohost: bool


class LockMeeting(ClientMessage, tag="meeting.lock", frozen=True):
    """While locked nobody new can enter or knock."""

    id: RequestId
    locked: bool


class EndMeeting(ClientMessage, tag="meeting.end", frozen=True):
    """End the meeting for everyone."""

    id: RequestId


class SetAgenda(ClientMessage, tag="meeting.agenda", frozen=True):
    """Write the agenda anew."""

    id: RequestId
    text: AgendaText


class SetTimer(ClientMessage, tag="meeting.timer", frozen=True):
    """Start a countdown of so many seconds for everyone, or with null take it away."""

    id: RequestId
    seconds: TimerSeconds | None


class StartRecording(ClientMessage, tag="recording.start", frozen=True):
    """Record from now on. Everybody is told. recap: make a recap of it; gestures: look for hands in the pictures."""

    id: RequestId
    recap: bool = True
    gestures: bool = False


class PauseRecording(ClientMessage, tag="recording.pause", frozen=True):
    """Keep nothing for a while, or go on."""

    id: RequestId
    paused: bool


class StopRecording(ClientMessage, tag="recording.stop", frozen=True):
    """The recording is complete; a recap of it is made from now on."""

    id: RequestId


class RaiseHand(ClientMessage, tag="hand.raise", frozen=True):
    """Raise one's hand, or take it down."""

    id: RequestId
    raised: bool


class LowerHand(ClientMessage, tag="participant.lower_hand", frozen=True):
    """Take somebody else's hand down: they had their turn."""

    id: RequestId
    participant_id: Id


class SendReaction(ClientMessage, tag="reaction.send", frozen=True):
    """Show everyone a reaction."""

    id: RequestId
    reaction: Reaction


class GetStats(ClientMessage, tag="stats.get", frozen=True):
    """What the server sees of one's own transports, producers and consumers."""

    id: RequestId


AnyClientMessage = (
    Hello
    | Ack
    | Leave
    | WithdrawKnock
    | AdmitKnocks
    | DenyKnocks
    | PublishOffer
    | MuteProducer
    | SubscribeAnswer
    | RestartSubscribe
    | UpdateConsumer
    | SendChat
    | RemoveParticipant
    | MuteParticipant
    | SetRole
    | LockMeeting
    | EndMeeting
    | SetAgenda
    | SetTimer
    | StartRecording
    | PauseRecording
    | StopRecording
    | RaiseHand
    | LowerHand
    | SendReaction
    | GetStats
)

CLIENT_DECODER: msgspec.json.Decoder[AnyClientMessage] = msgspec.json.Decoder(AnyClientMessage)
