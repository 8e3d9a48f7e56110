"""The part of the grammar of dates that counts within a month: its last Friday, its first week, its second Tuesday."""

from __future__ import annotations

from datetime import date, timedelta

from parley.recap.calendar_words import MONTHS, WEEKDAYS, ordinal
from parley.recap.date_days import DayDates
from parley.recap.date_reader import ONE, Period, bounds


class CountedDates(DayDates):
    """Each method reads one form at a word, after a lead such as "by"; None when it isn't there."""

    def _nth(self, at: int, lead: str) -> Period | None:
        """The last day of, the second Tuesday in, the first week of a month."""
        start = at + (1 if self._word(at) == "the" else 0)
        counted = (-1, start + 1) if self._word(start) == "last" else ordinal(self._words, start)
        if counted is None:
            return None
        count, skip = counted
        unit = self._word(skip)
        working = unit in ("working", "business")
        unit = self._word(skip + working)
        skip += 1 + working
        if self._word(skip) not in ("of", "in") or (unit not in ("day", "week") and unit not in WEEKDAYS):
            return None
        month = self._which_month(skip + 1)
        if month is None:
            return None
        first, last, end = month
        if unit == "week":
            friday = _friday(first if count > 0 else last)
            day = min(last, friday + 7 * (count - 1) * ONE) if count > 0 else min(last, friday)
        else:
            days = [one for one in _days(first, last) if _fits(one, unit, working)]
            if not -1 <= count - (count > 0) < len(days):
                return None
            day = days[count - 1 if count > 0 else -1]
        return Period(day, day, end) if day >= self._today else None

    def _which_month(self, at: int) -> tuple[date, date, int] | None:
        """The month that is named here: April, the month, next month; first and last day, and where the words end."""
        start = at + (1 if self._word(at) == "the" else 0)
        if self._word(start) in MONTHS:
            return (*self._coming_month(MONTHS[self._word(start)]), start + 1)
        later = self._word(start) in ("next", "following", "coming")
        start += 1 if later or self._word(start) == "this" else 0
        if self._word(start) != "month":
            return None
        return (*bounds(self._today.year, self._today.month + later), start + 1)

    def _month_then_day(self, at: int, lead: str) -> Period | None:
        """Next month, on the 8th."""
        if not self._is(at, "next", "month"):
            return None
        start = at + 2
        while self._word(start) in (",", "on", "the", "say", "maybe", "probably"):
            start += 1
        day = ordinal(self._words, start) if start > at + 2 else None
        first, last = bounds(self._today.year, self._today.month + 1)
        return self._on(first + (day[0] - 1) * ONE, day[1]) if day and day[0] <= last.day else None

    def _when_out(self, at: int, lead: str) -> Period | None:
        """Before the month is out."""
        start = at + (1 if self._word(at) in ("the", "this") else 0)
        if lead != "before" or self._word(start + 1) not in ("is", "ends"):
            return None
        end = start + 2 + (self._word(start + 1) == "is")
        if self._word(start + 1) == "is" and self._word(start + 2) not in ("out", "over", "up", "through", "done"):
            return None
        if self._word(start) == "day":
            return self._on(self._today, end, inclusive=True, deadline=True)
        span = self._span(self._word(start), "")
        return self._on(span[1], end, inclusive=True, deadline=True) if span else None


def _friday(day: date) -> date:
    """The Friday of the working week that this day is in, or that comes after the weekend it is in."""
    return day + (4 - day.weekday() if day.weekday() <= 4 else 11 - day.weekday()) * ONE


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=one) for one in range((last - first).days + 1)]


def _fits(day: date, unit: str, working: bool) -> bool:
    return (day.weekday() == WEEKDAYS[unit]) if unit in WEEKDAYS else (not working or day.weekday() < 5)
