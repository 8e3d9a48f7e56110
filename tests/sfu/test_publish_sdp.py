"""A browser's publish offer is answered with what is received of it; what doesn't fit is an SdpError."""

from __future__ import annotations

import pytest
from aiortc import sdp as aiortc_sdp
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.codecs import MID, RID, TRANSPORT_CC
from parley.sfu.publish_sdp import MAX_CODECS, PublishNegotiation, TrackIntent, negotiate_publish
from parley.sfu.sdp import LocalParameters, MediaDescription, SdpError, parse_sdp

LOCAL = LocalParameters(
    "ourfrag",
    "our-password-that-is-long-enough",
    "sha-256 " + ":".join(["AB"] * 32),
    ("1 1 udp 2130706431 192.0.2.1 4000 typ host", "2 1 tcp 1518280447 192.0.2.1 4000 typ host tcptype passive"),
)
FINGERPRINT = "sha-256 " + ":".join(["CD"] * 32)
TRANSPORT = f"""a=ice-ufrag:frag
a=ice-pwd:the-browsers-own-password
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=rtcp-mux
"""
AUDIO = (
    """m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0
c=IN IP4 0.0.0.0
a=mid:0
a=sendonly
a=msid:stream track
"""
    + TRANSPORT
    + """a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=ssrc:1001 cname:x
"""
)
VIDEO = (
    """m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 98 99 45 46 116 117
c=IN IP4 0.0.0.0
a=mid:1
a=sendonly
"""
    + TRANSPORT
    + """a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
a=extmap:13 urn:3gpp:video-orientation
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:98 VP9/90000
a=fmtp:98 profile-id=0
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=rtpmap:45 AV1/90000
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:116 red/90000
a=rtpmap:117 ulpfec/90000
"""
)
SIMULCAST = "a=rid:l send\na=rid:m send\na=rid:h send\na=simulcast:send l;m;h\n"
SCREEN = VIDEO.replace("a=mid:1", "a=mid:2") + "a=ssrc:2001 cname:x\na=ssrc:2002 cname:x\na=ssrc-group:FID 2001 2002\n"
DATA = (
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\na=mid:3\n" + TRANSPORT + "a=sctp-port:5000\n"
)
MIC, CAMERA, SHARED = TrackIntent("0", "microphone"), TrackIntent("1", "camera"), TrackIntent("2", "screen", muted=True)


def offer(*sections: str, bundle: str = "0 1 2 3") -> str:
    head = (
        f"v=0\no=- 4611731400430051336 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE {bundle}\na=extmap-allow-mixed\n"
    )
    return (head + "".join(sections)).replace("\n", "\r\n")


FULL = offer(AUDIO, VIDEO + SIMULCAST, SCREEN, DATA)


def negotiated(sdp: str = FULL, *tracks: TrackIntent) -> PublishNegotiation:
    return negotiate_publish(sdp, tracks or (MIC, CAMERA, SHARED))


def answered(sdp: str = FULL, *tracks: TrackIntent) -> list[MediaDescription]:
    return parse_sdp(negotiated(sdp, *tracks).answer(LOCAL, 1)).media


# --- what is accepted -------------------------------------------------------------------------------------------------


def test_tracks_are_what_the_offer_and_the_client_say_together() -> None:
    mic, camera, shared = negotiated().tracks
    assert (mic.mid, mic.source, mic.kind, mic.muted) == ("0", "microphone", "audio", False)
    assert [(number, codec.name) for number, codec in mic.codecs.items()] == [(111, "opus")], "no RED, no G.722"
    assert mic.ssrcs == (1001,)
    assert [codec.name for codec in camera.codecs.values()] == ["VP8", "H264", "VP9", "AV1"]
    assert camera.rtx == {97: 96, 103: 102, 99: 98, 46: 45}
    assert camera.rids == ("l", "m", "h")
    assert camera.extensions[RID] == 10
    assert set(camera.extensions.values()) == {3, 4, 10, 11, 13}, "what nobody reads is not asked for"
    assert shared.muted
    assert (shared.ssrcs, shared.repair_ssrcs, shared.rids) == ((2001,), {2002: 2001}, ())
    assert mic.extensions[MID] == 4
    assert mic.extensions[TRANSPORT_CC] == 3


def test_the_browsers_side_of_the_transport_is_read() -> None:
    remote = negotiated().remote
    assert (remote.ufrag, remote.password) == ("frag", "the-browsers-own-password")
    assert remote.fingerprints == (("sha-256", ":".join(["CD"] * 32)),)


