"""Where speech is found: in words of any length, not in noise, the same whatever pieces the audio comes in."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.recap.audio import RATE, Stretch
from parley.recap.speech_rule import CUT_WITHIN, LONGEST, SHORTEST, SILENCE, Found, SpeechRule
from parley.recap.voice import PAD, Place, Voiced, VoiceFinder
from tests.support.speech import silence, spoken


def said(text: str, voice: str = "slt") -> np.ndarray:
    return spoken(text, voice, RATE)


def quiet(seconds: float) -> np.ndarray:
    return silence(seconds, RATE)


def find(audio: np.ndarray, pieces: list[int], place: Place | None = None) -> list[Voiced]:
    """Speech in audio that comes in pieces of these lengths, again and again."""
    finder = VoiceFinder(place)
    found: list[Voiced] = []
    at = place.at if place else 0
    count = 0
    while at < len(audio):
        piece = audio[at : at + pieces[count % len(pieces)]]
        found += finder.push(Stretch(at, piece))
        at += len(piece)
        count += 1
    return found + finder.finish()


def talk() -> np.ndarray:
    return np.concatenate(
        [quiet(1.3), said("Yes."), quiet(2.1), said("I will send you the report on Friday, then we can talk."),
         quiet(0.7), said("No.", "rms"), quiet(1.5)]
    )  # fmt: skip


def test_one_word_answers_are_found() -> None:
    for word in ("yes", "no", "okay"):
        for voice in ("slt", "rms"):
            found = find(np.concatenate([quiet(1), said(word, voice), quiet(1)]), [RATE])
            assert len(found) == 1, (word, voice)
            assert RATE * 0.7 < found[0].start < RATE * 1.4


@settings(max_examples=5)
@given(pieces=st.lists(st.integers(1, 3 * RATE), min_size=1, max_size=5))
def test_the_pieces_in_which_audio_comes_make_no_difference(pieces: list[int]) -> None:
    if max(pieces) < 500:
        pieces = [*pieces, 5000]
    assert find(talk(), pieces) == find(talk(), [len(talk())])


def test_a_search_that_goes_on_from_a_place_finds_what_is_left() -> None:
    audio = np.concatenate([talk(), talk()])
    finder = VoiceFinder()
    places: list[Place] = []
    found: list[Voiced] = []
    for at in range(0, len(audio), 1600):
        found += finder.push(Stretch(at, audio[at : at + 1600]))
        if finder.place not in places:
            places.append(finder.place)
    found += finder.finish()
    assert len(places) > 3
    for place in places[1:4]:
        assert find(audio, [RATE], place) == [one for one in found if one.start >= place.at - PAD]


def test_a_gap_ends_speech_and_what_follows_is_found_anew() -> None:
    word = said("We start with the budget.")
    finder = VoiceFinder()
    found = finder.push(Stretch(0, word))
    later = 40 * RATE
    found += finder.push(Stretch(later, word)) + finder.finish()
    assert len(found) == 2
    assert found[0].end <= len(word) + RATE
    assert found[1].start >= later - RATE // 4


def test_a_muted_microphones_speech_ends_when_it_is_settled_that_nothing_follows() -> None:
    word = said("We start with the budget.")
    finder, whole = VoiceFinder(), VoiceFinder()
    found = finder.push(Stretch(0, word))
    assert finder.settle(len(word)) == []
    found += finder.settle(30 * RATE)
    assert len(found) == 1
    expected = whole.push(Stretch(0, word)) + whole.push(Stretch(60 * RATE, word)) + whole.finish()
    assert found + finder.push(Stretch(60 * RATE, word)) + finder.finish() == expected


def test_audio_that_comes_after_it_was_settled_is_said_to_be_late() -> None:
    word = said("We start with the budget.")
    finder = VoiceFinder()
    finder.push(Stretch(0, word))
    finder.settle(len(word) + 10 * RATE)
    finder.push(Stretch(len(word), word))
    assert finder.late[0][0] == len(word)


def noises() -> dict[str, np.ndarray]:
    """45 seconds of what is not speech, each kind."""
    seconds = 45
    random = np.random.default_rng(7)
    t = np.arange(seconds * RATE) / RATE
    white = random.normal(0, 1, len(t))
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(1, np.arange(len(t) // 2 + 1))), len(t))
    clicks = np.zeros(len(t))
    clicks[random.integers(0, len(t), seconds * 4)] = 1.0
    clicks = np.convolve(clicks, np.exp(-np.arange(200) / 30) * np.sin(np.arange(200)))[: len(t)]
    notes = 220 * 2 ** (random.integers(0, 24, seconds * 4) / 12)
    chord = np.repeat(notes, RATE // 4)[: len(t)]
    music = sum(np.sin(2 * np.pi * np.cumsum(chord * k) / RATE) / k for k in (1, 2, 3, 4)) * (1 - (t * 4 % 1) * 0.8)
    hum = np.sin(2 * np.pi * 50 * t) + 0.3 * np.sin(2 * np.pi * 150 * t)
    return {
        name: (sound / np.abs(sound).max() * 12_000).astype(np.int16)
        for name, sound in (("white", white), ("pink", pink), ("clicks", clicks), ("music", music), ("hum", hum))
    } | {"silence": quiet(seconds)}


def test_noise_clicks_music_hum_and_silence_are_not_speech() -> None:
    for name, sound in noises().items():
        found = sum(one.end - one.start for one in find(sound, [4 * RATE])) / RATE
        assert found == 0, f"{found} s of {name} were taken for speech"


@given(st.lists(st.floats(0, 1), max_size=400))
def test_stretches_are_in_order_apart_and_as_long_as_a_word(probabilities: list[float]) -> None:
    rule = SpeechRule()
    found = [one for p in probabilities if (one := rule.feed(p, 1.0))]
    last = rule.finish()
    found += [last] if last else []
    for one in found:
        assert one.end - one.start >= SHORTEST
        assert max(probabilities[one.start : one.end]) >= 0.75
    for earlier, later in itertools.pairwise(found):
        assert later.start - earlier.end >= SILENCE


def test_speech_without_a_pause_is_cut_where_it_is_quietest() -> None:
    rule = SpeechRule()
    loud = [1000.0] * LONGEST
    loud[LONGEST - 100 : LONGEST - 90] = [1.0] * 10
    found = [one for power in loud if (one := rule.feed(0.9, power))]
    assert found == [Found(0, found[0].end, True, False)]
    assert LONGEST - 100 <= found[0].end <= LONGEST - 90
    assert found[0].end >= LONGEST - CUT_WITHIN


def test_a_minute_of_speech_without_a_pause_is_found_whole_in_joined_stretches() -> None:
    sentence = said("we start with the budget and go on with the plan for the next year")
    voiced = sentence[np.abs(sentence.astype(int)).cumsum() > 0]
    audio = np.tile(voiced[: len(voiced) - RATE // 8], 22)
    found = find(audio, [RATE])
    joined = [one for one in found if one.joined]
    assert joined
    for one in joined:
        assert any(other.end == one.start for other in found)
    assert sum(one.end - one.start for one in found) > 0.9 * len(audio)
