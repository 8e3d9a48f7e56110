"""A recogniser of known cost: it hears nothing, says sentences of a script, and takes as long as it was told to."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import ClassVar

from parley.recap.artefacts import Word
from parley.recap.audio import RATE, Samples
from parley.recap.recogniser import Context, Heard, Utterance

_WORDS_A_SECOND = 3.0


class StandIn:
    """See the module. cost: seconds of waiting per second of audio, as a recogniser on a device of its own would take.

    The same samples give the same text, in as many words as can be said in their time.
    """

    engine: ClassVar[str] = "stand-in"
    draft: ClassVar[bool] = False
    punctuates: ClassVar[bool] = True
    batch: ClassVar[int] = 8

    def __init__(self, script: Sequence[str], cost: float = 0.0) -> None:
        self.cost = cost
        self._script = tuple(script)

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """Sentences for each window."""
        time.sleep(self.cost * sum(len(one) for one in windows) / RATE)
        return [self._heard(one) for one in windows]

    def _heard(self, samples: Samples) -> Heard:
        seconds = len(samples) / RATE
        at, number = 0.2, zlib.crc32(samples.tobytes())
        utterances: list[Utterance] = []
        while True:
            text = self._script[number % len(self._script)]
            words = text.split()
            if at + len(words) / _WORDS_A_SECOND > seconds - 0.2:
                if utterances:
                    return Heard(tuple(utterances))
                words = words[: max(1, int((seconds - 0.4) * _WORDS_A_SECOND))]
            step = min(1 / _WORDS_A_SECOND, (seconds - 0.1 - at) / len(words))
            timed = tuple(
                Word(text=word, start=at + index * step, end=at + (index + 0.9) * step, confidence=0.95)
                for index, word in enumerate(words)
            )
            utterances.append(Utterance(timed, " ".join(words), 0.95))
            at, number = at + len(words) * step + 0.3, number + 1
