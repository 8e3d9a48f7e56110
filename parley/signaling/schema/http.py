"""Bodies of the HTTP API. The OpenAPI document and the browser's types are generated from these."""

from __future__ import annotations

from typing import Annotated

import msgspec

from parley.signaling.schema.common import ChatText, DisplayName, Id, Instant, Role

_EMAIL = r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$"
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=_EMAIL)]
Password = Annotated[str, msgspec.Meta(min_length=10, max_length=256)]
MAX_TITLE_CHARS = 200
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TITLE_CHARS)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of request bodies."""


class CreateAccount(Request, frozen=True):
    """Sign-up. Consent to the Terms and the Privacy Policy is kept with its time."""

    email: Email
    name: DisplayName
    password: Password
    accept_terms: bool


class SignIn(Request, frozen=True):
    """Sign-in by e-mail and password."""

    email: Email
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class CreateConversation(Request, frozen=True):
    """A conversation with its first members, besides oneself, by e-mail."""

    title: Title
    member_emails: Annotated[list[Email], msgspec.Meta(max_length=50)] = []


class AddMember(Request, frozen=True):
    """Add an account to a conversation."""

    email: Email


class PostMessage(Request, frozen=True):
    """A message in a conversation."""

    text: ChatText


class CreateMeeting(Request, frozen=True):
    """An instant meeting; without `conversation_id` in a new conversation of one's own."""

    title: Title | None = None
    conversation_id: Id | None = None


class Account(msgspec.Struct, frozen=True):
    """The signed-in account."""

    account_id: str
    email: str
    name: str


class Session(msgspec.Struct, frozen=True):
    """Who is signed in; null for nobody."""

    account: Account | None


class Member(msgspec.Struct, frozen=True):
    """A member of a conversation."""

    account_id: str
    name: str
    email: str
    owner: bool


class Conversation(msgspec.Struct, frozen=True):
    """A conversation and its members."""

    conversation_id: str
    title: str
    created_at: Instant
    members: list[Member]


class Conversations(msgspec.Struct, frozen=True):
    """The conversations one is a member of, newest activity first."""

    conversations: list[Conversation]


class MessageFile(msgspec.Struct, frozen=True):
    """A file of `size` bytes that was sent with a message, to be had at `path`."""

    name: str
    size: int
    media_type: str
    path: str


class Message(msgspec.Struct, frozen=True):
    """A message in a conversation; chat of a meeting carries `meeting_id`. With a file the text may be empty."""

    message_id: str
    conversation_id: str
    author: str
    account_id: str | None
    meeting_id: str | None
    text: str
    at: Instant
    file: MessageFile | None = None


class Messages(msgspec.Struct, frozen=True):
    """A page of messages, oldest first. `before` continues to older ones; null when there are none."""

    messages: list[Message]
    before: str | None


class Meeting(msgspec.Struct, frozen=True):
    """A meeting as members see it."""

    meeting_id: str
    code: str
    url: str
    title: str
    conversation_id: str
    host: str
    created_at: Instant
    ended_at: Instant | None


class Meetings(msgspec.Struct, frozen=True):
    """Meetings of one's conversations, newest first."""

    meetings: list[Meeting]


class MeetingInfo(msgspec.Struct, frozen=True):
    """What anyone with the link may know before entering. `role` is what the asker would enter as."""

    code: str
    title: str
    host: str
    recording: bool
    ended: bool
    role: Role
    account_name: str | None


class Site(msgspec.Struct, frozen=True):
    """What the client needs to know of this server."""

    version: str
    sign_up_open: bool
    max_participants: int
    max_file_bytes: int


class Probe(msgspec.Struct, frozen=True):
    """What a browser tries out the media port with, before it enters a meeting: SDP offers of connections that carry
    nothing, with a media node's UDP candidates and with its TCP candidates (null where it takes no TCP). Answer each
    with a connection of its own and send the answer to nobody: ICE connects, or that way is blocked.

    expires_in: seconds. relay: whether those inside a meeting get a TURN server, for networks that block both.
    """

    udp: str
    tcp: str | None
    expires_in: float
    relay: bool


class Page(msgspec.Struct, frozen=True):
    """Terms or privacy text, in Markdown."""

    title: str
    markdown: str


class Problem(msgspec.Struct, frozen=True):
    """Problem details (RFC 9457), sent as application/problem+json. `code` is stable for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
