"""What follows when nothing more will be made of a recording: everybody who may see it is told, exactly once.

All of it is written in one transaction, together with the end of the job that made the recap.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.notices import Notices
from parley.conversations.recaps import message_of
from parley.signaling.recaps.orders import MAIL
from parley.store.jobs import Jobs
from parley.store.tables import ConversationRow, MeetingRow, MemberRow, MessageRow, RecordingRow

KIND = "recap"
AUTHOR = "Parley"


def page_of(recording_id: str) -> str:
    """The client's page of a recap."""
    return f"/recaps/{recording_id}"


class Completion:
    """See the module. origin: the server's address for people, or "" where it isn't known."""

    def __init__(self, notices: Notices, jobs: Jobs, origin: str) -> None:
        self._notices = notices
        self._jobs = jobs
        self._origin = origin

    async def tell(self, session: AsyncSession, recording_id: str, failed: bool, now: datetime) -> None:
        """Mark the recording as finished and tell its conversation. Doing it again changes nothing."""
        row = await session.get(RecordingRow, recording_id, with_for_update=True)
        if row is None or row.finished_at is not None:
            return
        row.finished_at = now
        meeting = await session.get(MeetingRow, row.meeting_id)
        if meeting is None:
            return
        what = "recap" if row.recap else "recording"
        title = f"The {what} of “{meeting.title}” " + ("is there, but not complete" if failed else "is ready")
        members = select(MemberRow.account_id).where(MemberRow.conversation_id == meeting.conversation_id)
        accounts = list((await session.execute(members)).scalars())
        await self._notices.tell(accounts, KIND, recording_id, title, page_of(recording_id), now, session)
        for account in accounts:
            key = f"{MAIL}:{KIND}:{recording_id}:{account}"
            payload = {"account": account, "kind": KIND}
            await self._jobs.enqueue(MAIL, recording_id, now, key=key, payload=payload, session=session)
        message = message_of(recording_id)
        if await session.get(MessageRow, message) is None:
            session.add(
                MessageRow(
                    id=message, conversation_id=meeting.conversation_id, author=AUTHOR, at=now,
                    text=f"{title}: {self._origin}{page_of(recording_id)}",
                )
            )  # fmt: skip
            conversation = await session.get(ConversationRow, meeting.conversation_id)
            if conversation is not None:
                conversation.active_at = max(conversation.active_at, now)
