"""Speech turned into notes: whole sentences in the third person, without what broke off."""

from __future__ import annotations

import pytest

from parley.recap.notes import clean, sentence, told
from parley.recap.tokens import tokenize
from parley.recap.wellformed import whole


def note(text: str) -> str:
    """What Ann said, as a note."""
    return sentence(told(clean(tokenize(text)), "Ann", None, False))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I already have the samples.", "Ann already has the samples."),
        ("When we first ran it, the tool was slow.", "When the team first ran it, the tool was slow."),
        ("We were not there.", "The team was not there."),
        ("It works if you explain it.", "It works if they explain it."),
        ("The infra infrared light is red.", "The infrared light is red."),
        ("It goes in a way which can which should be easy.", "It goes in a way which should be easy."),
        ("There are too mun too many buttons.", "There are too many buttons."),
        ("The shop opens on friday, do not they?", "The shop opens on Friday."),
        ("The L_C_D _ screen is gon na be big.", "The LCD screen is going to be big."),
    ],
)
def test_a_note_says_what_was_meant(said: str, written: str) -> None:
    assert note(said) == written


@pytest.mark.parametrize(
    "said",
    [
        "The once again the overall requirements are long.",
        "Seven inch screen, which is good news for the team.",
        "Such as a screen, as the team said.",
        "The code is in e the email.",
        "Voice recognition is still quite.",
        "Be strange to have a fancy remote.",
        "For example about speaker overlaps and so forth.",
    ],
)
def test_half_a_sentence_is_no_note(said: str) -> None:
    assert not whole(clean(tokenize(said)))


@pytest.mark.parametrize(
    "said",
    ["The buttons are made of rubber.", "Ben bought two printers for the office.", "The group wants bright colours."],
)
def test_a_whole_sentence_is_one(said: str) -> None:
    assert whole(clean(tokenize(said)))
