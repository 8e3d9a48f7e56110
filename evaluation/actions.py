"""Precision and recall of action items and decisions on the AMI meetings: `python -m evaluation.actions`.

The corpus has no gold labels: "likely actions" are what its summaries say besides the abstract, decisions come mixed
with problems, and neither names segments. So an item found and a label of the same meeting match when they share at
least --share of the telling words of the shorter one (two words at least); one to one, the best pairs first. An item
that matches an unlabelled truth counts as wrong, a problem that nobody decided counts as missed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from evaluation.meetings import ROLES, TESTDATA, ami
from parley.recap.summary import embedded
from parley.recap.tokens import stem, tokenize
from parley.recap.vocabulary import FUNCTION

_NAMES = {stem(word.lower()) for role in ROLES.values() for word in role.split()} | {"group", "team", "will", "remot"}


def telling(text: str) -> set[str]:
    """The stems that say what an item is about; people and the remote control itself are in every label."""
    return {stem(token.norm) for token in tokenize(text) if not token.mark and token.norm not in FUNCTION} - _NAMES


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


def row(name: str, counts: Iterable[tuple[int, int, int]]) -> str:
    """One line of the table from (matched, found, labelled) per meeting."""
    matched, found, labelled = (sum(column) for column in zip(*counts, strict=True))
    precision, recall = matched / max(1, found), matched / max(1, labelled)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"{name:10} {found:6} {labelled:9} {matched:8} {100 * precision:10.1f} {100 * recall:7.1f} {100 * f1:5.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ami", type=Path, default=TESTDATA / "ami", help="the folder of AMI meetings")
    parser.add_argument("--share", type=float, default=0.34, help="of the telling words of the shorter text")
    parser.add_argument("--draft", action="store_true", help="without marks and capitals, as a draft recogniser writes")
    parser.add_argument("--show", action="store_true", help="print what was found and the labels")
    arguments = parser.parse_args()
    actions: list[tuple[int, int, int]] = []
    decisions: list[tuple[int, int, int]] = []
    for meeting in ami(arguments.ami, arguments.draft):
        summary = embedded(meeting.recording, meeting.transcript)
        found = [one.text for one in summary.actions]
        settled = [one.text for one in summary.decisions]
        actions.append((matches(found, meeting.actions, arguments.share), len(found), len(meeting.actions)))
        decisions.append((matches(settled, meeting.decisions, arguments.share), len(settled), len(meeting.decisions)))
        if arguments.show:
            print(
                f"--- {meeting.name}",
                *(f"  A {one}" for one in found),
                *(f"  a {one}" for one in meeting.actions),
                sep="\n",
            )
            print(*(f"  D {one}" for one in settled), *(f"  d {one}" for one in meeting.decisions), sep="\n")
    print(f"{len(actions)} meetings\n{'':10} found  labelled  matched  precision  recall    F1")
    print(row("actions", actions))
    print(row("decisions", decisions))


if __name__ == "__main__":
    main()
