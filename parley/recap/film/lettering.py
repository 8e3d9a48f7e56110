"""Letters for films: which font can write a text, and what becomes of what none can.

The fonts of the machine are used; Pillow's own, which has ASCII only, is the last resort. Names and titles come from
strangers: they are data, drawn as they are, without anything that steers a layout.
"""

from __future__ import annotations

import io
import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont

FAMILIES = (
    ("Inter-Regular", "Inter-SemiBold"),
    ("NotoSans-Regular", "NotoSans-SemiBold"),
    ("NotoSans-Regular", "NotoSans-Bold"),
    ("OpenSans-Regular", "OpenSans-SemiBold"),
    ("LiberationSans-Regular", "LiberationSans-Bold"),
    ("DejaVuSans", "DejaVuSans-Bold"),
)
"""Regular and bold, the best first."""
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))
ELLIPSIS = "..."
_JOINERS = "\u200c\u200d"
"""Shape several scripts, so they stay, though they are format characters."""


@lru_cache(maxsize=1)
def _fonts() -> tuple[tuple[Path | None, Path | None], ...]:
    """Files of regular and bold fonts by preference; None stands for Pillow's own."""
    files: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.[to]t[fc]")):
            files.setdefault(path.stem, path)
    found: list[tuple[Path | None, Path | None]] = [
        (files[regular], files[bold]) for regular, bold in FAMILIES if regular in files and bold in files
    ]
    used = {path for pair in found for path in pair}
    # Other scripts come in fonts of their own: NotoSansCJK-Regular, NotoSansDevanagari-Regular, ...
    for stem, path in files.items():
        if stem.endswith("Regular") and stem.startswith(("NotoSans", "Noto Sans", "DroidSans")) and path not in used:
            found.append((path, files.get(stem.removesuffix("Regular") + "Bold", path)))
    return (*found, (None, None))


@lru_cache(maxsize=64)
def _letters(path: Path | None) -> frozenset[int]:
    """The code points that a font can write."""
    try:
        if path is not None:
            source: Path | io.BytesIO = path
        else:
            own = ImageFont.load_default(20)
            if not isinstance(own, ImageFont.FreeTypeFont):
                return frozenset(range(32, 127))
            source = io.BytesIO(own.font_bytes)
        with TTFont(source, lazy=True, fontNumber=0) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, AttributeError):
        return frozenset()


@lru_cache(maxsize=64)
def _loaded(path: Path | None, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size) if path is None else ImageFont.truetype(str(path), size)


def cleaned(text: str) -> str:
    """A text in one line without control characters, such as those that turn the direction of writing."""
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        if letter.isspace():
            kept.append(" ")
        elif letter in _JOINERS or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append(letter)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=512)
def written(text: str, bold: bool = False) -> tuple[str, Path | None]:
    """The text as it can be drawn, and the font for it (None is Pillow's own).

    The first font that has all letters, else the one that has most; an emoji becomes its name, an accent that is
    missing is left out, and so is a letter of a script that no font here knows. "?" when nothing is left.
    """
    clean = cleaned(text)
    pairs = _fonts()

    def drawable(letter: str, letters: frozenset[int]) -> bool:
        return ord(letter) in letters or letter in _JOINERS or letter == " "

    best, path, most = "", None, -1
    for pair in pairs:
        chosen = pair[1] if bold else pair[0]
        letters = _letters(chosen)
        count = sum(drawable(letter, letters) for letter in clean)
        if count > most:
            best, path, most = "".join(_spelled(letter, letters) for letter in clean), chosen, count
        if count == len(clean):
            break
    return " ".join(best.split()) or "?", path


def _spelled(letter: str, letters: frozenset[int]) -> str:
    """What stands for a letter in a font with these letters."""
    if ord(letter) in letters or letter == " ":
        return letter
    if letter in _JOINERS or unicodedata.category(letter) in ("Mn", "Sk"):
        return ""
    if unicodedata.category(letter) == "So":
        name = unicodedata.name(letter, "").lower().removesuffix(" sign")
        return f" ({name}) " if name else ""
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(each for each in plain if ord(each) in letters)


def unwritable(text: str) -> bool:
    """Whether letters are lost because no font on this machine has them; emoji are named, so they are no loss."""
    letters = frozenset[int]().union(*(_letters(regular) for regular, _ in _fonts()))
    return any(letter.isalnum() and ord(letter) not in letters for letter in cleaned(text))


def measured(text: str, size: int, bold: bool = False) -> int:
    """How many pixels wide a text gets."""
    drawn, path = written(text, bold)
    return round(_loaded(path, size).getbbox(drawn)[2])


def shortened(text: str, size: int, width: int, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits into so many pixels, with an ellipsis."""
    clean = cleaned(text)
    if measured(clean, size, bold) <= width:
        return clean
    low, high = 0, min(len(clean), 4 * width // size + 8)
    while low < high:
        middle = (low + high + 1) // 2
        if measured(clean[:middle].rstrip() + ELLIPSIS, size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return clean[:low].rstrip() + ELLIPSIS


def lines(text: str, size: int, width: int, most: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines of at most so many pixels; the last one ends in an ellipsis when cut."""
    words = cleaned(text)[:600].split(" ")
    found: list[str] = []
    while words and len(found) < most:
        if len(found) == most - 1:
            found.append(shortened(" ".join(words), size, width, bold))
            break
        count = 1
        while count < len(words) and measured(" ".join(words[: count + 1]), size, bold) <= width:
            count += 1
        found.append(shortened(" ".join(words[:count]), size, width, bold))
        words = words[count:]
    return found


def draw(image: Image.Image, text: str, at: tuple[float, float], size: int, fill: str, *, bold: bool = False,
         anchor: str = "ls") -> None:  # fmt: skip
    """Write a text; anchor as Pillow has it ("ls" is left on the baseline, "mm" the middle)."""
    drawn, path = written(text, bold)
    font = _loaded(path, size)
    if isinstance(font, ImageFont.FreeTypeFont):
        ImageDraw.Draw(image).text(at, drawn, fill=fill, font=font, anchor=anchor)
    else:
        ImageDraw.Draw(image).text(at, drawn, fill=fill, font=font)
