"""Words of spoken English: tokens with a normal form that rules can match, from tidy text and from drafts.

Contractions are written out ("I'll" is "i will", "didn't" is "did not"), whichever way a recogniser spells them; the
spelling that a reader should see stays in `text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from parley.recap.wordlists import word_set

MARKS = frozenset(".,?!;:")
ENDS = frozenset(".?!")

_TOKEN = re.compile(
    r"\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?(?![A-Za-z])|(?:[^\W\d_]\.){2,}|\w+(?:['’-]\w+)*['’]?|"
    r"[.?!,;:]|[-–—](?=\s)"
)
_JOIN = re.compile(r"(?<=\w)\s+(?=['’](?:ll|re|ve|s|m|d)\b)|(?<=\w)\s+(?=n['’]t\b)", re.IGNORECASE)
_APART = re.compile(r"\b(?:(?:gon|wan)\sna|got\sta|(?:lem|gim)\sme)\b", re.IGNORECASE)
"""What is one word in speech and comes as two from those who cut words as corpora do."""
_SPELLED = re.compile(r"(?<![^\W_])([A-Za-z](?:_[A-Za-z])+)(?:\s?_|_)?(?![^\W_])")
"""Letters said one by one, as many transcripts write them: L_C_D_."""
_LETTER = re.compile(r"(?<!\w)([A-Za-z])_(?!\w)")
_NOISE = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|<[^<>]*>")

_WHOLE = {
    "won't": ("will", "not"), "can't": ("can", "not"), "cannot": ("can", "not"), "shan't": ("shall", "not"),
    "let's": ("let", "us"), "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"),
    "i'ma": ("i", "will"), "ain't": ("is", "not"), "y'all": ("you", "all"), "lemme": ("let", "me"),
    "gimme": ("give", "me"), "dunno": ("do", "not", "know"), "o'clock": ("o'clock",), "ok": ("okay",),
    "wont": ("will", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "didnt": ("did", "not"),
}  # fmt: skip
_ENDINGS = (("n't", "not"), ("'ll", "will"), ("'re", "are"), ("'ve", "have"), ("'m", "am"))
_IS = word_set(
    "it he she that what there here who where how this everything everyone everybody nobody one somebody someone "
)
_WOULD = word_set("i you we they he she it that who there")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark. norm is lower case with contractions written out; text is what a reader sees."""

    norm: str
    text: str

    @property
    def mark(self) -> bool:
        return self.norm in MARKS


def tokenize(text: str) -> list[Token]:
    """The words and marks of a text; what stands in brackets is a recogniser's note about a noise and left out."""
    tokens: list[Token] = []
    text = _APART.sub(lambda cut: cut[0].replace(" ", ""), _JOIN.sub("", _NOISE.sub(" ", text)))
    if "_" in text:
        text = _SPELLED.sub(lambda letters: letters[1].replace("_", ""), text)
        text = _LETTER.sub(r"\1", text)
    for match in _TOKEN.finditer(text):
        word = match.group().replace("’", "'")
        if word in "-–—":
            word = ","
        tokens += _written_out(word)
    return tokens


def _written_out(word: str) -> list[Token]:
    low = word.lower().rstrip("'") if len(word) > 1 else word.lower()
    whole = _WHOLE.get(low)
    if whole is not None:
        return [
            Token(part, part.capitalize() if n == 0 and word[0].isupper() else part) for n, part in enumerate(whole)
        ]
    head, _, tail = low.partition("-")
    if head in ("mid", "early", "late") and tail.isalpha():
        return [Token(head, word[: len(head)]), Token(tail, word[len(head) + 1 :])]
    for ending, meaning in _ENDINGS:
        if low.endswith(ending) and len(low) > len(ending):
            stem = word[: -len(ending)]
            return [Token(stem.lower(), stem), Token(meaning, meaning)]
    if low.endswith("'s") and low[:-2] in _IS:
        return [Token(low[:-2], word[:-2]), Token("is", "is")]
    if low.endswith("'d") and low[:-2] in _WOULD:
        return [Token(low[:-2], word[:-2]), Token("would", "would")]
    return [Token(low, word)]


def sentences(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens cut after each full stop, question mark and exclamation mark."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        found[-1].append(token)
        if token.norm in ENDS:
            found.append([])
    return [sentence for sentence in found if any(not token.mark for token in sentence)]


def norms(tokens: Iterable[Token]) -> str:
    """The normal forms as one string, for patterns."""
    return " ".join(token.norm for token in tokens)


def spoken(tokens: Iterable[Token]) -> str:
    """The tokens as a reader expects them: marks close to the word before."""
    text = ""
    for token in tokens:
        text += token.text if token.mark or not text else f" {token.text}"
    return text


_SUFFIXES = (
    "ations", "ation", "ments", "ment", "nesses", "ness", "ingly", "edly", "ings", "ions", "ing", "ied", "ies", "ion",
    "ers", "est", "ed", "er", "ly", "es", "s", "e",
)  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its endings, so that "tests", "tested" and "testing" are one; never shorter than three letters."""
    if word.endswith("'s"):
        word = word[:-2]
    if word in ("using", "used"):
        return "use"
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not (suffix == "s" and word.endswith("ss")):
            base = word[: -len(suffix)]
            if suffix in ("ied", "ies"):
                return base + "y"
            if suffix in ("ing", "ed", "er", "ers", "ings") and base[-1] == base[-2] and base[-1] not in "lsz":
                return base[:-1]
            return base
    return word
