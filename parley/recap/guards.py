"""Text that nobody said: how it is told, and why it is left out.

Recognisers invent. On silence and noise Whisper writes what closes films, or one phrase over and over; every rule here
is one such habit. No rule takes a sentence on its wording alone: people do say "thank you".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.recap.recogniser import Utterance
from parley.recap.recording import Span

NO_SPEECH = 0.6
UNLIKELY = 0.37
"""Mean probability of a token, exp(-1): Whisper's own limit for a text it takes for silence."""
COMPRESSED = 2.4
FASTEST = 9.0
"""Words a second, over a few words: quick talkers reach six."""
_FAST_WORDS = 5
LEAST_SPEECH = 0.06
"""Seconds of voice that must lie under a text."""
_LOW_EVIDENCE_NO_SPEECH = 0.3
_LOW_EVIDENCE = 0.6
_LOW_EVIDENCE_SPEECH = 0.5
"""A known phrase is believed when this share of its time carries voice."""

_FEW_WORDS = 4
_UNSURE, _HALF_SURE = 0.43, 0.55
_SLOW = 0.8
"""Seconds of voice for one word: what a melody takes that is heard as "ooh"."""

_KNOWN = frozenset(
    (
        "thank you", "thanks for watching", "thank you for watching", "thank you so much for watching",
        "thanks for listening", "please subscribe", "subscribe", "like and subscribe",
        "please like and subscribe", "dont forget to subscribe", "see you next time", "see you in the next video",
        "bye", "bye bye", "you", "the end", "music", "applause", "laughter", "silence", "foreign", "so",
        "subtitles by the amaraorg community", "transcription by castingwords", "transcript by rev",
    )
)  # fmt: skip
_LETTERS = re.compile(r"[^a-z0-9 ]+")


def doubt(utterance: Utterance, speech: Sequence[Span]) -> str:
    """Why this text isn't believed, in words; "" when it is. speech: voice activity on the utterance's own clock."""
    voiced = sum(max(0.0, min(one.end, utterance.end) - max(one.start, utterance.start)) for one in speech)
    if voiced < LEAST_SPEECH:
        return "no voice under the text"
    if utterance.no_speech > NO_SPEECH and utterance.confidence < UNLIKELY:
        return "the recogniser heard no speech"
    if utterance.compression > COMPRESSED or repeats(utterance.text):
        return "the recogniser repeated itself"
    length = max(utterance.end - utterance.start, 0.01)
    if len(utterance.words) >= _FAST_WORDS and len(utterance.words) / length > FASTEST:
        return "more words than can be said in that time"
    slow = voiced / len(utterance.words) > _SLOW
    if len(utterance.words) <= _FEW_WORDS and utterance.confidence < (_HALF_SURE if slow else _UNSURE):
        return "a few uncertain words"
    low = (
        utterance.no_speech > _LOW_EVIDENCE_NO_SPEECH
        or utterance.confidence < _LOW_EVIDENCE
        or voiced / length < _LOW_EVIDENCE_SPEECH
    )
    if low and _plain(utterance.text) in _KNOWN:
        return "a phrase that recognisers invent, with little to carry it"
    return ""


def repeats(text: str) -> bool:
    """Whether one to four words come five times on end, or four words four times."""
    words = _plain(text).split()
    for size in range(1, 5):
        times = 5 if size < 4 else 4
        for start in range(len(words) - size * times + 1):
            unit = words[start : start + size]
            if all(words[start + i * size : start + (i + 1) * size] == unit for i in range(1, times)):
                return True
    return False


def _plain(text: str) -> str:
    return " ".join(_LETTERS.sub("", text.lower()).split())
