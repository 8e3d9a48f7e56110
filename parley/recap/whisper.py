"""Whisper by faster-whisper: the recogniser to have. Its model comes from the hub by name or from a directory."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray

from parley.recap.artefacts import Word
from parley.recap.audio import RATE, Samples
from parley.recap.recogniser import Context, Heard, RecogniserError, SpeechSettings, Utterance

_PRECISIONS = {"cuda": ("float16", "int8_float16", "float32"), "cpu": ("int8", "int8_float32", "float32")}
"""What to take on which device, the first that it supports."""
_ENGLISH_ENOUGH = 0.3
"""Below this probability of English a window isn't decoded: its text would be a translation or an invention."""
_SHORT = 3 * RATE
_ENGLISH_ENOUGH_SHORT = 0.05
"""In a second or two the language can't be told: a short "ja" is taken for German only when that is all but certain."""
_TEMPERATURES = (0.0, 0.2, 0.4)


class Whisper:
    """See the module. Raises RecogniserError when the model can't be had."""

    draft = False
    punctuates = True

    def __init__(self, settings: SpeechSettings) -> None:
        self.device = _device(settings.device)
        self.compute_type = _compute_type(settings.compute_type, self.device)
        self.batch = 8 if self.device == "cuda" else 1
        self._beam = 5 if self.device == "cuda" else 2
        self._model = _load(settings, self.device, self.compute_type)
        self._multilingual = bool(self._model.model.is_multilingual)
        self.engine = f"whisper-{Path(settings.model).name}"

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """See Recogniser. Several windows go through the network together."""
        sounds = [samples.astype(np.float32) / 32768.0 for samples in windows]
        try:
            if len(sounds) > 1:
                return self._together(sounds, context)
            return [self._one(sound, context) for sound in sounds]
        except (RuntimeError, ValueError, IndexError) as error:
            raise RecogniserError(f"Whisper failed: {str(error).splitlines()[0] if str(error) else error!r}") from error

    def _one(self, sound: NDArray[np.float32], context: Context) -> Heard:
        language, english = self._language(sound)
        if english < _enough(len(sound)):
            return Heard((), _other(language))
        segments, _ = self._model.transcribe(sound, **self._options(context))
        return Heard(tuple(_utterances(segments, 0.0)))

    def _together(self, sounds: list[NDArray[np.float32]], context: Context) -> list[Heard]:
        spoken = [self._language(sound) for sound in sounds]
        chosen = [i for i, sound in enumerate(sounds) if spoken[i][1] >= _enough(len(sound))]
        heard = {i: Heard((), _other(language)) for i, (language, _) in enumerate(spoken)}
        if not chosen:
            return list(heard.values())
        clips = []
        at = 0
        for i in chosen:
            clips.append({"start": at / RATE, "end": (at + len(sounds[i])) / RATE})
            at += len(sounds[i])
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            np.concatenate([sounds[i] for i in chosen]),
            clip_timestamps=clips,
            batch_size=len(chosen),
            **self._options(context),
        )
        given = list(segments)
        for i, clip in zip(chosen, clips, strict=True):
            mine = [one for one in given if clip["start"] <= (one.start + one.end) / 2 < clip["end"]]
            heard[i] = Heard(tuple(_utterances(mine, clip["start"])))
        return list(heard.values())

    def _options(self, context: Context) -> dict[str, Any]:
        return {
            "language": "en",
            "beam_size": self._beam,
            "temperature": list(_TEMPERATURES),
            "word_timestamps": True,
            "condition_on_previous_text": False,
            "vad_filter": False,
            "hotwords": ", ".join(context.names) or None,
        }

    def _language(self, sound: NDArray[np.float32]) -> tuple[str, float]:
        """The likeliest language, and how likely it is English."""
        if not self._multilingual:
            return "en", 1.0
        language, _, every = self._model.detect_language(sound)
        return language, float(dict(every).get("en", 0.0))


def _enough(length: int) -> float:
    return _ENGLISH_ENOUGH if length >= _SHORT else _ENGLISH_ENOUGH_SHORT


def _other(language: str) -> str:
    return "" if language == "en" else language


def _utterances(segments: Iterable[Any], offset: float) -> Iterable[Utterance]:
    for one in segments:
        words = tuple(
            Word(
                word.word.strip(),
                max(0.0, float(word.start) - offset),
                max(0.0, float(word.end) - offset),
                float(word.probability),
            )
            for word in one.words or ()
            if word.word.strip()
        )
        if words:
            yield Utterance(
                words,
                one.text.strip(),
                min(1.0, math.exp(min(0.0, one.avg_logprob))),
                float(one.no_speech_prob),
                float(one.compression_ratio),
            )


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    try:
        return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"
    except RuntimeError:  # a driver without a device
        return "cpu"


def _compute_type(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    try:
        supported = ctranslate2.get_supported_compute_types(device)
    except (RuntimeError, ValueError):
        return "default"
    return next((name for name in _PRECISIONS.get(device, ()) if name in supported), "default")


def _load(settings: SpeechSettings, device: str, compute_type: str) -> WhisperModel:
    """The model from its directory, from what was downloaded before, or from the hub: whichever is first."""
    local = Path(settings.model).is_dir()
    if not local and os.sep in settings.model and Path(settings.model).is_absolute():
        raise RecogniserError(f"there is no Whisper model at {settings.model}")
    tries = (True,) if local or not settings.download else (True, False)
    failure: Exception | None = None
    for only_local in tries:
        try:
            return WhisperModel(
                settings.model,
                device=device,
                compute_type=compute_type,
                cpu_threads=settings.threads or os.cpu_count() or 1,
                local_files_only=only_local,
            )
        except Exception as error:  # the hub's client raises its own, requests' and the runtime's
            failure = error
    reason = str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
    raise RecogniserError(f"the Whisper model {settings.model} can't be had: {reason[:200]}")
