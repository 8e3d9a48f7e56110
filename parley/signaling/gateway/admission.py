"""Who stands behind a hello: a member by the session's cookie, a guest by name and consent or by the token of before.

Whether they may enter is the room's to decide (parley/lobby/); here it is only settled who they are.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from parley.conversations.accounts import Account
from parley.conversations.conversations import Conversations
from parley.conversations.meetings import Meeting, Meetings
from parley.conversations.recordings import Recording, Recordings
from parley.conversations.sessions import Sessions
from parley.signaling.gateway.names import clean_line
from parley.signaling.gateway.turn import ice_servers
from parley.signaling.node_messages import ActiveRecording, Identity, OpenRoom, RoomFacts
from parley.signaling.schema.client import Hello
from parley.signaling.schema.common import (
    MAX_NAME_CHARS,
    PROTOCOL_VERSION,
    ChatFile,
    ChatMessage,
    ErrorCode,
    IceServer,
)
from parley.store.secrets import Signer, TokenError
from parley.store.settings import Settings

GUEST_TOKEN_SECONDS = 24 * 3600.0


class HelloRefusedError(Exception):
    """The hello can't be accepted. The text is fit to show; code is for the client's program."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class GuestToken(msgspec.Struct, frozen=True):
    """What a guest's token says: the same person, in one meeting."""

    meeting_id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account is to a meeting."""

    is_host: bool
    is_member: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """An authenticated hello. guest_token is what the guest keeps, to be the same person again."""

    meeting_id: str
    code: str
    identity: Identity
    guest_token: str | None


class Admission:
    """See the module."""

    def __init__(
        self,
        settings: Settings,
        meetings: Meetings,
        conversations: Conversations,
        sessions: Sessions,
        signer: Signer,
        recordings: Recordings,
    ) -> None:
        self._settings = settings
        self._meetings = meetings
        self._recordings = recordings
        self._conversations = conversations
        self._sessions = sessions
        self._signer = signer

    async def standing(self, account: Account, meeting: Meeting) -> Standing:
        """What this account would enter the meeting as. A host who left the conversation is host no more."""
        is_member = await self._conversations.is_member(account.account_id, meeting.conversation_id)
        return Standing(is_host=is_member and account.account_id == meeting.host_id, is_member=is_member)

    async def admit(self, hello: Hello, session_token: str | None) -> Admitted:
        """Find the meeting, and who says hello. Raises HelloRefusedError."""
        if hello.protocol != PROTOCOL_VERSION:
            text = f"This server speaks version {PROTOCOL_VERSION} of the protocol. Reload the page."
            raise HelloRefusedError(ErrorCode.UNSUPPORTED_PROTOCOL, text)
        meeting = await self.meeting(hello.code)
        account = await self._sessions.account_of(session_token) if session_token is not None else None
        if account is not None:
            return Admitted(meeting.meeting_id, meeting.code, await self._account(account, meeting), None)
        guest = self._known_guest(hello, meeting) or self._new_guest(hello, meeting)
        identity = Identity(key=guest.key, name=guest.name, is_guest=True, is_member=False, is_host=False)
        token = self._signer.sign(guest, time.time() + GUEST_TOKEN_SECONDS)
        return Admitted(meeting.meeting_id, meeting.code, identity, token)

    async def meeting(self, code: str) -> Meeting:
        """The meeting of a link, while it lasts. Raises HelloRefusedError."""
        meeting = await self._meetings.by_code(code)
        if meeting is None:
            raise HelloRefusedError(ErrorCode.NOT_FOUND, "There is no meeting with this link.")
        if meeting.ended_at is not None:
            raise HelloRefusedError(ErrorCode.MEETING_ENDED, "This meeting has ended.")
        return meeting

    async def again(self, admitted: Admitted) -> Admitted:
        """The same person as they stand now: membership may have changed since. Raises HelloRefusedError."""
        meeting = await self.meeting(admitted.code)
        identity = admitted.identity
        is_member = await self._conversations.is_member(identity.key, meeting.conversation_id)
        is_host = is_member and identity.key == meeting.host_id
        identity = msgspec.structs.replace(identity, is_guest=not is_member, is_member=is_member, is_host=is_host)
        return dataclasses.replace(admitted, identity=identity)

    async def _account(self, account: Account, meeting: Meeting) -> Identity:
        """A stranger with an account waits like a guest, under the account's name."""
        standing = await self.standing(account, meeting)
        return Identity(
            key=account.account_id,
            name=account.name,
            is_guest=not standing.is_member,
            is_member=standing.is_member,
            is_host=standing.is_host,
        )

    def guest(self, token: str, meeting: Meeting) -> GuestToken | None:
        """The guest of this meeting whom a token names; None for one that is forged, over or of another meeting."""
        try:
            guest = self._signer.verify(token, GuestToken, time.time())
        except TokenError:
            return None
        return guest if guest.meeting_id == meeting.meeting_id else None

    def _known_guest(self, hello: Hello, meeting: Meeting) -> GuestToken | None:
        return self.guest(hello.guest_token, meeting) if hello.guest_token is not None else None

    def _new_guest(self, hello: Hello, meeting: Meeting) -> GuestToken:
        name = clean_line(hello.name or "", MAX_NAME_CHARS)
        if not name:
            raise HelloRefusedError(ErrorCode.NAME_REQUIRED, "Say who you are, so that the host knows whom to let in.")
        if not hello.accept_terms:
            text = "Accept the Terms and the Privacy Policy to join."
            raise HelloRefusedError(ErrorCode.TERMS_REQUIRED, text)
        return GuestToken(meeting.meeting_id, f"guest-{secrets.token_urlsafe(12)}", name)

    async def opening(self, code: str) -> OpenRoom:
        """What a media node needs to open the meeting's room. Raises HelloRefusedError."""
        meeting = await self.meeting(code)
        started_at = await self._meetings.started(meeting.meeting_id)
        facts = await self._meetings.facts(meeting.meeting_id)
        recording = await self._recordings.active(meeting.meeting_id, datetime.now(UTC))
        chat = [
            ChatMessage(
                message_id=line.message_id,
                participant_id=line.participant_id,
                name=line.author,
                text=line.text,
                at=line.at.timestamp(),
                file=None if line.file is None else msgspec.convert(line.file, ChatFile, from_attributes=True),
            )
            for line in facts.chat
        ]
        return OpenRoom(
            meeting_id=meeting.meeting_id,
            code=meeting.code,
            title=meeting.title,
            started_at=started_at.timestamp(),
            facts=RoomFacts(
                locked=facts.locked,
                agenda=facts.agenda,
                admitted={key: None if at is None else at.timestamp() for key, at in facts.admitted.items()},
                removed=list(facts.removed),
                cohosts=list(facts.cohosts),
                chat=chat,
                recording=None if recording is None else _active(recording),
            ),
        )

    def ice_servers(self, identity: Identity) -> list[IceServer]:
        """TURN and STUN servers for this person, with credentials that end."""
        settings = self._settings
        secret = settings.turn_secret.get_secret_value() or None
        return ice_servers(settings.turn_urls, secret, identity.key, time.time() + settings.turn_ttl)


def _active(recording: Recording) -> ActiveRecording:
    return ActiveRecording(
        recording_id=recording.recording_id,
        started_at=recording.started_at.timestamp(),
        recap=recording.recap,
        gestures=recording.gestures,
        paused=recording.paused,
    )
