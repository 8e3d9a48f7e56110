"""The overview of a meeting and its topics: what was talked about, told in lines that read like notes.

Lines are of two sorts: told ones name what a stretch was about by its own phrases, taken ones are sentences of the
meeting, cleaned and put in the third person. Both cite what they are made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parley.recap.artefacts import Line, Topic
from parley.recap.citations import Evidence, Ids
from parley.recap.keyphrases import Phrase, Spoken, phrases, rarity, telling
from parley.recap.notes import clean, sentence, told
from parley.recap.people import called
from parley.recap.recording import Recording
from parley.recap.tokens import Token, stem, tokenize
from parley.recap.topics import agenda_stems, borders
from parley.recap.wellformed import whole
from parley.recap.wordlists import word_set

_SHORTEST, _LONGEST = 6, 28
_LINES_PER_TOPIC = 3
_CITES_PER_PHRASE = 2
_OVERVIEW_DECISIONS = 4
_OVERVIEW_TOPICS = 4
"""The overview tells of the longest topics only; all of them stand below it."""
_PHRASES = 2


@dataclass(frozen=True, slots=True)
class Outline:
    overview: tuple[Line, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One topic while it is written."""

    said: Sequence[Spoken]
    phrases: list[Phrase]
    title: str
    lead: str | None
    """The name of the one who speaks most of it, when one does."""


def compose(
    recording: Recording, said: Sequence[Spoken], decisions: Sequence[Line], evidence: Evidence, ids: Ids
) -> Outline:
    """The overview and the topics of what was said."""
    said = [one for one in said if one.tokens]
    if not any(one.content for one in said):
        return Outline((), ())
    weight = rarity(said)
    names = frozenset(token.norm for person in recording.people.values() for token in tokenize(person.name))
    agenda = [item for item in recording.head.agenda if item.strip()]
    starts = borders(said, weight, agenda)
    stretches = [
        _stretch(recording, said[start:end], weight, names, agenda)
        for start, end in zip(starts, [*starts[1:], len(said)], strict=True)
    ]
    topics = tuple(_topic(recording, one, weight, evidence, ids) for one in stretches)
    return Outline(_overview(recording, said, stretches, decisions, weight, names, evidence, ids), topics)


def _stretch(
    recording: Recording, said: Sequence[Spoken], weight: dict[str, float], names: frozenset[str], agenda: Sequence[str]
) -> _Stretch:
    best = phrases(said, dict.fromkeys(weight, 1.0), 8, names)
    spoken = Counter[str]()
    for one in said:
        spoken[one.speaker] += one.size
    lead = None
    if len(spoken) > 1:
        (who, most) = sorted(spoken.items(), key=lambda one: (-one[1], one[0]))[0]
        lead = people_name(recording, who) if most >= 0.6 * sum(spoken.values()) else None
    title = _title(phrases(said, weight, 2, names))
    stems = {one for each in said for one in each.content}
    fitting = [
        (len(agenda_stems(item) & stems) / len(agenda_stems(item)), item) for item in agenda if agenda_stems(item)
    ]
    if fitting:
        share, item = max(fitting, key=lambda one: (one[0], one[1]))
        top = {one for phrase in best[:5] for one in phrase.stems}
        if share >= 0.6 and agenda_stems(item) & top:
            title = item
    return _Stretch(said, best, title, lead)


def _title(best: Sequence[Phrase]) -> str:
    words = [phrase.text.removeprefix("the ") for phrase in best[:2]]
    text = " and ".join(words) if words else "Small talk"
    return text[:1].upper() + text[1:]


# --- told lines ---


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _cites(said: Sequence[Spoken], chosen: Sequence[Phrase]) -> tuple[str, ...]:
    """Segments that hold these phrases, each phrase in at least one."""
    found: list[str] = []
    for phrase in chosen:
        for place in phrase.places[:_CITES_PER_PHRASE]:
            found += [one for one in said[place].segments if one not in found]
    return tuple(found)


def _line(kind: str, text: str, cites: tuple[str, ...], evidence: Evidence, ids: Ids, *extra: str) -> Line | None:
    if not text or not evidence.carries(text, cites, extra=extra):
        return None
    return Line(id=ids.give(kind, cites), text=text, cites=cites, at=evidence.at(cites))


# --- taken lines ---


def _taken(recording: Recording, one: Spoken) -> str:
    """A sentence of the meeting as a note; "" when it makes none."""
    if one.question or not _SHORTEST <= one.size <= 60 or len(one.content) < 3:
        return ""
    words = clean(one.tokens)
    size = sum(not token.mark for token in words)
    if (
        not _SHORTEST <= size <= _LONGEST + 12
        or words[0].norm in _DANGLING
        or any(t.norm in ("you", "your", "me") for t in words)
    ):
        return ""
    if any(token.norm in ("i", "my") for token in words[1:]):
        return ""
    if not whole(words):
        return ""
    return sentence(told(words, people_name(recording, one.speaker), None, False), _LONGEST)


_DANGLING = word_set(
    "that it this he she they there those these which who what how where why when do does did is are was can "
    "could would will if not one them him her its then than even still only too very much more of "
)


