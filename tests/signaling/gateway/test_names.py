"""Names that people give: one line, as they meant it, and nothing that hides or overflows."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway.names import MAX_FILE_NAME_CHARS, MAX_MARKS, clean_file_name, clean_line, clean_text

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ANY = st.text(max_size=60) | st.text(st.characters(categories=["Cf", "Cc", "Mn", "Zs", "Lo"]), max_size=60)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Ann", "Ann"),
        ("  Ann \t\n Lee  ", "Ann Lee"),
        ("Ann\x00\x07Lee", "AnnLee"),
        ("\u202egnimoc era yehT", "gnimoc era yehT"),
        ("Ann\u200b\u2060\ufeffLee", "AnnLee"),
        ("e\u0301", "é"),
        ("Z" + "\u0300" * 50, "Z" + "\u0300" * MAX_MARKS),
        ("Z" + ("\u0300" * 4 + "\u200d") * 3, "Z" + "\u0300" * MAX_MARKS + "\u200d" * 3),
        ("e\x1b\u0301", "é"),
        (FAMILY, FAMILY),
        ("نام\u200cها", "نام\u200cها"),
        ("Владимир", "Владимир"),
        ("田中さん", "田中さん"),
        ("O'Brien-Łoś <3", "O'Brien-Łoś <3"),
        ("", ""),
        (" \u3000\u00a0 ", ""),
        ("\u200b\u200d", ""),
        ("\u3164\u2800\u115f", ""),
        ("\u0301\u0302", ""),
    ],
)
def test_names_are_kept_as_they_are_meant(given_name: str, kept: str) -> None:
    assert clean_line(given_name, 80) == kept


@given(text=ANY, limit=st.integers(1, 80))
def test_any_text_becomes_one_visible_line_or_nothing(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for char in line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    assert not line or any(unicodedata.category(char)[0] in "LNPS" for char in line)


@given(text=ANY)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean_line(text, 80)
    assert clean_line(once, 80) == once


@given(text=st.text(max_size=100))
def test_a_text_keeps_all_that_can_be_written(text: str) -> None:
    kept = clean_text(text)
    assert "\x00" not in kept
    assert [char for char in text if char in kept] == list(kept)
    assert clean_text("a\r\n\tb \u200d\U0001f600") == "a\r\n\tb \u200d\U0001f600"


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("  Grüße aus 東京 (2).tar.gz ", "Grüße aus 東京 (2).tar.gz"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\plan.pdf", "plan.pdf"),
        ("a/b\\c/", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("plan.pdf. . ", "plan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("two\nlines\r\n.txt", "two lines .txt"),
        ("\x00\x1b", "file"),
        ("", "file"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
        ("x" * 200, "x" * 120),
        ("x." + "y" * 200, "x." + "y" * 118),
    ],
)
def test_a_files_name_keeps_what_it_is_called_and_loses_where_it_was(given_name: str, kept: str) -> None:
    assert clean_file_name(given_name) == kept


@given(ANY | st.text(st.sampled_from("a./\\ \u202e\n"), max_size=300))
def test_a_files_name_is_never_empty_nor_a_path(text: str) -> None:
    name = clean_file_name(text)
    assert 1 <= len(name) <= MAX_FILE_NAME_CHARS
    assert not set(name) & set("/\\\n\r\x00\u202e")
    assert name[0] not in ". "
    assert name[-1] not in ". "
