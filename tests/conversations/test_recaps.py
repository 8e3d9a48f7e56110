"""Recaps in the database: who may see, change and delete which, what is left of one that goes, and when that is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from parley.conversations import recaps as recaps_module
from parley.conversations.accounts import Account
from parley.conversations.conversations import Conversations
from parley.conversations.errors import ConflictError, ConversationsError, NotFoundError
from parley.conversations.meetings import Meetings
from parley.conversations.notices import Notices
from parley.conversations.recaps import Recaps, Stage, kept_until, message_of
from parley.conversations.recordings import Recording, Recordings
from parley.store.database import Database
from parley.store.tables import AccountRow, DeletionRow, MessageRow, NoticeRow, RecapEditRow, RecapStageRow
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = START + timedelta(hours=1)
NOW = START + timedelta(days=1)

numbers = itertools.count()


@dataclass
class Home:
    """A conversation of four people, one of whom was removed, with a meeting that another than the owner hosted."""

    database: Database
    recaps: Recaps
    recordings: Recordings
    people: dict[str, Account]
    conversation_id: str
    meeting_id: str

    def id_of(self, who: str) -> str:
        return self.people[who].account_id

    async def recorded(self, *, ended: bool = True, started_at: datetime = START) -> str:
        """A recording's id."""
        recording_id = f"recording-{next(numbers)}"
        await self.recordings.began(self.meeting_id, Recording(recording_id, self.meeting_id, started_at))
        if ended:
            await self.recordings.ended(recording_id, started_at + timedelta(hours=1))
        return recording_id

    async def count(self, table: type, **where: object) -> int:
        """How many rows there are."""
        statement = select(func.count()).select_from(table).filter_by(**where)
        async with self.database.session() as session:
            return int((await session.execute(statement)).scalar_one())


@pytest_asyncio.fixture(loop_scope="module")
async def home(database: Database, people: People) -> Home:
    owner, host, member, removed, stranger = await people.some("Owner", "Hana", "Mia", "Rob", "Sue")
    conversations = Conversations(database)
    emails = [host.email, member.email, removed.email]
    made = await conversations.create(owner.account_id, "Weekly", emails)
    await conversations.remove_member(owner.account_id, made.conversation_id, removed.account_id)
    meeting = await Meetings(database).create(host.account_id, "Planning", made.conversation_id)
    everyone = {"owner": owner, "host": host, "member": member, "removed": removed, "stranger": stranger}
    return Home(database, Recaps(database), Recordings(database), everyone, made.conversation_id, meeting.meeting_id)


async def outcome(asked: Awaitable[object]) -> str:
    """What came of asking: ok, or the code of the refusal."""
    try:
        await asked
    except ConversationsError as error:
        return error.code
    return "ok"


Ask = Callable[[Home, str, str], Awaitable[object]]
SEE: Ask = lambda home, who, one: home.recaps.see(home.id_of(who), one)  # noqa: E731
EDIT: Ask = lambda home, who, one: home.recaps.edit(home.id_of(who), one, "i1", "done", True)  # noqa: E731
DELETE: Ask = lambda home, who, one: home.recaps.delete(home.id_of(who), one, NOW)  # noqa: E731


@pytest.mark.parametrize(
    ("who", "see", "edit", "delete"),
    [
        ("host", "ok", "ok", "ok"),
        ("owner", "ok", "ok", "forbidden"),
        ("member", "ok", "ok", "forbidden"),
        ("removed", "not_found", "not_found", "not_found"),
        ("stranger", "not_found", "not_found", "not_found"),
    ],
)
async def test_members_see_and_change_a_recap_and_its_host_deletes_it(
    home: Home, who: str, see: str, edit: str, delete: str
) -> None:
    one = await home.recorded()
    assert [await outcome(ask(home, who, one)) for ask in (SEE, EDIT, DELETE)] == [see, edit, delete]
    assert await outcome(SEE(home, "member", one)) == ("not_found" if delete == "ok" else "ok")


async def test_only_members_find_it_among_theirs_newest_first(home: Home) -> None:
    old, new = await home.recorded(), await home.recorded(started_at=START + timedelta(hours=2))
    listed = {who: [one.recording.recording_id for one in await home.recaps.of_account(home.id_of(who))]
              for who in home.people}  # fmt: skip
    assert listed == {"owner": [new, old], "host": [new, old], "member": [new, old], "removed": [], "stranger": []}
    elsewhere = await home.recaps.of_account(home.id_of("member"), "another-conversation")
    assert elsewhere == []


async def test_only_the_host_is_told_that_they_may_delete_it(home: Home) -> None:
    one = await home.recorded()
    assert {who: (await home.recaps.see(home.id_of(who), one)).can_delete for who in ("owner", "host", "member")} == {
        "owner": False, "host": True, "member": False,
    }  # fmt: skip


async def test_a_recap_that_is_not_there_is_not_found(home: Home) -> None:
    assert [await outcome(ask(home, "host", "nothing")) for ask in (SEE, EDIT, DELETE)] == ["not_found"] * 3


async def test_every_change_is_kept_in_order_with_who_made_it(home: Home) -> None:
    one = await home.recorded()
    for who, value in (("member", "Send it"), ("host", "Send it all"), ("member", None)):
        await home.recaps.edit(home.id_of(who), one, "i1", "text", value)
    kept = [(edit.value, edit.by) for edit in await home.recaps.edits(one)]
    assert kept == [("Send it", "Mia"), ("Send it all", "Hana"), (None, "Mia")]


