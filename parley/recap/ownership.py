"""Who is to do what, by the words of one clause: the patterns in which English promises, asks and assigns.

Patterns match the normal forms of a clause, in which a person is "@id". The order matters: forms in which the one who
speaks is not the one who does it ("you'll get it from me", "I need you to send it", "I'll wait for Ben to send it")
stand before the plain ones, so that no owner is inverted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.recap.acts import Role
from parley.recap.ownership_forms import ASKS, TELLS, TURNED
from parley.recap.tokens import Token
from parley.recap.verbs import active, base_form, plain
from parley.recap.vocabulary import TASK_VERBS
from parley.recap.wordlists import word_set

_WANTED = re.compile(
    r"(?:let us get|(?:we|i) (?:will |would |really |still |do )*(?:need|want|like|have to have|must have|have to get|"
    r"need to get)) "
    r"(?P<thing>(?:the |our |this |that |all |those |these )\S+(?: \S+){0,4}?) (?P<done>\w+(?:ed|en|ne|wn|lt|nt)\b.*)"
)
_PASSIVE = re.compile(
    r"(?P<thing>(?:it|(?:the |our |this |that |all |a |an |those |these |my |your )\S+)(?: \S+){0,5}?) "
    r"(?:(?:needs|need|wants) (?!being|doing\b)\w{3,}ing\b.*|"
    r"(?:needs to|need to|has to|have to|must|should|will|still needs to|still has to|has got to) "
    r"(?:(?:go|leave|arrive|happen)\b.*|(?:be|get) (?P<done>(?:with|at|in|on|up|back|there|live|ready|available|"
    r"online|out|in place|\w+(?:ed|en|t|ne|wn|de|id|ld|up|ewn))\b.*)))"
)
_IS_DUE = re.compile(
    r"(?P<thing>(?:the |our |this |that |all |your )\S+(?: \S+){0,5}?)(?: is| are|'s) due "
    r"(?:on|by|at|tomorrow|today|next|in|end|before|this|\w+day)\b"
)

_SELF = (
    (re.compile(r"(?:leave|give) (?:it|that|this|these|them) (?:to|with) me"), ""),
    (
        re.compile(r"(?:i am on (?:it|that|this)|on it|i have got (?:it|this|that)|i have got you|consider it done)\b"),
        "",
    ),
    (re.compile(r"(?:that is|this is|that one is|it is) (?:on me|mine|my job|my action)"), ""),
    (re.compile(r"(?:you can )?count on me"), ""),
    (re.compile(r"i (?:volunteer|will volunteer)\s*(?:[.!,]|$)"), ""),
)

_HEDGE = re.compile(
    r"(?:(?:and|but|so|then|okay|well|yes|yeah|yep|right|alright|all right|sure|no|actually|now|anyway|also|"
    r"maybe|perhaps|both|"
    r"of course|i think|i guess|i suppose|i believe|i mean|you know|i think that|it is okay|in fact|basically|"
    r"no problem|no worries|absolutely|definitely|certainly|great|perfect|fine|good|hey|hi|thanks|thank you|sorry|"
    r"sounds good|like i said|as i said|oh|um|uh|er|erm|ah|hmm|mm|fair enough|in that case|or|look|listen|cool|"
    r"(?:next steps?|action items?|actions?|todos?|follow ups?) [:,](?= @)|as discussed|for now|meanwhile|"
    r"finally|first|second|secondly|firstly|lastly|next|exactly|"
    r"on my side|from my side|on my end|from my end|for my part|got it|will do|instead|agreed|wait|no wait|,|"
    r";|:|\.|!) )+"
)
_BLOCKED_BEFORE = word_set(
    "that if when what which how who where why whether because until unless than as like said says told asked "
    "hope wish doubt wonder wondering sure not think thought bet assume assumed expect hopes wishes said claimed "
    "mentioned imagine suppose pretend once after before while whenever whatever whoever the a an my your his her "
    "our their this these those of in on at to for with from by about is are was were be do does did don't about "
) - {"think"}  # fmt: skip
_BEFORE_NAMES = word_set(
    "that the , and so but then both think guess believe okay maybe perhaps also now well actually i mean "
)
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


_FINITE = re.compile(r"(?:it is|how about|what about|who is|(?:would|will|is) (?:it|that)|it would be)\b")
"""Forms in which the task's verb is not in its plain form: "it's Ben who calls", "how about Ben writes"."""
_CHARGED = re.compile(
    r"(?:maybe |perhaps |then )?you (?:two |both |guys |three |all )?(?:will|should|need to|have to|must|are going to|are to) "
    r"(?:\w+ ){0,2}?(?:find out|look into|check with|work on|work together|get in touch|interact with|come up with|"
    r"keep \S+ (?:informed|posted|in the loop|updated))\b"
)
"""What "you" are told to do although nobody was named: no talk of what one does with a thing, but a task."""


