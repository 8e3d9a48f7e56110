"""The converter, and the models that it made, on pictures of hands."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from parley.recap.gestures import models
from parley.recap.gestures.hands import Hand, HandFinder, parts
from parley.recap.gestures.palms import anchors
from parley.recap.gestures.shapes import shape_of

HANDS = Path(os.environ.get("PARLEY_TESTDATA", Path(__file__).parents[3].parent / "shared" / "testdata")) / "hands"
needs_models = pytest.mark.skipif(not models.available(), reason="the hand models aren't there: make hands")
needs_pictures = pytest.mark.skipif(not HANDS.is_dir(), reason="there are no pictures of hands: PARLEY_TESTDATA")


@pytest.fixture(scope="module")
def finder() -> HandFinder:
    return HandFinder()


@needs_models
@needs_pictures
@pytest.mark.parametrize("name", ["call-1", "four-1", "none-1", "none-2", "rock-1", "rock-2"])
def test_hands_are_found_where_they_are_and_say_nothing_that_they_do_not(finder: HandFinder, name: str) -> None:
    picture = Image.open(HANDS / f"{name}.jpg").convert("RGB")
    found = [hand for part in range(len(parts(*picture.size))) for hand in finder.find(picture, (), part)]
    assert found
    assert {shape_of(hand.points) for hand in found} == {None}
    assert all(0 <= hand.middle[0] < picture.width and 0 <= hand.middle[1] < picture.height for hand in found)


@needs_models
@needs_pictures
def test_a_hand_is_followed_without_being_looked_for(finder: HandFinder) -> None:
    picture = Image.open(HANDS / "rock-1.jpg").convert("RGB")
    (first,) = finder.find(picture)
    moved = Image.new("RGB", picture.size)
    moved.paste(picture, (12, 8))
    (second,) = finder.find(moved, [first])
    shift = (second.points - first.points)[:, :2].mean(axis=0)
    assert np.allclose(shift, [12, 8], atol=5)


@needs_models
def test_there_are_no_hands_in_noise_or_in_the_dark(finder: HandFinder) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (180, 320, 3), np.uint8)
    for picture in (noise, np.zeros((180, 320, 3), np.uint8), np.full((90, 160, 3), 255, np.uint8)):
        for part in range(2):
            assert finder.find(Image.fromarray(picture), (), part) == []


@needs_models
def test_a_hand_that_is_gone_is_not_followed(finder: HandFinder) -> None:
    before = Hand(np.full((21, 3), 50, np.float32) + np.arange(21, dtype=np.float32)[:, None], 1.0, 1.0)
    assert finder.find(Image.new("RGB", (320, 180)), [before]) == []


def test_anchors_lie_in_the_middle_of_their_cells() -> None:
    middles = anchors()
    assert middles.shape == (2016, 2)
    assert np.allclose(middles[0], 0.5 / 24)
    assert np.allclose(middles[1], middles[0])
    assert np.allclose(middles[-1], 1 - 0.5 / 12)


@pytest.mark.parametrize(("size", "count"), [((640, 360), 2), ((480, 360), 2), ((360, 360), 1), ((360, 640), 2)])
def test_the_parts_of_a_picture_cover_it(size: tuple[int, int], count: int) -> None:
    squares = parts(*size)
    assert len(squares) == count
    covered = np.zeros(size, bool)
    for left, top, side in squares:
        covered[left : left + side, top : top + side] = True
    assert covered.all()
