"""Spoken sentences for tests, by Debian's flite."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from numpy.typing import NDArray

VOICES = ("slt", "rms", "kal16", "awb")
"""A woman and three men; slt and rms are the clearest."""


@lru_cache(maxsize=256)
def spoken(text: str, voice: str = "slt", rate: int = 48_000) -> NDArray[np.int16]:
    """Mono samples at `rate` Hz of somebody saying it. Skips the test where flite isn't installed."""
    program = shutil.which("flite")
    if program is None:
        pytest.skip("flite is not installed (scripts/system_packages.sh installs it)")
    with TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        subprocess.run([program, "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)
        return read_audio(path, rate)


def read_audio(path: Path, rate: int = 16_000) -> NDArray[np.int16]:
    """All of a file as mono samples at `rate` Hz."""
    resampler = av.AudioResampler("s16", "mono", rate)
    with av.open(str(path)) as container:
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16)


def silence(seconds: float, rate: int = 48_000) -> NDArray[np.int16]:
    """Digital silence."""
    return np.zeros(round(seconds * rate), np.int16)
