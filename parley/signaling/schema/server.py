"""What the server says over the WebSocket.

Answers carry `re`, the id of the request. Events that a resumed session must not miss carry a rising `seq`; those
without it (heartbeat, levels) are worth nothing once late.
"""

from __future__ import annotations

import msgspec

from parley.signaling.schema.common import (
    ChatMessage,
    ErrorCode,
    IceServer,
    Instant,
    Knock,
    KnockOutcome,
    Layer,
    LeaveReason,
    MeetingState,
    Participant,
    Producer,
    Reaction,
    Role,
    Source,
)


class ServerMessage(msgspec.Struct, frozen=True):
    """Base of all server messages."""


class Answer(ServerMessage, frozen=True):
    """Base of the answers to a request."""

    re: int


class Event(ServerMessage, frozen=True, kw_only=True):
    """Base of the events that are numbered and sent again on resume; the session fills in `seq`."""

    seq: int = 0


# --- answers ---------------------------------------------------------------------------------------------------------


class Ok(Answer, tag="ok", frozen=True):
    """Done; nothing more to say."""


class Error(Answer, tag="error", frozen=True):
    """Not done. `message` is fit to show to a person. `re` is -1 when the request's id could not be read."""

    code: ErrorCode
    message: str


class PublishedProducer(msgspec.Struct, frozen=True):
    """The producer that one m-line became."""

    mid: str
    producer_id: str


class PublishAnswer(Answer, tag="publish.answer", frozen=True):
    """SDP answer of the publish transport."""

    sdp: str
    producers: list[PublishedProducer]


class TransportStats(msgspec.Struct, frozen=True):
    """One transport as the server sees it. Bitrates in bit/s, times in milliseconds."""

    kind: str
    state: str
    protocol: str
    remote: str
    srtp_profile: str
    bytes_in: int
    bytes_out: int
    packets_in: int
    packets_out: int
    bitrate_in: int
    bitrate_out: int
    estimate_out: int
    rtt_ms: float


class ProducerStats(msgspec.Struct, frozen=True):
    """One producer: what arrives from its owner."""

    producer_id: str
    source: Source
    codec: str
    muted: bool
    packets: int
    bytes: int
    bitrate: int
    lost: int
    nacks_sent: int
    plis_sent: int
    jitter_ms: float
    layers: list[str]


class ConsumerStats(msgspec.Struct, frozen=True):
    """One consumer: what is sent of a producer to this participant."""

    consumer_id: str
    producer_id: str
    codec: str
    paused: bool
    layer: str
    packets: int
    bytes: int
    bitrate: int
    fraction_lost: float
    nacks_received: int
    retransmitted: int
    plis_received: int


class Stats(Answer, tag="stats", frozen=True):
    """Answer to `stats.get`."""

    transports: list[TransportStats]
    producers: list[ProducerStats]
    consumers: list[ConsumerStats]


# --- entering --------------------------------------------------------------------------------------------------------


class Welcome(ServerMessage, tag="welcome", frozen=True):
    """Answer to `hello`: the session is there, waiting in the lobby or (a `joined` follows) in the room.

    With `resumed` true no `joined` follows: the missed events do. `guest_token` lets a guest come back without
    knocking.
    """

    re: int
    protocol: int
    session_id: str
    resume_token: str
    resumed: bool
    waiting: bool
    heartbeat_interval: float
    resume_window: float
    guest_token: str | None


class Waiting(Event, tag="knock.waiting", frozen=True):
    """To the guest: the knock is registered. Sent again when a host arrives or leaves."""

    knock_id: str
    title: str
    recording: bool
    host_present: bool
    expires_at: Instant


class KnockEnded(Event, tag="knock.ended", frozen=True):
    """To the guest: denied, withdrawn or expired (admission shows as `joined`). The socket closes after it."""

    outcome: KnockOutcome
    message: str


class Joined(Event, tag="joined", frozen=True):
    """The whole state of the room. A client that gets it while joined drops its transports and starts over: the room
    was reopened elsewhere or the session could not be resumed."""

    participant_id: str
    role: Role
    meeting: MeetingState
    participants: list[Participant]
    knocks: list[Knock]
    chat: list[ChatMessage]
    ice_servers: list[IceServer]
    active_speaker: str | None


# --- the room --------------------------------------------------------------------------------------------------------


class ParticipantJoined(Event, tag="participant.joined", frozen=True):
    """Someone came in."""

    participant: Participant


