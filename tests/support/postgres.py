"""A real PostgreSQL for tests, on a socket in a directory of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def program(name: str) -> str:
    """Where it is. Skips the test where PostgreSQL isn't installed (scripts/system_packages.sh installs it)."""
    postgres = shutil.which("postgres")
    beside = Path(postgres).resolve().parent / name if postgres else None
    if beside is None or not beside.exists():
        pytest.skip("PostgreSQL is not installed")
    return str(beside)


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """The directory of its socket; its user is "parley" and needs no password."""
    initdb, control = program("initdb"), program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="parley-pg-") as directory:
        user: dict[str, Any] = {"cwd": directory}
        if getpass.getuser() == "root":  # which PostgreSQL refuses to run as
            owner = pwd.getpwnam("postgres")
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            user |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        data = f"{directory}/data"
        _run([initdb, "-D", data, "-U", "parley", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"], user)
        options = f"-c listen_addresses='' -c unix_socket_directories={directory} -c fsync=off -c shared_buffers=16MB"
        _run([control, "-D", data, "-w", "-o", options, "-l", f"{directory}/log", "start"], user)
        try:
            yield directory
        finally:
            _run([control, "-D", data, "-w", "-m", "immediate", "stop"], user)


def _run(command: list[str], user: dict[str, Any]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, **user)


def new_database(directory: str, name: str) -> str:
    """The URL of an empty database on the server with this socket directory."""
    _run([program("createdb"), "-h", directory, "-U", "parley", name], {})
    return f"postgresql+asyncpg://parley@/{name}?host={directory}"
