"""Decides which recogniser takes the next window, so that a live transcript never falls far behind its meeting."""

from __future__ import annotations

GUESS = 0.5
"""Seconds of work for a second of speech, before anything was measured."""
_WEIGHT = 0.3


class Load:
    """What each rung of a ladder of recognisers costs, the best first, as measured.

    patience: seconds of work that may wait.
    """

    def __init__(self, rungs: int, patience: float) -> None:
        self.costs = [GUESS / (2**rung) for rung in range(rungs)]
        self.patience = patience
        self._rung = 0

    def measured(self, rung: int, speech: float, work: float) -> None:
        """A rung took `work` seconds for `speech` seconds."""
        if speech > 0:
            self.costs[rung] += _WEIGHT * (work / speech - self.costs[rung])

    def rung(self, backlog: float) -> int:
        """Which to take with so many seconds of speech waiting.

        It goes down as soon as the wait would be too long, and up again when the better one would need a third of that.
        """
        while self._rung + 1 < len(self.costs) and backlog * self.costs[self._rung] > self.patience:
            self._rung += 1
        while self._rung > 0 and backlog * self.costs[self._rung - 1] < self.patience / 3:
            self._rung -= 1
        return self._rung
