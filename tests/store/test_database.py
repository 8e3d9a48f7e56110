"""The database: tables brought up to date from nothing, the same as the models say, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, bindparam, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from parley.store.database import Database, alembic_config
from parley.store.tables import (
    AccountRow,
    Base,
    MeetingPersonRow,
    MeetingRow,
    MessageRow,
    SessionRow,
    UtcDateTime,
)
from tests.support.postgres import new_database, postgres_server

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as directory:
        yield new_database(directory, "parley")


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'parley.db'}"
    url = str(request.getfixturevalue("postgres"))
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await database.close()
    return url


@pytest.fixture
async def empty(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def database(empty: Database) -> Database:
    await empty.migrate()
    return empty


def account(key: str = "a", **changed: Any) -> AccountRow:
    fields = {"id": key, "email": f"{key}@example.org", "name": key, "password_hash": "x"}
    return AccountRow(**{**fields, "created_at": NOW, "terms_accepted_at": NOW, **changed})


def differences(connection: Connection) -> list[Any]:
    """What the models have that the tables haven't, and the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


# --- migrations -------------------------------------------------------------------------------------------------------


async def test_an_empty_database_becomes_what_the_models_say(empty: Database) -> None:
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(differences), "an empty one is not yet that"
    await empty.migrate()
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert tables == Base.metadata.tables.keys() | {"alembic_version"}


async def test_migrating_again_changes_nothing(database: Database) -> None:
    async with database.session() as session:
        session.add(account())
    await database.migrate()
    async with database.session() as session:
        assert await session.get(AccountRow, "a")


async def test_two_processes_that_start_at_once_take_turns(url: str) -> None:
    databases = [Database(url) for _ in range(3)]
    try:
        await asyncio.gather(*(database.migrate() for database in databases))
        async with databases[0].engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        for database in databases:
            await database.close()


def test_migrations_are_one_line_of_history() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


async def test_every_migration_goes_up_on_its_own_and_down_again(database: Database) -> None:
    script = ScriptDirectory.from_config(alembic_config())
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]

    def down_and_up(connection: Connection) -> None:
        config = alembic_config(connection)
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        for revision in revisions:
            command.upgrade(config, revision)
            assert version(connection) == revision
        assert differences(connection) == []

    async with database.engine.begin() as connection:
        await connection.run_sync(down_and_up)


async def test_what_an_older_version_kept_is_still_there_after_a_migration(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0001"))
        for statement in (
            "INSERT INTO accounts VALUES ('a', 'a@example.org', 'Ann', 'x', :now, :now)",
            "INSERT INTO conversations VALUES ('c', 'Weekly', :now, :now)",
            "INSERT INTO meetings VALUES ('m', 'code', 'Weekly', 'c', 'a', false, :now, NULL, NULL)",
            "INSERT INTO meeting_people VALUES ('m', 'guest', true, false, false)",
            "INSERT INTO messages VALUES ('1', 'c', 'm', 'p', NULL, 'Gus', 'Hello', :now)",
        ):
            times = [bindparam("now", NOW, UtcDateTime())] if ":now" in statement else []
            await connection.execute(text(statement).bindparams(*times))
    await database.migrate()
    async with database.session() as session:
        meeting = await session.get(MeetingRow, "m")
        person = await session.get(MeetingPersonRow, ("m", "guest"))
        message = await session.get(MessageRow, "1")
        assert meeting is not None
        assert (meeting.title, meeting.agenda, meeting.created_at) == ("Weekly", "", NOW)
        assert person is not None
        assert (person.admitted, person.admitted_at) == (True, None)
        assert message is not None
        assert (message.text, message.file_id, message.at) == ("Hello", None, NOW)


async def test_a_database_in_memory_is_refused_because_it_would_be_gone() -> None:
    database = Database("sqlite+aiosqlite:///:memory:")
    with pytest.raises(sqlite3.OperationalError, match="in memory"):
        await database.migrate()
    await database.close()


# --- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'not yet there' / 'parley.db'}")
    await database.migrate()
    yield database
    await database.close()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 10_000)])
async def test_sqlite_writes_ahead_checks_references_and_waits_its_turn(
    file: Database, pragma: str, value: object
) -> None:
    async with file.engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value


async def test_reading_goes_on_while_somebody_writes(file: Database) -> None:
    async with file.session() as writing:
        writing.add(account())
        await writing.flush()
        async with asyncio.timeout(2), file.session() as reading:
            assert (await reading.execute(select(AccountRow))).all() == []


# --- transactions and types -------------------------------------------------------------------------------------------


async def test_a_block_that_ends_well_is_kept_and_one_that_fails_is_not(database: Database) -> None:
    async with database.session() as session:
        session.add(account("kept"))
    with contextlib.suppress(ZeroDivisionError):
        async with database.session() as session:
            session.add(account("lost"))
            await session.flush()
            raise ZeroDivisionError
    async with database.session() as session:
        assert [row.id for row in (await session.execute(select(AccountRow))).scalars()] == ["kept"]


async def test_times_come_back_as_the_same_moment_in_utc(database: Database) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    async with database.session() as session:
        session.add(account(created_at=elsewhere))
    async with database.session() as session:
        row = await session.get(AccountRow, "a")
        assert row is not None
        assert row.created_at == NOW
        assert row.created_at.utcoffset() == timedelta(0)


async def test_a_time_without_zone_is_a_mistake_of_ours(database: Database) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        async with database.session() as session:
            session.add(account(created_at=NOW.replace(tzinfo=None)))


async def test_an_email_address_belongs_to_one_account(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.session() as session:
            session.add_all([account("a"), account("b", email="a@example.org")])


async def test_what_belongs_to_an_account_goes_with_it(database: Database) -> None:
    async with database.session() as session:
        session.add(account())
        await session.flush()
        session.add(SessionRow(token_hash="h", account_id="a", created_at=NOW, expires_at=NOW))
    async with database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM accounts"))
    async with database.session() as session:
        assert await session.get(SessionRow, "h") is None


async def test_nothing_refers_to_an_account_that_isnt_there(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.session() as session:
            session.add(SessionRow(token_hash="h", account_id="nobody", created_at=NOW, expires_at=NOW))


async def test_a_database_that_answers_passes_the_check(database: Database) -> None:
    await database.check()


async def test_a_database_that_is_gone_fails_the_check() -> None:
    database = Database("postgresql+asyncpg://parley@/parley?host=/no/such/directory")
    with pytest.raises(OSError, match="No such file"):
        await database.check()
    await database.close()
