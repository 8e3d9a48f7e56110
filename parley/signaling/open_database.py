"""Opens the database for a process of ours, or says in a sentence why it can't be had."""

from __future__ import annotations

from sqlalchemy.exc import ArgumentError

from parley.signaling.child import FatalError
from parley.store.database import Database
from parley.store.settings import Settings


async def open_database(settings: Settings) -> Database:
    """The database, up to date. Raises FatalError."""
    try:
        database = Database(settings.database)
    except OSError as failure:
        raise FatalError(f"The database's directory can't be used: {failure.strerror}.") from None
    except (ArgumentError, ValueError):
        raise FatalError("database_url can't be read: it has the form postgresql+asyncpg://user@host/name.") from None
    try:
        await database.migrate()
    except Exception as failure:
        await database.close()
        reason = str(failure).partition("\n")[0] or type(failure).__name__  # a timeout has no words
        raise FatalError(f"The database can't be used: {reason}") from failure
    return database
