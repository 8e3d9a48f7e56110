"""One transport against a browser's end of our own, over loopback sockets."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import time
from collections.abc import AsyncIterator

import pytest

from parley.sfu.endpoint import EndpointConfig, MediaEndpoint
from parley.sfu.sockets import MAX_TCP_BACKLOG
from parley.sfu.transport import FAILED_AFTER, MAX_EARLY_PACKETS, MAX_SSRCS, Kind, TransportError
from tests.sfu.ice_client import OTHER_CERTIFICATE, IceClient, fingerprints, receiver_report, rtp, until

LOCAL = EndpointConfig(hosts=("127.0.0.1", "::1"), udp_port=0, tcp_port=0)


@pytest.fixture
async def endpoint() -> AsyncIterator[MediaEndpoint]:
    endpoint = MediaEndpoint(LOCAL)
    await endpoint.start()
    yield endpoint
    await endpoint.close()


class Meeting:
    """A transport and the client at its other end, with what the transport said."""

    def __init__(self, endpoint: MediaEndpoint, kind: Kind = "publish") -> None:
        self.endpoint = endpoint
        self.transport = endpoint.create_transport(kind)
        self.client = IceClient()
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.states: list[str] = []
        self.transport.on_rtp = lambda buffer, length, now: self.rtp.append(bytes(buffer[:length]))
        self.transport.on_rtcp = lambda data, now: self.rtcp.append(data)
        self.transport.on_state = self.states.append
        self.learn()

    def learn(self) -> None:
        """What signalling tells the client."""
        self.client.server_ufrag = self.transport.ice.local.ufrag
        self.client.server_password = self.transport.ice.local.password

    def tell(self) -> None:
        """What signalling tells the server."""
        self.transport.set_remote(self.client.ufrag, self.client.password, fingerprints())

    async def connect(self) -> Meeting:
        self.tell()
        await self.client.check(self.client.udp(self.endpoint.udp_port))
        await self.client.handshake(self.endpoint.fingerprint)
        assert self.client.dtls.state == "connected"
        await until(lambda: self.transport.state == "connected", "the transport's connection")
        return self

    def send(self, seq: int, ssrc: int = 0x5555) -> None:
        """One packet from the server."""
        batch = self.transport.outbound.batch
        assert batch is not None
        batch.queue(self.transport.outbound, rtp(0, payload=b"forwarded %d" % seq), 96, seq, seq * 90, ssrc)
        self.endpoint.plane.flush()

    async def media_flows(self, seq: int) -> None:
        """One packet each way arrives."""
        before, heard = len(self.rtp), len(self.client.rtp)
        await self.client.send_rtp(rtp(seq))
        await until(lambda: len(self.rtp) > before, "a packet to the server")
        self.send(seq)
        await until(lambda: len(self.client.rtp) > heard, "a packet to the client")
        assert self.rtp[-1] == rtp(seq)
        assert self.client.rtp[-1] == struct.pack("!BBHII", 0x80, 96, seq, seq * 90, 0x5555) + b"forwarded %d" % seq


def dtls_hello() -> bytes:
    """The first bytes of a ClientHello."""
    return bytes.fromhex("16feff0000000000000000") + struct.pack("!H", 200) + b"\x01" + bytes(199)


# --- the whole way ----------------------------------------------------------------------------------------------------


async def test_media_and_feedback_go_both_ways_encrypted_with_gcm(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    await meeting.media_flows(1)
    await meeting.media_flows(2)
    await meeting.client.send_rtp(receiver_report())
    await until(lambda: meeting.rtcp, "feedback to the server")
    assert meeting.rtcp == [receiver_report()]
    assert meeting.transport.send_rtcp(receiver_report(9))
    await until(lambda: meeting.client.rtcp, "feedback to the client")
    assert meeting.client.rtcp == [receiver_report(9)]
    assert meeting.states == ["connecting", "connected"]

    report = meeting.transport.report(time.monotonic())
    assert report.srtp_profile.startswith("SRTP_AEAD_AES")
    assert report.protocol == "udp"
    assert report.remote == "{}:{}".format(*meeting.client.ways[0].address)
    assert (report.packets_in, report.packets_out) == (3, 3)
    assert report.bytes_in > 3 * 16
    assert meeting.client.raw[-1] not in (receiver_report(9),)
    await meeting.client.close()


async def test_the_same_works_over_ipv6(endpoint: MediaEndpoint) -> None:
    meeting = Meeting(endpoint)
    meeting.tell()
    way = meeting.client.udp(endpoint.udp_port, "::1")
    response = await meeting.client.check(way)
    assert response.attributes["XOR-MAPPED-ADDRESS"] == way.address
    await meeting.client.handshake(endpoint.fingerprint)
    await until(lambda: meeting.transport.state == "connected", "connection")
    await meeting.media_flows(1)
    assert meeting.transport.report(0).remote == f"[::1]:{way.address[1]}"
    await meeting.client.close()


async def test_the_same_works_over_tcp(endpoint: MediaEndpoint) -> None:
    meeting = Meeting(endpoint)
    meeting.tell()
    assert endpoint.tcp_port is not None
    await meeting.client.check(await meeting.client.tcp(endpoint.tcp_port))
    await meeting.client.handshake(endpoint.fingerprint)
    await until(lambda: meeting.transport.state == "connected", "connection")
    await meeting.media_flows(1)
    assert meeting.transport.report(0).protocol == "tcp"
    await meeting.client.close()
    await until(lambda: meeting.transport.state == "closed", "the close_notify")


async def test_a_browser_may_check_before_its_answer_has_arrived_here(endpoint: MediaEndpoint) -> None:
    meeting = Meeting(endpoint, "subscribe")
    await meeting.client.check(meeting.client.udp(endpoint.udp_port))
    handshake = asyncio.ensure_future(meeting.client.handshake(endpoint.fingerprint))
    await asyncio.sleep(0.02)
    assert meeting.transport.state == "new"
    assert not handshake.done(), "nobody shakes hands with somebody whose certificate he doesn't know"
    meeting.tell()
    await handshake
    await until(lambda: meeting.transport.state == "connected", "connection")
    await meeting.client.close()


# --- DTLS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to the server", "to the client"])
@pytest.mark.parametrize("flight", [0, 1])
async def test_a_lost_flight_of_the_handshake_is_sent_again(
    endpoint: MediaEndpoint, direction: str, flight: int
) -> None:
    meeting = Meeting(endpoint)
    meeting.tell()
    count = 0

    def drop(data: bytes) -> bool:
        nonlocal count
        count += 1
        return count == flight + 1

    if direction == "to the server":
        meeting.client.drop_out = drop
    else:
        meeting.client.drop_in = drop
    await meeting.client.check(meeting.client.udp(endpoint.udp_port))
    await asyncio.wait_for(meeting.client.handshake(endpoint.fingerprint), 5)
    await until(lambda: meeting.transport.state == "connected", "connection")
    assert count > flight + 1
    await meeting.media_flows(1)
    await meeting.client.close()


async def test_a_certificate_that_signalling_did_not_announce_fails_the_transport(endpoint: MediaEndpoint) -> None:
    meeting = Meeting(endpoint)
    meeting.transport.set_remote(meeting.client.ufrag, meeting.client.password, fingerprints(OTHER_CERTIFICATE))
    await meeting.client.check(meeting.client.udp(endpoint.udp_port))
    handshake = asyncio.ensure_future(meeting.client.handshake(endpoint.fingerprint))
    await until(lambda: meeting.transport.state == "failed", "failure")
    assert meeting.transport.outbound.batch is None
    await handshake
    await meeting.client.send_rtp(rtp(1))
    await meeting.client.check(meeting.client.ways[0])
    assert meeting.rtp == []
    assert meeting.transport.state == "failed", "checks don't bring it back"
    await meeting.client.close()


async def test_a_handshake_that_never_comes_to_an_end_fails_the_transport(
    endpoint: MediaEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parley.sfu.dtls.HANDSHAKE_SECONDS", 0.05)
    meeting = Meeting(endpoint)
    meeting.tell()
    await until(lambda: meeting.transport.state == "failed", "failure")
    assert meeting.states == ["connecting", "failed"]


async def test_the_peers_close_notify_closes_the_transport(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    await meeting.client.dtls.stop()
    await until(lambda: meeting.transport.state == "closed", "the close")
    assert meeting.states[-1] == "closed"
    assert meeting.transport.outbound.batch is None


async def test_closing_sends_close_notify_and_forgets_everything(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    meeting.transport.close()
    meeting.transport.close()
    await until(lambda: meeting.client.dtls.state == "closed", "the client's notice")
    dump = endpoint.dump()
    assert (dump["transports"], dump["ufrags"], dump["sources"]) == (0, 0, 0)
    assert meeting.states[-1] == "connected", "who closes needs no notice"
    with pytest.raises(TransportError):
        meeting.tell()
    with pytest.raises(TimeoutError):
        await meeting.client.check(meeting.client.ways[0], seconds=0.1)


async def test_packets_that_overtake_the_last_flight_are_kept_until_the_keys_are_there(
    endpoint: MediaEndpoint,
) -> None:
    meeting = Meeting(endpoint)
    meeting.tell()
    await meeting.client.check(meeting.client.udp(endpoint.udp_port))
    held: list[bytes] = []

    def hold_the_last(data: bytes) -> bool:
        # the flight with the client's Finished (it follows its ChangeCipherSpec) is what the server's keys wait for
        if b"\x14\xfe\xfd" in data and not held:
            held.append(data)
            return True
        return False

    meeting.client.drop_out = hold_the_last
    way = meeting.client.ways[0]
    handshake = asyncio.ensure_future(meeting.client.handshake(endpoint.fingerprint))
    await until(lambda: held, "the client's last flight")
    # A client of DTLS 1.3 sends media at this point. This one can't yet: garbage stands in for it.
    for _ in range(1_000):
        way.send(b"\x80\x60" + bytes(100))
    await until(lambda: len(meeting.transport._early) == MAX_EARLY_PACKETS, "early packets")
    way.send(held[0])
    await handshake
    await until(lambda: meeting.transport.state == "connected", "connection")
    assert len(meeting.transport._early) == 0
    assert meeting.transport.inbound.rejected == MAX_EARLY_PACKETS
    await meeting.media_flows(1)
    await meeting.client.close()


async def test_genuine_early_packets_are_delivered_when_the_keys_come(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    keys, meeting.transport._dtls.srtp_in = meeting.transport._dtls.srtp_in, None
    for seq in (7, 8, 9):
        await meeting.client.send_rtp(rtp(seq))
    await until(lambda: len(meeting.transport._early) == 3, "early packets")
    assert meeting.rtp == []
    meeting.transport._dtls.srtp_in = keys
    meeting.transport._on_dtls_connected()
    assert meeting.rtp == [rtp(7), rtp(8), rtp(9)]
    await meeting.client.close()


# --- the path ---------------------------------------------------------------------------------------------------------


async def test_a_nominating_check_from_elsewhere_moves_media_at_once_between_udp_addresses_and_tcp(
    endpoint: MediaEndpoint,
) -> None:
    meeting = await Meeting(endpoint).connect()
    assert endpoint.tcp_port is not None
    home = meeting.client.way
    assert home is not None
    cafe = meeting.client.udp(endpoint.udp_port)
    train = await meeting.client.tcp(endpoint.tcp_port)
    ipv6 = meeting.client.udp(endpoint.udp_port, "::1")
    for seq, way in enumerate([cafe, train, home, ipv6, train, cafe, home], start=1):
        await meeting.client.check(way)
        by: list[object] = []
        received, way.received = way.received, lambda w, data, by=by, r=way.received: (by.append(w), r(w, data))
        await meeting.media_flows(seq)
        assert by == [way]
        way.received = received
    assert meeting.states == ["connecting", "connected"]
    await meeting.client.close()


async def test_a_check_without_nomination_verifies_a_way_but_does_not_move_media(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    spare = meeting.client.udp(endpoint.udp_port)
    await meeting.client.check(spare, nominate=False)
    await meeting.media_flows(1)
    before = len(meeting.rtp)
    spare.send(meeting.client.protect(rtp(2)))
    await until(lambda: len(meeting.rtp) > before, "a packet by the spare way")
    await meeting.client.close()


async def test_a_lost_tcp_connection_is_noticed_and_a_new_one_takes_over(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    assert endpoint.tcp_port is not None
    train = await meeting.client.tcp(endpoint.tcp_port)
    await meeting.client.check(train)
    train.close()
    await until(lambda: meeting.transport.outbound.batch is None, "the loss")
    meeting.transport.tick(time.monotonic())
    assert meeting.transport.state == "disconnected"
    assert not meeting.transport.send_rtcp(receiver_report())
    await meeting.client.check(await meeting.client.tcp(endpoint.tcp_port))
    assert meeting.transport.state == "connected"
    await meeting.media_flows(3)
    await meeting.client.close()


async def test_an_ice_restart_keeps_media_flowing_until_the_new_pair_is_nominated_and_after(
    endpoint: MediaEndpoint,
) -> None:
    meeting = await Meeting(endpoint).connect()
    old = meeting.transport.ice.local
    meeting.transport.restart_ice()
    assert meeting.transport.ice.local != old
    await meeting.media_flows(1)
    await meeting.client.check(meeting.client.ways[0])  # still with the old credentials

    meeting.client.ufrag = "next"
    meeting.learn()
    meeting.tell()
    await meeting.media_flows(2)
    new_way = meeting.client.udp(endpoint.udp_port)
    await meeting.client.check(new_way)
    await meeting.media_flows(3)
    meeting.client.server_ufrag, meeting.client.server_password = old.ufrag, old.password
    with pytest.raises(TimeoutError):
        await meeting.client.check(meeting.client.ways[0], seconds=0.1)
    assert endpoint.dump()["ufrags"] == 1
    assert meeting.states == ["connecting", "connected"], "the DTLS association was kept"
    await meeting.client.close()


async def test_the_browsers_own_ice_restart_renews_ours_and_another_certificate_is_refused(
    endpoint: MediaEndpoint,
) -> None:
    meeting = await Meeting(endpoint).connect()
    before = meeting.transport.ice.local
    meeting.tell()
    assert meeting.transport.ice.local == before, "the same again changes nothing"
    meeting.client.ufrag = "next"
    meeting.tell()
    assert meeting.transport.ice.local != before
    meeting.learn()
    await meeting.client.check(meeting.client.ways[0])
    await meeting.media_flows(1)
    with pytest.raises(TransportError):
        meeting.transport.set_remote("more", "password" * 4, fingerprints(OTHER_CERTIFICATE))
    await meeting.client.close()


async def test_silence_disconnects_and_then_fails_and_a_check_brings_it_back(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    transport = meeting.transport
    seen = transport.last_seen
    transport.tick(seen + 6.4)
    assert transport.state == "connected"
    transport.tick(seen + 6.6)
    assert transport.state == "disconnected"
    transport.tick(seen + FAILED_AFTER + 0.1)
    assert transport.state == "failed"
    assert transport.outbound.batch is None, "consent ran out: nothing more is sent there"
    await meeting.client.check(meeting.client.ways[0])
    assert transport.state == "connected"
    await meeting.media_flows(1)
    assert meeting.states == ["connecting", "connected", "disconnected", "failed", "connected"]
    await meeting.client.close()


async def test_authentic_media_counts_as_a_sign_of_life_and_forged_media_does_not(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    transport = meeting.transport
    transport.inbound.last_seen = 0.0
    meeting.client.ways[0].send(b"\x80\x60" + bytes(60))
    await until(lambda: transport.inbound.rejected == 1, "the forged packet")
    assert transport.last_seen == 0.0
    await meeting.media_flows(1)
    assert transport.last_seen > 0.0
    await meeting.client.close()


async def test_bitrates_are_measured_between_ticks(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    now = time.monotonic()
    meeting.transport.tick(now)
    await meeting.media_flows(1)
    meeting.transport.tick(now + 1.0)
    report = meeting.transport.report(now + 1.0)
    assert report.bitrate_in == 8 * report.bytes_in
    assert report.bitrate_out == 8 * report.bytes_out
    await meeting.client.close()


# --- hostile peers ----------------------------------------------------------------------------------------------------


async def test_strangers_are_never_answered_and_never_heard(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    stranger = IceClient("evil")
    way = stranger.udp(endpoint.udp_port)
    stranger.server_ufrag = meeting.transport.ice.local.ufrag
    stranger.server_password = "guessed-password-of-the-server"
    way.send(bytes(stranger.request()))  # our fragment, without the password
    stranger.server_password = meeting.transport.ice.local.password
    way.send(bytes(stranger.request()))  # even with it: the other fragment is wrong
    way.send(dtls_hello())
    way.send(meeting.client.protect(rtp(1)))
    noise = random.Random(4)
    for size in (0, 1, 2, 11, 12, 19, 20, 21, 100, 1_500, 1_501, 2_048, 4_000):
        for first in (0, 1, 3, 4, 20, 22, 64, 127, 128, 191, 192, 255):
            way.send((bytes([first]) + noise.randbytes(max(size - 1, 0)))[:size])
    await meeting.media_flows(2)
    assert stranger.raw == []
    assert meeting.rtp == [rtp(2)]
    assert endpoint.dropped.unknown_source > 100
    assert endpoint.dropped.failures == 0
    await stranger.close()
    await meeting.client.close()


async def test_a_verified_peer_may_send_any_bytes_and_only_harms_himself(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    victim = await Meeting(endpoint).connect()
    noise = random.Random(5)
    way = meeting.client.ways[0]
    for _ in range(40):
        for first in (0, 4, 20, 22, 23, 63, 128, 144, 191, 255):
            size = noise.choice([0, 1, 3, 8, 11, 12, 13, 30, 300, 1_400, 1_600])
            way.send((bytes([first]) + noise.randbytes(size))[: size + 1])
        await asyncio.sleep(0)
    await victim.media_flows(1)
    assert endpoint.dropped.failures == 0
    assert meeting.rtp == []
    await meeting.media_flows(1)
    await meeting.client.close()
    await victim.client.close()


async def test_junk_before_and_within_a_handshake_does_not_break_it(endpoint: MediaEndpoint) -> None:
    meeting = Meeting(endpoint)
    meeting.tell()
    way = meeting.client.udp(endpoint.udp_port)
    await meeting.client.check(way)
    for first in range(20, 64):
        way.send(bytes([first]) + os.urandom(40))
    way.send(dtls_hello())
    await asyncio.sleep(0.02)
    await asyncio.wait_for(meeting.client.handshake(endpoint.fingerprint), 10)
    await until(lambda: meeting.transport.state in ("connected", "failed"), "an end")
    assert endpoint.dropped.failures == 0
    await meeting.client.close()


async def test_an_address_is_not_taken_from_the_transport_that_proved_it(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    thief = endpoint.create_transport("publish")
    thief.set_remote("evil", "password" * 4, fingerprints())
    forged = IceClient("evil")
    forged.server_ufrag, forged.server_password = thief.ice.local.ufrag, thief.ice.local.password
    meeting.client.ways[0].send(bytes(forged.request()))  # as if with a forged source address
    await until(lambda: endpoint.dropped.claimed == 1, "the refusal")
    await meeting.media_flows(1)
    meeting.transport.close()
    meeting.client.ways[0].send(bytes(forged.request()))
    await until(lambda: thief.ice.sources(), "the address is free again")
    await meeting.client.close()


async def test_one_peer_sends_from_a_bounded_number_of_ssrcs(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    for ssrc in range(200):
        await meeting.client.send_rtp(rtp(1, ssrc=1_000 + ssrc))
    await meeting.client.send_rtp(receiver_report(77))
    await meeting.client.send_rtp(rtp(2, ssrc=1_000))
    await until(lambda: meeting.rtp and meeting.rtp[-1] == rtp(2, ssrc=1_000), "the last packet")
    assert len(meeting.rtp) == MAX_SSRCS + 1
    assert meeting.rtcp == []
    assert meeting.transport.inbound.rejected == 200 - MAX_SSRCS + 1
    await meeting.client.close()


async def test_a_replayed_packet_is_heard_once(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    packet = meeting.client.protect(rtp(5))
    for _ in range(3):
        meeting.client.ways[0].send(packet)
    await meeting.media_flows(6)
    assert meeting.rtp == [rtp(5), rtp(6)]
    assert meeting.transport.inbound.rejected == 2
    await meeting.client.close()


async def test_media_from_a_subscriber_is_not_even_decrypted_but_its_feedback_is(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint, "subscribe").connect()
    await meeting.client.send_rtp(rtp(1))
    await meeting.client.send_rtp(receiver_report())
    await until(lambda: meeting.rtcp, "feedback")
    assert meeting.rtp == []
    assert meeting.transport.inbound.rejected == 1
    await meeting.client.close()


async def test_an_owner_that_fails_does_not_take_the_endpoint_with_it(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    victim = await Meeting(endpoint).connect()

    def fail(buffer: bytearray, length: int, now: float) -> None:
        raise RuntimeError("a bug of the owner's")

    meeting.transport.on_rtp = fail
    await meeting.client.send_rtp(rtp(1))
    await until(lambda: endpoint.dropped.failures == 1, "the failure's count")
    await victim.media_flows(1)
    await meeting.client.close()
    await victim.client.close()


# --- hostile TCP ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\n\r\n", b"\xff\xff" + bytes(50), b"\0\x05hello", b"\0\0", b"\0\x14" + bytes(20)],
)
async def test_a_connection_that_does_not_begin_with_a_valid_check_is_cut_off_unanswered(
    endpoint: MediaEndpoint, said: bytes
) -> None:
    assert endpoint.tcp_port is not None
    client = IceClient()
    way = await client.tcp(endpoint.tcp_port)
    way.transport.write(said)
    await until(lambda: way.closed, "the cut")
    assert client.raw == []
    await until(lambda: endpoint.dump()["tcp_connections"] == 0, "the end of the connection")


async def test_a_connection_that_says_nothing_is_closed_after_five_seconds(endpoint: MediaEndpoint) -> None:
    assert endpoint.tcp_port is not None
    client = IceClient()
    way = await client.tcp(endpoint.tcp_port)
    await until(lambda: endpoint.dump()["tcp_connections"] == 1, "the connection")
    way.transport.write(b"\0")
    endpoint.tick(time.monotonic() + 4.5)
    await asyncio.sleep(0.01)
    assert not way.closed
    endpoint.tick(time.monotonic() + 5.5)
    await until(lambda: way.closed, "the cut")


async def test_connections_from_one_address_are_bounded(
    endpoint: MediaEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parley.sfu.sockets.MAX_TCP_PER_HOST", 3)
    assert endpoint.tcp_port is not None
    client = IceClient()
    ways = [await client.tcp(endpoint.tcp_port) for _ in range(5)]
    await until(lambda: sum(way.closed for way in ways) == 2, "two refusals")
    assert endpoint.dump()["tcp_connections"] == 3
    for way in ways:
        way.close()
    await until(lambda: endpoint.dump()["tcp_connections"] == 0, "their end")


async def test_a_reader_that_is_too_slow_loses_packets_and_then_the_connection(endpoint: MediaEndpoint) -> None:
    meeting = await Meeting(endpoint).connect()
    assert endpoint.tcp_port is not None
    train = await meeting.client.tcp(endpoint.tcp_port)
    await meeting.client.check(train)
    train.transport.pause_reading()
    batch = meeting.transport.outbound.batch
    assert batch is not None
    packet = rtp(0, payload=bytes(1_100))
    seq = 0
    while batch.dropped == 0 and seq < 20_000:
        seq += 1
        batch.queue(meeting.transport.outbound, packet, 96, seq, seq, 0x5555)
    assert batch.dropped == 1
    path = meeting.transport.ice.selected
    assert path is not None
    assert path.protocol == "tcp"
    assert path._transport.get_write_buffer_size() < MAX_TCP_BACKLOG + 2_000
    endpoint.tick(time.monotonic() + 9.0)
    assert path.is_open
    endpoint.tick(time.monotonic() + 11.0)
    assert not path.is_open
    await until(lambda: meeting.transport.outbound.batch is None, "the loss")
    await meeting.client.close()
