"""Where browsers can reach this node: the candidates that its SDP carries (RFC 8445 section 5.1, RFC 6544)."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_SIOCGIFADDR = 0x8915


@dataclass(frozen=True, slots=True)
class Candidate:
    """One host candidate. protocol: "udp" or "tcp" (passive)."""

    foundation: str
    priority: int
    protocol: str
    ip: str
    port: int

    def to_sdp(self) -> str:
        """The value of an a=candidate line."""
        tcp = " tcptype passive" if self.protocol == "tcp" else ""
        return f"{self.foundation} 1 {self.protocol} {self.priority} {self.ip} {self.port} typ host{tcp}"


def candidates(addresses: Iterable[str], udp_port: int, tcp_port: int | None) -> list[Candidate]:
    """Candidates for these addresses, UDP before TCP and global before loopback."""
    found: list[Candidate] = []
    ordered = sorted(addresses, key=lambda address: ipaddress.ip_address(address).is_loopback)
    for protocol, port, preference in (("udp", udp_port, 126), ("tcp", tcp_port, 90)):
        if port is None:
            continue
        for index, address in enumerate(ordered):
            priority = (preference << 24) | ((65_535 - index) << 8) | 255
            found.append(Candidate(str(len(found) + 1), priority, protocol, address, port))
    return found


def local_addresses(ipv6: bool) -> list[str]:
    """This machine's own addresses: each interface's IPv4 address, the address that a route outwards would use, and
    loopback. Nothing is sent to find them."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                import fcntl

                request = struct.pack("256s", name.encode()[:15])
                found.append(socket.inet_ntoa(fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)[20:24]))
            except OSError:
                continue  # an interface without an IPv4 address
    targets = [(socket.AF_INET, "192.0.2.1")] + ([(socket.AF_INET6, "2001:db8::1")] if ipv6 else [])
    for family, target in targets:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))  # a UDP connect only asks the routing table
                found.append(str(probe.getsockname()[0]))
            except OSError:
                continue
    found.append("127.0.0.1")
    return list(dict.fromkeys(found))
