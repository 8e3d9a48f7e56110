"""The Room: all live state of one meeting, an actor that owns no socket, timer or task.

It takes what gateways relay (attach, deliver, detach) and `now` (seconds, monotonic), and answers through its Outbox.
Who may enter is the Lobby's to say, who may do what the authorization table's; media is the Router's. What a client
may ask once it has a session is in room_commands.py.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from parley.lobby.authorization import Action, Role, Standing, allowed
from parley.lobby.lobby import KnockOutcome, Lobby, Person, Refusal, RefusedError, WaitingKnock
from parley.sfu.router import Router
from parley.signaling import quality
from parley.signaling import visitor as visitors
from parley.signaling.node_messages import (
    ActiveRecording,
    AgendaSet,
    AnyFact,
    Attach,
    GuestAdmitted,
    Identity,
    MeetingEnded,
    OpenRoom,
    RecordingBegan,
    RecordingEnded,
    RecordingPaused,
    RecordingSeen,
)
from parley.signaling.recaps.live_lines import LiveLine, Said
from parley.signaling.room_commands import carry_out, post_file
from parley.signaling.room_recording import Recorders, RecorderUnavailableError, RoomRecording
from parley.signaling.schema.client import Ack, AnyClientMessage
from parley.signaling.schema.common import (
    PROTOCOL_VERSION,
    ChatFile,
    ChatMessage,
    ConnectionState,
    ErrorCode,
    Knock,
    LeaveReason,
    MeetingState,
    Participant,
    Reaction,
    Timer,
)
from parley.signaling.schema.server import (
    ActiveSpeaker,
    Caption,
    Closing,
    Ended,
    Error,
    Event,
    Heartbeat,
    Joined,
    KnockAdded,
    KnockEnded,
    KnockRemoved,
    MeetingUpdated,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    ReactionShown,
    Removed,
    ServerMessage,
    SpeakerLevels,
    Waiting,
    Welcome,
)
from parley.signaling.session import Session, encode
from parley.signaling.talk_time import TalkTime
from parley.signaling.visitor import Visitor
from parley.store.recording import RecordingHead

log = logging.getLogger(__name__)

MAX_CHAT_KEPT = 1000
SIGN_OF_LIFE = 15.0
"""Seconds between two facts that say that a recording runs."""
RECONNECTING_AFTER = 2.0
"""Seconds a socket may be away before the others are told: a reload needn't make tiles flicker."""

REFUSALS: dict[Refusal, tuple[ErrorCode, str]] = {
    Refusal.FULL: (ErrorCode.MEETING_FULL, "The meeting is full."),
    Refusal.LOBBY_FULL: (ErrorCode.LOBBY_FULL, "Too many people are waiting already. Try again in a few minutes."),
    Refusal.LOCKED: (ErrorCode.MEETING_LOCKED, "The host has locked the meeting."),
    Refusal.REMOVED: (ErrorCode.REMOVED, "The host has removed you from this meeting."),
    Refusal.DENIED: (ErrorCode.DENIED, "The host has turned down your request to join."),
}

KNOCK_ENDED_WORDS: dict[KnockOutcome, str] = {
    KnockOutcome.DENIED: "The host has turned down your request to join.",
    KnockOutcome.WITHDRAWN: "You no longer wait to join.",
    KnockOutcome.EXPIRED: "Nobody answered your request to join. You can ask again.",
    KnockOutcome.ADMITTED: "You have been let in.",
}


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """What an operator may set about rooms; times in seconds."""

    capacity: int = 10
    knock_lifetime: float = 600.0
    resume_window: float = 30.0
    empty_room_lifetime: float = 60.0
    heartbeat_interval: float = 5.0


class Outbox(visitors.Outbox, Protocol):
    """A room's way out: to sockets, and for facts and its own end to the gateway that owns the database."""

    def fact(self, meeting_id: str, fact: AnyFact) -> None:
        """Something that must outlive the room."""

    def room_closed(self, meeting_id: str) -> None:
        """The room is over; its node may forget it."""


