"""Answers a browser's publish offer: what we receive of what it sends.

Payload types and extension ids stay as the offer has them (RFC 8829 section 5.3.1), codecs in the offer's order, so the
client decides which codec it sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.sfu.codecs import FEEDBACK, PUBLISH_EXTENSIONS, SUPPORTED, CodecParameters, canonical_name, parse_fmtp
from parley.sfu.sdp import (
    LocalParameters,
    MediaDescription,
    RemoteParameters,
    SdpError,
    SessionDescription,
    parse_sdp,
    payload_types,
    remote_parameters,
    session_lines,
    transport_lines,
)

KINDS = {"microphone": "audio", "camera": "video", "screen": "video", "screen_audio": "audio"}
CLOCKS = {"audio": (48_000, 2), "video": (90_000, 1)}
"""Clock rate and channels that every codec forwarded here has by its RTP format (RFC 7587, 7741, 9628, 6184)."""
MAX_LAYERS = 3
MAX_CODECS = 6
"""Browsers send the first; the others are there to fall back on. All that they know, of everybody, would make session
descriptions in a full room larger than a message may be."""


@dataclass(frozen=True, slots=True)
class TrackIntent:
    """Which source one m-line carries."""

    mid: str
    source: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class NegotiatedTrack:
    """What arrives on one m-line.

    codecs and rtx by the publisher's payload types (rtx: retransmission to media); extensions: id by URI; rids: lowest
    layer first, empty without simulcast; ssrcs and repair_ssrcs where the offer states them.
    """

    mid: str
    source: str
    kind: str
    muted: bool
    codecs: dict[int, CodecParameters]
    rtx: dict[int, int]
    extensions: dict[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]
    repair_ssrcs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishNegotiation:
    """The offer as far as it is accepted; `answer` writes our side."""

    remote: RemoteParameters
    tracks: list[NegotiatedTrack]
    session: SessionDescription

    def answer(self, local: LocalParameters, version: int) -> str:
        """The SDP answer. version rises with each answer of a transport."""
        accepted = {track.mid: track for track in self.tracks}
        bundled = [media.mid for media in self.session.media if _is_kept(media)]
        lines = session_lines(local, version, bundled)
        for media in self.session.media:
            lines += _media_lines(media, accepted.get(media.mid), local)
        return "\r\n".join(lines) + "\r\n"


def negotiate_publish(offer: str, tracks: Sequence[TrackIntent]) -> PublishNegotiation:
    """Read an offer. Raises SdpError where it can't be used, or the tracks don't fit it."""
    session = parse_sdp(offer)
    by_mid = {media.mid: media for media in session.media}
    seen: set[str] = set()
    negotiated: list[NegotiatedTrack] = []
    sources: set[str] = set()
    for intent in tracks:
        media = by_mid.get(intent.mid)
        if media is None or intent.mid in seen:
            raise SdpError(f"No single media section has the mid {intent.mid!r}.")
        seen.add(intent.mid)
        if intent.source in sources:
            raise SdpError(f"There is more than one {intent.source.replace('_', ' ')}.")
        sources.add(intent.source)
        if media.kind != KINDS.get(intent.source):
            raise SdpError(f"The media section {intent.mid!r} is {media.kind[:20]}, which no {intent.source} is.")
        if media.sends:
            negotiated.append(_negotiate(media, intent))
    if any(_is_kept(media) for media in session.media):
        remote = remote_parameters(session, ("actpass", "active"))
    else:
        raise SdpError("The session description has no media to send.")
    return PublishNegotiation(remote, negotiated, session)


def _is_kept(media: MediaDescription) -> bool:
    return media.kind in SUPPORTED and media.port != 0


def _negotiate(media: MediaDescription, intent: TrackIntent) -> NegotiatedTrack:
    codecs = _codecs(media)
    if not codecs:
        raise SdpError(f"The media section {media.mid!r} offers no codec that is forwarded here.")
    rtx = {}
    for payload_type, entry in media.codecs.items():
        if entry.name.lower() == "rtx":
            apt = parse_fmtp(entry.fmtp).get("apt", "")
            for primary in payload_types([apt]):
                if primary in codecs:
                    rtx[payload_type] = primary
    extensions = {uri: number for uri, number in media.extensions.items() if uri in PUBLISH_EXTENSIONS}
    rids = tuple(rid for rid in media.simulcast if rid in media.rids)[:MAX_LAYERS]
    repair = {repair: primary for repair, primary in media.repair_ssrcs.items() if primary in media.ssrcs}
    primaries = tuple(ssrc for ssrc in media.ssrcs if ssrc not in repair)
    return NegotiatedTrack(
        intent.mid, intent.source, media.kind, intent.muted, codecs, rtx, extensions, rids, primaries, repair
    )


def _codecs(media: MediaDescription) -> dict[int, CodecParameters]:
    codecs: dict[int, CodecParameters] = {}
    for payload_type in payload_types(media.formats):
        entry = media.codecs.get(payload_type)
        name = canonical_name(entry.name) if entry is not None else None
        if entry is None or name is None or name not in SUPPORTED[media.kind]:
            continue
        if (entry.clock_rate, entry.channels) != CLOCKS[media.kind]:
            continue
        feedback = tuple(item for item in FEEDBACK[media.kind] if item in entry.feedback)
        codec = CodecParameters(name, payload_type, entry.clock_rate, entry.channels, entry.fmtp, feedback)
        if codec.outgoing is not None and len(codecs) < MAX_CODECS:
            codecs[payload_type] = codec
    return codecs


def _media_lines(media: MediaDescription, track: NegotiatedTrack | None, local: LocalParameters) -> list[str]:
    if not _is_kept(media):
        formats = " ".join(media.formats[:64])
        lines = [f"m={media.kind} 0 {media.protocol} {formats}", "c=IN IP4 0.0.0.0", "a=inactive"]
        return lines + ([f"a=mid:{media.mid}"] if media.mid else [])
    codecs = track.codecs if track is not None else _codecs(media)
    rtx = track.rtx if track is not None else {}
    numbers = [*codecs, *rtx] or payload_types(media.formats)[:1] or [0]
    lines = [
        f"m={media.kind} 9 {media.protocol} {' '.join(str(number) for number in numbers)}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{media.mid}",
        *transport_lines(local, "passive"),
        "a=recvonly" if track is not None else "a=inactive",
    ]
    for codec in codecs.values():
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        lines.append(f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}")
        fmtp = "minptime=10;useinbandfec=1;usedtx=1" if codec.name == "opus" else codec.fmtp
        if fmtp:
            lines.append(f"a=fmtp:{codec.payload_type} {fmtp}")
        lines += [f"a=rtcp-fb:{codec.payload_type} {item}" for item in codec.feedback]
    for payload_type, apt in rtx.items():
        lines.append(f"a=rtpmap:{payload_type} rtx/{codecs[apt].clock_rate}")
        lines.append(f"a=fmtp:{payload_type} apt={apt}")
    if track is not None:
        lines += [f"a=extmap:{number} {uri}" for uri, number in track.extensions.items()]
        if track.rids:
            lines += [f"a=rid:{rid} recv" for rid in track.rids]
            lines.append("a=simulcast:recv " + ";".join(track.rids))
    return lines
