"""The part of the grammar of dates that names them by the calendar: March 3rd, 3/15, the fifteenth, this quarter."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from parley.recap.calendar_words import AMBIGUOUS_SHORT, MONTHS, number, ordinal
from parley.recap.date_reader import ONE, Period, Reader, bounds
from parley.recap.wordlists import word_set

_AFTER_ORDINAL = word_set(
    "and or so if then please okay for to with in at , . ? ! ; : of i we you it but that's is because thanks "
)
_US = word_set(
    "New_York Detroit Chicago Denver Boise Phoenix Los_Angeles Anchorage Juneau Sitka Metlakatla Yakutat Nome "
    "Adak Honolulu Menominee Louisville Indianapolis "
)


class CalendarDates(Reader):
    """Each method reads one form at a word, after a lead such as "by"; None when it isn't there."""

    def _span(self, unit: str, which: str) -> tuple[date, date] | None:
        """First and last day of this or the next week, month, quarter or year. A week ends on Friday."""
        later = which in ("next", "following", "coming")
        today = self._today
        if unit == "week":
            monday = self._monday() + (7 * ONE if later or today.weekday() > 4 else timedelta())
            return monday, monday + 4 * ONE
        if unit == "month":
            return bounds(today.year, today.month + later)
        if unit == "quarter":
            first = 3 * ((today.month - 1) // 3) + 1 + 3 * later
            return bounds(today.year, first)[0], bounds(today.year, first + 2)[1]
        if unit == "year":
            return date(today.year + later, 1, 1), date(today.year + later, 12, 31)
        return None

    def _unit(self, at: int, lead: str) -> Period | None:
        if self._is(at, "later", "this", "week") or self._is(at, "later", "in", "the", "week"):
            later = self._span("week", "")
            return Period(later[0], later[1], at + 3 + self._is(at, "later", "in"), inclusive=True) if later else None
        week = self._week(at)
        if week is not None:
            monday = week[0]
            if self._is(at, "this", "week"):
                last = self._span("week", "")
                return Period(last[0], last[1], week[1], inclusive=True) if last else None
            return Period(monday, monday + 4 * ONE, week[1])
        if self._word(at) in ("this", "next") and self._word(at + 1) in ("month", "quarter", "year"):
            span = self._span(self._word(at + 1), self._word(at))
            if span:
                return Period(span[0], span[1], at + 2, inclusive=self._word(at) == "this")
        if lead in ("in", "by", "before", "until", "end"):
            return self._quarter(at)
        return None

    def _quarter(self, at: int) -> Period | None:
        word = self._word(at)
        if len(word) == 2 and word[0] == "q" and word[1] in "1234":
            quarter, end = int(word[1]), at + 1
        elif word == "q" and self._word(at + 1) in ("1", "2", "3", "4", "one", "two", "three", "four"):
            named = number(self._words, at + 1)
            quarter, end = (named[0] if named else 1), at + 2
        else:
            return None
        year = self._today.year + (bounds(self._today.year, 3 * quarter)[1] < self._today)
        return Period(bounds(year, 3 * quarter - 2)[0], bounds(year, 3 * quarter)[1], end)

    def _month_day(self, at: int, lead: str) -> Period | None:
        start = at + (1 if self._word(at) == "the" else 0)
        if self._word(start) in MONTHS:
            month = MONTHS[self._word(start)]
            skip = start + 1 + (1 if self._word(start + 1) == "the" else 0)
            day = ordinal(self._words, skip) or number(self._words, skip)
            if day is None or self._word(skip) in ("a", "an", "couple", "few") or not 1 <= day[0] <= 31:
                return None
            return self._dated(month, day[0], day[1])
        day = ordinal(self._words, start) or number(self._words, start)
        if day is None or self._word(start) in ("a", "an") or not 1 <= day[0] <= 31:
            return None
        skip = day[1] + (1 if self._word(day[1]) == "of" else 0)
        if self._word(skip) in MONTHS:
            return self._dated(MONTHS[self._word(skip)], day[0], skip + 1)
        if self._is(skip, "this", "month") or self._is(skip, "next", "month"):
            first, last = bounds(self._today.year, self._today.month + (self._word(skip) == "next"))
            return self._on(first + (day[0] - 1) * ONE, skip + 2) if day[0] <= last.day else None
        return None

    def _dated(self, month: int, day: int, end: int) -> Period | None:
        skip = end + (1 if self._word(end) == "," else 0)
        year = self._word(skip)
        if len(year) == 4 and year.isdigit() and year.startswith("20"):
            return self._exact(int(year), month, day, skip + 1)
        return self._coming(month, day, end)

    def _exact(self, year: int, month: int, day: int, end: int, reading: str = "") -> Period | None:
        try:
            there = date(year, month, day)
        except ValueError:
            return None
        return Period(there, there, end, reading=reading) if there >= self._today else None

    def _coming(self, month: int, day: int, end: int, reading: str = "") -> Period | None:
        for year in range(self._today.year, self._today.year + 9):
            found = self._exact(year, month, day, end, reading)
            if found is not None:
                return found
        return None

    def _coming_month(self, month: int) -> tuple[date, date]:
        year = self._today.year + (month < self._today.month)
        return bounds(year, month)

    def _numeric(self, at: int, lead: str) -> Period | None:
        at += 1 if self._word(at) == "the" else 0
        word = self._word(at)
        parts = word.split("-") if word.count("-") == 2 else word.split("/")
        if not all(part.isdigit() for part in parts):
            return None
        if len(parts) == 3 and len(parts[0]) == 4:
            return self._exact(int(parts[0]), int(parts[1]), int(parts[2]), at + 1)
        if "/" not in word or len(parts) not in (2, 3) or not lead:
            return None
        first, second = int(parts[0]), int(parts[1])
        zone = str(self._said.tzinfo)
        us = zone.startswith("US/") or zone.removeprefix("America/").split("/")[-1] in _US
        month_first = second > 12 or (first <= 12 and us)
        month, day = (first, second) if month_first else (second, first)
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        reading = f"{word} was read as {calendar.month_name[month]} {day}" if first <= 12 and second <= 12 else ""
        if len(parts) == 3:
            year = int(parts[2]) + (2000 if len(parts[2]) == 2 else 0)
            return self._exact(year, month, day, at + 1, reading)
        return self._coming(month, day, at + 1, reading)

    def _day_of_month(self, at: int, lead: str) -> Period | None:
        """The fifteenth."""
        if self._word(at) != "the":
            return None
        day = ordinal(self._words, at + 1)
        if day is None or not 1 <= day[0] <= 31 or (lead not in ("by", "on", "before", "until", "till", "due", "for")):
            return None
        following = self._word(day[1])
        if following and following not in _AFTER_ORDINAL:
            return None
        for ahead in range(13):
            first, last = bounds(self._today.year, self._today.month + ahead)
            if day[0] <= last.day and first + (day[0] - 1) * ONE >= self._today:
                return self._on(first + (day[0] - 1) * ONE, day[1])
        return None

    def _month(self, at: int, lead: str) -> Period | None:
        if lead not in ("in", "by", "before", "until", "till", "during"):
            return None
        start = at + (1 if self._word(at) == "next" else 0)
        if self._word(start) not in MONTHS or (self._word(start) in AMBIGUOUS_SHORT and not self._named(start)):
            return None
        first, last = self._coming_month(MONTHS[self._word(start)])
        if lead in ("by", "before", "until", "till") and first <= self._today:
            first, last = bounds(first.year + 1, first.month)
        return Period(first, last, start + 1, by=first)

    def _named(self, at: int) -> bool:
        return self._capitals[at] or self._word(at + 1) in ("", ".", ",", "?", "!")

    def _feast(self, at: int, lead: str) -> Period | None:
        if self._word(at) == "christmas" and lead:
            return self._coming(12, 24 if self._word(at + 1) == "eve" else 25, at + 1 + (self._word(at + 1) == "eve"))
        start = at + (1 if self._word(at) == "the" else 0)
        if self._is(start, "new", "year") and lead in ("by", "before"):
            return self._coming(1, 1, start + 2)
        return None
