"""Hands drawn as points: a wrist, four fingers that are straight or folded, and a thumb."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parley.recap.gestures.models import Floats

STRAIGHT = (0.4, 0.7, 0.95)
FOLDED = (0.35, 0.15, -0.1)
THUMBS = {
    "out": [(-0.35, -0.15), (-0.6, -0.4), (-0.8, -0.65), (-0.95, -0.85)],
    "across": [(-0.3, -0.2), (-0.3, -0.5), (-0.05, -0.65), (0.15, -0.7)],
    "up": [(-0.3, -0.25), (-0.55, -0.5), (-0.85, -0.5), (-1.15, -0.5)],
}
"""Of an upright hand whose thumb is on the left; "up" is up when that hand is turned a quarter clockwise."""


def hand(fingers: Sequence[bool], thumb: str, turn: float = 0.0, spread: float = 0.15, size: float = 100.0) -> Floats:
    """fingers: which of index, middle, ring and little finger are straight. turn: degrees, clockwise. size: pixels."""
    points = [(0.0, 0.0), *THUMBS[thumb]]
    for number, straight in enumerate(fingers):
        across = -0.3 + 0.2 * number
        lean = (number - 1.5) * spread
        points.append((across, -1.0))
        points += [
            (across + far * math.sin(lean), -1 - far * math.cos(lean)) for far in (STRAIGHT if straight else FOLDED)
        ]
    angle = math.radians(turn)
    x, y = np.array(points).T * size
    turned = [x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)]
    return np.stack([turned[0] + 300, turned[1] + 200, np.zeros(21)], axis=1).astype(np.float32)


OPEN = (True, True, True, True)
FIST = (False, False, False, False)
VICTORY = (True, True, False, False)
