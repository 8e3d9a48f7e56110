"""Files of a meeting's chat: who may have one, how many there may be, and that messages carry them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from parley.conversations import files as files_module
from parley.conversations.conversations import Conversations
from parley.conversations.errors import ConflictError, NotFoundError
from parley.conversations.files import ChatFile, Files
from parley.conversations.ids import new_id
from parley.conversations.meetings import ChatLine, Meeting, Meetings
from parley.conversations.messages import Messages
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def files(database: Database) -> Files:
    return Files(database)


@pytest.fixture
def meetings(database: Database) -> Meetings:
    return Meetings(database)


def a_file(name: str = "plan.pdf") -> ChatFile:
    return ChatFile(new_id(), name, 1234, "application/pdf")


async def new_meeting(meetings: Meetings, people: People) -> Meeting:
    return await meetings.create((await people.one("Hanna")).account_id, "Weekly")


async def may_have(files: Files, meeting: Meeting, file: ChatFile, account_id: str | None, *keys: str) -> bool:
    try:
        return await files.find(meeting, file.file_id, account_id, keys) == file
    except NotFoundError:
        return False


async def test_members_have_it_at_any_time_and_others_who_were_let_in_while_the_meeting_lasts(
    database: Database, files: Files, meetings: Meetings, people: People
) -> None:
    host, member, stranger = await people.some("Hanna", "Mia", "Stan")
    conversation = await Conversations(database).create(host.account_id, "Weekly", [member.email])
    meeting = await meetings.create(host.account_id, None, conversation.conversation_id)
    file = a_file()
    await files.add(meeting.meeting_id, file)
    for key in ("guest", "put out", stranger.account_id):
        await meetings.admitted(meeting.meeting_id, key, NOON)
    await meetings.removed(meeting.meeting_id, "put out")
    assert await may_have(files, meeting, file, host.account_id, host.account_id)
    assert await may_have(files, meeting, file, member.account_id, member.account_id)
    assert await may_have(files, meeting, file, None, "guest")
    assert await may_have(files, meeting, file, stranger.account_id, stranger.account_id)
    assert not await may_have(files, meeting, file, None, "put out")
    assert not await may_have(files, meeting, file, None, "nobody")
    assert not await may_have(files, meeting, file, None)
    await meetings.ended(meeting.meeting_id, NOON)
    over = await meetings.by_code(meeting.code)
    assert over is not None
    assert await may_have(files, over, file, member.account_id, member.account_id)
    assert not await may_have(files, over, file, None, "guest")
    assert not await may_have(files, over, file, stranger.account_id, stranger.account_id)


async def test_who_left_the_conversation_has_its_files_no_more(
    database: Database, files: Files, meetings: Meetings, people: People
) -> None:
    host, member = await people.some("Hanna", "Mia")
    conversation = await Conversations(database).create(host.account_id, "Weekly", [member.email])
    meeting = await meetings.create(host.account_id, None, conversation.conversation_id)
    file = a_file()
    await files.add(meeting.meeting_id, file)
    await Conversations(database).remove_member(host.account_id, conversation.conversation_id, member.account_id)
    assert not await may_have(files, meeting, file, member.account_id, member.account_id)


async def test_a_file_of_another_meeting_is_not_found(files: Files, meetings: Meetings, people: People) -> None:
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    file = a_file()
    await files.add(other.meeting_id, file)
    assert not await may_have(files, meeting, file, meeting.host_id, meeting.host_id)
    await files.remove(meeting.meeting_id, file.file_id)
    assert await may_have(files, other, file, other.host_id, other.host_id)
    await files.remove(other.meeting_id, file.file_id)
    assert not await may_have(files, other, file, other.host_id, other.host_id)


async def test_a_meeting_keeps_no_more_files_than_it_may_even_if_they_come_at_once(
    files: Files, meetings: Meetings, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "MAX_FILES", 3)
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    await files.check_room(meeting.meeting_id)
    ended = await asyncio.gather(*(files.add(meeting.meeting_id, a_file()) for _ in range(6)), return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [ConflictError] * 3
    with pytest.raises(ConflictError, match="at most 3 files"):
        await files.check_room(meeting.meeting_id)
    await files.check_room(other.meeting_id)


async def test_a_meeting_that_is_gone_takes_no_file(files: Files) -> None:
    with pytest.raises(NotFoundError):
        await files.add("gone", a_file())


# --- in messages ------------------------------------------------------------------------------------------------------


async def test_what_was_said_with_a_file_is_known_again_with_it(
    database: Database, files: Files, meetings: Meetings, people: People
) -> None:
    meeting = await new_meeting(meetings, people)
    file = a_file()
    await files.add(meeting.meeting_id, file)
    line = ChatLine(new_id(), "participant", "Gus", "", NOON, file)
    for _ in range(2):
        await meetings.said(meeting.meeting_id, line, None)
    assert (await meetings.facts(meeting.meeting_id)).chat == (line,)
    (message,), _ = await Messages(database).page(meeting.host_id, meeting.conversation_id)
    assert (message.text, message.file, message.meeting_code) == ("", file, meeting.code)


async def test_a_message_outlives_its_file_and_names_none_of_another_meeting(
    database: Database, files: Files, meetings: Meetings, people: People
) -> None:
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    mine, foreign, unknown = a_file(), a_file(), a_file()
    await files.add(meeting.meeting_id, mine)
    await files.add(other.meeting_id, foreign)
    for file in (mine, foreign, unknown):
        await meetings.said(meeting.meeting_id, ChatLine(new_id(), "p", "Gus", "look", NOON, file), None)
    await files.remove(meeting.meeting_id, mine.file_id)
    page, _ = await Messages(database).page(meeting.host_id, meeting.conversation_id)
    assert [(message.text, message.file) for message in page] == [("look", None)] * 3
