"""Who may do what with a conversation and its meetings: every action, by everyone an account can be to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from parley.conversations.accounts import Account
from parley.conversations.authorization import TABLE, Action, Relation, allowed
from parley.conversations.conversations import Conversation, Conversations
from parley.conversations.errors import ConversationsError, ForbiddenError, NotFoundError
from parley.conversations.meetings import Meetings
from parley.conversations.messages import Messages
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

YES, NO, HIDDEN = "done", "forbidden", "not found"

EXPECTED: dict[Action, tuple[str, str, str]] = {
    # what the       owner, a member, and a stranger are answered
    Action.SEE: (YES, YES, HIDDEN),
    Action.READ: (YES, YES, HIDDEN),
    Action.WRITE: (YES, YES, HIDDEN),
    Action.MEET: (YES, YES, HIDDEN),
    Action.ADD_MEMBER: (YES, NO, HIDDEN),
    Action.REMOVE_MEMBER: (YES, NO, HIDDEN),
    Action.LEAVE: ("conflict", YES, HIDDEN),
}
"""The last owner can't leave: a conversation needs one."""


@dataclass
class Scene:
    """A conversation with one of everyone."""

    database: Database
    conversation: Conversation
    bystander: Account
    candidate: Account

    async def does(self, who: Account, action: Action) -> str:
        """Try it; how it went."""
        conversations, messages = Conversations(self.database), Messages(self.database)
        key, me = self.conversation.conversation_id, who.account_id
        attempts: dict[Action, Callable[[], Awaitable[object]]] = {
            Action.SEE: lambda: conversations.get(me, key),
            Action.READ: lambda: messages.page(me, key),
            Action.WRITE: lambda: messages.post(me, key, "Hello"),
            Action.MEET: lambda: Meetings(self.database).create(me, None, key),
            Action.ADD_MEMBER: lambda: conversations.add_member(me, key, self.candidate.email),
            Action.REMOVE_MEMBER: lambda: conversations.remove_member(me, key, self.bystander.account_id),
            Action.LEAVE: lambda: conversations.remove_member(me, key, me),
        }
        try:
            await attempts[action]()
        except NotFoundError:
            return HIDDEN
        except ForbiddenError:
            return NO
        except ConversationsError as error:
            return error.code
        return YES


async def test_the_table_names_every_action_and_relation() -> None:
    assert EXPECTED.keys() == set(Action)
    assert TABLE.keys() == set(Relation)


@pytest.mark.parametrize("action", list(Action))
async def test_each_action_is_answered_as_the_table_says(database: Database, people: People, action: Action) -> None:
    owner, member, stranger, bystander, candidate = await people.some("Owner", "Mia", "Stan", "Bea", "Carl")
    conversation = await Conversations(database).create(owner.account_id, "Weekly", [member.email, bystander.email])
    scene = Scene(database, conversation, bystander, candidate)
    answers = {who.name: await scene.does(who, action) for who in (stranger, member, owner)}
    assert (answers["Owner"], answers["Mia"], answers["Stan"]) == EXPECTED[action]


@pytest.mark.parametrize("action", list(Action))
async def test_what_is_not_there_and_what_is_not_for_strangers_are_answered_alike(
    database: Database, people: People, action: Action
) -> None:
    owner, stranger = await people.some("Owner", "Stan")
    conversation = await Conversations(database).create(owner.account_id, "Weekly")
    nowhere = Conversation("no-such-id", "", conversation.created_at, ())
    for found in (conversation, nowhere):
        assert await Scene(database, found, owner, stranger).does(stranger, action) == HIDDEN


@pytest.mark.parametrize("action", list(Action))
async def test_who_left_is_a_stranger_again(database: Database, people: People, action: Action) -> None:
    owner, member = await people.some("Owner", "Mia")
    conversations = Conversations(database)
    conversation = await conversations.create(owner.account_id, "Weekly", [member.email])
    await conversations.remove_member(member.account_id, conversation.conversation_id, member.account_id)
    assert await Scene(database, conversation, owner, owner).does(member, action) == HIDDEN


async def test_strangers_may_nothing_and_owners_everything() -> None:
    assert not any(allowed(Relation.STRANGER, action) for action in Action)
    assert all(allowed(Relation.OWNER, action) for action in Action)
