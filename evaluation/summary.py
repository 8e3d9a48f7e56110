"""ROUGE of the embedded engine's summaries against what people wrote: `python -m evaluation.summary`."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean

from evaluation.meetings import TESTDATA, Meeting, ami, hour, qmsum
from evaluation.rouge import rouge_l, rouge_n
from parley.recap.artefacts import Summary
from parley.recap.summary import embedded
from parley.recap.tokens import sentences, spoken, tokenize


def text_of(summary: Summary) -> str:
    """A summary as one text: the overview, then what the topics add to it."""
    lines = [line.text for line in summary.overview]
    lines += [line.text for topic in summary.topics for line in topic.lines if line.text not in lines]
    return " ".join(lines)


def cut(text: str, words: int) -> str:
    """The text's first words, as many as the reference has."""
    return " ".join(text.split()[:words])


def _sentences(meeting: Meeting) -> list[str]:
    return [spoken(part) for one in meeting.transcript.segments for part in sentences(tokenize(one.text))]


def _first(meeting: Meeting) -> str:
    return " ".join(_sentences(meeting))


def _random(meeting: Meeting) -> str:
    said = _sentences(meeting)
    random.Random(1).shuffle(said)  # noqa: S311
    return " ".join(said)


def _ours(meeting: Meeting) -> str:
    return text_of(embedded(meeting.recording, meeting.transcript))


def table(name: str, meetings: Iterable[Meeting], show: bool) -> None:
    """Print one corpus: ROUGE-1, -2 and -L, F1 in per cent, at the reference's length."""
    engines: dict[str, Callable[[Meeting], str]] = {
        "embedded": _ours,
        "first sentences": _first,
        "random sentences": _random,
    }
    scores: dict[str, list[tuple[float, float, float]]] = {engine: [] for engine in engines}
    seconds: list[float] = []
    for meeting in meetings:
        length = len(meeting.summary.split())
        for engine, make in engines.items():
            began = time.perf_counter()
            text = cut(make(meeting), length)
            if engine == "embedded":
                seconds.append(time.perf_counter() - began)
                if show:
                    print(f"--- {meeting.name}\n{text}\n")
            scores[engine].append(
                (rouge_n(text, meeting.summary, 1), rouge_n(text, meeting.summary, 2), rouge_l(text, meeting.summary))
            )
    print(f"{name}: {len(seconds)} meetings, slowest {max(seconds, default=0):.2f} s")
    print(f"{'':18} ROUGE-1  ROUGE-2  ROUGE-L")
    for engine, values in scores.items():
        one, two, long = (100 * fmean(column) for column in zip(*values, strict=True))
        print(f"{engine:18} {one:7.1f}  {two:7.1f}  {long:7.1f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--testdata", type=Path, default=TESTDATA, help="the folder that holds qmsum-val and ami")
    parser.add_argument("--qmsum", type=Path, help="a folder of QMSum meetings instead of qmsum-val")
    parser.add_argument("--ami", type=Path, help="a folder of AMI meetings instead of ami")
    parser.add_argument("--draft", action="store_true", help="without marks and capitals, as a draft recogniser writes")
    parser.add_argument("--show", action="store_true", help="print the summaries too")
    arguments = parser.parse_args()
    recording, transcript = hour(ami(arguments.ami or arguments.testdata / "ami", arguments.draft))
    cpu = time.process_time()
    embedded(recording, transcript)
    cpu = time.process_time() - cpu
    print(f"{recording.duration / 60:.0f} minutes, {len(recording.people)} people: {cpu:.2f} s of processor time")
    table("QMSum", qmsum(arguments.qmsum or arguments.testdata / "qmsum-val", arguments.draft), arguments.show)
    table("AMI", ami(arguments.ami or arguments.testdata / "ami", arguments.draft), arguments.show)


if __name__ == "__main__":
    main()
