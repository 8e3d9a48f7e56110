"""Values that messages of both directions, and of HTTP, share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from parley.lobby.authorization import Role as Role
from parley.lobby.lobby import KnockOutcome as KnockOutcome

PROTOCOL_VERSION = 1
"""Raised when a client of the last version can no longer talk to this server."""

MAX_PARTICIPANTS = 10
MAX_NAME_CHARS = 80
MAX_CHAT_CHARS = 4000
MAX_AGENDA_CHARS = 4000
MAX_TIMER_SECONDS = 24 * 3600
MAX_SDP_CHARS = 65_536
MAX_MESSAGE_BYTES = 131_072
"""Largest WebSocket message a client may send; an SDP of ten participants is near 40 kB."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
DisplayName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS)]
MeetingCode = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[a-z0-9-]+$")]
Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SDP_CHARS)]
Mid = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
ChatText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHAT_CHARS)]
AgendaText = Annotated[str, msgspec.Meta(max_length=MAX_AGENDA_CHARS)]
TimerSeconds = Annotated[int, msgspec.Meta(ge=1, le=MAX_TIMER_SECONDS)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Instant = float
"""Seconds since 1970-01-01 UTC."""


class Source(StrEnum):
    """What a producer carries."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen_audio"


class Layer(StrEnum):
    """The highest camera layer a consumer asks for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ConnectionState(StrEnum):
    """Whether a participant's WebSocket and media are there."""

    CONNECTED = "connected"
    RECONNECTING = "reconnecting"


class Quality(StrEnum):
    """How well somebody's media gets through, as the server sees it: good, or what is wrong with it."""

    GOOD = "good"
    LOSS = "loss"
    DELAY = "delay"
    BANDWIDTH = "bandwidth"


class Reaction(StrEnum):
    """What somebody shows for a few seconds."""

    THUMBS_UP = "thumbs_up"
    CLAP = "clap"
    HEART = "heart"
    LAUGH = "laugh"
    SURPRISE = "surprise"
    CELEBRATE = "celebrate"
    HAND = "hand"


class LeaveReason(StrEnum):
    """Why a participant is gone."""

    LEFT = "left"
    REMOVED = "removed"
    LOST = "lost"
    ENDED = "ended"


class ErrorCode(StrEnum):
    """Every error a client can be answered with over the WebSocket (docs/PROTOCOL.md says what each means)."""

    BAD_MESSAGE = "bad_message"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    TERMS_REQUIRED = "terms_required"
    NAME_REQUIRED = "name_required"
    MEETING_FULL = "meeting_full"
    MEETING_LOCKED = "meeting_locked"
    MEETING_ENDED = "meeting_ended"
    LOBBY_FULL = "lobby_full"
    REMOVED = "removed"
    DENIED = "denied"
    SUPERSEDED = "superseded"
    WRONG_STATE = "wrong_state"
    BAD_SDP = "bad_sdp"
    RESUME_FAILED = "resume_failed"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Producer(msgspec.Struct, frozen=True):
    """One published track as the others see it."""

    producer_id: str
    participant_id: str
    source: Source
    muted: bool


class Participant(msgspec.Struct, frozen=True):
    """One person in the room, with what they publish.

    hand_raised_at orders the hands. talk_seconds is how long they spoke until now.
    """

    participant_id: str
    name: str
    role: Role
    is_guest: bool
    state: ConnectionState
    joined_at: Instant
    producers: list[Producer]
    hand_raised_at: Instant | None = None
    talk_seconds: float = 0.0
    quality: Quality = Quality.GOOD


class Knock(msgspec.Struct, frozen=True):
    """A guest who waits, as host and co-hosts see them."""

    knock_id: str
    name: str
    at: Instant


class ChatFile(msgspec.Struct, frozen=True):
    """A file in the chat, of `size` bytes. media_type is what it was found to be, not what it was said to be."""

    file_id: str
    name: str
    size: int
    media_type: str


class ChatMessage(msgspec.Struct, frozen=True):
    """One chat line. The sender's name is what it was when they wrote it; with a file the text may be empty."""

    message_id: str
    participant_id: str
    name: str
    text: str
    at: Instant
    file: ChatFile | None = None


class IceServer(msgspec.Struct, frozen=True):
    """A TURN or STUN server for RTCPeerConnection, with credentials that end (coturn's REST scheme)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Timer(msgspec.Struct, frozen=True):
    """A countdown that everyone sees."""

    started_at: Instant
    ends_at: Instant


class RecordingTrouble(StrEnum):
    """Why a recording misses something at the moment: its disk is slow or full, or its recorder doesn't answer."""

    DISK_SLOW = "disk_slow"
    DISK_FULL = "disk_full"
    UNREACHABLE = "unreachable"


class RecordingState(msgspec.Struct, frozen=True):
    """A recording that runs. recap: whether a recap will be made of it; gestures: whether hands are looked for."""

    recording_id: str
    started_at: Instant
    paused: bool
    recap: bool
    gestures: bool
    trouble: RecordingTrouble | None = None


class MeetingState(msgspec.Struct, frozen=True):
    """The meeting's own facts that everyone in the room sees."""

    code: str
    title: str
    started_at: Instant
    locked: bool
    recording: RecordingState | None
    agenda: str = ""
    timer: Timer | None = None
    scheduled_end: Instant | None = None