def test_the_answer_takes_every_section_in_the_offers_order_with_the_offers_numbers() -> None:
    mic, camera, shared, data = answered()
    assert [media.mid for media in (mic, camera, shared, data)] == ["0", "1", "2", "3"]
    assert [media.direction for media in (mic, camera, shared)] == ["recvonly"] * 3
    assert mic.formats == ["111"]
    assert camera.formats == ["96", "102", "98", "45", "97", "103", "99", "46"]
    assert camera.codecs[96].feedback == ["transport-cc", "nack", "nack pli", "ccm fir"], "and no goog-remb"
    assert camera.codecs[102].fmtp.endswith("profile-level-id=42e01f")
    assert camera.codecs[103].fmtp == "apt=102"
    assert "usedtx=1" in mic.codecs[111].fmtp
    assert mic.extensions[TRANSPORT_CC] == camera.extensions[TRANSPORT_CC] == 3
    assert data.port == 0


def test_simulcast_is_received_as_it_is_sent() -> None:
    answer = negotiated().answer(LOCAL, 1)
    assert answer.count("a=simulcast:recv l;m;h\r\n") == 1
    assert [line for line in answer.splitlines() if line.startswith("a=rid")] == [
        "a=rid:l recv", "a=rid:m recv", "a=rid:h recv",
    ]  # fmt: skip


def test_the_answer_states_our_transport_in_every_section_that_lives() -> None:
    answer = negotiated().answer(LOCAL, 7)
    assert "o=- 1 7 IN IP4" in answer
    assert "a=ice-lite\r\n" in answer
    for media in parse_sdp(answer).media[:3]:
        assert (media.ice_ufrag, media.setup, media.rtcp_mux) == ("ourfrag", "passive", True)
        assert media.fingerprints == [("sha-256", ":".join(["AB"] * 32))]
    assert answer.count("tcptype passive") == 3
    assert parse_sdp(answer).bundle == ["0", "1", "2"], "the rejected section is not bundled"


def test_another_implementation_reads_the_answer_the_same() -> None:
    read = aiortc_sdp.SessionDescription.parse(negotiated().answer(LOCAL, 1))
    assert [media.rtp.muxId for media in read.media[:3]] == ["0", "1", "2"]
    assert [media.direction for media in read.media[:3]] == ["recvonly"] * 3
    assert {codec.mimeType for codec in read.media[1].rtp.codecs} >= {"video/VP8", "video/rtx", "video/H264"}
    assert [candidate.protocol for candidate in read.media[0].ice_candidates] == ["udp", "tcp"]
    assert read.group[0].items == ["0", "1", "2"]


def test_the_order_of_codecs_is_the_clients_choice() -> None:
    assert [
        codec.name for codec in negotiated(FULL.replace(" 96 97 102 103", " 102 103 96 97")).tracks[1].codecs.values()
    ][:2] == ["H264", "VP8"]


def test_a_client_that_knows_thirty_profiles_is_held_to_the_first_few() -> None:
    numbers = range(60, 90)
    extra = "".join(
        f"a=rtpmap:{number} H264/90000\na=fmtp:{number} packetization-mode=1;profile-level-id=42e0{number:02}\n"
        for number in numbers
    )
    section = VIDEO.replace("SAVPF 96", f"SAVPF {' '.join(map(str, numbers))} 96") + extra
    (camera,) = negotiate_publish(offer(section), [CAMERA]).tracks
    assert list(camera.codecs) == list(numbers)[:MAX_CODECS]


def test_a_section_without_intent_stays_but_is_inactive() -> None:
    mic, camera, shared, _ = answered(FULL, MIC)
    assert (mic.direction, camera.direction, shared.direction) == ("recvonly", "inactive", "inactive")
    assert (camera.port, camera.formats[0]) == (9, "96")


def test_a_track_that_pauses_its_section_is_not_published() -> None:
    paused = FULL.replace("a=mid:1\r\na=sendonly", "a=mid:1\r\na=inactive")
    assert [track.mid for track in negotiated(paused).tracks] == ["0", "2"]
    assert answered(paused)[1].direction == "inactive"


def test_sections_that_only_live_in_the_bundle_are_no_rejected_ones() -> None:
    firefox = FULL.replace("m=video 9", "m=video 0").replace("a=mid:1", "a=bundle-only\r\na=mid:1")
    firefox = firefox.replace("a=mid:2", "a=bundle-only\r\na=mid:2")
    assert [track.mid for track in negotiated(firefox).tracks] == ["0", "1", "2"]
    assert [media.port for media in answered(firefox)] == [9, 9, 9, 0]


def test_a_rejected_section_is_rejected_back() -> None:
    stopped = FULL.replace("m=video 9", "m=video 0", 1)
    assert [media.port for media in answered(stopped, MIC, SHARED)] == [9, 0, 9, 0]


def test_simulcast_layers_without_their_rid_line_do_not_count_and_more_than_three_are_cut() -> None:
    assert negotiated(FULL.replace("a=rid:m send\r\n", "")).tracks[1].rids == ("l", "h")
    many = FULL.replace("a=simulcast:send l;m;h", "a=rid:x send\r\na=simulcast:send l;m;h;x")
    assert negotiated(many).tracks[1].rids == ("l", "m", "h")


