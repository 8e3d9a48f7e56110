"""What was done of a recap while its meeting ran, and lives in memory: handed to the stages that would begin anew.

A stage takes a thing once. When it is tried again it begins from what is on the disk, as after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parley.recap import moments, summary
from parley.recap.artefacts import Transcript
from parley.recap.film import films
from parley.recap.gestures.watch import Watcher
from parley.recap.ledger import Ledger
from parley.recap.live import LiveTranscriber
from parley.recap.playable import PlayableAhead
from parley.recap.recording import Recording

SETTLED = 20.0
"""Seconds before the recording's end up to which nothing changes any more that a film shows."""


@dataclass(slots=True)
class Ahead:
    """See the module."""

    live: LiveTranscriber | None = None
    tracks: PlayableAhead | None = None
    watcher: Watcher | None = None

    def take_live(self) -> LiveTranscriber | None:
        """The transcriber that followed the meeting."""
        live, self.live = self.live, None
        return live

    def take_tracks(self) -> PlayableAhead | None:
        """The playable tracks as far as they are."""
        tracks, self.tracks = self.tracks, None
        return tracks

    def take_watcher(self) -> Watcher | None:
        """What watched the cameras."""
        watcher, self.watcher = self.watcher, None
        return watcher


def reel_ahead(
    recording: Recording, said: Transcript, ledger: Ledger, directory: Path, stopped: Callable[[], bool]
) -> int:
    """Render pieces of the reel that would be made if the meeting ended now; how many are new. Raises as render_reel.

    What was already said seldom loses its place in the reel, so at the end only a piece or two are left. directory:
    that of the recap.
    """
    until = recording.duration - SETTLED
    settled = Transcript(
        engine=said.engine, draft=said.draft,
        segments=tuple(one for one in said.segments if one.confirmed and one.end <= until),
    )  # fmt: skip
    if not settled.segments:
        return 0
    notes = summary.embedded(recording, settled, ledger)
    found = moments.find_highlights(recording, settled, notes)
    return films.render_ahead(recording, found, settled, directory, until, stopped)
