"""The recogniser that is always there: pocketsphinx with the English model in its package. Its text is a draft."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

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
_DITHER = np.random.default_rng(0).normal(0, 5, RATE).astype(np.int16)
"""A second of faint noise, the same always: digital silence, which microphones don't have, is far
from anything that the model has heard. It stands for samples of zero."""

_THOROUGH: dict[str, object] = {}
_HASTY: dict[str, object] = {"fwdflat": False, "maxhmmpf": 3000, "beam": 1e-40, "pbeam": 1e-40}
_PHONES: dict[str, object] = {"lw": 2.0, "pip": 0.3, "beam": 1e-20, "pbeam": 1e-20}
_TRUST = 0.3
"""What a mean posterior of 1 takes off the ratio of scores."""
_HASTE = 0.12
"""By how much narrow beams make the same speech look stranger, on average."""


class Sphinx:
    """See the module. hasty: half the work for somewhat more errors, for when work piles up."""

    draft = True
    punctuates = False
    batch = 1

    def __init__(self, *, hasty: bool = False) -> None:
        self.engine = "pocketsphinx-fast" if hasty else "pocketsphinx"
        self._hasty = hasty
        self._options = _HASTY if hasty else _THOROUGH

    @cached_property
    def _decoder(self) -> pocketsphinx.Decoder:
        """Loaded when it is first needed: behind Whisper it may never be."""
        return _load(self._options)

    @cached_property
    def _phones(self) -> pocketsphinx.Decoder:
        return _load(_PHONES | {"allphone": pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin")})

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """See Recogniser. Whatever came before makes no difference: each window is normalised by itself."""
        return [self._window(samples) for samples in windows]

    def _window(self, samples: Samples) -> Heard:
        if len(samples) < _SHORTEST:
            samples = np.pad(samples, (0, _SHORTEST - len(samples)))
        if not samples.any():
            return Heard(())
        try:
            louder = _levelled(samples)
            _decode(self._decoder, louder)
            words = self._words()
        except RuntimeError as error:
            raise RecogniserError(f"pocketsphinx failed: {error}") from error
        if not words:
            return Heard(())
        confidence = float(np.mean([word.confidence for word in words]))
        text = " ".join(word.text for word in words)
        return Heard((Utterance(words, text, confidence),), strangeness=self._strangeness(louder, confidence))

    def _strangeness(self, samples: Samples, confidence: float) -> float | None:
        """How much better free phones explain the sound than English words do, lessened by trust in the words."""
        words = self._score(self._decoder)
        _decode(self._phones, samples)
        phones = self._score(self._phones)
        if words is None or phones is None:
            return None
        return words / phones - _TRUST * confidence - (_HASTE if self._hasty else 0.0)

    @staticmethod
    def _score(decoder: pocketsphinx.Decoder) -> float | None:
        """The logarithm of the best path's score, on a scale that both decoders share; None when there is no path."""
        best = decoder.hyp()
        return None if best is None or not 0.0 < best.best_score < 1.0 else math.log(best.best_score)

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


def _load(options: Mapping[str, object]) -> pocketsphinx.Decoder:
    try:
        with NamedTemporaryFile("w", suffix=".params") as file:
            file.write(_features())
            file.flush()
            return pocketsphinx.Decoder(pocketsphinx.Config(loglevel="FATAL", featparams=file.name, **options))
    except (OSError, RuntimeError, ValueError) as error:
        raise RecogniserError(f"pocketsphinx doesn't start: {error}") from error


def _decode(decoder: pocketsphinx.Decoder, samples: Samples) -> None:
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()


def _features() -> str:
    """The model's own parameters without noise removal: that costs time and words, and hears one window in the next."""
    given = Path(pocketsphinx.get_model_path("en-us/en-us/feat.params")).read_text(encoding="ascii")
    return re.sub(r"-remove_noise\s+yes", "-remove_noise no", given)


def _levelled(samples: Samples) -> Samples:
    power = samples.astype(np.float32)
    level = float(np.sqrt(np.mean(power * power)))
    if level < 1.0:
        return samples
    gain = min(_LOUD / level, 31000.0 / max(1.0, float(np.abs(power).max())))
    louder: Samples = (power * gain).astype(np.int16)
    return np.where(samples == 0, np.resize(_DITHER, len(samples)), louder)
