"""The films of a recap: the reel of the highlights, a clip of one moment, the whole meeting.

Each is planned, rendered in pieces - by two threads, since the work is in libraries that let Python go - and joined.
Pieces that an earlier, interrupted run has finished are taken as they are.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Lock

import av

from parley.recap.artefacts import Chapter, Film, Highlights, Moment, Summary, Transcript
from parley.recap.film import lettering, piece
from parley.recap.film.cards import Caption
from parley.recap.film.joining import join, publish, write_poster
from parley.recap.film.layout import Shot, Talk, plan, talks
from parley.recap.film.piece import FPS, HEIGHT, WIDTH, Piece, pictures
from parley.recap.film.words import subtitles
from parley.recap.recording import Recording, Span

log = logging.getLogger(__name__)

ENGINE = "libx264-1"
"""Changes with everything that changes a picture: pieces of another engine aren't gone on with."""
PART_SECONDS = 60
"""How long the pieces of a whole meeting are, and so how much a crash costs at most."""
SHORTEST = 0.5
"""Seconds: less than that is no film."""
WORKERS = 2

Progress = Callable[[float], None]
"""Is told how much is done, 0 to 1, rising."""
Stopped = Callable[[], bool]
"""Is asked about once a second of film whether to stop."""


class FilmError(Exception):
    """A film can't be made here; str() says why, in one line."""


class FilmStopped(Exception):
    """A film was given up because its caller wanted so. Finished pieces stay for the next time."""


def _nothing(_: float) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False


def render_reel(
    recording: Recording, highlights: Highlights, transcript: Transcript, out_dir: Path,
    progress: Progress = _nothing, stopped: Stopped = _never,
) -> Film:  # fmt: skip
    """reel.mp4 and reel.jpg of the moments that the highlights chose; a Film without file when they chose none.

    Raises FilmError (disk full, no encoder) or FilmStopped.
    """
    chosen = {moment.id: moment for moment in highlights.moments}
    moments = [chosen[each] for each in highlights.reel if each in chosen]
    return _moments(recording, moments, transcript, out_dir, "reel", progress, stopped)


def render_ahead(
    recording: Recording, highlights: Highlights, transcript: Transcript, out_dir: Path, until: float,
    stopped: Stopped = _never,
) -> int:  # fmt: skip
    """Render, while the meeting runs, pieces of the reel that end before `until`; how many are new.

    One piece after the other, so that a core is left for everything else. render_reel takes those that it needs and
    removes all. Raises as render_reel.
    """
    chosen = {moment.id: moment for moment in highlights.moments}
    moments = [chosen[each] for each in highlights.reel if each in chosen and chosen[each].end < until]
    parts, _ = _parts(recording, moments, transcript)
    made = 0
    try:
        for file, part in _files(recording, parts, _pieces(out_dir, "reel")):
            if not file.exists():
                _make(recording, file, part, _Count(part.pictures, _nothing, stopped))
                made += 1
    except (OSError, av.error.FFmpegError) as error:
        raise FilmError(f"A piece of the reel can't be made: {error}") from error
    return made


def render_clip(
    recording: Recording, moment: Moment, transcript: Transcript, out_dir: Path,
    progress: Progress = _nothing, stopped: Stopped = _never,
) -> Film:  # fmt: skip
    """clip-ID.mp4 and clip-ID.jpg of one moment. Raises as render_reel."""
    name = "clip-" + "".join(letter for letter in moment.id if letter.isalnum() or letter in "-_")
    return _moments(recording, [moment], transcript, out_dir, name, progress, stopped)


def render_meeting(
    recording: Recording, transcript: Transcript | None, out_dir: Path, summary: Summary | None = None,
    progress: Progress = _nothing, stopped: Stopped = _never,
) -> Film:  # fmt: skip
    """meeting.mp4 and meeting.jpg: all that was recorded, composed into one picture; topics are its chapters.

    Goes on where an interrupted run ended. Raises as render_reel.
    """
    spoken = talks(transcript)
    recorded = _recorded(recording)
    parts: list[Piece] = []
    for span in recorded:
        shots = plan(recording, spoken, span, grid=True)
        edges = [*range(0, pictures(span.seconds), PART_SECONDS * FPS), pictures(span.seconds)]
        for first, last in itertools.pairwise(edges):
            within = Span(span.start + first / FPS, span.start + last / FPS)
            parts.append(_piece(within, shots, spoken))
    chapters = _topics(recorded, summary, recording.head.title)
    seen = [part for part in parts if part.talks]
    best = seen[0] if seen else None
    poster = 1.0
    if best is not None:
        before = sum(part.pictures for part in parts[: parts.index(best)]) / FPS
        poster = before + max(0.0, best.talks[0].start - best.start) + 1.0
    return _film(recording, parts, chapters, poster, out_dir, "meeting", progress, stopped)


