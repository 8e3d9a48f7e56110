"""How likely a frame is speech: webrtcvad as a cheap gate, Silero's network as the judge behind it.

webrtcvad alone calls all noise speech, but it costs a hundredth and hardly misses any; what it lets pass in half a
second is judged. Silero's ONNX file comes with faster-whisper and is run here directly, with its state carried on.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from parley.recap.audio import RATE, Samples
from parley.recap.speech_rule import FRAME

BLOCK_FRAMES = 16
BLOCK = FRAME * BLOCK_FRAMES
"""Samples judged at a time: half a second. Blocks are counted from where the judge began, whatever pieces come in."""
_CONTEXT = 64
_GATE = 320
"""webrtcvad takes 10, 20 or 30 ms."""
_GATE_MODE = 1
_FAINT = 12.0
"""Root mean square below which nothing can be understood: the last bits of a muted microphone."""


@cache
def _session() -> onnxruntime.InferenceSession:
    import faster_whisper  # only for where its files are

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    path = Path(os.path.dirname(faster_whisper.__file__)) / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Judge:
    """Judges one microphone, block after block."""

    def __init__(self) -> None:
        self._gate = webrtcvad.Vad(_GATE_MODE)
        self._before: Samples = np.zeros(BLOCK, np.int16)
        self._stale = True
        self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)

    def block(self, samples: Samples) -> NDArray[np.float32]:
        """The probability of speech in each frame of the next BLOCK samples."""
        before, self._before = self._before, samples
        if not self._passes(samples):
            self._stale = True
            return np.zeros(BLOCK_FRAMES, np.float32)
        if self._stale:
            # The network was not asked about the block before; it needs it to know what surrounds a word's first frame.
            self._stale = False
            self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)
            self._ask(before, np.zeros(_CONTEXT, np.int16))
        return self._ask(samples, before[-_CONTEXT:])

    def _passes(self, samples: Samples) -> bool:
        power = samples.astype(np.float32)
        if float(np.sqrt(np.mean(power * power))) < _FAINT:
            return False
        data = samples.tobytes()
        width = 2 * _GATE
        # All of them are asked, also after the first yes: it adapts to what it hears.
        said = [self._gate.is_speech(data[at : at + width], RATE) for at in range(0, len(data) - width + 1, width)]
        return any(said)

    def _ask(self, samples: Samples, context: Samples) -> NDArray[np.float32]:
        whole = np.concatenate([context, samples]).astype(np.float32) / 32768.0
        frames = np.lib.stride_tricks.sliding_window_view(whole, FRAME + _CONTEXT)[::FRAME]
        probabilities, self._hidden, self._cell = _session().run(
            None, {"input": np.ascontiguousarray(frames), "h": self._hidden, "c": self._cell}
        )
        answer: NDArray[np.float32] = np.asarray(probabilities, np.float32).reshape(-1)
        return answer


def loudness(samples: Samples) -> NDArray[np.float32]:
    """The power of each frame of a block."""
    frames = samples.reshape(-1, FRAME).astype(np.float32)
    power: NDArray[np.float32] = np.mean(frames * frames, axis=1)
    return power
