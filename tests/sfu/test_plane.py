"""The plane: every way to send puts the same packets on the wire, and what was sent is counted as it was."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pylibsrtp
import pytest

from parley.sfu.native.library import loaded
from parley.sfu.native_plane import NativeBatch
from parley.sfu.outbound import Fan, NativeSequenceMapper, NativeStream, Outbound, Stream, new_stream
from parley.sfu.plane import SLOTS, Batch, GatheringBatch, Plane, PortableBatch, StreamBatch
from parley.sfu.sequence import SequenceMapper
from parley.sfu.srtp import SrtpContext

GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
CM = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
KEY = {GCM: os.urandom(28), CM: os.urandom(30)}
TEMPLATE = b"\x90" + bytes(11) + b"\xbe\xde\x00\x01\x12abc" + b"payload" * 40
WAYS: list[Callable[[socket.socket], Batch]] = [GatheringBatch, PortableBatch]
_native = loaded()
if _native is not None:
    WAYS.append(lambda sock: NativeBatch(sock, *_native))


class Subscriber:
    """Somebody who gets packets, at a socket of their own."""

    def __init__(self, batch: Batch, sock: socket.socket, ssrc: int, profile: int = GCM) -> None:
        self.sock = sock
        self.profile = profile
        self.tx = Outbound()
        self.tx.set_key(SrtpContext(profile, KEY[profile], "outbound"))
        self.tx.set_address(batch, sock.family, sock.getsockname())
        self.stream = (Stream if batch.cell is None else new_stream)(self.tx, ssrc, 90_000)
        self.number_from(100)

    def number_from(self, first_out: int) -> None:
        if isinstance(self.stream, NativeStream):
            self.stream.mapper = NativeSequenceMapper(self.stream.cell, first_out)
        else:
            self.stream.mapper = SequenceMapper(first_out)

    def arrived(self) -> list[bytes]:
        """What lies at the socket, encrypted."""
        found = []
        while True:
            try:
                found.append(self.sock.recv(4096))
            except BlockingIOError:
                return found

    def plain(self, packets: list[bytes]) -> list[bytes]:
        policy = pylibsrtp.Policy(KEY[self.profile], pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=self.profile)
        session = pylibsrtp.Session(policy)
        return [session.unprotect(packet) for packet in packets]


@pytest.fixture
def bound() -> Iterator[Callable[[int], socket.socket]]:
    """Makes bound UDP sockets of a family."""
    with ExitStack() as stack:

        def make(family: int = socket.AF_INET) -> socket.socket:
            sock = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            sock.setblocking(False)
            sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
            return sock

        yield make


def forward(batch: Batch, count: int, subscribers: list[Subscriber]) -> None:
    for seq in range(count):
        assert batch.forward(TEMPLATE, 0x80 | 96, seq, 3000 * seq, fan_of(*subscribers)) == []


def fan_of(*subscribers: Subscriber) -> Fan:
    return Fan([subscriber.stream for subscriber in subscribers])


def expected(seq: int, ssrc: int) -> bytes:
    head = bytes([0x90, 0x80 | 96]) + (100 + seq).to_bytes(2, "big") + (3000 * seq).to_bytes(4, "big")
    return head + ssrc.to_bytes(4, "big") + TEMPLATE[12:]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("profile", [GCM, CM])
def test_everybody_gets_the_template_with_numbers_of_their_own(
    bound: Callable[[int], socket.socket], way: Callable[[socket.socket], Batch], family: int, profile: int
) -> None:
    batch = way(bound(family))
    subscribers = [Subscriber(batch, bound(family), ssrc, profile) for ssrc in (7, 8, 9)]
    forward(batch, 5, subscribers)
    batch.flush()
    for subscriber in subscribers:
        arrived = subscriber.arrived()
        assert subscriber.plain(arrived) == [expected(seq, subscriber.stream.ssrc) for seq in range(5)]
        assert subscriber.tx.totals() == (5, sum(map(len, arrived)))
    assert (batch.sent, batch.dropped, batch.refused) == (15, 0, 0)


def test_both_ways_put_the_same_bytes_on_the_wire(bound: Callable[[int], socket.socket]) -> None:
    wires = []
    for way in WAYS:
        batch = way(bound(socket.AF_INET))
        subscriber = Subscriber(batch, bound(socket.AF_INET), 7)
        forward(batch, 3, [subscriber])
        assert batch.queue(subscriber.tx, TEMPLATE[:40], 97, 5, 1, 8)
        batch.flush()
        wires.append(subscriber.arrived())
        assert subscriber.tx.totals() == (4, sum(map(len, wires[-1])))
    assert all(wire == wires[0] for wire in wires)


@pytest.mark.parametrize("way", WAYS)
def test_more_packets_than_there_are_slots_all_leave_in_order(
    bound: Callable[[int], socket.socket], way: Callable[[socket.socket], Batch]
) -> None:
    batch = way(bound(socket.AF_INET))
    subscribers = [Subscriber(batch, bound(socket.AF_INET), ssrc) for ssrc in (7, 8, 9)]
    forward(batch, SLOTS, subscribers)
    batch.flush()
    for subscriber in subscribers:
        assert subscriber.plain(subscriber.arrived()) == [expected(seq, subscriber.stream.ssrc) for seq in range(SLOTS)]


@pytest.mark.parametrize("way", WAYS)
def test_who_is_reached_in_another_way_is_handed_back_and_who_is_not_there_is_left_out(
    bound: Callable[[int], socket.socket], way: Callable[[socket.socket], Batch]
) -> None:
    batch, other = way(bound(socket.AF_INET)), way(bound(socket.AF_INET6))
    here = Subscriber(batch, bound(socket.AF_INET), 7)
    elsewhere = Subscriber(other, bound(socket.AF_INET6), 8)
    gone = Subscriber(batch, bound(socket.AF_INET), 9)
    gone.tx.clear_path()
    assert batch.forward(TEMPLATE, 96, 0, 0, fan_of(elsewhere, gone, here)) == [elsewhere.stream]
    batch.flush()
    assert len(here.arrived()) == 1
    assert gone.stream.packets == elsewhere.stream.packets == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_never_encrypted_twice_and_the_refusal_leaves_no_trace(
    bound: Callable[[int], socket.socket], way: Callable[[socket.socket], Batch]
) -> None:
    batch = way(bound(socket.AF_INET))
    subscriber = Subscriber(batch, bound(socket.AF_INET), 7)
    forward(batch, 2, [subscriber])
    subscriber.number_from(100)
    forward(batch, 3, [subscriber])
    assert not batch.queue(subscriber.tx, TEMPLATE, 96, 100, 0, 7)
    batch.flush()
    arrived = subscriber.arrived()
    assert len(arrived) == 3
    assert batch.refused == 3
    assert subscriber.tx.totals() == (3, sum(map(len, arrived)))


def test_an_address_that_cannot_be_sent_to_harms_nobody_else(bound: Callable[[int], socket.socket]) -> None:
    batch = GatheringBatch(bound(socket.AF_INET))
    good, bad = (Subscriber(batch, bound(socket.AF_INET), ssrc) for ssrc in (7, 8))
    bad.tx.set_address(batch, socket.AF_INET, ("255.255.255.255", 9))  # needs SO_BROADCAST
    forward(batch, 3, [bad, good])
    batch.flush()
    assert len(good.arrived()) == 3
    assert (batch.sent, batch.dropped) == (3, 3)


def test_what_a_stream_sent_stays_counted_when_it_ends(bound: Callable[[int], socket.socket]) -> None:
    batch = GatheringBatch(bound(socket.AF_INET))
    subscriber = Subscriber(batch, bound(socket.AF_INET), 7)
    forward(batch, 3, [subscriber])
    before = subscriber.tx.totals()
    assert before[0] == 3
    subscriber.tx.drop(subscriber.stream)
    subscriber.tx.drop(subscriber.stream)
    assert subscriber.tx.totals() == before
    subscriber.tx.adopt(subscriber.stream)
    assert subscriber.tx.totals() == before, "what it counted before isn't counted again"


def test_a_connection_takes_its_packets_at_once(bound: Callable[[int], socket.socket]) -> None:
    batch = StreamBatch()
    subscriber = Subscriber(batch, bound(socket.AF_INET), 7)
    frames: list[bytes] = []
    subscriber.tx.set_stream(batch, lambda data: frames.append(data) is None)
    forward(batch, 2, [subscriber])
    assert subscriber.plain(frames) == [expected(seq, 7) for seq in range(2)]
    subscriber.tx.set_stream(batch, lambda data: False)
    assert batch.forward(TEMPLATE, 96, 2, 0, fan_of(subscriber)) == []
    assert (batch.sent, batch.dropped) == (2, 1)


def test_the_plane_flushes_what_each_socket_gathered(bound: Callable[[int], socket.socket]) -> None:
    plane = Plane()
    batches = [GatheringBatch(bound(family)) for family in (socket.AF_INET, socket.AF_INET6)]
    families = (socket.AF_INET, socket.AF_INET6)
    subscribers = [Subscriber(batch, bound(family), 7) for batch, family in zip(batches, families, strict=True)]
    for batch, subscriber in zip(batches, subscribers, strict=True):
        plane.add(batch)
        forward(batch, 2, [subscriber])
    plane.flush()
    assert [len(subscriber.arrived()) for subscriber in subscribers] == [2, 2]
    assert plane.counters() == {"sent": 4, "dropped": 0, "refused": 0}
