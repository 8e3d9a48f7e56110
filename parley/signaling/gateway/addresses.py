"""Who a request comes from and by which address it reached us, also behind reverse proxies.

Forwarded headers are believed only from a trusted proxy, and of X-Forwarded-For only as far as trusted proxies wrote
it: the client is the rightmost address that is not a trusted proxy's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request comes from.

    address: the client's IP address. secure: whether the client speaks HTTPS. host: the host it asked for, with port.
    direct: whether it came without a proxy, from that very address.
    """

    address: str
    secure: bool
    host: str
    direct: bool

    @property
    def origin(self) -> str:
        """The web origin that the client sees us at."""
        return f"{'https' if self.secure else 'http'}://{self.host}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine, asking without a proxy between."""
        parsed = parse_address(self.address)
        return self.direct and parsed is not None and parsed.is_loopback

    @property
    def limit_key(self) -> str:
        """What rate limits count by: an IPv4 address, or an IPv6 /64, which is what one customer gets."""
        parsed = parse_address(self.address)
        if isinstance(parsed, ipaddress.IPv6Address):
            return str(ipaddress.IPv6Network((parsed, 64), strict=False))
        return self.address


def parse_address(text: str) -> IpAddress | None:
    """An address as proxies write it: bare, with a port, or in brackets; IPv4-mapped IPv6 becomes IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


class SourceResolver:
    """Finds the Source of requests. trusted_proxies: addresses or networks. Raises ValueError."""

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted: list[IpNetwork] = [ipaddress.ip_network(text, strict=False) for text in trusted_proxies]

    def _is_trusted(self, address: IpAddress | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)

    def resolve(
        self,
        peer: str,
        scheme: str,
        host: str,
        forwarded_for: Sequence[str] = (),
        forwarded_proto: Sequence[str] = (),
        forwarded_host: Sequence[str] = (),
    ) -> Source:
        """The source of a request of the connection peer `peer`; header values as the lines that came."""
        address = parse_address(peer)
        if not self._is_trusted(address):
            # A proxy that nobody told us to trust is not believed, but neither is it the client: on this very machine
            # it would otherwise hand the operator's rights to everyone it brings.
            direct = not (forwarded_for or forwarded_proto or forwarded_host)
            return Source(str(address or peer), scheme == "https", host, direct)
        client = address
        for text in reversed([item for line in forwarded_for for item in line.split(",")]):
            hop = parse_address(text)
            if hop is None:
                break  # not an address: whoever wrote it, believe nothing to the left of it
            client = hop
            if not self._is_trusted(hop):
                break
        proto = _last(forwarded_proto).lower()
        forwarded = _last(forwarded_host)
        return Source(
            address=str(client),
            secure=(proto if proto in ("http", "https") else scheme) == "https",
            host=forwarded.lower() if is_host(forwarded) else host,
            direct=False,
        )

    def of(self, request: web.BaseRequest) -> Source:
        """The source of an aiohttp request."""
        headers = request.headers
        return self.resolve(
            peer=request.remote or "",
            scheme=request.scheme,
            host=request.host.lower(),
            forwarded_for=headers.getall("X-Forwarded-For", []),
            forwarded_proto=headers.getall("X-Forwarded-Proto", []),
            forwarded_host=headers.getall("X-Forwarded-Host", []),
        )


def _last(lines: Sequence[str]) -> str:
    """The value that the nearest proxy wrote."""
    return lines[-1].rpartition(",")[2].strip() if lines else ""


_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def is_host(text: str) -> bool:
    """Whether this is a host as a Host header has it (RFC 9110, 7.2): a name or address, with or without a port."""
    return _HOST.fullmatch(text) is not None


def same_origin(source: Source, origin: str | None, fetch_site: str | None, public_origin: str | None) -> bool:
    """Whether a request was made by a page of ours: by its Origin, or by Sec-Fetch-Site where there is no Origin.

    public_origin: the origin the operator configured, if any. A request with neither header is not believed.
    """
    if origin is not None:
        return origin.lower() in {source.origin, _without_default_port(source.origin), public_origin}
    return fetch_site == "same-origin"


def _without_default_port(origin: str) -> str:
    scheme, _, host = origin.partition("://")
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"
