"""Conversations, their members and messages. Who may do what is decided in parley/conversations/."""

from __future__ import annotations

from parley.conversations import conversations, messages
from parley.conversations.errors import InvalidError
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.names import clean_line, clean_text
from parley.signaling.schema.http import (
    MAX_TITLE_CHARS,
    AddMember,
    Conversation,
    Conversations,
    CreateConversation,
    Member,
    Message,
    MessageFile,
    Messages,
    PostMessage,
)

PAGE_SIZE = 50


def _view(conversation: conversations.Conversation) -> Conversation:
    return Conversation(
        conversation_id=conversation.conversation_id,
        title=conversation.title,
        created_at=conversation.created_at.timestamp(),
        members=[
            Member(account_id=member.account_id, name=member.name, email=member.email, owner=member.owner)
            for member in conversation.members
        ],
    )


def _file_view(message: messages.Message) -> MessageFile | None:
    file = message.file
    if file is None or message.meeting_code is None:
        return None
    path = f"/api/meetings/{message.meeting_code}/files/{file.file_id}"
    return MessageFile(name=file.name, size=file.size, media_type=file.media_type, path=path)


def _message_view(message: messages.Message) -> Message:
    return Message(
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        author=message.author,
        account_id=message.account_id,
        meeting_id=message.meeting_id,
        text=message.text,
        at=message.at.timestamp(),
        file=_file_view(message),
    )


async def list_conversations(call: Call) -> Conversations:
    """One's conversations, newest activity first."""
    found = await call.services.conversations.of_account(call.me.account_id)
    return Conversations(conversations=[_view(conversation) for conversation in found])


async def create_conversation(call: Call, body: CreateConversation) -> Conversation:
    """A new conversation with its first members."""
    title = clean_line(body.title, MAX_TITLE_CHARS)
    if not title:
        raise InvalidError("A conversation needs a title.")
    return _view(await call.services.conversations.create(call.me.account_id, title, body.member_emails))


async def get_conversation(call: Call) -> Conversation:
    """One of one's conversations."""
    return _view(await call.services.conversations.get(call.me.account_id, call.path["conversation_id"]))


async def add_member(call: Call, body: AddMember) -> Conversation:
    """Add an account by e-mail."""
    return _view(
        await call.services.conversations.add_member(call.me.account_id, call.path["conversation_id"], body.email)
    )


async def remove_member(call: Call) -> None:
    """Remove a member, or leave; out of the conversation's live meetings too, at once."""
    conversation_id, member_id = call.path["conversation_id"], call.path["account_id"]
    await call.services.conversations.remove_member(call.me.account_id, conversation_id, member_id)
    meeting_ids = await call.services.conversations.live_meetings(conversation_id)
    await call.services.links.revoke_member(meeting_ids, member_id)


async def list_messages(call: Call) -> Messages:
    """A page of messages, oldest first."""
    limit = call.query.get("limit", str(PAGE_SIZE))
    if not (limit.isascii() and limit.isdigit() and 1 <= len(limit) <= 3 and int(limit) > 0):
        raise InvalidError("`limit` must be a whole number from 1 to 999.")
    before = call.query.get("before")
    if before is not None and not (before.isascii() and before.isprintable() and 1 <= len(before) <= 64):
        raise InvalidError("`before` is not the id of a message.")
    found, older = await call.services.messages.page(
        call.me.account_id, call.path["conversation_id"], before, int(limit)
    )
    return Messages(messages=[_message_view(message) for message in found], before=older)


async def post_message(call: Call, body: PostMessage) -> Message:
    """Write a message."""
    text = clean_text(body.text)
    return _message_view(await call.services.messages.post(call.me.account_id, call.path["conversation_id"], text))
