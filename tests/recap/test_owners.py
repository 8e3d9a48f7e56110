"""Who is to do what until when: a table of explicit cases over zones, and dialogues made to turn owners round."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from parley.recap.artefacts import Action
from parley.recap.summary import embedded
from tests.support.dialogues import dialogue

HERE = Path(__file__).parent
WHEN = {
    # A moment each where the local day is not the day in London, or where clocks change.
    "London": ("Europe/London", datetime(2026, 3, 4, 10, 0, tzinfo=UTC)),  # a Wednesday
    "NewYork": ("America/New_York", datetime(2026, 3, 5, 2, 30, tzinfo=UTC)),  # Wednesday the 4th, 21:30
    "Tokyo": ("Asia/Tokyo", datetime(2026, 3, 4, 22, 30, tzinfo=UTC)),  # Thursday the 5th, 7:30
    "Auckland": ("Pacific/Auckland", datetime(2026, 3, 31, 11, 30, tzinfo=UTC)),  # Wednesday, 1 April, 0:30
    "LosAngeles": ("America/Los_Angeles", datetime(2026, 3, 8, 20, 0, tzinfo=UTC)),  # the Sunday summer time begins
    "Kolkata": ("Asia/Kolkata", datetime(2026, 12, 31, 20, 0, tzinfo=UTC)),  # Friday, 1 January 2027, 1:30
    "Berlin": ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the Sunday summer time ends
    "SaoPaulo": ("America/Sao_Paulo", datetime(2026, 2, 27, 23, 0, tzinfo=UTC)),  # Friday, 20:00
}


def rows(name: str) -> list[list[str]]:
    """The rows of a table of this folder."""
    lines = (HERE / name).read_text().splitlines()
    return [[cell.strip() for cell in line.split(" | ")] for line in lines if line and not line.startswith("#")]


def actions(script: str, zone: str = "Europe/London", started_at: datetime = WHEN["London"][1]) -> list[Action]:
    """The action items of a script such as "A: ... / B: ..."."""
    return list(embedded(*dialogue(script, zone, started_at)).actions)


def owner(action: Action) -> str:
    """As the tables write it."""
    if action.owner:
        return action.owner
    return f"?{action.owner_name}" if action.owner_name else "-"


@pytest.mark.parametrize(
    ("table", "least"),
    [
        ("data_owners.txt", 200),
        ("data_owners_spoken.txt", 120),
        ("data_owners_held.txt", 60),
        ("data_owners_last.txt", 40),
    ],
)
def test_owner_and_due_date_are_right_in_at_least_95_of_100_explicit_cases_across_zones(table: str, least: int) -> None:
    cases = rows(table)
    wrong = []
    for when, script, owners, dues in cases:
        expected = sorted(zip(owners.split(","), map(date.fromisoformat, dues.split(",")), strict=True))
        found = sorted((owner(one), one.due or date.min) for one in actions(script, *WHEN[when]))
        if found != expected:
            wrong.append(f"{when}: {script}\n    expected {expected}\n    found    {found}")
    print("\n".join(wrong))
    assert len(cases) >= least
    assert len(wrong) <= 0.05 * len(cases), "\n".join(wrong)


@pytest.mark.parametrize(
    ("table", "least"),
    [("data_inversions.txt", 100), ("data_inversions_spoken.txt", 30), ("data_inversions_last.txt", 16)],
)
def test_no_owner_is_inverted_in_any_adversarial_dialogue(table: str, least: int) -> None:
    """Each row says who alone may own something; "none" means that nothing at all was promised."""
    cases = rows(table)
    inverted, missed = [], []
    for script, allowed in cases:
        found = {owner(one) for one in actions(script)}
        may = set(allowed.split(","))
        if not found <= may:
            inverted.append(f"{script}\n    only {allowed}, found {sorted(found)}")
        elif not found and not may & {"none", "-"}:
            missed.append(script)
    print("\n".join(inverted), "\nmissed:\n", "\n".join(missed))
    assert len(cases) >= least
    assert not inverted, "\n".join(inverted)
    assert len(missed) <= 0.15 * len(cases), "\n".join(missed)


@pytest.mark.parametrize(
    "script", ["A: We should update the docs by Friday.", "A: Someone must call the bank tomorrow."]
)
def test_what_nobody_took_stays_unassigned(script: str) -> None:
    (only,) = actions(script)
    assert (only.owner, only.owner_name) == (None, None)