def _moments(
    recording: Recording, moments: Sequence[Moment], transcript: Transcript, out_dir: Path, name: str,
    progress: Progress, stopped: Stopped,
) -> Film:  # fmt: skip
    """A film of moments one after the other; each is a chapter."""
    moments = [moment for moment in moments if moment.end - moment.start >= SHORTEST]
    parts, chapters = _parts(recording, moments, transcript)
    poster = 0.0
    if moments:
        best = max(range(len(moments)), key=lambda index: (moments[index].score, -index))
        poster = chapters[best].start + min(3.0, (chapters[best].end - chapters[best].start) / 2)
    return _film(recording, parts, chapters, poster, out_dir, name, progress, stopped)


def _parts(
    recording: Recording, moments: Iterable[Moment], transcript: Transcript
) -> tuple[list[Piece], list[Chapter]]:
    """A piece and a chapter for each moment that is long enough."""
    spoken = talks(transcript)
    parts: list[Piece] = []
    chapters: list[Chapter] = []
    at = 0.0
    for moment in moments:
        if moment.end - moment.start < SHORTEST:
            continue
        span = Span(moment.start, moment.start + pictures(moment.end - moment.start) / FPS)
        shots = plan(recording, spoken, span, grid=False)
        words = subtitles(transcript, span)
        parts.append(_piece(span, shots, spoken, Caption(moment.kind, moment.title), words))
        chapters.append(Chapter(title=moment.title, start=at, end=at + span.seconds, at=moment.start))
        at += span.seconds
    return parts, chapters


def _piece(
    span: Span, shots: Iterable[Shot], spoken: Iterable[Talk], caption: Caption | None = None,
    words: Iterable[piece.Words] = (),
) -> Piece:  # fmt: skip
    """The piece of a span, with no more of the plan than it needs: what isn't in it doesn't make it another piece."""
    return Piece(
        start=span.start,
        pictures=pictures(span.seconds),
        shots=tuple(shot for shot in shots if shot.start < span.end and shot.end > span.start),
        talks=tuple(talk for talk in spoken if talk.start < span.end and talk.end > span.start),
        caption=caption,
        words=tuple(words),
        fades=caption is not None,
    )


def _recorded(recording: Recording) -> list[Span]:
    """The meeting without its pauses."""
    found: list[Span] = []
    at = 0.0
    for pause in sorted(recording.paused, key=lambda span: span.start):
        found.append(Span(at, pause.start))
        at = max(at, pause.end)
    found.append(Span(at, recording.duration))
    return [span for span in found if span.seconds >= SHORTEST]


def _topics(recorded: Sequence[Span], summary: Summary | None, title: str) -> list[Chapter]:
    """The chapters of a whole meeting: its topics, divided where recording was paused, so that time is even in each."""
    found: list[Chapter] = []
    at = 0.0
    topics = sorted(summary.topics, key=lambda topic: topic.start) if summary is not None else []
    for span in recorded:
        length = pictures(span.seconds) / FPS
        inside = [topic for topic in topics if topic.end > span.start and topic.start < span.end]
        starts = [(max(topic.start, span.start), topic.title) for topic in inside]
        if not starts or starts[0][0] > span.start + 1:
            starts.insert(0, (span.start, title))
        else:
            starts[0] = (span.start, starts[0][1])
        for (start, name), following in itertools.zip_longest(starts, [start for start, _ in starts[1:]]):
            end = following if following is not None else span.start + length
            if end > start:
                first, last = at + start - span.start, at + end - span.start
                found.append(Chapter(title=name, start=round(first, 3), end=round(last, 3), at=start))
        at += length
    return found


