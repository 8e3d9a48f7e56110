"""Object stores for tests on loopback, which can be taken away and come back: moto's imitation, and OpenStack Swift.

Swift runs where its package can be imported, by this interpreter or by the one that PARLEY_TEST_SWIFT_PYTHON names.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "parley-test"


class S3Server:
    """A running server. `stop` and `start` keep what it holds, and its port."""

    key_id = "test:tester"
    secret = "testing"

    def __init__(self) -> None:
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError


class Moto(S3Server):
    """An imitation in this process."""

    _server: ThreadedMotoServer | None = None

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._server.start()
        _, self.port = self._server.get_host_and_port()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None


class Swift(S3Server):
    """The real thing, in a process of its own."""

    _process: subprocess.Popen[str] | None = None

    def __init__(self, directory: Path, python: str) -> None:
        super().__init__()
        self._directory = directory
        self._python = python

    def start(self) -> None:
        command = [self._python, str(Path(__file__).with_name("swift_node.py")), str(self._directory), str(self.port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def swift_python() -> str:
    """The interpreter that has Swift. Skips the test where none has."""
    if named := os.environ.get("PARLEY_TEST_SWIFT_PYTHON"):
        return named
    if importlib.util.find_spec("swift") is None:
        pytest.skip("OpenStack Swift is not installed")
    return sys.executable


@contextlib.contextmanager
def s3_server(kind: str) -> Iterator[S3Server]:
    """A server with an empty bucket; kind: "moto" or "swift"."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="parley-s3-") as directory:
        server = Moto() if kind == "moto" else Swift(Path(directory), swift_python())
        server.start()
        try:
            client = botocore.session.get_session().create_client(
                "s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=server.key_id,
                aws_secret_access_key=server.secret,
            )  # fmt: skip
            client.create_bucket(Bucket=BUCKET)
            client.close()
            yield server
        finally:
            server.stop()
