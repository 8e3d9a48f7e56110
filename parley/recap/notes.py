"""Speech turned into notes: without fillers, repetitions and false starts, and told of people instead of by them.

Only rewritings that can't change the meaning are done; what can't be told safely in the third person gives None.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.recap.tokens import Token, spoken
from parley.recap.vocabulary import FILLERS
from parley.recap.wordlists import word_set

_LEADING = word_set(
    "and but so then okay well yes yeah yep right alright sure no actually now anyway also because or oh like "
    "basically great good fine perfect thanks agreed exactly anyhow look listen cool hey again obviously maybe "
)
_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in (
        "you know what i mean",
        "you know",
        "i mean",
        "sort of",
        "kind of",
        "or something like that",
        "or something",
        "or whatever",
        "and so on",
        "and stuff like that",
        "and stuff",
        "and everything",
        "all right",
        "i think that",
        "i think",
        "i guess",
        "i suppose",
        "i believe",
        "as i said",
        "like i said",
        "if you like",
        "at the end of the day",
        "to be honest",
        "in fact",
        "of course",
        "as well",
        "i would say",
        "i do not know",
        "as you can see",
        "as you know",
        "let us see",
        "i must say",
        "or so",
        "basically",
        "actually",
        "obviously",
        "literally",
        "really",
        "just",
        "please",
        "a little bit",
        "a bit",
    )
)
_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
for _phrase in _PHRASES:
    _BY_FIRST.setdefault(_phrase[0], []).append(_phrase)
_MODALS = word_set("will would can could shall should may might must did had was")


def clean(tokens: Sequence[Token], whole: bool = True) -> list[Token]:
    """Without fillers, empty phrases and words said twice; a whole sentence also without the markers it begins with."""
    words = [token for token in tokens if token.norm not in FILLERS]
    kept: list[Token] = []
    at = 0
    while at < len(words):
        for phrase in _BY_FIRST.get(words[at].norm, ()):
            if tuple(token.norm for token in words[at : at + len(phrase)]) == phrase and len(words) > len(phrase) + 2:
                at += len(phrase)
                break
        else:
            kept.append(words[at])
            at += 1
    kept = _once(kept)
    while kept and ((whole and kept[0].norm in _LEADING) or kept[0].mark):
        kept.pop(0)
    tidy: list[Token] = []
    for token in kept:
        if token.mark and (not tidy or tidy[-1].mark):
            continue
        tidy.append(token)
    while tidy and (
        tidy[-1].mark
        or tidy[-1].norm
        in ("and", "or", "but", "so", "the", "a", "of", "to", "then", "because", "like", "with", "for", "is")
    ):
        tidy.pop()
    return tidy


def _once(tokens: Sequence[Token]) -> list[Token]:
    """Without what is said twice in a row, up to four words, also where the first try broke off ("re remote")."""
    kept: list[Token] = []
    for token in tokens:
        if (
            kept
            and not token.mark
            and (
                len(kept[-1].norm) <= 3
                and token.norm != kept[-1].norm
                and token.norm.startswith(kept[-1].norm)
                and kept[-1].norm not in _SHORT_WORDS
            )
        ):
            kept.pop()
        kept.append(token)
        for size in (4, 3, 2, 1):
            if len(kept) >= 2 * size and [one.norm for one in kept[-size:]] == [
                one.norm for one in kept[-2 * size : -size]
            ]:
                del kept[-size:]
                break
        marks = [one for one in kept[-6:] if one.norm == ","]
        if marks and len(kept) >= 3 and kept[-2].norm == "," and kept[-3].norm == kept[-1].norm:
            del kept[-2:]
    return kept


_SHORT_WORDS = word_set(
    "a i an as at in on is it of or to so no do be by he we us up my me go if am the not one for can its per all "
    "any and are but day off out own use you two has had her his how man new now old our see she sun ten too try "
    "was way who why tv pc pen big low car can add "
)


def told(tokens: Sequence[Token], speaker: str, you: str | None, owner_speaks: bool) -> list[Token]:
    """First and second person told in the third: "my" of the one who does it is "their", "you" is a name or "them"."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        word = token.norm
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        if word in ("i", "me"):
            out.append(_said("they" if owner_speaks and word == "i" else "them" if owner_speaks else speaker))
        elif word in ("my", "mine"):
            out.append(_said("their" if owner_speaks else f"{speaker}'s"))
        elif word == "myself":
            out.append(_said("themselves"))
        elif word == "you":
            out.append(_said(you or "them"))
        elif word in ("your", "yours"):
            out.append(_said(f"{you}'s" if you else "their"))
        elif word == "yourself":
            out.append(_said("themselves"))
        elif word in ("we", "us"):
            out.append(_said("the team"))
        elif word in ("our", "ours"):
            out.append(_said("the team's"))
        elif word == "am":
            out.append(_said("are" if owner_speaks else "is"))
        elif (
            word == "have"
            and out
            and tokens[at - 1].norm in ("i", "we")
            and not (owner_speaks and tokens[at - 1].norm == "i")
        ):
            out.append(_said("has"))
        elif word == "are" and out and tokens[at - 1].norm == "we":
            out.append(_said("is"))
        elif word == "do" and out and tokens[at - 1].norm == "we" and following == "not":
            out.append(_said("does"))
        elif (
            out
            and not token.mark
            and (tokens[at - 1].norm == "we" or (tokens[at - 1].norm == "i" and not owner_speaks))
            and word not in _MODALS
            and word not in _UNCHANGED
            and (word == "need" or not word.endswith(("ed", "s")))
            and word.isalpha()
        ):
            out.append(_said(_third(token.text)))
        else:
            out.append(token)
    return out


_UNCHANGED = word_set(
    "not all both also just only never already still always got went came said thought saw made took had found "
    "put let set began knew gave told left kept met sent spent built bought brought chose spoke wrote ran and or "
)


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _said(text: str) -> Token:
    return Token(text.lower(), text)


def sentence(tokens: Sequence[Token], limit: int = 40) -> str:
    """The tokens as one written sentence, at most `limit` words."""
    words = list(tokens)
    if len(words) > limit:
        cut = next(
            (
                at
                for at in range(limit, limit // 2, -1)
                if words[at].mark or words[at].norm in ("and", "but", "so", "because", "which")
            ),
            limit,
        )
        words = words[:cut]
    while words and words[-1].mark:
        words.pop()
    text = spoken(Token(one.norm, "I" if one.norm == "i" else one.text) for one in words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


__all__ = ["clean", "sentence", "told"]
