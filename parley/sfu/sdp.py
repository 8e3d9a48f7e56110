"""Reads session descriptions into plain values (RFC 8866, RFC 8829), within bounds.

Browsers' descriptions are untrusted: whatever is wrong with one raises SdpError with a sentence for its sender, and
nothing else is ever raised.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_CHARS = 65_536
MAX_LINES = 4_000
MAX_MEDIA = 64
MAX_SSRCS = 64


class SdpError(ValueError):
    """A session description that can't be used; str() says why, for its sender."""


@dataclass(slots=True)
class RtpMap:
    """One a=rtpmap with what belongs to it."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int
    fmtp: str = ""
    feedback: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MediaDescription:
    """One m-line. rids and simulcast hold what the sender sends, in its order."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    mid: str = ""
    direction: str = "sendrecv"
    ice_ufrag: str = ""
    ice_password: str = ""
    setup: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    rtcp_mux: bool = False
    bundle_only: bool = False
    codecs: dict[int, RtpMap] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    rids: list[str] = field(default_factory=list)
    simulcast: list[str] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    repair_ssrcs: dict[int, int] = field(default_factory=dict)  # retransmission SSRC -> media SSRC

    @property
    def sends(self) -> bool:
        """Whether the describing side wants to send here."""
        return self.port != 0 and self.direction in ("sendrecv", "sendonly")


@dataclass(slots=True)
class SessionDescription:
    """A whole description."""

    media: list[MediaDescription] = field(default_factory=list)
    bundle: list[str] = field(default_factory=list)


def parse_sdp(text: str) -> SessionDescription:
    """Read a description. Raises SdpError."""
    if len(text) > MAX_CHARS:
        raise SdpError("The session description is too long.")
    session = SessionDescription()
    defaults = MediaDescription("", 0, "", [])
    current: MediaDescription | None = None
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise SdpError("The session description has too many lines.")
    if not lines or lines[0].strip() != "v=0":
        raise SdpError("The session description does not start with v=0.")
    for line in lines:
        if line.startswith("m="):
            if len(session.media) >= MAX_MEDIA:
                raise SdpError("The session description has too many media sections.")
            current = _media_line(line[2:], defaults)
            session.media.append(current)
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            if current is None and name == "group":
                semantics, *mids = value.split() or [""]
                if semantics == "BUNDLE":
                    session.bundle = mids[:MAX_MEDIA]
            else:
                _attribute(current or defaults, name, value.strip())
    mids = [media.mid for media in session.media]
    if len(set(mids)) != len(mids):
        raise SdpError("Two media sections have the same mid.")
    for media in session.media:
        if media.bundle_only and media.port == 0 and media.mid in session.bundle:
            media.port = 9  # not rejected, but without a transport of its own (RFC 8843 section 6)
    return session


def _media_line(value: str, defaults: MediaDescription) -> MediaDescription:
    parts = value.split()
    if len(parts) < 4:
        raise SdpError("A media line is incomplete.")
    port = _number(parts[1], 65_535, "port")
    return MediaDescription(
        kind=parts[0],
        port=port,
        protocol=parts[2],
        formats=parts[3:],
        direction=defaults.direction,
        ice_ufrag=defaults.ice_ufrag,
        ice_password=defaults.ice_password,
        setup=defaults.setup,
        fingerprints=list(defaults.fingerprints),
    )


def _attribute(media: MediaDescription, name: str, value: str) -> None:
    if name in ("sendrecv", "sendonly", "recvonly", "inactive"):
        media.direction = name
    elif name == "rtcp-mux":
        media.rtcp_mux = True
    elif name == "bundle-only":
        media.bundle_only = True
    else:
        reader = _READERS.get(name)
        if reader is not None:
            reader(media, value)


