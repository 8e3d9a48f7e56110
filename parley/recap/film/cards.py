"""What is drawn in a film: the card of somebody without a camera, name badges, titles, words that are spoken.

Everything is drawn once with Pillow and then only laid over pictures (canvas.py). The colours are those of the client
(web/src/ui/tokens.css, dark).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from parley.recap.artefacts import MomentKind
from parley.recap.film import lettering
from parley.recap.film.canvas import Drawing, colour

PAGE, TILE, INK, INK_SOFT, ACCENT = "#111418", "#262c34", "#f3f5f8", "#aab4c1", "#5cc4c4"
PAGE_YUV, TILE_YUV, ACCENT_YUV = colour(PAGE), colour(TILE), colour(ACCENT)
BADGE = (12, 15, 19, 196)
"""Behind letters, so that they can be read on any picture."""
DISCS = ("#14676b", "#4a5a8c", "#7a4f7d", "#8a5a3c", "#4f7042", "#7d4a55", "#3f6f8f", "#6b6234")
"""Behind initials; light letters have a contrast of at least 4.5 on each."""

LABELS: dict[MomentKind, str] = {
    "decision": "Decision",
    "action": "Action item",
    "answer": "Question answered",
    "laughter": "Laughter",
    "reaction": "Reaction",
    "hand": "Raised hand",
    "thumbs_up": "Thumbs up",
    "screen": "Screen share",
    "key_point": "Key point",
}
_SMOOTH = 4
"""Shapes are drawn so many times larger and scaled down, which gives them soft edges."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written over a moment: what kind it is, and its title."""

    kind: MomentKind
    title: str


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for word in lettering.cleaned(name).split() if word[0].isalnum()]
    letters = [word[0] for word in (words[0], words[-1])] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()[:2] or "?"


@lru_cache(maxsize=128)
def card(participant: str, name: str, width: int, height: int) -> Drawing:
    """Somebody without a camera: initials on a disc, and in a large place the name below it."""
    page = Image.new("RGBA", (width, height), PAGE if height >= 600 else TILE)
    large = height >= 600
    radius = round(height * (0.17 if large else 0.22))
    middle = (width / 2, height * (0.44 if large else 0.46))
    disc = Image.new("L", (2 * radius * _SMOOTH, 2 * radius * _SMOOTH))
    ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
    digest = hashlib.blake2s(participant.encode(), digest_size=2).digest()
    fill = DISCS[int.from_bytes(digest) % len(DISCS)]
    corner = (round(middle[0] - radius), round(middle[1] - radius))
    page.paste(fill, (*corner, corner[0] + 2 * radius, corner[1] + 2 * radius), disc.resize((2 * radius, 2 * radius)))
    lettering.draw(page, initials(name), middle, round(radius * 0.78), INK, bold=True, anchor="mm")
    if large:
        text = lettering.shortened(name, 44, width - 160, bold=True)
        lettering.draw(page, text, (middle[0], middle[1] + radius + 84), 44, INK, bold=True, anchor="ms")
    return Drawing.of(page)


@lru_cache(maxsize=128)
def badge(name: str, size: int, width: int) -> Drawing:
    """A name on a dark plate, at most so many pixels wide."""
    pad = round(size * 0.55)
    text = lettering.shortened(name, size, width - 2 * pad, bold=True)
    wide, high = lettering.measured(text, size, bold=True) + 2 * pad, round(size * 1.75)
    plate = _plate(wide, high, round(size * 0.45))
    lettering.draw(plate, text, (pad, high / 2 + size * 0.35), size, INK, bold=True)
    return Drawing.of(plate)


@lru_cache(maxsize=128)
def title(label: str, text: str, width: int) -> Drawing:
    """What a moment is about: its kind above, its title in at most two lines below."""
    size, small, pad = 32, 21, 22
    rows = lettering.lines(text, size, width - 2 * pad - 8, 2, bold=True) if text else []
    inner = max(
        [lettering.measured(label, small, bold=True), *(lettering.measured(row, size, bold=True) for row in rows)]
    )
    wide, high = inner + 2 * pad + 8, 2 * pad - 6 + small + len(rows) * round(size * 1.32)
    plate = _plate(wide, high, 14)
    ImageDraw.Draw(plate).rectangle((0, 14, 5, high - 15), fill=ACCENT)
    left, base = pad + 8, pad + small - 5
    lettering.draw(plate, label, (left, base), small, ACCENT, bold=True)
    for row in rows:
        base += round(size * 1.32)
        lettering.draw(plate, row, (left, base), size, INK, bold=True)
    return Drawing.of(plate)


@lru_cache(maxsize=256)
def spoken(text: str, width: int) -> Drawing:
    """Words that are being said, in at most two lines, centred."""
    size, pad = 28, 16
    rows = lettering.lines(text, size, width - 2 * pad, 2)
    wide = max(lettering.measured(row, size) for row in rows) + 2 * pad
    step = round(size * 1.34)
    plate = _plate(wide, len(rows) * step + pad, 10)
    for index, row in enumerate(rows):
        lettering.draw(plate, row, (wide / 2, pad / 2 + step * index + size), size, INK, anchor="ms")
    return Drawing.of(plate)


def _plate(width: int, height: int, radius: int) -> Image.Image:
    """A rounded dark plate, of even sides."""
    wide, high = (width + 1) & ~1, (height + 1) & ~1
    mask = Image.new("L", (wide * _SMOOTH, high * _SMOOTH))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * _SMOOTH, fill=BADGE[3])
    plate = Image.new("RGBA", (wide, high), BADGE[:3])
    plate.putalpha(mask.resize((wide, high), Image.Resampling.BOX))
    return plate