@pytest.mark.parametrize(
    ("true", "lie"),
    [("VP8/90000", "VP8/1"), ("VP8/90000", "VP8/90000/2"), ("VP8/90000", "VP8/1000000"), ("VP8/90000", "opus/48000/2")],
)
def test_a_codec_with_a_clock_it_cannot_have_is_not_forwarded(true: str, lie: str) -> None:
    camera = negotiated(FULL.replace(true, lie)).tracks[1]
    assert "VP8" not in [codec.name for codec in camera.codecs.values()]
    assert 97 not in camera.rtx


def test_repair_streams_of_nothing_that_was_offered_do_not_count() -> None:
    lying = FULL.replace("a=ssrc-group:FID 2001 2002", "a=ssrc-group:FID 9999 2002")
    assert negotiated(lying).tracks[2].repair_ssrcs == {}
    assert negotiated(FULL.replace("apt=96", "apt=55")).tracks[1].rtx == {103: 102, 99: 98, 46: 45}


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sdp", "tracks"),
    [
        (FULL, [TrackIntent("9", "camera")]),
        (FULL, [MIC, MIC]),
        (FULL, [CAMERA, TrackIntent("2", "camera")]),
        (FULL, [TrackIntent("0", "camera")]),
        (FULL, [TrackIntent("1", "microphone")]),
        (FULL, [TrackIntent("3", "screen")]),
        (FULL, [TrackIntent("0", "karaoke")]),
        (FULL.replace("a=mid:1", "a=mid:0"), [MIC]),
        (FULL.replace("opus/48000/2", "opus/8000/1"), [MIC]),
        (FULL.replace("a=setup:actpass", "a=setup:passive"), [MIC]),
        (FULL.replace("a=setup:actpass\r\n", ""), [MIC]),
        (FULL.replace(f"a=fingerprint:{FINGERPRINT}\r\n", ""), [MIC]),
        (FULL.replace("a=ice-pwd:the-browsers-own-password\r\n", ""), [MIC]),
        (FULL.replace("BUNDLE 0 1 2 3", "BUNDLE 0"), [MIC, CAMERA]),
        (FULL.replace("a=group:BUNDLE 0 1 2 3\r\n", ""), [MIC]),
        (offer(DATA), []),
        (offer(AUDIO.replace("m=audio 9", "m=audio 0")), [MIC]),
        ("v=0\r\n", []),
    ],
    ids=[
        "a mid that isn't there", "one section twice", "two cameras", "a camera that is sound",
        "a microphone that is video", "a screen that is data", "a source nobody knows", "two sections with one mid",
        "no codec that is forwarded", "both sides passive", "no setup", "no fingerprint", "no password",
        "half a bundle", "no bundle", "no media", "only rejected media", "nothing",
    ],
)  # fmt: skip
def test_an_offer_that_does_not_fit_is_refused_with_a_sentence(sdp: str, tracks: list[TrackIntent]) -> None:
    with pytest.raises(SdpError, match=r"^[A-Z].*\.$"):
        negotiate_publish(sdp, tracks)


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5_000, "-1", "1e3", "128"])
def test_payload_types_that_only_look_like_numbers_are_none(number: str) -> None:
    lying = offer(AUDIO, VIDEO.replace("SAVPF 96", f"SAVPF {number} 96").replace("apt=96", f"apt={number}"))
    camera = negotiate_publish(lying, [MIC, CAMERA]).tracks[1]
    assert next(iter(camera.codecs)) == 96
    assert 97 not in camera.rtx
    only = AUDIO.replace("SAVPF 111 63 9 0", f"SAVPF {number}")
    assert answered(offer(only, VIDEO), CAMERA)[0].direction == "inactive"


@pytest.mark.fuzz
@given(st.data())
def test_an_offer_with_lines_changed_at_random_is_refused_or_answered_section_for_section(data: st.DataObject) -> None:
    lines = FULL.splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(1, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "double", "move", "cut", "write"]))
        line = lines.pop(at)
        if change == "double":
            lines[at:at] = [line, line]
        elif change == "move":
            lines.insert(data.draw(st.integers(1, len(lines))), line)
        elif change == "cut":
            lines.insert(at, line[: data.draw(st.integers(0, len(line)))])
        elif change == "write":
            where = data.draw(st.integers(0, len(line)))
            lines.insert(at, line[:where] + data.draw(st.text(max_size=5)) + line[where + 1 :])
    sdp = "\r\n".join(lines)
    try:
        negotiation = negotiate_publish(sdp, [MIC, CAMERA, SHARED])
    except SdpError:
        return
    answer = parse_sdp(negotiation.answer(LOCAL, 1))
    assert [media.mid for media in answer.media] == [media.mid for media in parse_sdp(sdp).media]
    assert all(media.ice_ufrag in ("ourfrag", "") for media in answer.media)
    for track in negotiation.tracks:
        assert track.codecs
        assert all(codec.outgoing is not None for codec in track.codecs.values())
