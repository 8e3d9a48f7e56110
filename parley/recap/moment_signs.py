"""What may make a moment worth seeing: every sign of it, wherever it comes from, as a candidate.

Pure rules over the artefacts and the timeline. A candidate that stands on speech cites the segments it was found in; a
claim whose segments don't exist is left out here, so that nothing later can show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parley.recap.artefacts import Gestures, Line, MomentKind, Segment, Summary, Transcript
from parley.recap.recording import Recording, Span
from parley.store.recording import Hand, Reaction

SPAN_OF_CITES = 20.0
"""Seconds: cited segments further from the first one are cited, but not shown."""
ANSWER_WITHIN = 6.0
"""Seconds in which somebody else has to begin for it to be an answer."""
BURST = 6.0
"""Seconds between two reactions that belong together."""
BEFORE_A_SIGN = 9.0
"""Seconds: how far back one looks for what people react to."""
HAND_WAITS = 90.0
"""Seconds in which somebody with a raised hand has to speak for the two to belong together."""
SCREEN_SECONDS = 10.0

_LAUGHTER = re.compile(
    r"[\[(]\s*(?:laugh\w*|chuckl\w*|giggl\w*)[^\])]*[\])]|\b(?:a?(?:ha){2,}h?|(?:he){3,}h?|hahah+|lol)\b", re.IGNORECASE
)
_QUESTION = re.compile(
    r"^(?:and |so |but |well |okay |ok |then )*(?:who|what|when|where|why|which|whose|how|is|are|was|were|do|does|did|"
    r"can|could|will|would|should|shall|have|has|may)\s+\w+",
    re.IGNORECASE,
)
_TAGS = re.compile(r"[\[(][^\])]*[\])]")
_EMOJI_WORDS = {
    "👍": "thumbs up", "👏": "applause", "❤️": "hearts", "❤": "hearts", "😂": "laughter", "😮": "surprise",
    "🎉": "celebration", "clap": "applause", "heart": "hearts", "laugh": "laughter",
    "celebrate": "celebration",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sign, before its film is cut: `core` has to be seen whole. score is in 0..1 before anything is merged."""

    kind: MomentKind
    core: Span
    score: float
    title: str
    participants: tuple[str, ...]
    cites: tuple[str, ...] = ()


def candidates(
    recording: Recording, transcript: Transcript, summary: Summary | None, gestures: Gestures | None
) -> list[Candidate]:
    """All signs of a meeting, by start."""
    said = [segment for segment in transcript.segments if segment.state == "text" and segment.text.strip()]
    said.sort(key=lambda segment: (segment.start, segment.end, segment.id))
    found: list[Candidate] = []
    if summary is not None:
        found += _lines("decision", 0.95, summary.decisions, said)
        for action in summary.actions:
            known = 0.04 * (action.owner_name is not None) + 0.03 * (action.due is not None)
            found += _lines("action", 0.83 + known, (action,), said)
        found += _lines("key_point", 0.55, summary.overview, said)
        for topic in summary.topics:
            found += _lines("key_point", 0.4, topic.lines[:2], said)
    found += _answers(said)
    found += _laughter(said, recording)
    found += _reactions(recording, said)
    found += _hands(recording, said)
    if gestures is not None:
        found += _thumbs(gestures, recording, said)
    found += _screens(recording, said)
    return sorted(found, key=lambda each: (each.core.start, each.core.end, each.kind, each.title))


def _lines(kind: MomentKind, score: float, lines: Iterable[Line], said: Sequence[Segment]) -> Iterator[Candidate]:
    """Lines of the summary, where what they cite was said."""
    by_id = {segment.id: segment for segment in said}
    for line in lines:
        cited = sorted((by_id[each] for each in set(line.cites) if each in by_id), key=lambda each: each.start)
        if not cited:
            continue
        first = cited[0]
        shown = [each for each in cited if each.end - first.start <= SPAN_OF_CITES] or [first]
        yield Candidate(
            kind, Span(first.start, max(each.end for each in shown)), score, line.text.strip(),
            _speakers(shown), tuple(each.id for each in shown),
        )  # fmt: skip


def _answers(said: Sequence[Segment]) -> Iterator[Candidate]:
    """A question, and what somebody else said to it."""
    for index, asked in enumerate(said):
        question = _last_question(asked)
        if question is None:
            continue
        for answer in said[index + 1 :]:
            if answer.start > asked.end + ANSWER_WITHIN:
                break
            if answer.participant == asked.participant or answer.end <= asked.end or _last_question(answer):
                continue
            words = len(_TAGS.sub(" ", answer.text).split())
            # One word is an answer, but a moment needs something to be told.
            if words >= 4:
                score = 0.48 + min(words, 30) / 30 * 0.17 + 0.05 * question.endswith("?")
                yield Candidate(
                    "answer", Span(asked.start, answer.end), score, question,
                    _speakers((asked, answer)), (asked.id, answer.id),
                )  # fmt: skip
            break


