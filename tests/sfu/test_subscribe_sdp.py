"""A subscriber is offered its consumers in sections that are used again, and its answer is believed only where it can
be."""

from __future__ import annotations

import pytest
from aiortc import sdp as aiortc_sdp
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.codecs import ABS_SEND_TIME, AUDIO_LEVEL, VIDEO_ORIENTATION, CodecParameters
from parley.sfu.publish_sdp import MAX_CODECS
from parley.sfu.sdp import MAX_CHARS, LocalParameters, MediaDescription, SdpError, parse_sdp
from parley.sfu.subscribe_sdp import ConsumerIntent, SubscribeOffer, SubscribeSession
from tests.sfu.participant import subscribe_answer

LOCAL = LocalParameters(
    "ourfrag",
    "our-password-that-is-long-enough",
    "sha-256 " + ":".join(["AB"] * 32),
    ("1 1 udp 2130706431 192.0.2.1 4000 typ host", "2 1 tcp 1518280447 192.0.2.1 4000 typ host tcptype passive"),
)
OPUS = CodecParameters("opus", 109, 48_000, 2, "stereo=1;maxplaybackrate=48000")
VP8 = CodecParameters("VP8", 120, 90_000, 1, "max-fs=12288;max-fr=60")
H264 = CodecParameters("H264", 126, 90_000, 1, "profile-level-id=42e034;packetization-mode=1")


def sound(number: int) -> ConsumerIntent:
    return ConsumerIntent(f"sound{number}", "ann", "audio", (OPUS,), 100 + number, 200 + number, "ann")


def picture(number: int, *codecs: CodecParameters) -> ConsumerIntent:
    return ConsumerIntent(f"picture{number}", "bob", "video", codecs or (VP8, H264), 300 + number, 400 + number, "bob")


def offered(*consumers: ConsumerIntent, session: SubscribeSession | None = None) -> SubscribeOffer:
    return (session or SubscribeSession()).offer(consumers, LOCAL)


def sections(offer: SubscribeOffer) -> list[MediaDescription]:
    return parse_sdp(offer.sdp).media


def section_text(offer: SubscribeOffer, mid: str) -> str:
    return offer.sdp.split("\r\nm=")[int(mid) + 1]


# --- offers -----------------------------------------------------------------------------------------------------------


def test_a_section_says_whose_track_it_is_and_by_which_ssrcs_it_comes() -> None:
    offer = offered(sound(1), picture(1))
    first, second = sections(offer)
    assert offer.mids == {"sound1": "0", "picture1": "1"}
    assert (first.kind, first.direction, second.kind, second.direction) == ("audio", "sendonly", "video", "sendonly")
    assert (first.ssrcs, first.repair_ssrcs) == ([101], {})
    assert (second.ssrcs, second.repair_ssrcs) == ([301, 401], {401: 301})
    assert "a=msid:bob picture1\r\n" in section_text(offer, "1")
    assert "a=ssrc:301 cname:bob" in section_text(offer, "1")


def test_codecs_have_our_numbers_and_the_feedback_that_subscribers_may_send() -> None:
    first, second = sections(offered(sound(1), picture(1)))
    assert first.formats == ["111"]
    assert second.formats == ["96", "97", "104", "105"]
    assert second.codecs[96].feedback == second.codecs[104].feedback == ["goog-remb", "nack", "nack pli", "ccm fir"]
    assert second.codecs[97].fmtp == "apt=96"
    assert first.extensions == {ABS_SEND_TIME: 1, AUDIO_LEVEL: 3}
    assert second.extensions == {ABS_SEND_TIME: 1, VIDEO_ORIENTATION: 2}


