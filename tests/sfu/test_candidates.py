"""Where browsers are told to come: complete, in order of preference, readable by others."""

from __future__ import annotations

import ipaddress

from aiortc.sdp import candidate_from_sdp

from parley.sfu.candidates import candidates, local_addresses


def test_every_address_is_offered_by_udp_and_tcp_with_udp_preferred_and_loopback_last() -> None:
    found = candidates(["127.0.0.1", "192.0.2.1", "2001:db8::1"], 4_000, 4_443)
    assert [(item.protocol, item.ip, item.port) for item in sorted(found, key=lambda item: -item.priority)] == [
        ("udp", "192.0.2.1", 4_000), ("udp", "2001:db8::1", 4_000), ("udp", "127.0.0.1", 4_000),
        ("tcp", "192.0.2.1", 4_443), ("tcp", "2001:db8::1", 4_443), ("tcp", "127.0.0.1", 4_443),
    ]  # fmt: skip
    assert len({item.foundation for item in found}) == len(found)
    assert len({item.priority for item in found}) == len(found)
    assert all(0 < item.priority < 2**31 for item in found)


def test_without_a_tcp_port_there_is_no_tcp() -> None:
    assert [item.protocol for item in candidates(["192.0.2.1"], 4_000, None)] == ["udp"]


def test_another_implementation_reads_the_lines() -> None:
    udp, tcp = (candidate_from_sdp(item.to_sdp()) for item in candidates(["192.0.2.1"], 4_000, 4_443))
    assert (udp.component, udp.protocol, udp.ip, udp.port, udp.type, udp.tcpType) == (
        1, "udp", "192.0.2.1", 4_000, "host", None,
    )  # fmt: skip
    assert (tcp.protocol, tcp.port, tcp.tcpType) == ("tcp", 4_443, "passive")


def test_this_machine_has_addresses_and_each_is_named_once() -> None:
    found = local_addresses(ipv6=False)
    assert "127.0.0.1" in found
    assert len(set(found)) == len(found)
    assert all(ipaddress.ip_address(address).version == 4 for address in found)
