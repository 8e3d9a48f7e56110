"""The embedded engine: what a summary holds, that it cites what carries it, and that it comes out the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.recap.artefacts import Line, Segment, Summary, Transcript
from parley.recap.citations import Evidence
from parley.recap.embedded import Gist
from parley.recap.ledger import Ledger, windows
from parley.recap.people import People
from parley.recap.summary import SummarySettings, embedded, note_ahead, summarise
from tests.support.dialogues import dialogue

BUDGET = (
    "A: The marketing budget grew by twenty percent this year. / "
    "B: Most of the marketing budget went into trade fairs. / "
    "C: The trade fairs brought us forty new customers. / D: Trade fairs are expensive, the budget should shrink. / "
    "A: We decided to keep two trade fairs. / B: I'll send the budget report to Cara by Friday. / "
)
SERVER = (
    "C: The database server crashed twice last night. / "
    "D: The crash happened because the disk of the server was full. / "
    "A: We need a bigger disk for the database server. / B: The backup of the database is on the same disk. / "
    "C: Ben, can you order a bigger disk by tomorrow? / B: Sure. / D: The server logs fill the disk every week."
)
MEETING = " / ".join([BUDGET.strip(" /")] * 6 + [SERVER] * 6)


def lines(summary: Summary) -> list[Line]:
    found = [*summary.overview, *summary.decisions, *summary.actions]
    return found + [line for topic in summary.topics for line in topic.lines]


def test_a_summary_has_an_overview_topics_decisions_and_actions() -> None:
    summary = embedded(*dialogue(MEETING))
    assert summary.overview[0].text.startswith("The meeting was about ")
    assert len(summary.topics) >= 2
    assert [line.text for line in summary.decisions] == ["The team decided to keep two trade fairs."]
    assert {(one.owner, one.text) for one in summary.actions} == {
        ("B", "Ben will send the budget report to Cara by Friday."),
        ("B", "Ben will order a bigger disk by tomorrow."),
    }


def test_every_line_cites_segments_that_exist_and_carry_it_and_begins_where_the_first_does() -> None:
    recording, transcript = dialogue(MEETING)
    evidence = Evidence(transcript.segments, People.of(recording))
    starts = {one.id: one.start for one in transcript.segments}
    everyone = list(People.of(recording).names.values())
    found = lines(embedded(recording, transcript))
    assert len(found) > 10
    for line in found:
        assert evidence.carries(line.text, line.cites, extra=everyone), line
        assert line.at == min(starts[one] for one in line.cites)
    ids = [line.id for line in found]
    assert len(ids) == len(set(ids))


def test_an_agenda_item_that_was_talked_about_names_its_topic() -> None:
    summary = embedded(
        *dialogue(MEETING, agenda=("Trade fairs and marketing budget", "Database server crash", "Holidays"))
    )
    titles = [topic.title for topic in summary.topics]
    assert "Database server crash" in titles
    assert "Holidays" not in titles


def test_lines_read_like_notes_rather_than_like_speech() -> None:
    summary = embedded(
        *dialogue("A: Um, so, I mean, I'll, I'll uh send the the report to my manager by Friday, you know.")
    )
    assert [one.text for one in summary.actions] == ["Ann will send the report to their manager by Friday."]


def test_a_draft_without_marks_and_capitals_gives_the_same_owners() -> None:
    recording, transcript = dialogue(MEETING)
    lowered = tuple(
        msgspec.structs.replace(one, text="".join(letter for letter in one.text.lower() if letter not in ".,?"))
        for one in transcript.segments
    )
    drafted = embedded(recording, Transcript(engine="draft", draft=True, segments=lowered))
    assert {(one.owner, one.due) for one in drafted.actions} == {
        (one.owner, one.due) for one in embedded(recording, transcript).actions
    }


def test_a_sentence_that_the_recogniser_cut_in_two_is_one_action_that_cites_both() -> None:
    recording, transcript = dialogue("A: I'll send the report / A: by Friday.")
    (action,) = embedded(recording, transcript).actions
    assert (action.cites, str(action.due)) == (("s0", "s1"), "2026-03-06")


@pytest.mark.parametrize("text", ["", "Yes.", "...", "<b>", "[laughter]", "uh um"])
def test_a_meeting_in_which_nothing_is_said_has_an_empty_summary(text: str) -> None:
    summary = embedded(*dialogue(f"A: {text}"))
    assert lines(summary) == []


def test_segments_without_text_carry_nothing() -> None:
    recording, transcript = dialogue("A: I'll send the report by Friday.")
    marked = tuple(msgspec.structs.replace(one, state="other_language") for one in transcript.segments)
    assert lines(embedded(recording, msgspec.structs.replace(transcript, segments=marked))) == []


def test_the_same_transcript_gives_the_same_bytes() -> None:
    recording, transcript = dialogue(MEETING)
    turned = msgspec.structs.replace(transcript, segments=tuple(reversed(transcript.segments)))
    assert msgspec.json.encode(embedded(recording, transcript)) == msgspec.json.encode(embedded(recording, turned))


# --- the ledger ------------------------------------------------------------------------------------------------------


async def test_reading_ahead_into_the_ledger_gives_what_reading_at_the_end_gives(tmp_path: Path) -> None:
    recording, transcript = dialogue(MEETING)
    chosen = SummarySettings()
    path = tmp_path / "ledger.jsonl"
    for until in (100.0, 230.0, 300.0):
        so_far = msgspec.structs.replace(
            transcript, segments=tuple(one for one in transcript.segments if one.end <= until)
        )
        await note_ahead(recording, so_far, chosen, Ledger(path), until)
    ledger = Ledger(path)
    assert len(ledger) == 1
    assert await summarise(recording, transcript, chosen, ledger) == embedded(recording, transcript)


async def test_a_segment_that_comes_late_only_costs_its_own_windows(tmp_path: Path) -> None:
    recording, transcript = dialogue(MEETING)
    late, rest = transcript.segments[3], transcript.segments[:3] + transcript.segments[4:]
    ledger = Ledger(tmp_path / "ledger.jsonl")
    await note_ahead(recording, msgspec.structs.replace(transcript, segments=rest), SummarySettings(), ledger, 1e9)
    known = [window for window in windows(recording, transcript) if window.key in ledger]
    assert 0 < len(known) == len(list(windows(recording, transcript))) - 1
    assert late.start < known[0].first
    assert await summarise(recording, transcript, SummarySettings(), ledger) == embedded(recording, transcript)


async def test_drafts_are_not_read_ahead(tmp_path: Path) -> None:
    recording, transcript = dialogue(MEETING)
    drafts = tuple(msgspec.structs.replace(one, confirmed=False) for one in transcript.segments)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    assert (
        await note_ahead(
            recording, msgspec.structs.replace(transcript, segments=drafts), SummarySettings(), ledger, 1e9
        )
        == 0
    )


@given(cut=st.integers(0, 400), junk=st.binary(max_size=40))
@settings(max_examples=30, deadline=None)
def test_a_journal_that_was_torn_anywhere_loses_only_what_was_torn(tmp_path_factory, cut: int, junk: bytes) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    ledger = Ledger(path)
    for number in range(4):
        ledger.append(f"key{number}", Gist((), ()))
    whole = path.read_bytes()
    kept = whole[: max(0, len(whole) - cut)]
    path.write_bytes(kept + junk.replace(b"\n", b""))
    again = Ledger(path)
    again.append("after", Gist((), ()))
    last = Ledger(path)
    assert last.get("after", Gist) == Gist((), ())
    for number in range(4):
        if kept.count(b"\n") > number:
            assert last.get(f"key{number}", Gist) == Gist((), ())


# --- citations -------------------------------------------------------------------------------------------------------


def evidence() -> Evidence:
    recording, transcript = dialogue(
        "A: The printer costs four hundred euros. / B: We will not buy the printer. / C: Okay."
    )
    return Evidence(transcript.segments, People.of(recording))


@pytest.mark.parametrize(
    ("text", "cites", "carried"),
    [
        ("The printer costs four hundred euros.", ("s0",), True),
        ("The printer costs 4 hundred euros.", ("s0",), True),
        ("The printer costs five hundred euros.", ("s0",), False),
        ("The scanner costs four hundred euros.", ("s0",), False),
        ("The team will not buy the printer.", ("s1",), True),
        ("The team will buy the printer.", ("s1",), False),
        ("The printer costs no euros.", ("s0",), False),
        ("Dan will not buy the printer.", ("s1",), False),
        ("Ben will not buy the printer.", ("s1",), True),
        ("The printer costs four hundred euros.", (), False),
        ("The printer costs four hundred euros.", ("s0", "s9"), False),
        ("The printer costs four hundred euros.", ("s2",), False),
    ],
)
def test_a_line_stands_only_on_segments_that_carry_its_words_names_numbers_and_nots(
    text: str, cites: tuple[str, ...], carried: bool
) -> None:
    assert evidence().carries(text, cites) is carried


def test_segments_of_one_id_are_never_made_up() -> None:
    segment = Segment(id="s", participant="A", track="A", start=0, end=1, text="")
    assert not Evidence([segment], People({"A": "Ann"})).exists(("s",))
