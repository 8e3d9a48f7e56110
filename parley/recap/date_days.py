"""The part of the grammar of dates that names a day by itself: tomorrow, this Friday, first thing in the morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from parley.recap.calendar_words import AMBIGUOUS_SHORT, WEEKDAYS
from parley.recap.date_calendar import CalendarDates
from parley.recap.date_reader import ENDS_OF_DAY, ONE, Period

_ENDS_BY_LENGTH = sorted(ENDS_OF_DAY.items(), key=lambda item: -item[1])
_ENDS_BEGIN = frozenset(phrase.split()[0] for phrase in ENDS_OF_DAY)


class DayDates(CalendarDates):
    """Each method reads one form at a word, after a lead such as "by"; None when it isn't there."""

    def _end_of_day(self, at: int, lead: str) -> Period | None:
        if self._word(at) not in _ENDS_BEGIN:
            return None
        for phrase, size in _ENDS_BY_LENGTH:
            if not self._is(at, *phrase.split()):
                continue
            if lead == "at" and phrase.endswith("end of the day"):
                return None  # an idiom: "at the end of the day, it's about people"
            if not lead and phrase.endswith("end of the day") and "at" in (self._word(at - 1), self._word(at - 2)):
                return None
            end = at + size
            skip = end + (1 if self._word(end) in ("on", "of", "by", ",") else 0)
            day = self._weekday(skip, "") or self._near_day(skip, "") or self._month_day(skip, "on")
            day = day or self._day_of_month(skip, "on")
            if day is not None:
                return replace(day, inclusive=True, deadline=True, name=False, eve=None, by=None)
            return self._on(self._today, end, inclusive=True, deadline=True)
        return None

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

    def _day_after(self, at: int, lead: str) -> Period | None:
        start = at + (1 if self._word(at) == "the" else 0)
        if self._is(start, "day", "after", "tomorrow"):
            return self._on(self._today + 2 * ONE, self._skip_part(start + 3))
        if self._is(at, "this", "time", "next", "week"):
            return self._on(self._today + 7 * ONE, at + 4)
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
            while self._word(start) in (",", "probably", "maybe", "say", "likely", "ideally", "preferably", "on"):
                start += 1
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
        return (
            self._word(at - 2) in ("the", "our", "my", "your", "that")
            and word.isalpha()
            and word
            not in (
                "and",
                "or",
                "so",
                "if",
                "then",
                "please",
                "okay",
                "for",
                "to",
                "with",
                "in",
                "at",
                "but",
                "is",
                "when",
                "would",
            )
        )

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
