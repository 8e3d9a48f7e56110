"""The codecs that the recorder takes, and their depacketisers."""

from __future__ import annotations

from parley.recorder.av1 import Av1Depacketiser
from parley.recorder.frame import Depacketiser
from parley.recorder.h264 import H264Depacketiser
from parley.recorder.opus import OpusDepacketiser
from parley.recorder.vp8 import Vp8Depacketiser
from parley.recorder.vp9 import Vp9Depacketiser
from parley.store.recording import Codec


def depacketiser(codec: Codec, fmtp: str = "") -> Depacketiser:
    """A new one. fmtp: the format's parameters of the session description, which H.264 may need."""
    match codec:
        case "opus":
            return OpusDepacketiser()
        case "vp8":
            return Vp8Depacketiser()
        case "vp9":
            return Vp9Depacketiser()
        case "h264":
            return H264Depacketiser(fmtp)
        case "av1":
            return Av1Depacketiser()