def test_one_number_means_the_same_in_every_section_whatever_publishers_say_of_their_codecs() -> None:
    """RFC 8843 section 9.1; browsers may refuse the whole offer else, and one participant could shut out all others."""
    others = (
        CodecParameters("VP8", 96, 90_000, 1, ""),
        CodecParameters("VP8", 96, 90_000, 1, "x-nonsense=\x7f;max-fs=0"),
        CodecParameters("H264", 96, 90_000, 1, "profile-level-id=42e01f;packetization-mode=1;sprop-parameter-sets=Z0L"),
        CodecParameters("VP9", 98, 90_000, 1, ""),
        CodecParameters("VP9", 98, 90_000, 1, "profile-id=0;x=y"),
        CodecParameters("AV1", 45, 90_000, 1, ""),
        CodecParameters("AV1", 45, 90_000, 1, "profile=0;level-idx=19;tier=1"),
    )
    offer = offered(picture(0), *(picture(index, codec) for index, codec in enumerate(others, 1)))
    meanings: dict[int, tuple[str, int, int, str, tuple[str, ...]]] = {}
    for media in sections(offer):
        for number, codec in media.codecs.items():
            meaning = (codec.name, codec.clock_rate, codec.channels, codec.fmtp, tuple(codec.feedback))
            assert meanings.setdefault(number, meaning) == meaning
    assert meanings[104][3] == "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    assert meanings[96][3] == ""


def test_two_levels_of_one_profile_are_one_codec() -> None:
    other = CodecParameters("H264", 127, 90_000, 1, "profile-level-id=42e01f;packetization-mode=1")
    assert sections(offered(picture(1, H264, other)))[0].formats == ["104", "105"]


def test_the_offer_states_one_bundled_transport_that_the_browser_shall_open() -> None:
    offer = offered(sound(1), picture(1))
    assert parse_sdp(offer.sdp).bundle == ["0", "1"]
    assert "a=ice-lite\r\n" in offer.sdp
    for media in sections(offer):
        assert (media.ice_ufrag, media.setup, media.rtcp_mux) == ("ourfrag", "actpass", True)
    assert offer.sdp.count("tcptype passive") == 2


def test_another_implementation_reads_the_offer_the_same() -> None:
    read = aiortc_sdp.SessionDescription.parse(offered(sound(1), picture(1)).sdp)
    assert [media.rtp.muxId for media in read.media] == ["0", "1"]
    assert [media.direction for media in read.media] == ["sendonly", "sendonly"]
    assert [item.ssrc for item in read.media[1].ssrc] == [301, 401]
    assert read.media[1].ssrc_group[0].items == [301, 401]
    assert {codec.mimeType for codec in read.media[1].rtp.codecs} == {"video/VP8", "video/H264", "video/rtx"}


# --- sections over time -----------------------------------------------------------------------------------------------


def test_a_section_whose_consumer_is_gone_becomes_inactive_and_names_nobody() -> None:
    session = SubscribeSession()
    offered(sound(1), picture(1), session=session)
    offer = offered(sound(1), session=session)
    gone = sections(offer)[1]
    assert (gone.mid, gone.port, gone.direction, gone.ssrcs) == ("1", 9, "inactive", [])
    assert gone.formats, "a section needs a codec even when nothing flows"
    assert "msid:" not in section_text(offer, "1")
    assert offer.mids == {"sound1": "0"}


def test_the_next_consumer_of_that_kind_takes_it_over() -> None:
    session = SubscribeSession()
    offered(sound(1), picture(1), sound(2), session=session)
    offered(sound(2), session=session)
    offer = offered(sound(2), picture(2, H264), sound(3), session=session)
    assert offer.mids == {"sound2": "2", "picture2": "1", "sound3": "0"}
    assert sections(offer)[1].formats == ["104", "105"]


def test_versions_rise_with_every_offer() -> None:
    session = SubscribeSession()
    origins = [offered(sound(1), session=session).sdp.splitlines()[1] for _ in range(3)]
    assert [int(origin.split()[2]) for origin in origins] == [1, 2, 3]