class ParticipantUpdated(Event, tag="participant.updated", frozen=True):
    """Someone's role or connection state changed (also one's own role). `participant` is the whole new state."""

    participant: Participant


class ParticipantLeft(Event, tag="participant.left", frozen=True):
    """Someone is gone."""

    participant_id: str
    reason: LeaveReason


class ProducerAdded(Event, tag="producer.added", frozen=True):
    """Someone publishes a track. The consumer for it comes with a `subscribe.offer`."""

    producer: Producer


class ProducerUpdated(Event, tag="producer.updated", frozen=True):
    """A producer was muted or unmuted. `by` names the host or co-host who did it, null when its owner did."""

    producer: Producer
    by: str | None = None


class ProducerRemoved(Event, tag="producer.removed", frozen=True):
    """A track ended."""

    producer_id: str
    participant_id: str


class Consumer(msgspec.Struct, frozen=True):
    """Which m-line of the subscribe offer carries which producer."""

    consumer_id: str
    producer_id: str
    participant_id: str
    source: Source
    mid: str


class SubscribeOffer(Event, tag="subscribe.offer", frozen=True):
    """SDP offer of the subscribe transport, with all its consumers. With `fresh` the client makes a new
    RTCPeerConnection for it. Only the newest offer needs an answer."""

    offer_id: int
    sdp: str
    consumers: list[Consumer]
    fresh: bool


class ConsumerUpdated(Event, tag="consumer.updated", frozen=True):
    """What a consumer forwards changed: paused by the client, its layer, or none fits the bandwidth (layer null)."""

    consumer_id: str
    paused: bool
    layer: Layer | None


class ActiveSpeaker(Event, tag="speaker.active", frozen=True):
    """Who speaks, or null for nobody."""

    participant_id: str | None


class SpeakerLevels(ServerMessage, tag="speaker.levels", frozen=True):
    """Loudness of those who are heard now, dB below full scale as positive numbers 0 (loud) to 127 (RFC 6464)."""

    levels: dict[str, int]


class KnockAdded(Event, tag="knock.added", frozen=True):
    """To host and co-hosts: someone waits."""

    knock: Knock


class KnockRemoved(Event, tag="knock.removed", frozen=True):
    """To host and co-hosts: someone waits no longer."""

    knock_id: str
    outcome: KnockOutcome


class ChatPosted(Event, tag="chat.message", frozen=True):
    """A chat line, also to its sender."""

    message: ChatMessage


class MeetingUpdated(Event, tag="meeting.updated", frozen=True):
    """The meeting's own facts changed: locked, recording."""

    meeting: MeetingState


class Ended(Event, tag="meeting.ended", frozen=True):
    """The meeting is over for everyone; the socket closes after it. recap: to members, the recap that is being made."""

    message: str
    recap: str | None = None


class Removed(Event, tag="removed", frozen=True):
    """To the one who was put out; the socket closes after it."""

    message: str


# --- worth nothing later --------------------------------------------------------------------------------------------


class ReactionShown(ServerMessage, tag="reaction.shown", frozen=True):
    """Somebody reacted, also to themselves. Not numbered."""

    participant_id: str
    reaction: Reaction


class Caption(ServerMessage, tag="caption", frozen=True):
    """What somebody says, as it is understood. A later one with the same segment_id replaces it. Not numbered."""

    segment_id: str
    participant_id: str
    name: str
    text: str
    final: bool


# --- the connection --------------------------------------------------------------------------------------------------


class Heartbeat(ServerMessage, tag="heartbeat", frozen=True):
    """Every few seconds; answer with `ack`. `seq` is the newest event's number."""

    seq: int


class Closing(ServerMessage, tag="closing", frozen=True):
    """This socket closes: superseded by another tab, server stopping, too slow. `reconnect`: whether to come back."""

    code: ErrorCode
    message: str
    reconnect: bool


AnyServerMessage = (
    Ok
    | Error
    | PublishAnswer
    | Stats
    | Welcome
    | Waiting
    | KnockEnded
    | Joined
    | ParticipantJoined
    | ParticipantUpdated
    | ParticipantLeft
    | ProducerAdded
    | ProducerUpdated
    | ProducerRemoved
    | SubscribeOffer
    | ConsumerUpdated
    | ActiveSpeaker
    | SpeakerLevels
    | KnockAdded
    | KnockRemoved
    | ChatPosted
    | MeetingUpdated
    | Ended
    | Removed
    | ReactionShown
    | Caption
    | Heartbeat
    | Closing
)
