"""The ledger: what the map step found in each window of a meeting, kept in a journal while the meeting runs.

A window is a fixed stretch of the meeting's clock. Its entry is found by a key made of all that the map step reads, so
an entry can be reused exactly when making it again would give the same, and a segment that comes late or changes only
costs its own windows. The journal is one JSON line an entry, flushed to the disk; a line that was torn off is skipped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from parley.recap.artefacts import Segment, Transcript
from parley.recap.embedded import MARGIN, WINDOW
from parley.recap.recording import Recording

FORMAT = 2
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Window:
    """From first up to last, in seconds; segments reach a margin beyond both. settled: none of them can change."""

    first: float
    last: float
    segments: tuple[Segment, ...]
    key: str
    settled: bool


class _Entry(msgspec.Struct, frozen=True):
    format: int
    key: str
    value: msgspec.Raw


def windows(
    recording: Recording, transcript: Transcript, seconds: float = WINDOW, margin: float = MARGIN
) -> Iterator[Window]:
    """The windows of a transcript that hold anything, in order."""
    segments = sorted(transcript.segments, key=lambda one: (one.start, one.end, one.id))
    if not segments:
        return
    people = [
        (person.id, person.name, person.zone) for person in sorted(recording.people.values(), key=lambda one: one.id)
    ]  # fmt: skip
    common = msgspec.json.encode([FORMAT, str(recording.head.started_at), recording.head.zone, people])
    for number in range(int(segments[-1].start // seconds) + 1):
        first, last = number * seconds, (number + 1) * seconds
        inside = tuple(one for one in segments if first - margin <= one.start < last + margin)
        if not any(first <= one.start < last for one in inside):
            continue
        digest = hashlib.sha256(common + msgspec.json.encode([first, last]))
        for one in inside:
            digest.update(msgspec.json.encode([one.id, one.participant, one.start, one.end, one.text, one.state]))
        yield Window(first, last, inside, digest.hexdigest(), all(one.confirmed for one in inside))


class Ledger:
    """A journal of what windows gave, by key."""

    def __init__(self, path: Path) -> None:
        """Open the journal at path, which need not exist yet."""
        self._path = path
        self._entries: dict[str, msgspec.Raw] = {}
        self._torn = False
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        self._torn = bool(data) and not data.endswith(b"\n")
        decoder = msgspec.json.Decoder(_Entry)
        for line in data.splitlines():
            try:
                entry = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if entry.format == FORMAT:
                self._entries[entry.key] = msgspec.Raw(bytes(entry.value))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def get(self, key: str, kind: type[_T]) -> _T | None:
        """The entry of a key; None when there is none, or none of this kind."""
        raw = self._entries.get(key)
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def append(self, key: str, value: msgspec.Struct) -> None:
        """Keep an entry; it is on the disk when this returns."""
        raw = msgspec.Raw(msgspec.json.encode(value))
        line = msgspec.json.encode(_Entry(FORMAT, key, raw)) + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write((b"\n" if self._torn else b"") + line)
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self._entries[key] = raw
