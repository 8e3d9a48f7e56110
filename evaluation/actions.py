"""Precision and recall of action items and decisions on the AMI meetings: `python -m evaluation.actions`.

The corpus has no gold labels: "likely actions" are what its summaries say besides the abstract, decisions come mixed
with problems, and neither names segments. So two measures stand side by side.

Matched: an item found and a label of the same meeting match when they share at least --share of the telling words of
the shorter one (two words at least); one to one, the best pairs first. An item that matches an unlabelled truth counts
as wrong, a problem that nobody decided counts as missed.

ROUGE-1: the F1 of the words of the whole list against those of all labels, per meeting, meetings without either left
out. It gives what is said in other words its share, and it punishes what is too long.

The rules were tuned on the meetings of TUNED; the others are held out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from evaluation.meetings import ROLES, TESTDATA, Meeting, ami
from evaluation.rouge import rouge_n
from parley.recap.summary import embedded
from parley.recap.tokens import stem, tokenize
from parley.recap.vocabulary import FUNCTION

TUNED = frozenset({"IS1005c", "IS1007b", "IS1008a", "TS3009c", "TS3009d", "TS3010c", "TS3010d", "TS3012b"})
"""The meetings that were looked at while rules were written, half of the test data."""
_PEOPLE = re.compile(
    "|".join([*(rf"\b{role}\b" for role in ROLES.values()), r"\buser interface\b(?= and)", r"\b(?:group|team)\b"]),
    re.IGNORECASE,
)
"""People are in every label, and so is the remote control: neither tells two items apart."""
_IN_EVERY_LABEL = {stem(word) for word in ("will", "remote")}


@dataclass(frozen=True, slots=True)
class Score:
    """One kind of items in one meeting. rouge is None where there was nothing to find."""

    matched: int
    found: int
    labelled: int
    rouge: float | None


def telling(text: str) -> set[str]:
    """The stems that say what an item is about, without the people."""
    plain = _PEOPLE.sub(" ", text)
    return {stem(token.norm) for token in tokenize(plain) if not token.mark and token.norm not in FUNCTION} - (
        _IN_EVERY_LABEL
    )


def matches(found: Sequence[str], labels: Sequence[str], share: float) -> int:
    """How many pairs match, one to one, the best first."""
    pairs: list[tuple[float, int, int]] = []
    for mine, text in enumerate(found):
        for theirs, label in enumerate(labels):
            one, other = telling(text), telling(label)
            common = len(one & other)
            if common >= min(2, len(one), len(other)) and common and common / min(len(one), len(other)) >= share:
                pairs.append((common / min(len(one), len(other)), mine, theirs))
    used_mine: set[int] = set()
    used_theirs: set[int] = set()
    for _, mine, theirs in sorted(pairs, reverse=True):
        if mine not in used_mine and theirs not in used_theirs:
            used_mine.add(mine)
            used_theirs.add(theirs)
    return len(used_mine)


def score(found: Sequence[str], labels: Sequence[str], share: float) -> Score:
    """Both measures of one list against its labels."""
    rouge = rouge_n(" ".join(found), " ".join(labels), 1) if labels else None
    return Score(matches(found, labels, share), len(found), len(labels), rouge)


def row(name: str, scores: Iterable[Score]) -> str:
    """One line of the table."""
    scores = list(scores)
    matched, found = sum(one.matched for one in scores), sum(one.found for one in scores)
    labelled = sum(one.labelled for one in scores)
    precision, recall = matched / max(1, found), matched / max(1, labelled)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    rouge = [one.rouge for one in scores if one.rouge is not None]
    return (
        f"{name:20} {found:6} {labelled:9} {matched:8} {100 * precision:10.1f} {100 * recall:7.1f} {100 * f1:5.1f} "
        f"{100 * fmean(rouge or [0.0]):8.1f}"
    )


def _labels(meeting: Meeting) -> tuple[list[str], list[str]]:
    """Actions and decisions; "*NA*" stands where an annotator wrote nothing."""
    actions, decisions = ([one for one in some if "NA" not in one] for some in (meeting.actions, meeting.decisions))
    return actions, decisions


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ami", type=Path, default=TESTDATA / "ami", help="the folder of AMI meetings")
    parser.add_argument("--share", type=float, default=0.34, help="of the telling words of the shorter text")
    parser.add_argument("--draft", action="store_true", help="without marks and capitals, as a draft recogniser writes")
    parser.add_argument("--show", choices=("all", "tuned"), help="print what was found and the labels")
    arguments = parser.parse_args()
    scores: dict[str, tuple[Score, Score]] = {}
    for meeting in ami(arguments.ami, arguments.draft):
        summary = embedded(meeting.recording, meeting.transcript)
        found, settled = ([one.text for one in some] for some in (summary.actions, summary.decisions))
        actions, decisions = _labels(meeting)
        scores[meeting.name] = (
            score(found, actions, arguments.share),
            score(settled, decisions, arguments.share),
        )
        if arguments.show == "all" or (arguments.show == "tuned" and meeting.name in TUNED):
            print(f"--- {meeting.name}")
            for mark, texts in (("A", found), ("a", actions), ("D", settled), ("d", decisions)):
                print(*(f"  {mark} {text}" for text in texts), sep="\n", end="\n" if texts else "")
    if not scores:
        parser.error(f"no meetings in {arguments.ami}")
    print(f"{len(scores)} meetings\n{'':20}  found  labelled  matched  precision  recall    F1  ROUGE-1")
    for half, chosen in (
        ("tuned", scores.keys() & TUNED),
        ("held out", scores.keys() - TUNED),
        ("all", scores.keys()),
    ):
        for number, kind in enumerate(("actions", "decisions")):
            print(row(f"{kind}, {half}", [scores[name][number] for name in sorted(chosen)]))


if __name__ == "__main__":
    main()