def _best(
    recording: Recording, said: Sequence[Spoken], weight: dict[str, float], limit: int
) -> list[tuple[Spoken, str]]:
    """The sentences that say most about their stretch and not what another one said, in the order of the meeting."""
    counts: Counter[str] = Counter()
    for one in said:
        counts.update(set(one.content))
    candidates: list[tuple[float, int, str]] = []
    for index, one in enumerate(said):
        text = _taken(recording, one)
        if not text:
            continue
        score = sum(min(counts[stem_], 8) ** 0.5 * weight.get(stem_, 1.0) for stem_ in set(one.content))
        score /= (sum(not token.mark for token in one.tokens) + 8) ** 0.7
        candidates.append((round(score, 6), index, text))
    candidates.sort(key=lambda item: (-item[0], item[1]))
    chosen: list[tuple[int, str]] = []
    covered: set[str] = set()
    for _, index, text in candidates:
        mine = set(said[index].content)
        if len(mine & covered) > 0.5 * len(mine):
            continue
        chosen.append((index, text))
        covered |= mine
        if len(chosen) >= limit:
            break
    return [(said[index], text) for index, text in sorted(chosen)]


def _topic(recording: Recording, one: _Stretch, weight: dict[str, float], evidence: Evidence, ids: Ids) -> Topic:
    lines: list[Line] = []
    subject = f"{one.lead} presented" if one.lead else "The team discussed"
    top = one.phrases[:5]
    if top:
        extra = (one.lead,) if one.lead else ()
        line = _line(
            "line",
            f"{subject} {_listed([phrase.text for phrase in top])}.",
            _cites(one.said, top),
            evidence,
            ids,
            *extra,
        )
        lines += [line] if line else []
    for said, text in _best(recording, one.said, weight, _LINES_PER_TOPIC):
        line = _line("line", text, said.segments, evidence, ids, people_name(recording, said.speaker))
        lines += [line] if line else []
    first = one.said[0]
    return Topic(
        id=ids.give("topic", first.segments), title=one.title, start=first.start,
        end=max(each.end for each in one.said), lines=tuple(lines),
    )  # fmt: skip


def _overview(
    recording: Recording, said: Sequence[Spoken], stretches: Sequence[_Stretch], decisions: Sequence[Line],
    weight: dict[str, float], names: frozenset[str], evidence: Evidence, ids: Ids,
) -> tuple[Line, ...]:  # fmt: skip
    lines: list[Line | None] = []
    main = phrases(said, dict.fromkeys(weight, 1.0), 3, names)
    text = f"The meeting was about {_listed([one.text for one in main])}."
    lines.append(_line("overview", text, _cites(said, main), evidence, ids))
    used = {part for phrase in main for part in phrase.stems}
    sizes = [sum(each.size for each in one.said) for one in stretches]
    least = sorted(sizes, reverse=True)[:_OVERVIEW_TOPICS][-1]
    told_lines = 0
    for number, one in enumerate(stretches):
        if sizes[number] < least:
            continue
        top = [phrase for phrase in one.phrases if not used & set(phrase.stems)][:_PHRASES] or one.phrases[:2]
        if not top:
            continue
        used |= {part for phrase in top for part in phrase.stems}
        if one.lead:
            subject = f"{one.lead} {_PRESENTED[told_lines % len(_PRESENTED)]}"
        else:
            last = number == len(stretches) - 1 and number > 0
            subject = "The meeting ended with a discussion of" if last else _DISCUSSED[told_lines % len(_DISCUSSED)]
        told_lines += 1
        extra = (one.lead,) if one.lead else ()
        text = f"{subject} {_listed([phrase.text for phrase in top])}."
        lines.append(_line("overview", text, _cites(one.said, top), evidence, ids, *extra))
        for each, text in _best(recording, one.said, weight, 1):
            lines.append(_line("overview", text, each.segments, evidence, ids, *recording_names(recording)))
    for decision in _first_decisions(decisions):
        lines.append(_line("overview", decision.text, decision.cites, evidence, ids, *recording_names(recording)))
    return tuple(line for line in lines if line is not None)


_DISCUSSED = ("The team discussed", "They then talked about", "The team also discussed", "There was a discussion of")
_PRESENTED = ("presented", "explained", "introduced")


def _first_decisions(decisions: Sequence[Line]) -> list[Line]:
    """Those that say most, in the order of the meeting."""
    few = len(decisions) <= _OVERVIEW_DECISIONS
    rich = [one for one in decisions if few or sum(telling(token) for token in tokenize(one.text)) >= 3]
    best = sorted(rich, key=lambda one: (-len(one.cites), one.at, one.id))[:_OVERVIEW_DECISIONS]
    return sorted(best, key=lambda one: (one.at, one.id))


def people_name(recording: Recording, participant: str) -> str:
    """What a participant is called in a line."""
    return called(recording.name(participant))


def recording_names(recording: Recording) -> list[str]:
    """What everybody is called in a line."""
    return [called(person.name) for person in recording.people.values()]


__all__ = ["Outline", "Token", "compose", "stem"]
