"""A recap as PDF: the notes on one or two pages, and the transcript behind them.

The letters are those of a font of this machine, or of the one that Pillow brings, which knows Latin script only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from PIL import ImageFont

from parley.signaling.recaps.text_exports import Export, action_text, clock, date_of, segment_text

FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "FreeSans.ttf", "Arial.ttf")
"""The first of these that is installed is used: the earlier, the more scripts it knows."""
FONT_DIRECTORIES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")

BODY, SMALL, HEADING, TITLE = 10.5, 9.0, 13.0, 20.0
"""Points."""
INK, QUIET = (28, 32, 40), (100, 108, 120)


def as_pdf(export: Export) -> bytes:
    """The file. The same recap gives the same bytes."""
    page = _Page(export)
    recap = export.recap
    page.head(recap.title, f"{date_of(recap)} · {clock(recap.duration)}")
    page.quiet(", ".join(f"{one.name} ({clock(one.talk_seconds)})" for one in recap.people))
    page.section("Summary", [(line.text, line.at) for line in recap.overview], "•")
    page.section("Decisions", [(line.text, line.at) for line in recap.decisions], "•")
    actions = [(f"{'[x]' if one.done else '[ ]'} {action_text(one)}", one.at) for one in recap.actions]
    page.section("Action items", actions, "")
    for topic in recap.topics:
        page.section(f"{topic.title} ({clock(topic.start)})", [(line.text, line.at) for line in topic.lines], "•")
    if export.transcript.segments:
        page.heading("Transcript (draft)" if export.transcript.draft else "Transcript")
        for segment in export.transcript.segments:
            page.paragraph(f"{export.name(segment.person)} ({clock(segment.start)}): {segment_text(segment)}")
    return page.bytes()


class _Page(FPDF):
    def __init__(self, export: Export) -> None:
        super().__init__(format="A4")
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(True, 20)
        self.set_creation_date(datetime.fromtimestamp(export.recap.started_at, UTC))
        self.set_title(export.recap.title)
        self.set_producer("Parley")
        self.add_font("text", fname=_font())
        self._foot = f"{export.recap.title} · {date_of(export.recap)}"
        self.set_font("text", size=BODY)
        self.add_page()

    def footer(self) -> None:
        """Called by fpdf at the end of each page."""
        self.set_y(-14)
        self._write(f"{self._foot} · {self.page_no()}", SMALL, QUIET)

    def head(self, title: str, below: str) -> None:
        """The first lines."""
        self._write(title, TITLE, INK)
        self._write(below, BODY, QUIET)
        self.ln(2)

    def heading(self, text: str) -> None:
        """Of a section."""
        self.ln(4)
        self._write(text, HEADING, INK)
        self.ln(1)

    def section(self, title: str, lines: list[tuple[str, float]], bullet: str) -> None:
        """A heading and its lines, each with its time; nothing where there are none."""
        if lines:
            self.heading(title)
            for text, at in lines:
                self._write(f"{bullet} {text} ({clock(at)})".strip(), BODY, INK)
                self.ln(0.8)

    def paragraph(self, text: str) -> None:
        """A line of the transcript."""
        self._write(text, SMALL, INK)
        self.ln(1)

    def quiet(self, text: str) -> None:
        """What stands back."""
        if text:
            self._write(text, SMALL, QUIET)

    def _write(self, text: str, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font("text", size=size)
        self.set_text_color(*colour)
        shown = " ".join(text.split())
        self.multi_cell(0, size * 0.5, shown, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.WORD, align="L")

    def bytes(self) -> bytes:
        """The file."""
        buffer = BytesIO()
        self.output(buffer)  # type: ignore[no-untyped-call, unused-ignore]
        return buffer.getvalue()


@lru_cache(maxsize=1)
def _font() -> str:
    """A TrueType file."""
    for name in FONTS:
        for directory in FONT_DIRECTORIES:
            found = next(iter(sorted(directory.rglob(name))), None) if directory.is_dir() else None
            if found is not None:
                return str(found)
    bundled = ImageFont.load_default(12)
    assert isinstance(bundled, ImageFont.FreeTypeFont)
    with NamedTemporaryFile(prefix="parley-", suffix=".ttf", delete=False) as file:
        file.write(bundled.font_bytes)
        return file.name
