"""Marks where somebody's sound never reached the recording: nobody can say whether they spoke there, so it is said.

What the timeline tells as lost of a microphone is marked, as far as it was switched on and recording wasn't paused.
What else stands there already (text, or a mark) stays; segments never lie over each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from parley.recap.artefacts import Segment
from parley.recap.recording import AUDIO, Recording, Span, Track
from parley.store import recording as stored

LOST = "lost"
ONE_WORD = 0.2
"""Seconds that are worth a mark: a "no" fits into them."""
_PACKET = 0.02
"""Seconds of sound in one, as browsers send it."""


def with_marks(recording: Recording | None, said: Iterable[Segment], damage: Iterable[Segment]) -> list[Segment]:
    """Segments of what was said, by start, with marks in what is left between them.

    damage: marks of what was recorded and can't be read; several may tell of one place.
    """
    segments: dict[str, list[Segment]] = defaultdict(list)
    for one in said:
        segments[one.track].append(one)
    if recording is not None:
        for track in recording.of(*AUDIO):
            taken = [*_silent(recording, track), *(Span(one.start, one.end) for one in segments[track.id])]
            left = without(holes(recording, track), taken)
            segments[track.id] += [_mark(track, span) for span in left if span.seconds >= ONE_WORD]
    for mark in damage:
        taken = [Span(one.start, one.end) for one in segments[mark.track]]
        left = without([Span(mark.start, mark.end)], taken)
        segments[mark.track] += _numbered(mark, [one for one in left if one.seconds > 0.001])
    return sorted((one for each in segments.values() for one in each), key=lambda one: (one.start, one.track, one.id))


def holes(recording: Recording, track: Track) -> list[Span]:
    """Where sound of a track is missing in which there is room for a word, as far as it is known by now."""
    return together(
        Span(event.at, event.at + event.seconds)
        for event in recording.events
        if isinstance(event, stored.Lost) and event.track == track.id and not _small(event)
    )


def _small(lost: stored.Lost) -> bool:
    """Whether a hole in the network is a few packets of silence, where a browser sends few."""
    return lost.reason == "network" and lost.packets * _PACKET < ONE_WORD


def together(spans: Iterable[Span]) -> list[Span]:
    """The same seconds in spans that are apart, in order."""
    made: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if made and span.start <= made[-1].end:
            made[-1] = replace(made[-1], end=max(made[-1].end, span.end))
        elif span.end > span.start:
            made.append(span)
    return made


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans when others are taken away."""
    gone = together(taken)
    left: list[Span] = []
    for span in spans:
        at = span.start
        for one in gone:
            if one.end <= at or one.start >= span.end:
                continue
            if one.start > at:
                left.append(Span(at, one.start))
            at = one.end
        if at < span.end:
            left.append(Span(at, span.end))
    return left


def _silent(recording: Recording, track: Track) -> list[Span]:
    """When a track was muted, or recording paused."""
    spans, since = list(recording.paused), None
    for event in recording.events:
        if isinstance(event, stored.Muted) and event.track == track.id:
            if event.muted and since is None:
                since = event.at
            elif not event.muted and since is not None:
                spans.append(Span(since, event.at))
                since = None
    if since is not None:
        spans.append(Span(since, max(since, recording.duration)))
    return spans


def _mark(track: Track, span: Span) -> Segment:
    start, end = round(span.start, 3), round(span.end, 3)
    return Segment(
        id=f"{track.id}:{round(start * 1000)}.missing", participant=track.participant, track=track.id, start=start,
        end=end, state="untranscribed", reason=LOST, confidence=0.0,
    )  # fmt: skip


def _numbered(mark: Segment, spans: Sequence[Span]) -> list[Segment]:
    return [
        msgspec.structs.replace(
            mark, id=mark.id if not number else f"{mark.id}.{number}", start=round(one.start, 3), end=round(one.end, 3)
        )
        for number, one in enumerate(spans)
    ]
