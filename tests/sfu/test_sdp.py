"""Session descriptions are read within bounds, and whatever is wrong with one is an SdpError for its sender."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.sdp import (
    MAX_CHARS,
    MAX_LINES,
    MAX_MEDIA,
    MAX_SSRCS,
    MediaDescription,
    SdpError,
    parse_sdp,
    payload_types,
    remote_parameters,
)

HEAD = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
TRANSPORT = ["a=ice-ufrag:frag", "a=ice-pwd:password", "a=fingerprint:sha-256 AB:CD", "a=setup:actpass"]
VIDEO = ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:0", *TRANSPORT]


def text(*lines: str, head: list[str] | None = None) -> str:
    return "\r\n".join([*(HEAD if head is None else head), *lines]) + "\r\n"


def only(*lines: str) -> MediaDescription:
    (media,) = parse_sdp(text(*VIDEO, *lines)).media
    return media


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_media_section_with_all_that_is_used_here() -> None:
    media = only(
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:* transport-cc",
        "a=fmtp:96 max-fs=12288;max-fr=60",
        "a=rtpmap:97 rtx/90000",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:2/sendonly urn:3gpp:video-orientation",
        "a=rid:l send",
        "a=rid:h send max-width=1280",
        "a=rid:r recv",
        "a=simulcast:recv r send l;h,x;~m",
        "a=ssrc:1 cname:x",
        "a=ssrc:1 msid:a b",
        "a=ssrc:2 cname:x",
        "a=ssrc-group:FID 1 2",
        "a=ssrc-group:SIM 1 2",
    )
    assert (media.kind, media.port, media.protocol, media.formats) == ("video", 9, "UDP/TLS/RTP/SAVPF", ["96", "97"])
    assert (media.mid, media.direction, media.setup, media.rtcp_mux) == ("0", "sendonly", "actpass", True)
    assert (media.ice_ufrag, media.ice_password) == ("frag", "password")
    assert media.fingerprints == [("sha-256", "AB:CD")]
    vp8 = media.codecs[96]
    assert (vp8.name, vp8.clock_rate, vp8.channels, vp8.fmtp) == ("VP8", 90_000, 1, "max-fs=12288;max-fr=60")
    assert vp8.feedback == ["nack pli", "transport-cc"]
    assert media.extensions == {"urn:ietf:params:rtp-hdrext:sdes:mid": 4, "urn:3gpp:video-orientation": 2}
    assert (media.rids, media.simulcast) == (["l", "h"], ["l", "h", "m"])
    assert (media.ssrcs, media.repair_ssrcs) == ([1, 2], {2: 1})


def test_what_the_session_says_holds_for_sections_that_say_nothing() -> None:
    head = [*HEAD, *TRANSPORT, "a=sendonly"]
    session = parse_sdp(text("m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=setup:active", head=head))
    (media,) = session.media
    assert (media.ice_ufrag, media.fingerprints, media.direction) == ("frag", [("sha-256", "AB:CD")], "sendonly")
    assert media.setup == "active"


def test_lines_may_end_as_they_like_and_unknown_ones_are_skipped() -> None:
    session = parse_sdp("v=0\na=group:BUNDLE 0 1\nz=what\nnonsense\n\nm=audio 9 X 1\na=mid:0\na=x-new:thing\n")
    assert session.bundle == ["0", "1"]
    assert session.media[0].mid == "0"


def test_sections_send_unless_they_are_rejected_or_only_receive() -> None:
    assert only().sends
    assert not only("a=recvonly").sends
    assert not only("a=inactive").sends
    assert not parse_sdp(text("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:0")).media[0].sends


def test_port_zero_is_no_rejection_where_the_section_only_lives_in_the_bundle() -> None:
    offer = text("m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:0", "a=bundle-only")
    assert parse_sdp(offer).media[0].sends
    assert not parse_sdp(offer.replace("BUNDLE 0", "BUNDLE 1")).media[0].sends


def test_formats_that_are_no_payload_types_are_passed_over() -> None:
    assert payload_types(["96", "webrtc-datachannel", "²", "٣", "-1", "128", "9" * 5_000, "127", ""]) == [96, 127]


# --- lies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["m=video"],
        ["m=video 70000 UDP/TLS/RTP/SAVPF 96"],
        ["m=video nine UDP/TLS/RTP/SAVPF 96"],
        ["m=video ² UDP/TLS/RTP/SAVPF 96"],
        ["m=video 9 UDP/TLS/RTP/SAVPF"],
        [*VIDEO, "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0"],
        [*VIDEO, "a=mid:"],
        [*VIDEO, "a=mid:" + "x" * 33],
        [*VIDEO, "a=mid:two words"],
        [*VIDEO, "a=ice-ufrag:" + "x" * 257],
        [*VIDEO, "a=ice-ufrag:ümlaut"],
        [*VIDEO, "a=fingerprint:sha-256"],
        [*VIDEO, "a=fingerprint:sha-256 " + "A" * 256],
        [*VIDEO, "a=rtpmap:128 VP8/90000"],
        [*VIDEO, "a=rtpmap:-1 VP8/90000"],
        [*VIDEO, "a=rtpmap:96 VP8"],
        [*VIDEO, "a=rtpmap:96 VP8/0"],
        [*VIDEO, "a=rtpmap:96 VP8/99999999999"],
        [*VIDEO, "a=rtpmap:96 VP8/90000/900"],
        [*VIDEO, "a=rtpmap"],
        [*VIDEO, "a=fmtp:"],
        [*VIDEO, "a=rtcp-fb:x nack"],
        [*VIDEO, "a=extmap:0 urn:x"],
        [*VIDEO, "a=extmap:256 urn:x"],
        [*VIDEO, "a=extmap:x urn:x"],
        [*VIDEO, *(f"a=extmap:{number} urn:{number}" for number in range(1, 80))],
        [*VIDEO, "a=ssrc:4294967296 cname:x"],
        [*VIDEO, "a=ssrc:"],
        [*VIDEO, "a=ssrc-group:FID 1 x"],
        [*VIDEO, *(f"a=ssrc:{number} cname:x" for number in range(1_000))],
        [*VIDEO, "a=rid:" + "x" * 17 + " send"],
        [f"m=video 9 X 96\r\na=mid:{number}" for number in range(MAX_MEDIA + 1)],
        ["a=x"] * MAX_LINES,
        ["a=x:" + "y" * MAX_CHARS],
    ],
    ids=lambda lines: (lines[-1] if len(lines) < 40 else f"{len(lines)} lines like {lines[-1]}")[:50],
)
def test_a_lie_is_an_sdp_error_with_a_sentence(lines: list[str]) -> None:
    with pytest.raises(SdpError, match=r"^[A-Z][^\n]{10,200}\.$"):
        parse_sdp(text(*lines))


@pytest.mark.parametrize("data", ["", "\r\n", "m=video 9 X 96\r\n", "v=1\r\n", "{}", "\x00" * 100])
def test_what_is_no_description_is_an_sdp_error(data: str) -> None:
    with pytest.raises(SdpError):
        parse_sdp(data)


@pytest.mark.parametrize("line", ["a=group:", "a=group", "a=group: ", "a=", "a=:", "m=audio 9 X 1\r\na=ssrc-group:"])
def test_attributes_without_their_value_are_no_reason_to_fall_over(line: str) -> None:
    parse_sdp(text(line))


def test_lists_that_a_sender_could_make_long_are_cut() -> None:
    media = only(
        *(f"a=rid:r{number} send" for number in range(100)),
        "a=simulcast:send " + ";".join(f"r{number}" for number in range(100)),
        *(["a=fingerprint:sha-256 AB"] * 100),
        "a=rtpmap:96 VP8/90000",
        "a=fmtp:96 " + "x" * 9_000,
        *(["a=rtcp-fb:96 nack"] * 100),
        *(f"a=ssrc-group:FID {number} {number + 1}" for number in range(1_000)),
    )
    assert len(media.rids) <= 8
    assert len(media.simulcast) <= 8
    assert len(media.fingerprints) <= 8
    assert len(media.codecs[96].feedback) <= 16
    assert len(media.codecs[96].fmtp) <= 500
    assert len(media.repair_ssrcs) <= MAX_SSRCS
    assert len(parse_sdp(text("a=group:BUNDLE " + "x " * 20_000)).bundle) <= MAX_MEDIA


ATTRIBUTES = [
    "mid", "ice-ufrag", "ice-pwd", "setup", "fingerprint", "rtpmap", "fmtp", "rtcp-fb", "extmap", "rid", "simulcast",
    "ssrc", "ssrc-group", "group", "bundle-only", "sendonly",
]  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(["96", "0", "send", "FID", "VP8/90000", "/", ";", ",", "~", "*", "²", "-1", ":"])).map(
        " ".join
    ),
)
LINES = st.one_of(
    st.tuples(st.sampled_from(ATTRIBUTES), VALUES).map(lambda pair: f"a={pair[0]}:{pair[1]}"),
    VALUES.map(lambda value: f"m={value}"),
    st.sampled_from(VIDEO),
    st.text(max_size=40),
)


@pytest.mark.fuzz
@given(st.lists(LINES, max_size=30))
def test_no_description_raises_anything_else(lines: list[str]) -> None:
    try:
        session = parse_sdp(text(*lines))
        remote_parameters(session, ("actpass",))
    except SdpError:
        return


# --- the one transport ------------------------------------------------------------------------------------------------


def test_the_bundled_sections_state_one_transport() -> None:
    remote = remote_parameters(parse_sdp(text(*VIDEO)), ("actpass",))
    assert (remote.ufrag, remote.password, remote.fingerprints) == ("frag", "password", (("sha-256", "AB:CD"),))


SECOND = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:1", *TRANSPORT]


@pytest.mark.parametrize(
    "sdp",
    [
        text("m=video 0 X 96", head=["v=0"]),
        text(*VIDEO[:2], *TRANSPORT[1:]),
        text(*VIDEO[:2], TRANSPORT[0], *TRANSPORT[2:]),
        text(*VIDEO[:4]),
        text(*VIDEO).replace("sha-256", "md5"),
        text(*VIDEO).replace("actpass", "holdconn"),
        text(*VIDEO[:-1]),
        text(*VIDEO, *SECOND),
        text(*VIDEO, head=HEAD[:4]),
        text(*VIDEO, *SECOND).replace("BUNDLE 0", "BUNDLE 0 1").replace("a=ice-ufrag:frag", "a=ice-ufrag:other", 1),
        text(*VIDEO, *SECOND).replace("BUNDLE 0", "BUNDLE 0 1").replace("AB:CD", "EF:EF", 1),
    ],
    ids=[
        "nothing lives", "no ufrag", "no password", "no fingerprint", "a fingerprint nobody trusts", "another setup",
        "no setup", "a section outside the bundle", "no bundle", "two ufrags", "two certificates",
    ],
)  # fmt: skip
def test_anything_but_one_complete_transport_is_an_sdp_error(sdp: str) -> None:
    with pytest.raises(SdpError):
        remote_parameters(parse_sdp(sdp), ("actpass",))
