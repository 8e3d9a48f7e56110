"""Puts a picture of the film together: who is shown, where, and what is written over it.

What doesn't change from one picture to the next isn't done again: a card is drawn once, a still screen is scaled once,
and a picture in which nothing moved is the picture before.
"""

from __future__ import annotations

import av

from parley.recap.film import cards
from parley.recap.film.canvas import Canvas, Plane, Scaler, fit
from parley.recap.film.cards import Caption
from parley.recap.film.layout import Grid, Rect, Scene, Screen, Solo, Talk, newest, tiles, visible
from parley.recap.film.media_reader import VideoReader
from parley.recap.recording import Recording

MARGIN = 24
INSET = Rect(0, 0, 272, 152)
"""The size of the speaker's picture beside a shared screen."""
TITLE_SECONDS = 6.0
"""How long a title stays: long enough to be read twice."""
TITLE_FADE = 0.4


class _Place:
    """A rectangle of the picture and the stream that fills it."""

    def __init__(self, rect: Rect, *, whole: bool) -> None:
        self.rect, self.whole = rect, whole
        self._scaler = Scaler()
        self._source: av.VideoFrame | None = None
        self._scaled: tuple[Plane, Plane, Plane] | None = None

    def put(self, canvas: Canvas, frame: av.VideoFrame, border: tuple[int, int, int]) -> None:
        """Put a frame into the place, scaled unless it is the one of last time."""
        how = fit(frame.width, frame.height, self.rect, whole=self.whole)
        if frame is not self._source or self._scaled is None:
            self._scaled, self._source = self._scaler.scaled(frame, how), frame
        if how.rect != self.rect:
            canvas.fill(border, self.rect)
        canvas.paste(self._scaled, how.rect, how.left, how.top)


class Composer:
    """The pictures of one piece of a film, in order. Not for several threads."""

    def __init__(self, recording: Recording, spoken: tuple[Talk, ...], width: int, height: int) -> None:
        self._recording = recording
        self._spoken = spoken
        self._size = Rect(0, 0, width, height)
        self._cameras = visible(recording, recording.of("camera"))
        self._readers: dict[str, VideoReader] = {}
        self._places: dict[tuple[str, Rect], _Place] = {}
        self._stage = Canvas(width, height)
        """The pictures of people and screens, without anything written."""
        self._canvas = Canvas(width, height)
        self._shown: tuple[object, ...] = ()
        self._written: tuple[object, ...] = ()

    def picture(self, at: float, scene: Scene, caption: Caption | None, since: float, words: str | None) -> Canvas:
        """The picture at a second of the meeting; caption's title is shown in the first seconds of `since`.

        The canvas is valid until the next call.
        """
        parts = self._parts(at, scene)
        shown = (scene, *(part[1:] for part in parts))
        # Frames compare by identity, and a reader gives the same one as long as it is to be seen.
        moved = shown != self._shown
        if moved:
            self._draw(parts)
        opacity = _title_opacity(since) if caption is not None else 0.0
        written = (scene, opacity, words)
        if moved or written != self._written:
            self._canvas.copy_from(self._stage)
            self._write(scene, caption, opacity, words)
        self._shown, self._written = shown, written
        return self._canvas

    def close(self) -> None:
        """Let the files go."""
        for reader in self._readers.values():
            reader.close()

    def _parts(self, at: float, scene: Scene) -> list[tuple[_Place, str, av.VideoFrame | None, bool]]:
        """What is where: the place, whose it is, the picture to put there, and whether they speak just now."""
        match scene:
            case Solo(participant=who):
                return [(self._place("solo", self._size), who, self._camera(who, at), False)]
            case Screen(track=track, participant=who):
                frame = self._reader(track).at(at)
                parts = [(self._place("screen", self._size, whole=True), "", frame, False)]
                camera = self._camera(who, at) if who is not None else None
                if who is not None and camera is not None:
                    parts.append((self._place("inset", self._inset()), who, camera, False))
                return parts
            case Grid(participants=people):
                rects = tiles(len(people), self._size.width, self._size.height)
                talking = {talk.participant for talk in self._spoken if talk.start <= at < talk.end}
                return [
                    (self._place(who, rect), who, self._camera(who, at), who in talking)
                    for who, rect in zip(people, rects, strict=True)
                ]

    def _draw(self, parts: list[tuple[_Place, str, av.VideoFrame | None, bool]]) -> None:
        if len(parts) != 1:
            self._stage.fill(cards.PAGE_YUV)
        for place, who, frame, speaks in parts:
            rect = place.rect
            if frame is not None:
                border = cards.PAGE_YUV if rect == self._size else cards.TILE_YUV
                place.put(self._stage, frame, border)
            elif who:
                drawn = cards.card(who, self._recording.name(who), rect.width, rect.height)
                self._stage.lay(drawn, rect.x, rect.y)
            else:
                self._stage.fill(cards.PAGE_YUV, rect)
            if rect.width == INSET.width and rect == self._inset():
                self._stage.outline(rect, cards.PAGE_YUV, 2)
            if speaks:
                self._stage.outline(rect, cards.ACCENT_YUV, 4)

    def _write(self, scene: Scene, caption: Caption | None, opacity: float, words: str | None) -> None:
        width, height = self._size.width, self._size.height
        if isinstance(scene, Grid):
            for who, rect in zip(scene.participants, tiles(len(scene.participants), width, height), strict=True):
                drawn = cards.badge(self._recording.name(who), 18, rect.width - 16)
                self._canvas.lay(drawn, rect.x + 8, rect.y + rect.height - drawn.height - 8)
        elif scene.participant is not None:
            drawn = cards.badge(self._recording.name(scene.participant), 24, 400)
            self._canvas.lay(drawn, MARGIN, height - drawn.height - MARGIN)
        if caption is not None and opacity > 0:
            drawn = cards.title(cards.LABELS[caption.kind], caption.title, 900)
            self._canvas.lay(drawn, MARGIN, MARGIN, opacity)
        if words:
            drawn = cards.spoken(words, 780)
            self._canvas.lay(drawn, (width - drawn.width) // 4 * 2, height - drawn.height - 84)

    def _camera(self, who: str, at: float) -> av.VideoFrame | None:
        track = newest((each for each in self._cameras if each.track.participant == who), at)
        return self._reader(track.id).at(at) if track is not None else None

    def _reader(self, track: str) -> VideoReader:
        if track not in self._readers:
            self._readers[track] = VideoReader(next(each for each in self._recording.tracks if each.id == track))
        return self._readers[track]

    def _place(self, name: str, rect: Rect, *, whole: bool = False) -> _Place:
        if (name, rect) not in self._places:
            self._places[name, rect] = _Place(rect, whole=whole)
        return self._places[name, rect]

    def _inset(self) -> Rect:
        left, top = self._size.width - INSET.width - MARGIN, self._size.height - INSET.height - MARGIN
        return Rect(left, top, INSET.width, INSET.height)


def _title_opacity(since: float) -> float:
    """How much of the title is to be seen so many seconds after the beginning."""
    return max(0.0, min(1.0, since / TITLE_FADE, (TITLE_SECONDS - since) / TITLE_FADE))
