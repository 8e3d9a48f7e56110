"""Lists of words written as one text, so that a long one stays readable."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def word_list(text: str) -> list[str]:
    """The words of a text in its order."""
    return text.split()
