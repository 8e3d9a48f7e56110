"""Whether words, from a verb on, are a task: surely, only with a date or an answer, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.recap.tokens import Token
from parley.recap.verbs import base_form
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_NOT_DONE = word_set(
    "be say see bet admit believe guess think know have need let explain stop skip go come repeat continue jump "
    "wait miss like want mention assume agree hope wish love hate feel mean remember never not understand wonder "
    "prefer doubt become happen seem appear exist die live stay sleep eat leave arrive depend suffice only no i "
    "you we it that get regret enjoy hear forget keep stick imagine probably lose win fail always hang hold mute "
    "unmute look switch end sit stand watch notice try use consider "
)  # fmt: skip
_PREPOSITIONS = word_set(
    "by before on in at until till tomorrow today tonight next this for with from to of then after"
)
_IMMEDIATE = word_set(
    "start begin show read present demo walk stop join move turn tell talk share close hand pass open run speak "
    "work ask answer summarise summarize explain touch step play plug scroll click press draw sketch wrap give "
    "take pull change swap switch sort put bring pick tackle do help add decide deal handle note record choose "
    "circle define describe introduce meet return support set select describe own define cover push count use "
    "call figure mark cut list make find look log say order roll search study test model "
)  # fmt: skip
_FIRM_PHRASES = re.compile(
    r"(?:be )?(?:take care of|look into|look at|looking into|follow up|get back to|come back to|go through|"
    r"go over|work on|"
    r"working on|set up|set it|set that|sort (?:it|that|this|out)|deal with|find out|find \w+|put together|"
    r"come up with|write up|reach out|think about (?:it|that) (?:and|before|until|by)|"
    r"let (?:me|you|us|them|everyone|everybody|@\S+|the \w+) (?:know|have)|see to|make sure|check|talk to|"
    r"talk with|speak to|speak with|"
    r"tell @|ask @|ask the|ask for|tell the|meet with|keep \S+ (?:posted|informed|updated)|take (?:it|that|"
    r"this|on|over|minutes|notes|the|care|these|those)|"
    r"do (?:it|that|this|the|those|some|these|my|a|an|so|both)|handle|have (?:it|that|this|them|the \w+|a "
    r"\w+|those|my \w+) (?:\w+ )?(?:ready|done|to|finished|sent|by|on|for)|"
    r"get (?:it|that|this|them|those|these|the|you|started|on|in touch|a|an|someone|@)|responsible for|in "
    r"touch|give @|give (?:you|us|them|it|that|the|everyone|him|her) |"
    r"bring|run (?:it|the|a|that|those|some)|make (?:a|an|the|it|that|some|those|sure)|help @|help you|add|"
    r"fix|handle|own|call (?!it|that|this)|"
    r"share (?:it|the|that|those|my \w+ with|a|them) |send|pick (?:it|that|this|the)|test|search|return|"
    r"order|record|log|cover|find|"
    r"put (?:it|that|the|a|this|in|them|some)|list|define|change (?:it|that|the)|present (?:it|that|the|this|"
    r"my)|try (?:it|that|the|this|a|some)|use (?:the )?\w+ to|"
    r"order|model|study|set|select|choose|introduce you|pull together|tackle|chase|circle back|"
    r"hand (?:it|that|the|over)|pass (?:it|that|on)|meet|support|figure|swap|switch (?:it|the)|push|describe "
    r"the|cut|mark)"
)


def is_task(task: Sequence[Token]) -> bool | None:
    """Whether these words, from the verb on, are a task: yes, only with a date or an answer, or no."""
    if not task:
        return None
    words = [token.norm for token in task]
    text = " ".join(words)
    if words[0] == "be" and len(words) > 1 and words[1].endswith("ing"):
        words = words[1:]
    verb = words[0]
    bare = base_form(verb)
    if _FIRM_PHRASES.match(text):
        return True
    if bare in TASK_VERBS and bare not in _IMMEDIATE and bare not in _NOT_DONE:
        return len(words) > 1
    if bare in TASK_VERBS and bare not in _NOT_DONE:
        return False
    if verb in _PREPOSITIONS:
        return None
    if verb in _NOT_DONE or verb[:1] == "@" or not verb.isalpha():
        return (
            None
            if verb
            not in ("have", "get", "think", "try", "look", "use", "consider", "keep", "leave", "go", "come", "see")
            else False
        )
    return False


def trimmed(task: Sequence[Token]) -> tuple[Token, ...]:
    """Without what trails a task: marks, "please", "okay", "then", "right"."""
    tokens = list(task)
    while tokens and (
        tokens[-1].mark
        or tokens[-1].norm in ("please", "okay", "then", "right", "and", "so", "but", "yeah", "um", "uh", "or")
        or (len(tokens) > 2 and tokens[-2].mark and tokens[-1].norm in ("i", "we", "they", "he", "she", "it", "you"))
    ):
        tokens.pop()
    while tokens and (tokens[0].mark or tokens[0].norm in ("to", "please")):
        tokens.pop(0)
    return tuple(tokens)
