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
        ("A: We decided to take only one floor.", "The team decided to take only one floor."),
        ("A: We've decided on taking one floor only.", "The team has decided on taking one floor only."),
        ("A: So we took the decision to rent just one floor.", "The team took the decision to rent one floor."),
        ("A: The good news is that we decided to rent one floor.", "The team decided to rent one floor."),
        ("A: So we'll take only one floor.", "The team will take only one floor."),
        ("A: So we also use rubber for the case.", "The team will use rubber for the case."),
        ("A: So for the case we use titanium.", "The team will use titanium for the case."),
        ("A: So for the case it's going to be titanium. / B: Okay.", "The case is going to be titanium."),
        ("A: So, about the interface, we are going to use LCD.", "The team is going to use LCD."),
        ("A: The case will be yellow. / B: Agreed.", "The case will be yellow."),
        ("A: The buttons should be rubber, I think. / C: Yes, good idea.", "The buttons should be rubber."),
        ("A: Why don't we paint it blue? / B: Blue, nice.", "The team will paint it blue."),
        (
            "A: So we're going for a titanium back and a plastic front? / B: I have titanium back, plastic front.",
            "The team is going for a titanium back and a plastic front.",
        ),
        (
            "A: So to sum up, we have a rubber case, two buttons and no display.",
            "The team has a rubber case, two buttons and no display.",
        ),
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
        "A: We agreed to move on.",
        "A: I don't know what we decided on the logo.",
        "A: When we decided on the logo, it was raining.",
        "A: It will be fun. / B: Yes.",
        "A: The biggest struggle will be the logo. / B: Yes.",
        "A: So we'll have plenty of trouble with the fans.",
        "A: We will briefly discuss the new requirements. / B: Okay.",
        "A: We have to define what the product is. / B: Good idea.",
        "A: Let's cut it. / B: Fine.",
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
