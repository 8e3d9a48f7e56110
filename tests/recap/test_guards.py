"""Text that nobody said is left out, and every second of speech is text or marked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recap.artefacts import Word
from parley.recap.audio import RATE
from parley.recap.guards import doubt, repeats
from parley.recap.recogniser import Context, Heard, Utterance
from parley.recap.recording import Span
from parley.recap.segments import segments, unheard
from parley.recap.tiling import NOTHING, Piece, tile
from parley.recap.voice import Voiced
from parley.recap.windows import Window

SPEECH = (Span(0.0, 10.0),)


def utterance(text: str, start: float = 1.0, end: float = 4.0, confidence: float = 0.9, **evidence: float) -> Utterance:
    parts = text.split()
    step = (end - start) / len(parts)
    words = tuple(Word(part, start + i * step, start + (i + 1) * step, confidence) for i, part in enumerate(parts))
    return Utterance(words, text, confidence, **evidence)


def test_plain_speech_is_believed() -> None:
    assert doubt(utterance("We decided to ship on Friday."), SPEECH) == ""


def test_one_word_answers_are_believed() -> None:
    for word in ("Yes.", "No.", "Okay."):
        assert doubt(utterance(word, 1.0, 1.3, 0.5), SPEECH) == ""


def test_a_thank_you_that_was_said_is_believed() -> None:
    assert doubt(utterance("Thank you.", 1.0, 1.6, 0.9), SPEECH) == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (utterance("Thank you.", 20, 21), "no voice"),
        (utterance("Is anybody there?", confidence=0.2, no_speech=0.9), "no speech"),
        (utterance("and so on and so on", compression=3.0), "repeated"),
        (utterance("no " * 6), "repeated"),
        (utterance("we will see the " * 4, 0, 8), "repeated"),
        (utterance("one two three four five six seven", 1.0, 1.5), "more words"),
        (utterance("Thanks for watching!", confidence=0.58), "invent"),
        (utterance("ooh ooh", confidence=0.2), "uncertain"),
        (utterance("who do", 1.0, 3.2, confidence=0.5), "uncertain"),
        (utterance("Thank you.", no_speech=0.5), "invent"),
    ],
)  # fmt: skip
def test_what_is_not_believed(said: Utterance, reason: str) -> None:
    assert reason in doubt(said, SPEECH)


def test_saying_a_thing_three_times_is_no_repetition() -> None:
    assert not repeats("no no no that is not what we said")
    assert repeats("you you you you you")


SPANS = st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.03, 3)), min_size=1, max_size=5)
PIECES = st.lists(st.tuples(st.floats(-1, 32), st.floats(0, 6)), max_size=6)


def spans(parts: list[tuple[float, float]]) -> tuple[Span, ...]:
    made, at = [], 0.0
    for length, pause in parts:
        made.append(Span(at, at + length))
        at += length + pause
    return tuple(made)


@given(SPANS, PIECES)
def test_every_second_of_speech_is_text_or_marked(
    parts: list[tuple[float, float]], texts: list[tuple[float, float]]
) -> None:
    speech = spans(parts)
    pieces = [
        Piece(start, start + length, (Word(f"word{i}", start, start + length),))
        for i, (start, length) in enumerate(texts)
    ]
    tiled = tile(speech, pieces)
    for earlier, later in itertools.pairwise(tiled):
        assert earlier.end <= later.start + 1e-9
    for span in speech:
        bare = [(span.start, span.end)]
        for piece in tiled:
            bare = [
                part
                for start, end in bare
                for part in ((start, min(end, piece.start)), (max(start, piece.end), end))
                if part[1] - part[0] > 1e-3
            ]
        assert bare == []
    for piece in tiled:
        assert piece.words or piece.reason
        assert speech[0].start <= piece.start <= piece.end <= speech[-1].end
    assert sorted(word.text for piece in tiled for word in piece.words) == sorted(f"word{i}" for i in range(len(texts)))


def test_a_long_stretch_without_words_is_marked_and_a_short_one_is_given_to_its_neighbour() -> None:
    speech = (Span(0, 2), Span(2.5, 8))
    tiled = tile(speech, [Piece(0.3, 1.5, (Word("yes", 0.3, 1.5),)), Piece(7, 7.8, (Word("no", 7, 7.8),))])
    assert [(one.start, one.end, one.reason) for one in tiled] == [(0, 1.5, ""), (1.5, 7, NOTHING), (7, 8, "")]


WINDOW = Window("t1", "ann", (Voiced(10 * RATE, 16 * RATE),))


def made(heard: Heard, *, punctuated: bool = True) -> list[tuple[str, str, str]]:
    context = Context(("Maria Rossi",))
    return [(one.id, one.text, one.reason) for one in segments(WINDOW, heard, context, punctuated=punctuated)]


def test_sentences_are_segments_whose_ids_are_the_windows() -> None:
    assert made(Heard((utterance("We ship it. Who tests?", 0, 6),))) == [
        ("t1:10000.0", "We ship it.", ""),
        ("t1:10000.1", "Who tests?", ""),
    ]


def test_words_without_punctuation_are_written_as_sentences() -> None:
    words = (
        Word("maria", 0.1, 0.5), Word("i'm", 0.5, 0.8), Word("done", 0.8, 1.2),
        Word("can", 2.2, 2.5), Word("we", 2.5, 2.7), Word("meet", 2.7, 3.1), Word("friday", 3.1, 3.6),
    )  # fmt: skip
    heard = Heard((Utterance(words, "", 0.7),))
    assert [text for _, text, _ in made(heard, punctuated=False)][:2] == ["Maria I'm done.", "Can we meet Friday?"]


def test_another_language_has_no_text_but_keeps_its_place() -> None:
    (only,) = segments(WINDOW, Heard((), "de"), Context(), punctuated=True)
    assert (only.state, only.language, only.text, only.start, only.end) == ("other_language", "de", "", 10.0, 16.0)


def test_a_text_that_is_not_believed_leaves_a_mark_with_the_reason() -> None:
    heard = Heard((utterance("so " * 20, 0, 6),))
    assert made(heard) == [("t1:10000.0", "", "the recogniser repeated itself")]


def test_a_window_that_could_not_be_transcribed_says_why() -> None:
    assert [(one.state, one.reason) for one in unheard(WINDOW, "the engine died")] == [
        ("untranscribed", "the engine died")
    ]
