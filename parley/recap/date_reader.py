"""What the grammar of dates is built on: a period of days, and the small parts that many phrases share."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parley.recap.calendar_words import number
from parley.recap.wordlists import word_set

_DAY_PARTS = word_set("morning afternoon evening night noon midday lunch lunchtime breakfast midnight")
ENDS_OF_DAY = {
    "eod": 1,
    "cob": 1,
    "eob": 1,
    "cop": 1,
    "e.o.d.": 1,
    "c.o.b.": 1,
    "e o d": 3,
    "c o b": 3,
    "close of business": 3,
    "close of play": 3,
    "end of business": 3,
    "end of play": 3,
    "the close of business": 4,
    "the end of business": 4,
    "the end of the business day": 6,
    "end of business day": 4,
    "the end of the working day": 6,
    "close of the day": 4,
    "end of the day": 4,
    "end of day": 3,
    "the end of the day": 5,
    "the end of day": 4,
    "day's end": 2,
    "the end of today": 4,
    "end of today": 3,
    "the end of the work day": 6,
    "the end of the workday": 5,
}
_UNITS = {
    "minute": 0,
    "minutes": 0,
    "hour": 0,
    "hours": 0,
    "day": 1,
    "days": 1,
    "night": 1,
    "nights": 1,
    "week": 7,
    "weeks": 7,
    "fortnight": 14,
    "fortnights": 14,
    "month": 30,
    "months": 30,
    "year": 365,
    "years": 365,
    "weeks'": 7,
    "week's": 7,
    "days'": 1,
    "day's": 1,
    "months'": 30,
    "month's": 30,
    "sprint": -1,
}
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from first to last, said by the words up to `end`.

    inclusive: "before" it still allows it. eve: the day that "before" and "by" it mean instead. by: the day that
    "by" it means. deadline: the words alone say that it is one. name: a bare weekday, as in "the Friday report".
    length: a stretch of time counted from now.
    """

    first: date
    last: date
    end: int
    inclusive: bool = False
    eve: date | None = None
    by: date | None = None
    deadline: bool = False
    name: bool = False
    length: bool = False
    reading: str = ""


