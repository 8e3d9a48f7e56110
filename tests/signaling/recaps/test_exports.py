"""A recap as a file: readable, complete, and never more than text where people's words are."""

from __future__ import annotations

import json
import re

import pytest

from parley.signaling.recaps.pdf_export import as_pdf
from parley.signaling.recaps.text_exports import Export, as_json, as_markdown, as_srt, as_vtt, clock, cues
from parley.signaling.schema.recaps import (
    Recap,
    RecapAction,
    RecapChat,
    RecapLine,
    RecapPerson,
    RecapSegment,
    RecapState,
    RecapTopic,
    RecapTranscript,
)


def segment(text: str, start: float = 0, end: float = 2, person: str = "a", state: str = "text") -> RecapSegment:
    return RecapSegment(f"s{start}", person, start, end, text, state, "the track is damaged" * (state != "text"), True)


def export(*segments: RecapSegment, name: str = "Ann", draft: bool = False, **fields: object) -> Export:
    recap = Recap(
        recap_id="r", conversation_id="c", meeting_id="m", title="Plan *B*", started_at=1_772_442_000.0,
        duration=3725.0, state=RecapState.READY, stages=[],
        people=[RecapPerson("a", name, False, 65.0), RecapPerson("b", "Ben", True, 5.0)], draft=draft, engines={},
        notes=[], overview=[], topics=[], decisions=[], actions=[], moments=[], reel=None, film=None, tracks=[],
        marks=[], chat=[], can_delete=False, kept_until=0.0,
    )  # fmt: skip
    changed = {**{name: getattr(recap, name) for name in Recap.__struct_fields__}, **fields}
    return Export(Recap(**changed), RecapTranscript(draft, "test", list(segments)))


ACTION = RecapAction("i1", "Send the report", 61.0, ["s0"], "b", "Ben", "2026-03-06", "by Friday", True)
FULL = {
    "overview": [RecapLine("o1", "The plan was agreed.", 3.0, ["s0"])],
    "topics": [RecapTopic("t1", "Budget", 0.0, 60.0, [RecapLine("l1", "It is tight.", 4.0, ["s0"])])],
    "decisions": [RecapLine("d1", "We go on Monday.", 5.0, ["s0"])],
    "actions": [ACTION],
    "chat": [RecapChat(7.0, "b", "see https://example.org")],
}


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3725, "1:02:05")])
def test_times_read_like_a_player_shows_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_markdown_has_everything_in_the_order_people_look_for_it() -> None:
    text = as_markdown(export(segment("Hello."), **FULL)).decode()
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert titles == [
        "# Plan \\*B\\*", "## People", "## Summary", "## Decisions", "## Action items", "## Topics",
        "### Budget (0:00)", "## Chat", "## Transcript",
    ]  # fmt: skip
    assert "- [x] Send the report (Ben, by 2026-03-06) (1:01)" in text
    assert "**Ann** (0:00): Hello." in text


def test_what_people_say_or_are_called_is_no_markup() -> None:
    evil = "[x](javascript:1) <img src=x>\n# owned"
    text = as_markdown(export(segment(evil), name="<b>|`")).decode()
    assert re.search(r"(?<!\\)[\[<`|]", text) is None
    assert "\n# owned" not in text


def test_what_was_not_transcribed_is_said_in_its_place_and_drafts_are_called_drafts() -> None:
    made = export(segment("", state="untranscribed"), segment("", 3, state="other_language"), draft=True)
    text = as_markdown(made).decode()
    assert "[not transcribed: the track is damaged]" in text.replace("\\", "")
    assert "[in another language]" in text.replace("\\", "")
    assert "## Transcript (draft)" in text


def test_subtitles_follow_the_formats() -> None:
    made = export(segment("Hello & <welcome>.", 1.5, 3.25), segment("", 4, state="untranscribed"))
    assert as_vtt(made).decode() == ("WEBVTT\n\n00:00:01.500 --> 00:00:03.250\n<v Ann>Hello &amp; &lt;welcome&gt;.\n")
    assert as_srt(made).decode() == "1\n00:00:01,500 --> 00:00:03,250\nAnn: Hello & <welcome>.\n"


def test_a_long_speech_becomes_subtitles_that_fit_and_follow_each_other() -> None:
    made = cues(export(segment("word " * 100, 0, 40)))
    assert all(len(text) <= 84 for *_, text in made)
    assert all(start < end for start, end, *_ in made)
    assert " ".join(text for *_, text in made).split() == ["word"] * 100


def test_json_is_what_the_api_tells() -> None:
    made = json.loads(as_json(export(segment("Hello."), **FULL)))
    assert made["recap"]["actions"][0]["owner_name"] == "Ben"
    assert made["transcript"]["segments"][0]["text"] == "Hello."


def test_a_pdf_is_made_of_any_script_and_the_same_again() -> None:
    made = export(*[segment("Grüße, こんにちは, שלום " * 30, number) for number in range(80)], name="Zoë", **FULL)
    first = as_pdf(made)
    assert first.startswith(b"%PDF-")
    assert first == as_pdf(made)
    assert first.count(b"/Type /Page\n") >= 2
