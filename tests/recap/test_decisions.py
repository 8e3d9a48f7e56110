"""What counts as decided."""

from __future__ import annotations

import pytest

from parley.recap.summary import embedded
from tests.support.dialogues import dialogue


def decided(script: str) -> list[str]:
    return [line.text for line in embedded(*dialogue(script)).decisions]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("A: We decided to buy the printer.", "The team decided to buy the printer."),
        (
            "a: we decided to move the launch to june".replace("a:", "A:"),
            "The team decided to move the launch to June.",
        ),
        ("A: Okay, let's go with the blue logo.", "The team will go with the blue logo."),
        ("A: So we'll use Postgres for the new service.", "The team will use Postgres for the new service."),
        ("A: How about using rubber for the case? / B: Good idea.", "The team will use rubber for the case."),
        ("A: I propose that we cancel the trade fair. / B: Agreed.", "The team will cancel the trade fair."),
        ("A: Shall we hire a second tester? / C: Yes.", "The team will hire a second tester."),
        ("A: We agreed on the new price list.", "The team agreed on the new price list."),
        ("A: The decision is to postpone the release.", "The decision is to postpone the release."),
        ("A: We're not going to use the old vendor.", "The team is not going to use the old vendor."),
    ],
)
def test_what_was_settled_is_a_decision(script: str, text: str) -> None:
    assert decided(script) == [text]


@pytest.mark.parametrize(
    "script",
    [
        "A: Shall we hire a second tester?",
        "A: Shall we hire a second tester? / B: No, that's too expensive.",
        "A: I propose that we cancel the trade fair. / B: I'm not sure.",
        "A: We haven't decided on the logo yet.",
        "A: We need to decide on the logo.",
        "A: If we decided to buy the printer, it would be expensive.",
        "A: Did we decide to buy the printer?",
        "A: Let's move on to the next topic. / B: Okay.",
        "A: Let's take a break. / B: Good idea.",
        "A: Last week we decided to buy the printer.",
        "A: Maybe we should use rubber for the whole case. / B: I don't know.",
    ],
)
def test_what_is_open_managed_or_past_is_none(script: str) -> None:
    assert decided(script) == []


def test_a_later_reversal_wins() -> None:
    assert decided(
        "A: Let's go with the blue logo. / B: Okay. / A: Actually, let's go with the green logo instead."
    ) == ["The team will go with the green logo instead."]
    assert decided("A: Let's go with the blue logo. / B: No wait. / A: Scrap that.") == []
    assert decided("A: We decided to use Redis. / B: Let's use Kafka instead of Redis.") == [
        "The team will use Kafka instead of Redis."
    ]
