"""Whether somebody speaks English is judged by all that was heard of them."""

from __future__ import annotations

from parley.recap.language import STRANGE, STRANGE_SHORT, LanguageMemory

ENGLISH, GERMAN = STRANGE - 0.2, STRANGE + 0.2


def test_a_strange_window_of_a_stranger_is_another_language() -> None:
    memory = LanguageMemory()
    assert not memory.english("t", GERMAN, 5)
    assert memory.english("t", ENGLISH, 5)


def test_a_mumbled_window_of_somebody_who_speaks_english_is_english() -> None:
    memory = LanguageMemory()
    memory.note("t", STRANGE - 0.1, 20)
    assert memory.english("t", STRANGE + 0.1, 5)
    assert not memory.english("other", STRANGE + 0.1, 5)


def test_somebody_who_changes_to_another_language_is_noticed_at_once() -> None:
    memory = LanguageMemory()
    memory.note("t", STRANGE - 0.5, 60)
    assert not memory.english("t", GERMAN, 5)


def test_a_single_word_of_a_stranger_is_english_unless_it_is_very_strange() -> None:
    memory = LanguageMemory()
    assert memory.english("t", STRANGE_SHORT - 0.1, 0.8)
    assert not memory.english("t", STRANGE_SHORT + 0.1, 0.8)


def test_a_single_word_of_somebody_who_speaks_german_is_german() -> None:
    memory = LanguageMemory()
    memory.note("t", GERMAN, 20)
    assert not memory.english("t", ENGLISH, 0.8)


def test_somebody_who_changes_to_english_is_believed_after_a_while() -> None:
    memory = LanguageMemory()
    memory.note("t", GERMAN, 60)
    for _ in range(4):
        memory.note("t", ENGLISH, 10)
    assert memory.english("t", ENGLISH, 10)