def _last_question(segment: Segment) -> str | None:
    """The question that a segment ends with, or None. Drafts have no question mark: then the first words tell."""
    text = _TAGS.sub(" ", segment.text).strip()
    if text.endswith("?"):
        return re.split(r"(?<=[.!?])\s+", text)[-1]
    if not text.endswith((".", "!")) and len(text.split()) >= 4 and _QUESTION.match(text):
        return text
    return None


def _laughter(said: Sequence[Segment], recording: Recording) -> Iterator[Candidate]:
    """Laughter in the text, with what it is about: the words just before."""
    cluster: list[Segment] = []
    laughs = [segment for segment in said if _LAUGHTER.search(segment.text)]
    for index, segment in enumerate(laughs):
        cluster.append(segment)
        if index + 1 < len(laughs) and laughs[index + 1].start - segment.end <= BURST:
            continue
        people = _speakers(cluster)
        core, cites = _with_context(said, Span(cluster[0].start, max(each.end for each in cluster)))
        score = min(0.75, 0.45 + 0.1 * len(people))
        yield Candidate("laughter", core, score, f"{_names(recording, people)}: laughter", people, cites)
        cluster = []


def _reactions(recording: Recording, said: Sequence[Segment]) -> Iterator[Candidate]:
    """Several people, or one several times, reacted to the same thing."""
    events = sorted(
        (event for event in recording.events if isinstance(event, Reaction)), key=lambda each: (each.at, each.emoji)
    )
    burst: list[Reaction] = []
    for index, event in enumerate(events):
        burst.append(event)
        if index + 1 < len(events) and events[index + 1].at - event.at <= BURST:
            continue
        people = tuple(dict.fromkeys(each.participant for each in burst))
        signs = dict.fromkeys(_EMOJI_WORDS.get(each.emoji, each.emoji.replace("_", " ")) for each in burst)
        core, cites = _with_context(said, Span(burst[0].at, burst[-1].at + 1))
        score = min(0.8, 0.2 + 0.13 * len(people) + 0.03 * len(burst))
        yield Candidate("reaction", core, score, f"{_names(recording, people)}: {', '.join(signs)}", people, cites)
        burst = []


def _hands(recording: Recording, said: Sequence[Segment]) -> Iterator[Candidate]:
    """A raised hand, and what its owner then said; both are needed, a hand alone is no moment."""
    raised = [event for event in recording.events if isinstance(event, Hand) and event.raised]
    for event in raised:
        spoken = next(
            (s for s in said if s.participant == event.participant and 0 <= s.start - event.at <= HAND_WAITS), None
        )
        if spoken is not None and len(spoken.text.split()) >= 3:
            title = f"{recording.name(event.participant)} raised a hand"
            core = Span(spoken.start, spoken.end)
            yield Candidate("hand", core, 0.42, title, (event.participant,), (spoken.id,))


def _thumbs(gestures: Gestures, recording: Recording, said: Sequence[Segment]) -> Iterator[Candidate]:
    """Thumbs up before the camera, together when several people's come together."""
    shown = sorted(
        (each for each in gestures.gestures if each.label == "thumbs_up"),
        key=lambda each: (each.start, each.participant),
    )
    group: list[tuple[float, float, str]] = []
    for index, gesture in enumerate(shown):
        group.append((gesture.start, gesture.end, gesture.participant))
        if index + 1 < len(shown) and shown[index + 1].start - gesture.end <= BURST:
            continue
        people = tuple(dict.fromkeys(who for _, _, who in group))
        core, cites = _with_context(said, Span(group[0][0], max(end for _, end, _ in group)))
        score = min(0.75, 0.42 + 0.1 * len(people))
        yield Candidate("thumbs_up", core, score, f"{_names(recording, people)}: thumbs up", people, cites)
        group = []


def _screens(recording: Recording, said: Sequence[Segment]) -> Iterator[Candidate]:
    """Somebody begins to share their screen."""
    for track in recording.of("screen"):
        end = min(track.end, track.start + SCREEN_SECONDS)
        if end - track.start < 2:
            continue
        told = [s for s in said if s.participant == track.participant and track.start - 2 <= s.start < end]
        core = Span(min([track.start, *(s.start for s in told)]), end)
        title = f"{recording.name(track.participant)} shares a screen"
        yield Candidate("screen", core, 0.45, title, (track.participant,), tuple(s.id for s in told if s.end <= end))


def _with_context(said: Sequence[Segment], sign: Span) -> tuple[Span, tuple[str, ...]]:
    """The sign with what was being said at it or ended shortly before, and the ids of that."""
    heard = [s for s in said if s.start < sign.end and s.end > sign.start - 3 and s.start > sign.start - BEFORE_A_SIGN]
    start = min([sign.start, *(s.start for s in heard)])
    return Span(start, sign.end), tuple(s.id for s in heard)


def _speakers(segments: Iterable[Segment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(segment.participant for segment in segments))


def _names(recording: Recording, people: Sequence[str]) -> str:
    names = [recording.name(who) for who in people]
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
