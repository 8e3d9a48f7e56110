"""Meetings: links nobody guesses, and facts that may arrive twice and outlive the room."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from parley.conversations.conversations import Conversations
from parley.conversations.errors import ForbiddenError, NotFoundError
from parley.conversations.ids import CODE_ALPHABET, new_code, new_id
from parley.conversations.meetings import MAX_CHAT_LINES, ChatLine, Meeting, Meetings
from parley.conversations.messages import Messages
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def meetings(database: Database) -> Meetings:
    return Meetings(database)


async def new_meeting(meetings: Meetings, people: People) -> Meeting:
    return await meetings.create((await people.one("Hanna")).account_id, "Weekly")


def line(number: int = 0, author: str = "Gus", text: str = "Hello") -> ChatLine:
    return ChatLine(new_id(), "participant", author, text, NOON + timedelta(seconds=number))


# --- links ------------------------------------------------------------------------------------------------------------


async def test_an_instant_meeting_has_its_maker_as_host_and_a_conversation_of_its_own(
    database: Database, meetings: Meetings, people: People
) -> None:
    host = await people.one("Hanna")
    meeting = await meetings.create(host.account_id)
    assert (meeting.title, meeting.host_id, meeting.host_name) == ("Hanna's meeting", host.account_id, "Hanna")
    assert (meeting.started_at, meeting.ended_at) == (None, None)
    (conversation,) = await Conversations(database).of_account(host.account_id)
    assert conversation.conversation_id == meeting.conversation_id
    assert [member.owner for member in conversation.members] == [True]


async def test_a_link_leads_to_its_meeting_and_no_other(meetings: Meetings, people: People) -> None:
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    assert await meetings.by_code(meeting.code) == meeting
    assert meeting.code != other.code
    for wrong in ("", meeting.code[:-1], meeting.code.upper(), meeting.code + "%", "_" * len(meeting.code)):
        assert await meetings.by_code(wrong) is None


async def test_codes_can_be_read_out_and_not_be_guessed() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    for code in codes:
        assert len(code) == 19
        assert set(code) <= {*CODE_ALPHABET, "-"}
    assert not set("0o1il") & set(CODE_ALPHABET), "which look alike"
    assert len(CODE_ALPHABET) ** 16 > 2**78


async def test_members_see_their_meetings_newest_first_and_strangers_none(
    database: Database, meetings: Meetings, people: People
) -> None:
    host, member, stranger = await people.some("Hanna", "Mia", "Stan")
    conversation = await Conversations(database).create(host.account_id, "Weekly", [member.email])
    made = [await meetings.create(host.account_id, f"{number}", conversation.conversation_id) for number in range(3)]
    await meetings.create(stranger.account_id)
    for account in (host, member):
        assert await meetings.of_account(account.account_id) == made[::-1]
    assert await meetings.of_account(member.account_id, limit=1) == [made[2]]


async def test_only_an_account_makes_a_meeting(meetings: Meetings) -> None:
    with pytest.raises(NotFoundError):
        await meetings.create("nobody")


# --- ending -----------------------------------------------------------------------------------------------------------


async def test_the_host_ends_a_meeting_once(meetings: Meetings, people: People) -> None:
    meeting = await new_meeting(meetings, people)
    await meetings.end(meeting.host_id, meeting.code)
    ended = await meetings.by_code(meeting.code)
    assert ended is not None
    assert ended.ended_at is not None
    await meetings.end(meeting.host_id, meeting.code)
    assert await meetings.by_code(meeting.code) == ended


async def test_nobody_else_ends_it(database: Database, meetings: Meetings, people: People) -> None:
    host, member, stranger = await people.some("Hanna", "Mia", "Stan")
    conversation = await Conversations(database).create(host.account_id, "Weekly", [member.email])
    meeting = await meetings.create(host.account_id, None, conversation.conversation_id)
    for account in (member, stranger):
        with pytest.raises(ForbiddenError):
            await meetings.end(account.account_id, meeting.code)
    with pytest.raises(NotFoundError):
        await meetings.end(host.account_id, "no-such-code")
    assert await meetings.by_code(meeting.code) == meeting


async def test_a_host_who_left_the_conversation_is_host_no_more(
    database: Database, meetings: Meetings, people: People
) -> None:
    owner, host = await people.some("Owner", "Hanna")
    conversations = Conversations(database)
    conversation = await conversations.create(owner.account_id, "Weekly", [host.email])
    meeting = await meetings.create(host.account_id, None, conversation.conversation_id)
    await conversations.remove_member(host.account_id, conversation.conversation_id, host.account_id)
    with pytest.raises(ForbiddenError):
        await meetings.end(host.account_id, meeting.code)


# --- facts ------------------------------------------------------------------------------------------------------------


async def test_a_meeting_starts_when_its_room_is_first_opened(meetings: Meetings, people: People) -> None:
    meeting = await new_meeting(meetings, people)
    first = await meetings.started(meeting.meeting_id)
    assert await meetings.started(meeting.meeting_id) == first
    found = await meetings.by_code(meeting.code)
    assert found is not None
    assert found.started_at == first
    with pytest.raises(NotFoundError):
        await meetings.started("no-such-meeting")


async def test_the_first_end_counts(meetings: Meetings, people: People) -> None:
    meeting = await new_meeting(meetings, people)
    await meetings.ended(meeting.meeting_id, NOON)
    await meetings.ended(meeting.meeting_id, NOON + timedelta(hours=1))
    found = await meetings.by_code(meeting.code)
    assert found is not None
    assert found.ended_at == NOON


async def test_a_new_meeting_knows_nothing(meetings: Meetings, people: People) -> None:
    facts = await meetings.facts((await new_meeting(meetings, people)).meeting_id)
    assert (facts.locked, facts.agenda, facts.admitted) == (False, "", {})
    assert (facts.removed, facts.cohosts, facts.chat) == ((), (), ())


async def test_a_reopened_room_knows_again_who_was_let_in_put_out_and_made_cohost(
    meetings: Meetings, people: People
) -> None:
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    key = meeting.meeting_id
    for _ in range(2):  # facts may come twice
        await meetings.admitted(key, "guest-1", NOON)
        await meetings.admitted(key, "guest-2", NOON)
        await meetings.removed(key, "guest-2")
        await meetings.cohost(key, "account-1", True)
        await meetings.cohost(key, "account-2", True)
        await meetings.cohost(key, "account-2", False)
        await meetings.locked(key, True)
    facts = await meetings.facts(key)
    assert (facts.admitted, facts.removed, facts.cohosts) == ({"guest-1": NOON}, ("guest-2",), ("account-1",))
    assert facts.locked
    assert (await meetings.facts(other.meeting_id)).admitted == {}
    await meetings.locked(key, False)
    assert not (await meetings.facts(key)).locked


async def test_who_is_put_out_loses_every_standing(meetings: Meetings, people: People) -> None:
    key = (await new_meeting(meetings, people)).meeting_id
    await meetings.admitted(key, "person", NOON)
    await meetings.cohost(key, "person", True)
    await meetings.removed(key, "person")
    facts = await meetings.facts(key)
    assert (facts.admitted, facts.cohosts, facts.removed) == ({}, (), ("person",))


async def test_who_lost_membership_may_knock_again(meetings: Meetings, people: People) -> None:
    key = (await new_meeting(meetings, people)).meeting_id
    await meetings.admitted(key, "person", NOON)
    await meetings.cohost(key, "person", True)
    await meetings.revoked(key, "person")
    facts = await meetings.facts(key)
    assert (facts.admitted, facts.cohosts, facts.removed) == ({}, (), ())


async def test_facts_of_one_person_at_the_same_time_dont_collide(meetings: Meetings, people: People) -> None:
    key = (await new_meeting(meetings, people)).meeting_id
    await asyncio.gather(*(meetings.admitted(key, "person", NOON) for _ in range(5)))
    assert (await meetings.facts(key)).admitted == {"person": NOON}


async def test_the_first_time_that_somebody_was_let_in_counts(meetings: Meetings, people: People) -> None:
    key = (await new_meeting(meetings, people)).meeting_id
    for hours in (1, 0, 2):
        await meetings.admitted(key, "person", NOON + timedelta(hours=hours))
    assert (await meetings.facts(key)).admitted == {"person": NOON}


async def test_the_agenda_as_it_was_last_written_is_known_again(meetings: Meetings, people: People) -> None:
    meeting, other = await new_meeting(meetings, people), await new_meeting(meetings, people)
    for text in ("1. Hello", "1. Hello\n2. Tea \U0001fad6"):
        await meetings.agenda(meeting.meeting_id, text)
    assert (await meetings.facts(meeting.meeting_id)).agenda == "1. Hello\n2. Tea \U0001fad6"
    assert (await meetings.facts(other.meeting_id)).agenda == ""
    await meetings.agenda(meeting.meeting_id, "")
    assert (await meetings.facts(meeting.meeting_id)).agenda == ""


async def test_chat_is_kept_in_order_and_once(meetings: Meetings, people: People) -> None:
    key = (await new_meeting(meetings, people)).meeting_id
    lines = [line(number, text=str(number)) for number in range(5)]
    for said in [*reversed(lines), *lines]:
        await meetings.said(key, said, None)
    assert (await meetings.facts(key)).chat == tuple(lines)


async def test_a_reopened_room_gets_the_newest_chat_only(
    meetings: Meetings, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parley.conversations.meetings.MAX_CHAT_LINES", 3)
    key = (await new_meeting(meetings, people)).meeting_id
    lines = [line(number) for number in range(5)]
    for said in lines:
        await meetings.said(key, said, None)
    assert (await meetings.facts(key)).chat == tuple(lines[2:])
    assert MAX_CHAT_LINES == 1000


async def test_what_is_said_in_a_meeting_is_a_message_of_its_conversation(
    database: Database, meetings: Meetings, people: People
) -> None:
    meeting = await new_meeting(meetings, people)
    await meetings.said(meeting.meeting_id, line(0, "Gus", "From a guest"), None)
    await meetings.said(meeting.meeting_id, line(1, "Hanna", "From the host"), meeting.host_id)
    page, _ = await Messages(database).page(meeting.host_id, meeting.conversation_id)
    assert [(said.author, said.account_id, said.meeting_id, said.text) for said in page] == [
        ("Gus", None, meeting.meeting_id, "From a guest"),
        ("Hanna", meeting.host_id, meeting.meeting_id, "From the host"),
    ]


async def test_a_late_line_doesnt_make_a_conversation_older(
    database: Database, meetings: Meetings, people: People
) -> None:
    host = await people.one()
    old, new = [await meetings.create(host.account_id, title) for title in ("old", "new")]
    await meetings.said(new.meeting_id, line(), host.account_id)
    found = await Conversations(database).of_account(host.account_id)
    assert [conversation.conversation_id for conversation in found] == [new.conversation_id, old.conversation_id]


async def test_facts_of_a_meeting_that_is_gone_change_nothing(meetings: Meetings) -> None:
    await meetings.locked("gone", True)
    await meetings.agenda("gone", "1. Hello")
    await meetings.ended("gone", NOON)
    await meetings.said("gone", line(), None)
    assert (await meetings.facts("gone")).chat == ()


async def test_ids_fit_their_columns_and_their_pattern() -> None:
    ids = [new_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", made) for made in ids)
