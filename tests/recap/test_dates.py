"""Due dates as people say them, relative to a Wednesday, 4 March 2026, ten in the morning in London."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recap.dates import find_due
from parley.recap.tokens import tokenize

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/London"))
SAID = """\
tonight = 2026-03-04
by friday = 2026-03-06
by wednesday = 2026-03-11
this friday = 2026-03-06
next friday = 2026-03-13
before monday = 2026-03-08
before the weekend = 2026-03-06
over the weekend = 2026-03-08
by eod = 2026-03-04
by e o d thursday = 2026-03-05
by close of business tomorrow = 2026-03-05
by end of the week = 2026-03-06
by the end of next week = 2026-03-13
end of next month = 2026-04-30
by month end = 2026-03-31
end of this quarter = 2026-03-31
by the end of march = 2026-03-31
early next week = 2026-03-10
the week after next = 2026-03-20
by Tuesday of next week = 2026-03-10
next week on Tuesday = 2026-03-10
Friday week = 2026-03-13
a week from Friday = 2026-03-13
a week on Tuesday = 2026-03-17
three weeks from tomorrow = 2026-03-26
in a fortnight = 2026-03-18
in two weeks' time = 2026-03-18
in six weeks = 2026-04-15
in 3 months = 2026-06-04
within three business days = 2026-03-09
within 48 hours = 2026-03-06
in a couple of days = 2026-03-06
the day after tomorrow = 2026-03-06
first thing tomorrow = 2026-03-05
first thing in the morning = 2026-03-05
by noon = 2026-03-04
by 9 am = 2026-03-05
by 5 = 2026-03-04
tomorrow by noon = 2026-03-05
on the fifteenth = 2026-03-15
by the third = 2026-04-03
by the 31st = 2026-03-31
by March 3rd = 2027-03-03
the twenty first of march = 2026-03-21
Monday the 16th = 2026-03-16
2026-03-20 = 2026-03-20
by 3/15 = 2026-03-15
by 15/3 = 2026-03-15
by 5/3 = 2026-03-05
before tomorrow's standup = 2026-03-05
no later than Friday = 2026-03-06
Friday at the latest = 2026-03-06
by Thursday, no, Friday = 2026-03-06
by Friday so that we can discuss it on Monday = 2026-03-06
the Friday report by Monday = 2026-03-09
by april = 2026-04-01
before april = 2026-03-31
yesterday = none
last friday = none
in the first week of april = 2026-04-03
by the last friday of the month = 2026-03-27
by the second tuesday in april = 2026-04-14
on the last working day of the month = 2026-03-31
next month, on the 8th = 2026-04-08
next week, probably tuesday = 2026-03-10
this time next week = 2026-03-11
a week tomorrow = 2026-03-12
over the next week = 2026-03-11
within the fortnight = 2026-03-18
before the month is out = 2026-03-31
by close of business on the 9th = 2026-03-09
by half past four = 2026-03-04
by the 4/6 = 2026-06-04
two days ago = none
in the last week = none
five by ten = none
since monday = none
after monday = none
every friday = none
not before friday = none
for the friday demo = none
on the first try = none
by the second week = none
in a minute = none
at the end of the day it matters = none
for two weeks now = none"""


@pytest.mark.parametrize("line", SAID.splitlines())
def test_a_date_is_what_was_meant(line: str) -> None:
    said, expected = line.split(" = ")
    due = find_due(tokenize(f"I will do it {said}."), NOW)
    assert (due.date.isoformat() if due else "none") == expected


def test_the_words_of_a_date_are_kept_as_they_were_said() -> None:
    due = find_due(tokenize("I'll send it to Ben by the end of the month, okay?"), NOW)
    assert due is not None
    assert due.words == "by the end of the month"


@pytest.mark.parametrize(
    ("zone", "expected"), [("America/New_York", date(2026, 3, 12)), ("Europe/London", date(2026, 12, 3))]
)
def test_a_numeric_date_that_can_be_read_in_two_ways_says_how_it_was_read(zone: str, expected: date) -> None:
    due = find_due(tokenize("I'll send it by 3/12."), NOW.astimezone(ZoneInfo(zone)))
    assert due is not None
    assert due.date == expected
    assert due.reading.startswith("3/12 was read as ")


def test_an_hour_that_has_passed_is_the_next_day_s() -> None:
    late = NOW.replace(hour=15)
    due = find_due(tokenize("I'll send it by noon."), late)
    assert due is not None
    assert due.date == date(2026, 3, 5)


WORDS = SAID.replace("=", " ").split() + "the of next end week may march second 31st 99 0 13/13 a an".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.integers(0, 20_000))
def test_no_words_break_the_grammar_and_no_date_lies_in_the_past(words: list[str], days: int) -> None:
    said = datetime(2024, 1, 1, 9, tzinfo=ZoneInfo("Pacific/Auckland")) + timedelta(days=days)
    due = find_due(tokenize(" ".join(words)), said)
    assert due is None or due.words
    if due is not None and not any(word in ("week", "before", "mid", "weekend", "quarter", "month") for word in words):
        assert due.date >= said.date()