class Reader:
    """Reads parts of periods among words. said is the moment of speaking in the speaker's zone."""

    def __init__(self, words: Sequence[str], said: datetime, capitals: Sequence[bool]) -> None:
        self._words = list(words)
        self._said = said
        self._today = said.date()
        self._capitals = capitals

    def _is(self, at: int, *words: str) -> bool:
        return at >= 0 and self._words[at : at + len(words)] == list(words)

    def _word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else ""

    def _on(self, day: date, end: int, **more: bool) -> Period:
        return Period(day, day, end, **more)  # type: ignore[arg-type]

    def _skip_part(self, at: int) -> int:
        """Past "morning", "at noon", "at 5 pm", "first thing", "end of day" behind a day."""
        while True:
            start = at
            if self._word(at) in _DAY_PARTS:
                at += 1
            for phrase in ("first thing", "in the morning", "in the afternoon", "at the latest by"):
                if self._is(at, *phrase.split()) and phrase != "at the latest by":
                    at += len(phrase.split())
            for phrase, size in ENDS_OF_DAY.items():
                lead = 1 if self._word(at) in ("by", "before") else 0
                if self._is(at + lead, *phrase.split()) and phrase != "day's end":
                    at += lead + size
                    break
            if self._word(at) in ("at", "by", "before", "around"):
                clock = self._clock_end(at + 1)
                if clock is not None:
                    at = clock
            elif self._word(at).isdigit() and self._word(at + 1) in ("am", "pm", "a.m.", "p.m."):
                at += 2
            if at == start:
                return at

    def _monday(self) -> date:
        return self._today - self._today.weekday() * ONE

    def _week(self, at: int) -> tuple[date, int] | None:
        """The Monday of the week that is named here, and where the words end."""
        if self._is(at, "next", "week"):
            return self._monday() + 7 * ONE, at + 2
        if self._is(at, "this", "week"):
            return self._monday(), at + 2
        start = at + (1 if self._word(at) == "the" else 0)
        if self._is(start, "week", "after", "next"):
            return self._monday() + 14 * ONE, start + 3
        if self._is(start, "following", "week") or self._is(start, "coming", "week"):
            return self._monday() + 7 * ONE, start + 2
        return None

    def _length(self, at: int) -> tuple[int, int, int, int] | None:
        """How long, and where it ends: working days, days, months, end. "two to three weeks" is the longer."""
        if self._is(at, "half", "an", "hour") or self._is(at, "half", "a", "day"):
            return 0, 0, 0, at + 3
        if self._is(at, "an", "hour", "or", "two"):
            return 0, 0, 0, at + 4
        count = number(self._words, at)
        amount, end = count if count else (1, at)
        if count and self._word(end) in ("to", "or"):
            more = number(self._words, end + 1)
            if more and more[0] > amount:
                amount, end = more
        working = self._word(end) in ("business", "working", "work", "week")
        if working and self._word(end + 1) in ("day", "days", "days'"):
            return amount, 0, 0, end + 2
        if self._word(end) in ("more", "full", "short"):
            end += 1
        unit = self._word(end)
        if unit not in _UNITS or (count is None and unit not in ("fortnight",)):
            return None
        end += 1
        if self._is(end, "or", "two"):
            amount, end = amount + 1, end + 2
        size = _UNITS[unit]
        if unit.startswith("minute"):
            return None  # "in a minute" is now
        if size == 0:
            later = self._said + timedelta(**{"hours" if unit.startswith("hour") else "minutes": amount})
            return 0, (later.date() - self._today).days, 0, end
        if size == 30:
            return 0, 0, amount, end
        if size == 365:
            return 0, 0, 12 * amount, end
        if size < 0:
            return None
        if self._word(end) in ("time", "time's"):
            end += 1
        return 0, size * amount, 0, end

    def _after(self, start: date, length: tuple[int, int, int, int]) -> date:
        working, days, months, _ = length
        day = start
        while working:
            day += ONE
            working -= day.weekday() < 5
        if months:
            first, last = bounds(day.year, day.month + months)
            day = min(last, first + (day.day - 1) * ONE)
        return day + days * ONE

    def _clock_end(self, at: int) -> int | None:
        word = self._word(at)
        if word in ("noon", "midday", "lunch", "lunchtime", "midnight"):
            return at + 1
        if self._is(at, "half", "past") or self._is(at, "quarter", "past") or self._is(at, "quarter", "to"):
            hour = number(self._words, at + 2)
            return hour[1] if hour and 1 <= hour[0] <= 12 else None
        if ":" in word and word.replace(":", "").isdigit():
            return at + (2 if self._word(at + 1) in ("am", "pm", "a.m.", "p.m.") else 1)
        if word[:-2].isdigit() and word[-2:] in ("am", "pm"):
            return at + 1
        hour = number(self._words, at)
        if hour is None or not 1 <= hour[0] <= 23 or word in ("a", "an", "couple", "few"):
            return None
        end = hour[1]
        if self._word(end) in ("am", "pm", "a.m.", "p.m.", "o'clock"):
            return end + 1
        if self._is(end, "o", "clock") or self._is(end, "p", "m") or self._is(end, "a", "m"):
            return end + 2
        if self._word(at - 1) in ("by", "before", "at") and (end >= len(self._words) or self._word(end) in ".,?!;"):
            return end
        return None

    def _hour(self, at: int, end: int) -> int:
        word = self._word(at)
        named = {"noon": 12, "midday": 12, "lunch": 13, "lunchtime": 13, "midnight": 24}.get(word)
        if named is not None:
            return named
        spelled = number(self._words, at + (2 if word in ("half", "quarter") else 0))
        digits = word.split(":")[0].rstrip("apm.")
        hour = int(digits) if digits.isdigit() else (spelled[0] if spelled else 24)
        rest = " ".join(self._words[at:end])
        afternoon = "pm" in rest or "p.m." in rest or rest.endswith("p m")
        morning = "am" in rest or "a.m." in rest or rest.endswith("a m")
        if (hour < 12 and (afternoon or (not morning and hour < 8))) or (
            hour < 12 and not morning and not afternoon and hour <= self._said.hour
        ):
            hour += 12
        return hour


def bounds(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month; months beyond December run on into the years after."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
