"""What gateway and media node say to each other over the RPC (parley/signaling/rpc.py), typed once for both sides.

The gateway authenticates, translates and relays; the node's Room decides. Facts that must outlive the room travel up
as `Fact`s, are written to the database by the gateway, and come back in `OpenRoom` when the room is opened again.
"""

from __future__ import annotations

import msgspec

from parley.signaling.schema.client import AnyClientMessage, Resume
from parley.signaling.schema.common import ChatFile, ChatMessage, IceServer, Instant


class Identity(msgspec.Struct, frozen=True):
    """Who stands behind a connection, as the gateway authenticated them. `key` names the same person for as long as
    the meeting lives: an account's id, or the guest id inside a signed guest token."""

    key: str
    name: str
    is_guest: bool
    is_member: bool
    is_host: bool


class ActiveRecording(msgspec.Struct, frozen=True):
    """A recording that wasn't stopped: the room that is opened anew goes on with it."""

    recording_id: str
    started_at: Instant
    recap: bool
    gestures: bool
    paused: bool = False


class RoomFacts(msgspec.Struct, frozen=True):
    """What a room must know again after its node died. admitted: those who were let in, and when they first were, null
    where that isn't known."""

    locked: bool = False
    agenda: str = ""
    admitted: dict[str, Instant | None] = {}
    removed: list[str] = []
    cohosts: list[str] = []
    chat: list[ChatMessage] = []
    recording: ActiveRecording | None = None


# --- gateway to node: requests ---------------------------------------------------------------------------------------


class OpenRoom(msgspec.Struct, frozen=True, tag="room.open"):
    """Open the room of a meeting; nothing happens when it is open here already. Answered with Done."""

    meeting_id: str
    code: str
    title: str
    started_at: Instant
    facts: RoomFacts
    zone: str = "UTC"


class Attach(msgspec.Struct, frozen=True, tag="session.attach"):
    """A socket said hello. Answered with Done; the Room answers the hello itself through SendToConnection.

    connection_id is unique over all gateways. `guest_token` is the signed token to hand to a guest in the welcome.
    """

    meeting_id: str
    connection_id: str
    hello_id: int
    identity: Identity
    guest_token: str | None
    resume: Resume | None
    ice_servers: list[IceServer]


class Deliver(msgspec.Struct, frozen=True, tag="session.message"):
    """One decoded client message. A notification: never answered."""

    meeting_id: str
    connection_id: str
    message: AnyClientMessage


class Detach(msgspec.Struct, frozen=True, tag="session.detach"):
    """The socket is gone; the session waits for its resume. A notification."""

    meeting_id: str
    connection_id: str


class RevokeMember(msgspec.Struct, frozen=True, tag="room.revoke_member"):
    """The account is no longer a member of the conversation: out, at once. A notification."""

    meeting_id: str
    account_id: str


class AskToPost(msgspec.Struct, frozen=True, tag="file.ask"):
    """May this person post a file into the chat now? Asked before its bytes are taken. Answered with Done, or failed as
    PostFile is."""

    meeting_id: str
    key: str


class PostFile(msgspec.Struct, frozen=True, tag="file.post"):
    """This person posts a file into the chat; its bytes are kept already. Answered with Done; fails with "no_room", or
    with "forbidden" where they aren't inside."""

    meeting_id: str
    key: str
    file: ChatFile


class CloseRoom(msgspec.Struct, frozen=True, tag="room.close"):
    """End the room (the meeting was ended over HTTP). Answered with Done."""

    meeting_id: str
    message: str


class Ping(msgspec.Struct, frozen=True, tag="node.ping"):
    """Heartbeat. Answered with NodeLoad."""


class MakeProbe(msgspec.Struct, frozen=True, tag="probe.make"):
    """Somebody wants to try out this node's media port. Answered with ProbeMade; fails with "busy"."""


class Drain(msgspec.Struct, frozen=True, tag="node.drain"):
    """The node will stop: tell everyone to come back elsewhere. Answered with Done."""


