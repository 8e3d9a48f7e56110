"""When something is due, as people say it: "before monday", "by the end of the month", "eod", "a week from Friday".

A grammar of our own over tokens, read against the moment of speaking in the speaker's zone. It looks forward only:
"last week", "two days ago" and "since Monday" are no due dates. Where English leaves a choice, this is ours:

- "by Friday" on a Friday is the next one, "this Friday" is today; "next Friday" is in the week after this one.
- "before Monday" is the day before; "before the weekend" is Friday; "before noon" is that day, and so is "before
  Monday's demo".
- A week ends on Friday, a weekend on Sunday; "next week" and "this month" mean their last day.
- 3/4 is March 4th where the speaker's zone is in the United States, 3 April elsewhere; `reading` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parley.recap.calendar_words import MONTHS, NUMBERS, ORDINALS, WEEKDAYS
from parley.recap.date_grammar import Grammar
from parley.recap.date_reader import Period
from parley.recap.tokens import Token, spoken
from parley.recap.wordlists import word_set

_FIRM = 3
_PLAIN = 2
_LOOSE = 1

_LEADS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("by", "no", "later", "than"), _FIRM),
    (("no", "later", "than"), _FIRM),
    (("not", "later", "than"), _FIRM),
    (("any", "time", "before"), _FIRM),
    (("some", "time", "before"), _FIRM),
    (("due", "by"), _FIRM),
    (("due", "on"), _FIRM),
    (("in", "time", "for"), _FIRM),
    (("at", "the", "latest", "by"), _FIRM),
    (("by",), _FIRM),
    (("before",), _FIRM),
    (("until",), _FIRM),
    (("till",), _FIRM),
    (("due",), _FIRM),
    (("latest",), _FIRM),
    (("some", "time"), _PLAIN),
    (("sometime",), _PLAIN),
    (("on",), _PLAIN),
    (("over",), _PLAIN),
    (("during",), _PLAIN),
    (("in",), _PLAIN),
    (("come",), _PLAIN),
    (("for",), _LOOSE),
    (("at",), _LOOSE),
)
_BACKWARD = word_set("last past previous since from after every each about of yesterday's ago than between before ")
_ASIDE = word_set("because since which where when while whereas as")
_DETERMINERS = word_set("the our my your their his her that these those a an")
_CORRECTIONS = word_set("no actually sorry rather or mean make wait")


_HINTS = (
    frozenset(WEEKDAYS)
    | frozenset(MONTHS)
    | word_set(
        "today tonight tonite tomorrow tmrw tomorow eod cob eob cop e.o.d. c.o.b. eow eom eoq eoy day days "
        "days' day's week weeks "
        "weeks' week's month months month's months' quarter year years year's fortnight fortnights weekend "
        "weekends noon midday "
        "lunch lunchtime midnight morning afternoon evening night nights hour hours minutes minute o'clock "
        "pm am p m overmorrow "
        "half fortnight midweek mid-week close end christmas o meeting call finish month-end year-end week-end q1 q2 "
        "q3 q4 q"
    )
)
"""A sentence without any of these says no date."""
_COUNTS = frozenset(NUMBERS) | frozenset(ORDINALS)
_BEGINS = (
    _HINTS
    | _COUNTS
    | {lead[0] for lead, _ in _LEADS}
    | word_set(
        "the this next coming following upcoming first early mid late later beginning start middle a an "
        "couple few half within "
        "inside day's new last half quarter"
    )
)
"""Words that a mention of a date begins with."""


@dataclass(frozen=True, slots=True)
class Due:
    """date is local to the speaker. words are those it was made of; reading says how an ambiguous one was read."""

    date: date
    words: str
    reading: str = ""
    first: int = 0
    """Where the words begin and end among the tokens."""
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Mention:
    due: Due
    strength: int


def find_due(tokens: Sequence[Token], said: datetime) -> Due | None:
    """When what these tokens promise is due; None when they don't say.

    said is the moment of speaking, in the speaker's zone. The firmest mention counts ("by" over "on" over "for"), the
    first of equals, unless a later one corrects it ("by Thursday, no, Friday").
    """
    found = mentions(tokens, said)
    best: _Mention | None = None
    for mention in found:
        if best is None or mention.strength > best.strength or _corrects(tokens, best.due, mention.due):
            best = mention
    return best.due if best else None


def mentions(tokens: Sequence[Token], said: datetime) -> list[_Mention]:
    """Every mention of a time to come, in order."""
    words = [token.norm for token in tokens]
    if not any(word.removesuffix("'s") in _HINTS or word[0].isdigit() or word in _COUNTS for word in words):
        return []
    grammar = Grammar(words, said, capitals=[token.text[:1].isupper() for token in tokens])
    found: list[_Mention] = []
    at, aside = 0, False
    while at < len(words):
        aside = (aside or words[at] in _ASIDE or words[at : at + 2] == ["so", "that"]) and not (
            found and found[-1].due.end == at and words[at] in ("and", "or")
        )
        mention = _mention(grammar, tokens, words, at) if _possible(words[at]) else None
        if mention is None:
            at += 1
            continue
        if aside:
            mention = _Mention(mention.due, mention.strength - _PLAIN)
        found.append(mention)
        at = max(at + 1, mention.due.end)
    return found


def _possible(word: str) -> bool:
    return (
        word in _BEGINS or word[0].isdigit() or word.removesuffix("'s") in _HINTS or word.partition("-")[0] in NUMBERS
    )


def _mention(grammar: Grammar, tokens: Sequence[Token], words: list[str], at: int) -> _Mention | None:
    lead: tuple[str, ...] = ()
    strength = _PLAIN
    for candidate, force in _LEADS:
        if tuple(words[at : at + len(candidate)]) == candidate:
            lead, strength = candidate, force
            break
    start = at + len(lead)
    if lead and start < len(words) and words[start] == ",":
        return None
    period = grammar.period(start, lead[-1] if lead else "")
    if period is None:
        return None
    before = words[at - 1] if at else ""
    if lead == ("by",) and before in _COUNTS and words[start] in _COUNTS:
        return None  # "five by ten" is a size
    if before in _BACKWARD or (before == "not" and lead and lead[0] in ("before", "until", "till")):
        return None
    clause = words[max(0, at - 5) : at]
    if "," in clause:
        clause = clause[len(clause) - clause[::-1].index(",") :]
    if "not" in clause and "forget" not in clause and "but" not in clause and lead[:1] != ("not",):
        return None
    after = words[period.end : period.end + 1]
    if after in (["ago"], ["before"], ["after"]) and period.length:
        return None
    if period.name and not lead and before in _DETERMINERS and words[at - 2 : at - 1] not in (["make"], ["say"]):
        return None
    day = _day(period, lead)
    end = period.end
    if words[end : end + 3] == ["at", "the", "latest"]:
        end, strength = end + 3, _FIRM
    elif (
        words[end : end + 2] == ["or", "so"]
        or words[end : end + 2] == ["or", "sooner"]
        or words[end : end + 2] == ["or", "earlier"]
    ):
        end += 2
    if period.deadline:
        strength = _FIRM
    return _Mention(Due(day, spoken(tokens[at:end]), period.reading, at, end), strength)


def _day(period: Period, lead: tuple[str, ...]) -> date:
    """The last day that keeps to what was said."""
    if lead and lead[-1] == "before" and not period.inclusive:
        return period.eve or period.first - timedelta(days=1)
    if lead and lead[-1] in ("by", "until", "till") and period.eve and not period.inclusive:
        return period.eve
    if lead and lead[-1] == "by" and period.by is not None:
        return period.by
    return period.last


def _corrects(tokens: Sequence[Token], former: Due, later: Due) -> bool:
    between = [token.norm for token in tokens[former.end : later.first] if not token.mark]
    if former.words and not between:
        return False
    return len(between) <= 4 and bool(between) and between[0] in _CORRECTIONS
