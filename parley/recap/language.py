"""Tells from one window after another whether somebody speaks English, for a recogniser that has no other language.

One window tells little: English with an accent is as strange to the model as another language can be. People seldom
change their language, so what was heard of the same microphone before counts too.
"""

from __future__ import annotations

STRANGE = 2.04
"""Strangeness (see sphinx.py) above which speech is taken for another language. Measured window by window: German,
French and Spanish had 2.05 to 2.28, English 1.47 to 2.13 with strong accents and 1.47 to 1.82 without."""
STRANGE_SHORT = 2.15
"""The same, as long as hardly anything was heard."""
UNLIKE = 0.3
"""A strange window this much stranger than the speaker was before is another language: they changed it."""
_SHORT = 3.0
_MEMORY = 20.0
"""Seconds of earlier speech that count beside a window's own."""


class LanguageMemory:
    """What was heard of each microphone."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[float, float]] = {}  # track -> mean strangeness, seconds

    def english(self, track: str, strangeness: float, seconds: float) -> bool:
        """Whether a window with this strangeness and so much speech is English, with all that was noted before."""
        before, known = self._heard.get(track, (0.0, 0.0))
        if known >= _SHORT and seconds >= _SHORT and strangeness > STRANGE and strangeness - before > UNLIKE:
            return False
        mean, weight = self._together(track, strangeness, seconds)
        return mean <= (STRANGE if weight >= _SHORT else STRANGE_SHORT)

    def note(self, track: str, strangeness: float, seconds: float) -> None:
        """A window is done."""
        mean, weight = self._together(track, strangeness, seconds)
        self._heard[track] = mean, min(weight, _MEMORY)

    def _together(self, track: str, strangeness: float, seconds: float) -> tuple[float, float]:
        mean, weight = self._heard.get(track, (0.0, 0.0))
        total = max(weight + seconds, 1e-6)
        return (mean * weight + strangeness * seconds) / total, total
