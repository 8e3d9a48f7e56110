"""The Room: all live state of one meeting, an actor that owns no socket, timer or task.

It takes what gateways relay (attach, deliver, detach) and `now` (seconds, monotonic), and answers through its Outbox.
Here is who comes, goes and when it ends; the rest is that of the objects it is made of. Who may enter is the Lobby's to
say, who may do what the authorization table's (commands.py); media is the Router's.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from parley.lobby.authorization import Role
from parley.lobby.lobby import KnockOutcome, Lobby, Person, RefusedError, WaitingKnock
from parley.sfu.router import Router
from parley.signaling.node_messages import AnyFact, Attach, GuestAdmitted, Identity, MeetingEnded, OpenRoom
from parley.signaling.recaps.live_lines import LiveLine
from parley.signaling.rooms import knocks
from parley.signaling.rooms.captions import show_line
from parley.signaling.rooms.chat import Chat
from parley.signaling.rooms.commands import carry_out
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rooms.knocks import Knocks
from parley.signaling.rooms.meeting import RoomMeeting
from parley.signaling.rooms.outbox import Outbox
from parley.signaling.rooms.presence import Presence
from parley.signaling.rooms.reception import Reception
from parley.signaling.rooms.recorder import Recorders
from parley.signaling.rooms.recording import RoomRecording
from parley.signaling.rooms.roster import Roster
from parley.signaling.rooms.speaking import Speaking
from parley.signaling.rooms.talk_commands import post_file
from parley.signaling.rooms.visitor import Visitor
from parley.signaling.schema.client import Ack, AnyClientMessage
from parley.signaling.schema.common import (
    ChatFile,
    ConnectionState,
    ErrorCode,
    LeaveReason,
    MeetingState,
    Participant,
)
from parley.signaling.schema.server import (
    Closing,
    Ended,
    Error,
    Joined,
    MeetingUpdated,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    Removed,
)

log = logging.getLogger(__name__)


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
        facts = opening.facts
        self.meeting = RoomMeeting(opening)
        self.router = router
        self.wall = wall
        self.closed = False
        self.lobby = Lobby(
            capacity=config.capacity,
            knock_lifetime=config.knock_lifetime,
            locked=facts.locked,
            admitted=facts.admitted,
            removed=facts.removed,
            cohosts=facts.cohosts,
        )
        self.roster = Roster(self.lobby)
        self.chat = Chat(facts.chat, {key: at for key, at in facts.admitted.items() if at is not None})
        self.knocks = Knocks(self.roster, self.lobby, opening.title, lambda: self.recording.state is not None, wall)
        self._now = now  # of what is carried out at the moment
        self.recording = RoomRecording(
            self.meeting, self.roster, router, recorders, fact=self.fact, changed=self._recording_changed, wall=wall,
            clock=lambda: self._now,
        )  # fmt: skip
        self._outbox = outbox
        self._config = config
        self._reception = Reception(self.roster, self.lobby, outbox, config)
        self._presence = Presence(self.roster, self.view, config.heartbeat_interval, now)
        self._speaking = Speaking(self.roster, self.recording)
        self._empty_since: float | None = now
        router.on_active_speaker = self._speaking.changed
        router.on_levels = self._speaking.levels
        if facts.recording is not None:
            self.recording.go_on(facts.recording)

    # --- looking and telling ----------------------------------------------------------------------------------------

    @property
    def participants(self) -> int:
        """How many people are inside."""
        return self.lobby.seated

    def view(self, visitor: Visitor) -> Participant:
        """A participant as everyone sees them now."""
        return visitor.view(self._speaking.time.seconds(visitor.person.key, self._now))

    def meeting_state(self) -> MeetingState:
        """The meeting's own facts as clients see them."""
        return self.meeting.state(locked=self.lobby.locked, recording=self.recording.state)

    def meeting_changed(self) -> None:
        """Everybody inside learns what the meeting's own facts are now."""
        self.roster.broadcast(MeetingUpdated(meeting=self.meeting_state()))

    def fact(self, fact: AnyFact) -> None:
        """Something that must outlive the room."""
        self._outbox.fact(self.meeting.meeting_id, fact)

    def understood(self, line: LiveLine) -> None:
        """A worker understood what somebody said or showed: everybody sees it."""
        show_line(self.roster, line)

    def _recording_changed(self) -> None:
        """Everybody sees at once whether they are recorded, those who wait too."""
        self.meeting_changed()
        self.knocks.tell_all_waiting()

    # --- connections ------------------------------------------------------------------------------------------------

    def attach(self, message: Attach, now: float) -> None:
        """A socket said hello: take up its session, let the person in, let them wait, or refuse."""
        self._now = now
        person = _person(message.identity)
        resumed = self._reception.resume(person, message)
        if resumed is not None:
            self._presence.look(resumed, now)
            return
        try:
            knock = self.lobby.enter(person, secrets.token_urlsafe(9), now)
        except RefusedError as refused:
            self._reception.refuse(message, refused.refusal)
            return
        visitor = self._reception.begin(person, message, waiting=knock is not None)
        self._empty_since = None
        if knock is not None:
            self.knocks.wait(visitor, knock)
            return
        waited = self.lobby.withdraw(person.key)  # who knocked, and now may walk in: nobody need decide any more
        if waited is not None:
            self.knocks.gone(waited, KnockOutcome.ADMITTED)
        self._come_in(visitor)

    def deliver(self, connection_id: str, message: AnyClientMessage, now: float) -> None:
        """A client's message. Nothing it says can harm the room: what goes wrong is answered and logged."""
        self._now = now
        visitor = self.roster.on(connection_id)
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
            meeting_id, who = self.meeting.meeting_id, visitor.participant_id
            log.exception(
                "message failed", extra={"meeting_id": meeting_id, "participant_id": who, "kind": type(message)}
            )
            text = "Something went wrong on our side."
            visitor.answer(Error(re=message.id, code=ErrorCode.INTERNAL, message=text))

    def post_file(self, key: str, file: ChatFile | None, now: float) -> bool:
        """Someone sends a file into the chat; whether they may. With None it is only asked."""
        self._now = now
        return post_file(self, self.roster.of(key), file)

    def detach(self, connection_id: str, now: float) -> None:
        """The socket is gone; the person has the resume window to come back."""
        self._reception.detach(connection_id, now)

    # --- coming and going -------------------------------------------------------------------------------------------

    def _come_in(self, visitor: Visitor) -> None:
        """The person has a seat: give them the room, and the room them."""
        if visitor.peer is not None:
            self.router.remove_peer(visitor.participant_id)
            visitor.forget_media()
        visitor.knock = None
        visitor.role = self.lobby.role(visitor.person)
        visitor.state = ConnectionState.CONNECTED
        first_time = visitor.joined_at is None
        if first_time:
            visitor.joined_at = self.wall()
            key = visitor.person.key
            self.fact(GuestAdmitted(key=key, at=self.chat.came_in(key, visitor.joined_at)))
        moderator = self.roster.sees_knocks(visitor)
        visitor.event(
            Joined(
                participant_id=visitor.participant_id,
                role=visitor.role,
                meeting=self.meeting_state(),
                participants=[self.view(other) for other in self.roster.inside()],
                knocks=self.knocks.views() if moderator else [],
                chat=self.chat.for_person(visitor.person),
                ice_servers=visitor.ice_servers,
                active_speaker=self._speaking.active,
            )
        )
        if first_time:
            self.recording.joined(visitor)
            self.roster.broadcast(ParticipantJoined(participant=self.view(visitor)), besides=visitor)
            if moderator:
                self.knocks.tell_all_waiting()
        else:
            self.roster.broadcast(ParticipantUpdated(participant=self.view(visitor)), besides=visitor)
        visitor.peer = self.router.add_peer(visitor.participant_id, visitor)

    def go(self, visitor: Visitor, reason: LeaveReason, now: float) -> None:
        """The person leaves the room or the lobby; their socket closes after what was sent."""
        if not self.roster.remove(visitor):
            return
        was_moderator = visitor.role in (Role.HOST, Role.COHOST)
        knock = self.lobby.withdraw(visitor.person.key)
        self.lobby.leave(visitor.person.key)
        self._speaking.time.stops(visitor.person.key, now)
        if visitor.inside:
            self.router.remove_peer(visitor.participant_id)
            self.recording.left(visitor)
            if not self.roster.inside():
                self.recording.stop("ended")
            self.roster.broadcast(ParticipantLeft(participant_id=visitor.participant_id, reason=reason))
            if was_moderator:
                self.knocks.tell_all_waiting()
        elif knock is not None:
            self.knocks.gone(knock, KnockOutcome.WITHDRAWN)
        visitor.hang_up()
        if not self.roster:
            self._empty_since = now

    def knock_over(self, knock: WaitingKnock, outcome: KnockOutcome, now: float) -> None:
        """A knock that the lobby has already let go of ended: tell both sides."""
        self.knocks.gone(knock, outcome)
        visitor = self.roster.of(knock.person.key)
        if visitor is None:
            return
        if outcome is KnockOutcome.ADMITTED:
            self._come_in(visitor)
        else:
            visitor.event(knocks.ended(outcome))
            self.go(visitor, LeaveReason.LEFT, now)

    def put_out(self, visitor: Visitor, text: str, now: float) -> None:
        """The person has to go; `text` tells them why."""
        visitor.event(Removed(message=text))
        self.go(visitor, LeaveReason.REMOVED, now)

    def revoke_member(self, account_id: str, now: float) -> None:
        """The account left the conversation: it is out, and would have to knock."""
        self.lobby.revoke(account_id)
        visitor = self.roster.of(account_id)
        if visitor is not None:
            self.put_out(visitor, "You are no longer a member of this conversation.", now)

    # --- the end ----------------------------------------------------------------------------------------------------

    def end(self, text: str, now: float) -> None:
        """The meeting is over for everybody."""
        self.recording.stop("ended")
        self.fact(MeetingEnded(at=self.wall()))
        for visitor in self.roster:
            member = visitor.inside and not visitor.person.is_guest
            visitor.event(Ended(message=text, recap=self.recording.completed if member else None))
        self._close()

    def drain(self, now: float) -> None:
        """This node stops: everybody comes back on another."""
        for visitor in self.roster:
            text = "The server restarts. You will be back in a moment."
            visitor.now_or_never(Closing(code=ErrorCode.UNAVAILABLE, message=text, reconnect=True))
        self._close()

    def _close(self) -> None:
        for visitor in self.roster:
            visitor.hang_up()
        self.roster.clear()
        self.recording.hand_over()
        self.router.close()
        self.closed = True
        self._outbox.room_closed(self.meeting.meeting_id)

    # --- time -------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Twice a second: knocks that expire, people who don't come back, media that gets through badly, heartbeats, a
        sign that the recording runs, an empty room that closes."""
        self._now = now
        if self.closed:
            return
        for knock in self.lobby.expire(now):
            self.knock_over(knock, KnockOutcome.EXPIRED, now)
        for visitor in self.roster:
            detached_at = visitor.session.detached_at
            if detached_at is not None and now - detached_at >= self._config.resume_window:
                self.go(visitor, LeaveReason.LOST, now)
            else:
                self._presence.look(visitor, now)
        self._presence.tick(now)
        self.recording.tick(now)
        if self._empty_since is not None and now - self._empty_since >= self._config.empty_room_lifetime:
            self._close()


def _person(identity: Identity) -> Person:
    return Person(
        key=identity.key,
        name=identity.name,
        is_guest=identity.is_guest,
        is_member=identity.is_member,
        is_host=identity.is_host,
    )
