"""Tells held and repeated sounds from words: laughter, a note, humming have the voice of speech, and say nothing.

Who speaks changes the shape of their mouth several times a second, and with it the shape of the spectrum; laughter
repeats one vowel, an instrument keeps its timbre. The measure is how much the spectrum's shape varies where it is loud,
as the standard deviation of its first cepstral coefficients on the mel scale (Davis and Mermelstein, 1980).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from parley.recap.audio import RATE, Samples
from parley.recap.recording import Span

MONOTONOUS = 0.55
"""Stretches of the test data's speech have 0.68 to 4.6, laughter of one vowel 0.24 to 0.45."""
SHORTEST = 0.85
"""Seconds with padding: an "oh" or "who" is one vowel too, and a word; they last up to 0.8 s."""

_SIZE, _WIDTH, _STEP = 512, 400, 160
_BANDS, _LOWEST, _HIGHEST = 24, 100.0, 6000.0
_COEFFICIENTS = 8
_LOUD = 100.0
"""Frames up to 20 dB below the loudest count."""


def variety(samples: Samples) -> float:
    """How much the spectrum's shape varies; infinite for what is too short to say."""
    if len(samples) < 2 * _WIDTH:
        return float("inf")
    bands, cosines, taper = _tables()
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), _WIDTH)[::_STEP] * taper
    power = np.abs(np.fft.rfft(frames, _SIZE)) ** 2
    total = power.sum(axis=1)
    loud = total > max(total.max() / _LOUD, 1.0)
    if loud.sum() < 2:
        return float("inf")
    cepstra = np.log(power[loud] @ bands + 100.0) @ cosines
    return float(np.sqrt(cepstra.var(axis=0).sum()))


def wordless(samples: Samples, stretches: Sequence[Span]) -> list[Span]:
    """Which stretches of a window (seconds from its beginning) hold a sound that is no word, whatever it is."""
    return [
        one
        for one in stretches
        if one.seconds >= SHORTEST and variety(samples[round(one.start * RATE) : round(one.end * RATE)]) < MONOTONOUS
    ]


def silenced(samples: Samples, stretches: Sequence[Span]) -> Samples:
    """The window as a recogniser should hear it: silent where it is wordless."""
    found = wordless(samples, stretches)
    if found:
        samples = samples.copy()
        for one in found:
            samples[round(one.start * RATE) : round(one.end * RATE)] = 0
    return samples


@cache
def _tables() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Triangular bands on the mel scale, the cosine transform of their logarithms, and the frames' taper."""
    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (_LOWEST, _HIGHEST))
    edges = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    frequencies = np.fft.rfftfreq(_SIZE, 1 / RATE)
    rise = (frequencies[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    bands = np.clip(np.minimum(rise, fall), 0, None)
    cosines = np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(1, _COEFFICIENTS + 1)) / _BANDS) / _BANDS
    return bands.astype(np.float32), cosines.astype(np.float32), np.hamming(_WIDTH).astype(np.float32)
