"""The summary stage: (Recording, Transcript, settings) → Summary, by the language model that is configured or embedded."""

from __future__ import annotations

from dataclasses import dataclass

from parley.recap.artefacts import Summary, Transcript
from parley.recap.citations import Evidence
from parley.recap.embedded import Gist, gist, reduce
from parley.recap.ledger import Ledger, windows
from parley.recap.people import People
from parley.recap.recording import Recording

VERSION = 1
"""Of the stage: artefacts of another version are made again."""


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """Where the language model is, if there is one. timeout is in seconds and for one request."""

    endpoint: str = ""
    """Base URL of an OpenAI-compatible API, such as http://localhost:8080/v1; "" means the embedded engine."""
    key: str = ""
    model: str = ""
    timeout: float = 60.0
    attempts: int = 3
    context: int = 8000
    """Tokens that one request may hold, answer included."""


def embedded(recording: Recording, transcript: Transcript, ledger: Ledger | None = None) -> Summary:
    """The summary by the embedded engine. A ledger gives what was read while the meeting ran; the result is the same."""
    gists: list[Gist] = []
    for window in windows(recording, transcript):
        known = ledger.get(window.key, Gist) if ledger else None
        gists.append(known or gist(recording, window.segments, window.first, window.last))
    return reduce(recording, gists, Evidence(transcript.segments, People.of(recording)))