GatewayMessage = (
    OpenRoom | Attach | Deliver | Detach | RevokeMember | AskToPost | PostFile | CloseRoom | Ping | MakeProbe | Drain
)


# --- node to gateway: answers ----------------------------------------------------------------------------------------


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The request was carried out."""


class NodeLoad(msgspec.Struct, frozen=True, tag="node.load"):
    """How busy a media node is. `cpu` is the share of one core it used lately, 0 to 1. `meeting_ids` are its open
    rooms, from which a gateway that starts anew learns where they are. `pid` and `machine` let a gateway beside it see
    whether it hangs (vitals.py)."""

    node_id: str
    rooms: int
    participants: int
    consumers: int
    cpu: float
    metrics: dict[str, float] = {}
    meeting_ids: list[str] = []
    pid: int = 0
    machine: str = ""


class ProbeMade(msgspec.Struct, frozen=True, tag="probe.made"):
    """SDP offers that carry nothing; see schema/http.py. expires_in: seconds."""

    udp: str
    tcp: str | None
    expires_in: float


# --- node to gateway: notifications ----------------------------------------------------------------------------------


class SendToConnection(msgspec.Struct, frozen=True, tag="connection.send"):
    """Bytes of one JSON server message for one socket."""

    connection_id: str
    payload: bytes


class CloseConnection(msgspec.Struct, frozen=True, tag="connection.close"):
    """Close the socket once what was sent is out."""

    connection_id: str


class GuestAdmitted(msgspec.Struct, frozen=True, tag="fact.admitted"):
    """Fact: this identity was let in. at: when they first were."""

    key: str
    at: Instant


class PersonRemoved(msgspec.Struct, frozen=True, tag="fact.removed"):
    """Fact: this identity was put out."""

    key: str


class CohostSet(msgspec.Struct, frozen=True, tag="fact.cohost"):
    """Fact: this identity became co-host, or no longer is."""

    key: str
    cohost: bool


class LockSet(msgspec.Struct, frozen=True, tag="fact.locked"):
    """Fact: the meeting was locked or unlocked."""

    locked: bool


class AgendaSet(msgspec.Struct, frozen=True, tag="fact.agenda"):
    """Fact: the agenda was written anew."""

    text: str


class ChatSaid(msgspec.Struct, frozen=True, tag="fact.chat"):
    """Fact: a chat line. `account_id` is null for a guest."""

    message: ChatMessage
    account_id: str | None


class MeetingEnded(msgspec.Struct, frozen=True, tag="fact.ended"):
    """Fact: host or co-host ended the meeting for all."""

    at: Instant


class RecordingBegan(msgspec.Struct, frozen=True, tag="fact.recording_began"):
    """Fact: host or co-host turned on recording."""

    recording: ActiveRecording


class RecordingPaused(msgspec.Struct, frozen=True, tag="fact.recording_paused"):
    """Fact: the recording is paused, or goes on."""

    recording_id: str
    paused: bool


class RecordingSeen(msgspec.Struct, frozen=True, tag="fact.recording_seen"):
    """Fact, every few seconds: the recording runs."""

    recording_id: str
    at: Instant


class RecordingEnded(msgspec.Struct, frozen=True, tag="fact.recording_ended"):
    """Fact: nothing will be added to the recording."""

    recording_id: str
    at: Instant


AnyFact = (
    GuestAdmitted
    | PersonRemoved
    | CohostSet
    | LockSet
    | AgendaSet
    | ChatSaid
    | MeetingEnded
    | RecordingBegan
    | RecordingPaused
    | RecordingSeen
    | RecordingEnded
)


class RoomFact(msgspec.Struct, frozen=True, tag="room.fact"):
    """A fact of one meeting, to be written to the database."""

    meeting_id: str
    fact: AnyFact


class RoomClosed(msgspec.Struct, frozen=True, tag="room.closed"):
    """The room is gone from this node (ended, or empty for a while)."""

    meeting_id: str


NodeMessage = Done | NodeLoad | ProbeMade | SendToConnection | CloseConnection | RoomFact | RoomClosed
