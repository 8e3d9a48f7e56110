"""Highlights: which moments of a meeting are worth seeing, and which of them make the reel.

Signs (moment_signs.py) are cut on pauses (moment_cuts.py), what overlaps becomes one moment, and the reel takes the
best that fit into 90 seconds, preferring other kinds and other people to more of the same. A pure function: the same
artefacts give the same highlights.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from parley.recap.artefacts import Gestures, Highlights, Moment, Summary, Transcript
from parley.recap.moment_cuts import Cuts, sentences
from parley.recap.moment_signs import Candidate, candidates
from parley.recap.recording import Recording, Span

ENGINE = "rules-1"
REEL_SECONDS = 90.0
LONGEST = 24.0
"""Seconds of one moment."""
SHORTEST = 4.0
"""Seconds: a shorter moment is over before one has understood who speaks; it takes in the next sentence."""
REACH = 5.0
"""Seconds in which a pause is looked for, before and after what has to be seen."""
MOMENTS = 24
"""So many are listed; the reel needs far fewer."""
_SAME_KIND = 0.72
_SAME_PERSON = 0.85
_WORTH_SHOWING = 0.12


def find_highlights(
    recording: Recording, transcript: Transcript, summary: Summary | None = None, gestures: Gestures | None = None
) -> Highlights:
    """The moments of a meeting. Without summary or gestures (failed, or not wanted) all other signs still count."""
    spoken = sentences(transcript.segments)
    cuts = Cuts(spoken, recording.duration)
    found = [moment for sign in candidates(recording, transcript, summary, gestures) if (moment := _cut(sign, cuts))]
    in_pause = [moment for moment in found if not any(_overlap(moment, pause) > 0.5 for pause in recording.paused)]
    ends = {segment.id: Span(segment.start, segment.end) for segment in transcript.segments}
    moments = sorted(_merged(in_pause, ends)[:MOMENTS], key=lambda each: (each.start, each.end, each.id))
    notes = () if moments else ("Nothing in this meeting stood out as a moment to show.",)
    return Highlights(engine=ENGINE, notes=notes, moments=tuple(moments), reel=choose_reel(moments))


def choose_reel(moments: Sequence[Moment], seconds: float = REEL_SECONDS) -> tuple[str, ...]:
    """The ids of the moments that make a reel of at most so many seconds, in the order of the meeting."""
    kinds: Counter[str] = Counter()
    people: Counter[str] = Counter()
    chosen: list[Moment] = []
    left = list(moments)
    room = seconds

    def value(moment: Moment) -> tuple[float, float, str]:
        familiar = max((people[who] for who in moment.participants), default=0)
        worth = moment.score * _SAME_KIND ** kinds[moment.kind] * _SAME_PERSON**familiar
        return (-round(worth, 9), moment.start, moment.id)

    while left := [moment for moment in left if moment.end - moment.start <= room]:
        best = min(left, key=value)
        if -value(best)[0] < _WORTH_SHOWING:
            break
        left.remove(best)
        chosen.append(best)
        room -= best.end - best.start
        kinds[best.kind] += 1
        people.update(best.participants)
    return tuple(moment.id for moment in sorted(chosen, key=lambda each: (each.start, each.id)))


def _cut(sign: Candidate, cuts: Cuts) -> Moment | None:
    """A sign as a moment whose ends stand in pauses; None when nothing of it lies within the meeting."""
    core = sign.core
    if core.seconds > LONGEST:
        core = Span(core.start, cuts.after(core.start + LONGEST - REACH, REACH - 0.5))
    start, end = cuts.before(core.start, REACH), cuts.after(core.end, REACH)
    if end - start > LONGEST:
        start, end = core.start, min(core.end, core.start + LONGEST)
    while end - start < SHORTEST:
        later, earlier = cuts.later(end), cuts.earlier(start)
        if later is not None and later - start <= LONGEST:
            end = later
        elif earlier is not None and end - earlier <= LONGEST:
            start = earlier
        else:
            break
    end = min(end, cuts.end)
    if end - start < 0.5:
        return None
    return Moment(
        id=_id(sign), kind=sign.kind, start=round(start, 3), end=round(end, 3), score=round(sign.score, 4),
        title=sign.title, participants=sign.participants, cites=sign.cites,
    )  # fmt: skip


def _id(sign: Candidate) -> str:
    """The same sign has the same id each time the highlights are made."""
    said = "\0".join((sign.kind, sign.title, f"{sign.core.start:.2f}", *sign.cites))
    return "m" + hashlib.blake2s(said.encode(), digest_size=5).hexdigest()


def _merged(moments: Iterable[Moment], said: dict[str, Span]) -> list[Moment]:
    """Moments that share no second, best first. What overlaps a better one joins it, or keeps what is left of it."""
    kept: list[Moment] = []
    for moment in sorted(moments, key=lambda each: (-each.score, each.start, each.id)):
        candidate: Moment | None = moment
        for index, better in enumerate(kept):
            if candidate is None:
                break
            if _overlap(candidate, better) <= 0:
                continue
            together = Span(min(candidate.start, better.start), max(candidate.end, better.end))
            others = (other for other in kept if other is not better)
            if together.seconds <= LONGEST and all(_overlap(other, together) <= 0 for other in others):
                kept[index] = _joined(better, candidate, together)
                candidate = None
            else:
                candidate = _rest(candidate, better, said)
        if candidate is not None:
            kept.append(candidate)
    return sorted(kept, key=lambda each: (-each.score, each.start, each.id))


def _joined(better: Moment, other: Moment, together: Span) -> Moment:
    return msgspec.structs.replace(
        better,
        start=together.start,
        end=together.end,
        score=round(min(1.5, better.score + 0.25 * other.score), 4),
        participants=tuple(dict.fromkeys((*better.participants, *other.participants))),
        cites=tuple(dict.fromkeys((*better.cites, *other.cites))),
    )


def _rest(moment: Moment, better: Moment, said: dict[str, Span]) -> Moment | None:
    """What of a moment isn't in a better one, when that still holds all that it cites; else None."""
    before, after = Span(moment.start, better.start), Span(better.end, moment.end)
    rest = max(before, after, key=lambda span: span.seconds)
    whole = all(rest.start <= said[cite].start + 0.5 and said[cite].end <= rest.end + 0.5 for cite in moment.cites)
    if rest.seconds < SHORTEST or not moment.cites or not whole:
        return None
    return msgspec.structs.replace(moment, start=rest.start, end=rest.end)


def _overlap(one: Moment | Span, other: Moment | Span) -> float:
    return min(one.end, other.end) - max(one.start, other.start)
