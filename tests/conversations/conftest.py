"""A database of each kind that we support, with its tables, for all tests of a module; each makes its own people."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from parley.conversations.accounts import Account, Accounts
from parley.store.database import Database
from tests.support.postgres import new_database, postgres_server

PASSWORD = "correct horse battery staple"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashes worth nothing, in no time."""


@pytest.fixture(scope="package")
def postgres() -> Iterator[str]:
    with postgres_server() as directory:
        yield directory


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database') / 'parley.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres"), request.module.__name__.rpartition(".")[2])
    database = Database(url)
    await database.migrate()
    yield database
    await database.close()


class People:
    """Accounts in any number."""

    numbers = itertools.count(1)

    def __init__(self, database: Database) -> None:
        self._accounts = Accounts(database, hasher=QUICK)

    async def one(self, name: str = "Ann") -> Account:
        email = f"{name.lower()}{next(self.numbers)}@example.org"
        return await self._accounts.sign_up(email, name, PASSWORD, accept_terms=True)

    async def some(self, *names: str) -> list[Account]:
        return [await self.one(name) for name in names]


@pytest.fixture
def people(database: Database) -> People:
    return People(database)
