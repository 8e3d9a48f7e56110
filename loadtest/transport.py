"""A client's end of one media transport: ICE checks as the controlling agent, DTLS client, SRTP, on one UDP socket.

aioice writes and reads STUN, aiortc does DTLS, pylibsrtp SRTP. Received media doesn't pass through aiortc: it is
counted where it is read, and decrypted only when its owner asks, so that one process can play many participants.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from pylibsrtp import Error as SrtpError

from loadtest.sdp import Local, Remote

CHECK_INTERVAL = 2.5
"""Seconds between consent checks (Chromium's interval)."""
CONNECT_SECONDS = 20.0
BATCH = 128
"""Datagrams read in one wake-up."""
EARLY = 512
"""Packets kept that came before the handshake was done here."""

_PRIORITY = 1_853_824_767


class TransportFailedError(Exception):
    """No connection came about; str() says at which step."""


class _IceForDtls:
    """All that RTCDtlsTransport asks of an RTCIceTransport."""

    role = "controlling"
    state = "completed"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send_now = send
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        return await self.received.get()

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class MediaTransport:
    """See the module.

    on_rtp(buffer, size): an encrypted RTP packet lies in the buffer, which is used again for the next. on_rtcp(data):
    a decrypted compound packet.
    """

    def __init__(self, certificate: RTCCertificate) -> None:
        fingerprint = next(item for item in certificate.getFingerprints() if item.algorithm == "sha-256")
        self.local = Local(secrets.token_hex(4), secrets.token_hex(12), f"sha-256 {fingerprint.value}")
        self.on_rtp: Callable[[bytearray, int], None] = _ignore_rtp
        self.on_rtcp: Callable[[bytes], None] = _ignore_rtcp
        self.connected = False
        self.unreadable = 0
        self._ice = _IceForDtls(self._send)
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._ice), [certificate])
        self._dtls._set_role("client")
        self._remote: Remote | None = None
        self._socket: socket.socket | None = None
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(2048)
        self._answered: dict[bytes, asyncio.Future[None]] = {}
        self._checks: asyncio.TimerHandle | None = None
        self._early: deque[bytes] = deque(maxlen=EARLY)
        self._srtp_in: Any = None
        self._srtp_out: Any = None

    # --- connecting -------------------------------------------------------------------------------------------------

    def set_remote(self, remote: Remote) -> None:
        """What the server's description says; new credentials are used from the next check on."""
        self._remote = remote

    async def connect(self) -> None:
        """Check, shake hands, take the keys. Raises TransportFailedError."""
        assert self._remote is not None
        remote = self._remote
        self._open(remote.address)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._nominate()
                await self._shake_hands(remote)
        except TimeoutError:
            raise TransportFailedError(f"no media connection to {remote.address[0]}:{remote.address[1]}") from None
        self.connected = True
        self._keep_alive()

    def _open(self, address: tuple[str, int]) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)  # the kernel takes what it allows
        sock.connect(address)
        self._socket = sock
        self._loop.add_reader(sock, self._readable)

    async def _nominate(self) -> None:
        """Repeat a check with USE-CANDIDATE until it is answered (RFC 8445 section 7)."""
        while True:
            request = self._check()
            answered = self._answered[request] = self._loop.create_future()
            try:
                await asyncio.wait_for(answered, 0.2)
                return
            except TimeoutError:
                continue
            finally:
                del self._answered[request]

    def _check(self) -> bytes:
        """Send a check; its transaction id."""
        assert self._remote is not None
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote.ufrag}:{self.local.ufrag}"
        request.attributes["PRIORITY"] = _PRIORITY
        request.attributes["ICE-CONTROLLING"] = 7
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote.password.encode())
        self._send(bytes(request))
        return bytes(request.transaction_id)

    async def _shake_hands(self, remote: Remote) -> None:
        algorithm, _, value = remote.fingerprint.partition(" ")
        await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))
        if self._dtls.state != "connected":
            raise TransportFailedError("the DTLS handshake failed")
        self._srtp_in, self._srtp_out = self._dtls._rx_srtp, self._dtls._tx_srtp
        for data in self._early:
            self._buffer[: len(data)] = data
            self._media(len(data))
        self._early.clear()

    def _keep_alive(self) -> None:
        if self._socket is not None:
            self._check()
            self._checks = self._loop.call_later(CHECK_INTERVAL, self._keep_alive)

    # --- packets ----------------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        sock = self._socket
        if sock is None:
            return
        receive_into, buffer, media = sock.recv_into, self._buffer, self._media
        for _ in range(BATCH):
            try:
                size = receive_into(buffer)
            except OSError:  # nothing more, or an ICMP error of what was sent before
                return
            first = buffer[0]
            if 127 < first < 192:
                media(size)
            elif first < 4:
                self._stun(bytes(buffer[:size]))
            else:
                self._ice.received.put_nowait(bytes(buffer[:size]))

    def _media(self, size: int) -> None:
        buffer = self._buffer
        if self._srtp_in is None:
            self._early.append(bytes(buffer[:size]))  # the server had its keys a moment before us
        elif 192 <= buffer[1] <= 223:
            self._rtcp(bytes(buffer[:size]))
        else:
            self.on_rtp(buffer, size)

    def _rtcp(self, data: bytes) -> None:
        try:
            plain = self._srtp_in.unprotect_rtcp(data)
        except SrtpError:
            self.unreadable += 1
            return
        self.on_rtcp(plain)

    def _stun(self, data: bytes) -> None:
        with contextlib.suppress(ValueError):
            message = stun.parse_message(data)
            answered = self._answered.get(message.transaction_id)
            if answered is not None and not answered.done() and message.message_class == stun.Class.RESPONSE:
                answered.set_result(None)

    def decrypt(self, packet: bytes) -> bytes | None:
        """A received RTP packet in the clear; None where it isn't authentic."""
        try:
            plain: bytes = self._srtp_in.unprotect(packet)
        except SrtpError:
            self.unreadable += 1
            return None
        return plain

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send; dropped where there is no connection or no room."""
        if self._srtp_out is not None:
            self._send(self._srtp_out.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send a compound packet."""
        if self._srtp_out is not None:
            self._send(self._srtp_out.protect_rtcp(packet))

    def _send(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(data)

    async def close(self) -> None:
        """Say goodbye (close_notify) and close the socket."""
        self.connected = False
        if self._checks is not None:
            self._checks.cancel()
        if self._socket is not None:
            await self._dtls.stop()
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None


def _ignore_rtp(buffer: bytearray, size: int) -> None: ...


def _ignore_rtcp(data: bytes) -> None: ...
