"""What /metrics says of jobs: how many there are by kind and state, and how long those took that were done lately.

The numbers are the table's, so every gateway says the same, also for workers on other machines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from parley.store.jobs import Jobs

log = logging.getLogger(__name__)

LATELY = timedelta(hours=1)
QUANTILES = (0.5, 0.95, 1.0)


class JobMetrics(Collector):
    """See the module. `refresh` reads the table; `collect` shows what it read."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._counts: Mapping[tuple[str, str], int] = {}
        self._durations: Mapping[str, Sequence[float]] = {}

    async def refresh(self) -> None:
        """Read the table. While the database is away, nothing is said of jobs."""
        try:
            self._counts = await self._jobs.counts()
            self._durations = await self._jobs.durations(datetime.now(UTC) - LATELY)
        except (SQLAlchemyError, OSError) as error:
            log.warning("jobs can't be counted: %s", error)
            self._counts, self._durations = {}, {}

    def collect(self) -> Iterable[Metric]:
        """The metrics of what was read last."""
        counts = GaugeMetricFamily("parley_jobs", "Jobs that are known", labels=["kind", "state"])
        for (kind, state), count in sorted(self._counts.items()):
            counts.add_metric([kind, state], count)
        yield counts
        seconds = GaugeMetricFamily(
            "parley_job_seconds", "Time that the jobs took that were done in the last hour", labels=["kind", "quantile"]
        )
        for kind, durations in sorted(self._durations.items()):
            ordered = sorted(durations)
            for quantile in QUANTILES:
                index = max(0, -(-len(ordered) * round(100 * quantile) // 100) - 1)  # the nearest rank
                seconds.add_metric([kind, str(quantile)], ordered[index])
        yield seconds