def _film(
    recording: Recording, parts: Sequence[Piece], chapters: Sequence[Chapter], poster: float, out_dir: Path,
    name: str, progress: Progress, stopped: Stopped,
) -> Film:  # fmt: skip
    """Render what isn't there yet, join it, and take the poster."""
    if not parts:
        return Film(
            engine=ENGINE, notes=("There is nothing to show.",), file="", poster="", seconds=0,
            width=WIDTH, height=HEIGHT, chapters=(),
        )  # fmt: skip
    pieces = _pieces(out_dir, name)
    count = _Count(sum(part.pictures for part in parts), progress, stopped)
    try:
        files = _files(recording, parts, pieces)
        _render_all(recording, files, count)
        film, picture = out_dir / f"{name}.mp4", out_dir / f"{name}.jpg"
        joined = [(file, part.pictures) for file, part in files]
        join(joined, chapters, recording.head.title, film, lambda: count.done(0))
        seconds = sum(part.pictures for part in parts) / FPS
        write_poster(film, min(poster, seconds - 1 / FPS), picture)
    except (OSError, av.error.FFmpegError) as error:
        raise FilmError(f"{name}.mp4 can't be made: {error}") from error
    shutil.rmtree(pieces, ignore_errors=True)
    progress(1.0)
    return Film(
        engine=ENGINE, notes=_notes(recording), file=film.name, poster=picture.name, seconds=round(seconds, 3),
        width=WIDTH, height=HEIGHT, chapters=tuple(chapters),
    )  # fmt: skip


def _pieces(out_dir: Path, name: str) -> Path:
    """Where the pieces of a film are while it is made."""
    return out_dir / f".{name}-pieces"


def _files(recording: Recording, parts: Iterable[Piece], pieces: Path) -> list[tuple[Path, Piece]]:
    """Each piece and its file."""
    pieces.mkdir(parents=True, exist_ok=True)
    return [(pieces / f"{_key(recording, part)}.mkv", part) for part in parts]


def _make(recording: Recording, file: Path, part: Piece, count: _Count) -> None:
    """One piece, unless an earlier run has finished it."""
    if file.exists():
        count.done(part.pictures)
        return
    temporary = file.with_name(f".{file.name}.part")
    piece.render(recording, part, temporary, count.done)
    publish(temporary, file)


def _render_all(recording: Recording, files: Sequence[tuple[Path, Piece]], count: _Count) -> None:
    """Every piece that no earlier run has finished."""

    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1), thread_name_prefix="film") as pool:
        jobs = [pool.submit(_make, recording, file, part, count) for file, part in dict(files).items()]
        done, waiting = wait(jobs, return_when=FIRST_EXCEPTION)
        if any(job.exception() for job in done):
            count.stop()
            for job in waiting:
                job.cancel()
    for job in jobs:
        if not job.cancelled() and (error := job.exception()) and not isinstance(error, FilmStopped):
            raise error
    if any(job.cancelled() or job.exception() for job in jobs):
        raise FilmStopped


class _Count:
    """How far the pieces are, together; asks whether to stop. Used by several threads."""

    def __init__(self, total: int, progress: Progress, stopped: Stopped) -> None:
        self._total, self._made = total, 0
        self._progress, self._stopped = progress, stopped
        self._stop = False
        self._lock = Lock()

    def done(self, made: int) -> None:
        """So many more pictures. Raises FilmStopped."""
        with self._lock:
            self._stop = self._stop or self._stopped()
            if self._stop:
                raise FilmStopped
            self._made += made
            # The last share is for joining.
            self._progress(0.97 * self._made / self._total)

    def stop(self) -> None:
        """Let all others stop too."""
        self._stop = True


def _key(recording: Recording, part: Piece) -> str:
    """A name for a piece that changes with whatever changes its pictures or sound.

    What a recorder has written stays, so the files' names say enough, and a recording that grew since has the same
    piece; a track counts as far as the piece goes.
    """
    end = part.start + part.seconds
    said = [ENGINE, repr(part)]
    for who, person in recording.people.items():
        if any(span.start < end and span.end > part.start for span in person.present):
            said.append(f"{who}={person.name}")
    for track in recording.tracks:
        if track.start < end and track.end > part.start:
            files = [(file.path.name, file.start) for file in track.files if file.start < end]
            said.append(repr((track.id, track.start, min(track.end, end), track.source, files)))
    return hashlib.blake2s("\0".join(said).encode(), digest_size=12).hexdigest()


def _notes(recording: Recording) -> tuple[str, ...]:
    """What a viewer may miss."""
    lost = [person.name for person in recording.people.values() if lettering.unwritable(person.name)]
    if not lost:
        return ()
    return (f"No font on this machine has all letters of {', '.join(lost)}; Noto's fonts have (fonts-noto).",)
