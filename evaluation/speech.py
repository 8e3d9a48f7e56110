"""How well speech is found, recognised and told from other languages: python -m evaluation.speech [--whisper DIR].

Prints word error rates and costs per engine, misses and false alarms of voice activity under noise, and what the
language filter keeps and leaves out. What is made of sounds without speech: evaluation/without_speech.py.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import webrtcvad
from numpy.typing import NDArray

from evaluation.meetings import TESTDATA
from evaluation.sounds import clicks, pink, tones
from parley.recap.audio import RATE, Samples, Stretch
from parley.recap.guards import doubt
from parley.recap.language import LanguageMemory
from parley.recap.monotony import silenced, wordless
from parley.recap.recogniser import Context, Heard, Recogniser, RecogniserError, SpeechSettings
from parley.recap.recording import Span
from parley.recap.sphinx import Sphinx
from parley.recap.voice import VoiceFinder
from parley.recap.windows import Window, Windows

FRAME = 480
"""30 ms: the frames in which misses and false alarms are counted."""
_NEAR = 14
"""Frames around speech, 0.4 s, that are neither right nor wrong: paddings and the ends of words."""
_JFK = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"


@dataclass(frozen=True)
class Clip:
    path: str
    language: str
    speaker: str
    reference: str
    samples: Samples


def read_audio(path: Path) -> Samples:
    """All of a file as 16 kHz mono."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(path)) as container:
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16)


def clips(data: Path) -> list[Clip]:
    """Those of speech.tsv and the one of President Kennedy."""
    with (data / "speech.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    made = [
        Clip(row["path"], row["language"], row["speaker"], row["reference"], read_audio(data / row["path"]))
        for row in rows
    ]
    return [*made, Clip("jfk.flac", "en", "jfk", _JFK, read_audio(data / "jfk.flac"))]


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation, as they are compared."""
    return re.sub(r"[^a-z' ]+", " ", text.lower().replace("’", "'").replace("-", " ")).split()


def edits(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Words inserted, left out or replaced."""
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(reference, 1):
        before, row[0] = row[:], i
        for j, word in enumerate(heard, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (expected != word))
    return row[-1]