_PLURAL = re.compile(r"(?:maybe |perhaps |then |can |could |will |would )?you (?:two|both|guys|three|all)\b")
_RECEIVES = re.compile(
    r"you (?:two |both |guys |three |all )?(?:will|are going to) (?:get|receive|hear|see|have)\b(?! (?:to|back|in touch))"
)
"""What comes to somebody: "you will get an email" gives nobody anything to do."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody is to do a task. who holds the tokens that name them, when role is "named"."""

    role: Role
    task: tuple[Token, ...]
    asks: bool = False
    who: tuple[Token, ...] = ()
    firm: bool = True
    """Whether the words alone say that it is a task; otherwise only a date or an answer makes it one."""
    need: bool = False
    found_at: int = 0
    lead: tuple[Token, ...] = field(default=())


def assignment(clause: Sequence[Token], addressed: bool) -> Assignment | None:
    """The task that a clause promises, asks for or assigns; None when it does none of it.

    addressed says that somebody was addressed by name in the sentence, so that a bare verb is a request to them.
    """
    while clause and clause[-1].mark:
        clause = clause[:-1]
    text, starts = _joined(clause)
    hedge = _HEDGE.match(text)
    begin = hedge.end() if hedge and text[hedge.end() :] else 0
    for offset in _starts(clause, starts, begin):
        found = _match(text[offset:], offset, clause, starts, addressed, offset == begin or offset == 0)
        if found is not None:
            return found
    return _last_resorts(text, begin, clause, starts, addressed)


def _joined(clause: Sequence[Token]) -> tuple[str, list[int]]:
    text, starts = "", []
    for token in clause:
        starts.append(len(text))
        text += token.norm + " "
    return text.rstrip(), starts


def _starts(clause: Sequence[Token], starts: Sequence[int], begin: int) -> list[int]:
    """Where an assignment may begin: the clause's start first, then any subject that isn't inside something else."""
    found = [begin]
    for at, token in enumerate(clause):
        if token.norm == "the" and at and clause[at - 1].norm in (",", "and", "so", "then") and starts[at] > begin:
            found.append(starts[at])
            continue
        if starts[at] <= begin or not (
            token.norm
            in ("i", "you", "we", "let", "please", "can", "could", "would", "someone", "somebody", "everyone", "assign")
            or (token.norm[:1] == "@" and not token.norm.endswith("'s"))
        ):
            continue
        before = clause[at - 1].norm
        if token.norm in ("can", "could", "would", "let", "please", "assign") and before not in (
            ",",
            "so",
            "and",
            "okay",
            "then",
            "but",
            "please",
        ):
            continue
        if token.norm[:1] == "@" and before not in _BEFORE_NAMES:
            continue
        if (before in _BLOCKED_BEFORE and token.norm[:1] != "@" and (before, token.norm) != ("that", "i")) or (
            token.norm == "you" and before in ("can", "could", "will", "would", "thank")
        ):
            continue
        if token.norm == "i" and before in ("can", "could", "shall", "should", "do", "and"):
            continue
        if token.norm == "you" and before not in (",", "so", "and", "then", "but", "maybe", "please"):
            continue
        found.append(starts[at])
    return found


def _match(
    rest: str, offset: int, clause: Sequence[Token], starts: Sequence[int], addressed: bool, first: bool
) -> Assignment | None:
    for forms in (TURNED, ASKS, TELLS):
        for pattern, role, asks in forms:
            match = _compiled(pattern).match(rest)
            if match is None:
                continue
            groups = match.groupdict()
            if forms is TURNED and groups.get("thing") is not None and role == "named" and not first:
                continue
            return _build(match, role, asks, offset, clause, starts, addressed, forms is TURNED)
    return None


_cache: dict[str, re.Pattern[str]] = {}


def _compiled(pattern: str) -> re.Pattern[str]:
    found = _cache.get(pattern)
    if found is None:
        found = _cache[pattern] = re.compile(pattern)
    return found


def _slice(clause: Sequence[Token], starts: Sequence[int], first: int, last: int) -> tuple[Token, ...]:
    return tuple(token for token, start in zip(clause, starts, strict=True) if first <= start < last)


