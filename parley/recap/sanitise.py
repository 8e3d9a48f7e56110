"""Text from people and models made plain: no control characters, no markup, no links, no more than a given length."""

from __future__ import annotations

import re
import unicodedata

LINE = 400
"""Most characters of a line in a summary."""
TITLE = 80
NAME = 60

_LINK = re.compile(
    r"\b(?:https?|ftp|file|data|javascript|mailto|tel|ws|wss)\s*:\s*\S+|\bwww\.\S+|"
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|ru|cn|co|info|biz|xyz|app|dev|ai|example|test|local|onion|zip|"
    r"link|site|top)\b\S*",
    re.IGNORECASE,
)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_MARKS = re.compile(r"[`*_#|~<>{}\[\]\\]+")


def plain(text: str, limit: int = LINE) -> str:
    """One line of plain text of at most limit characters, cut at a word."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if letter in "\r\n\t" else letter for letter in text if letter in "\r\n\t" or _visible(letter))
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    text = _LINK.sub(" ", text)
    text = _MARKS.sub(" ", text)
    text = " ".join(text.split())
    text = re.sub(r"\s+([.,;:?!])", r"\1", text)
    if len(text) > limit:
        text = text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return text


def short_name(name: str) -> str:
    """What a language model is told somebody is called: at most two words of letters, which instruct nobody."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", plain(name, 200))
    return " ".join(word[:20] for word in words[:2])


def _visible(letter: str) -> bool:
    """Neither a control nor a format character: those turn text round or hide it."""
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
