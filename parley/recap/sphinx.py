"""The recogniser that is always there: pocketsphinx with the English model in its package. Its text is a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pocketsphinx

from parley.recap.artefacts import Word
from parley.recap.audio import RATE, Samples
from parley.recap.recogniser import Context, Heard, RecogniserError, Utterance

_FRAMES = 100
"""Frames a second."""
_VARIANT = re.compile(r"\(\d+\)$")
_LOUD = 2500.0
"""Root mean square that every window is brought to: the model's first cepstrum was trained on close microphones."""
_SHORTEST = RATE // 4


class Sphinx:
    """See the module. hasty: half the work for somewhat more errors, for when work piles up."""

    draft = True
    punctuates = False
    batch = 1

    def __init__(self, *, hasty: bool = False) -> None:
        self.engine = "pocketsphinx-fast" if hasty else "pocketsphinx"
        options = {"fwdflat": False, "maxhmmpf": 3000, "beam": 1e-40, "pbeam": 1e-40} if hasty else {}
        try:
            self._decoder = pocketsphinx.Decoder(pocketsphinx.Config(loglevel="FATAL", **options))
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"pocketsphinx doesn't start: {error}") from error

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """See Recogniser. Whatever came before makes no difference: each window is normalised by itself."""
        return [self._window(samples) for samples in windows]

    def _window(self, samples: Samples) -> Heard:
        if len(samples) < _SHORTEST:
            samples = np.pad(samples, (0, _SHORTEST - len(samples)))
        try:
            self._decoder.start_utt()
            self._decoder.process_raw(_levelled(samples).tobytes(), full_utt=True)
            self._decoder.end_utt()
            words = self._words()
        except RuntimeError as error:
            raise RecogniserError(f"pocketsphinx failed: {error}") from error
        if not words:
            return Heard(())
        confidence = float(np.mean([word.confidence for word in words]))
        text = " ".join(word.text for word in words)
        return Heard((Utterance(words, text, confidence),))

    def _words(self) -> tuple[Word, ...]:
        if self._decoder.hyp() is None:
            return ()
        return tuple(
            Word(
                _VARIANT.sub("", one.word),
                one.start_frame / _FRAMES,
                (one.end_frame + 1) / _FRAMES,
                min(1.0, max(0.0, float(one.prob))),
            )
            for one in self._decoder.seg()
            if one.word[0] not in "<[+"  # silence, noises, breath
        )


def _levelled(samples: Samples) -> Samples:
    power = samples.astype(np.float32)
    level = float(np.sqrt(np.mean(power * power)))
    if level < 1.0:
        return samples
    gain = min(_LOUD / level, 32000.0 / max(1.0, float(np.abs(power).max())))
    return (power * gain).astype(np.int16)
