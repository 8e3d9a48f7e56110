"""Who a request comes from, also behind proxies: forwarded headers count only as far as trusted proxies wrote them."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway.addresses import Source, SourceResolver, is_host, parse_address, same_origin

PROXY, INNER, CLIENT = "10.0.0.1", "10.0.0.2", "203.0.113.9"
RESOLVER = SourceResolver(["10.0.0.0/8", "fd00::/8"])


def resolve(peer: str = PROXY, **headers: Any) -> Source:
    return RESOLVER.resolve(peer, "http", "meet.example.org", **headers)


def test_without_trusted_proxies_forwarded_headers_say_nothing() -> None:
    source = SourceResolver([]).resolve(CLIENT, "http", "real.example", ["8.8.8.8"], ["https"], ["evil.example"])
    assert (source.address, source.secure, source.host) == (CLIENT, False, "real.example")


def test_a_stranger_is_not_believed_even_where_there_are_trusted_proxies() -> None:
    source = resolve(
        peer=CLIENT, forwarded_for=["127.0.0.1"], forwarded_proto=["https"], forwarded_host=["evil.example"]
    )
    assert (source.address, source.secure, source.host) == (CLIENT, False, "meet.example.org")


def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    source = resolve(forwarded_for=[CLIENT], forwarded_proto=["https"], forwarded_host=["Public.Example.org"])
    assert (source.address, source.secure, source.host) == (CLIENT, True, "public.example.org")
    assert source.origin == "https://public.example.org"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], PROXY),
        ([CLIENT], CLIENT),
        ([f"1.2.3.4, {CLIENT}"], CLIENT),
        ([f"1.2.3.4, {CLIENT}, {INNER}"], CLIENT),
        (["1.2.3.4", f"{CLIENT}, {INNER}"], CLIENT),
        ([f"1.2.3.4, nonsense, {INNER}"], INNER),
        (["127.0.0.1", "nonsense"], PROXY),
        ([f"{CLIENT}:4711"], CLIENT),
        ([f'"{CLIENT}"'], CLIENT),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        ([f"::ffff:{CLIENT}"], CLIENT),
        ([f"{INNER}"], INNER),
        ([""], PROXY),
        (["unknown"], PROXY),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxys(lines: list[str], expected: str) -> None:
    assert resolve(forwarded_for=lines).address == expected


@given(
    forged=st.lists(st.text(max_size=20) | st.ip_addresses().map(str), max_size=5),
    client=st.ip_addresses().filter(lambda ip: not (ip in RESOLVER._trusted[0] or ip in RESOLVER._trusted[1])),
)
def test_nothing_a_client_puts_before_its_own_address_changes_who_it_is(forged: list[str], client: Any) -> None:
    honest = resolve(forwarded_for=[str(client)])
    assert resolve(forwarded_for=[", ".join([*forged, str(client)])]).address == honest.address
    assert resolve(forwarded_for=[*forged, str(client)]).address == honest.address


@given(text=st.text(max_size=60))
def test_any_forwarded_header_gives_some_source(text: str) -> None:
    source = resolve(forwarded_for=[text], forwarded_proto=[text], forwarded_host=[text])
    assert ipaddress.ip_address(source.address)
    assert is_host(source.host)
    assert source.limit_key


@given(text=st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    parsed = parse_address(text)
    assert parsed is None or isinstance(parsed, ipaddress.IPv4Address | ipaddress.IPv6Address)


@given(address=st.ip_addresses(v=6), port=st.integers(0, 65_535))
def test_an_address_is_read_however_proxies_write_it(address: ipaddress.IPv6Address, port: int) -> None:
    bare = parse_address(str(address))
    assert bare in (address, address.ipv4_mapped)
    assert (
        parse_address(f"[{address}]:{port}") == parse_address(f"[{address}]") == parse_address(f'"{address}"') == bare
    )


def test_of_several_proxies_the_nearest_says_the_scheme() -> None:
    assert not resolve(forwarded_proto=["https, http"]).secure
    assert resolve(forwarded_proto=["http", "HTTPS"]).secure
    assert not resolve(forwarded_proto=["gopher"]).secure


def test_a_forwarded_host_that_is_none_is_not_taken() -> None:
    for host in ("", "a b", "user@evil.example", "evil.example/path", "<script>"):
        assert resolve(forwarded_host=[host]).host == "meet.example.org"


@pytest.mark.parametrize(
    ("peer", "headers", "loopback"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        (CLIENT, {}, False),
        (CLIENT, {"forwarded_for": ["127.0.0.1"]}, False),
        (PROXY, {"forwarded_for": ["127.0.0.1"]}, False),
        ("127.0.0.1", {"forwarded_for": [CLIENT]}, False),
        ("127.0.0.1", {"forwarded_host": ["meet.example.org"]}, False),
        ("127.0.0.1", {"forwarded_proto": ["https"]}, False),
    ],
)
def test_this_machine_is_who_comes_from_it_with_no_proxy_between(
    peer: str, headers: dict[str, list[str]], loopback: bool
) -> None:
    """Also a proxy on this machine that nobody told us to trust brings others' requests."""
    assert resolve(peer, **headers).is_loopback is loopback


def test_rates_count_an_ipv6_customer_once_and_each_ipv4_address() -> None:
    assert resolve("2001:db8:1:2::3").limit_key == resolve("2001:db8:1:2:ffff::").limit_key
    assert resolve("2001:db8:1:2::3").limit_key != resolve("2001:db8:1:3::3").limit_key
    assert resolve("192.0.2.1").limit_key != resolve("192.0.2.2").limit_key
    assert resolve("::ffff:192.0.2.1").limit_key == resolve("192.0.2.1").limit_key


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "meet.example.org", "[::1]", "[2001:db8::1]:443", "a_b"]
)
def test_hosts_are_names_and_addresses(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", ["", "a b", "a\n", "a/b", "a:b", "::1", "[x]", "a:123456", "é.example", "a,b", "a@b"])
def test_anything_else_is_no_host(host: str) -> None:
    assert not is_host(host)


@pytest.mark.parametrize(
    ("secure", "host", "origin", "ours"),
    [
        (False, "localhost:8080", "http://localhost:8080", True),
        (False, "localhost:8080", "http://LOCALHOST:8080", True),
        (True, "meet.example.org", "https://meet.example.org", True),
        (True, "meet.example.org:443", "https://meet.example.org", True),
        (False, "meet.example.org:80", "http://meet.example.org", True),
        (True, "meet.example.org:80", "https://meet.example.org", False),
        (True, "meet.example.org", "http://meet.example.org", False),
        (True, "meet.example.org", "https://example.org", False),
        (True, "meet.example.org", "https://meet.example.org.evil.example", False),
        (True, "meet.example.org", "https://meet.example.org:8443", False),
        (True, "meet.example.org", "null", False),
        (True, "meet.example.org", "", False),
        (False, "[::1]:8080", "http://[::1]:8080", True),
    ],
)
def test_an_origin_is_ours_when_it_is_where_the_client_sees_us(
    secure: bool, host: str, origin: str, ours: bool
) -> None:
    source = Source(CLIENT, secure, host, direct=True)
    assert same_origin(source, origin, None, None) is ours
    assert same_origin(source, origin, "same-origin", None) is ours, "Sec-Fetch-Site saves no wrong Origin"


@given(origin=st.text(max_size=40))
def test_no_origin_but_our_own_is_ours(origin: str) -> None:
    source = Source(CLIENT, True, "meet.example.org", direct=True)
    assert same_origin(source, origin, None, "https://public.example") == (
        origin.lower() in ("https://meet.example.org", "https://public.example")
    )
