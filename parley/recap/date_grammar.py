"""The grammar of periods: which days the phrase means that begins at a given word (dates.py uses it).

Four files share it: what the calendar names (date_calendar.py), single days (date_days.py), what is counted within a
month (date_nth.py), and here stretches, their parts and ends, lengths of time, hours, and the order of all forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from parley.recap.calendar_words import MONTHS
from parley.recap.date_nth import CountedDates
from parley.recap.date_reader import ONE, Period

_ONE_OF = {"week": (0, 7, 0, 0), "fortnight": (0, 14, 0, 0), "month": (0, 0, 1, 0)}
"""One of each as _length() has it."""
_SHORT_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}


class Grammar(CountedDates):
    """Reads periods among words."""

    def period(self, at: int, lead: str) -> Period | None:
        """The period that begins at `at` after the word `lead`, the longest reading first."""
        rules: tuple[Callable[[int, str], Period | None], ...] = (
            self._nth,
            self._month_then_day,
            self._when_out,
            self._end_of_day,
            self._end_of,
            self._part_of,
            self._day_after,
            self._first_thing,
            self._numeric,
            self._month_day,
            self._from,
            self._within,
            self._weekday,
            self._near_day,
            self._weekend,
            self._unit,
            self._day_of_month,
            self._month,
            self._clock,
            self._feast,
        )
        for rule in rules:
            found = rule(at, lead)
            if found is not None:
                return found
        return None

    def _end_of(self, at: int, lead: str) -> Period | None:
        if self._word(at + 1) == "end" and self._word(at) in ("week's", "month's", "quarter's", "year's"):
            span = self._span(self._word(at)[:-2], "")
            return self._on(span[1], at + 2, inclusive=True, deadline=True) if span else None
        if self._word(at) in _SHORT_ENDS:
            span = self._span(_SHORT_ENDS[self._word(at)], "")
            return self._on(span[1], at + 1, inclusive=True, deadline=True) if span else None
        start = at + (1 if self._word(at) in ("the", "a") else 0)
        start += 1 if self._word(start) in ("very",) else 0
        if self._word(start) in ("month", "year", "week", "quarter") and self._is(start + 1, "end"):
            span = self._span(self._word(start), "")
            return self._on(span[1], start + 2, inclusive=True, deadline=True) if span else None
        if self._word(start) in ("month-end", "year-end", "week-end", "quarter-end"):
            span = self._span(self._word(start)[:-4], "")
            return self._on(span[1], start + 1, inclusive=True, deadline=True) if span else None
        if not (self._is(start, "end", "of") or self._is(start, "close", "of")):
            return None
        start += 2
        week = self._week(start)
        if week is not None:
            monday = week[0] + (
                7 * ONE if self._is(start, "this", "week") and self._today.weekday() > 4 else timedelta()
            )
            return self._on(monday + 4 * ONE, week[1], inclusive=True, deadline=True)
        which = ""
        while self._word(start) in ("the", "this", "next", "following", "coming", "our", "current"):
            which = self._word(start)
            start += 1
        span = self._span(self._word(start), which)
        if span is not None:
            return self._on(span[1], start + 1, inclusive=True, deadline=True)
        quarter = self._quarter(start)
        if quarter is not None:
            return replace(quarter, first=quarter.last, inclusive=True, deadline=True)
        if self._word(start) in MONTHS:
            _, last = self._coming_month(MONTHS[self._word(start)])
            return self._on(last, start + 1, inclusive=True, deadline=True)
        day = self._weekday(start, "on") or self._near_day(start, "")
        return replace(day, inclusive=True, deadline=True, name=False) if day else None

    def _part_of(self, at: int, lead: str) -> Period | None:
        """Early, mid and late next week or in a month."""
        start = at + (1 if self._word(at) == "the" else 0)
        part = self._word(start)
        if part in ("beginning", "start", "middle") and self._word(start + 1) == "of":
            start += 2
        elif part in ("early", "mid", "late", "mid-week", "midweek"):
            start += 1
            start += 1 if self._word(start) in ("in", "on") else 0
        else:
            return None
        if part in ("mid-week", "midweek"):
            day = self._monday() + 2 * ONE + (7 * ONE if self._today.weekday() >= 2 else timedelta())
            return self._on(day, start)
        week = self._week(start)
        if week is not None:
            offset = {"beginning": 0, "start": 0, "early": 1, "middle": 2, "mid": 2, "late": 4}[part]
            return self._on(week[0] + offset * ONE, week[1])
        which = ""
        while self._word(start) in ("the", "this", "next"):
            which = self._word(start)
            start += 1
        if self._word(start) in MONTHS:
            first, last = self._coming_month(MONTHS[self._word(start)])
        elif self._word(start) in ("week", "month", "year", "quarter"):
            span = self._span(self._word(start), which)
            if span is None:
                return None
            first, last = span
            if self._word(start) == "week":
                last = first + 4 * ONE
        else:
            return None
        if part in ("beginning", "start", "early"):
            day = first
        elif part == "late":
            day = last
        else:
            day = first + 14 * ONE if (last - first).days > 20 else first + 2 * ONE
        return self._on(day, start + 1)

    def _within(self, at: int, lead: str) -> Period | None:
        """In two weeks, within three days, over the next few days."""
        start = at
        if lead not in ("in", "over", "by"):
            if self._word(at) not in ("within", "inside"):
                return None
            start = at + 1
        deadline = start > at
        for word, one in _ONE_OF.items():
            if self._is(start, "the", "next", word) and lead in ("over", "in", "within"):
                return self._on(self._after(self._today, one), start + 3, length=True)
            if deadline and (self._is(start, "the", word) or self._is(start, "a", word)):
                return self._on(self._after(self._today, one), start + 2, length=True, deadline=True)
        if self._is(start, "the", "hour") and deadline:
            return self._on(self._today, start + 2, length=True, deadline=True)
        if self._is(start, "the", "day") and deadline:
            return self._on(self._today, start + 2, length=True, deadline=True)
        for skip in (("the", "next"), ("the", "coming"), ("about",), ("next",), ("under",), ("less", "than")):
            if self._is(start, *skip):
                start += len(skip)
                break
        else:
            if lead in ("over", "by"):
                return None
        length = self._length(start)
        if length is None:
            return None
        return Period(self._today, self._after(self._today, length), length[3], length=True, deadline=deadline)

    def _from(self, at: int, lead: str) -> Period | None:
        """A week from Friday, two weeks from now, a week on Tuesday."""
        length = self._length(at)
        if length is not None and length[1] and self._word(length[3]) in ("tomorrow", "today"):
            ahead = ONE if self._word(length[3]) == "tomorrow" else timedelta()
            return self._on(self._after(self._today + ahead, length), length[3] + 1)
        if length is None or self._word(length[3]) not in ("from", "on", "after", "out", "hence"):
            return None
        end = length[3] + 1
        if self._word(end - 1) in ("out", "hence"):
            return self._on(self._after(self._today, length), end)
        if self._word(end - 1) == "from" and self._word(end) in ("now", "today"):
            return self._on(self._after(self._today, length), end + 1, deadline=lead == "by")
        day = self._weekday(end, "on") or self._near_day(end, "") or self._month_day(end, "on")
        if day is None or (self._word(end - 1) == "on" and length[1] % 7):
            return None
        day = replace(day, first=self._after(day.first, length), last=self._after(day.first, length))
        return replace(day, name=False, inclusive=False)

    def _clock(self, at: int, lead: str) -> Period | None:
        """By noon, before 5 pm: today, or tomorrow when that hour has passed; a day behind it counts first."""
        if lead not in ("by", "before", "until", "till", "at"):
            return None
        end = self._clock_end(at)
        if end is None:
            return None
        skip = end + (1 if self._word(end) in ("on", ",") else 0)
        day = self._near_day(skip, "") or self._weekday(skip, "on") or self._month_day(skip, "on")
        if day is not None:
            return replace(day, inclusive=True, deadline=True, name=False)
        if lead == "at":
            return None
        hour = self._hour(at, end)
        passed = hour <= self._said.hour
        return self._on(self._today + (ONE if passed else timedelta()), end, inclusive=True, deadline=True)
