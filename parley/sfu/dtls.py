"""DTLS for one transport, by aiortc's RTCDtlsTransport; the only file that touches aiortc's private names.

The SFU is always the DTLS server (a=setup:passive), because the server chooses the SRTP profile: AES-GCM first, which
costs half of AES-CM with HMAC. When the handshake is done the SRTP sessions are taken out, and media never passes
through aiortc again. tests/sfu/test_dtls.py pins the private names.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal, cast

from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport

from parley.sfu.srtp import SrtpContext

log = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
MAX_QUEUED = 32
"""Datagrams that wait for the handshake; more come only from somebody who means harm."""

_PREFERENCE = (
    b"SRTP_AEAD_AES_128_GCM",
    b"SRTP_AEAD_AES_256_GCM",
    b"SRTP_AES128_CM_SHA1_80",
)
_PROFILES = sorted(
    (profile for profile in SRTP_PROFILES if profile.openssl_profile in _PREFERENCE),
    key=lambda profile: _PREFERENCE.index(profile.openssl_profile),
)


def generate_certificate() -> RTCCertificate:
    """A self-signed ECDSA P-256 certificate, one per node process."""
    return RTCCertificate.generateCertificate()


def fingerprint(certificate: RTCCertificate) -> str:
    """The value of an a=fingerprint line (RFC 8122): SHA-256."""
    found = next(item for item in certificate.getFingerprints() if item.algorithm == "sha-256")
    return f"sha-256 {found.value}"


class _IceForDtls:
    """All that RTCDtlsTransport asks of an RTCIceTransport."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send_now = send
        self.received: asyncio.Queue[bytes] = asyncio.Queue(MAX_QUEUED)
        self._closed = False

    def close(self) -> None:
        """End whoever waits here. Cancelling isn't enough: asyncio.wait_for, which aiortc waits with, may swallow it
        when a datagram comes in the same moment."""
        self._closed = True
        with contextlib.suppress(asyncio.QueueFull):
            self.received.put_nowait(b"")

    async def _recv(self) -> bytes:
        data = await self.received.get()
        if self._closed:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class DtlsServer:
    """One association.

    send: puts a datagram on the selected path. on_connected: the handshake is done and the peer's certificate has the
    fingerprint that its SDP gave; srtp_in and srtp_out are there. on_ended: it failed, or the peer closed it; and why.
    """

    def __init__(
        self,
        certificate: RTCCertificate,
        send: Callable[[bytes], object],
        on_connected: Callable[[], None],
        on_ended: Callable[[Literal["failed", "closed"], str], None],
    ) -> None:
        self._ice = _IceForDtls(send)
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._ice), [certificate])
        self._dtls._srtp_profiles = _PROFILES
        self._dtls._set_role("server")
        self._on_connected = on_connected
        self._on_ended = on_ended
        self._task: asyncio.Task[None] | None = None
        self.ended = False
        self.srtp_in: SrtpContext | None = None
        self.srtp_out: SrtpContext | None = None
        self.srtp_profile = ""

    def start(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        """Begin to answer handshakes. fingerprints: (algorithm, value) pairs of the peer's SDP."""
        if self._task is None and not self.ended:
            self._task = asyncio.get_running_loop().create_task(self._run(fingerprints), name="dtls")

    def receive(self, data: bytes) -> None:
        """A datagram from a verified path whose first byte says DTLS."""
        with contextlib.suppress(asyncio.QueueFull):
            self._ice.received.put_nowait(data)

    async def _run(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        parameters = RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value) for algorithm, value in fingerprints])
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await self._dtls.start(parameters)
            if self._dtls.state != "connected":
                self._end("failed", "the DTLS handshake failed")
                return
            self._take_keys()
        except TimeoutError:
            self._end("failed", "the DTLS handshake timed out")
            return
        except Exception as error:  # whatever the peer's bytes provoke must end this association only
            self._end("failed", f"the DTLS handshake failed: {error!r}")
            return
        try:
            self._on_connected()
        except Exception:
            log.exception("a transport's owner failed")
        pump = self._dtls._task
        if pump is not None:
            await asyncio.gather(pump, return_exceptions=True)
        self._end("closed", "closed by the peer")

    def _take_keys(self) -> None:
        """Make SRTP contexts of our own from the handshake (RFC 5764 section 4.2). aiortc loses its, so that nothing
        is ever decrypted twice, and so that no packet can be encrypted twice (see SrtpContext)."""
        connection = self._dtls._ssl
        assert connection is not None
        selected = connection.get_selected_srtp_profile()
        profile = next(profile for profile in _PROFILES if profile.openssl_profile == selected)
        material = connection.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        self.srtp_in = SrtpContext(profile.libsrtp_profile, profile.get_key_and_salt(material, 0), "inbound")
        self.srtp_out = SrtpContext(profile.libsrtp_profile, profile.get_key_and_salt(material, 1), "outbound")
        self.srtp_profile = selected.decode()
        self._dtls._rx_srtp = self._dtls._tx_srtp = None  # type: ignore[assignment]

    def _end(self, end: Literal["failed", "closed"], reason: str) -> None:
        if not self.ended:
            self.ended = True
            self._on_ended(end, reason)

    def close(self) -> None:
        """Send close_notify and forget the association. on_ended is not called."""
        already, self.ended = self.ended, True
        if self._task is not None:
            self._task.cancel()
        if not already:
            _run_to_end(self._dtls.stop())
        self._ice.close()


def _run_to_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that waits for nothing but `_IceForDtls._send`, which never suspends."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    except Exception as error:  # a half-open association may refuse to shut down in order
        log.debug("DTLS shutdown failed", extra={"error": repr(error)})
        return
    coroutine.close()
