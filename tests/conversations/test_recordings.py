"""Facts about recordings: written once, in any repetition, and nothing is taken up again that everyone forgot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from parley.conversations.meetings import Meetings
from parley.conversations.recordings import FORGOTTEN, Recording, Recordings
from parley.store.database import Database
from tests.conversations.conftest import People

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest_asyncio.fixture(loop_scope="module")
async def meeting_id(database: Database, people: People) -> str:
    host = await people.one()
    return (await Meetings(database).create(host.account_id)).meeting_id


def of(meeting_id: str) -> str:
    """The id of the one recording of a meeting."""
    return meeting_id[::-1]


async def begun(database: Database, meeting_id: str) -> Recordings:
    recordings = Recordings(database)
    for _ in range(2):
        await recordings.began(meeting_id, Recording(of(meeting_id), meeting_id, START))
    return recordings


async def test_a_recording_runs_from_its_start_to_its_end(database: Database, meeting_id: str) -> None:
    recordings = await begun(database, meeting_id)
    assert await recordings.active(meeting_id, START) == Recording(of(meeting_id), meeting_id, START)
    for _ in range(2):
        await recordings.ended(of(meeting_id), START + timedelta(seconds=60))
    assert await recordings.active(meeting_id, START) is None
    assert (await recordings.get(of(meeting_id))).ended_at == START + timedelta(seconds=60)  # type: ignore[union-attr]


async def test_a_pause_is_known_to_the_room_that_goes_on(database: Database, meeting_id: str) -> None:
    recordings = await begun(database, meeting_id)
    await recordings.paused(of(meeting_id), True)
    assert (await recordings.active(meeting_id, START)).paused  # type: ignore[union-attr]


async def test_what_nobody_heard_of_for_long_is_not_taken_up_and_ends_where_it_was_last_seen(
    database: Database, meeting_id: str
) -> None:
    recordings = await begun(database, meeting_id)
    seen = START + timedelta(seconds=300)
    await recordings.seen(of(meeting_id), seen)
    await recordings.seen(of(meeting_id), START)
    assert await recordings.active(meeting_id, seen + FORGOTTEN) is not None
    late = seen + FORGOTTEN + timedelta(seconds=1)
    assert await recordings.active(meeting_id, late) is None
    assert of(meeting_id) not in [one.recording_id for one in await recordings.end_forgotten(late)]
    ended = await recordings.end_forgotten(seen + 2 * FORGOTTEN + timedelta(seconds=1))
    assert [one.ended_at for one in ended if one.recording_id == of(meeting_id)] == [seen]
    assert await recordings.end_forgotten(late + 2 * FORGOTTEN) == []


async def test_facts_of_what_is_not_there_are_let_go(database: Database, meeting_id: str) -> None:
    recordings = Recordings(database)
    await recordings.began("no-meeting", Recording(of(meeting_id), "no-meeting", START))
    await recordings.paused(of(meeting_id), True)
    await recordings.seen(of(meeting_id), START)
    await recordings.ended(of(meeting_id), START)
    assert await recordings.get(of(meeting_id)) is None
