"""Finds hands in a picture: for each palm, 21 points of the hand in a turned square cut out around it.

A hand that was there a moment ago is looked for where it was, which is quicker than finding its palm anew. The points
stay in memory, and no longer than until the next picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from parley.recap.gestures.models import LANDMARKS, Floats, Model
from parley.recap.gestures.palms import MIDDLE, WRIST, Palm, PalmFinder

SIZE = 224
PRESENT = 0.5
"""How sure the model has to be that there is a hand in the square."""
MOST = 2
"""Hands of one person."""
_PALM = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)
"""The points that say where a hand is, whatever its fingers do."""
_SAME = 0.5
"""Two hands whose middles are nearer than this share of their size are one."""


@dataclass(frozen=True, slots=True)
class Hand:
    """points: (21, 3), x to the right and y down in pixels of the picture, z towards the camera is negative.

    right: how sure it is (0..1) that this is a right hand, in a picture that isn't mirrored.
    """

    points: Floats
    right: float
    present: float

    @property
    def middle(self) -> Floats:
        """Where it is (2)."""
        return np.asarray(self.points[list(_PALM), :2].mean(axis=0), np.float32)

    @property
    def size(self) -> float:
        """From the wrist to the middle finger's knuckle, in pixels."""
        return float(np.linalg.norm(self.points[9] - self.points[0]))


@dataclass(frozen=True, slots=True)
class Square:
    """A turned square: its middle, its side, both in pixels, and by how many radians it is turned clockwise."""

    x: float
    y: float
    side: float
    turn: float


class HandFinder:
    """See the module. Raises ModelsMissingError when it is made and there are no models."""

    def __init__(self) -> None:
        self._palms = PalmFinder()
        self._model = Model(LANDMARKS)

    def find(self, picture: Image.Image, before: Iterable[Hand] = (), part: int = 0) -> list[Hand]:
        """The hands in an RGB picture. before: those of the picture just before; if they are still there, no others
        are looked for. part: which of the picture's `parts` is searched for others; the next one for the next."""
        kept = self._distinct(picture, (around_hand(hand) for hand in before))
        if kept:
            return kept
        squares = parts(*picture.size)
        left, top, side = squares[part % len(squares)]
        found = self._palms.find(picture.crop((left, top, left + side, top + side)))
        shift = np.array([left, top], np.float32)
        moved = [
            Palm(np.concatenate([palm.box[:2] + shift, palm.box[2:]]), palm.points + shift, palm.score)
            for palm in found[:MOST]
        ]
        return self._distinct(picture, (around_palm(palm) for palm in moved))

    def _distinct(self, picture: Image.Image, squares: Iterable[Square]) -> list[Hand]:
        hands: list[Hand] = []
        for square in squares:
            hand = self._look(picture, square)
            if hand is not None and not any(_same(hand, other) for other in hands):
                hands.append(hand)
        return hands

    def _look(self, picture: Image.Image, square: Square) -> Hand | None:
        scale = square.side / SIZE
        across = np.array([math.cos(square.turn), math.sin(square.turn)]) * scale
        down = np.array([-math.sin(square.turn), math.cos(square.turn)]) * scale
        corner = np.array([square.x, square.y]) - (across + down) * SIZE / 2
        cut = picture.transform(
            (SIZE, SIZE), Image.Transform.AFFINE,
            (across[0], down[0], corner[0], across[1], down[1], corner[1]), Image.Resampling.BILINEAR,
        )  # fmt: skip
        points, present, left, _ = self._model.run((np.asarray(cut, np.float32) / np.float32(255))[None])
        if not present[0, 0] >= PRESENT:
            return None
        cut_points = points.reshape(21, 3)
        placed = np.empty((21, 3), np.float32)
        placed[:, :2] = corner + cut_points[:, :1] * across + cut_points[:, 1:2] * down
        placed[:, 2] = cut_points[:, 2] * scale
        # The model was made for mirrored pictures: what it takes for a left hand is a right one.
        return Hand(placed, 1 - float(left[0, 0]), float(present[0, 0]))


def parts(width: int, height: int) -> list[tuple[int, int, int]]:
    """Squares that together are the picture, as (left, top, side): in the whole of a wide one hands are too small for
    the model, which sees 192 x 192 pixels."""
    side = min(width, height)
    count = -(-max(width, height) // side)
    step = (max(width, height) - side) / max(1, count - 1)
    along = [round(number * step) for number in range(count)]
    return [(at, 0, side) if width >= height else (0, at, side) for at in along]


def around_palm(palm: Palm) -> Square:
    """The square that a palm's hand fills, the fingers upwards in it."""
    turn = _turn(palm.points[WRIST], palm.points[MIDDLE])
    x, y = palm.box[0], palm.box[1]
    width, height = float(palm.box[2]), float(palm.box[3])
    return Square(
        float(x) + 0.5 * height * math.sin(turn),
        float(y) - 0.5 * height * math.cos(turn),
        2.6 * max(width, height),
        turn,
    )


def around_hand(hand: Hand) -> Square:
    """The square in which a hand will be in the next picture."""
    points = hand.points[:, :2]
    knuckles = (points[5] + points[13]) / 4 + points[9] / 2
    turn = _turn(points[0], knuckles)
    across, down = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    palm = points[list(_PALM)]
    ranges = [(float((palm @ axis).min()), float((palm @ axis).max())) for axis in (across, down)]
    width, height = (high - low for low, high in ranges)
    middle = sum((low + high) / 2 * axis for (low, high), axis in zip(ranges, (across, down), strict=True))
    x, y = middle - 0.1 * height * down
    return Square(float(x), float(y), 2 * max(width, height), turn)


def _turn(wrist: Floats, knuckle: Floats) -> float:
    """How far a hand is turned clockwise from upright."""
    across, down = (float(value) for value in knuckle - wrist)
    return math.atan2(across, -down)


def _same(one: Hand, other: Hand) -> bool:
    return float(np.linalg.norm(one.middle - other.middle)) < _SAME * max(one.size, other.size)
