"""What recap workers are asked to do, each thing once: the names of jobs, and who asks for them."""

from __future__ import annotations

from parley.signaling.job_desk import JobDesk
from parley.store.job import Job

FOLLOW, FILM, CLIP, ERASE, MAIL = "follow", "film", "clip", "erase", "mail"
"""Kinds of jobs (recap_kinds.py)."""


class RecapOrders:
    """See the module."""

    def __init__(self, desk: JobDesk) -> None:
        self._desk = desk

    async def follow(self, recording_id: str) -> None:
        """Make the recap of a recording, from its beginning on."""
        await self._desk.ask(FOLLOW, recording_id, "live", key=f"{FOLLOW}:{recording_id}")

    async def film(self, recording_id: str) -> None:
        """Compose the whole meeting into one film; once more where that came to an end."""
        await self._once_more(await self._desk.ask(FILM, recording_id, "long", key=f"{FILM}:{recording_id}"))

    async def clip(self, recording_id: str, moment: str) -> None:
        """Render one moment; once more where that came to an end."""
        key = f"{CLIP}:{recording_id}:{moment}"
        await self._once_more(await self._desk.ask(CLIP, recording_id, "long", key=key, payload={"moment": moment}))

    async def _once_more(self, job: Job) -> None:
        if job.state in ("done", "failed", "cancelled"):
            await self._desk.again(job, "long")

    async def erase(self, recording_id: str) -> None:
        """Take away every byte of a recording that was deleted."""
        await self._desk.ask(ERASE, recording_id, "short", key=f"{ERASE}:{recording_id}")

    async def mail(self, account_id: str, kind: str, subject: str) -> None:
        """Mail a notice."""
        key = f"{MAIL}:{kind}:{subject}:{account_id}"
        await self._desk.ask(MAIL, subject, "short", key=key, payload={"account": account_id, "kind": kind})
