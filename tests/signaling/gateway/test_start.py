"""A gateway that can't start says in one sentence why, without a secret in it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from parley.signaling.child import Child, FatalError, Orders
from parley.signaling.gateway.app import run_gateway
from parley.signaling.role_process import explain
from parley.store.database import Database
from parley.store.settings import Settings


async def complaint(**changed: Any) -> str:
    """What the operator is told."""
    settings = Settings(**{"host": "127.0.0.1", **changed})
    null = os.open(os.devnull, os.O_RDWR)
    try:
        with pytest.raises(FatalError) as error:
            await run_gateway(settings, Child(Orders("gateway", "gateway", {}, "secret"), settings, null, null))
    finally:
        os.close(null)
    text = str(error.value)
    assert "\n" not in text
    assert "hunter2" not in text
    return text


async def test_a_data_directory_that_cant_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    text = await complaint(data_dir=file / "data")
    assert text == f"The data directory {file / 'data'} can't be used: Not a directory."


async def test_a_secret_that_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    assert "the secret kept there is too short" in await complaint(data_dir=tmp_path)


async def test_a_database_in_a_directory_that_cant_be_made(tmp_path: Path) -> None:
    text = await complaint(data_dir=tmp_path, database_url="sqlite+aiosqlite:////dev/null/below/parley.db")
    assert text == "The database's directory can't be used: Not a directory."


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "parley.db").write_text("This is a letter, not a database. " * 100)
    assert (await complaint(data_dir=tmp_path)).startswith("The database can't be used: ")


async def test_a_database_server_that_isnt_there(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://parley:hunter2@127.0.0.1:1/parley"
    assert (await complaint(data_dir=tmp_path, database_url=url)).startswith("The database can't be used: ")


async def test_a_database_that_fails_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(database: Database) -> None:
        raise TimeoutError

    monkeypatch.setattr(Database, "migrate", slow)
    assert await complaint(data_dir=tmp_path) == "The database can't be used: TimeoutError"


def test_a_host_name_that_leads_nowhere() -> None:
    failure = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    text = explain(failure, Settings(host="nowhere.invalid"), "gateway")
    assert text == "This machine has no address nowhere.invalid. Check --host."


async def test_a_database_url_that_cant_be_read(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://parley:hunter2@host:port/parley"
    assert "database_url can't be read" in await complaint(data_dir=tmp_path, database_url=url)
