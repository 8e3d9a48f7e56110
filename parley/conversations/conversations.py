"""Conversations and their members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.accounts import normal_email
from parley.conversations.authorization import Action, Relation, allowed
from parley.conversations.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from parley.conversations.ids import new_id
from parley.store.database import Database
from parley.store.tables import AccountRow, ConversationRow, MeetingRow, MemberRow

MAX_MEMBERS = 200
NO_SUCH_CONVERSATION = "There is no such conversation."


@dataclass(frozen=True, slots=True)
class Member:
    """An account in a conversation."""

    account_id: str
    name: str
    email: str
    owner: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its members, owners first."""

    conversation_id: str
    title: str
    created_at: datetime
    members: tuple[Member, ...]


async def relation(session: AsyncSession, account_id: str, conversation_id: str) -> Relation:
    """What the account is to the conversation."""
    row = await session.get(MemberRow, (conversation_id, account_id))
    if row is None:
        return Relation.STRANGER
    return Relation.OWNER if row.owner else Relation.MEMBER


async def require(session: AsyncSession, account_id: str, conversation_id: str, action: Action) -> None:
    """Raises NotFoundError for strangers, ForbiddenError for members who may not do this."""
    found = await relation(session, account_id, conversation_id)
    if found is Relation.STRANGER:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    if not allowed(found, action):
        raise ForbiddenError("Only an owner of the conversation may do this.")


async def open_conversation(session: AsyncSession, account_id: str, title: str) -> ConversationRow:
    """A new conversation that the account owns, in the caller's transaction."""
    now = datetime.now(UTC)
    row = ConversationRow(id=new_id(), title=title, created_at=now, active_at=now)
    session.add(row)
    await session.flush()
    session.add(MemberRow(conversation_id=row.id, account_id=account_id, owner=True, joined_at=now))
    return row


class Conversations:
    """See the module. Every method takes who asks first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account_id: str, title: str, member_emails: Iterable[str] = ()) -> Conversation:
        """A new one, with members by e-mail. Raises NotFoundError for an address without account."""
        title = title.strip()
        if not title:
            raise InvalidError("A conversation needs a title.")
        async with self._database.session() as session:
            row = await open_conversation(session, account_id, title)
            for email in member_emails:
                await self._add(session, row.id, email, tolerate_known=True)
            await session.flush()
            return (await self._load(session, [row]))[0]

    async def of_account(self, account_id: str) -> list[Conversation]:
        """Those the account is a member of, newest activity first."""
        async with self._database.session() as session:
            rows = (
                await session.execute(
                    select(ConversationRow)
                    .join(MemberRow, MemberRow.conversation_id == ConversationRow.id)
                    .where(MemberRow.account_id == account_id)
                    .order_by(ConversationRow.active_at.desc(), ConversationRow.id)
                    .limit(200)
                )
            ).scalars()
            return await self._load(session, rows.all())

    async def get(self, account_id: str, conversation_id: str) -> Conversation:
        """One of them. Raises NotFoundError."""
        async with self._database.session() as session:
            await require(session, account_id, conversation_id, Action.SEE)
            row = await session.get(ConversationRow, conversation_id)
            if row is None:
                raise NotFoundError(NO_SUCH_CONVERSATION)
            return (await self._load(session, [row]))[0]

    async def is_member(self, account_id: str, conversation_id: str) -> bool:
        """Whether the account belongs to the conversation."""
        async with self._database.session() as session:
            return await relation(session, account_id, conversation_id) is not Relation.STRANGER

    async def add_member(self, account_id: str, conversation_id: str, email: str) -> Conversation:
        """Add an account by e-mail. Raises NotFoundError, ForbiddenError, ConflictError."""
        async with self._database.session() as session:
            await require(session, account_id, conversation_id, Action.ADD_MEMBER)
            await self._add(session, conversation_id, email, tolerate_known=False)
        return await self.get(account_id, conversation_id)

    async def remove_member(self, account_id: str, conversation_id: str, member_id: str) -> None:
        """Remove a member, or leave. The last owner stays. Raises NotFoundError, ForbiddenError, ConflictError."""
        action = Action.LEAVE if member_id == account_id else Action.REMOVE_MEMBER
        async with self._database.session() as session:
            await require(session, account_id, conversation_id, action)
            row = await session.get(MemberRow, (conversation_id, member_id))
            if row is None:
                raise NotFoundError("This account is not a member of the conversation.")
            if row.owner and await self._owners(session, conversation_id) == 1:
                raise ConflictError("A conversation needs an owner: the last one can't go.")
            await session.execute(
                delete(MemberRow).where(MemberRow.conversation_id == conversation_id, MemberRow.account_id == member_id)
            )

    async def live_meetings(self, conversation_id: str) -> list[str]:
        """Ids of the conversation's meetings that have not ended."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(MeetingRow.id).where(
                    MeetingRow.conversation_id == conversation_id, MeetingRow.ended_at.is_(None)
                )
            )
            return list(rows.scalars())

    async def _owners(self, session: AsyncSession, conversation_id: str) -> int:
        statement = (
            select(func.count())
            .select_from(MemberRow)
            .where(MemberRow.conversation_id == conversation_id, MemberRow.owner)
        )
        return (await session.execute(statement)).scalar_one()

    async def _add(self, session: AsyncSession, conversation_id: str, email: str, tolerate_known: bool) -> None:
        found = await session.execute(select(AccountRow).where(AccountRow.email == normal_email(email)))
        account = found.scalar_one_or_none()
        if account is None:
            raise NotFoundError(f"Nobody has an account with the address {email}.")
        known = ConflictError(f"{account.name} is a member already.")
        if await session.get(MemberRow, (conversation_id, account.id)) is not None:
            if tolerate_known:
                return
            raise known
        count = select(func.count()).select_from(MemberRow).where(MemberRow.conversation_id == conversation_id)
        if (await session.execute(count)).scalar_one() >= MAX_MEMBERS:
            raise ConflictError(f"A conversation has at most {MAX_MEMBERS} members.")
        session.add(
            MemberRow(conversation_id=conversation_id, account_id=account.id, owner=False, joined_at=datetime.now(UTC))
        )
        try:
            await session.flush()
        except IntegrityError:  # somebody added them at the same moment
            raise known from None

    async def _load(self, session: AsyncSession, rows: Iterable[ConversationRow]) -> list[Conversation]:
        rows = list(rows)
        statement = (
            select(MemberRow, AccountRow)
            .join(AccountRow, AccountRow.id == MemberRow.account_id)
            .where(MemberRow.conversation_id.in_([row.id for row in rows]))
            .order_by(MemberRow.owner.desc(), AccountRow.name)
        )
        members: dict[str, list[Member]] = {row.id: [] for row in rows}
        for member, account in await session.execute(statement):
            members[member.conversation_id].append(Member(account.id, account.name, account.email, member.owner))
        return [Conversation(row.id, row.title, row.created_at, tuple(members[row.id])) for row in rows]
