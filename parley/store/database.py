"""Opens the database and brings its tables up to date. SQLite in WAL mode by default, PostgreSQL by its URL."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x7061726C  # any number, the same for every process of ours


class Database:
    """An open database. `session()` gives a transaction that commits when its block ends without an exception."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction."""
        async with self._sessions.begin() as session:
            yield session

    async def check(self) -> None:
        """Raises where the database doesn't answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self) -> None:
        """Bring the tables to the newest version; two processes that start at once take turns."""
        if self.is_sqlite:
            await asyncio.to_thread(_migrate_sqlite, self.url)
            return
        async with self.engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def alembic_config(connection: Connection | None = None, url: str | None = None) -> Config:
    """Alembic's configuration for our migrations, on an open connection or a URL."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["url"] = url
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def _migrate_sqlite(url: str) -> None:
    """With the standard driver and a lock file beside the database: SQLite has no lock that spans a migration."""
    from sqlalchemy import create_engine

    sync_url = make_url(url).set(drivername="sqlite")
    engine = create_engine(sync_url)
    event.listen(engine, "connect", _prepare_sqlite)
    try:
        if not sync_url.database or sync_url.database == ":memory:":
            raise sqlite3.OperationalError("a database in memory would be gone with its connection")
        with open(f"{sync_url.database}.migrating", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with engine.begin() as connection:
                _upgrade(connection)
    finally:
        engine.dispose()
