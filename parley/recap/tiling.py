"""Lays a window's sentences over its speech so that every second of speech is text or says why it is not.

Sentences keep their words' times; what lies between them is given to the nearer one where it is short, and stands as
untranscribed where it is long enough to have held words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parley.recap.artefacts import SegmentState, Word
from parley.recap.recording import Span

HELD_WORDS = 1.2
"""Seconds of speech without any text that are worth a mark."""
_ROOM = 0.02
"""Seconds that the shortest piece takes."""
NOTHING = "no words were recognised"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a window: text, or why there is none. Seconds on the meeting's clock."""

    start: float
    end: float
    words: tuple[Word, ...] = ()
    state: SegmentState = "text"
    reason: str = ""
    confidence: float = 1.0


def tile(speech: Sequence[Span], pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces that don't overlap, in order, and together cover all of the speech.

    speech: ordered and apart, at least one. Pieces outside of it are moved to its edge.
    """
    first, last = speech[0].start, speech[-1].end
    tiled: list[Piece] = []
    for piece in _apart(first, last, pieces):
        before, start = tiled[-1].end if tiled else first, piece.start
        voiced = _within(speech, before, start)
        if sum(one.seconds for one in voiced) >= HELD_WORDS:
            tiled.append(_unheard(voiced))
        elif voiced and not tiled:
            start = voiced[0].start
        elif voiced:
            middle = (before + start) / 2
            sooner, later = _within(voiced, before, middle), _within(voiced, middle, start)
            if sooner:
                tiled[-1] = replace(tiled[-1], end=sooner[-1].end)
            if later:
                start = later[0].start
        tiled.append(replace(piece, start=start))
    voiced = _within(speech, tiled[-1].end if tiled else first, last)
    if voiced and tiled and sum(one.seconds for one in voiced) < HELD_WORDS:
        tiled[-1] = replace(tiled[-1], end=last)
    elif voiced:
        tiled.append(_unheard(voiced))
    return tiled


def _apart(first: float, last: float, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces in order, each with some room within first..last, none over another."""
    laid: list[Piece] = []
    for piece in sorted(pieces, key=lambda one: (one.start, one.end)):
        start = min(max(piece.start, first), last - _ROOM)
        end = min(max(piece.end, start + _ROOM), last)
        if laid and start < laid[-1].end:
            start = min(laid[-1].end, max(start, end - _ROOM))
            if start - laid[-1].start < _ROOM and laid[-1].state == piece.state == "text":
                laid[-1] = replace(laid[-1], end=max(end, laid[-1].end), words=laid[-1].words + piece.words)
                continue
            laid[-1] = replace(laid[-1], end=start)
        laid.append(replace(piece, start=start, end=max(end, start)))
    return [piece for piece in laid if piece.end > piece.start or piece.words]


def _within(speech: Sequence[Span], start: float, end: float) -> list[Span]:
    """What of the speech lies between start and end."""
    cut = (Span(max(one.start, start), min(one.end, end)) for one in speech)
    return [one for one in cut if one.seconds > 1e-6]


def _unheard(voiced: Sequence[Span]) -> Piece:
    return Piece(voiced[0].start, voiced[-1].end, state="untranscribed", reason=NOTHING, confidence=0.0)
