"""Action items of a conversation: who promised or was given what, by when.

The acts of all sentences (acts.py) are played in order. A request waits for its answer, an answer settles who "you"
was, a refusal takes it back, a correction moves it to somebody else or another day. What nobody agreed to is no action;
what nobody was named for stays unassigned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from parley.recap.action_items import Item, State, merged
from parley.recap.acts import Act
from parley.recap.answers import Answers
from parley.recap.tokens import Token, stem
from parley.recap.vocabulary import FUNCTION, STOP
from parley.recap.wordlists import word_set

_ARTICLES = word_set("the our this that all a an those these it my your we i")
_EMPTY = word_set("do take handle get have own be manage tackle cover drive sort deal pick")
"""Verbs that say nothing when "it" is all they have."""


def follow(acts: Iterable[Act], present: Callable[[float], Sequence[str]]) -> list[Item]:
    """The items that stand at the end of these acts. present says who was in the meeting at a second."""
    return _Conversation(present).play(acts)


class _Conversation(Answers):
    """All of a meeting's acts, in order."""

    def play(self, acts: Iterable[Act]) -> list[Item]:
        for act in acts:
            here = (act.sentence, act.start)
            if here != self._last_sentence:
                self._index += 1
                self._last_sentence = here
            if act.vocatives:
                self._called[act.speaker] = (self._index, act.vocatives)
            self._play(act)
            self._acts.append(act)
        return merged([item for item in self._items if item.state == "live"])

    def _play(self, act: Act) -> None:
        match act.kind:
            case "assent":
                self._assent(act)
            case "refusal":
                self._refusal(act)
            case "vague":
                self._vague(act)
            case "cancel":
                self._cancel(act)
            case "due":
                self._due(act)
            case "task":
                self._task(act)
            case _:
                pass

    def _task(self, act: Act) -> None:
        if act.role == "named":
            for number, (participant, name) in enumerate(act.named):
                self._give(act, participant or None, name if not participant else None, again=number > 0)
            return
        if act.role == "addressee":
            self._addressee(act)
            return
        if act.role == "speaker":
            self._give(act, act.speaker, None)
            return
        whoever = act.role == "whoever"
        item = self._raise(act, None, None, "asked" if whoever else "live", anyone=whoever)
        item.polite = bool(act.vocatives)

    def _addressee(self, act: Act) -> None:
        called = act.vocatives
        if not called:
            index, earlier = self._called.get(act.speaker, (-9, ()))
            if self._index - index <= 2 and all(one.speaker == act.speaker for one in self._acts[-2:]):
                called = earlier
        if called:
            for number, (participant, name) in enumerate(called):
                if participant == act.speaker:
                    continue
                self._give(
                    act, participant or None, name if not participant else None, again=number > 0, you=participant
                )
            return
        others = [one for one in self._present(act.start) if one != act.speaker]
        if len(others) == 1:
            if act.pointing and self._hand_over(act, others[0], None):
                return
            item = self._raise(act, others[0], None, "asked" if act.asks else "live")
            item.you = others[0]
            item.polite = True
            return
        item = self._raise(act, None, None, "asked" if act.asks else "live")
        item.polite = True

    def _raise(self, act: Act, owner: str | None, name: str | None, state: State, anyone: bool = False) -> Item:
        item = Item(
            task=tuple(act.tokens), raised_by=act.speaker, start=act.start, index=self._index, state=state, owner=owner,
            owner_name=name, due=act.due, due_text=act.due_text, reading=act.reading, cites=list(act.segments),
            anyone=anyone, need=act.need,
        )  # fmt: skip
        self._items.append(item)
        return item

    def _give(self, act: Act, owner: str | None, name: str | None, again: bool = False, you: str | None = None) -> None:
        """The act gives its task to one person: settle what waits, move what it corrects, or begin an item."""
        if not again and (act.pointing or act.instead) and self._hand_over(act, owner, name):
            return
        if not again and self._same_task(act, owner, name):
            return
        bare = len(act.task) < 2 or act.task[0][0] in _EMPTY
        pointless = act.pointing and act.role != "addressee" and not self._points_to(act)
        if pointless and bare and act.due is None and not act.asks:
            return
        own = owner == act.speaker
        state: State = "asked" if act.asks and (own or not act.vocatives) else "live"
        item = self._raise(act, owner, name, state)
        item.you = you
        others = [one for one in self._present(act.start) if one != act.speaker]
        if you is None and len(others) == 1:
            item.you = others[0]
        item.polite = act.asks
        if act.pointing:
            context = self._points_to(act)
            if context is not None:
                if item.due is None and context.due is not None:
                    item.due, item.due_text, item.reading = context.due, context.due_text, context.reading
                item.context = tuple(Token(norm, text) for norm, text in context.says)
                item.cites = [*context.segments, *(one for one in item.cites if one not in context.segments)]

    def _hand_over(self, act: Act, owner: str | None, name: str | None) -> bool:
        """It, or that, is an item which was raised just before: settle it or give it to somebody else."""
        for item in self._near(act, "asked", "live", "dropped"):
            if item.index == self._index and item.raised_by == act.speaker and item.state == "live":
                if item.need and item.owner is None and not item.owner_name and act.pointing:
                    item.owner, item.owner_name, item.polite = owner, name, True
                    item.state = "asked" if act.asks and not act.vocatives else "live"
                    self._set_due(item, act)
                    return True
                if item.owner == owner is not None and act.pointing and act.due is not None and item.due is None:
                    self._set_due(item, act)
                    return True
                continue
            wanted = item.need and item.owner is None and item.task[0].norm in _ARTICLES
            if act.pointing and not wanted and not self._same_verb(item, act) and item.owner != owner:
                continue
            if not act.pointing and _common(item, act) < 0.5:
                continue
            if act.asks and owner == act.speaker and not item.need and item.state != "asked":
                continue
            if item.state == "dropped" and item.owner == owner and owner is not None:
                continue
            if act.asks and not act.vocatives and item.state == "live" and item.owner is not None:
                return False
            item.owner, item.owner_name = owner, name
            item.state = "asked" if act.asks and item.state == "asked" and not act.vocatives else "live"
            item.answered = item.answered or act.speaker == owner
            item.polite = False
            self._set_due(item, act)
            self._cite(item, act)
            return True
        return False

    @staticmethod
    def _same_verb(item: Item, act: Act) -> bool:
        """Whether "it" is done here as it was there: "I'll do it", or the very verb."""
        if len(act.task) < 2 or act.task[0][0] in _EMPTY:
            return True
        return bool(item.task) and stem(item.task[0].norm) == stem(act.task[0][0])

    def _same_task(self, act: Act, owner: str | None, name: str | None) -> bool:
        """The task was asked for or named just before in other words: "who sends it?" - "I'll send the report"."""
        for item in self._near(act, "asked", "live"):
            if item.index == self._index and item.raised_by == act.speaker:
                continue
            open_to = item.owner is None and not item.owner_name
            if not (open_to or item.owner == owner) or (
                item.raised_by == act.speaker and item.owner != owner and not item.need and not item.anyone
            ):
                continue
            if _common(item, act) < 0.5:
                continue
            item.owner, item.owner_name, item.state = owner, name, "live"
            item.answered = True
            if len(act.task) > len(item.task) and owner == act.speaker:
                item.task, item.raised_by = tuple(act.tokens), act.speaker
            self._set_due(item, act)
            self._cite(item, act)
            return True
        return False

    def _points_to(self, act: Act) -> Act | None:
        """The last sentence before that says something of its own."""
        for former in reversed(self._acts[-6:]):
            if former.sentence == act.sentence and former.start == act.start:
                continue
            if former.says and len([norm for norm, _ in former.says if norm not in STOP]) >= 2:
                return former
        return None


def _words(tokens: Iterable[Token]) -> set[str]:
    return {
        stem(token.norm) for token in tokens if not token.mark and token.norm not in FUNCTION and token.norm[:1] != "@"
    }


def _common(item: Item, act: Act) -> float:
    mine, theirs = item.words(), _words(act.tokens)
    if not mine or not theirs:
        return 0.0
    return len(mine & theirs) / min(len(mine), len(theirs))
