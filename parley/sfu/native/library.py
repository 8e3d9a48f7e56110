"""Loads the compiled plane, if it is there and was made from this very source."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
HEADER = _HERE / "plane.h"
C_FILES = tuple(sorted(_HERE.glob("*.c")))
SOURCES = (*C_FILES, *sorted(_HERE.glob("*.h")))
LIBRARY = _HERE / "plane.so"


class NativeUnavailableError(Exception):
    """There is no native plane here; says why."""


def source_digest() -> str:
    """What the library must have been made from."""
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in SOURCES)).hexdigest()[:32]


def load() -> tuple[Any, Any]:
    """cffi's ffi and the library. Raises NativeUnavailableError."""
    if turned_off():
        raise NativeUnavailableError("PARLEY_NATIVE_PLANE=0 turns it off")
    if not LIBRARY.exists():
        raise NativeUnavailableError("it isn't compiled")
    try:
        import cffi

        ffi = cffi.FFI()
        ffi.cdef(HEADER.read_text())
        library: Any = ffi.dlopen(str(LIBRARY))
        found = bytes(ffi.string(library.parley_source())).decode()  # type: ignore[arg-type]
        wanted = source_digest()
    except (ImportError, OSError, AttributeError) as error:
        raise NativeUnavailableError(f"it can't be loaded: {error}") from None
    if found != wanted:
        raise NativeUnavailableError("it was compiled from another version")
    return ffi, library


def turned_off() -> bool:
    """Whether somebody wants Python's plane, to compare or to be safe."""
    return os.environ.get("PARLEY_NATIVE_PLANE") == "0"


def loaded() -> tuple[Any, Any] | None:
    """The same once for all, None where there is none."""
    return None if turned_off() else _loaded()


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, Any] | None:
    try:
        return load()
    except NativeUnavailableError:
        return None
