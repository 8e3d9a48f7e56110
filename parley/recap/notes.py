"""Speech turned into notes: without fillers, repetitions and false starts, and told of people instead of by them.

Only rewritings that can't change the meaning are done; what can't be told safely in the third person gives None.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.recap.calendar_words import AMBIGUOUS_SHORT, MONTHS, WEEKDAYS
from parley.recap.tokens import Token, norms, spoken
from parley.recap.vocabulary import FILLERS, STOP
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
_CAPITALS = frozenset(name for name in (*WEEKDAYS, *MONTHS) if len(name) > 3) - AMBIGUOUS_SHORT - {"thur", "tues"}
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
    if tidy and tidy[-1].mark:
        tidy.pop()
    comma = max((at for at, token in enumerate(tidy) if token.mark), default=0)
    if comma > 3 and norms(tidy[comma:]) in _TAILS:
        del tidy[comma:]
    while tidy and (
        tidy[-1].mark
        or tidy[-1].norm
        in ("and", "or", "but", "so", "the", "a", "of", "to", "then", "because", "like", "with", "for", "is")
    ):
        tidy.pop()
    return tidy


_TAILS = frozenset(
    f", {tail}" for tail in (
        "and say", "and then", "do not they", "is not it", "are not they", "does not it", "do not you", "do not we",
        "you see", "that is it", "or not", "and all that", "so yeah", "isn't it", "is it",
    )
)  # fmt: skip
"""Ends of speech that say nothing."""


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
        ) or (
            kept
            and not token.mark
            and len(kept[-1].norm) > 3
            and token.norm != kept[-1].norm
            and _broken_off(kept[-1], token)
        ):
            kept.pop()
        kept.append(token)
        if _restarted(kept):
            del kept[-4:-2]
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


def _broken_off(first: Token, second: Token) -> bool:
    """Whether the first is the second, broken off: "infra infrared"."""
    return (
        second.norm.startswith(first.norm) and len(second.norm) >= len(first.norm) + 2 and first.norm not in STOP
        and second.norm[len(first.norm) :] not in ("ing", "ed", "er", "ers", "es")
    )  # fmt: skip


def _restarted(kept: Sequence[Token]) -> bool:
    """Whether the last words begin again with a better one: "which can which should", "too mun too many"."""
    if len(kept) < 4 or kept[-4].norm != kept[-2].norm or any(one.mark for one in kept[-4:]):
        return False
    again, first, second = kept[-2].norm, kept[-3].norm, kept[-1].norm
    if again in _PRONOUNS:
        return first in _VERBS and second in _VERBS
    return len(first) <= 3 and first not in _SHORT_WORDS and second[:1] == first[:1]


_PRONOUNS = word_set("which that it we they he she you i this there who")
_VERBS = _MODALS | word_set("is are was were has have do does")
_SHORT_WORDS = word_set(
    "a i an as at in on is it of or to so no do be by he we us up my me go if am the not one for can its per all "
    "any and are but day off out own use you two has had her his how man new now old our see she sun ten too try "
    "was way who why tv pc pen big low car can add "
)


def told(tokens: Sequence[Token], speaker: str, you: str | None, owner_speaks: bool) -> list[Token]:
    """First and second person told in the third: "my" of the one who does it is "their", "you" is a name or "them"."""
    out: list[Token] = []
    agrees = ""
    for at, token in enumerate(tokens):
        word = token.norm
        before = tokens[at - 1].norm if at else ""
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        subject, agrees = agrees, ""
        if word in ("i", "me"):
            out.append(_said("they" if owner_speaks and word == "i" else "them" if owner_speaks else speaker))
            agrees = "i" if word == "i" and not owner_speaks else ""
        elif word in _OF_FIRST_AND_SECOND:
            out.append(
                _said(_OF_FIRST_AND_SECOND[word] if owner_speaks or word not in ("my", "mine") else f"{speaker}'s")
            )
        elif word == "you":
            out.append(_said(you or ("they" if _as_subject(before, following) else "them")))
        elif word in ("your", "yours"):
            out.append(_said(f"{you}'s" if you else "their"))
        elif word in ("we", "us"):
            out.append(_said("the team"))
            agrees = "we" if word == "we" else ""
        elif word == "am":
            out.append(_said("are" if owner_speaks else "is"))
        elif subject and word in _AGREEING and (word != "do" or following == "not"):
            out.append(_said(_AGREEING[word]))
        elif subject and word in _ADVERBS:
            out.append(token)
            agrees = subject
        elif subject and not token.mark and _inflected(word):
            out.append(_said(_third(token.text)))
        else:
            out.append(token)
    return out


_OF_FIRST_AND_SECOND = {
    "my": "their", "mine": "theirs", "our": "the team's", "ours": "the team's", "myself": "themselves",
    "yourself": "themselves", "ourselves": "themselves",
}  # fmt: skip
_AGREEING = {"have": "has", "are": "is", "do": "does", "were": "was"}
_ADVERBS = word_set(
    "all both also just only never already still always first then now ever even usually often sometimes probably "
    "basically currently generally not "
)
"""Words between a subject and its verb."""
_SUBJECT_BEFORE = word_set(
    "if when that so and but because as what how where which whether until before after than , ; . :"
)
_SUBJECT_AFTER = word_set(
    "will would can could should have are do did need want must may might had were get know see say go"
)


def _as_subject(before: str, following: str) -> bool:
    """Whether a "you" between these words is who does it rather than whom it is done to."""
    return (before in _SUBJECT_BEFORE or not before) or following in _SUBJECT_AFTER


def _inflected(word: str) -> bool:
    return (
        word not in _MODALS and word not in _UNCHANGED and word.isalpha()
        and (word == "need" or not word.endswith(("ed", "s")))
    )  # fmt: skip


_UNCHANGED = word_set(
    "got went came said thought saw made took had found "
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
    text = spoken(Token(one.norm, "I" if one.norm == "i" else _written(one)) for one in words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _written(token: Token) -> str:
    """As it is written where a draft has no capitals."""
    return token.text.capitalize() if token.text in _CAPITALS else token.text


__all__ = ["clean", "sentence", "told"]