def windows_of(samples: Samples) -> list[tuple[Window, Samples]]:
    """The windows that the recap would make of a microphone that carried this."""
    padded = np.pad(samples, RATE // 2)
    finder, rule = VoiceFinder(), Windows("t", "p")
    found = [rule.push(one) for one in (*finder.push(Stretch(0, padded)), *finder.finish())]
    return [(one, padded[one.start : one.end]) for one in (*found, rule.finish()) if one is not None]


def recognition(engine: Recogniser, given: Sequence[Clip]) -> Iterator[str]:
    """Word error rate per speaker and what a second of speech costs, in a recap's windows; no language is left out."""
    wrong: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    seconds = withheld = 0.0
    doubted = recognised = 0
    cpu, wall = time.process_time(), time.perf_counter()
    for clip in given:
        if clip.language != "en":
            continue
        text = []
        for window, whole in windows_of(clip.samples):
            spans = [Span(one.start - window.span.start, one.end - window.span.start) for one in window.spans]
            samples = silenced(whole, spans)
            withheld += sum(one.seconds for one in wordless(whole, spans))
            (heard,) = engine.transcribe([samples], Context())
            for utterance in heard.utterances:
                said = words_of(utterance.text)
                text += said
                doubted += len(said) if doubt(utterance, spans) else 0
                recognised += len(said)
        reference = words_of(clip.reference)
        for who in (clip.speaker, "all"):
            wrong[who] += edits(reference, text)
            total[who] += len(reference)
        seconds += len(clip.samples) / RATE
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    yield (
        f"{engine.engine:<20} guards leave out {doubted} of {recognised} words, and withhold {withheld:.1f} s of "
        f"{seconds:.0f} s as sounds without words"
    )
    for who in sorted(total):
        yield f"{engine.engine:<20} {who:<8} {wrong[who] / total[who]:7.1%} of {total[who]} words"
    yield f"{engine.engine:<20} costs {cpu / seconds:.2f} s of CPU, {wall / seconds:.2f} s of time per second of speech"


def mixed(speech: Samples, noise: NDArray[np.float64], decibels: float) -> Samples:
    """Speech and noise at a ratio of powers, both where there is speech and where there is none."""
    voice = speech.astype(float)
    gain = np.sqrt(np.mean(voice[np.abs(voice) > 0] ** 2) / np.mean(noise**2) / 10 ** (decibels / 10))
    total = voice + noise * gain
    return (total * min(1.0, 32_000 / np.abs(total).max())).astype(np.int16)


def spoken_frames(speech: Samples) -> NDArray[np.bool_]:
    """Frames of clean clips that carry speech: not thirty times fainter than loud ones, pauses of 0.3 s filled."""
    power = np.sqrt(np.mean(speech[: len(speech) // FRAME * FRAME].reshape(-1, FRAME).astype(float) ** 2, axis=1))
    loud = power > np.percentile(power[power > 0], 95) / 30
    edges = np.flatnonzero(loud)
    for earlier, later in itertools.pairwise(edges):
        if 1 < later - earlier <= 10:
            loud[earlier:later] = True
    return np.asarray(loud)


def ours(samples: Samples) -> NDArray[np.bool_]:
    """Frames that the recap takes for speech."""
    finder = VoiceFinder()
    frames = np.zeros(len(samples) // FRAME, bool)
    for one in (*finder.push(Stretch(0, samples)), *finder.finish()):
        frames[one.start // FRAME : one.end // FRAME] = True
    return frames


def gate_alone(samples: Samples) -> NDArray[np.bool_]:
    """Frames that webrtcvad takes for speech at its strictest."""
    gate = webrtcvad.Vad(3)
    data = samples.tobytes()
    return np.array(
        [gate.is_speech(data[at : at + 2 * FRAME], RATE) for at in range(0, len(data) - 2 * FRAME + 1, 2 * FRAME)]
    )


def voice_activity(given: Sequence[Clip]) -> Iterator[str]:
    """Misses and false alarms of speech between pauses, clean and under noise."""
    random = np.random.default_rng(1)
    pause = np.zeros(3 * RATE, np.int16)
    speech = np.concatenate([part for clip in given[::2] for part in (clip.samples, pause)])
    truth = spoken_frames(speech)
    near = np.convolve(truth, np.ones(2 * _NEAR + 1), "same") > 0
    cases: list[tuple[str, Samples]] = [("clean", speech)]
    for name, make, decibels in (
        ("pink noise, 10 dB", pink, 10), ("pink noise, 0 dB", pink, 0), ("clicks, 0 dB", clicks, 0),
        ("tones, 10 dB", tones, 10),
    ):  # fmt: skip
        cases.append((name, mixed(speech, make(random, len(speech)), decibels)))
    for name, samples in cases:
        for engine, finds in (("webrtcvad alone", gate_alone), ("gate and judge", ours)):
            found = finds(samples)[: len(truth)]
            missed = np.mean(~found[truth[: len(found)]])
            alarms = np.mean(found[~near[: len(found)]])
            yield f"{name:<20} {engine:<16} missed {missed:6.1%}   false alarms {alarms:6.1%}"


def languages(engine: Recogniser, given: Sequence[Clip], data: Path) -> Iterator[str]:
    """Seconds of English that are kept and of other languages that are left out.

    Each clip alone, as if nobody had been heard before; then with one microphone for each speaker, as in a meeting.
    """
    alone: dict[str, float] = defaultdict(float)
    known: dict[str, float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    memory = LanguageMemory()
    multilingual = Clip("multilingual.mp3", "mixed", "", "", read_audio(data / "multilingual.mp3"))
    for clip in (*given, multilingual):
        first = LanguageMemory()
        for window, samples in windows_of(clip.samples):
            (heard,) = engine.transcribe([samples], Context())
            kept = _english(first, heard, "", window.seconds)
            total[clip.language] += window.seconds
            alone[clip.language] += kept * window.seconds
            known[clip.language] += _english(memory, heard, clip.speaker, window.seconds) * window.seconds
            if clip is multilingual:
                text = " ".join(one.text for one in heard.utterances) if kept else "(left out)"
                span = f"{window.span.start:5.1f} to {window.span.end:5.1f} s"
                yield f"{engine.engine:<20} {clip.path} {span}: {text[:60]}"
    for language in sorted(total):
        yield (
            f"{engine.engine:<20} {language:<5} {total[language]:6.1f} s: kept {alone[language]:6.1f} s when each clip "
            f"is judged alone, {known[language]:6.1f} s by speaker"
        )


def _english(memory: LanguageMemory, heard: Heard, speaker: str, seconds: float) -> bool:
    """Whether a recap would keep it; and the memory has it."""
    if heard.strangeness is None:
        return heard.language == "en" and bool(heard.utterances)
    english = memory.english(speaker, heard.strangeness, seconds)
    memory.note(speaker, heard.strangeness, seconds)
    return english


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.speech", description=__doc__)
    parser.add_argument("--whisper", metavar="DIR", help="a Whisper model's directory, or its name on the hub")
    parser.add_argument("--fast", action="store_true", help="measure pocketsphinx's faster setting too")
    parser.add_argument("--only", choices=("recognition", "voice", "languages"), help="one part")
    asked = parser.parse_args()
    if not (TESTDATA / "speech.tsv").is_file():
        parser.error(f"{TESTDATA} has no speech.tsv; PARLEY_TESTDATA names the directory")
    given = clips(TESTDATA)
    engines: list[Recogniser] = [Sphinx(), *([Sphinx(hasty=True)] if asked.fast else [])]
    if asked.whisper:
        from parley.recap.whisper import Whisper

        try:
            engines.append(Whisper(SpeechSettings(model=asked.whisper)))
        except RecogniserError as error:
            parser.error(str(error))
    if asked.only in (None, "voice"):
        print("\n".join(("", "Voice activity", *voice_activity(given))), flush=True)
    for engine in engines:
        if asked.only in (None, "recognition"):
            print("\n".join(("", "Word errors", *recognition(engine, given))), flush=True)
        if asked.only in (None, "languages"):
            print("\n".join(("", "Language filter", *languages(engine, given, TESTDATA))), flush=True)


if __name__ == "__main__":
    main()