def _number(text: str, highest: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > highest:
        raise SdpError(f"The session description has a wrong {what}: {text[:40]!r}.")
    return int(text)


def payload_types(formats: list[str]) -> list[int]:
    """The numbers among the formats of an m-line."""
    return [int(text) for text in formats if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 127]


def _token(text: str, longest: int, what: str) -> str:
    if not text or len(text) > longest or not text.isascii() or not text.isprintable() or " " in text:
        raise SdpError(f"The session description has a wrong {what}.")
    return text


def _mid(media: MediaDescription, value: str) -> None:
    media.mid = _token(value, 32, "mid")


def _ufrag(media: MediaDescription, value: str) -> None:
    media.ice_ufrag = _token(value, 256, "ice-ufrag")


def _password(media: MediaDescription, value: str) -> None:
    media.ice_password = _token(value, 256, "ice-pwd")


def _setup(media: MediaDescription, value: str) -> None:
    media.setup = value


def _fingerprint(media: MediaDescription, value: str) -> None:
    algorithm, _, digest = value.partition(" ")
    if len(media.fingerprints) < 8:
        media.fingerprints.append((algorithm.lower(), _token(digest.strip(), 255, "fingerprint").upper()))


def _rtpmap(media: MediaDescription, value: str) -> None:
    number, _, encoding = value.partition(" ")
    payload_type = _number(number, 127, "payload type")
    parts = encoding.strip().split("/")
    if len(parts) < 2:
        raise SdpError("The session description has a wrong rtpmap.")
    channels = _number(parts[2], 255, "channel count") if len(parts) > 2 else 1
    clock_rate = _number(parts[1], 1_000_000, "clock rate")
    if clock_rate == 0:
        raise SdpError("The session description has a wrong clock rate: '0'.")
    media.codecs[payload_type] = RtpMap(payload_type, parts[0], clock_rate, channels)


def _fmtp(media: MediaDescription, value: str) -> None:
    number, _, parameters = value.partition(" ")
    codec = media.codecs.get(_number(number, 127, "payload type"))
    if codec is not None:
        codec.fmtp = parameters.strip()[:500]


def _feedback(media: MediaDescription, value: str) -> None:
    number, _, feedback = value.partition(" ")
    wanted = media.codecs.values() if number == "*" else [media.codecs.get(_number(number, 127, "payload type"))]
    for codec in wanted:
        if codec is not None and len(codec.feedback) < 16:
            codec.feedback.append(feedback.strip())


def _extmap(media: MediaDescription, value: str) -> None:
    number, _, uri = value.partition(" ")
    extension_id = _number(number.partition("/")[0], 255, "extension id")
    if extension_id == 0 or len(media.extensions) >= 64:
        raise SdpError("The session description has a wrong extension id.")
    media.extensions[uri.strip().split(" ")[0]] = extension_id


def _rid(media: MediaDescription, value: str) -> None:
    parts = value.split()
    if len(parts) >= 2 and parts[1] == "send" and len(media.rids) < 8:
        media.rids.append(_token(parts[0], 16, "rid"))


def _simulcast(media: MediaDescription, value: str) -> None:
    parts = value.split()
    for direction, streams in zip(parts[::2], parts[1::2], strict=False):
        if direction == "send":
            media.simulcast = [stream.split(",")[0].lstrip("~") for stream in streams.split(";")][:8]


def _ssrc(media: MediaDescription, value: str) -> None:
    ssrc = _number(value.partition(" ")[0], 2**32 - 1, "SSRC")
    if ssrc not in media.ssrcs:
        if len(media.ssrcs) >= MAX_SSRCS:
            raise SdpError("The session description has too many SSRCs.")
        media.ssrcs.append(ssrc)


def _ssrc_group(media: MediaDescription, value: str) -> None:
    semantics, *numbers = value.split() or [""]
    if semantics == "FID" and len(numbers) == 2:
        primary, repair = (_number(number, 2**32 - 1, "SSRC") for number in numbers)
        if len(media.repair_ssrcs) < MAX_SSRCS:
            media.repair_ssrcs[repair] = primary


_READERS = {
    "mid": _mid,
    "ice-ufrag": _ufrag,
    "ice-pwd": _password,
    "setup": _setup,
    "fingerprint": _fingerprint,
    "rtpmap": _rtpmap,
    "fmtp": _fmtp,
    "rtcp-fb": _feedback,
    "extmap": _extmap,
    "rid": _rid,
    "simulcast": _simulcast,
    "ssrc": _ssrc,
    "ssrc-group": _ssrc_group,
}


# --- writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LocalParameters:
    """Our side of a transport, as descriptions state it. fingerprint and candidates are values of their lines."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoteParameters:
    """The browser's side of a transport."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]


def session_lines(local: LocalParameters, version: int, bundle: list[str]) -> list[str]:
    """The lines before the first media section."""
    lines = ["v=0", f"o=- 1 {version} IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"]
    if bundle:
        lines.append("a=group:BUNDLE " + " ".join(bundle))
    lines.append("a=msid-semantic: WMS *")
    lines.append(f"a=fingerprint:{local.fingerprint}")
    return lines


def transport_lines(local: LocalParameters, setup: str) -> list[str]:
    """ICE and DTLS of one media section."""
    return [
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=setup:{setup}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *(f"a=candidate:{candidate}" for candidate in local.candidates),
        "a=end-of-candidates",
    ]


def remote_parameters(session: SessionDescription, setups: tuple[str, ...]) -> RemoteParameters:
    """The one transport that all live media sections share. Raises SdpError."""
    live = [media for media in session.media if media.port != 0 or media.mid in session.bundle]
    if not live:
        raise SdpError("The session description has no live media section.")
    first = live[0]
    if not first.ice_ufrag or not first.ice_password:
        raise SdpError("The session description has no ICE credentials.")
    if not any(algorithm in ("sha-256", "sha-384", "sha-512") for algorithm, _ in first.fingerprints):
        raise SdpError("The session description has no usable certificate fingerprint.")
    for media in live:
        if media.mid not in session.bundle:
            raise SdpError("All media sections must be bundled on one transport.")
        if media.ice_ufrag != first.ice_ufrag or media.fingerprints != first.fingerprints:
            raise SdpError("The bundled media sections state different transports.")
    if first.setup not in setups:
        raise SdpError(f"The attribute a=setup must be {' or '.join(setups)}.")
    return RemoteParameters(first.ice_ufrag, first.ice_password, tuple(first.fingerprints))
