"""Sockets that say hello: they get the session that they ask for back, a new one, or a refusal.

Who may enter is the Lobby's to say; here is only what becomes of the socket.
"""

from __future__ import annotations

import secrets

from parley.lobby.lobby import KnockOutcome, Lobby, Person, Refusal
from parley.signaling.node_messages import Attach
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rooms.knocks import ENDED_WORDS
from parley.signaling.rooms.outbox import Sockets
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.session import Session, encode
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.common import PROTOCOL_VERSION, ErrorCode
from parley.signaling.schema.server import Closing, Error, Welcome

REFUSALS: dict[Refusal, tuple[ErrorCode, str]] = {
    Refusal.FULL: (ErrorCode.MEETING_FULL, "The meeting is full."),
    Refusal.LOBBY_FULL: (ErrorCode.LOBBY_FULL, "Too many people are waiting already. Try again in a few minutes."),
    Refusal.LOCKED: (ErrorCode.MEETING_LOCKED, "The host has locked the meeting."),
    Refusal.REMOVED: (ErrorCode.REMOVED, "The host has removed you from this meeting."),
    Refusal.DENIED: (ErrorCode.DENIED, ENDED_WORDS[KnockOutcome.DENIED]),
}


class Reception:
    """See the module."""

    def __init__(self, roster: Roster, lobby: Lobby, sockets: Sockets, config: RoomConfig) -> None:
        self._roster = roster
        self._lobby = lobby
        self._sockets = sockets
        self._config = config

    def resume(self, person: Person, hello: Attach) -> Visitor | None:
        """Give the socket the session that it names, and all that it missed; None where that can't be."""
        wanted, visitor = hello.resume, self._roster.of(person.key)
        if wanted is None or visitor is None:
            return None
        session = visitor.session
        if session.session_id != wanted.session_id or not session.owns(wanted.resume_token):
            return None
        missed = session.missed(wanted.last_seq)
        if missed is None:
            return None
        self._replace_connection(visitor, hello.connection_id)
        session.acknowledge(wanted.last_seq)
        visitor.ice_servers = hello.ice_servers
        self._welcome(visitor, hello, resumed=True, waiting=not visitor.inside)
        visitor.resend(missed)
        return visitor

    def begin(self, person: Person, hello: Attach, *, waiting: bool) -> Visitor:
        """Give the socket a new session, of the visitor that this person is already or of a new one."""
        session, role = Session(hello.connection_id), self._lobby.role(person)
        visitor = self._roster.of(person.key)
        if visitor is None:
            participant_id = secrets.token_urlsafe(9)
            visitor = Visitor(participant_id, person, role, session, self._sockets, self._roster.broadcast)
            self._roster.add(visitor)
        else:
            self._replace_connection(visitor, hello.connection_id)
            visitor.session = session
            visitor.person = person
            visitor.role = role
        visitor.ice_servers = hello.ice_servers
        self._roster.connect(visitor, hello.connection_id)
        self._welcome(visitor, hello, resumed=False, waiting=waiting)
        return visitor

    def refuse(self, hello: Attach, refusal: Refusal) -> None:
        """Say why, and close the socket."""
        code, text = REFUSALS[refusal]
        self._sockets.send(hello.connection_id, encode(Error(re=hello.hello_id, code=code, message=text)))
        self._sockets.close(hello.connection_id)

    def detach(self, connection_id: str, now: float) -> None:
        """The socket is gone; the person has the resume window to come back."""
        visitor = self._roster.disconnect(connection_id)
        if visitor is not None and visitor.session.connection_id == connection_id:
            visitor.session.detach(now)

    def _replace_connection(self, visitor: Visitor, connection_id: str) -> None:
        old = visitor.session.connection_id
        if old is not None and old != connection_id:
            text = "You joined from another window."
            self._sockets.send(old, encode(Closing(code=ErrorCode.SUPERSEDED, message=text, reconnect=False)))
            self._sockets.close(old)
            self._roster.disconnect(old)
        visitor.session.take_up(connection_id)
        self._roster.connect(visitor, connection_id)

    def _welcome(self, visitor: Visitor, hello: Attach, *, resumed: bool, waiting: bool) -> None:
        visitor.now_or_never(
            Welcome(
                re=hello.hello_id,
                protocol=PROTOCOL_VERSION,
                session_id=visitor.session.session_id,
                resume_token=visitor.session.resume_token,
                resumed=resumed,
                waiting=waiting,
                heartbeat_interval=self._config.heartbeat_interval,
                resume_window=self._config.resume_window,
                guest_token=hello.guest_token,
            )
        )
