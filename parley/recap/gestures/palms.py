"""Finds palms in a picture: a single-shot detector over fixed anchors (BlazePalm, arXiv:2006.10214).

The model sees the whole picture scaled into a square; each anchor says how likely a palm is there, and where its box
and seven of its points are. What several anchors say of one palm is averaged by their scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from parley.recap.gestures.models import PALMS, Floats, Model

SIZE = 192
_LAYERS = ((24, 2), (12, 6))
"""Cells a side, and anchors in each cell: strides 8, 16, 16 and 16, two anchors per stride."""
_POINTS = 7
WRIST, MIDDLE = 0, 2
"""Which of the points are the wrist and the middle finger's knuckle."""
LIKELY = 0.5
"""Score from which on it is taken for a palm."""
SAME = 0.3
"""Overlap (intersection over union) from which on two boxes are of one palm."""
_CLIP = 100.0


@dataclass(frozen=True, slots=True)
class Palm:
    """In pixels of the picture: box (x, y of its middle, width, height) and the seven points (7, 2). score: 0..1."""

    box: Floats
    points: Floats
    score: float


def anchors() -> Floats:
    """The middles of all anchors (2016, 2), in the model's order, as fractions of the square."""
    layers = []
    for cells, each in _LAYERS:
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, each, axis=0))
    return np.concatenate(layers)


class PalmFinder:
    """See the module. Raises ModelsMissingError when it is made and there is no model."""

    def __init__(self) -> None:
        self._model = Model(PALMS)
        self._anchors = anchors()

    def find(self, picture: Image.Image) -> list[Palm]:
        """The palms in an RGB picture, the surest first."""
        scale = SIZE / max(picture.size)
        width, height = (max(1, round(side * scale)) for side in picture.size)
        left, top = (SIZE - width) // 2, (SIZE - height) // 2
        square = np.zeros((1, SIZE, SIZE, 3), np.float32)
        small = picture.resize((width, height), Image.Resampling.BILINEAR)
        square[0, top : top + height, left : left + width] = np.asarray(small, np.float32) / 255
        found, scores = self._model.run(square)
        offset = np.array([left, top], np.float32)
        return [
            Palm(
                np.concatenate([(box[:2] * SIZE - offset) / scale, box[2:] * SIZE / scale]),
                (points * SIZE - offset) / scale,
                score,
            )
            for box, points, score in decode(found[0], scores[0, :, 0], self._anchors)
        ]


def decode(found: Floats, scores: Floats, middles: Floats) -> list[tuple[Floats, Floats, float]]:
    """Boxes (4), points (7, 2) and scores of palms, as fractions of the square, the surest first.

    found: (anchors, 18) offsets from the anchors in pixels of the square; scores: before the logistic function.
    """
    likely = 1 / (1 + np.exp(-np.clip(scores, -_CLIP, _CLIP)))
    chosen = np.flatnonzero(likely >= LIKELY)
    chosen = chosen[np.argsort(-likely[chosen], kind="stable")]
    values, likely = np.asarray(found[chosen] / SIZE, np.float32), likely[chosen]
    values = np.asarray(values.reshape(-1, 2 + _POINTS, 2), np.float32)
    values[:, 0] += middles[chosen]
    values[:, 2:] += middles[chosen][:, None]
    palms = []
    left = np.arange(len(chosen))
    while len(left):
        same = _overlaps(values[left[0], :2], values[left, :2]) > SAME
        same[0] = True
        weights = likely[left[same]]
        mean = np.tensordot(weights / weights.sum(), values[left[same]], axes=1)
        palms.append((mean[:2].reshape(4), mean[2:], float(likely[left[0]])))
        left = left[~same]
    return palms


def _overlaps(one: Floats, others: Floats) -> Floats:
    """Intersection over union of one box ((x, y), (width, height)) with others."""
    low = np.maximum(one[0] - one[1] / 2, others[:, 0] - others[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, others[:, 0] + others[:, 1] / 2)
    common = np.prod(np.maximum(high - low, 0), axis=1)
    union = np.prod(one[1]) + np.prod(others[:, 1], axis=1) - common
    return np.asarray(common / np.maximum(union, 1e-9), np.float32)
