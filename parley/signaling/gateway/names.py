"""Names and titles that people give: one line, normalised, nothing invisible that could make one look like another."""

from __future__ import annotations

import unicodedata

MAX_MARKS = 4
"""Combining marks kept on one letter; scripts that people write need no more, text that overflows its line does."""

MAX_FILE_NAME_CHARS = 120
MAX_ENDING_CHARS = 16

_JOINERS = "\u200c\u200d"
"""Zero-width joiner and non-joiner shape emoji and several scripts, so they stay, though they are format characters."""

_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5"
"""Letters and symbols that show nothing."""


def clean_line(text: str, max_chars: int) -> str:
    """The text as one trimmed line without control, bidirectional-control and other invisible characters (UAX #9,
    TR 36); empty when nothing visible is left."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char.isspace():
            kept.append(" ")
            continue
        if category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or char in _BLANK_LETTERS:
            continue
        if category == "Cf":
            kept.extend(char if char in _JOINERS else "")
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    # Once more: what stood between two characters and is gone may have kept them from being one.
    line = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())[:max_chars].strip()
    visible = any(unicodedata.category(char)[0] in "LNPS" for char in line)
    return line if visible else ""


def clean_file_name(text: str) -> str:
    """What a file is called: one line like clean_line's, without directories and without the dots that hide a file. Cut
    so that its ending stays; "file" when nothing is left."""
    line = clean_line(text.replace("\\", "/").rpartition("/")[2], len(text)).strip(". ")
    if len(line) > MAX_FILE_NAME_CHARS:
        stem, dot, ending = line.rpartition(".")
        if not dot or len(ending) > MAX_ENDING_CHARS:
            stem, dot, ending = line, "", ""
        line = stem[: MAX_FILE_NAME_CHARS - len(dot + ending)].rstrip(". ") + dot + ending
    return line or "file"


def clean_text(text: str) -> str:
    """Text of several lines: everything a person can write, without NUL (no database keeps it) and bidirectional
    overrides, which reach beyond the text they stand in."""
    return "".join(char for char in text if char not in "\x00\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
