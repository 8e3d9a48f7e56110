"""The light participant's session descriptions: it writes its publish offer itself, and answers the server's offers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loadtest import packets


class SdpProblemError(Exception):
    """The server's description lacks what a client needs; str() says what."""


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of one transport. fingerprint: the value of its line."""

    ufrag: str
    password: str
    fingerprint: str

    def lines(self, setup: str) -> list[str]:
        """ICE and DTLS of one media section."""
        return [
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:{self.fingerprint}",
            f"a=setup:{setup}",
        ]


@dataclass(frozen=True, slots=True)
class Remote:
    """The server's side of one transport. address: where its UDP port is."""

    ufrag: str
    password: str
    fingerprint: str
    address: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Streams:
    """SSRCs of one track: its packets, and their retransmissions (0 where there are none)."""

    ssrc: int
    rtx_ssrc: int


def publish_offer(local: Local, tracks: list[tuple[str, str, Streams]], version: int) -> str:
    """An offer of sendonly tracks: (mid, "audio" or "video", SSRCs)."""
    mids = " ".join(mid for mid, _, _ in tracks)
    lines = ["v=0", f"o=- 1 {version} IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for mid, kind, streams in tracks:
        lines += _section(local, mid, kind, streams)
    return "\r\n".join(lines) + "\r\n"


def _section(local: Local, mid: str, kind: str, streams: Streams) -> list[str]:
    payload_types = f"{packets.OPUS}" if kind == "audio" else f"{packets.VP8} {packets.RTX}"
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload_types}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        *local.lines("actpass"),
        "a=rtcp-mux",
        "a=sendonly",
        f"a=extmap:{packets.MID} urn:ietf:params:rtp-hdrext:sdes:mid",
        f"a=extmap:{packets.TRANSPORT_CC} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ]
    if kind == "audio":
        lines += [
            f"a=extmap:{packets.LEVEL} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            f"a=rtpmap:{packets.OPUS} opus/48000/2",
            f"a=rtcp-fb:{packets.OPUS} transport-cc",
            f"a=ssrc:{streams.ssrc} cname:load",
        ]
        return lines
    lines += [
        f"a=rtpmap:{packets.VP8} VP8/90000",
        *(f"a=rtcp-fb:{packets.VP8} {item}" for item in ("transport-cc", "nack", "nack pli")),
        f"a=rtpmap:{packets.RTX} rtx/90000",
        f"a=fmtp:{packets.RTX} apt={packets.VP8}",
        f"a=ssrc-group:FID {streams.ssrc} {streams.rtx_ssrc}",
        f"a=ssrc:{streams.ssrc} cname:load",
        f"a=ssrc:{streams.rtx_ssrc} cname:load",
    ]
    return lines


_SENDERS_OWN = (
    "a=ice-ufrag", "a=ice-pwd", "a=ice-lite", "a=fingerprint", "a=candidate", "a=end-of-candidates", "a=ssrc", "a=msid",
)  # fmt: skip
"""Lines of an offer that only its writer may state."""


def subscribe_answer(offer: str, local: Local) -> str:
    """An answer that takes everything offered."""
    lines: list[str] = []
    for line in offer.splitlines():
        if line == "a=setup:actpass":
            lines += local.lines("active")
        elif line == "a=sendonly":
            lines.append("a=recvonly")
        elif not line.startswith(_SENDERS_OWN):
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def read_remote(sdp: str) -> Remote:
    """The server's side of the one transport that a description is of. Raises SdpProblemError."""
    return Remote(
        _value(sdp, r"a=ice-ufrag:(\S+)"),
        _value(sdp, r"a=ice-pwd:(\S+)"),
        _value(sdp, r"a=fingerprint:(\S+ \S+)"),
        _udp_address(sdp),
    )


def _value(sdp: str, pattern: str) -> str:
    found = re.search(pattern, sdp)
    if found is None:
        raise SdpProblemError(f"the description has no line {pattern.partition(':')[0]}")
    return found[1]


def _udp_address(sdp: str) -> tuple[str, int]:
    """Loopback where the server is on this machine, else its first UDP candidate of IPv4."""
    found = re.findall(r"a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host", sdp, re.IGNORECASE)
    if not found:
        raise SdpProblemError("the description has no UDP candidate of IPv4")
    host, port = next((item for item in found if item[0].startswith("127.")), found[0])
    return host, int(port)


def read_streams(sdp: str) -> dict[str, Streams]:
    """The SSRCs of each media section by its mid; sections that carry nothing are left out."""
    streams: dict[str, Streams] = {}
    for section in re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]:
        ssrcs = [int(number) for number in dict.fromkeys(re.findall(r"^a=ssrc:(\d+)", section, re.MULTILINE))]
        if ssrcs:
            streams[_value(section, r"a=mid:(\S+)")] = Streams(ssrcs[0], ssrcs[1] if len(ssrcs) > 1 else 0)
    return streams
