"""Chooses the recognisers of a meeting: the best one that can be had, and cheaper ones for when work piles up."""

from __future__ import annotations

from dataclasses import dataclass

from parley.recap.recogniser import Recogniser, RecogniserError, SpeechSettings
from parley.recap.sphinx import Sphinx


@dataclass(frozen=True, slots=True)
class Engines:
    """Recognisers, the best first; notes say why they are these."""

    ladder: tuple[Recogniser, ...]
    notes: tuple[str, ...] = ()


def choose(settings: SpeechSettings) -> Engines:
    """What the settings ask for. Raises RecogniserError when exactly that was asked for and can't be had."""
    fallback = (Sphinx(), Sphinx(hasty=True))
    if settings.engine == "sphinx":
        return Engines(fallback, ("pocketsphinx was asked for: the transcript is a draft.",))
    try:
        from parley.recap.whisper import Whisper  # its libraries take a second to load

        return Engines((Whisper(settings), *fallback))
    except RecogniserError as error:
        if settings.engine == "whisper":
            raise
        return Engines(fallback, (f"The transcript is a draft by pocketsphinx, for {error}.",))
