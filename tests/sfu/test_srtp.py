"""Packets are encrypted in the caller's buffer, and the private names of pylibsrtp that this takes are still there."""

from __future__ import annotations

import random
import struct

import pylibsrtp
import pytest

from parley.sfu.srtp import TRAILER, WINDOW, SrtpContext, address_of, length_at, protect_in_place, writable
from tests.sfu.ice_client import receiver_report, rtp

PROFILES = {
    pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM: 28,
    pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM: 44,
    pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80: 30,
}
GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM


class Pair:
    """Our two directions with the same key, and pylibsrtp's own session at the other end."""

    def __init__(self, profile: int = GCM) -> None:
        key = random.Random(1).randbytes(PROFILES[profile])
        self.out = SrtpContext(profile, key, "outbound")
        self.inbound = SrtpContext(profile, key, "inbound")
        self.theirs_in = pylibsrtp.Session(
            pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        )
        self.theirs_out = pylibsrtp.Session(
            pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        )
        self.buffer = bytearray(2_048)
        self.pointer = writable(self.buffer)

    def protect(self, packet: bytes) -> bytes | None:
        self.buffer[: len(packet)] = packet
        length = bytearray(struct.pack("=i", len(packet)))
        if protect_in_place(self.out.context, self.pointer, length_at(address_of(length))):
            return None
        return bytes(self.buffer[: struct.unpack("=i", length)[0]])

    def unprotect(self, data: bytes) -> bytes | None:
        self.buffer[: len(data)] = data
        size = self.inbound.unprotect(self.pointer, len(data))
        return None if size < 0 else bytes(self.buffer[:size])

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        self.buffer[: len(data)] = data
        size = self.inbound.unprotect_rtcp(self.pointer, len(data))
        return None if size < 0 else bytes(self.buffer[:size])


@pytest.mark.parametrize("profile", PROFILES)
def test_what_we_encrypt_in_place_others_read_and_the_other_way_round(profile: int) -> None:
    pair = Pair(profile)
    sent = pair.protect(rtp(1))
    assert sent is not None
    assert len(rtp(1)) < len(sent) <= len(rtp(1)) + TRAILER
    assert b"payload" not in sent
    assert pair.theirs_in.unprotect(sent) == rtp(1)
    assert pair.unprotect(pair.theirs_out.protect(rtp(2))) == rtp(2)
    report = pair.out.protect_rtcp(receiver_report())
    assert report is not None
    assert pair.theirs_in.unprotect_rtcp(report) == receiver_report()
    assert pair.unprotect_rtcp(pair.theirs_out.protect_rtcp(receiver_report())) == receiver_report()


def test_one_number_is_never_encrypted_twice_because_that_would_give_the_key_away() -> None:
    pair = Pair()
    assert pair.protect(rtp(1)) is not None
    assert pair.protect(rtp(2)) is not None
    assert pair.protect(rtp(1, payload=b"another")) is None
    assert pair.protect(rtp(2, payload=b"another")) is None
    assert pair.protect(rtp(3)) is not None


def test_packets_may_overtake_each_other_within_the_window_but_none_is_heard_twice() -> None:
    pair = Pair()
    packets = {seq: pair.theirs_out.protect(rtp(seq)) for seq in range(1, WINDOW + 10)}
    newest = WINDOW + 9
    assert pair.unprotect(packets[newest]) is not None
    assert pair.unprotect(packets[newest]) is None
    assert pair.unprotect(packets[newest - WINDOW + 2]) is not None
    assert pair.unprotect(packets[1]) is None


@pytest.mark.parametrize("at", [0, 1, 3, 9, 14, -1])
def test_a_packet_that_was_touched_anywhere_is_not_authentic(at: int) -> None:
    pair = Pair()
    forged = bytearray(pair.theirs_out.protect(rtp(1)))
    forged[at] ^= 1
    assert pair.unprotect(bytes(forged)) is None


def test_bytes_that_were_never_encrypted_are_refused_without_harm() -> None:
    pair = Pair()
    rng = random.Random(2)
    for size in (0, 1, 4, 8, 11, 12, 13, 27, 28, 29, 200, 1_500):
        for first in (0x80, 0x9F, 0xBF):
            data = (bytes([first]) + rng.randbytes(size))[:size]
            assert pair.unprotect(data) is None
            assert pair.unprotect_rtcp(data) is None
    assert pair.unprotect(pair.theirs_out.protect(rtp(1))) == rtp(1)


def test_what_was_never_sent_can_be_forgotten_and_what_was_is_gone() -> None:
    pair = Pair()
    pair.out.forget(0x9999)
    assert pair.protect(rtp(1, ssrc=0x1234)) is not None
    pair.out.forget(0x1234)
    assert pair.protect(rtp(2, ssrc=0x5678)) is not None


def test_keys_that_do_not_fit_the_profile_are_refused() -> None:
    with pytest.raises((pylibsrtp.Error, ValueError)):
        SrtpContext(GCM, b"short", "inbound")
