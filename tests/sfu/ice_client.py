"""A browser's end of one transport, for tests: full ICE checks, DTLS client, SRTP, over real loopback sockets.

It shares no code with the server: aioice writes and reads STUN, aiortc does DTLS and SRTP.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

CERTIFICATE = RTCCertificate.generateCertificate()
OTHER_CERTIFICATE = RTCCertificate.generateCertificate()


def fingerprints(certificate: RTCCertificate = CERTIFICATE) -> list[tuple[str, str]]:
    return [(item.algorithm, item.value) for item in certificate.getFingerprints() if item.algorithm == "sha-256"]


async def until(condition: Callable[[], object], what: str = "the condition", seconds: float = 5.0) -> None:
    """Wait for a condition, without guessing how long it takes."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        await asyncio.sleep(0.002)


class Way:
    """One local socket of the client to the server."""

    received: Callable[[Way, bytes], None]
    address: tuple[str, int]

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class UdpWay(Way):
    def __init__(self, server: tuple[str, int], received: Callable[[Way, bytes], None], local: str) -> None:
        self.received = received
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind((local, 0))
        self.sock.connect(server)
        self.address = self.sock.getsockname()[:2]
        asyncio.get_running_loop().add_reader(self.sock, self._readable)

    def _readable(self) -> None:
        try:
            self.received(self, self.sock.recv(4096))
        except OSError:
            return

    def send(self, data: bytes) -> None:
        self.sock.send(data)

    def close(self) -> None:
        if self.sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.sock)
            self.sock.close()


class TcpWay(Way, asyncio.Protocol):
    def __init__(self, received: Callable[[Way, bytes], None]) -> None:
        self.received = received
        self.closed = False
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.address = transport.get_extra_info("sockname")[:2]

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while len(self._pending) >= 2:
            size = int.from_bytes(self._pending[:2], "big")
            if len(self._pending) < 2 + size:
                return
            frame, self._pending = self._pending[2 : 2 + size], self._pending[2 + size :]
            self.received(self, frame)

    def send(self, data: bytes) -> None:
        self.transport.write(struct.pack("!H", len(data)) + data)

    def close(self) -> None:
        self.transport.close()


class _Dtls(RTCDtlsTransport):
    client: IceClient

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.client.rtp.append(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self.client.rtcp.append(data)


class IceClient:
    """rtp and rtcp: what was received and decrypted. drop_out and drop_in decide which DTLS datagrams are lost."""

    role = "controlling"
    state = "completed"

    def __init__(self, ufrag: str = "brow", certificate: RTCCertificate = CERTIFICATE) -> None:
        self.ufrag = ufrag
        self.password = "the-browsers-own-password"
        self.server_ufrag = ""
        self.server_password = ""
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.raw: list[bytes] = []
        self.drop_out: Callable[[bytes], bool] = lambda data: False
        self.drop_in: Callable[[bytes], bool] = lambda data: False
        self.way: Way | None = None
        self.ways: list[Way] = []
        self._packets: asyncio.Queue[bytes] = asyncio.Queue()
        self._answers: dict[bytes, asyncio.Future[tuple[stun.Message, Way]]] = {}
        self.dtls = _Dtls(self, [certificate])  # type: ignore[arg-type]
        self.dtls.client = self
        self.dtls._set_role("client")

    # --- ways and checks ---

    def udp(self, port: int, host: str = "127.0.0.1", local: str | None = None) -> UdpWay:
        way = UdpWay((host, port), self._received, local or ("::1" if ":" in host else "127.0.0.1"))
        self.ways.append(way)
        return way

    async def tcp(self, port: int, host: str = "127.0.0.1") -> TcpWay:
        loop = asyncio.get_running_loop()
        _, way = await loop.create_connection(lambda: TcpWay(self._received), host, port)
        self.ways.append(way)
        return way

    def request(self, nominate: bool = True) -> stun.Message:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.server_ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1_853_824_767
        request.attributes["ICE-CONTROLLING"] = 7
        if nominate:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self.server_password.encode())
        return request

    async def check(self, way: Way, nominate: bool = True, seconds: float = 2.0) -> stun.Message:
        """Send a check until it is answered. Raises TimeoutError."""
        request = self.request(nominate)
        answer: asyncio.Future[tuple[stun.Message, Way]] = asyncio.get_running_loop().create_future()
        self._answers[request.transaction_id] = answer
        way.send(bytes(request))
        try:
            response, came_by = await asyncio.wait_for(answer, seconds)
        finally:
            del self._answers[request.transaction_id]
        assert came_by is way, "a check is answered where it came from"
        assert response.check_message_integrity(self.server_password.encode())
        if nominate and response.message_class == stun.Class.RESPONSE:
            self.way = way
        return response

    def _received(self, way: Way, data: bytes) -> None:
        self.raw.append(data)
        if data[0] < 4:
            response = stun.parse_message(data)
            answer = self._answers.get(response.transaction_id)
            if answer is not None and not answer.done():
                answer.set_result((response, way))
        elif not (19 < data[0] < 64 and self.drop_in(data)):
            self._packets.put_nowait(data)

    # --- DTLS and SRTP ---

    async def _recv(self) -> bytes:
        return await self._packets.get()

    async def _send(self, data: bytes) -> None:
        if self.way is not None and not (19 < data[0] < 64 and self.drop_out(data)):
            self.way.send(data)

    def handshake(self, server_fingerprint: str) -> Awaitable[None]:
        algorithm, value = server_fingerprint.split(" ")
        return self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))

    def protect(self, packet: bytes) -> bytes:
        return self.dtls._tx_srtp.protect(packet)

    async def send_rtp(self, packet: bytes) -> None:
        await self.dtls._send_rtp(packet)

    async def close(self) -> None:
        await self.dtls.stop()
        for way in self.ways:
            way.close()


def rtp(seq: int, ssrc: int = 0x1234, payload: bytes = b"payload", payload_type: int = 96) -> bytes:
    return struct.pack("!BBHII", 0x80, payload_type, seq, seq * 3_000, ssrc) + payload


def receiver_report(ssrc: int = 1) -> bytes:
    return struct.pack("!BBHI", 0x80, 201, 1, ssrc)
