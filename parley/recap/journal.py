"""What was transcribed so far, line by line on disk, so that a process that dies transcribes nothing twice.

A line is a fact that stays: a finished window with its segments and the place from which the search for speech may go
on, a stretch without speech, damage. The last line may be torn; it is then as if it had not been written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from parley.recap.artefacts import Segment, Speech
from parley.store.recording import RECAP, RecordingError

NAME = "transcript.jsonl"


class _Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """track: whose. at, speaking: the place (in samples) from which the search goes on after this entry."""

    track: str
    at: int
    speaking: bool = False


class Done(_Entry, frozen=True, kw_only=True, tag="window"):
    """A window was transcribed by an engine; until: the sample where it ends. note: what the reader should know.

    strangeness: see Heard, for the windows that follow.
    """

    until: int
    speech: tuple[Speech, ...]
    segments: tuple[Segment, ...]
    engine: str
    draft: bool
    note: str = ""
    strangeness: float | None = None


class Quiet(_Entry, frozen=True, kw_only=True, tag="quiet"):
    """Nobody spoke for a long time."""


class Unreadable(_Entry, frozen=True, kw_only=True, tag="damage"):
    """A part of the track that can't be read, as the segment that marks it."""

    segment: Segment


Entry = Done | Quiet | Unreadable
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a track is done: where to search on, and the sample before which every window is in the journal."""

    at: int = 0
    speaking: bool = False
    until: int = 0


class Journal:
    """The entries of one recording, in the order of writing.

    failure: why the last write failed, "" when it did not. What could not be written is kept and written with the next
    entry: a full disk loses nothing while the process lives. Raises RecordingError when there is a journal that can't
    be read.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / RECAP / NAME
        self.entries: list[Entry] = []
        self.reached: dict[str, Reached] = {}
        self.failure = ""
        self._unwritten = b""
        self._whole = 0
        self._read()

    def add(self, *entries: Entry) -> None:
        """Append; on the disk when this returns, unless `failure` says otherwise."""
        for entry in entries:
            self._apply(entry)
            self._unwritten += _encoder.encode(entry) + b"\n"
        self.flush()

    def flush(self) -> None:
        """Write what could not be written before."""
        if not self._unwritten:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if self.path.exists() else "wb") as file:
                file.truncate(self._whole)
                file.seek(self._whole)
                file.write(self._unwritten)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.failure = error.strerror or str(error)
            return
        self._whole += len(self._unwritten)
        self._unwritten = b""
        self.failure = ""

    def _read(self) -> None:
        try:
            data = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise RecordingError(f"{self.path} can't be read: {error.strerror}") from error
        for line in data.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            try:
                entry = _decoder.decode(line)
            except msgspec.MsgspecError:
                break  # what follows a line that was never whole was not written by us
            self._whole += len(line)
            self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        self.entries.append(entry)
        before = self.reached.get(entry.track, Reached())
        until = entry.until if isinstance(entry, Done) else before.until
        self.reached[entry.track] = Reached(entry.at, entry.speaking, max(before.until, until))
