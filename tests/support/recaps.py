"""A recap among the blobs for tests: one person, one line, one action item, one film."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from parley.recap import artefacts as made
from parley.signaling.recaps.library import key_of
from parley.store import recording as stored
from parley.store.blobs import BlobStore
from parley.store.recording import AnyEvent, RecordingHead
from tests.support.recordings import MONDAY

SEGMENT = made.Segment(
    id="s1", participant="a", track="t1", start=1.0, end=3.0, text="I will send the report on Friday."
)
LINE = made.Line(id="o1", text="The report will be sent.", cites=("s1",), at=1.0)
ACTION = made.Action(
    id="i1", text="Send the report", cites=("s1",), at=1.0, owner="a", owner_name="Ann", due=date(2026, 3, 6),
    due_text="on Friday",
)  # fmt: skip
MOMENT = made.Moment(
    id="m1", kind="action", start=1.0, end=3.0, score=1.0, title="Send the report", participants=("a",)
)
FILM = b"0123456789" * 100

ARTEFACTS: dict[str, made.Artefact] = {
    "voice": made.VoiceActivity(engine="test", speech=(made.Speech("a", "t1", 1.0, 3.0),)),
    "transcript": made.Transcript(engine="test", draft=True, segments=(SEGMENT,)),
    "summary": made.Summary(engine="test", overview=(LINE,), topics=(), decisions=(), actions=(ACTION,)),
    "highlights": made.Highlights(engine="test", moments=(MOMENT,), reel=("m1",)),
    "reel": made.Film(
        engine="test", file="reel.mp4", poster="reel.jpg", seconds=2.0, width=1280, height=720,
        chapters=(made.Chapter(title="Send the report", start=0, end=2, at=1),),
    ),
}  # fmt: skip

EVENTS: tuple[AnyEvent, ...] = (
    stored.Joined(at=0, participant="a", name="Ann", account="account-a"),
    stored.ChatMessage(at=2, participant="a", text="Hello"),
    stored.Stopped(at=5),
)


async def publish_recap(blobs: BlobStore, recording_id: str) -> None:
    """Put all of it where a worker would."""
    head = RecordingHead(recording=recording_id, meeting="m", title="Planning", started_at=MONDAY)
    files: dict[str, bytes] = {
        stored.HEAD: stored.encode_head(head),
        stored.TIMELINE: b"".join(map(stored.encode_event, EVENTS)),
        f"{stored.RECAP}/reel.mp4": FILM,
        f"{stored.RECAP}/reel.jpg": b"\xff\xd8",
    }
    for name, artefact in ARTEFACTS.items():
        files[f"{stored.RECAP}/{name}.json"] = encoded(name, artefact)
    for name, data in files.items():
        await blobs.put_bytes(key_of(recording_id, name), data)


def encoded(name: str, artefact: Any) -> bytes:
    """An artefact's file, as parley/recap/cache.py writes it."""
    return msgspec.json.encode({"format": 1, "stage": name, "version": 1, "key": "k", "artefact": artefact})
