"""Messages of a conversation, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parley.conversations.conversations import Conversations
from parley.conversations.errors import InvalidError, NotFoundError
from parley.conversations.ids import new_id
from parley.conversations.messages import MAX_PAGE, Messages
from parley.store.database import Database
from parley.store.tables import MessageRow
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def messages(database: Database) -> Messages:
    return Messages(database)


async def filled(database: Database, people: People, times: list[int]) -> tuple[str, str]:
    """A conversation with messages of these seconds past noon, their texts counted up; owner and conversation."""
    owner = await people.one()
    made = await Conversations(database).create(owner.account_id, "Weekly")
    async with database.session() as session:
        for number, seconds in enumerate(times):
            session.add(
                MessageRow(
                    id=new_id(),
                    conversation_id=made.conversation_id,
                    author="Ann",
                    text=str(number),
                    at=NOON + timedelta(seconds=seconds),
                )
            )
    return owner.account_id, made.conversation_id


async def test_a_message_says_who_wrote_what_when(database: Database, messages: Messages, people: People) -> None:
    owner, member = await people.some("Owner", "Mia")
    made = await Conversations(database).create(owner.account_id, "Weekly", [member.email])
    written = await messages.post(member.account_id, made.conversation_id, " Hello\n\tthere \U0001f600 ")
    assert (written.author, written.account_id, written.meeting_id) == ("Mia", member.account_id, None)
    assert written.text == " Hello\n\tthere \U0001f600 "
    page, older = await messages.page(owner.account_id, made.conversation_id)
    assert (page, older) == ([written], None)


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
async def test_a_message_needs_some_text(database: Database, messages: Messages, people: People, text: str) -> None:
    owner, conversation = await filled(database, people, [])
    with pytest.raises(InvalidError):
        await messages.post(owner, conversation, text)
    assert await messages.page(owner, conversation) == ([], None)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 100])
@pytest.mark.parametrize(
    "times", [list(range(7)), [0] * 7, [3, 1, 2, 2, 2, 0, 3]], ids=["in order", "at once", "mixed"]
)
async def test_going_back_page_by_page_shows_every_message_once_and_in_order(
    database: Database, messages: Messages, people: People, size: int, times: list[int]
) -> None:
    owner, conversation = await filled(database, people, times)
    pages = []
    before: str | None = None
    while True:
        page, before = await messages.page(owner, conversation, before, size)
        assert 1 <= len(page) <= size
        pages.append(page)
        if before is None:
            break
    read = [message for page in reversed(pages) for message in page]
    assert sorted(message.text for message in read) == [str(number) for number in range(len(times))]
    assert [(message.at, message.message_id) for message in read] == sorted(
        (message.at, message.message_id) for message in read
    )


async def test_the_newest_page_comes_first(database: Database, messages: Messages, people: People) -> None:
    owner, conversation = await filled(database, people, list(range(5)))
    page, before = await messages.page(owner, conversation, limit=2)
    assert [message.text for message in page] == ["3", "4"]
    assert before == page[0].message_id


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (MAX_PAGE + 1, MAX_PAGE), (10**9, MAX_PAGE)])
async def test_a_page_is_never_empty_or_endless(
    database: Database, messages: Messages, people: People, asked: int, given: int
) -> None:
    owner, conversation = await filled(database, people, list(range(MAX_PAGE + 5)))
    page, before = await messages.page(owner, conversation, limit=asked)
    assert len(page) == given
    assert before is not None


async def test_a_page_cant_go_back_from_another_conversations_message(
    database: Database, messages: Messages, people: People
) -> None:
    owner, conversation = await filled(database, people, [0])
    other_owner, other = await filled(database, people, [0])
    (foreign,), _ = await messages.page(other_owner, other)
    for before in (foreign.message_id, "no-such-message"):
        with pytest.raises(NotFoundError, match="no such message"):
            await messages.page(owner, conversation, before)


async def test_a_message_outlives_its_writers_membership(
    database: Database, messages: Messages, people: People
) -> None:
    owner, member = await people.some("Owner", "Mia")
    conversations = Conversations(database)
    made = await conversations.create(owner.account_id, "Weekly", [member.email])
    written = await messages.post(member.account_id, made.conversation_id, "Goodbye")
    await conversations.remove_member(member.account_id, made.conversation_id, member.account_id)
    assert await messages.page(owner.account_id, made.conversation_id) == ([written], None)
