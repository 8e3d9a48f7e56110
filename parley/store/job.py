"""A job as it was when it was read from the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from parley.store.job_rules import State
from parley.store.tables import JobRow


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was when it was read. attempts counts this one too, once it is claimed.

    subject: what it is about, such as a recording's id. payload and result: plain values. error: words for people.
    """

    id: str
    kind: str
    subject: str
    key: str
    payload: dict[str, Any]
    state: State
    attempts: int
    max_attempts: int
    not_before: datetime
    owner: str | None
    progress: float
    error: str
    result: Any
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def last_attempt(self) -> bool:
        """Whether it has failed for good if it fails now."""
        return self.attempts >= self.max_attempts


def job_of(row: JobRow) -> Job:
    """The job that a row tells of."""
    return Job(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        key=row.unique_key,
        payload=msgspec.json.decode(row.payload),
        state=row.state,  # type: ignore[arg-type]  # written here only
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        not_before=row.not_before,
        owner=row.owner,
        progress=row.progress,
        error=row.error,
        result=None if row.result is None else msgspec.json.decode(row.result),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
