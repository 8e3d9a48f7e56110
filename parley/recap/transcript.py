"""The transcript and the voice activity that a journal tells of, and the stage that makes them of a whole recording."""

from __future__ import annotations

from collections import Counter

from parley.recap.artefacts import Speech, Transcript, VoiceActivity
from parley.recap.journal import Done, Journal, Unreadable
from parley.recap.missing import with_marks
from parley.recap.recording import Recording

VOICE_ENGINE = "webrtcvad+silero-v6"


def transcript(journal: Journal, notes: tuple[str, ...] = (), recording: Recording | None = None) -> Transcript:
    """Segments by start. notes: why these engines; what happened on the way is added.

    recording: what is known of it, so that what never reached it is marked too.
    """
    done = [entry for entry in journal.entries if isinstance(entry, Done)]
    lost = [entry.segment for entry in journal.entries if isinstance(entry, Unreadable)]
    used = Counter(entry.engine for entry in done)
    said = [segment for entry in done for segment in entry.segments]
    return Transcript(
        engine="+".join(name for name, _ in used.most_common()) or "none",
        notes=(*notes, *_happened(done, len(lost))),
        draft=any(entry.draft for entry in done),
        segments=tuple(with_marks(recording, said, lost)),
    )


def voice_activity(journal: Journal) -> VoiceActivity:
    """Speech by start, of every window that was finished."""
    speech = [one for entry in journal.entries if isinstance(entry, Done) for one in entry.speech]
    return VoiceActivity(engine=VOICE_ENGINE, speech=tuple(sorted(speech, key=_order)))


def _order(one: Speech) -> tuple[float, str]:
    return one.start, one.track


def _happened(done: list[Done], lost: int) -> list[str]:
    notes = []
    behind = Counter(entry.engine for entry in done if entry.note == "behind")
    for engine, count in behind.most_common():
        notes.append(f"{count} of {len(done)} passages were transcribed by {engine}, because work had piled up.")
    failed = Counter(entry.note for entry in done if entry.note not in ("", "behind"))
    for why, count in failed.most_common(3):
        notes.append(f"{count} of {len(done)} passages could not be transcribed as intended: {why}.")
    if lost:
        notes.append(f"{lost} damaged stretches of audio could not be read; they are marked.")
    return notes
