"""The grammar of periods: which days a phrase means that begins at a given word. See dates.py for what becomes of them."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from parley.recap.calendar_words import AMBIGUOUS_SHORT, MONTHS, WEEKDAYS, number, ordinal
from parley.recap.wordlists import word_set

_DAY_PARTS = word_set("morning afternoon evening night noon midday lunch lunchtime breakfast midnight")
_ENDS_OF_DAY = {
    "eod": 1, "cob": 1, "eob": 1, "cop": 1, "e.o.d.": 1, "c.o.b.": 1, "e o d": 3, "c o b": 3, "close of business": 3,
    "close of play": 3, "end of business": 3, "end of play": 3, "the close of business": 4, "the end of business": 4,
    "the end of the business day": 6, "end of business day": 4, "the end of the working day": 6, "close of the day": 4,
    "end of the day": 4, "end of day": 3, "the end of the day": 5, "the end of day": 4, "day's end": 2,
    "the end of today": 4, "end of today": 3, "the end of the work day": 6, "the end of the workday": 5,
}  # fmt: skip
_ENDS_BY_LENGTH = sorted(_ENDS_OF_DAY.items(), key=lambda item: -item[1])
_ENDS_BEGIN = frozenset(phrase.split()[0] for phrase in _ENDS_OF_DAY)
_SHORT_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_UNITS = {
    "minute": 0, "minutes": 0, "hour": 0, "hours": 0, "day": 1, "days": 1, "night": 1, "nights": 1, "week": 7,
    "weeks": 7, "fortnight": 14, "fortnights": 14, "month": 30, "months": 30, "year": 365, "years": 365, "weeks'": 7,
    "week's": 7, "days'": 1, "day's": 1, "months'": 30, "month's": 30, "sprint": -1,
}  # fmt: skip
_AFTER_ORDINAL = word_set(
    "and or so if then please okay for to with in at , . ? ! ; : of i we you it but that's is because thanks "
)
_US = word_set(
    "New_York Detroit Chicago Denver Boise Phoenix Los_Angeles Anchorage Juneau Sitka Metlakatla Yakutat Nome "
    "Adak Honolulu Menominee Louisville Indianapolis "
)
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from first to last, said by the words up to `end`.

    inclusive: "before" it still allows it. eve: the day that "before" and "by" it mean instead. by: the day that "by" it
    means. deadline: the words alone say that it is one. name: a bare weekday, which "the Friday report" has too.
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


class Grammar:
    """Reads periods among words. said is the moment of speaking in the speaker's zone."""

    def __init__(self, words: Sequence[str], said: datetime, capitals: Sequence[bool]) -> None:
        self._words = list(words)
        self._said = said
        self._today = said.date()
        self._capitals = capitals

    def period(self, at: int, lead: str) -> Period | None:
        """The period that begins at `at` after the word `lead`, the longest reading first."""
        rules: tuple[Callable[[int, str], Period | None], ...] = (
            self._end_of_day, self._end_of, self._part_of, self._day_after, self._first_thing, self._numeric,
            self._month_day, self._from, self._within, self._weekday, self._near_day, self._weekend, self._unit,
            self._day_of_month, self._month, self._clock, self._feast,
        )  # fmt: skip
        for rule in rules:
            found = rule(at, lead)
            if found is not None:
                return found
        return None

    # --- helpers ---

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
            for phrase, size in _ENDS_OF_DAY.items():
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

    # --- days ---

    def _near_day(self, at: int, lead: str) -> Period | None:
        word = self._word(at)
        owned = word.endswith("'s")
        plain = word.removesuffix("'s")
        if plain in ("today", "tonight", "tonite"):
            return self._on(self._today, self._skip_part(at + 1), inclusive=True)
        if plain in ("tomorrow", "tmrw", "tomorow"):
            day = self._today + ONE
            if owned:
                return Period(day, day, at + 2 if self._word(at + 1) else at + 1, inclusive=True)
            end = self._skip_part(at + 1)
            return Period(day, day, end, inclusive=end > at + 1 or lead != "before")
        if word == "this" and self._word(at + 1) in ("morning", "afternoon", "evening"):
            return self._on(self._today, at + 2, inclusive=True)
        if self._is(at, "later", "today") or self._is(at, "later", "on", "today"):
            return self._on(self._today, at + self._words[at:].index("today") + 1, inclusive=True)
        for phrase in (
            "after the meeting",
            "after this meeting",
            "after the call",
            "after this call",
            "after we finish",
        ):
            if self._is(at, *phrase.split()) and self._word(at - 1) in ("right", "straight", "just", "directly"):
                return self._on(self._today, at + 3, inclusive=True)
        return None

    def _end_of_day(self, at: int, lead: str) -> Period | None:
        if self._word(at) not in _ENDS_BEGIN:
            return None
        for phrase, size in _ENDS_BY_LENGTH:
            if not self._is(at, *phrase.split()):
                continue
            if lead == "at" and phrase.endswith("end of the day"):
                return None  # an idiom: "at the end of the day, it's about people"
            if not lead and phrase == "end of the day" and self._is(at - 2, "at", "the"):
                return None
            end = at + size
            skip = end + (1 if self._word(end) in ("on", "of", "by", ",") else 0)
            day = self._weekday(skip, "") or self._near_day(skip, "") or self._month_day(skip, "on")
            if day is not None:
                return replace(day, inclusive=True, deadline=True, name=False, eve=None, by=None)
            return self._on(self._today, end, inclusive=True, deadline=True)
        return None

    def _day_after(self, at: int, lead: str) -> Period | None:
        start = at + (1 if self._word(at) == "the" else 0)
        if self._is(start, "day", "after", "tomorrow"):
            return self._on(self._today + 2 * ONE, self._skip_part(start + 3))
        if self._is(start, "overmorrow"):
            return self._on(self._today + 2 * ONE, start + 1)
        return None

    def _first_thing(self, at: int, lead: str) -> Period | None:
        if not self._is(at, "first", "thing"):
            return None
        start = at + 2
        if self._is(start, "in", "the", "morning"):
            start += 3
        skip = start + (1 if self._word(start) in ("on", "in") else 0)
        day = self._weekday(skip, "on") or self._near_day(skip, "") or self._unit(skip, "first")
        if day is not None:
            return replace(day, last=day.first, inclusive=True, name=False)
        return self._on(self._today + ONE, start, inclusive=True)

    def _weekday(self, at: int, lead: str) -> Period | None:
        start, which = at, ""
        while self._word(start) in ("this", "next", "coming", "the", "following", "upcoming"):
            which = which + " " + self._word(start) if which else self._word(start)
            start += 1
        week = self._week(at)
        if not which and week is not None and week[1] > at:
            start = week[1] + (1 if self._word(week[1]) == "on" else 0)
        word = self._word(start)
        owned = word.endswith("'s")
        word = word.removesuffix("'s")
        if word not in WEEKDAYS:
            if week is None or which in ("", "the"):
                return None
            start = week[1] + (1 if self._word(week[1]) == "on" else 0)
            if self._word(start) not in WEEKDAYS:
                return None
            day = week[0] + WEEKDAYS[self._word(start)] * ONE
            return self._on(day, self._skip_part(start + 1))
        if word in AMBIGUOUS_SHORT and not (lead and self._short_name(start)):
            return None
        target = WEEKDAYS[word]
        end = start + 1
        if not which and week is not None and week[1] > at:
            return self._on(week[0] + target * ONE, self._skip_part(end))
        ahead = (target - self._today.weekday()) % 7
        day = self._today + (ahead or 7) * ONE
        if which.startswith("this") and ahead == 0:
            day = self._today
        if which.startswith("next") or which == "the following":
            day = self._monday() + 7 * ONE + target * ONE
        if owned:
            if not lead:
                return None
            return Period(day, day, end + 1 if self._word(end) else end, inclusive=True)
        end = self._skip_part(end)
        skip = end + (1 if self._word(end) in ("of", "in", ",", "on") else 0)
        week = self._week(skip)
        if week is not None and not which:
            return self._on(week[0] + target * ONE, self._skip_part(week[1]))
        if self._is(end, "after", "next"):
            return self._on(day + 7 * ONE, end + 2)
        if self._word(end) == "week" and not which and self._word(end + 1) not in WEEKDAYS:
            return self._on(day + 7 * ONE, end + 1)
        exact = self._month_day(skip, "on") or self._day_of_month(skip, "on")
        if exact is not None and exact.first.weekday() == target:
            return exact
        bare = not which or which == "the"
        if bare and (lead in ("", "the") or which == "the") and self._noun_follows(end):
            return None  # "the Friday report"
        return Period(day, day, end, name=bare)

    def _short_name(self, at: int) -> bool:
        return self._capitals[at] or self._word(at) in ("fri", "mon")

    def _noun_follows(self, at: int) -> bool:
        word = self._word(at)
        return self._word(at - 2) in ("the", "our", "my", "your", "that") and word.isalpha() and word not in (
            "and", "or", "so", "if", "then", "please", "okay", "for", "to", "with", "in", "at", "but", "is", "when", "would"
        )  # fmt: skip

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

    def _weekend(self, at: int, lead: str) -> Period | None:
        start, later = at, False
        while self._word(start) in ("the", "this", "next", "coming"):
            later |= self._word(start) == "next"
            start += 1
        if self._word(start) not in ("weekend", "weekends") or (start == at and not lead):
            return None
        saturday = self._monday() + 5 * ONE + (7 * ONE if later else timedelta())
        if self._today > saturday + ONE:
            saturday += 7 * ONE
        return Period(saturday, saturday + ONE, start + 1, eve=saturday - ONE)

    # --- stretches ---

    def _span(self, unit: str, which: str) -> tuple[date, date] | None:
        """First and last day of this or the next week, month, quarter or year. A week ends on Friday."""
        later = which in ("next", "following", "coming")
        today = self._today
        if unit == "week":
            monday = self._monday() + (7 * ONE if later or today.weekday() > 4 else timedelta())
            return monday, monday + 4 * ONE
        if unit == "month":
            return _month(today.year, today.month + later)
        if unit == "quarter":
            first = 3 * ((today.month - 1) // 3) + 1 + 3 * later
            return _month(today.year, first)[0], _month(today.year, first + 2)[1]
        if unit == "year":
            return date(today.year + later, 1, 1), date(today.year + later, 12, 31)
        return None

    def _end_of(self, at: int, lead: str) -> Period | None:
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
            first, last = self._coming_month(MONTHS[self._word(start)])
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

    def _unit(self, at: int, lead: str) -> Period | None:
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
        year = self._today.year + (_month(self._today.year, 3 * quarter)[1] < self._today)
        return Period(_month(year, 3 * quarter - 2)[0], _month(year, 3 * quarter)[1], end)

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
            first, last = _month(day.year, day.month + months)
            day = min(last, first + (day.day - 1) * ONE)
        return day + days * ONE

    def _within(self, at: int, lead: str) -> Period | None:
        """In two weeks, within three days, over the next few days."""
        start = at
        if lead not in ("in", "over", "by"):
            if self._word(at) not in ("within", "inside"):
                return None
            start = at + 1
        deadline = start > at
        if self._is(start, "the", "week") and deadline:
            return self._on(self._today + 7 * ONE, start + 2, length=True, deadline=True)
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

    # --- dates ---

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
            first, last = _month(self._today.year, self._today.month + (self._word(skip) == "next"))
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
        return _month(year, month)

    def _numeric(self, at: int, lead: str) -> Period | None:
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
            first, last = _month(self._today.year, self._today.month + ahead)
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
            first, last = _month(first.year + 1, first.month)
        return Period(first, last, start + 1, by=first)

    def _named(self, at: int) -> bool:
        return self._capitals[at] or self._word(at + 1) in ("", ".", ",", "?", "!")

    # --- times of the day ---

    def _clock_end(self, at: int) -> int | None:
        word = self._word(at)
        if word in ("noon", "midday", "lunch", "lunchtime", "midnight"):
            return at + 1
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

    def _hour(self, at: int, end: int) -> int:
        word = self._word(at)
        named = {"noon": 12, "midday": 12, "lunch": 13, "lunchtime": 13, "midnight": 24}.get(word)
        if named is not None:
            return named
        spelled = number(self._words, at)
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

    def _feast(self, at: int, lead: str) -> Period | None:
        if self._word(at) == "christmas" and lead:
            return self._coming(12, 24 if self._word(at + 1) == "eve" else 25, at + 1 + (self._word(at + 1) == "eve"))
        start = at + (1 if self._word(at) == "the" else 0)
        if self._is(start, "new", "year") and lead in ("by", "before"):
            return self._coming(1, 1, start + 2)
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month; months beyond December run on into the years after."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
