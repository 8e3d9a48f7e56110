"""An S3 server for tests on loopback, which can be taken away and come back."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import botocore.session
from moto.server import ThreadedMotoServer

BUCKET = "parley-test"


class S3Server:
    """The running server. `stop` and `start` keep what it holds, and its port."""

    def __init__(self) -> None:
        self.port = 0
        self._server: ThreadedMotoServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._server.start()
        _, self.port = self._server.get_host_and_port()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = S3Server()
    server.start()
    try:
        client = botocore.session.get_session().create_client(
            "s3", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="s"
        )
        client.create_bucket(Bucket=BUCKET)
        client.close()
        yield server
    finally:
        server.stop()
