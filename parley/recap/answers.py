"""What answers do to the tasks of a conversation: yes settles, no takes back, another day moves it (see actions.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from parley.recap.action_items import Item, State
from parley.recap.acts import Act
from parley.recap.calendar_words import WEEKDAYS

_REACH = 8
"""Sentences over which an answer still answers."""
_REACH_SECONDS = 75.0

_TOO_SOON = re.compile(r"\b(?:tight|too (?:soon|early)|ambitious|more time|later)\b")
"""A day that is named against one that is too soon lies after it."""


class Answers:
    """The items so far, and what an answer to them does. present says who was in the meeting at a second."""

    def __init__(self, present: Callable[[float], Sequence[str]]) -> None:
        self._present = present
        self._items: list[Item] = []
        self._acts: list[Act] = []
        self._index = 0
        self._proposed: tuple[Item, Act] | None = None
        """Another day that was asked for and not yet agreed to."""
        self._last_sentence: tuple[int, float] | None = None
        self._called: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {}

    def _near(self, act: Act, *states: State) -> Iterable[Item]:
        """Recent items, the latest first."""
        for item in reversed(self._items):
            if self._index - item.index > _REACH or act.start - item.start > _REACH_SECONDS:
                return
            if item.state in states:
                yield item

    def _assent(self, act: Act) -> None:
        if self._proposed is not None:
            (item, change), self._proposed = self._proposed, None
            if act.speaker != change.speaker and self._index - item.index <= _REACH:
                self._set_due(item, change)
                self._cite(item, change)
                self._cite(item, act)
                return
        for item in self._near(act, "asked"):
            if item.raised_by == act.speaker and item.owner != act.speaker:
                continue
            if item.owner is not None and item.owner == item.raised_by:
                if act.speaker != item.raised_by:  # an offer that is taken up
                    self._accept(item, act)
                    return
                continue
            if item.owner in (None, act.speaker) and not item.owner_name:
                item.owner = act.speaker
                self._accept(item, act)
                return
            if item.owner == act.speaker or item.owner_name:
                self._accept(item, act)
                return
        for item in self._near(act, "live"):
            if item.owner is None and item.polite and item.raised_by != act.speaker and not item.answered:
                item.owner = act.speaker
                item.answered = True
                self._cite(item, act)
                return
            if item.owner == act.speaker and item.raised_by != act.speaker and not item.answered:
                item.answered = True
                if item.index >= self._index - 3:
                    self._cite(item, act)
                return

    def _accept(self, item: Item, act: Act) -> None:
        item.state = "live"
        item.answered = True
        self._cite(item, act)

    @staticmethod
    def _cite(item: Item, act: Act) -> None:
        item.cites += [segment for segment in act.segments if segment not in item.cites]

    def _concerns(self, item: Item, act: Act) -> bool:
        """Whether a refusal by this speaker can be about this item."""
        if item.owner == act.speaker:
            return item.raised_by != act.speaker or self._index - item.index <= 3
        if item.owner is None and not item.owner_name and not item.need:
            return item.raised_by != act.speaker
        return item.owner == item.raised_by and item.state == "asked"

    def _refusal(self, act: Act) -> None:
        for item in self._near(act, "asked", "live"):
            if item.index == self._index or item.answered:
                continue
            if self._concerns(item, act) or (
                item.owner == item.raised_by and item.polite and item.raised_by != act.speaker
            ):
                item.state = "dropped"
                return

    def _vague(self, act: Act) -> None:
        for item in self._near(act, "asked", "live"):
            if (
                item.raised_by != act.speaker
                and item.owner in (None, act.speaker)
                and not item.need
                and not item.answered
            ):
                item.state = "dropped"
                return

    def _cancel(self, act: Act) -> None:
        for item in self._near(act, "asked", "live"):
            if (
                act.speaker in (item.raised_by, item.owner)
                or item.owner == item.raised_by
                or self._index - item.index <= 2
            ):
                item.state = "dropped"
                return

    def _due(self, act: Act) -> None:
        if act.question:
            near = [item for item in self._near(act, "live") if item.index != self._index]
            if near:
                self._proposed = (near[0], act)
                return
        for item in self._near(act, "asked", "live", "dropped"):
            if item.state == "dropped" and self._index - item.index > 3:
                continue
            if item.due is None or act.instead or self._index - item.index <= 4:
                if item.state == "dropped":
                    if item.owner is None and not item.owner_name:
                        continue
                    item.state = "live"
                elif item.state == "asked" and item.raised_by != act.speaker and item.owner in (None, act.speaker):
                    if act.question:
                        return
                    item.owner = act.speaker if not item.owner_name else item.owner
                    item.state = "live"
                self._set_due(item, act)
                self._cite(item, act)
                return

    @staticmethod
    def _set_due(item: Item, act: Act) -> None:
        if act.due is None:
            return
        day = act.due
        if item.due is not None and _TOO_SOON.search(" ".join(norm for norm, _ in act.says)):
            while day < item.due and WEEKDAYS.keys() & set(act.due_text.lower().split()):
                day += timedelta(days=7)
        item.due, item.due_text, item.reading = day, act.due_text, act.reading
