"""Offers a subscriber its consumers: the state of one subscribe transport's media sections.

A section whose consumer is gone becomes inactive and is used again by the next consumer of its kind, because sections
can't be taken out of a session (RFC 8829 section 5.2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.sfu.codecs import (
    SUBSCRIBE_EXTENSIONS,
    SUBSCRIBE_EXTENSIONS_OF,
    SUBSCRIBE_FEEDBACK,
    CodecParameters,
)
from parley.sfu.sdp import (
    LocalParameters,
    RemoteParameters,
    SdpError,
    parse_sdp,
    remote_parameters,
    session_lines,
    transport_lines,
)


@dataclass(frozen=True, slots=True)
class ConsumerIntent:
    """One consumer that the offer is to carry. cname ties the participant's streams together."""

    consumer_id: str
    participant_id: str
    kind: str
    codecs: tuple[CodecParameters, ...]
    ssrc: int
    rtx_ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class SubscribeOffer:
    """The SDP offer, and the mid of each consumer."""

    sdp: str
    mids: dict[str, str]


@dataclass(frozen=True, slots=True)
class SubscribeNegotiation:
    """What the browser answered: its transport, and by mid the payload types that it takes (none: rejected)."""

    remote: RemoteParameters
    accepted: dict[str, frozenset[int]]


@dataclass(slots=True)
class _Section:
    mid: str
    kind: str
    consumer: ConsumerIntent | None
    codecs: tuple[CodecParameters, ...]


class SubscribeSession:
    """See the module."""

    def __init__(self) -> None:
        self._sections: list[_Section] = []
        self._version = 0

    @property
    def empty(self) -> bool:
        """Whether nothing was ever offered."""
        return not self._sections

    def offer(self, consumers: Sequence[ConsumerIntent], local: LocalParameters) -> SubscribeOffer:
        """The offer that carries exactly these consumers."""
        wanted = {consumer.consumer_id: consumer for consumer in consumers}
        for section in self._sections:
            if section.consumer is not None:
                section.consumer = wanted.pop(section.consumer.consumer_id, None)
        for consumer in wanted.values():
            section = self._free_section(consumer.kind)
            section.consumer = consumer
            section.codecs = consumer.codecs
        self._version += 1
        lines = session_lines(local, self._version, [section.mid for section in self._sections])
        for section in self._sections:
            lines += _section_lines(section, local)
        mids = {s.consumer.consumer_id: s.mid for s in self._sections if s.consumer is not None}
        return SubscribeOffer("\r\n".join(lines) + "\r\n", mids)

    def _free_section(self, kind: str) -> _Section:
        for section in self._sections:
            if section.consumer is None and section.kind == kind:
                return section
        section = _Section(str(len(self._sections)), kind, None, ())
        self._sections.append(section)
        return section

    def answer(self, sdp: str) -> SubscribeNegotiation:
        """Read the answer to the last offer. Raises SdpError."""
        session = parse_sdp(sdp)
        if [media.mid for media in session.media] != [section.mid for section in self._sections]:
            raise SdpError("The answer's media sections are not those of the offer.")
        remote = remote_parameters(session, ("active",))
        accepted = {}
        for media in session.media:
            receives = media.port != 0 and media.direction in ("recvonly", "sendrecv")
            accepted[media.mid] = frozenset(media.codecs) if receives else frozenset()
        return SubscribeNegotiation(remote, accepted)


def _section_lines(section: _Section, local: LocalParameters) -> list[str]:
    numbered: list[tuple[int, int | None, CodecParameters]] = []
    for codec in section.codecs:
        outgoing = codec.outgoing
        if outgoing is not None and all(outgoing[0] != known[0] for known in numbered):
            numbered.append((*outgoing, codec))
    payload_types = [str(number) for media, rtx, _ in numbered for number in (media, rtx) if number is not None]
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(payload_types)}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        *transport_lines(local, "actpass"),
        "a=sendonly" if section.consumer is not None else "a=inactive",
    ]
    for media, rtx, codec in numbered:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        lines.append(f"a=rtpmap:{media} {codec.name}/{codec.clock_rate}{channels}")
        if codec.outgoing_fmtp:
            lines.append(f"a=fmtp:{media} {codec.outgoing_fmtp}")
        lines += [f"a=rtcp-fb:{media} {item}" for item in SUBSCRIBE_FEEDBACK[section.kind]]
        if rtx is not None:
            lines += [f"a=rtpmap:{rtx} rtx/{codec.clock_rate}", f"a=fmtp:{rtx} apt={media}"]
    for uri in SUBSCRIBE_EXTENSIONS_OF[section.kind]:
        lines.append(f"a=extmap:{SUBSCRIBE_EXTENSIONS[uri]} {uri}")
    consumer = section.consumer
    if consumer is not None:
        has_rtx = any(rtx is not None for _, rtx, _ in numbered)
        lines.append(f"a=msid:{consumer.participant_id} {consumer.consumer_id}")
        if has_rtx:
            lines.append(f"a=ssrc-group:FID {consumer.ssrc} {consumer.rtx_ssrc}")
        for ssrc in (consumer.ssrc, consumer.rtx_ssrc)[: 2 if has_rtx else 1]:
            lines.append(f"a=ssrc:{ssrc} cname:{consumer.cname}")
    return lines
