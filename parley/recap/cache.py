"""Artefacts on disk: recap/NAME.json, with a key that says what it was made of.

The key is a hash over the stage's version, the settings that matter to it, the recording, and the content of the
earlier artefacts it was made from. While all of that is the same the artefact is good; so a run that was killed goes on
where it was, and one whose inputs came out the same has nothing to do.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from parley.recap.artefacts import Artefact
from parley.recap.recording import Recording
from parley.recap.stages import Stage
from parley.store import recording as stored

FORMAT = 1
SAMPLE_BYTES = 64 * 1024

A = TypeVar("A", bound=Artefact)


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """recap/NAME.json."""

    format: int = FORMAT
    stage: str
    version: int
    key: str
    artefact: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Kept:
    """An artefact and the hash of its content, which goes into the keys of those made from it."""

    artefact: Artefact
    digest: str


def fingerprint(recording: Recording) -> str:
    """A hash over what a recording is: head, timeline, and each file's size, beginning and end.

    Files are written once and only grow, so that is enough, and hashing hours of video would cost more than the recap.
    """
    hashed = hashlib.sha256()
    for name in (stored.HEAD, stored.TIMELINE):
        with contextlib.suppress(FileNotFoundError):
            data = (recording.directory / name).read_bytes()
            hashed.update(f"{name} {len(data)}\n".encode() + data)
    for path in sorted({file.path for track in recording.tracks for file in track.files}):
        hashed.update(f"{path.relative_to(recording.directory)} ".encode())
        with contextlib.suppress(OSError), path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            hashed.update(f"{size}\n".encode() + file.read(SAMPLE_BYTES))
            file.seek(max(0, size - SAMPLE_BYTES))
            hashed.update(file.read(SAMPLE_BYTES))
    return hashed.hexdigest()


def key_of(stage: Stage, settings: Any, recording: str, inputs: Mapping[str, Kept]) -> str:
    """What an artefact of this stage has to be made of. recording: the fingerprint."""
    made_of = {
        "format": FORMAT,
        "stage": stage.name,
        "version": stage.version,
        "settings": msgspec.to_builtins(stage.settings(settings)),
        "recording": recording,
        "inputs": {name: inputs[name].digest if name in inputs else None for name in stage.inputs},
    }
    return hashlib.sha256(msgspec.json.encode(made_of, order="sorted")).hexdigest()


def load(directory: Path, stage: Stage, key: str) -> Kept | None:
    """The artefact that is there, if it was made of the same, and the files beside it are there too."""
    try:
        file = msgspec.json.decode((directory / f"{stage.name}.json").read_bytes(), type=_File)
        if (file.format, file.stage, file.key) != (FORMAT, stage.name, key):
            return None
        artefact = msgspec.json.decode(file.artefact, type=stage.artefact)
    except (OSError, msgspec.MsgspecError):
        return None
    if not all((directory / name).is_file() for name in stage.files(artefact) if name):
        return None
    return Kept(artefact, _digest(file.artefact))


def save_as(directory: Path, name: str, artefact: Artefact) -> None:
    """Write an artefact that no stage made, such as one that is still growing. Raises OSError."""
    _write(directory, _File(stage=name, version=0, key="", artefact=msgspec.Raw(msgspec.json.encode(artefact))))


def save(directory: Path, stage: Stage, key: str, artefact: Artefact) -> Kept:
    """Write it so that there is the old one or the new one, whole, whatever happens. Raises OSError."""
    encoded = msgspec.json.encode(artefact)
    _write(directory, _File(stage=stage.name, version=stage.version, key=key, artefact=msgspec.Raw(encoded)))
    return Kept(artefact, _digest(encoded))


def _write(directory: Path, file: _File) -> None:
    part, path = directory / f".{file.stage}.json.part", directory / f"{file.stage}.json"
    with part.open("wb") as writing:
        writing.write(msgspec.json.encode(file) + b"\n")
        writing.flush()
        os.fsync(writing.fileno())
    part.replace(path)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_artefact(directory: Path, name: str, kind: type[A]) -> A | None:
    """The newest artefact of a stage, for whoever shows it; None when there is none yet. directory: RECORDING/recap."""
    try:
        return parse_artefact((directory / f"{name}.json").read_bytes(), kind)
    except OSError:
        return None


def parse_artefact(data: bytes, kind: type[A]) -> A | None:
    """The artefact in such a file's bytes; None when they aren't one."""
    try:
        file = msgspec.json.decode(data, type=_File)
        return msgspec.json.decode(file.artefact, type=kind)
    except msgspec.MsgspecError:
        return None


def _digest(artefact: bytes | msgspec.Raw) -> str:
    return hashlib.sha256(bytes(artefact)).hexdigest()
