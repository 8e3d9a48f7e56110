"""What a hand's shape says, from its 21 points alone: thumb up, open, victory, or nothing.

The points are numbered as in arXiv:2006.10214: 0 is the wrist, then four of each finger from the thumb's to the little
one's, the tip last. A thumb that doesn't point upwards says nothing: thumbs down can't be told from a fist at rest.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from parley.recap.gestures.models import Floats

Shape = Literal["thumb_up", "open", "victory"]

_WRIST, _INDEX, _MIDDLE, _LITTLE = 0, 5, 9, 17
_THUMB_BASE, _THUMB_TIP = 2, 4
_FINGERS = (5, 9, 13, 17)
"""The knuckles of index, middle, ring and little finger; three points more follow each."""
STRAIGHT, BENT = 0.9, 0.75
"""Between the tip and the knuckle, as a share of the way along the finger."""
UPRIGHT = math.radians(50)
"""How far an open hand or a victory sign may lean."""
THUMB_UPRIGHT = math.radians(35)
SPREAD = math.radians(12)
"""Between index and middle finger of a victory sign."""


def shape_of(points: Floats) -> Shape | None:
    """What this hand shows. points: (21, 3), x to the right, y down, in pixels."""
    size = float(np.linalg.norm(points[_MIDDLE, :2] - points[_WRIST, :2]))
    if size < 1:
        return None
    fingers = [(_straightness(points, knuckle), _reaches(points, knuckle)) for knuckle in _FINGERS]
    extended = [value > STRAIGHT and reaches for value, reaches in fingers]
    folded = [value < BENT or not reaches for value, reaches in fingers]
    lean = _from_upright(points[_MIDDLE] - points[_WRIST])
    if all(extended):
        return "open" if lean < UPRIGHT and _thumb_is_out(points) else None
    if extended[:2] == [True, True] and all(folded[2:]):
        between = _angle(points[8] - points[5], points[12] - points[9])
        return "victory" if lean < UPRIGHT and between > SPREAD else None
    if all(folded) and _thumb_is_up(points, size):
        return "thumb_up"
    return None


def _straightness(points: Floats, knuckle: int) -> float:
    """1 for a straight finger, less the more it is bent."""
    finger = points[knuckle : knuckle + 4]
    along = float(np.linalg.norm(np.diff(finger, axis=0), axis=1).sum())
    return float(np.linalg.norm(finger[3] - finger[0])) / max(along, 1e-6)


def _reaches(points: Floats, knuckle: int) -> bool:
    """Whether a finger's tip is farther from the wrist than its middle joint."""
    wrist = points[_WRIST, :2]
    return bool(np.linalg.norm(points[knuckle + 3, :2] - wrist) > np.linalg.norm(points[knuckle + 1, :2] - wrist))


def _thumb_is_out(points: Floats) -> bool:
    """Not laid across the palm, as it is when four fingers are shown."""
    little = points[_LITTLE, :2]
    tip, base = (float(np.linalg.norm(points[at, :2] - little)) for at in (_THUMB_TIP, _THUMB_BASE))
    return tip > 1.05 * base


def _thumb_is_up(points: Floats, size: float) -> bool:
    """Straight, upwards, with nothing of the hand above its tip, and clear of the fist."""
    thumb = points[_THUMB_TIP] - points[_THUMB_BASE]
    others = np.delete(points[:, 1], [3, _THUMB_TIP])
    return (
        _from_upright(thumb) < THUMB_UPRIGHT
        and float(np.linalg.norm(thumb[:2])) > 0.45 * size
        and float(points[_THUMB_TIP, 1]) < float(others.min()) - 0.2 * size
        and _from_upright(points[_INDEX] - points[_WRIST]) > math.radians(20)
    )


def _from_upright(direction: Floats) -> float:
    """Radians between a direction in the picture and straight up."""
    return abs(math.atan2(float(direction[0]), -float(direction[1])))


def _angle(one: Floats, other: Floats) -> float:
    """Radians between two directions in the picture."""
    turns = math.atan2(float(one[0]), -float(one[1])) - math.atan2(float(other[0]), -float(other[1]))
    return abs(math.remainder(turns, 2 * math.pi))
