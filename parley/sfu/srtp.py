"""Encrypts and decrypts packets in place, through the libsrtp that pylibsrtp carries.

pylibsrtp's own calls copy each packet twice. Its cffi binding exposes the functions themselves, which work in the
caller's buffer: half the time (0.9 instead of 1.6 microseconds for AES-GCM). This is the only file that touches
pylibsrtp's private names; tests/sfu/test_srtp.py pins them.
"""

from __future__ import annotations

import contextlib
from typing import Any, Literal

import pylibsrtp
from pylibsrtp._binding import ffi, lib

TRAILER = 160
"""Bytes that a buffer needs to have beyond the packet: tag, SRTCP index and MKI at their longest."""

WINDOW = 1024
"""Packets that may overtake each other on one SSRC (replay window) on their way to us."""
WINDOW_OUT = 512
"""The same of those that we send: no layer keeps more packets. libsrtp moves the window bit by bit with each packet."""

_TAG_BYTES = {
    pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80: 10,
    pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32: 4,
    pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM: 16,
    pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM: 16,
}
_OK = lib.srtp_err_status_ok
_unprotect = lib.srtp_unprotect  # looking a function up in the library costs as much as calling it

protect_in_place = lib.srtp_protect
"""srtp_protect(context, pointer, length_pointer) -> status; for the plane's inner loop."""

PROTECT = ffi.addressof(lib, "srtp_protect")
UNPROTECT = ffi.addressof(lib, "srtp_unprotect")
"""The same as pointers, for the native plane."""
NULL = ffi.NULL


def address(pointer: Any) -> int:
    """A pointer as a number, for another library."""
    return int(ffi.cast("uintptr_t", pointer))


def writable(buffer: bytearray) -> Any:
    """A pointer to the bytes of a buffer, which must live as long as the pointer and keep its size."""
    return ffi.from_buffer("char[]", buffer)


def address_of(buffer: bytearray) -> int:
    """Where in memory the buffer's bytes are; valid while the buffer lives and keeps its size."""
    return int(ffi.cast("uintptr_t", ffi.from_buffer("char[]", buffer)))


def length_at(address: int) -> Any:
    """The C int at an address, where libsrtp reads a packet's length and writes the new one."""
    return ffi.cast("int *", address)


class SrtpContext:
    """One direction of one DTLS association. `context` is libsrtp's handle; overhead: bytes that it adds to a packet.

    Outbound, one SSRC and sequence number is encrypted at most once: libsrtp refuses a second time. AES-GCM would give
    its key away if two different packets shared a nonce, and the nonce is made of just these (RFC 7714 section 8.1).
    That is also why an SSRC that was forgotten must not be used again.
    """

    __slots__ = ("_length", "_session", "context", "overhead")

    def __init__(self, profile: int, key_and_salt: bytes, direction: Literal["inbound", "outbound"]) -> None:
        """profile: one of pylibsrtp.Policy's. Raises pylibsrtp.Error or ValueError for keys that don't fit it."""
        policy = pylibsrtp.Policy(
            key=key_and_salt,
            ssrc_type=(
                pylibsrtp.Policy.SSRC_ANY_INBOUND if direction == "inbound" else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
            ),
            srtp_profile=profile,
        )
        policy.window_size = WINDOW if direction == "inbound" else WINDOW_OUT
        policy.allow_repeat_tx = False
        session = pylibsrtp.Session(policy)
        self._session = session  # owns the handle
        self._length = ffi.new("int *")
        self.overhead = _TAG_BYTES[profile]
        self.context = session._srtp[0]

    def forget(self, ssrc: int) -> None:
        """Free what is remembered of an SSRC that is never used again."""
        with contextlib.suppress(pylibsrtp.Error):  # nothing was ever sent from it
            self._session.remove_stream(ssrc)

    def unprotect(self, pointer: Any, length: int) -> int:
        """Decrypt an RTP packet at `pointer`; the new length, or -1 for one that isn't authentic or a replay."""
        cell = self._length
        cell[0] = length
        if _unprotect(self.context, pointer, cell):  # 0 is srtp_err_status_ok
            return -1
        return cell[0]  # type: ignore[no-any-return]

    def unprotect_rtcp(self, pointer: Any, length: int) -> int:
        """Decrypt an RTCP packet at `pointer`; the new length, or -1."""
        self._length[0] = length
        if lib.srtp_unprotect_rtcp(self.context, pointer, self._length) != _OK:
            return -1
        return int(self._length[0])

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """Encrypt an RTCP packet; None where libsrtp refuses."""
        buffer = bytearray(len(packet) + TRAILER)
        buffer[: len(packet)] = packet
        self._length[0] = len(packet)
        if lib.srtp_protect_rtcp(self.context, ffi.from_buffer("char[]", buffer), self._length) != _OK:
            return None
        return bytes(buffer[: self._length[0]])
