"""What a speech recogniser is to the recap, and the settings by which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from parley.recap.artefacts import Word
from parley.recap.audio import Samples


class RecogniserError(Exception):
    """A recogniser can't be had, or failed; str() says why, in one line."""


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """How speech is to be recognised.

    engine: auto takes Whisper where it can be had, else pocketsphinx. model: a name on the hub or a directory.
    device: auto, cpu or cuda; compute_type: auto or one of CTranslate2's; threads: 0 for as many as there are cores.
    download: whether the hub may be asked for a model that isn't here. patience: seconds of work that may pile up while
    the meeting runs before a cheaper engine takes over.
    """

    engine: Literal["auto", "whisper", "sphinx"] = "auto"
    model: str = "small"
    device: str = "auto"
    compute_type: str = "auto"
    threads: int = 0
    download: bool = True
    patience: float = 20.0


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about who may speak and of whom: the names in the meeting."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words that belong together, with the evidence for them. Times are seconds from the window's beginning.

    confidence: 0..1. no_speech: the engine's own probability that nobody spoke. compression: how much its text can be
    compressed (text that repeats itself compresses well).
    """

    words: tuple[Word, ...]
    text: str
    confidence: float
    no_speech: float = 0.0
    compression: float = 1.0

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised in a window. language: "en", another one's code, or "" for one that isn't English.

    strangeness: how little it sounds like English, from a recogniser that leaves it to language.py to judge.
    """

    utterances: tuple[Utterance, ...]
    language: str = "en"
    strangeness: float | None = None


class Recogniser(Protocol):
    """Makes text of speech; knows nothing of meetings.

    engine: its name in artefacts. draft: its text is to be read as a draft. punctuates: its text has sentences.
    batch: how many windows it likes to be given at once.
    """

    @property
    def engine(self) -> str: ...
    @property
    def draft(self) -> bool: ...
    @property
    def punctuates(self) -> bool: ...
    @property
    def batch(self) -> int: ...

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """What is said in each window (16 kHz mono, at most 30 s). Raises RecogniserError."""
        ...
