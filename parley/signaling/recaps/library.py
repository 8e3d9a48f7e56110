"""Where recaps lie among the blobs: recordings/ID/ has a recording's head and timeline, under recap/ what was made.

A worker publishes there while it works (recap_worker.py), so that any gateway can show a recap that is being made.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TypeVar

from parley.recap import artefacts as made
from parley.recap.cache import parse_artefact
from parley.recap.recording import Recording, build
from parley.signaling.recaps.on_demand import CLIPS
from parley.signaling.recaps.view import Artefacts
from parley.store import recording as stored
from parley.store.blobs import BlobNotFoundError, BlobStore
from parley.store.recording import RecordingError

A = TypeVar("A", bound=made.Artefact)

ROOT = "recordings"
SMALL_BYTES = 16_000_000
"""Timelines and artefacts are smaller; films and tracks don't change once they have their name."""


def folder_of(recording_id: str) -> str:
    """The prefix of everything that belongs to a recording."""
    return f"{ROOT}/{recording_id}"


def key_of(recording_id: str, name: str) -> str:
    """The blob of a file, named relative to the recording's directory."""
    return f"{folder_of(recording_id)}/{name}"


class Library:
    """Reads what was published of recaps. Raises BlobError where the store can't be reached."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def artefacts(self, recording_id: str) -> Artefacts:
        """Everything that there is of a recap by now."""

        return Artefacts(
            recording=await self._recording(recording_id),
            voice=await self._one(recording_id, "voice", made.VoiceActivity),
            transcript=await self.transcript(recording_id),
            summary=await self._one(recording_id, "summary", made.Summary),
            gestures=await self._one(recording_id, "gestures", made.Gestures),
            highlights=await self._one(recording_id, "highlights", made.Highlights),
            reel=await self._one(recording_id, "reel", made.Film),
            film=await self._one(recording_id, "film", made.Film),
            tracks=await self._one(recording_id, "tracks", made.PlayableTracks),
        )

    async def transcript(self, recording_id: str) -> made.Transcript | None:
        """The transcript: the whole one, or while it is made what is there of it."""
        whole = await self._one(recording_id, "transcript", made.Transcript)
        return whole if whole is not None else await self._one(recording_id, "live", made.Transcript)

    async def clips(self, recording_id: str) -> list[str]:
        """The clips that were rendered, as file names."""
        keys = await self._blobs.list_prefix(key_of(recording_id, f"{stored.RECAP}/{CLIPS}"))
        return [key.removeprefix(key_of(recording_id, f"{stored.RECAP}/")) for key in keys]

    async def _one(self, recording_id: str, name: str, kind: type[A]) -> A | None:
        data = await self._bytes(key_of(recording_id, f"{stored.RECAP}/{name}.json"))
        return None if data is None else parse_artefact(data, kind)

    async def _recording(self, recording_id: str) -> Recording | None:
        head = await self._bytes(key_of(recording_id, stored.HEAD))
        lines = await self._bytes(key_of(recording_id, stored.TIMELINE))
        if head is None:
            return None
        events = [stored.decode_event(line) for line in (lines or b"").splitlines()]
        try:
            return build(Path(recording_id), stored.decode_head(head), [event for event in events if event is not None])
        except RecordingError:
            return None

    async def _bytes(self, key: str) -> bytes | None:
        try:
            return await self._blobs.get_bytes(key)
        except BlobNotFoundError:
            return None


async def publish(blobs: BlobStore, recording_id: str, directory: Path, known: dict[str, tuple[int, int]]) -> None:
    """Put every file of a recording's directory that is new or has changed among the blobs, what names others last.

    known: what was published before, by name: size and time of change; it is brought up to date. Raises BlobError.
    """
    for name, mark in (await asyncio.to_thread(_files, directory)).items():
        if known.get(name) != mark:
            if mark[0] > SMALL_BYTES:
                await blobs.put_file(key_of(recording_id, name), directory / name)
            else:  # it may be growing at this moment
                data = await asyncio.to_thread((directory / name).read_bytes)
                await blobs.put_bytes(key_of(recording_id, name), data)
            known[name] = mark


async def already(blobs: BlobStore, recording_id: str, directory: Path) -> dict[str, tuple[int, int]]:
    """What needs no publishing: films and tracks that are there, which don't change once they have their name.

    As `publish` wants it. Raises BlobError.
    """
    there = {}
    for name, mark in (await asyncio.to_thread(_files, directory)).items():
        if name.startswith(f"{stored.RECAP}/") and not name.endswith(".json"):
            with contextlib.suppress(BlobNotFoundError):
                if await blobs.size(key_of(recording_id, name)) == mark[0]:
                    there[name] = mark
    return there


def _files(directory: Path) -> dict[str, tuple[int, int]]:
    """Head, timeline, and what was made: finished files have no name that begins with a dot or ends in .part."""
    found = {}
    made = sorted((directory / stored.RECAP).rglob("*"), key=lambda path: (path.suffix == ".json", path))
    paths = [directory / stored.HEAD, directory / stored.TIMELINE, *made]
    for path in paths:
        name = path.relative_to(directory)
        hidden = any(part.startswith(".") for part in name.parts) or path.suffix in (".part", ".jsonl", ".journal")
        if path.is_file() and (not hidden or path.name == stored.TIMELINE):
            status = path.stat()
            found[str(name)] = (status.st_size, status.st_mtime_ns)
    return found