@pytest.mark.fuzz
@given(st.lists(st.sets(st.tuples(st.booleans(), st.integers(0, 9))), min_size=1, max_size=12))
def test_sections_never_move_change_kind_or_outnumber_the_most_that_were_needed_at_once(
    rounds: list[set[tuple[bool, int]]],
) -> None:
    session = SubscribeSession()
    kinds: dict[str, str] = {}
    where: dict[str, str] = {}
    most = {"audio": 0, "video": 0}
    for wanted in rounds:
        consumers = [picture(number) if is_video else sound(number) for is_video, number in sorted(wanted)]
        offer = session.offer(consumers, LOCAL)
        assert offer.mids.keys() == {consumer.consumer_id for consumer in consumers}
        assert len(set(offer.mids.values())) == len(consumers)
        for media in sections(offer):
            assert kinds.setdefault(media.mid, media.kind) == media.kind
            assert (media.direction == "sendonly") is (media.mid in offer.mids.values())
        for consumer_id, mid in offer.mids.items():
            if consumer_id in where:
                assert where[consumer_id] == mid, "who stays keeps its section"
        where = offer.mids
        for kind in most:
            most[kind] = max(most[kind], sum(consumer.kind == kind for consumer in consumers))
    assert len(kinds) == sum(most.values())


# --- answers ----------------------------------------------------------------------------------------------------------


def asked() -> tuple[SubscribeSession, str]:
    session = SubscribeSession()
    return session, subscribe_answer(offered(sound(1), picture(1), session=session).sdp)


def test_an_answer_says_what_the_browser_takes_of_each_section() -> None:
    session, answer = asked()
    negotiation = session.answer(answer)
    assert (negotiation.remote.ufrag, negotiation.remote.password) == ("subs", "the-browsers-own-password")
    assert negotiation.accepted == {"0": frozenset({111}), "1": frozenset({96, 97, 104, 105})}


def test_what_is_rejected_or_inactive_gets_nothing() -> None:
    session, answer = asked()
    assert session.answer(answer.replace("a=recvonly", "a=inactive", 1)).accepted["0"] == frozenset()
    rejected = answer.replace("m=video 9", "m=video 0").replace("BUNDLE 0 1", "BUNDLE 0")
    assert session.answer(rejected).accepted == {"0": frozenset({111}), "1": frozenset()}


@pytest.mark.parametrize(
    ("true", "lie"),
    [
        ("a=setup:active", "a=setup:actpass"),
        ("a=setup:active", "a=setup:passive"),
        ("a=mid:1", "a=mid:7"),
        ("a=mid:1", "a=mid:0"),
        ("m=video 9", "m=video 99999"),
        ("BUNDLE 0 1", "BUNDLE 1"),
        ("a=ice-pwd:the-browsers-own-password\r\n", ""),
        ("a=fingerprint:sha-256 ", "a=fingerprint:md5 "),
        ("v=0", "w=0"),
    ],
    ids=[
        "both could open", "nobody opens", "a section nobody offered", "a section twice", "a port beyond all ports",
        "a section outside the bundle", "no password", "no fingerprint", "no description",
    ],
)  # fmt: skip
def test_an_answer_that_lies_is_refused(true: str, lie: str) -> None:
    session, answer = asked()
    assert true in answer
    with pytest.raises(SdpError):
        session.answer(answer.replace(true, lie))


def test_an_answer_with_sections_missing_too_many_or_in_another_order_is_refused() -> None:
    session, answer = asked()
    head, first, second = answer.split("m=")
    for lie in ([first], [first, second, second.replace("a=mid:1", "a=mid:2")], [second, first], []):
        with pytest.raises(SdpError):
            session.answer("m=".join([head, *lie]))


def test_in_a_full_room_where_everybody_shares_everything_the_answer_is_small_enough_to_be_read() -> None:
    profiles = ["4200", "42e0", "4d00", "6400"]
    every = tuple(
        CodecParameters("H264", 96, 90_000, 1, f"profile-level-id={profile}1f;packetization-mode={mode}")
        for profile in profiles
        for mode in (0, 1)
    )[:MAX_CODECS]
    consumers = [intent for number in range(18) for intent in (sound(number), picture(number, *every))]
    session = SubscribeSession()
    answer = subscribe_answer(session.offer(consumers, LOCAL).sdp)
    assert len(answer) < 0.9 * MAX_CHARS
    assert len(session.answer(answer).accepted) == 36
