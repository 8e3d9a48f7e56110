"""Listens to one microphone's files: audio in, windows of speech with their samples out."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from parley.recap.audio import RATE, Damage, Samples, Stretch, TrackAudio
from parley.recap.monotony import silenced
from parley.recap.recording import Span, Track
from parley.recap.voice import PAD, Place, Voiced, VoiceFinder
from parley.recap.windows import Window, Windows

SETTLED = 5.0
"""Seconds after which a recorder has written what it will write: a muted microphone's last window needn't wait."""

_AHEAD = 30.0
"""Seconds by which a recorder's clock may be ahead of ours: a packet that is later has a wrong time."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A window, its samples, and the place from which the search goes on once it is done."""

    window: Window
    samples: Samples
    place: Place


class TrackListener:
    """One track, from a place on. until: the sample before which every window was done in an earlier life.

    damage: what couldn't be read. finished: the track is complete and every window was given.
    """

    def __init__(self, track: Track, place: Place | None = None, until: int = 0) -> None:
        place = place or Place()
        self.finished = False
        self.damage: list[Damage] = []
        self._until = until
        self._audio = TrackAudio(max(0, place.at if place.speaking else place.at - PAD) / RATE)
        self._finder = VoiceFinder(place)
        self._windows = Windows(track.id, track.participant)
        self._held: deque[Stretch] = deque()
        self._places = deque([place])
        self._reading: Iterator[Stretch] | None = None

    @property
    def at(self) -> float:
        """The meeting's second up to which it has listened."""
        return self._finder.at / RATE

    @property
    def place(self) -> Place:
        """From where the search must begin to find all that was not given yet."""
        pending = self._pending
        while len(self._places) > 1 and self._reaches(self._places[1], pending):
            self._places.popleft()
        return self._places[0]

    def listen(
        self,
        track: Track,
        *,
        complete: bool,
        horizon: float | None = None,
        now: float | None = None,
        written: float | None = None,
    ) -> Iterator[Ready]:
        """The windows that are finished by now.

        horizon: the meeting's second after which it stops for this time. now: the present second of a meeting that
        runs, by the recorder's clock, or the last one of a meeting that is over. written: the second up to which the
        recorder has written all that it will: one that was away still writes what waited for it.
        """
        if self.finished:
            return
        if self._reading is None:
            latest = math.inf if now is None else max(now, written or now) + _AHEAD
            self._reading = self._audio.read(track, complete=complete, latest=latest)
        for stretch in self._reading:
            self._held.append(stretch)
            yield from self._group(self._finder.push(stretch))
            if horizon is not None and self.at >= horizon:
                break
        else:
            self._reading = None
            if now is not None and not complete:
                settled = now - SETTLED if written is None else min(now - SETTLED, written)
                yield from self._group(self._finder.settle(round(settled * RATE)))
            if complete:
                yield from self._group(self._finder.finish())
                yield from self._ready(self._windows.finish())
                self.finished = True
        self._gather_damage()
        self._forget()

    def open(self) -> Ready | None:
        """The window that isn't finished, as far as it goes."""
        window = self._windows.open
        since = self._finder.speaking_since
        speech = window.speech if window else ()
        if since is not None and self._finder.at > since >= self._until:
            speech = (*speech, Voiced(since, self._finder.at))
        if not speech or speech[-1].end - speech[0].start > 30 * RATE:
            return None
        begun = Window(self._windows.track, self._windows.participant, speech)
        return Ready(begun, self._samples(begun), self.place)

    def _group(self, found: list[Voiced]) -> Iterator[Ready]:
        for one in found:
            if one.start >= self._until:
                yield from self._ready(self._windows.push(one))
        yield from self._ready(self._windows.quiet(self._finder.quiet_until))
        if self._finder.place != self._places[-1]:
            self._places.append(self._finder.place)

    def _ready(self, window: Window | None) -> Iterator[Ready]:
        if window is not None:
            yield Ready(window, self._samples(window), self.place)

    @property
    def _pending(self) -> int:
        """The sample at which the earliest speech begins, or may begin, that no finished window has."""
        window = self._windows.open
        return min(window.start, self._finder.quiet_until) if window else self._finder.quiet_until

    @staticmethod
    def _reaches(place: Place, pending: int) -> bool:
        return (place.at if place.speaking else max(0, place.at - PAD)) <= pending

    def _samples(self, window: Window) -> Samples:
        """What was heard in it; silence in gaps, and where there is a voice without words."""
        start, end = window.start, window.end
        samples = np.zeros(end - start, np.int16)
        for stretch in self._held:
            first, last = max(start, stretch.start), min(end, stretch.end)
            if first < last:
                samples[first - start : last - start] = stretch.samples[first - stretch.start : last - stretch.start]
        return silenced(samples, [Span((one.start - start) / RATE, (one.end - start) / RATE) for one in window.speech])

    def _forget(self) -> None:
        while self._held and self._held[0].end <= self._pending:
            self._held.popleft()

    def _gather_damage(self) -> None:
        late = [Damage(Span(first / RATE, last / RATE), "it was written too late") for first, last in self._finder.late]
        self._finder.late.clear()
        self.damage += [one for one in (*self._audio.damage, *late) if one.span.end * RATE > self._until]
        self._audio.damage.clear()
