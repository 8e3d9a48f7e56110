"""Meetings over HTTP: making them, looking at one by its link, ending it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from parley.conversations import meetings
from parley.conversations.errors import NotFoundError
from parley.lobby.authorization import Role
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.names import clean_line
from parley.signaling.gateway.problems import rate_limited
from parley.signaling.schema.http import MAX_TITLE_CHARS, CreateMeeting, Meeting, MeetingInfo, Meetings

NO_SUCH_MEETING = "There is no meeting with this link. Check that it is complete."


def _view(call: Call, meeting: meetings.Meeting) -> Meeting:
    origin = call.services.settings.public_url or call.source.origin
    return Meeting(
        meeting_id=meeting.meeting_id,
        code=meeting.code,
        url=f"{origin}/m/{meeting.code}",
        title=meeting.title,
        conversation_id=meeting.conversation_id,
        host=meeting.host_name,
        created_at=meeting.created_at.timestamp(),
        ended_at=None if meeting.ended_at is None else meeting.ended_at.timestamp(),
    )


async def meeting_of_link(call: Call) -> meetings.Meeting:
    """The meeting of the link. Who guesses codes is slowed down."""
    unknown, now = call.services.limits.unknown_code, time.monotonic()
    wait = unknown.peek(call.source.limit_key, now)
    if wait > 0:
        raise rate_limited(wait)
    meeting = await call.services.meetings.by_code(call.path["code"])
    if meeting is None:
        unknown.take(call.source.limit_key, now)
        raise NotFoundError(NO_SUCH_MEETING)
    return meeting


async def list_meetings(call: Call) -> Meetings:
    """Meetings of one's conversations, newest first."""
    found = await call.services.meetings.of_account(call.me.account_id)
    return Meetings(meetings=[_view(call, meeting) for meeting in found])


async def create_meeting(call: Call, body: CreateMeeting) -> Meeting:
    """An instant meeting, oneself as host."""
    title = clean_line(body.title, MAX_TITLE_CHARS) if body.title is not None else None
    return _view(call, await call.services.meetings.create(call.me.account_id, title, body.conversation_id))


async def meeting_info(call: Call) -> MeetingInfo:
    """What anyone with the link may know, and what they would enter as."""
    meeting = await meeting_of_link(call)
    role = Role.GUEST
    if call.account is not None:
        standing = await call.services.admission.standing(call.account, meeting)
        role = Role.HOST if standing.is_host else Role.MEMBER if standing.is_member else Role.GUEST
    return MeetingInfo(
        code=meeting.code,
        title=meeting.title,
        host=meeting.host_name,
        recording=await call.services.recordings.active(meeting.meeting_id, datetime.now(UTC)) is not None,
        ended=meeting.ended_at is not None,
        role=role,
        account_name=None if call.account is None else call.account.name,
    )


async def end_meeting(call: Call) -> None:
    """End it for everyone, now."""
    await meeting_of_link(call)
    meeting = await call.services.meetings.end(call.me.account_id, call.path["code"])
    await call.services.links.end(meeting.meeting_id, f"{call.me.name} ended the meeting for everyone.")
