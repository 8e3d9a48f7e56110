"""How well hands are read: `python -m evaluation.gestures`.

Pictures of hands that show none of our gestures (call, four, rock, none of $PARLEY_TESTDATA/hands) say how often one is
seen where there is none; they are turned, mirrored, made small and put into a camera's picture as well. Hands that do
show one are drawn: the landmarks' rules get them from points (tests/recap/gestures), for there is no picture of such a
hand that may be kept here.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from parley.recap.gestures.hands import HandFinder, parts
from parley.recap.gestures.models import ModelsMissingError
from parley.recap.gestures.shapes import shape_of

TESTDATA = Path(os.environ.get("PARLEY_TESTDATA", Path(__file__).parents[1].parent / "shared" / "testdata"))
TURNS = (-20, -10, 0, 10, 20)
CAMERA = (640, 360)
HEIGHTS = (300, 180, 110)
"""How tall, in pixels, the picture of a hand is in a camera's picture."""


def variants(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture turned, mirrored, and in the middle of a grey room."""
    for mirrored in (False, True):
        one = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else picture
        for turn in TURNS:
            turned = one.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=(120, 120, 120))
            for height in HEIGHTS:
                small = turned.resize((max(1, turned.width * height // turned.height), height))
                room = Image.new("RGB", CAMERA, (120, 120, 120))
                room.paste(small, ((CAMERA[0] - small.width) // 2, (CAMERA[1] - height) // 2))
                yield room


def main() -> int:
    """Print the table; 2 where there are no pictures or no models."""
    paths = sorted((TESTDATA / "hands").glob("*-*.jpg"))
    if not paths:
        print(f"There are no pictures in {TESTDATA / 'hands'}: set PARLEY_TESTDATA.", file=sys.stderr)
        return 2
    try:
        finder = HandFinder()
    except ModelsMissingError as error:
        print(error, file=sys.stderr)
        return 2
    pictures: Counter[str] = Counter()
    hands: Counter[str] = Counter()
    read: dict[str, Counter[str]] = {}
    began, looked = time.process_time(), 0
    for path in paths:
        kind = path.stem.partition("-")[0]
        for picture in variants(Image.open(path).convert("RGB")):
            found = [hand for part in range(len(parts(*picture.size))) for hand in finder.find(picture, (), part)]
            looked += 1
            pictures[kind] += 1
            hands[kind] += bool(found)
            for shape in {shape_of(hand.points) for hand in found} - {None}:
                read.setdefault(kind, Counter())[str(shape)] += 1
    spent = time.process_time() - began
    print(f"{'shown':8} {'pictures':>8} {'hand found':>10} " + " ".join(f"{shape:>9}" for shape in SHAPES))
    for kind in sorted(pictures):
        seen = read.get(kind, Counter())
        row = " ".join(f"{seen[shape]:9}" for shape in SHAPES)
        print(f"{kind:8} {pictures[kind]:8} {hands[kind]:10} {row}")
    false, found_in = sum(sum(counts.values()) for counts in read.values()), sum(hands.values())
    print(f"A gesture was read in {false} of {found_in} hands that show none: {100 * false / max(1, found_in):.1f} %.")
    print(f"{1000 * spent / looked:.1f} ms of processor time for each picture.")
    return 0


SHAPES = ("thumb_up", "open", "victory")

if __name__ == "__main__":
    sys.exit(main())
