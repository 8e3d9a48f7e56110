"""Conversations and their members."""

from __future__ import annotations

import asyncio

import pytest

from parley.conversations import conversations as conversations_module
from parley.conversations.conversations import Conversations
from parley.conversations.errors import ConflictError, InvalidError, NotFoundError
from parley.conversations.meetings import Meetings
from parley.conversations.messages import Messages
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


async def test_who_makes_one_owns_it_and_stands_first(conversations: Conversations, people: People) -> None:
    owner, ann, bob = await people.some("Zoe", "Ann", "Bob")
    made = await conversations.create(owner.account_id, " Weekly ", [bob.email, ann.email.upper()])
    assert made.title == "Weekly"
    assert [(member.name, member.owner) for member in made.members] == [("Zoe", True), ("Ann", False), ("Bob", False)]
    assert await conversations.get(bob.account_id, made.conversation_id) == made


async def test_naming_somebody_twice_or_oneself_adds_nobody_twice(conversations: Conversations, people: People) -> None:
    owner, ann = await people.some("Owner", "Ann")
    made = await conversations.create(owner.account_id, "Weekly", [ann.email, ann.email, owner.email])
    assert len(made.members) == 2
    assert made.members[0].owner


async def test_an_address_without_account_makes_no_conversation_at_all(
    conversations: Conversations, people: People
) -> None:
    owner, ann = await people.some("Owner", "Ann")
    with pytest.raises(NotFoundError):
        await conversations.create(owner.account_id, "Weekly", [ann.email, "nobody@example.org"])
    assert await conversations.of_account(owner.account_id) == []


async def test_a_conversation_needs_a_title(conversations: Conversations, people: People) -> None:
    with pytest.raises(InvalidError):
        await conversations.create((await people.one()).account_id, " \n ")


async def test_one_sees_ones_own_with_the_newest_activity_first(
    database: Database, conversations: Conversations, people: People
) -> None:
    owner, other = await people.some("Owner", "Other")
    first = await conversations.create(owner.account_id, "First", [other.email])
    second = await conversations.create(owner.account_id, "Second")
    await conversations.create(other.account_id, "Not Owner's")

    async def titles() -> list[str]:
        return [found.title for found in await conversations.of_account(owner.account_id)]

    assert await titles() == ["Second", "First"]
    await Messages(database).post(other.account_id, first.conversation_id, "Hello")
    assert await titles() == ["First", "Second"]
    await Meetings(database).create(owner.account_id, None, second.conversation_id)
    assert await titles() == ["Second", "First"]


async def test_a_member_is_added_once(conversations: Conversations, people: People) -> None:
    owner, ann = await people.some("Owner", "Ann")
    made = await conversations.create(owner.account_id, "Weekly")
    now = await conversations.add_member(owner.account_id, made.conversation_id, f" {ann.email.upper()} ")
    assert [member.name for member in now.members] == ["Owner", "Ann"]
    with pytest.raises(ConflictError, match="Ann is a member already"):
        await conversations.add_member(owner.account_id, made.conversation_id, ann.email)
    with pytest.raises(NotFoundError):
        await conversations.add_member(owner.account_id, made.conversation_id, "nobody@example.org")


async def test_a_conversation_has_a_bounded_number_of_members(
    conversations: Conversations, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations_module, "MAX_MEMBERS", 3)
    owner, *others = await people.some("Owner", "Ann", "Bob", "Cid")
    made = await conversations.create(owner.account_id, "Weekly", [account.email for account in others[:2]])
    with pytest.raises(ConflictError, match="at most 3"):
        await conversations.add_member(owner.account_id, made.conversation_id, others[2].email)
    with pytest.raises(ConflictError, match="at most 3"):
        await conversations.create(owner.account_id, "Another", [account.email for account in others])


async def test_who_is_removed_may_be_added_again(conversations: Conversations, people: People) -> None:
    owner, ann = await people.some("Owner", "Ann")
    made = await conversations.create(owner.account_id, "Weekly", [ann.email])
    await conversations.remove_member(owner.account_id, made.conversation_id, ann.account_id)
    assert not await conversations.is_member(ann.account_id, made.conversation_id)
    with pytest.raises(NotFoundError):
        await conversations.remove_member(owner.account_id, made.conversation_id, ann.account_id)
    await conversations.add_member(owner.account_id, made.conversation_id, ann.email)
    assert await conversations.is_member(ann.account_id, made.conversation_id)


async def test_the_last_owner_cant_go(conversations: Conversations, people: People) -> None:
    owner, ann = await people.some("Owner", "Ann")
    made = await conversations.create(owner.account_id, "Weekly", [ann.email])
    with pytest.raises(ConflictError, match="needs an owner"):
        await conversations.remove_member(owner.account_id, made.conversation_id, owner.account_id)
    assert await conversations.is_member(owner.account_id, made.conversation_id)


async def test_adding_somebody_twice_at_once_leaves_one_member(conversations: Conversations, people: People) -> None:
    owner, ann = await people.some("Owner", "Ann")
    made = await conversations.create(owner.account_id, "Weekly")
    outcomes = await asyncio.gather(
        *(conversations.add_member(owner.account_id, made.conversation_id, ann.email) for _ in range(4)),
        return_exceptions=True,
    )
    assert any(not isinstance(outcome, BaseException) for outcome in outcomes)
    assert all(isinstance(outcome, ConflictError) for outcome in outcomes if isinstance(outcome, BaseException))
    assert len((await conversations.get(owner.account_id, made.conversation_id)).members) == 2


async def test_its_live_meetings_are_those_that_have_not_ended(
    database: Database, conversations: Conversations, people: People
) -> None:
    owner = await people.one()
    made = await conversations.create(owner.account_id, "Weekly")
    meetings = Meetings(database)
    over, live = [await meetings.create(owner.account_id, None, made.conversation_id) for _ in range(2)]
    await meetings.end(owner.account_id, over.code)
    assert await conversations.live_meetings(made.conversation_id) == [live.meeting_id]
