"""Notices: each account is told each thing once, however often and by however many it is told."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from parley.conversations.conversations import Conversations
from parley.conversations.meetings import Meetings
from parley.conversations.notices import MAX_LISTED, Notices
from parley.conversations.recordings import Recording, Recordings
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
numbers = itertools.count()


@pytest.fixture
def notices(database: Database) -> Notices:
    return Notices(database)


@pytest.fixture
def subject() -> str:
    """One that no other test tells of."""
    return f"recording-{next(numbers)}"


async def test_telling_again_changes_nothing(notices: Notices, people: People, subject: str) -> None:
    ann, ben = [one.account_id for one in await people.some("Ann", "Ben")]
    await notices.tell([ann, ann, ben], "recap", subject, "Ready", "/recaps/1", NOW)
    await notices.read(ann, NOW)
    await notices.tell([ann, ben], "recap", subject, "Not ready", "/recaps/2", NOW + timedelta(days=1))
    ((first,), unread), ((second,), unread_too) = await notices.of_account(ann), await notices.of_account(ben)
    assert (first.title, first.link, first.created_at, first.read, unread) == ("Ready", "/recaps/1", NOW, True, 0)
    assert (second.title, second.read, unread_too) == ("Ready", False, 1)


async def test_many_who_tell_at_once_tell_it_once(notices: Notices, people: People, subject: str) -> None:
    accounts = [one.account_id for one in await people.some("Ann", "Ben", "Cid")]
    orders = [accounts[at:] + accounts[:at] for at in (0, 1, 2, 0)]
    await asyncio.gather(*(notices.tell(one, "recap", subject, "Ready", "/recaps/1", NOW) for one in orders))
    assert [(await notices.of_account(account))[1] for account in accounts] == [1, 1, 1]


async def test_another_kind_or_subject_is_another_notice(notices: Notices, people: People, subject: str) -> None:
    ann = (await people.one()).account_id
    for kind, about in (("recap", subject), ("other", subject), ("recap", subject + "b")):
        await notices.tell([ann], kind, about, "Ready", "/", NOW)
    assert (await notices.of_account(ann))[1] == 3


async def test_nobody_to_tell_is_no_error(notices: Notices, subject: str) -> None:
    await notices.tell([], "recap", subject, "Ready", "/", NOW)


async def test_a_title_that_is_too_long_for_the_table_is_cut(notices: Notices, people: People, subject: str) -> None:
    ann = (await people.one()).account_id
    await notices.tell([ann], "recap", subject, "x" * 500, "/", NOW)
    ((one,), _) = await notices.of_account(ann)
    assert len(one.title) == 200


async def test_the_newest_are_listed_and_all_unread_are_counted(notices: Notices, people: People) -> None:
    ann = (await people.one()).account_id
    for number in range(MAX_LISTED + 5):
        await notices.tell([ann], "recap", f"many-{number}", str(number), "/", NOW + timedelta(minutes=number))
    listed, unread = await notices.of_account(ann)
    assert [one.title for one in listed] == [str(number) for number in range(MAX_LISTED + 4, 4, -1)]
    assert unread == MAX_LISTED + 5


async def test_reading_is_for_oneself(notices: Notices, people: People, subject: str) -> None:
    ann, ben = [one.account_id for one in await people.some("Ann", "Ben")]
    await notices.tell([ann, ben], "recap", subject, "Ready", "/", NOW)
    await notices.read(ann, NOW)
    assert [(await notices.of_account(each))[1] for each in (ann, ben)] == [0, 1]


async def test_a_notice_is_mailed_until_the_mail_server_took_it(
    notices: Notices, people: People, database: Database, subject: str
) -> None:
    ann = await people.one("Ann")
    assert await notices.mail_of(ann.account_id, "recap", subject) is None
    await notices.tell([ann.account_id], "recap", subject, "Ready", "/recaps/1", NOW)
    mail = await notices.mail_of(ann.account_id, "recap", subject)
    assert mail is not None
    assert (mail.name, mail.address, mail.notice.title) == ("Ann", ann.email, "Ready")
    async with database.session() as session:
        await notices.mailed(mail.notice.notice_id, NOW, session)
    assert await notices.mail_of(ann.account_id, "recap", subject) is None


async def test_what_is_rolled_back_was_not_told(
    notices: Notices, people: People, database: Database, subject: str
) -> None:
    ann = (await people.one()).account_id
    async with database.session() as session:
        await notices.tell([ann], "recap", subject, "Ready", "/", NOW, session)
        await session.rollback()
    assert (await notices.of_account(ann))[1] == 0


async def test_those_to_tell_are_the_members_now(database: Database, notices: Notices, people: People) -> None:
    owner, member, removed = await people.some("Owner", "Mia", "Rob")
    conversations = Conversations(database)
    made = await conversations.create(owner.account_id, "Weekly", [member.email, removed.email])
    meeting = await Meetings(database).create(owner.account_id, "Plan", made.conversation_id)
    recording = f"recording-{meeting.meeting_id}"
    await Recordings(database).began(meeting.meeting_id, Recording(recording, meeting.meeting_id, NOW))
    await conversations.remove_member(owner.account_id, made.conversation_id, removed.account_id)
    assert set(await notices.members_of(recording)) == {owner.account_id, member.account_id}
