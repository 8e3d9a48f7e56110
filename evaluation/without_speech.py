"""Words invented in an hour in which nobody speaks: `python -m evaluation.without_speech --minutes 60`, or `--help`.

Sounds of evaluation/sounds.py go through the recap's own voice activity, windows, guards and recognisers, a minute at a
time, each kind for so many minutes. Printed is what was taken for a voice, and every word that a recap would show.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from evaluation.sounds import KINDS, Noise, sample
from evaluation.speech import windows_of
from parley.recap.language import LanguageMemory
from parley.recap.monotony import silenced
from parley.recap.recogniser import Context, Heard, Recogniser, RecogniserError, SpeechSettings
from parley.recap.recording import Span
from parley.recap.segments import segments
from parley.recap.sphinx import Sphinx


@dataclass
class Found:
    """In one kind of sound. voiced: seconds taken for a voice; asked: of them, given to the recognisers.

    texts: what each engine made of it and a recap would show.
    """

    minutes: float = 0.0
    voiced: float = 0.0
    asked: float = 0.0
    processor: float = 0.0
    texts: dict[str, list[str]] = field(default_factory=dict)

    def words(self, engine: str) -> int:
        """How many an engine invented."""
        return sum(len(text.split()) for text in self.texts.get(engine, ()))


def listened(make: Noise, minutes: int, engines: Sequence[Recogniser], seed: int) -> Found:
    """So many minutes of one kind of sound, through everything."""
    random, found = np.random.default_rng(seed), Found()
    memories = {engine.engine: LanguageMemory() for engine in engines}
    began = time.process_time()
    for _ in range(minutes):
        for window, heard in windows_of(sample(make, random, 60.0)):
            found.voiced += window.seconds
            offset = window.span.start
            samples = silenced(heard, [Span(one.start - offset, one.end - offset) for one in window.spans])
            if not samples.any():
                continue
            found.asked += window.seconds
            for engine in engines:
                (said,) = engine.transcribe([samples], Context())
                memory = memories[engine.engine]
                if said.strangeness is not None:
                    english = memory.english("", said.strangeness, window.seconds)
                    memory.note("", said.strangeness, window.seconds)
                    said = said if english else Heard(())
                made = segments(window, said, Context(), punctuated=engine.punctuates)
                found.texts.setdefault(engine.engine, []).extend(one.text for one in made if one.text)
        found.minutes += 1
    found.processor = time.process_time() - began
    return found


def table(found: Iterable[tuple[str, Found]], engines: Sequence[Recogniser]) -> None:
    """Print it."""
    names = [engine.engine for engine in engines]
    columns = "".join(f"{name:>20}" for name in names)
    print(f"{'sound':<16}{'minutes':>8}{'voiced s':>10}{'asked s':>9}{'CPU s':>8}{columns}")
    total = Found()
    for name, one in found:
        counts = "".join(f"{one.words(engine):>14} words" for engine in names)
        seconds = f"{one.voiced:>10.1f}{one.asked:>9.1f}{one.processor:>8.1f}"
        print(f"{name:<16}{one.minutes:>8.0f}{seconds}{counts}", flush=True)
        for engine in names:
            if one.texts.get(engine):
                print(f"    {engine}: {' / '.join(one.texts[engine])}", flush=True)
            total.texts.setdefault(engine, []).extend(one.texts.get(engine, ()))
        total.minutes += one.minutes
    rates = "".join(f"{60 * total.words(engine) / max(1, total.minutes):>14.2f} words" for engine in names)
    print(f"{'invented per hour':<16}{total.minutes:>8.0f}{'':>27}{rates}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.without_speech", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="in all; every kind gets its share")
    parser.add_argument("--only", choices=sorted(KINDS), help="one kind, for all the minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whisper", metavar="DIR", help="a Whisper model's directory, or its name on the hub")
    asked = parser.parse_args()
    engines: list[Recogniser] = [Sphinx(), Sphinx(hasty=True)]
    if asked.whisper:
        from parley.recap.whisper import Whisper

        try:
            engines.append(Whisper(SpeechSettings(model=asked.whisper)))
        except RecogniserError as error:
            parser.error(str(error))
    kinds = {asked.only: KINDS[asked.only]} if asked.only else KINDS
    share = max(1, -(-asked.minutes // len(kinds)))
    table(((name, listened(make, share, engines, asked.seed)) for name, make in kinds.items()), engines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
