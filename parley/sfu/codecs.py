"""Which codecs and header extensions are forwarded, and the numbers they have towards subscribers.

Publishers number payload types and extensions as they like, each m-line for itself. Towards subscribers the server
offers, so it numbers: one number for the same thing everywhere, which lets one packet serve all consumers.
"""

from __future__ import annotations

from dataclasses import dataclass

# --- header extensions -----------------------------------------------------------------------------------------------

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
VIDEO_ORIENTATION = "urn:3gpp:video-orientation"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

PUBLISH_EXTENSIONS = frozenset({MID, RID, REPAIRED_RID, AUDIO_LEVEL, VIDEO_ORIENTATION, TRANSPORT_CC})
"""What publishers may send; nothing else is understood."""

SUBSCRIBE_EXTENSIONS = {ABS_SEND_TIME: 1, VIDEO_ORIENTATION: 2, AUDIO_LEVEL: 3}
"""What subscribers get, with its id. Only one-byte extensions, in the order in which packets carry them."""

SUBSCRIBE_EXTENSIONS_OF = {"audio": (ABS_SEND_TIME, AUDIO_LEVEL), "video": (ABS_SEND_TIME, VIDEO_ORIENTATION)}

# --- codecs ----------------------------------------------------------------------------------------------------------

SUPPORTED = {"audio": ("opus",), "video": ("VP8", "VP9", "H264", "AV1")}
FEEDBACK = {
    "audio": ("transport-cc", "nack"),
    "video": ("transport-cc", "nack", "nack pli", "ccm fir"),
}
"""RTCP feedback that publishers may be asked for."""
SUBSCRIBE_FEEDBACK: dict[str, tuple[str, ...]] = {"audio": (), "video": ("goog-remb", "nack", "nack pli", "ccm fir")}

_PAYLOAD_TYPES = {
    ("opus", ""): (111, None),
    ("VP8", ""): (96, 97),
    ("VP9", "0"): (98, 99),
    ("VP9", "1"): (35, 36),
    ("VP9", "2"): (100, 101),
    ("VP9", "3"): (37, 38),
    ("H264", "4200/1"): (102, 103),
    ("H264", "42e0/1"): (104, 105),
    ("H264", "4d00/1"): (106, 107),
    ("H264", "6400/1"): (108, 109),
    ("H264", "640c/1"): (112, 113),
    ("H264", "f400/1"): (114, 115),
    ("H264", "4200/0"): (116, 117),
    ("H264", "42e0/0"): (118, 119),
    ("H264", "4d00/0"): (120, 121),
    ("H264", "6400/0"): (122, 123),
    ("AV1", "0"): (45, 46),
    ("AV1", "1"): (39, 40),
}
"""(name, profile): payload type towards subscribers, and that of its retransmissions."""

_CANONICAL_NAME = {name.lower(): name for names in SUPPORTED.values() for name in names}


@dataclass(frozen=True, slots=True)
class CodecParameters:
    """One codec of one m-line. payload_type is the publisher's; clock_rate in Hz."""

    name: str
    payload_type: int
    clock_rate: int
    channels: int
    fmtp: str
    feedback: tuple[str, ...] = ()

    @property
    def profile(self) -> str:
        """What tells apart streams of this codec that need different decoders."""
        parameters = parse_fmtp(self.fmtp)
        if self.name == "VP9":
            return parameters.get("profile-id", "0")
        if self.name == "AV1":
            return parameters.get("profile", "0")
        if self.name == "H264":
            level_id = parameters.get("profile-level-id", "420010").lower()
            return f"{level_id[:4]}/{parameters.get('packetization-mode', '0')}"
        return ""

    @property
    def outgoing(self) -> tuple[int, int | None] | None:
        """Payload types towards subscribers (media, retransmission); None for a profile that isn't forwarded."""
        return _PAYLOAD_TYPES.get((self.name, self.profile))

    @property
    def outgoing_fmtp(self) -> str:
        """The format parameters towards subscribers.

        Ours, not the publisher's: one payload type means the same in every section of a bundle (RFC 8843 section 9.1),
        though one publisher's browser states another level than the next, or nonsense.
        """
        if self.name == "opus":
            return "minptime=10;useinbandfec=1"
        if self.name == "VP9":
            return f"profile-id={self.profile}"
        if self.name == "AV1":
            return f"level-idx=5;profile={self.profile};tier=0"
        if self.name == "H264":
            level_id, _, mode = self.profile.partition("/")
            return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={level_id}1f"
        return ""


def canonical_name(name: str) -> str | None:
    """The spelling used here of a codec that is forwarded, None for others."""
    return _CANONICAL_NAME.get(name.lower())


def parse_fmtp(fmtp: str) -> dict[str, str]:
    """`a=b;c=d` as a dictionary."""
    pairs = (part.strip().partition("=") for part in fmtp.split(";"))
    return {key.lower(): value for key, equals, value in pairs if equals}
