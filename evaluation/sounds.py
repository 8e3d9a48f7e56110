"""Sounds of rooms in which nobody speaks: silence, noise, hum, typing, music with drums, laughter. All synthetic.

Each is a function of a random generator and a number of samples at 16 kHz; `KINDS` names them. They are made here, so
that anybody hears the same; what real rooms add is in the test data, not here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from parley.recap.audio import RATE, Samples

Sound = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Sound]
PEAK = 12_000


def sample(make: Noise, random: np.random.Generator, seconds: float) -> Samples:
    """So many seconds of a sound, as loud as a near microphone hears things."""
    sound = make(random, round(seconds * RATE))
    samples: Samples = (sound / max(1e-9, float(np.abs(sound).max())) * PEAK).astype(np.int16)
    return samples


# --- noise ------------------------------------------------------------------------------------------------------------


def silence(random: np.random.Generator, length: int) -> Sound:
    """Of a muted microphone."""
    return np.zeros(length)


def white(random: np.random.Generator, length: int) -> Sound:
    """All frequencies alike."""
    return random.normal(0, 1, length)


def pink(random: np.random.Generator, length: int) -> Sound:
    """A fan, rain, far traffic."""
    spectrum = np.fft.rfft(random.normal(0, 1, length))
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), length))


def hum(random: np.random.Generator, length: int) -> Sound:
    """Mains, with harmonics and a little noise."""
    time = np.arange(length) / RATE
    return np.asarray(
        sum(np.sin(2 * np.pi * 50 * k * time + k) / k for k in (1, 2, 3, 5, 7)) + random.normal(0, 0.02, length)
    )


def clicks(random: np.random.Generator, length: int) -> Sound:
    """Four clicks a second."""
    sound = np.zeros(length)
    sound[random.integers(0, length, length // RATE * 4)] = 1.0
    return np.convolve(sound, np.exp(-np.arange(200) / 30) * np.sin(np.arange(200)))[:length]


def keyboard(random: np.random.Generator, length: int) -> Sound:
    """Typing in runs: each key goes down and up, each with a resonance of its own."""
    sound = random.normal(0, 0.003, length)
    at = 0.0
    while (start := int(at * RATE)) < length - RATE:
        for offset, strength in ((0.0, 1.0), (random.uniform(0.06, 0.11), 0.5)):
            place = start + int(offset * RATE)
            span = np.arange(int(0.03 * RATE))
            ring = np.sin(2 * np.pi * random.uniform(1500, 4500) * span / RATE) + random.normal(0, 0.7, len(span))
            sound[place : place + len(span)] += (
                strength * random.uniform(0.4, 1) * ring * np.exp(-span / (0.004 * RATE))
            )
        at += random.uniform(0.09, 0.28) if random.random() < 0.93 else random.uniform(0.6, 3.0)
    return sound


def bursts(random: np.random.Generator, length: int) -> Sound:
    """Breathy bursts, five a second in fits of two seconds: the rhythm of laughter without its voice."""
    time = np.arange(length) / RATE
    return random.normal(0, 1, length) * np.clip(np.sin(2 * np.pi * 5 * time), 0, 1) * (time % 4 < 2)


# --- music ------------------------------------------------------------------------------------------------------------


def tones(random: np.random.Generator, length: int) -> Sound:
    """A melody of four notes a second with overtones."""
    notes = np.repeat(220 * 2 ** (random.integers(0, 24, length * 4 // RATE + 1) / 12), RATE // 4)[:length]
    phase = 2 * np.pi * np.cumsum(notes) / RATE
    beat = 1 - (np.arange(length) * 4 / RATE % 1) * 0.8
    return np.asarray(sum(np.sin(phase * k) / k for k in (1, 2, 3, 4)) * beat)


_SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)


def _melody(random: np.random.Generator, length: int, lowest: float, note: Callable[[float, int], Sound]) -> Sound:
    """Notes of a major scale, stepwise, with rests, in a tempo of its own."""
    sound = np.zeros(length)
    beat = random.uniform(0.22, 0.5)
    step, at = 4, 0.0
    while True:
        seconds = beat * float(random.choice([0.5, 1, 1, 2]))
        start, count = int(at * RATE), int(seconds * RATE)
        if start + count > length:
            return sound
        step = int(np.clip(step + random.integers(-2, 3), 0, len(_SCALE) - 1))
        if random.random() > 0.12:
            sound[start : start + count] += note(lowest * 2 ** (_SCALE[step] / 12), count)
        at += seconds


def _harmonics(pitch: NDArray[np.float64] | float, count: int, weights: list[float]) -> Sound:
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch, count)) / RATE
    return np.asarray(sum(weight * np.sin(phase * k) for k, weight in enumerate(weights, 1)))


def organ(random: np.random.Generator, length: int) -> Sound:
    """A melody over a second voice that is held."""

    def note(pitch: float, count: int) -> Sound:
        edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * RATE))
        return _harmonics(pitch, count, [1, 0.7, 0.5, 0.3, 0, 0.2]) * edge

    return _melody(random, length, 196, note) + 0.5 * _melody(random, length, 98, note)


def strings(random: np.random.Generator, length: int) -> Sound:
    """Bowed, with vibrato: the nearest to a voice among instruments."""

    def note(pitch: float, count: int) -> Sound:
        time = np.arange(count) / RATE
        bent = pitch * (1 + 0.008 * np.sin(2 * np.pi * 5.5 * time))
        swell = np.minimum(1, time / 0.08) * np.minimum(1, time[::-1] / 0.05)
        return _harmonics(bent, count, [1 / k for k in range(1, 13)]) * swell

    return _melody(random, length, 220, note)


def flute(random: np.random.Generator, length: int) -> Sound:
    """Nearly pure tones with breath."""

    def note(pitch: float, count: int) -> Sound:
        time = np.arange(count) / RATE
        bent = pitch * (1 + 0.005 * np.sin(2 * np.pi * 5 * time))
        swell = np.minimum(1, time / 0.05) * np.minimum(1, time[::-1] / 0.05)
        return (_harmonics(bent, count, [1, 0.25, 0.08]) + random.normal(0, 0.05, count)) * swell

    return _melody(random, length, 440, note)


def guitar(random: np.random.Generator, length: int) -> Sound:
    """Plucked strings: a burst of noise goes round in a delay line (Karplus and Strong)."""

    def note(pitch: float, count: int) -> Sound:
        period = max(2, round(RATE / pitch))
        rounds = [random.uniform(-1, 1, period)]
        while len(rounds) * period < count:
            before = rounds[-1]
            rounds.append(0.497 * (before + np.roll(before, 1)))
        return np.concatenate(rounds)[:count]

    return _melody(random, length, 147, note) + 0.7 * _melody(random, length, 110, note)


def brass(random: np.random.Generator, length: int) -> Sound:
    """Bright and sharp at the beginning of each note."""

    def note(pitch: float, count: int) -> Sound:
        time = np.arange(count) / RATE
        swell = np.minimum(1, time / 0.03) * (0.6 + 0.4 * np.exp(-time / 0.1)) * np.minimum(1, time[::-1] / 0.03)
        return np.tanh(_harmonics(pitch, count, [1, 0.9, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2]) * swell)

    return _melody(random, length, 175, note)


def drums(random: np.random.Generator, length: int) -> Sound:
    """Kick, snare and hi-hat in a steady bar."""
    sound = np.zeros(length)
    beat = random.uniform(0.2, 0.3)
    for number in range(int(length / RATE / beat)):
        start = int(number * beat * RATE)
        span = np.arange(min(int(0.2 * RATE), length - start))
        time = span / RATE
        hit = 0.25 * random.normal(0, 1, len(span)) * np.exp(-time / 0.02)
        if number % 4 == 0:
            hit += np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time / 0.03)))) * np.exp(-time / 0.08)
        if number % 4 == 2:
            hit += 0.8 * (random.normal(0, 0.7, len(span)) + np.sin(2 * np.pi * 185 * time)) * np.exp(-time / 0.06)
        sound[start : start + len(span)] += hit
    return sound


def band(random: np.random.Generator, length: int) -> Sound:
    """Drums, a bass and a tune."""
    tune = (strings, flute, guitar, brass)[int(random.integers(4))]
    return drums(random, length) + 0.4 * tune(random, length) / 3 + 0.3 * organ(random, length) / 3


# --- laughter ---------------------------------------------------------------------------------------------------------

_VOWELS = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "o": (570, 840, 2410), "uh": (640, 1190, 2390)}


def _formants(source: Sound, formants: tuple[int, ...], scale: float) -> Sound:
    size = 2 * len(source)
    spectrum = np.fft.rfft(source, size)
    delay = np.exp(-2j * np.pi * np.arange(len(spectrum)) / size)
    for centre, width in zip(formants, (90, 110, 170), strict=True):
        radius = np.exp(-np.pi * width / RATE)
        turn = 2 * np.pi * centre * scale / RATE
        spectrum = spectrum * (1 - radius) / (1 - 2 * radius * np.cos(turn) * delay + radius * radius * delay**2)
    return np.asarray(np.fft.irfft(spectrum, size)[: len(source)])


def laughter(random: np.random.Generator, length: int) -> Sound:
    """Fits of "ha ha ha": four to six breathy, voiced bursts a second, whose pitch and strength fall; then breath."""
    sound = random.normal(0, 1e-4, length)
    at = random.uniform(0.5, 2)
    while True:
        pitch = random.uniform(140, 200) if random.random() < 0.5 else random.uniform(250, 420)
        scale = 1.0 if pitch < 220 else 1.17
        vowel = _VOWELS[str(random.choice(list(_VOWELS)))]
        rate, count = random.uniform(4, 6), int(random.integers(3, 12))
        for number in range(count):
            start, size = int((at + number / rate) * RATE), int(0.75 / rate * RATE)
            if start + RATE > length:
                return sound
            time = np.arange(size) / RATE
            fall = 1 - 0.4 * number / count
            bent = pitch * fall * (1.1 - 0.25 * time * rate) * (1 + random.normal(0, 0.01))
            pulses = np.diff(np.floor(np.cumsum(bent) / RATE), prepend=0.0)
            breath = random.normal(0, 0.06, size) * np.exp(-time / 0.05)
            shape = np.sin(np.pi * np.minimum(1, time * rate / 0.75)) ** 0.7
            voiced = _formants(pulses * np.minimum(1, time / 0.03) + breath, vowel, scale)
            sound[start : start + size] += voiced / max(1e-9, float(np.abs(voiced).max())) * shape * fall
        at += count / rate
        span = np.arange(int(0.4 * RATE))
        start = int(at * RATE)
        if start + len(span) < length:
            sound[start : start + len(span)] += random.normal(0, 0.02, len(span)) * np.sin(np.pi * span / len(span))
        at += random.uniform(0.8, 5)


KINDS: dict[str, Noise] = {
    "silence": silence, "white noise": white, "pink noise": pink, "hum": hum, "clicks": clicks, "keyboard": keyboard,
    "tones": tones, "organ": organ, "strings": strings, "flute": flute, "guitar": guitar, "brass": brass,
    "drums": drums, "band": band, "breathy bursts": bursts, "laughter": laughter,
}  # fmt: skip
