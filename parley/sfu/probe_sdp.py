"""Offers a browser a connection that carries nothing: what it needs to try out the media port (probe.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.sfu.candidates import Candidate
from parley.sfu.ice import Credentials
from parley.sfu.sdp import LocalParameters, session_lines, transport_lines


@dataclass(frozen=True, slots=True)
class ProbeOffers:
    """One SDP offer with the node's UDP candidates only, and one with its TCP candidates; None where it has no TCP.

    Each is answered by a connection of its own; no answer is sent, and it has worked when ICE is connected.
    """

    udp: str
    tcp: str | None


def probe_offers(credentials: Credentials, fingerprint: str, candidates: Sequence[Candidate]) -> ProbeOffers:
    """The offers of one probe. fingerprint: the value of the certificate's a=fingerprint line."""
    offers = {
        protocol: _offer(
            LocalParameters(
                credentials.ufrag,
                credentials.password,
                fingerprint,
                tuple(candidate.to_sdp() for candidate in candidates if candidate.protocol == protocol),
            )
        )
        for protocol in {candidate.protocol for candidate in candidates}
    }
    return ProbeOffers(offers["udp"], offers.get("tcp"))


def _offer(local: LocalParameters) -> str:
    lines = [
        *session_lines(local, 1, ["0"]),
        # A data channel's section: it asks for no device and no sound card, and is never opened.
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        *transport_lines(local, "actpass"),
        "a=sctp-port:5000",
    ]
    return "\r\n".join(lines) + "\r\n"
