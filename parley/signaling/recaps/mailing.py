"""Mails notices to those whom they are for, where a mail server is set; each notice once.

Whoever is no member any more when the mail goes out, at this try or a later one, gets none.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formataddr, localtime
from urllib.parse import unquote, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from parley.conversations.notices import Mail, Notices
from parley.signaling.job_kinds import Done, JobContext, JobError
from parley.store.settings import Settings

SECONDS = 30.0


class Mailing:
    """See the module."""

    def __init__(self, settings: Settings, notices: Notices) -> None:
        self._settings = settings
        self._notices = notices

    async def work(self, context: JobContext) -> Done:
        """The job of one mail: its subject is the notice's, its payload says whose and of what kind."""
        url = self._settings.smtp_url.get_secret_value()
        account, kind, subject = context.job.payload["account"], context.job.payload["kind"], context.job.subject
        mail = await self._notices.mail_of(account, kind, subject)
        if mail is None or not url or account not in await self._notices.members_of(subject):
            return Done()
        try:
            await asyncio.to_thread(_send, url, self._message(mail))
        except (OSError, smtplib.SMTPException) as error:
            raise JobError(f"The mail server didn't take the mail: {error}", retriable=not _for_good(error)) from error

        async def also(session: AsyncSession) -> None:
            await self._notices.mailed(mail.notice.notice_id, datetime.now(UTC), session)

        return Done(None, also)

    def _message(self, mail: Mail) -> EmailMessage:
        """The same mail whenever it is made: a server that gets it twice sees one Message-ID."""
        sender = self._settings.mail_from
        message = EmailMessage()
        message["Subject"] = " ".join(mail.notice.title.split())
        message["From"] = formataddr(("Parley", sender))
        message["To"] = formataddr((" ".join(mail.name.split()), mail.address))
        message["Date"] = localtime(mail.notice.created_at)
        message["Message-ID"] = f"<{mail.notice.notice_id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{mail.notice.title}.\n\n{self._settings.public_url}{mail.notice.link}\n")
        return message


def _send(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    try:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
        with contextlib.suppress(OSError, smtplib.SMTPException):  # it has the mail, whatever it says to goodbye
            server.quit()
    finally:
        server.close()


def _for_good(error: Exception) -> bool:
    """Whether the recipient was refused, and not only for now (RFC 5321 section 4.2.1), as greylisting does."""
    refused = error.recipients.values() if isinstance(error, smtplib.SMTPRecipientsRefused) else ()
    return any(code >= 500 for code, _ in refused)
