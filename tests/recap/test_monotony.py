"""No words from an hour of silence, noise, music and laughter: in short, a minute of each."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.sounds import KINDS, sample
from evaluation.speech import windows_of
from parley.recap.audio import RATE
from parley.recap.monotony import silenced, wordless
from parley.recap.recording import Span
from tests.support.speech import silence, spoken


def stretches(sound: np.ndarray) -> list[tuple[np.ndarray, list[Span]]]:
    """The windows of a sound, each with its stretches on its own clock."""
    return [
        (samples, [Span(one.start - window.span.start, one.end - window.span.start) for one in window.spans])
        for window, samples in windows_of(sound)
    ]


@pytest.mark.parametrize("kind", ["silence", "pink noise", "keyboard", "hum", "drums"])
def test_noise_is_no_voice(kind: str) -> None:
    assert windows_of(sample(KINDS[kind], np.random.default_rng(3), 20)) == []


def test_laughter_is_a_voice_without_words_and_no_recogniser_hears_it() -> None:
    found = stretches(sample(KINDS["laughter"], np.random.default_rng(3), 40))
    assert found
    assert not any(silenced(samples, spans).any() for samples, spans in found)


@pytest.mark.parametrize("word", ["Yes.", "No.", "Who?", "We decided to ship on Friday.", "No, no, no, no."])
def test_words_are_heard_however_short(word: str) -> None:
    for voice in ("slt", "rms"):
        ((samples, spans),) = stretches(np.concatenate([silence(1, RATE), spoken(word, voice, RATE), silence(1, RATE)]))
        assert wordless(samples, spans) == []


def test_a_sentence_behind_laughter_is_heard_and_the_laughter_is_not() -> None:
    laugh = sample(KINDS["laughter"], np.random.default_rng(3), 10)
    said = spoken("We decided to ship on Friday.", "slt", RATE)
    found = stretches(np.concatenate([laugh, silence(0.6, RATE), said, silence(1, RATE)]))
    heard = [silenced(samples, spans) for samples, spans in found]
    assert sum(bool(one.any()) for one in heard) == 1
