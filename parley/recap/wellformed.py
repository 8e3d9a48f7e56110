"""Whether a cleaned sentence of speech is a whole one that can stand as a note.

People break off, start again and say things without a verb. No rewriting saves such a sentence, so it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from parley.recap.tokens import Token
from parley.recap.verbs import IRREGULAR
from parley.recap.vocabulary import FUNCTION
from parley.recap.wordlists import word_set

_FINITE = (
    word_set(
        "is are was were will would can could should has have had needs need must may might does do did shall "
        "went came said thought saw means wants seems looks says goes comes gets knows thinks"
    )
    | IRREGULAR.keys()
)
_LATEST_VERB = 12
"""By which word a sentence must have come to its verb."""
_FRAGMENT_BEGINS = word_set(
    "such as for like than or nor because be been being of to louder which who whose what where although though "
    "otherwise instead especially including except plus with without"
)
_HANGING_ENDS = word_set(
    "quite very so too still more most these those this be are is was were his her their my your if when who which "
    "can will would has have people some people's into from by at as than also really not each every no i we they"
)
"""Words that no sentence ends with that was said to its end."""
_AFTER_ARTICLES = word_set(
    "all other most same one ones first more least only own very few little second both many last next"
)
_NO_NOUNS = FUNCTION | word_set("once again maybe perhaps basically actually")
_ARTICLES = word_set("a an the our their my")
_NO_SUBJECT = word_set("which who that where when what and or but of to in on at for with from by as if than")


def whole(words: Sequence[Token]) -> bool:
    """Whether these words, which clean() has made, are a whole sentence."""
    if not words or words[0].norm in _FRAGMENT_BEGINS:
        return False
    for word, following in pairwise(words):
        if word.norm in _ARTICLES and (
            following.mark or (following.norm in _NO_NOUNS and following.norm not in _AFTER_ARTICLES)
        ):
            return False
    if any(len(word.norm) == 1 and word.norm.isalpha() and word.norm not in "ai" for word in words):
        return False
    return words[-1].norm not in _HANGING_ENDS and _verb(words)


def _verb(words: Sequence[Token]) -> bool:
    """Whether it comes to a verb in time, and what stands before that can be its subject."""
    for at, word in enumerate(words[: _LATEST_VERB + 1]):
        if at == 0:
            continue
        if word.norm in _FINITE or (word.norm.endswith("ed") and len(word.norm) > 4):
            return words[at - 1].norm not in _NO_SUBJECT
    return False