class Room:
    """See the module.

    opening: the meeting and the facts of an earlier life. wall: seconds since 1970 UTC, for times people see.
    """

    def __init__(
        self,
        opening: OpenRoom,
        router: Router,
        outbox: Outbox,
        config: RoomConfig,
        now: float,
        wall: Callable[[], float] = time.time,
        recorders: Recorders | None = None,
    ) -> None:
        self.meeting_id = opening.meeting_id
        self.router = router
        self.outbox = outbox
        self.config = config
        self.closed = False
        self.chat: list[ChatMessage] = list(opening.facts.chat)[-MAX_CHAT_KEPT:]
        self.lobby = Lobby(
            capacity=config.capacity,
            knock_lifetime=config.knock_lifetime,
            locked=opening.facts.locked,
            admitted=opening.facts.admitted,
            removed=opening.facts.removed,
            cohosts=opening.facts.cohosts,
        )
        self.wall = wall
        self.recording = RoomRecording(self, router, recorders, wall, lambda: self._now)
        self._now = now  # of what is carried out at the moment
        self._opening = opening
        self._visitors: dict[str, Visitor] = {}  # by the person's key
        self._by_connection: dict[str, Visitor] = {}
        self._first_joined = {key: at for key, at in opening.facts.admitted.items() if at is not None}
        self._active_speaker: str | None = None
        self._talk_time = TalkTime()
        self._agenda = opening.facts.agenda
        self._timer: Timer | None = None
        self._recap: str | None = None  # of the last recording
        self._next_heartbeat = now + config.heartbeat_interval
        self._next_look = now + quality.INTERVAL
        self._next_sign = now
        self._empty_since: float | None = now
        router.on_active_speaker = self._on_active_speaker
        router.on_levels = self._on_levels
        if opening.facts.recording is not None:
            self._record_on(opening.facts.recording)

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def participants(self) -> int:
        """How many people are inside."""
        return self.lobby.seated

    def inside(self) -> list[Visitor]:
        """The participants, in the order they came."""
        return [visitor for visitor in self._visitors.values() if visitor.inside]

    def find(self, participant_id: str) -> Visitor | None:
        """The participant with this id."""
        return next((visitor for visitor in self.inside() if visitor.participant_id == participant_id), None)

    def standing(self, visitor: Visitor) -> Standing:
        """What this visitor is, for the authorization table."""
        return self.lobby.standing(visitor.person)

    def view(self, visitor: Visitor) -> Participant:
        """A participant as everyone sees them now."""
        return visitor.view(self._talk_time.seconds(visitor.person.key, self._now))

    def meeting_state(self) -> MeetingState:
        """The meeting's own facts as clients see them."""
        return MeetingState(
            code=self._opening.code,
            title=self._opening.title,
            started_at=self._opening.started_at,
            locked=self.lobby.locked,
            recording=self.recording.state,
            agenda=self._agenda,
            timer=self._timer,
        )

    def set_agenda(self, text: str) -> None:
        """What the meeting is about, point by point."""
        if text != self._agenda:
            self._agenda = text
            self.outbox.fact(self.meeting_id, AgendaSet(text=text))
            self.broadcast(MeetingUpdated(meeting=self.meeting_state()))

    def set_timer(self, timer: Timer | None) -> None:
        """Start a countdown, or take it away."""
        self._timer = timer
        self.broadcast(MeetingUpdated(meeting=self.meeting_state()))

    # --- recording --------------------------------------------------------------------------------------------------

    def record(self, recap: bool, gestures: bool) -> None:
        """Record from now on. Raises RecorderUnavailableError."""
        recording = ActiveRecording(secrets.token_hex(16), self.wall(), recap, gestures)
        self.recording.start(recording, self._head(recording))
        self.outbox.fact(self.meeting_id, RecordingBegan(recording))
        self._note_who_is_there()
        self.recording_changed()

    def _record_on(self, recording: ActiveRecording) -> None:
        """Another room began this recording and is no more."""
        try:
            self.recording.start(recording, self._head(recording))
        except RecorderUnavailableError:
            log.error("a recording can't go on here", extra={"meeting_id": self.meeting_id})

    def _head(self, recording: ActiveRecording) -> RecordingHead:
        return RecordingHead(
            recording=recording.recording_id,
            meeting=self.meeting_id,
            title=self._opening.title,
            started_at=datetime.fromtimestamp(recording.started_at, UTC),
            zone=self._opening.zone,
            agenda=tuple(line.strip() for line in self._agenda.splitlines() if line.strip()),
            recap=recording.recap,
            gestures=recording.gestures,
        )

    def _note_who_is_there(self) -> None:
        for visitor in self.inside():
            self.recording.joined(visitor)
            if visitor.hand_raised_at is not None:
                self.recording.hand(visitor.person.key, True)

    def pause_recording(self, paused: bool) -> None:
        """Keep nothing for a while, or go on."""
        recording = self.recording.pause(paused)
        if recording is not None:
            self.outbox.fact(self.meeting_id, RecordingPaused(recording.recording_id, paused))
            self.recording_changed()

    def stop_recording(self, reason: str) -> None:
        """The recording is complete."""
        recording = self.recording.stop(reason)
        if recording is not None:
            self._recap = recording.recording_id
            self.outbox.fact(self.meeting_id, RecordingEnded(recording.recording_id, self.wall()))
            self.recording_changed()

    def recording_changed(self) -> None:
        """Everybody sees at once whether they are recorded."""
        self.broadcast(MeetingUpdated(meeting=self.meeting_state()))
        self.tell_all_waiting()

    def understood(self, line: LiveLine) -> None:
        """A worker understood what somebody said or showed: everybody sees it."""
        visitor = self._visitors.get(line.person)
        if visitor is None or not visitor.inside:
            return
        message: ServerMessage
        if isinstance(line, Said):
            message = Caption(
                segment_id=line.segment,
                participant_id=visitor.participant_id,
                name=visitor.person.name,
                text=line.text,
                final=line.final,
            )
        else:
            reaction = Reaction.THUMBS_UP if line.label == "thumbs_up" else Reaction.HAND
            message = ReactionShown(participant_id=visitor.participant_id, reaction=reaction)
        for other in self.inside():
            other.now_or_never(message)

    def key_of(self, participant_id: str) -> str:
        """Who that is, whatever their participant id was."""
        return next((v.person.key for v in self._visitors.values() if v.participant_id == participant_id), "")

    # --- telling ----------------------------------------------------------------------------------------------------

    def broadcast(self, event: Event, *, besides: Visitor | None = None) -> None:
        """Tell every participant."""
        for visitor in self.inside():
            if visitor is not besides:
                visitor.event(event)

    def tell_moderators(self, event: Event) -> None:
        """Tell those who decide about knocks."""
        for visitor in self.inside():
            if allowed(self.standing(visitor), Action.SEE_KNOCKS):
                visitor.event(event)

    def _on_active_speaker(self, participant_id: str | None, now: float) -> None:
        self._now = now
        self._active_speaker = participant_id
        speaker = self.find(participant_id) if participant_id is not None else None
        key = speaker.person.key if speaker is not None else None
        self._talk_time.speaks(key, now)
        self.recording.speaks(key)
        self.broadcast(ActiveSpeaker(participant_id=participant_id))

    def _on_levels(self, levels: dict[str, int]) -> None:
        message = SpeakerLevels(levels=levels)
        for visitor in self.inside():
            visitor.now_or_never(message)

    # --- connections ------------------------------------------------------------------------------------------------

    def attach(self, message: Attach, now: float) -> None:
        """A socket said hello: take up its session, let the person in, let them wait, or refuse."""
        self._now = now
        person = _person(message.identity)
        if self._resume(person, message, now):
            return
        known = self._visitors.get(person.key)
        try:
            knock = self.lobby.enter(person, secrets.token_urlsafe(9), now)
        except RefusedError as refused:
            code, text = REFUSALS[refused.refusal]
            self._refuse(message.connection_id, message.hello_id, code, text)
            return
        visitor = self._new_session(known, person, message)
        self._welcome(visitor, message, resumed=False, waiting=knock is not None)
        if knock is not None:
            self._wait(visitor, knock)
            return
        waited = self.lobby.withdraw(person.key)  # who knocked, and now may walk in: nobody need decide any more
        if waited is not None:
            self.tell_moderators(KnockRemoved(knock_id=waited.knock_id, outcome=KnockOutcome.ADMITTED))
        self.come_in(visitor)

    def _resume(self, person: Person, message: Attach, now: float) -> bool:
        wanted = message.resume
        visitor = self._visitors.get(person.key)
        if wanted is None or visitor is None:
            return False
        session = visitor.session
        if session.session_id != wanted.session_id or not session.owns(wanted.resume_token):
            return False
        missed = session.missed(wanted.last_seq)
        if missed is None:
            return False
        self._replace_connection(visitor, message.connection_id)
        session.acknowledge(wanted.last_seq)
        visitor.ice_servers = message.ice_servers
        self._welcome(visitor, message, resumed=True, waiting=not visitor.inside)
        visitor.resend(missed)
        self._update_state(visitor, now)
        return True

    def _replace_connection(self, visitor: Visitor, connection_id: str) -> None:
        old = visitor.session.connection_id
        if old is not None and old != connection_id:
            text = "You joined from another window."
            self.outbox.send(old, encode(Closing(code=ErrorCode.SUPERSEDED, message=text, reconnect=False)))
            self.outbox.close(old)
            self._by_connection.pop(old, None)
        visitor.session.take_up(connection_id)
        self._by_connection[connection_id] = visitor

    def _new_session(self, known: Visitor | None, person: Person, message: Attach) -> Visitor:
        session = Session(message.connection_id)
        role = self.lobby.role(person)
        if known is None:
            participant_id = secrets.token_urlsafe(9)
            known = Visitor(participant_id, person, role, session, self.outbox, self.broadcast)
            self._visitors[person.key] = known
        else:
            self._replace_connection(known, message.connection_id)
            known.session = session
            known.person = person
            known.role = role
        known.ice_servers = message.ice_servers
        self._by_connection[message.connection_id] = known
        self._empty_since = None
        return known

    def _welcome(self, visitor: Visitor, message: Attach, *, resumed: bool, waiting: bool) -> None:
        visitor.now_or_never(
            Welcome(
                re=message.hello_id,
                protocol=PROTOCOL_VERSION,
                session_id=visitor.session.session_id,
                resume_token=visitor.session.resume_token,
                resumed=resumed,
                waiting=waiting,
                heartbeat_interval=self.config.heartbeat_interval,
                resume_window=self.config.resume_window,
                guest_token=message.guest_token,
            )
        )

    def _refuse(self, connection_id: str, request_id: int, code: ErrorCode, text: str) -> None:
        self.outbox.send(connection_id, encode(Error(re=request_id, code=code, message=text)))
        self.outbox.close(connection_id)

    def deliver(self, connection_id: str, message: AnyClientMessage, now: float) -> None:
        """A client's message. Nothing it says can harm the room: what goes wrong is answered and logged."""
        self._now = now
        visitor = self._by_connection.get(connection_id)
        if visitor is None:
            return
        if isinstance(message, Ack):
            visitor.session.acknowledge(message.seq)
            return
        before = visitor.session.answered(message.id)
        if before is not None:
            visitor.resend([before])
            return
        try:
            carry_out(self, visitor, message, now)
        except Exception:
            log.exception(
                "message failed",
                extra={"meeting_id": self.meeting_id, "participant_id": visitor.participant_id, "kind": type(message)},
            )
            text = "Something went wrong on our side."
            visitor.answer(Error(re=message.id, code=ErrorCode.INTERNAL, message=text))

    def post_file(self, key: str, file: ChatFile | None, now: float) -> bool:
        """Someone sends a file into the chat; whether they may. With None it is only asked."""
        self._now = now
        return post_file(self, self._visitors.get(key), file)

    def detach(self, connection_id: str, now: float) -> None:
        """The socket is gone; the person has the resume window to come back."""
        visitor = self._by_connection.pop(connection_id, None)
        if visitor is not None and visitor.session.connection_id == connection_id:
            visitor.session.detach(now)

    # --- coming and going -------------------------------------------------------------------------------------------

    def _wait(self, visitor: Visitor, knock: WaitingKnock) -> None:
        is_new = visitor.knock is None
        visitor.knock = knock
        if is_new:
            visitor.knocked_at = self.wall()
        self._tell_waiting(visitor)
        if is_new:
            self.tell_moderators(KnockAdded(knock=self._knock_view(knock)))

    def _tell_waiting(self, visitor: Visitor) -> None:
        knock = visitor.knock
        if knock is None:
            return
        visitor.event(
            Waiting(
                knock_id=knock.knock_id,
                title=self._opening.title,
                recording=self.recording.state is not None,
                host_present=self.lobby.host_present,
                expires_at=visitor.knocked_at + knock.expires - knock.since,
            )
        )

    def tell_all_waiting(self) -> None:
        """Those who wait learn whether somebody is there to answer."""
        for visitor in self._visitors.values():
            self._tell_waiting(visitor)

    def _knock_view(self, knock: WaitingKnock) -> Knock:
        visitor = self._visitors[knock.person.key]
        return Knock(knock_id=knock.knock_id, name=visitor.person.name, at=visitor.knocked_at)

    def knock_views(self) -> list[Knock]:
        """Those who wait, as moderators see them."""
        return [self._knock_view(knock) for knock in self.lobby.waiting()]

    def come_in(self, visitor: Visitor) -> None:
        """The person has a seat: give them the room, and the room them."""
        if visitor.peer is not None:
            self.router.remove_peer(visitor.participant_id)
            visitor.forget_media()
        key = visitor.person.key
        visitor.knock = None
        visitor.role = self.lobby.role(visitor.person)
        visitor.state = ConnectionState.CONNECTED
        first_time = visitor.joined_at is None
        if first_time:
            visitor.joined_at = self.wall()
            first = self._first_joined.setdefault(key, visitor.joined_at)  # from when on a guest may read the chat
            self.outbox.fact(self.meeting_id, GuestAdmitted(key=key, at=first))
        moderator = allowed(self.standing(visitor), Action.SEE_KNOCKS)
        visitor.event(
            Joined(
                participant_id=visitor.participant_id,
                role=visitor.role,
                meeting=self.meeting_state(),
                participants=[self.view(other) for other in self.inside()],
                knocks=self.knock_views() if moderator else [],
                chat=self._chat_for(visitor),
                ice_servers=visitor.ice_servers,
                active_speaker=self._active_speaker,
            )
        )
        if first_time:
            self.recording.joined(visitor)
            self.broadcast(ParticipantJoined(participant=self.view(visitor)), besides=visitor)
            if moderator:
                self.tell_all_waiting()
        else:
            self.broadcast(ParticipantUpdated(participant=self.view(visitor)), besides=visitor)
        visitor.peer = self.router.add_peer(visitor.participant_id, visitor)

    def keep_chat(self, message: ChatMessage) -> None:
        """Remember a chat line for those who come later."""
        self.recording.said(self.key_of(message.participant_id), message.text)
        self.chat.append(message)
        del self.chat[:-MAX_CHAT_KEPT]

    def _chat_for(self, visitor: Visitor) -> list[ChatMessage]:
        if not visitor.person.is_guest:
            return self.chat
        since = self._first_joined[visitor.person.key]
        return [message for message in self.chat if message.at >= since]

    def go(self, visitor: Visitor, reason: LeaveReason, now: float) -> None:
        """The person leaves the room or the lobby; their socket closes after what was sent."""
        if self._visitors.get(visitor.person.key) is not visitor:
            return
        del self._visitors[visitor.person.key]
        if visitor.session.connection_id is not None:
            self._by_connection.pop(visitor.session.connection_id, None)
        was_inside, was_moderator = visitor.inside, visitor.role in (Role.HOST, Role.COHOST)
        knock = self.lobby.withdraw(visitor.person.key)
        self.lobby.leave(visitor.person.key)
        self._talk_time.stops(visitor.person.key, now)
        if was_inside:
            self.router.remove_peer(visitor.participant_id)
            self.recording.left(visitor)
            if not self.inside():
                self.stop_recording("ended")
            self.broadcast(ParticipantLeft(participant_id=visitor.participant_id, reason=reason))
            if was_moderator:
                self.tell_all_waiting()
        elif knock is not None:
            self.tell_moderators(KnockRemoved(knock_id=knock.knock_id, outcome=KnockOutcome.WITHDRAWN))
        visitor.hang_up()
        if not self._visitors:
            self._empty_since = now

    def knock_over(self, knock: WaitingKnock, outcome: KnockOutcome, now: float) -> None:
        """A knock that the lobby has already let go of ended: tell both sides."""
        self.tell_moderators(KnockRemoved(knock_id=knock.knock_id, outcome=outcome))
        visitor = self._visitors.get(knock.person.key)
        if visitor is None:
            return
        if outcome is KnockOutcome.ADMITTED:
            self.come_in(visitor)
        else:
            visitor.event(KnockEnded(outcome=outcome, message=KNOCK_ENDED_WORDS[outcome]))
            self.go(visitor, LeaveReason.LEFT, now)

    def put_out(self, visitor: Visitor, text: str, now: float) -> None:
        """The person has to go; `text` tells them why."""
        visitor.event(Removed(message=text))
        self.go(visitor, LeaveReason.REMOVED, now)

    def revoke_member(self, account_id: str, now: float) -> None:
        """The account left the conversation: it is out, and would have to knock."""
        self.lobby.revoke(account_id)
        visitor = self._visitors.get(account_id)
        if visitor is not None:
            self.put_out(visitor, "You are no longer a member of this conversation.", now)

    # --- the end ----------------------------------------------------------------------------------------------------

    def end(self, text: str, now: float) -> None:
        """The meeting is over for everybody."""
        self.stop_recording("ended")
        self.outbox.fact(self.meeting_id, MeetingEnded(at=self.wall()))
        for visitor in list(self._visitors.values()):
            member = visitor.inside and not visitor.person.is_guest
            visitor.event(Ended(message=text, recap=self._recap if member else None))
        self._close()

    def drain(self, now: float) -> None:
        """This node stops: everybody comes back on another."""
        for visitor in self._visitors.values():
            text = "The server restarts. You will be back in a moment."
            visitor.now_or_never(Closing(code=ErrorCode.UNAVAILABLE, message=text, reconnect=True))
        self._close()

    def _close(self) -> None:
        for visitor in self._visitors.values():
            visitor.hang_up()
        self._visitors.clear()
        self._by_connection.clear()
        self.recording.hand_over()
        self.router.close()
        self.closed = True
        self.outbox.room_closed(self.meeting_id)

    # --- time -------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Twice a second: heartbeats, knocks that expire, people who don't come back, media that gets through badly, an
        empty room that closes."""
        self._now = now
        if self.closed:
            return
        for knock in self.lobby.expire(now):
            self.knock_over(knock, KnockOutcome.EXPIRED, now)
        for visitor in list(self._visitors.values()):
            detached_at = visitor.session.detached_at
            if detached_at is not None and now - detached_at >= self.config.resume_window:
                self.go(visitor, LeaveReason.LOST, now)
            else:
                self._update_state(visitor, now)
        if now >= self._next_look:
            self._next_look = now + quality.INTERVAL
            for visitor in self.inside():
                if visitor.measure_quality(now):
                    self.broadcast(ParticipantUpdated(participant=self.view(visitor)))
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + self.config.heartbeat_interval
            for visitor in self._visitors.values():
                visitor.now_or_never(Heartbeat(seq=visitor.session.seq))
        recording = self.recording.state
        if recording is not None and now >= self._next_sign:
            self._next_sign = now + SIGN_OF_LIFE
            self.outbox.fact(self.meeting_id, RecordingSeen(recording.recording_id, self.wall()))
        if self._empty_since is not None and now - self._empty_since >= self.config.empty_room_lifetime:
            self._close()

    def _update_state(self, visitor: Visitor, now: float) -> None:
        if not visitor.inside:
            return
        detached_at = visitor.session.detached_at
        away = detached_at is not None and now - detached_at >= RECONNECTING_AFTER
        state = ConnectionState.RECONNECTING if away or visitor.media_down else ConnectionState.CONNECTED
        if state is not visitor.state:
            visitor.state = state
            self.broadcast(ParticipantUpdated(participant=self.view(visitor)))


def _person(identity: Identity) -> Person:
    return Person(
        key=identity.key,
        name=identity.name,
        is_guest=identity.is_guest,
        is_member=identity.is_member,
        is_host=identity.is_host,
    )
