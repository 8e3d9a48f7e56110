"""From what hands show, picture by picture, to gestures: held for a moment, or moved to and fro.

Sans-I/O, one of it for each person. A shape counts once it was held for about half a second, so that a hand on its way
to somewhere says nothing. An open hand that swings is a wave; one that is held up high is raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from parley.recap.artefacts import Gesture, GestureLabel
from parley.recap.gestures.shapes import Shape

HOLD = 0.5
"""Seconds for which a shape is held before it counts."""
GONE = 0.8
"""Seconds without it after which it has ended: a blurred picture in between ends nothing."""
HIGH = 0.5
"""An open hand above this share of the picture's height is raised."""
WAVE_SECONDS = 1.6
SWINGS = 3
"""How often, within those seconds, a waving hand turns round."""
SWING = 0.35
"""How far it goes before it turns, in hands (from the wrist to the middle finger's knuckle)."""

_STILL: tuple[GestureLabel, ...] = ("open_palm", "raised_hand")
"""What an open hand says that doesn't wave."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A hand in one picture. x: where its fingertips are, in hands; height: of its middle, 0 at the top, 1 below."""

    shape: Shape
    x: float
    height: float


@dataclass(slots=True)
class _Held:
    """A label that is being seen."""

    since: float
    last: float
    told: bool = False


class Holds:
    """See the module. participant: whose hands they are."""

    def __init__(self, participant: str) -> None:
        self._participant = participant
        self._held: dict[GestureLabel, _Held] = {}
        self._open: deque[tuple[float, float]] = deque()
        self._done: list[Gesture] = []

    def see(self, at: float, hands: Iterable[Seen]) -> list[GestureLabel]:
        """What was seen at a time (seconds, never before the last); the labels that count from now on."""
        labels = {label for hand in hands if (label := self._label(at, hand)) is not None}
        self._end(at)
        if "wave" in labels:
            labels -= set(_STILL)
            for still in _STILL:
                held = self._held.get(still)
                if held is not None and not held.told:
                    del self._held[still]
        begun: list[GestureLabel] = []
        for label in sorted(labels):
            held = self._held.setdefault(label, _Held(at, at))
            held.last = at
            if not held.told and (label == "wave" or at - held.since >= HOLD) and not self._is_moving(label):
                held.told = True
                begun.append(label)
        return begun

    def take(self) -> list[Gesture]:
        """The gestures that are over."""
        done, self._done = self._done, []
        return done

    def finish(self) -> list[Gesture]:
        """There are no more pictures: all gestures that weren't taken."""
        self._end(float("inf"))
        return self.take()

    def _end(self, at: float) -> None:
        for label, held in list(self._held.items()):
            if at - held.last > GONE:
                del self._held[label]
                if held.told:
                    end = max(held.last, held.since + HOLD)
                    self._done.append(Gesture(self._participant, label, round(held.since, 3), round(end, 3)))

    def _label(self, at: float, hand: Seen) -> GestureLabel | None:
        match hand.shape:
            case "thumb_up":
                return "thumbs_up"
            case "victory":
                return "victory"
            case "open":
                self._open.append((at, hand.x))
                while at - self._open[0][0] > WAVE_SECONDS:
                    self._open.popleft()
                if turns([x for _, x in self._open]) >= SWINGS:
                    return "wave"
                return "raised_hand" if hand.height < HIGH else "open_palm"

    def _is_moving(self, label: GestureLabel) -> bool:
        """Whether an open hand swings just now: it may become a wave."""
        if label not in _STILL or not self._open:
            return False
        newest = self._open[-1][0]
        recent = [x for at, x in self._open if newest - at <= 2 * HOLD]
        return max(recent) - min(recent) > SWING


def turns(places: Iterable[float]) -> int:
    """How often something that is at these places, one after the other, turns round, each time after SWING or more."""
    count = 0
    low = high = None
    direction = 0
    for place in places:
        if low is None or high is None:
            low = high = place
        low, high = min(low, place), max(high, place)
        if direction <= 0 and place - low >= SWING:
            count += direction < 0
            direction, high = 1, place
            low = place
        elif direction >= 0 and high - place >= SWING:
            count += direction > 0
            direction, low = -1, place
            high = place
    return count
