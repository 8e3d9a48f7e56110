"""Recognisers: the real path of Whisper on a tiny model, pocketsphinx on a few sentences, and which one is taken."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parley.recap import whisper
from parley.recap.audio import RATE, Samples
from parley.recap.engines import choose
from parley.recap.guards import doubt
from parley.recap.recogniser import Context, Heard, RecogniserError, SpeechSettings
from parley.recap.recording import Span
from parley.recap.sphinx import Sphinx
from parley.recap.whisper import Whisper
from tests.support.speech import spoken
from tests.support.tiny_whisper import write_tiny_whisper


def said(text: str, voice: str = "slt") -> Samples:
    return np.pad(spoken(text, voice, RATE), RATE // 5)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SpeechSettings:
    directory = write_tiny_whisper(tmp_path_factory.mktemp("whisper") / "tiny")
    return SpeechSettings(engine="whisper", model=str(directory), device="cpu", threads=1, download=False)


@pytest.fixture(scope="module")
def sphinx() -> Sphinx:
    return Sphinx()


def test_whisper_runs_on_a_model_directory_and_chooses_its_precision(tiny: SpeechSettings) -> None:
    engine = Whisper(tiny)
    assert (engine.engine, engine.device, engine.draft) == ("whisper-tiny", "cpu", False)
    assert engine.compute_type in ("int8", "int8_float32", "float32")


def test_whisper_says_when_a_window_is_not_english(tiny: SpeechSettings) -> None:
    heard = Whisper(tiny).transcribe([np.tile(said("who are you"), 3)], Context())
    assert [one.utterances for one in heard] == [()]
    assert heard[0].language != "en"


@pytest.mark.parametrize("windows", [1, 2])
def test_whisper_gives_typed_words_and_the_guards_drop_what_a_model_of_noise_invents(
    tiny: SpeechSettings, windows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper, "_ENGLISH_ENOUGH", 0.0)
    monkeypatch.setattr(whisper, "_ENGLISH_ENOUGH_SHORT", 0.0)
    monkeypatch.setattr(whisper, "_TEMPERATURES", (0.0,))
    sound = said("we ship it")
    heard = Whisper(tiny).transcribe([sound] * windows, Context(("Ann",)))
    assert len(heard) == windows
    for one in heard:
        assert isinstance(one, Heard)
        for utterance in one.utterances:
            assert 0.0 <= utterance.confidence < 0.1
            assert all(0.0 <= word.start <= word.end <= 30.0 for word in utterance.words)
            assert doubt(replace(utterance, no_speech=1.0), (Span(0, 30),))


def test_a_model_that_is_not_there_is_a_clear_error() -> None:
    with pytest.raises(RecogniserError, match="there is no Whisper model at /nowhere/model"):
        Whisper(SpeechSettings(model="/nowhere/model", download=False))
    with pytest.raises(RecogniserError, match="can't be had"):
        Whisper(SpeechSettings(model="no-such-model", download=False))


def test_a_model_directory_that_is_damaged_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises(RecogniserError, match="can't be had"):
        Whisper(SpeechSettings(model=str(tmp_path), device="cpu", download=False))


def test_auto_takes_whisper_where_it_can_be_had(tiny: SpeechSettings) -> None:
    engines = choose(replace(tiny, engine="auto"))
    assert [one.engine for one in engines.ladder] == ["whisper-tiny", "pocketsphinx", "pocketsphinx-fast"]
    assert engines.notes == ()


def test_auto_falls_back_to_pocketsphinx_and_says_why() -> None:
    engines = choose(SpeechSettings(model="/nowhere/model", download=False))
    assert [one.draft for one in engines.ladder] == [True, True]
    assert "there is no Whisper model at /nowhere/model" in engines.notes[0]


def test_whisper_alone_is_not_replaced() -> None:
    with pytest.raises(RecogniserError):
        choose(SpeechSettings(engine="whisper", model="/nowhere/model", download=False))


def test_pocketsphinx_hears_a_sentence_with_times_and_confidence(sphinx: Sphinx) -> None:
    (heard,) = sphinx.transcribe([said("Good morning everyone.")], Context())
    words = heard.utterances[0].words
    assert [word.text for word in words] == ["good", "morning", "everyone"]
    assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(words))
    assert all(0.0 <= word.confidence <= 1.0 for word in words)


def test_pocketsphinx_hears_one_word_answers(sphinx: Sphinx) -> None:
    heard = sphinx.transcribe([said("Yes."), said("No.", "rms")], Context())
    assert [one.utterances[0].words[0].text for one in heard] == ["yes", "no"]


def test_what_pocketsphinx_heard_before_makes_no_difference(sphinx: Sphinx) -> None:
    sentence = said("We ship on Friday.")
    first = sphinx.transcribe([sentence], Context())
    sphinx.transcribe([said("Something else.", "rms"), np.zeros(RATE, np.int16)], Context())
    assert sphinx.transcribe([sentence], Context()) == first


def test_pocketsphinx_hears_nothing_in_silence_and_in_nearly_nothing(sphinx: Sphinx) -> None:
    for samples in (np.zeros(2 * RATE, np.int16), np.zeros(3, np.int16)):
        assert sphinx.transcribe([samples], Context())[0].utterances == ()
