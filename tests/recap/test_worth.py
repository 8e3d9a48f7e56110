"""Which tasks are listed: what outlasts the meeting, and not what is done in it or only talked about."""

from __future__ import annotations

import pytest

from parley.recap.summary import embedded
from tests.support.dialogues import dialogue


def listed(script: str) -> list[tuple[str | None, str]]:
    return [(one.owner or one.owner_name, one.text) for one in embedded(*dialogue(script)).actions]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("A: I'll get back to you on that.", ("A", "Ann will get back to them on that.")),
        ("A: For the next meeting, Ben will do the study.", ("B", "Ben will do the study for the next meeting.")),
        (
            "A: For the next meeting, the industrial designer will draw the case.",
            ("the industrial designer", "The industrial designer will draw the case for the next meeting."),
        ),
        ("A: Cara, for next time, you'll do the study. / C: Okay.", ("C", "Cara will do the study for next time.")),
        ("A: You'll work on the look and feel design.", (None, "Work on the look and feel design.")),
        (
            "A: You should find out if the battery is strong enough.",
            (None, "Find out if the battery is strong enough."),
        ),
        ("A: You two are going to work together on the logo. / B: Okay.", (None, "Work together on the logo.")),
        ("A: We should talk about the budget by Friday.", (None, "Talk about the budget by Friday.")),
    ],
)
def test_what_takes_longer_than_the_meeting_is_listed(script: str, expected: tuple[str | None, str]) -> None:
    assert listed(script) == [expected]


@pytest.mark.parametrize(
    "script",
    [
        "A: We have to talk about the budget for the new office today.",
        "A: We have to talk about the budget before we book anything.",
        "A: We need to discuss the new office today.",
        "A: We have to take a decision today.",
        "A: Specific instructions will be sent to you.",
        "A: You will receive specific instructions by email.",
        "A: You'll get your instructions by email before the next meeting.",
        "A: At the next meeting we will discuss the design.",
        "A: The next meeting will start in thirty minutes.",
        "A: We have to pay attention to the buttons.",
        "A: Ben, can you show the next slide? / B: Sure.",
        "A: Ben, give me the pen. / B: Here.",
        "A: I'll ask a stupid question.",
        "A: Do that. By nine.",
    ],
)
def test_what_the_meeting_does_itself_is_not(script: str) -> None:
    assert listed(script) == []
