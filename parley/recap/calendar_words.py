"""The words that dates are made of: weekdays, months, numbers and ordinals, spoken or in digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.recap.wordlists import word_list

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs", "friday fri",
         "saturday sat", "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1
    )
    for name in names.split()
}  # fmt: skip
AMBIGUOUS_SHORT = frozenset({"mon", "sat", "sun", "wed", "mar", "may", "march", "jan", "dec", "fri"})
"""Names that are also something else; they need company before they count."""

_ONES = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty "
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBERS = {word: number for number, word in enumerate(_ONES)} | _TENS
_ORDINAL_ONES = word_list(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
)
ORDINALS = {word: number for number, word in enumerate(_ORDINAL_ONES, 1)} | {"thirtieth": 30}
_DIGIT_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")


def number(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The cardinal that begins at `at`, and where it ends: "twenty one", "21", "a", "a couple of", "a few"."""
    if at >= len(words):
        return None
    word = words[at]
    if word.isdigit() and len(word) <= 3:
        return int(word), at + 1
    if word in ("a", "an"):
        if words[at + 1 : at + 3] == ["couple", "of"]:
            return 2, at + 3
        if words[at + 1 : at + 2] == ["couple"]:
            return 2, at + 2
        if words[at + 1 : at + 2] == ["few"]:
            return 3, at + 2
        return 1, at + 1
    if word in ("couple", "few"):
        return (2 if word == "couple" else 3), at + (2 if words[at + 1 : at + 2] == ["of"] else 1)
    if word in _TENS and at + 1 < len(words) and 1 <= NUMBERS.get(words[at + 1], 0) <= 9:
        return _TENS[word] + NUMBERS[words[at + 1]], at + 2
    head, _, tail = word.partition("-")
    if head in _TENS and 1 <= NUMBERS.get(tail, 0) <= 9:
        return _TENS[head] + NUMBERS[tail], at + 1
    if word in NUMBERS:
        return NUMBERS[word], at + 1
    return None


def ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The day of a month that begins at `at`, and where it ends: "fifteenth", "15th", "twenty first"."""
    if at >= len(words):
        return None
    word = words[at]
    match = _DIGIT_ORDINAL.fullmatch(word)
    if match:
        return int(match[1]), at + 1
    if word in ("twenty", "thirty") and at + 1 < len(words) and ORDINALS.get(words[at + 1], 99) <= 9:
        return _TENS[word] + ORDINALS[words[at + 1]], at + 2
    head, _, tail = word.partition("-")
    if head in ("twenty", "thirty") and ORDINALS.get(tail, 99) <= 9:
        return _TENS[head] + ORDINALS[tail], at + 1
    if word in ORDINALS:
        return ORDINALS[word], at + 1
    return None