async def test_a_change_outlives_the_account_that_made_it_without_its_name(home: Home, people: People) -> None:
    one, passing = await home.recorded(), await people.one("Gone")
    await Conversations(home.database).add_member(home.id_of("owner"), home.conversation_id, passing.email)
    await home.recaps.edit(passing.account_id, one, "i1", "done", True)
    async with home.database.session() as session:
        await session.delete(await session.get(AccountRow, passing.account_id))
    (edit,) = await home.recaps.edits(one)
    assert (edit.value, edit.by) == (True, None)


async def test_a_recap_takes_no_end_of_changes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recaps_module, "MAX_EDITS", 2)
    one = await home.recorded()
    assert [await outcome(EDIT(home, "member", one)) for _ in range(3)] == ["ok", "ok", "conflict"]


async def test_a_stage_is_as_it_was_told_last_and_one_of_a_recording_that_is_gone_is_let_go(home: Home) -> None:
    one = await home.recorded()
    for stage in (Stage("summary", "running", 0.5), Stage("summary", "failed", 0.5, "No model answers.")):
        await home.recaps.stage(one, stage)
    assert (await home.recaps.see(home.id_of("member"), one)).stages == (stage,)
    await home.recaps.stage("nothing", stage)
    assert await home.count(RecapStageRow, recording_id="nothing") == 0


async def test_what_is_still_recorded_is_not_deleted(home: Home) -> None:
    one = await home.recorded(ended=False)
    with pytest.raises(ConflictError):
        await home.recaps.delete(home.id_of("host"), one, NOW)


async def told_of(home: Home, one: str) -> None:
    """Everything that the database may hold of a recap."""
    await home.recaps.edit(home.id_of("member"), one, "i1", "done", True)
    await home.recaps.stage(one, Stage("summary", "done", 1.0))
    everyone = [home.id_of(who) for who in ("owner", "host", "member")]
    await Notices(home.database).tell(everyone, "recap", one, "Ready", f"/recaps/{one}", NOW)
    async with home.database.session() as session:
        session.add(
            MessageRow(id=message_of(one), conversation_id=home.conversation_id, author="Parley", at=NOW, text="Ready")
        )


async def left_of(home: Home, one: str) -> list[int]:
    """How many rows of each kind."""
    return [
        await home.count(RecapEditRow, recording_id=one),
        await home.count(RecapStageRow, recording_id=one),
        await home.count(NoticeRow, subject=one),
        await home.count(MessageRow, id=message_of(one)),
        await home.count(DeletionRow, recording_id=one),
    ]


async def test_deleting_takes_every_row_of_it_and_leaves_the_record_that_it_happened(home: Home) -> None:
    one, other = await home.recorded(), await home.recorded()
    for each in (one, other):
        await told_of(home, each)
    made = await home.recaps.delete(home.id_of("host"), one, NOW)
    assert (made.by, made.asked_at, made.finished_at) == ("Hana", NOW, None)
    assert await left_of(home, one) == [0, 0, 0, 0, 1]
    assert await left_of(home, other) == [1, 1, 3, 1, 0]
    assert await home.recordings.get(one) is None


async def test_a_deletion_is_pending_until_nothing_is_left_and_ends_once(home: Home) -> None:
    one = await home.recorded()
    made = await home.recaps.delete(home.id_of("host"), one, NOW)
    assert made in await home.recaps.pending_deletions()
    for minutes in (1, 2):
        await home.recaps.deleted(one, NOW + timedelta(minutes=minutes))
    assert made.recording_id not in {each.recording_id for each in await home.recaps.pending_deletions()}
    async with home.database.session() as session:
        row = await session.get(DeletionRow, one)
    assert row is not None
    assert row.finished_at == NOW + timedelta(minutes=1)


async def test_of_two_who_delete_it_at_once_one_does(home: Home) -> None:
    one = await home.recorded()
    came = await asyncio.gather(*(outcome(DELETE(home, "host", one)) for _ in range(4)))
    assert sorted(came) == ["not_found"] * 3 + ["ok"]


async def test_a_fact_that_arrives_again_does_not_bring_back_what_was_deleted(home: Home) -> None:
    one = await home.recorded()
    await home.recaps.delete(home.id_of("host"), one, NOW)
    await home.recordings.began(home.meeting_id, Recording(one, home.meeting_id, START))
    assert await home.recordings.get(one) is None


@pytest.mark.parametrize(
    ("started", "months", "until"),
    [
        ("2026-01-15", 6, "2026-07-15"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-08-30", 1, "2026-09-30"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-11-30", 13, "2027-12-30"),
        ("2026-07-01", 6, "2027-01-01"),
    ],
)  # fmt: skip
async def test_a_recording_is_kept_for_calendar_months(started: str, months: int, until: str) -> None:
    hour = "T23:59:30+00:00"
    assert kept_until(datetime.fromisoformat(started + hour), months) == datetime.fromisoformat(until + hour)


async def test_what_is_over_goes_at_its_second_and_no_sooner_with_nobody_as_who_asked(home: Home) -> None:
    august = datetime(2016, 8, 31, 12, tzinfo=UTC)
    over, still, running = (
        await home.recorded(started_at=august),
        await home.recorded(started_at=august + timedelta(days=1)),
        await home.recorded(started_at=august, ended=False),
    )
    end = datetime(2017, 2, 28, 12, tzinfo=UTC)
    assert await home.recaps.expire(end - timedelta(seconds=1), 6) == []
    (gone,) = await home.recaps.expire(end, 6)
    assert (gone.recording_id, gone.by, gone.conversation_id) == (over, "", home.conversation_id)
    assert await home.recaps.expire(end, 6) == []
    kept = [await home.recordings.get(one) is not None for one in (over, still, running)]
    assert kept == [False, True, True]
    with pytest.raises(NotFoundError):
        await home.recaps.see(home.id_of("host"), over)