def _build(
    match: re.Match[str],
    role: Role,
    asks: bool,
    offset: int,
    clause: Sequence[Token],
    starts: Sequence[int],
    addressed: bool,
    turned: bool,
) -> Assignment | None:
    groups = match.groupdict()
    who: tuple[Token, ...] = ()
    if groups.get("who"):
        who = _slice(clause, starts, offset + match.start("who"), offset + match.end("who"))
    if groups.get("also"):
        who = _slice(clause, starts, offset + match.start("also"), offset + match.end("also"))
    task: tuple[Token, ...]
    rest: tuple[Token, ...]
    if groups.get("task") == "":
        task = (Token("do", "do"), Token("it", "it"))
    elif groups.get("other"):
        task = _slice(clause, starts, offset + match.start(), len(match.string) + offset)
    elif groups.get("done"):
        thing = _slice(clause, starts, offset + match.start("thing"), offset + match.end("thing"))
        rest = _slice(clause, starts, offset + match.start("rest"), offset + match.end("rest"))
        task = (*active(groups["done"], thing), *rest)
    elif groups.get("task"):
        last = match.end("task") if match.re.groups and match.end("task") < match.end() else len(match.string)
        task = _slice(clause, starts, offset + match.start("task"), offset + last)
        task = plain(task) if _FINITE.match(match.group()) else task
    else:
        thing = _slice(clause, starts, offset + match.start("thing"), offset + match.end("thing"))
        if not any(not token.mark for token in thing):
            if "rest" not in groups or not groups.get("rest"):
                return None
            thing = (Token("something", "something"),)
        rest = ()
        if groups.get("rest"):
            rest = _slice(clause, starts, offset + match.start("rest"), offset + match.end("rest"))
        verb = "take" if match.re.pattern.find("assign") > 0 else "send"
        if match.re.pattern.startswith("you will have"):
            verb = "deliver"
        task = (Token(verb, verb), *thing, *rest)
    if who and role == "named" and len(who) == 1 and who[0].norm in ("you", "your", "yours", "me", "my", "i"):
        role, who = ("addressee" if who[0].norm in ("you", "your", "yours") else "speaker"), ()
    if role == "named" and asks and any(token.norm == "or" for token in who):
        role, who = "whoever", ()
    subject = match.group().split(" ", 1)[0]
    need = False
    if subject == "we" and role == "speaker":
        role, need = "nobody", True
    elif role == "nobody":
        need = True
    task = _trimmed(task)
    if (
        role == "addressee"
        and not addressed
        and (_PLURAL.match(match.group()) or any(t.norm == "together" for t in task))
    ):
        role = "nobody"  # one who says yes doesn't take it alone
    firm = _is_task(task)
    if not task or task[0].norm in ("not", "never") or (task[0].norm in ("no", "only") and len(task) < 3):
        return None
    if not turned and firm is None:
        return None
    generic = role == "addressee" and not asks and subject == "you" and not addressed and "please" not in match.string
    charged = bool(_CHARGED.match(match.string))
    if role == "addressee" and not addressed and _RECEIVES.match(match.string):
        return None
    return Assignment(
        role,
        task,
        asks,
        who,
        firm=(turned and task[0].norm not in ("let", "keep", "get", "deliver"))
        or (bool(firm) and not turned and not generic)
        or charged,
        need=need,
        found_at=offset,
        lead=_slice(clause, starts, 0, offset),
    )


def _is_task(task: Sequence[Token]) -> bool | None:
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


def _trimmed(task: Sequence[Token]) -> tuple[Token, ...]:
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


def _last_resorts(
    text: str, begin: int, clause: Sequence[Token], starts: Sequence[int], addressed: bool
) -> Assignment | None:
    rest = text[begin:]
    passive = _PASSIVE.match(rest) or _WANTED.match(rest)
    if passive:
        task = _trimmed(_slice(clause, starts, begin, len(text)))
        return Assignment("nobody", task, need=True, firm=False, found_at=begin)
    if _IS_DUE.match(rest):
        return Assignment(
            "nobody", _trimmed(_slice(clause, starts, begin, len(text))), need=True, firm=True, found_at=begin
        )
    for pattern, _ in _SELF:
        if pattern.match(rest):
            return Assignment("speaker", (Token("do", "do"), Token("it", "it")), found_at=begin)
    if addressed and rest.split(" ", 1)[0] not in TASK_VERBS:
        for at, token in enumerate(clause[1:], 1):
            if clause[at - 1].norm == "," and token.norm in TASK_VERBS:
                begin, rest = starts[at], text[starts[at] :]
                break
    first = rest.split(" ", 1)[0]
    task = _trimmed(_slice(clause, starts, begin, len(text)))
    if (
        first in TASK_VERBS
        and len(task) > 1
        and task[1].norm not in ("is", "was", "are", "of", "i", "we", "you", "and", "will")
    ):
        me = any(token.norm in ("me", "us") for token in task[1:4])
        return Assignment(
            "addressee",
            task,
            firm=(addressed and bool(_is_task(task))) or (me and first in ("send", "email", "call", "give")),
            found_at=begin,
        )
    return None
