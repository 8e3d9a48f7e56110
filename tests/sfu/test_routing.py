"""Media from publishers to subscribers through a Router, over loopback sockets."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import time
from collections.abc import AsyncIterator

import pytest

from parley.sfu.endpoint import EndpointConfig
from parley.sfu.health import health_of
from parley.sfu.media_server import MediaServer
from parley.sfu.publish_sdp import TrackIntent
from parley.sfu.receive_stats import ntp_time
from parley.sfu.remote_clock import seconds_of
from parley.sfu.router import Router
from parley.sfu.rtcp import (
    Nack,
    PictureLoss,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpError,
    SenderReport,
    compound,
    parse_compound,
)
from parley.sfu.sdp import SdpError
from tests.sfu.ice_client import OTHER_CERTIFICATE, IceClient, until
from tests.sfu.participant import (
    LEVEL,
    MID,
    OPUS,
    ORIENTATION,
    REPAIRED,
    RID,
    RTX,
    TRANSPORT_CC,
    VP8,
    Participant,
    credential,
    media,
    publish_offer,
    settled,
)

MIC, CAMERA, CAMERA_RTX = 0x1111, 0x2222, 0x3333
KEYFRAME = b"\x90\x80\x00" + b"\x10\x00\x00 a key frame as far as anybody looks"
"""VP8 descriptor (X and S set, picture id 0), then a payload header with the key frame bit clear."""


def vp8(picture_id: int, *, keyframe: bool = False, first: bool = True) -> bytes:
    descriptor = bytes([0x90 if first else 0x80, 0x80, 0x80 | picture_id >> 8, picture_id & 0xFF])
    return descriptor + (b"\x10" if keyframe else b"\x11") + os.urandom(300)


def picture_id(payload: bytes) -> int:
    return (payload[2] & 0x7F) << 8 | payload[3]


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer(EndpointConfig(hosts=("127.0.0.1",)))
    await server.start()
    yield server
    await server.close()


@pytest.fixture
def router(server: MediaServer) -> Router:
    return server.create_router("room")


@pytest.fixture
async def pair(server: MediaServer, router: Router) -> AsyncIterator[tuple[Participant, Participant]]:
    """Ann publishes microphone and camera, Bob receives them."""
    ann, bob = Participant(server, router, "ann"), Participant(server, router, "bob")
    await ann.publish("microphone", "camera")
    await bob.answer()
    yield ann, bob
    ann.close()
    bob.close()


async def say(ann: Participant, seq: int, payload: bytes = b"sound", level: int = 30) -> None:
    extensions = {LEVEL: bytes([0x80 | level]), MID: b"0", TRANSPORT_CC: ann.count()}
    await ann.send(media(MIC, seq, seq * 960, payload, OPUS, extensions=extensions))


async def show(
    ann: Participant, seq: int, payload: bytes = KEYFRAME, *, ssrc: int = CAMERA, rid: bytes = b"", frame: int = -1
) -> None:
    extensions = {MID: b"1", TRANSPORT_CC: ann.count()} | ({RID: rid} if rid else {})
    timestamp = (frame if frame >= 0 else seq) * 3_000
    await ann.send(media(ssrc, seq, timestamp, payload, VP8, extensions=extensions))


def sent_to(client: IceClient) -> list[object]:
    """The RTCP that a browser got, as far as our parser knows it."""
    packets: list[object] = []
    for data in client.rtcp:
        try:
            packets += parse_compound(data)
        except RtcpError:
            continue
    return packets


def requests(ann: Participant, ssrc: int = CAMERA) -> int:
    return sum(isinstance(item, PictureLoss) and item.media_ssrc == ssrc for item in sent_to(ann.up))


# --- forwarding ------------------------------------------------------------------------------------------------------


async def test_payloads_that_no_decoder_would_take_arrive_byte_for_byte(pair: tuple[Participant, Participant]) -> None:
    ann, bob = pair
    sound = [random.randbytes(random.randrange(1, 400)) for _ in range(20)]
    picture = [KEYFRAME, *(random.randbytes(random.randrange(1, 1200)) for _ in range(20))]
    for seq, payload in enumerate(sound):
        await say(ann, seq, payload)
    for seq, payload in enumerate(picture):
        await show(ann, seq, payload)
    assert [packet.payload for packet in await bob.receives("microphone", 20)] == sound
    assert [packet.payload for packet in await bob.receives("camera", 21)] == picture


async def test_a_subscriber_gets_one_gapless_stream_with_the_numbers_of_its_offer(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    for seq in range(65_530, 65_530 + 12):
        await show(ann, seq, frame=seq)
    got = await bob.receives("camera", 12)
    first = got[0].seq
    assert first < 0x8000
    assert [packet.seq for packet in got] == list(range(first, first + 12))
    assert {packet.payload_type for packet in got} == {96}
    assert [packet.timestamp - got[0].timestamp for packet in got] == [3_000 * index for index in range(12)]
    assert all(len(packet.extensions[1]) == 3 for packet in got), "abs-send-time is what REMB is made of"


async def test_loudness_and_rotation_reach_the_subscriber_and_nothing_else_does(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    await say(ann, 1, level=42)
    extensions = {MID: b"1", ORIENTATION: b"\x03", TRANSPORT_CC: ann.count()}
    await ann.send(media(CAMERA, 1, 3_000, KEYFRAME, VP8, 1, extensions))
    sound, picture = (await bob.receives("microphone", 1))[0], (await bob.receives("camera", 1))[0]
    assert sound.extensions.keys() == {1, 3}
    assert sound.extensions[3] == bytes([0x80 | 42])
    assert picture.extensions.keys() == {1, 2}
    assert picture.extensions[2] == b"\x03"
    assert picture.marker == 1


async def test_nobody_hears_themselves(pair: tuple[Participant, Participant], server: MediaServer) -> None:
    ann, bob = pair
    await bob.publish("microphone")
    await ann.answer()
    await say(ann, 1)
    await say(bob, 1)
    await bob.receives("microphone", 1)
    await ann.receives("microphone", 1)
    await settled(server)
    assert len(ann.down.rtp) == len(bob.down.rtp) == 1


async def test_video_starts_with_a_key_frame_that_was_asked_for(pair: tuple[Participant, Participant]) -> None:
    ann, bob = pair
    await show(ann, 1, vp8(1))
    await until(lambda: requests(ann) >= 1, "a key frame request")
    await show(ann, 2, vp8(2))
    await show(ann, 3, vp8(3, keyframe=True))
    await show(ann, 4, vp8(4))
    got = await bob.receives("camera", 2)
    assert [picture_id(packet.payload) for packet in got] == [3, 4]


async def test_packets_that_overtake_the_renegotiation_that_announces_them_are_not_lost(
    server: MediaServer, router: Router
) -> None:
    ann, bob = Participant(server, router, "ann"), Participant(server, router, "bob")
    await ann.publish("microphone")
    await bob.answer()
    await ann.send(media(CAMERA, 7, 0, KEYFRAME, VP8))
    await until(lambda: ann.peer.publisher.discarded.unknown_ssrc == 1, "the early packet")
    sections = [("audio", "0"), ("video", "1")]
    ann.peer.publish(publish_offer(sections), [TrackIntent("0", "microphone"), TrackIntent("1", "camera")])
    await bob.answer()
    layer = ann.peer.publisher.producers[
        next(key for key, producer in ann.peer.publisher.producers.items() if producer.source == "camera")
    ].layers[0]
    assert layer is not None
    assert layer.ssrc == CAMERA
    assert layer.stats.packets == 1
    ann.close()
    bob.close()


# --- repair ----------------------------------------------------------------------------------------------------------


async def test_what_a_subscriber_misses_it_gets_again_on_the_retransmission_stream(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    payloads = [vp8(index, keyframe=index == 0) for index in range(10)]
    for seq, payload in enumerate(payloads):
        await show(ann, seq, payload)
    got = await bob.receives("camera", 10)
    media_ssrc, rtx_ssrc = bob.ssrcs("camera")
    await bob.feedback(Nack(1, media_ssrc, [got[3].seq, got[7].seq]).to_bytes())
    await until(lambda: len(bob.got(rtx_ssrc)) == 2, "two retransmissions")
    again = bob.got(rtx_ssrc)
    assert [packet.payload[2:] for packet in again] == [payloads[3], payloads[7]]
    assert [int.from_bytes(packet.payload[:2], "big") for packet in again] == [got[3].seq, got[7].seq]
    assert {packet.payload_type for packet in again} == {97}
    assert [packet.timestamp for packet in again] == [got[3].timestamp, got[7].timestamp]
    assert again[1].seq == again[0].seq + 1


async def test_asking_ten_times_at_once_brings_one_retransmission(
    pair: tuple[Participant, Participant], server: MediaServer
) -> None:
    ann, bob = pair
    await show(ann, 1)
    got = await bob.receives("camera", 1)
    media_ssrc, rtx_ssrc = bob.ssrcs("camera")
    for _ in range(10):
        await bob.feedback(Nack(1, media_ssrc, [got[0].seq]).to_bytes())
    await settled(server)
    assert len(bob.got(rtx_ssrc)) == 1


async def test_what_a_publisher_lost_is_asked_for_and_forwarded_when_it_comes(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    payloads = [vp8(index, keyframe=index == 0) for index in range(6)]
    for seq in (0, 1, 3, 5):
        await show(ann, seq, payloads[seq])
    asked: set[int] = set()

    def both_asked() -> bool:
        asked.update(seq for item in sent_to(ann.up) if isinstance(item, Nack) for seq in item.lost)
        return asked == {2, 4}

    await until(both_asked, "a request for both missing packets")
    for index, seq in enumerate((4, 2)):
        packet = struct.pack("!H", seq) + payloads[seq]
        await ann.send(
            media(CAMERA_RTX, 100 + index, seq * 3_000, packet, RTX, extensions={MID: b"1", TRANSPORT_CC: ann.count()})
        )
    got = await bob.receives("camera", 6)
    assert [packet.payload for packet in sorted(got, key=lambda packet: packet.seq)] == payloads


async def test_a_retransmission_of_what_is_there_already_is_not_forwarded(
    pair: tuple[Participant, Participant], server: MediaServer
) -> None:
    ann, bob = pair
    await show(ann, 5)
    await bob.receives("camera", 1)
    repeated = struct.pack("!H", 5) + KEYFRAME
    await ann.send(media(CAMERA_RTX, 1, 15_000, repeated, RTX, extensions={MID: b"1"}))
    await ann.send(media(CAMERA_RTX, 2, 15_000, b"\x00", RTX, extensions={MID: b"1"}))
    await settled(server)
    assert len(bob.down.rtp) == 1
    assert server._discarded.bad_rtx == 1


async def test_a_decoder_that_is_stuck_gets_its_key_frame_asked_for_but_a_hundred_pleas_are_one(
    pair: tuple[Participant, Participant], server: MediaServer
) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    before = requests(ann)
    for _ in range(100):
        await bob.feedback(PictureLoss(1, bob.ssrcs("camera")[0]).to_bytes())
    await settled(server)
    assert requests(ann) - before <= 1
    await until(lambda: requests(ann) > before, "a key frame request")


# --- muting and pausing ----------------------------------------------------------------------------------------------


async def test_a_muted_producer_sends_nothing_until_it_is_unmuted_and_goes_on_without_a_gap(
    pair: tuple[Participant, Participant], server: MediaServer
) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    ann.peer.set_muted(ann.producers["camera"], True)
    for seq in range(2, 8):
        await show(ann, seq)
    await settled(server)
    assert len(bob.down.rtp) == 1
    ann.peer.set_muted(ann.producers["camera"], False)
    await show(ann, 8, vp8(8))
    await settled(server)
    assert len(bob.down.rtp) == 1, "a picture can only start with a key frame"
    await show(ann, 9, KEYFRAME)
    got = await bob.receives("camera", 2)
    assert got[1].seq == got[0].seq + 1
    assert got[1].timestamp - got[0].timestamp == 8 * 3_000


async def test_a_producer_published_muted_stays_so_through_renegotiation(server: MediaServer, router: Router) -> None:
    ann, bob = Participant(server, router, "ann"), Participant(server, router, "bob")
    await ann.publish("microphone")
    await bob.answer()
    ann.peer.set_muted(ann.producers["microphone"], True)
    await ann.publish("microphone")
    await say(ann, 1)
    await settled(server)
    assert bob.down.rtp == []
    ann.close()
    bob.close()


async def test_a_paused_consumer_gets_nothing_and_resumes_with_a_key_frame(
    pair: tuple[Participant, Participant], server: MediaServer
) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    consumer = bob.consumer("camera").consumer_id
    bob.peer.update_consumer(consumer, True, None)
    assert bob.listener.updates[-1] == (consumer, True, "high")
    await show(ann, 2)
    await settled(server)
    assert len(bob.down.rtp) == 1
    before = requests(ann)
    bob.peer.update_consumer(consumer, False, None)
    await until(lambda: requests(ann) > before, "a key frame request")
    await show(ann, 3)
    got = await bob.receives("camera", 2)
    assert got[1].seq == got[0].seq + 1


def test_an_unknown_producer_or_consumer_is_a_key_error(server: MediaServer, router: Router) -> None:
    ann = Participant(server, router, "ann")
    with pytest.raises(KeyError):
        ann.peer.set_muted("nobody's", True)
    with pytest.raises(KeyError):
        ann.peer.update_consumer("nobody's", True, None)


# --- layers ----------------------------------------------------------------------------------------------------------

LAYERS = {b"q": 0x100, b"h": 0x200, b"f": 0x300}


async def simulcast(server: MediaServer, router: Router) -> tuple[Participant, Participant]:
    ann, bob = Participant(server, router, "ann"), Participant(server, router, "bob")
    await ann.publish("microphone", "camera", rids=("q", "h", "f"))
    await bob.answer()
    return ann, bob


class Camera:
    """Three layers with numbers, timestamps and picture ids of their own."""

    def __init__(self, ann: Participant) -> None:
        self.ann = ann
        self.frames = 0
        self.start = {b"q": (100, 5_000, 10), b"h": (60_000, 900_000, 9_000), b"f": (7, 4_294_900_000, 32_760)}

    async def frame(self, *, keyframe: bool = False, rids: tuple[bytes, ...] = (b"q", b"h", b"f")) -> None:
        for rid in rids:
            seq, timestamp, picture = self.start[rid]
            extensions = {MID: b"1", RID: rid, TRANSPORT_CC: self.ann.count()}
            payload = vp8((picture + self.frames) & 0x7FFF, keyframe=keyframe) + rid
            moment = (timestamp + 3_000 * self.frames) & 0xFFFFFFFF
            await self.ann.send(media(LAYERS[rid], seq + self.frames, moment, payload, VP8, 1, extensions))
        self.frames += 1


def layers_of(ann: Participant) -> dict[bytes, int]:
    return {rid: requests(ann, ssrc) for rid, ssrc in LAYERS.items()}


async def test_of_a_simulcast_camera_the_best_layer_is_forwarded_and_only_one(
    server: MediaServer, router: Router
) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    await camera.frame(keyframe=True)
    await settled(server)
    await camera.frame(keyframe=True)
    await camera.frame()
    await settled(server)
    got = bob.got(bob.ssrcs("camera")[0])
    assert [packet.payload[-1:] for packet in got] == [b"q", b"h", b"f", b"f", b"f"], "each better one as it shows up"
    report = bob.peer.stats().consumers
    assert next(item for item in report if item.codec == "VP8").layer == "high"
    ann.close()
    bob.close()


async def test_a_change_of_layers_waits_for_a_key_frame_and_looks_like_one_stream(
    server: MediaServer, router: Router
) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    for _ in range(3):
        await camera.frame(keyframe=True)
        await settled(server)
    consumer = bob.consumer("camera").consumer_id
    for wanted, rid in (("low", b"q"), ("medium", b"h"), ("high", b"f"), ("low", b"q")):
        before = requests(ann, LAYERS[rid])
        bob.peer.update_consumer(consumer, None, wanted)
        await camera.frame()
        await until(lambda rid=rid, before=before: requests(ann, LAYERS[rid]) > before, "a key frame request")  # type: ignore[misc]
        await camera.frame(keyframe=True)
        await camera.frame()
        await settled(server)
        assert bob.got(bob.ssrcs("camera")[0])[-1].payload[-1:] == rid
        assert bob.listener.updates[-1][2] == wanted
    got = bob.got(bob.ssrcs("camera")[0])
    assert [packet.seq - got[0].seq for packet in got] == list(range(len(got)))
    times = [(packet.timestamp - got[0].timestamp) & 0xFFFFFFFF for packet in got]
    assert times == sorted(set(times)), "time never stands still or runs back"
    assert times[-1] < 90_000 * 30, "a change of layers is no jump in time"
    pictures = [(picture_id(packet.payload) - picture_id(got[0].payload)) & 0x7FFF for packet in got]
    assert pictures == sorted(set(pictures)), "picture ids rise"
    ann.close()
    bob.close()


async def test_after_a_change_of_layers_retransmissions_carry_the_rewritten_picture_id(
    server: MediaServer, router: Router
) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    for _ in range(2):
        await camera.frame(keyframe=True)
        await settled(server)
    bob.peer.update_consumer(bob.consumer("camera").consumer_id, None, "low")
    await camera.frame(keyframe=True)
    await camera.frame()
    await settled(server)
    media_ssrc, rtx_ssrc = bob.ssrcs("camera")
    last = bob.got(media_ssrc)[-1]
    await bob.feedback(Nack(1, media_ssrc, [last.seq]).to_bytes())
    await until(lambda: bob.got(rtx_ssrc), "the retransmission")
    assert bob.got(rtx_ssrc)[0].payload[2:] == last.payload
    ann.close()
    bob.close()


async def test_when_the_forwarded_layer_ends_a_smaller_one_takes_its_place(server: MediaServer, router: Router) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    for _ in range(2):
        await camera.frame(keyframe=True)
        await settled(server)

    async def small_ones() -> bool:
        await camera.frame(keyframe=True, rids=(b"q", b"h"))
        return bob.got(bob.ssrcs("camera")[0])[-1].payload[-1:] == b"h"

    for _ in range(60):
        if await small_ones():
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("the medium layer never came")
    ann.close()
    bob.close()


async def test_a_subscriber_without_bandwidth_gets_the_small_layer_and_is_told(
    server: MediaServer, router: Router
) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    big = 0

    async def squeezed() -> bool:
        nonlocal big
        for _ in range(8):
            await camera.frame(keyframe=True)
        await bob.feedback(Remb(1, 100_000, [bob.ssrcs("camera")[0]]).to_bytes())
        big += 1
        return bool(bob.listener.updates) and bob.listener.updates[-1][2] in ("low", None)

    for _ in range(80):
        if await squeezed():
            break
        await asyncio.sleep(0.03)
    else:
        raise AssertionError("the layer was never lowered")
    ann.close()
    bob.close()


async def test_a_retransmission_of_one_layer_is_not_taken_for_another(server: MediaServer, router: Router) -> None:
    ann, bob = await simulcast(server, router)
    camera = Camera(ann)
    await camera.frame(keyframe=True)
    await settled(server)
    await camera.frame(keyframe=True)
    seq, timestamp, picture = camera.start[b"f"]
    lost = vp8((picture + camera.frames) & 0x7FFF)
    camera.frames += 1
    await camera.frame()
    extensions = {MID: b"1", REPAIRED: b"f", TRANSPORT_CC: ann.count()}
    packet = struct.pack("!H", seq + 2) + lost
    moment = (timestamp + 6_000) & 0xFFFFFFFF
    await ann.send(media(0x301, 1, moment, packet, RTX, 1, extensions))
    await settled(server)
    pictures = [item.payload[4:] for item in bob.got(bob.ssrcs("camera")[0])]
    assert lost[4:] in pictures, "what follows the picture id is as it was"
    ann.close()
    bob.close()


# --- coming and going ------------------------------------------------------------------------------------------------


async def test_who_leaves_takes_their_tracks_along(pair: tuple[Participant, Participant], router: Router) -> None:
    _, bob = pair
    assert {info.source for info in bob.listener.offers[-1].consumers} == {"microphone", "camera"}
    router.remove_peer("ann")
    await bob.answer()
    assert bob.listener.offers[-1].consumers == []
    router.remove_peer("ann")


async def test_a_track_that_ends_and_one_that_begins_are_one_offer_each_and_reuse_the_section(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    mid = bob.consumer("camera").mid
    await ann.publish("microphone")
    await bob.answer()
    assert [info.source for info in bob.listener.offers[-1].consumers] == ["microphone"]
    await ann.publish("microphone", "screen")
    await bob.answer()
    assert bob.consumer("screen").mid == mid
    assert len(bob.listener.offers) == 3
    await show(ann, 1, ssrc=0x9999)
    await bob.receives("screen", 1)


async def test_while_an_offer_is_unanswered_changes_wait_and_come_as_one(server: MediaServer, router: Router) -> None:
    ann, bob, carl = (Participant(server, router, name) for name in ("ann", "bob", "carl"))
    await ann.publish("microphone")
    await ann.publish("microphone", "camera")
    await carl.publish("microphone")
    assert len(bob.listener.offers) == 1
    await bob.answer()
    assert len(bob.listener.offers) == 2
    assert len(bob.listener.offers[-1].consumers) == 3
    for person in (ann, bob, carl):
        person.close()


async def test_a_browser_that_starts_over_stays_the_same_to_its_subscribers(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    await show(ann, 100)
    await bob.receives("camera", 1)
    producers, offers = dict(ann.producers), len(bob.listener.offers)
    ann.close()
    ann.up = IceClient("anew", OTHER_CERTIFICATE)
    offer = publish_offer([("audio", "0"), ("video", "1")], ufrag="anew", certificate=OTHER_CERTIFICATE)
    result = ann.peer.publish(offer, [TrackIntent("0", "microphone"), TrackIntent("1", "camera")])
    assert {key for _, key in result.producers} == set(producers.values())
    ann.up.server_ufrag, ann.up.server_password = credential(result.sdp, "ufrag"), credential(result.sdp, "pwd")
    await ann._connect(ann.up)
    await show(ann, 40_000, ssrc=0x7777)
    got = await bob.receives("camera", 2)
    assert got[1].seq == got[0].seq + 1
    assert 0 < (got[1].timestamp - got[0].timestamp) & 0xFFFFFFFF < 90_000 * 10
    assert len(bob.listener.offers) == offers


async def test_a_fresh_subscribe_transport_carries_on_with_other_ssrcs(pair: tuple[Participant, Participant]) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    before = bob.ssrcs("camera")
    bob.peer.restart_subscribe(fresh=True)
    assert bob.listener.offers[-1].fresh
    await bob.answer()
    assert set(bob.ssrcs("camera")).isdisjoint(before)
    await show(ann, 2)
    await bob.receives("camera", 1)


async def test_an_ice_restart_of_the_subscribe_transport_keeps_media_flowing(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    old = bob.down.server_ufrag
    bob.peer.restart_subscribe(fresh=False)
    assert not bob.listener.offers[-1].fresh
    await show(ann, 2)
    await bob.receives("camera", 2)
    await bob.answer()
    assert bob.down.server_ufrag != old
    await bob.down.check(bob.down.udp(bob.server.endpoint.udp_port))
    await show(ann, 3)
    await bob.receives("camera", 3)


async def test_an_answer_that_lies_is_refused_and_a_stale_one_ignored(pair: tuple[Participant, Participant]) -> None:
    ann, bob = pair
    await ann.publish("microphone", "camera", "screen")
    offer = bob.listener.offers[-1]
    with pytest.raises(SdpError):
        bob.peer.answer_subscribe(offer.offer_id, "v=0\r\n")
    bob.peer.answer_subscribe(offer.offer_id - 1, "nonsense")
    await bob.answer()
    await show(ann, 1)
    await bob.receives("camera", 1)


# --- reports ---------------------------------------------------------------------------------------------------------


async def test_a_publisher_is_told_what_arrived_so_that_its_estimate_can_rise(
    pair: tuple[Participant, Participant],
) -> None:
    ann, _ = pair
    for seq in range(30):
        await show(ann, seq)
    await until(lambda: any(data[1] == 205 and data[0] & 31 == 15 for data in ann.up.rtcp), "transport-wide feedback")
    await until(
        lambda: any(
            isinstance(item, ReceiverReport) and any(block.ssrc == CAMERA for block in item.reports)
            for item in sent_to(ann.up)
        ),
        "a receiver report",
    )


async def test_sender_reports_reach_subscribers_on_their_own_clock_and_ssrc(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    await show(ann, 1, frame=30)
    got = await bob.receives("camera", 1)
    publisher_clock = time.time() - 1_000  # it is wrong, as people's clocks are
    report = SenderReport(CAMERA, ntp_time(publisher_clock), 90_000, 1, 100)
    assert ann.up.way is not None
    ann.up.way.send(ann.up.dtls._tx_srtp.protect_rtcp(report.to_bytes()))

    def translated() -> list[SenderReport]:
        return [
            item for item in sent_to(bob.down) if isinstance(item, SenderReport) and item.ssrc == bob.ssrcs("camera")[0]
        ]

    await until(lambda: translated(), "a sender report")
    first = translated()[0]
    assert abs(seconds_of(first.ntp) - time.time()) < 5
    elapsed = (first.rtp_timestamp - got[0].timestamp) / 90_000
    assert 0 <= elapsed < 5
    assert first.packet_count == 1


async def test_round_trip_and_loss_of_a_subscriber_are_seen(pair: tuple[Participant, Participant]) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    block = ReportBlock(bob.ssrcs("camera")[0], 64, 1, 5, 0, 0, 0)
    await bob.feedback(compound([ReceiverReport(1, [block])]))
    await until(lambda: any(item.fraction_lost == 0.25 for item in bob.peer.stats().consumers), "the loss")
    health = health_of(bob.peer)
    assert (health.received, health.received_lost) == (1, 0.25)


async def test_what_a_publisher_should_have_delivered_and_did_not_is_seen(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    for seq in (1, 2, 3, 6):
        await show(ann, seq)
    await until(lambda: health_of(ann.peer).sent == 6, "four of six")
    assert health_of(ann.peer).sent_lost == 2
    assert health_of(bob.peer).sent == 0


async def test_who_gets_no_picture_for_lack_of_bandwidth_is_starved_and_who_paused_it_is_not(
    pair: tuple[Participant, Participant],
) -> None:
    ann, bob = pair
    await show(ann, 1)
    await bob.receives("camera", 1)
    assert not health_of(bob.peer).starved
    (camera,) = [item for item in bob.peer.subscriber.consumers.values() if item.producer.source == "camera"]
    camera.allowed = -1
    assert health_of(bob.peer).starved
    bob.peer.update_consumer(camera.consumer_id, True, None)
    assert not health_of(bob.peer).starved


async def test_who_speaks_becomes_active_speaker_and_silence_ends_it(
    pair: tuple[Participant, Participant], router: Router
) -> None:
    ann, _ = pair
    speakers: list[str | None] = []
    levels: list[dict[str, int]] = []
    router.on_active_speaker = lambda speaker, _: speakers.append(speaker)
    router.on_levels = levels.append
    seq = 0

    async def speaking() -> bool:
        nonlocal seq
        seq += 1
        await say(ann, seq, level=20)
        await asyncio.sleep(0.02)
        return speakers == ["ann"]

    for _ in range(200):
        if await speaking():
            break
    assert speakers == ["ann"]
    assert levels[-1]["ann"] < 50
    await until(lambda: speakers == ["ann", None], "silence")


async def test_a_speaker_who_turns_the_camera_off_goes_on_speaking_and_one_who_mutes_does_not(
    pair: tuple[Participant, Participant], router: Router
) -> None:
    ann, _ = pair
    producers = {producer.source: producer.producer_id for producer in ann.peer.publisher.producers.values()}
    levels: list[dict[str, int]] = []
    router.on_levels = levels.append
    later = time.monotonic() + 60

    def heard(now: float) -> list[str]:
        router.heard("ann", 20, now)
        router.heard("ann", 20, now + 0.3)
        return look(now + 0.3)

    def look(now: float) -> list[str]:
        levels.clear()
        router.tick(now)
        return [person for found in levels for person in found]

    assert heard(later) == ["ann"]
    ann.peer.set_muted(producers["camera"], True)
    assert look(later + 0.51) == ["ann"]
    ann.peer.publish(publish_offer([("audio", "0")]), [TrackIntent("0", "microphone")])
    assert look(later + 0.72) == ["ann"]
    assert heard(later + 1.0) == ["ann"]
    ann.peer.set_muted(producers["microphone"], True)
    assert look(later + 1.51) == []


# --- harm ------------------------------------------------------------------------------------------------------------


async def test_offers_that_state_ever_new_ssrcs_leave_nothing_behind(server: MediaServer, router: Router) -> None:
    eve = Participant(server, router, "eve")
    for number in range(300):
        media, repair = 2 * number + 1, 2 * number + 2
        offer = publish_offer([("video", "0")], ssrcs={"0": media})
        offer += f"a=ssrc:{repair} cname:somebody\r\na=ssrc-group:FID {media} {repair}\r\n"
        eve.peer.publish(offer, [TrackIntent("0", "camera")])
    assert eve.peer.publisher._streams.keys() == {599, 600}
    assert len(eve.peer.publisher._retired) <= 64
    eve.close()


async def test_whatever_an_authenticated_publisher_sends_the_others_go_on(
    pair: tuple[Participant, Participant], server: MediaServer, router: Router
) -> None:
    ann, bob = pair
    eve = Participant(server, router, "eve")
    await eve.publish("microphone", "camera")
    await bob.answer()
    generator = random.Random(7)
    for number in range(400):
        ssrc = generator.choice([MIC, CAMERA, 0, 0xFFFFFFFF, number])
        payload = generator.randbytes(generator.randrange(0, 1200))
        extensions = {generator.randrange(1, 15): generator.randbytes(generator.randrange(1, 16)) for _ in range(3)}
        packet = media(ssrc, number * 977, number, payload, generator.randrange(128), 1, extensions)
        try:
            await eve.send(packet)
        except Exception:  # pylibsrtp refuses to send some of them at all
            continue
    for _ in range(200):
        data = bytearray(generator.randbytes(generator.randrange(8, 200)))
        data[0], data[1] = 0x80 | data[0] & 31, 200 + data[1] % 8
        assert eve.up.way is not None
        eve.up.way.send(eve.up.dtls._tx_srtp.protect_rtcp(bytes(data)))
        eve.up.way.send(generator.randbytes(generator.randrange(0, 1500)))
    await settled(server)
    await say(ann, 1, b"still here")
    got = [packet for packet in await bob.receives("microphone", 1) if packet.payload == b"still here"]
    assert got
    assert len(eve.peer.publisher._streams) <= 64
    assert server.endpoint.dump()["failures"] == 0
    eve.close()


async def test_feedback_about_other_peoples_streams_has_no_effect(
    pair: tuple[Participant, Participant], server: MediaServer, router: Router
) -> None:
    ann, bob = pair
    eve = Participant(server, router, "eve")
    await eve.answer()
    await show(ann, 1)
    await bob.receives("camera", 1)
    await eve.receives("camera", 1)
    before = len(bob.down.rtp)
    media_ssrc = bob.ssrcs("camera")[0]
    await eve.feedback(Nack(1, media_ssrc, list(range(100))).to_bytes())
    await eve.feedback(PictureLoss(1, media_ssrc).to_bytes())
    await settled(server)
    assert len(bob.down.rtp) == before
    assert server._discarded.foreign_rtcp == 2
    eve.close()
