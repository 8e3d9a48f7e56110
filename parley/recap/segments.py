"""From what a recogniser heard in a window to the segments of a transcript."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import msgspec

from parley.recap.artefacts import Segment, Word
from parley.recap.guards import doubt
from parley.recap.recogniser import Context, Heard, Utterance
from parley.recap.recording import Span
from parley.recap.tiling import Piece, tile
from parley.recap.windows import Window
from parley.recap.writing import sentences, written

HOLE = 0.5
"""Seconds of missing sound across which no sentence goes on: words are missing there."""


def segments(
    window: Window,
    heard: Heard,
    context: Context,
    *,
    punctuated: bool,
    confirmed: bool = True,
    holes: Sequence[Span] = (),
) -> tuple[Segment, ...]:
    """The window's segments, by start; together they cover its speech. Ids are the window's and a count.

    holes: where its sound is missing, in seconds of the meeting.
    """
    if heard.language != "en":
        pieces = [Piece(window.span.start, window.span.end, state="other_language", reason="not English")]
    else:
        speech = tuple(Span(one.start - window.span.start, one.end - window.span.start) for one in window.spans)
        pieces = []
        for utterance in heard.utterances:
            why = doubt(utterance, speech)
            if why:
                if any(one.start < utterance.end and utterance.start < one.end for one in speech):
                    pieces.append(_left_out(utterance, why, window.span.start))
                continue
            for part in _parts(utterance.words, [_moved(hole, -window.span.start) for hole in holes]):
                for words in sentences(part, punctuated=punctuated):
                    pieces.append(_said(words if punctuated else written(words, context.names), window.span.start))
    return _numbered(window, pieces, language=heard.language, confirmed=confirmed)


def unheard(window: Window, reason: str) -> tuple[Segment, ...]:
    """The window's place in the transcript when it couldn't be transcribed at all."""
    piece = Piece(window.span.start, window.span.end, state="untranscribed", reason=reason, confidence=0.0)
    return _numbered(window, [piece], language="en", confirmed=True)


def _numbered(window: Window, pieces: list[Piece], *, language: str, confirmed: bool) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            id=f"{window.id}.{number}",
            participant=window.participant,
            track=window.track,
            start=round(piece.start, 3),
            end=round(piece.end, 3),
            text=" ".join(word.text for word in piece.words),
            words=piece.words,
            state=piece.state,
            reason=piece.reason,
            language=language,
            confidence=round(piece.confidence, 3),
            confirmed=confirmed,
        )
        for number, piece in enumerate(tile(window.spans, pieces))
    )


def _moved(span: Span, seconds: float) -> Span:
    return Span(span.start + seconds, span.end + seconds)


def _parts(words: tuple[Word, ...], holes: Sequence[Span]) -> Iterator[tuple[Word, ...]]:
    """The words between one hole and the next; one that seems to last into a hole is cut there."""
    wide = [hole for hole in holes if hole.seconds >= HOLE]

    def passed(word: Word) -> int:
        return sum(hole.start + hole.end <= word.start + word.end for hole in wide)

    for number, part in itertools.groupby(words, passed):
        after = wide[number - 1].end if number else -math.inf
        before = wide[number].start if number < len(wide) else math.inf
        yield tuple(
            msgspec.structs.replace(word, start=max(word.start, after), end=max(after, min(word.end, before)))
            if word.start < after or word.end > before
            else word
            for word in part
        )


def _said(words: tuple[Word, ...], offset: float) -> Piece:
    moved = tuple(
        Word(word.text, round(word.start + offset, 3), round(word.end + offset, 3), round(word.confidence, 3))
        for word in words
    )
    confidence = sum(word.confidence for word in words) / len(words)
    return Piece(moved[0].start, max(word.end for word in moved), moved, confidence=confidence)


def _left_out(utterance: Utterance, why: str, offset: float) -> Piece:
    return Piece(utterance.start + offset, utterance.end + offset, state="untranscribed", reason=why, confidence=0.0)
