"""The two hand models: where they are, and how they are run.

They aren't part of Parley: scripts/hand_models.py makes them at set-up. Where that could not be done there are no
gestures, and everything else works.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PALMS, LANDMARKS = "palm_detection.onnx", "hand_landmarks.onnx"
VARIABLE = "PARLEY_HAND_MODELS"

Floats = NDArray[np.float32]


class ModelsMissingError(Exception):
    """There are no hand models; str() says what to do about it."""


def directory() -> Path:
    """Where the models are looked for: beside the packages that this Python uses, or where the variable says."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(sys.prefix) / "share" / "parley" / "hands"


def available() -> bool:
    """Whether gestures can be looked for at all."""
    where = directory()
    return (where / PALMS).is_file() and (where / LANDMARKS).is_file()


class Model:
    """One model on one thread: a picture (1, height, width, 3) of RGB in 0..1 in, its outputs in the model's order out.

    Raises ModelsMissingError when it isn't there or can't be read.
    """

    def __init__(self, name: str) -> None:
        import onnxruntime  # takes a while to load, and most processes never need it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = directory() / name
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each kind of trouble with a file
            words = "can't be read" if path.exists() else "aren't installed"
            raise ModelsMissingError(f"The hand models {words}: run `make hands` on the server.") from error
        self._input = self._session.get_inputs()[0].name

    def run(self, picture: Floats) -> list[Any]:
        """The outputs."""
        outputs: list[Any] = self._session.run(None, {self._input: picture})
        return outputs
