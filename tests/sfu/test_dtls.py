"""The private names of aiortc that parley/sfu/dtls.py stands on are still there and mean what they meant.

What the handshake does is tested over sockets in test_transport.py.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import inspect
import re
from pathlib import Path

from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsTransport

from parley.sfu import dtls
from parley.sfu.dtls import MAX_QUEUED, DtlsServer, fingerprint, generate_certificate

ROOT = Path(dtls.__file__).parents[2]
USED = set(re.findall(r"self\._dtls\.(_\w+)", Path(dtls.__file__).read_text()))


def server() -> DtlsServer:
    return DtlsServer(generate_certificate(), lambda data: None, lambda: None, lambda end, reason: None)


def test_the_versions_whose_insides_are_used_are_pinned_exactly() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for package in ("aiortc", "aioice", "pylibsrtp"):
        pinned = re.search(rf'"{package}==([\d.]+)"', project)
        assert pinned is not None
        assert importlib.metadata.version(package) == pinned[1]


async def test_the_transport_has_every_attribute_that_is_reached_into() -> None:
    assert {"_srtp_profiles", "_set_role", "_ssl", "_rx_srtp", "_tx_srtp", "_task"} <= USED
    transport = server()._dtls
    assert [name for name in USED if not hasattr(transport, name)] == []


def test_the_transport_asks_nothing_of_ice_but_what_it_is_given() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    assert set(re.findall(r"self\.transport\.(\w+)", source)) <= {"_recv", "_send", "role", "state"}
    assert "self._rx_srtp:" in source, "without keys it drops media: nothing is decrypted twice"


def test_gcm_comes_first_and_nothing_without_authentication_is_offered() -> None:
    names = [profile.openssl_profile for profile in dtls._PROFILES]
    assert names == [b"SRTP_AEAD_AES_128_GCM", b"SRTP_AEAD_AES_256_GCM", b"SRTP_AES128_CM_SHA1_80"]
    assert set(names) <= {profile.openssl_profile for profile in rtcdtlstransport.SRTP_PROFILES}


def test_the_fingerprint_is_the_value_of_an_sdp_line() -> None:
    assert re.fullmatch(r"sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}", fingerprint(generate_certificate()))
    assert fingerprint(generate_certificate()) != fingerprint(generate_certificate())


async def test_datagrams_that_wait_for_the_handshake_are_bounded() -> None:
    association = server()
    for _ in range(10 * MAX_QUEUED):
        association.receive(b"\x16" + bytes(100))
    assert association._ice.received.qsize() == MAX_QUEUED


async def test_closing_before_a_handshake_began_or_while_it_runs_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    association = server()
    association.close()
    started = server()
    started.start([("sha-256", "AB")])
    await asyncio.sleep(0)
    started.close()
    started.start([("sha-256", "AB")])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before
