"""A mail server for tests: takes mails on loopback as RFC 5321 has it, and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage


class SmtpServer:
    """answers: instead of the usual one, by verb, each used once. mails: what it took, with whom it was for."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        recipients: list[str] = []
        writer.write(b"220 test\r\n")
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode().strip():
                verb = line.partition(" ")[0].upper()
                if verb == "RCPT":
                    recipients.append(line.partition("<")[2].partition(">")[0])
                answer = self._answer(verb)
                if verb == "DATA" and answer.startswith("250"):
                    writer.write(b"354 go on\r\n")
                    data = await reader.readuntil(b"\r\n.\r\n")
                    mail = message_from_bytes(data[:-3], policy=policy.default)
                    assert isinstance(mail, EmailMessage)
                    self.mails.append((recipients, mail))
                    recipients = []
                writer.write(answer.encode() + b"\r\n")
                await writer.drain()
                if verb == "QUIT":
                    break
        writer.close()

    def _answer(self, verb: str) -> str:
        told = self.answers.get(verb)
        return told.pop(0) if told else {"QUIT": "221 bye"}.get(verb, "250 ok")


@contextlib.asynccontextmanager
async def smtp_server(port: int = 0) -> AsyncIterator[SmtpServer]:
    """One that runs."""
    made = SmtpServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", port)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
