"""Compiles the C files beside itself, where there is a C compiler: `make native`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from parley.sfu.native.library import C_FILES, LIBRARY, source_digest

FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fstack-protector-strong")


class BuildFailedError(Exception):
    """The compiler didn't take it; says what the compiler said."""


def compiler() -> str | None:
    """The path of a C compiler; CC names another than the usual ones."""
    names = [os.environ.get("CC", ""), "cc", "gcc", "clang"]
    return next((path for path in map(shutil.which, filter(None, names)) if path), None)


def compile_c(cc: str, sources: list[Path], output: Path, *flags: str) -> None:
    """Compile with the flags that everything here is compiled with, and these. Raises BuildFailedError."""
    command = [cc, *FLAGS, *flags, f'-DPARLEY_SOURCE="{source_digest()}"', "-o", str(output), *map(str, sources)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildFailedError(str(error)) from None
    if done.returncode:
        raise BuildFailedError(done.stderr.strip() or f"{cc} failed")


def build(cc: str) -> None:
    """Compile the library; who uses the one before goes on with that. Raises BuildFailedError."""
    fresh = LIBRARY.with_suffix(f".{os.getpid()}")
    try:
        compile_c(cc, list(C_FILES), fresh, "-shared", "-fPIC")
        os.replace(fresh, LIBRARY)
    except OSError as error:
        raise BuildFailedError(str(error)) from None
    finally:
        fresh.unlink(missing_ok=True)


def main() -> None:
    """Build, or say in one line why not; Parley runs without."""
    if not sys.platform.startswith("linux") or sysconfig.get_config_var("SIZEOF_VOID_P") != 8:
        print("The native media plane is for 64-bit Linux; the Python one does its work.")
        return
    cc = compiler()
    if cc is None:
        print("No C compiler: the media plane stays in Python, which takes more of the processor.")
        return
    try:
        build(cc)
    except BuildFailedError as error:
        print(f"The native media plane could not be compiled, so the Python one does its work:\n{error}")


if __name__ == "__main__":
    main()
