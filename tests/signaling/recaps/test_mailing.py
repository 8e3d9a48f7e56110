"""Mails about recaps: each member gets exactly one, whatever the mail server does, and none that leads astray."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.conversations.conversations import Conversations
from parley.conversations.notices import Notices
from parley.signaling.job_kinds import JobKinds, Kind
from parley.signaling.job_runner import JobRunner
from parley.signaling.recaps.completion import Completion
from parley.signaling.recaps.mailing import Mailing
from parley.signaling.recaps.orders import MAIL
from parley.store.job import Job
from parley.store.settings import Settings
from tests.signaling.job_house import PACE
from tests.signaling.recap_house import RecapHouse, recap_house
from tests.support.server import free_port
from tests.support.smtp import SmtpServer, smtp_server

SECONDS = 20.0
ENDED = {"done", "failed", "cancelled"}
ADDRESSES = ["hana@example.org", "max@example.org", "mia@example.org"]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[RecapHouse]:
    async with recap_house(tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def mailing(home: RecapHouse, port: int) -> AsyncIterator[None]:
    """A worker that does nothing but mail; port 0: no mail server is set."""
    settings = Settings(
        data_dir=home.home.directory, public_url="https://parley.example.org", mail_from="notes@example.org",
        smtp_url=f"smtp://127.0.0.1:{port}" if port else "",
    )  # fmt: skip
    work = Mailing(settings, Notices(home.home.database)).work
    kinds = JobKinds.of([Kind(MAIL, work, "short", first_pause=0.05)])
    runner, stop = JobRunner(home.home.jobs, home.home.queue, kinds, "mailer", pace=PACE), asyncio.Event()
    task = asyncio.create_task(runner.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def told(home: RecapHouse, *, times: int = 1) -> list[Job]:
    """A recap is complete: the jobs of its mails."""
    recording_id = await home.begun()
    await home.ended(recording_id)
    known = await home.recordings.get(recording_id)
    assert known is not None
    completion = Completion(home.notices, home.home.jobs, "https://parley.example.org")
    for _ in range(times):
        async with home.home.database.session() as session:
            await completion.tell(session, recording_id, False, known.started_at)
    return await mails(home, recording_id)


async def mails(home: RecapHouse, recording_id: str) -> list[Job]:
    """The jobs of a recap's mails as they are now."""
    return [job for job in await home.home.jobs.of(recording_id) if job.kind == MAIL]


async def ended(home: RecapHouse, jobs: list[Job]) -> list[str]:
    """How they ended."""
    async with asyncio.timeout(SECONDS):
        while not set(states := [await home.home.state(job) for job in jobs]) <= ENDED:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return states


def recipients(server: SmtpServer) -> list[str]:
    return sorted(one for to, _ in server.mails for one in to)


async def test_every_member_gets_one_mail_that_leads_to_the_recap(home: RecapHouse) -> None:
    async with smtp_server() as server, mailing(home, server.port):
        jobs = await told(home, times=2)
        assert await ended(home, jobs) == ["done"] * 3
    assert recipients(server) == ADDRESSES
    _, mail = server.mails[0]
    assert mail["Subject"] == "The recap of “Planning” is ready"
    assert mail["From"] == "Parley <notes@example.org>"
    assert f"https://parley.example.org/recaps/{jobs[0].subject}" in mail.get_content()
    assert len({one["Message-ID"] for _, one in server.mails}) == 3


async def test_a_mail_server_that_is_away_at_first_gets_each_mail_once(home: RecapHouse) -> None:
    port = free_port()
    async with mailing(home, port):
        jobs = await told(home)
        async with asyncio.timeout(SECONDS):
            while not all(job.error for job in await mails(home, jobs[0].subject)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        async with smtp_server(port) as server:
            assert await ended(home, jobs) == ["done"] * 3
    assert recipients(server) == ADDRESSES


@pytest.mark.parametrize(
    ("verb", "answer"), [("RCPT", "450 greylisted"), ("DATA", "451 later"), ("MAIL", "421 busy"), ("EHLO", "421 busy")]
)
async def test_who_is_put_off_gets_the_mail_later(home: RecapHouse, verb: str, answer: str) -> None:
    async with smtp_server() as server, mailing(home, server.port):
        server.answers[verb] = [answer] * 3
        if verb == "EHLO":
            server.answers["HELO"] = [answer] * 3
        assert await ended(home, await told(home)) == ["done"] * 3
    assert recipients(server) == ADDRESSES


async def test_what_the_server_says_to_goodbye_sends_no_mail_twice(home: RecapHouse) -> None:
    async with smtp_server() as server, mailing(home, server.port):
        server.answers["QUIT"] = ["421 in a hurry", "500 what", "250 ok"]
        assert await ended(home, await told(home)) == ["done"] * 3
    assert recipients(server) == ADDRESSES


async def test_an_address_that_is_refused_for_good_is_not_tried_again(home: RecapHouse) -> None:
    async with smtp_server() as server, mailing(home, server.port):
        server.answers["RCPT"] = ["550 no such user"]
        jobs = await told(home)
        assert sorted(await ended(home, jobs)) == ["done", "done", "failed"]
    assert len(server.mails) == 2
    assert [one.attempts for job in jobs if (one := await home.home.jobs.get(job.id)) and one.error] == [1]


async def test_of_a_recap_that_was_deleted_no_mail_is_sent(home: RecapHouse) -> None:
    jobs = await told(home)
    known = await home.recordings.get(jobs[0].subject)
    assert known is not None
    await home.recaps.delete(home.members[0].account_id, known.recording_id, known.started_at)
    async with smtp_server() as server, mailing(home, server.port):
        assert await ended(home, jobs) == ["done"] * 3
    assert server.mails == []


async def test_who_was_removed_after_the_notice_gets_no_mail(home: RecapHouse) -> None:
    jobs = await told(home)
    host, removed = home.members[0], home.members[1]
    conversations = Conversations(home.home.database)
    await conversations.remove_member(host.account_id, home.conversation_id, removed.account_id)
    async with smtp_server() as server, mailing(home, server.port):
        assert await ended(home, jobs) == ["done"] * 3
    assert recipients(server) == [one for one in ADDRESSES if one != removed.email]


async def test_without_a_mail_server_nobody_is_mailed_and_no_job_fails(home: RecapHouse) -> None:
    async with mailing(home, 0):
        assert await ended(home, await told(home)) == ["done"] * 3
