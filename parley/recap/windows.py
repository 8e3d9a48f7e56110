"""Groups a track's stretches of speech into windows of at most 30 s, what a recogniser is given at a time.

A pure rule over the stretches: the same speech makes the same windows, live or from the whole recording. The longer a
window is, the shorter the pause that closes it: few short windows (each costs Whisper a whole one), yet no long wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.recap.audio import RATE
from parley.recap.recording import Span
from parley.recap.voice import Voiced

LONGEST = 30 * RATE
_PAUSES = ((5 * RATE, 1.2), (15 * RATE, 0.5), (LONGEST, 0.2))
"""A window up to this long is closed by a pause of so many seconds; paddings are not part of a pause."""


@dataclass(frozen=True, slots=True)
class Window:
    """Speech of one track that is recognised at once; start and end are samples of the meeting."""

    track: str
    participant: str
    speech: tuple[Voiced, ...]

    @property
    def start(self) -> int:
        return self.speech[0].start

    @property
    def end(self) -> int:
        return self.speech[-1].end

    @property
    def id(self) -> str:
        """The same for the same speech, and given once: stretches of a track never overlap."""
        return f"{self.track}:{self.start * 1000 // RATE}"

    @property
    def span(self) -> Span:
        return Span(self.start / RATE, self.end / RATE)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its speech in seconds."""
        return tuple(Span(one.start / RATE, one.end / RATE) for one in self.speech)

    @property
    def seconds(self) -> float:
        """How much speech it holds."""
        return sum(span.seconds for span in self.spans)


class Windows:
    """Stretches in, windows out, for one track."""

    def __init__(self, track: str, participant: str) -> None:
        self.track = track
        self.participant = participant
        self._speech: list[Voiced] = []

    @property
    def open(self) -> Window | None:
        """What is gathered for the next window."""
        return Window(self.track, self.participant, tuple(self._speech)) if self._speech else None

    def push(self, one: Voiced) -> Window | None:
        """The next stretch; a window that it closed."""
        closed = self.quiet(one.start)
        if self._speech and (one.joined or one.end - self._speech[0].start > LONGEST):
            closed = self.finish()
        self._speech.append(one)
        return closed

    def quiet(self, until: int) -> Window | None:
        """Nothing begins before this sample; the window that this closes."""
        if not self._speech:
            return None
        length = self._speech[-1].end - self._speech[0].start
        pause = next(seconds for longest, seconds in _PAUSES if length <= longest)
        return self.finish() if until - self._speech[-1].end >= pause * RATE else None

    def finish(self) -> Window | None:
        """Nothing more comes."""
        window, self._speech = self.open, []
        return window
