"""One picture of a film in YUV 4:2:0, and what is put onto it: scaled video, drawn cards, translucent letters.

Nothing is converted to RGB and back for each frame: a camera's picture is scaled in its own colours, and what is drawn
was converted once. Colours are BT.601, limited range, as cameras of meetings send them.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from parley.recap.film.layout import Rect

Plane = NDArray[np.uint8]
CROP = 0.14
"""Up to this share of a picture is cut off to fill a place whose shape is nearly the same; else it gets borders."""


def _yuv(rgb: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """ITU-R BT.601-7, 8 bits, from 0..255; colours along the last axis."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return (
        16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255,
        128 + (-37.797 * red - 74.203 * green + 112.0 * blue) / 255,
        128 + (112.0 * red - 93.786 * green - 18.214 * blue) / 255,
    )


def colour(text: str) -> tuple[int, int, int]:
    """The YUV values of "#rrggbb"."""
    luma, blue, red = _yuv(np.array(list(bytes.fromhex(text.removeprefix("#"))), np.float32))
    return round(float(luma)), round(float(blue)), round(float(red))


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something drawn, ready to be laid over a canvas: values and how much they cover (0..256), for each plane."""

    planes: tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]
    cover: tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]
    width: int
    height: int

    @classmethod
    def of(cls, image: Image.Image) -> Drawing:
        """From an RGBA picture, whose sides are cut to even lengths."""
        pixels = np.asarray(image.convert("RGBA"), np.float32)
        height, width = pixels.shape[0] & ~1, pixels.shape[1] & ~1
        pixels = pixels[:height, :width]
        alpha = (pixels[..., 3] / 255).astype(np.float32)
        luma, blue, red = _yuv(pixels)
        small = _halved(alpha)
        weight = np.maximum(small, 1e-6)
        planes = (luma, _halved(blue * alpha) / weight, _halved(red * alpha) / weight)
        values = tuple(np.rint(plane).astype(np.int16) for plane in planes)
        covers = tuple(np.rint(each * 256).astype(np.int16) for each in (alpha, small, small))
        return cls(values, covers, width, height)  # type: ignore[arg-type]


def _halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each two by two pixels become one."""
    height, width = plane.shape
    mean: NDArray[np.float32] = plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    return mean


def planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """The three planes of a yuv420p frame, without a copy."""
    found = []
    for plane in frame.planes[:3]:
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        found.append(rows[: plane.height, : plane.width])
    return found[0], found[1], found[2]


class Canvas:
    """A picture under construction."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self._planes = planes(self._frame)

    def fill(self, values: tuple[int, int, int], rect: Rect | None = None) -> None:
        """One colour everywhere, or in a rectangle."""
        for part, value in zip(self._parts(rect or Rect(0, 0, self.width, self.height)), values, strict=True):
            part[...] = value

    def copy_from(self, other: Canvas) -> None:
        """Become the same picture as another of the same size."""
        for mine, theirs in zip(self._planes, other._planes, strict=True):
            mine[...] = theirs

    def taken(self) -> av.VideoFrame:
        """The picture as it is now, for an encoder, which may keep it."""
        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        for mine, theirs in zip(planes(frame), self._planes, strict=True):
            mine[...] = theirs
        return frame

    def paste(self, source: tuple[Plane, Plane, Plane], rect: Rect, left: int = 0, top: int = 0) -> None:
        """Put the part of a picture that begins at (left, top) into a rectangle."""
        for index, (part, plane) in enumerate(zip(self._parts(rect), source, strict=True)):
            shift = 0 if index == 0 else 1
            y, x = top >> shift, left >> shift
            part[...] = plane[y : y + part.shape[0], x : x + part.shape[1]]

    def lay(self, drawing: Drawing, x: int, y: int, opacity: float = 1.0) -> None:
        """Lay a drawing over, its upper left corner at (x, y); both even. It has to lie inside."""
        parts = self._parts(Rect(x, y, drawing.width, drawing.height))
        for part, values, cover in zip(parts, drawing.planes, drawing.cover, strict=True):
            strength = cover if opacity >= 1 else (cover * opacity).astype(np.int16)
            under = part.astype(np.int16)
            part[...] = under + (((values - under).astype(np.int32) * strength + 128) >> 8)

    def outline(self, rect: Rect, values: tuple[int, int, int], thickness: int) -> None:
        """A frame around a rectangle, outside of it."""
        left, top = rect.x - thickness, rect.y - thickness
        wide, high = rect.width + 2 * thickness, rect.height + 2 * thickness
        self.fill(values, Rect(left, top, wide, thickness))
        self.fill(values, Rect(left, rect.y + rect.height, wide, thickness))
        self.fill(values, Rect(left, top, thickness, high))
        self.fill(values, Rect(rect.x + rect.width, top, thickness, high))

    def fade(self, values: tuple[int, int, int], share: float) -> None:
        """Let this share of the picture be, the rest becomes one colour."""
        weight = round(share * 256)
        for plane, value in zip(self._planes, values, strict=True):
            table = ((np.arange(256) - value) * weight + 128 >> 8) + value
            plane[...] = table.astype(np.uint8)[plane]

    def _parts(self, rect: Rect) -> tuple[Plane, Plane, Plane]:
        y, u, v = self._planes
        down, right = slice(rect.y, rect.y + rect.height), slice(rect.x, rect.x + rect.width)
        half_down = slice(rect.y // 2, (rect.y + rect.height) // 2)
        half_right = slice(rect.x // 2, (rect.x + rect.width) // 2)
        return y[down, right], u[half_down, half_right], v[half_down, half_right]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture gets into a place: scaled to width x height, from (left, top) of that on into `rect`."""

    width: int
    height: int
    left: int
    top: int
    rect: Rect


def fit(width: int, height: int, place: Rect, *, whole: bool = False) -> Fit:
    """Fill the place when little is cut off for it, else show everything with borders; whole forbids cutting."""
    cover = max(place.width / width, place.height / height)
    cut = 1 - (place.width * place.height) / (width * height * cover * cover)
    if not whole and cut <= CROP:
        wide, high = max(place.width, _even(width * cover)), max(place.height, _even(height * cover))
        return Fit(wide, high, (wide - place.width) // 4 * 2, (high - place.height) // 4 * 2, place)
    scale = min(place.width / width, place.height / height)
    wide, high = min(place.width, _even(width * scale)), min(place.height, _even(height * scale))
    x, y = place.x + (place.width - wide) // 4 * 2, place.y + (place.height - high) // 4 * 2
    return Fit(wide, high, 0, 0, Rect(x, y, wide, high))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


class Scaler:
    """Scales one stream of pictures; keeps what swscale has computed for their size."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scaled(self, frame: av.VideoFrame, wanted: Fit) -> tuple[Plane, Plane, Plane]:
        """The picture in this size."""
        smaller = wanted.width * 2 <= frame.width
        made = self._reformatter.reformat(
            frame,
            wanted.width,
            wanted.height,
            "yuv420p",
            interpolation=Interpolation.AREA if smaller else Interpolation.BILINEAR,
            dst_color_range=1,
            threads=1,
        )
        return planes(made)
