"""HTTPS with the operator's certificate: what the cookie, the origin and links become, and certificates of no use."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from parley.signaling.child import FatalError
from parley.signaling.gateway.app import tls_context, url_of
from parley.store.settings import Settings
from tests.signaling.gateway.running import PASSWORD, gateway

Files = tuple[Path, Path]


def make_certificate(directory: Path) -> Files:
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "1", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def settings(files: Files) -> Settings:
    return Settings(tls_certificate=files[0], tls_key=files[1])


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(files: Files) -> None:
    async with gateway(media=False, tls=tls_context(settings(files))) as site:
        assert site.url.startswith("https://")
        body = {"email": "ann@example.org", "name": "Ann", "password": PASSWORD, "accept_terms": True}
        reply = await site.ask("POST", "/api/accounts", body)
        assert reply.status == 201
        name, _, rest = reply.cookie.partition("=")
        assert name == "__Host-parley_session"
        attributes = {item.strip().lower() for item in rest.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(item.startswith("domain") for item in attributes)
        token = rest.partition(";")[0]
        mine = {"Cookie": f"__Host-parley_session={token}"}
        assert (await site.ask("GET", "/api/session", headers=mine)).json["account"]["name"] == "Ann"
        insecure = {"Cookie": f"parley_session={token}"}
        assert (await site.ask("GET", "/api/session", headers=insecure)).json["account"] is None
        assert "Strict-Transport-Security" in reply.headers


async def test_behind_a_trusted_proxy_that_speaks_https_it_is_the_same() -> None:
    async with gateway(media=False, trusted_proxies=["127.0.0.1"]) as site:
        headers = {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "meet.example.org",
            "Origin": "https://meet.example.org",
        }
        body = {"email": "ann@example.org", "name": "Ann", "password": PASSWORD, "accept_terms": True}
        reply = await site.ask("POST", "/api/accounts", body, headers=headers)
        assert reply.status == 201
        assert reply.cookie.startswith("__Host-parley_session=")
        cookie = {"Cookie": reply.cookie.partition(";")[0]}
        made = await site.ask("POST", "/api/meetings", {}, headers=headers | cookie)
        assert made.json["url"] == f"https://meet.example.org/m/{made.json['code']}"


async def test_forwarded_headers_of_anybody_else_change_nothing() -> None:
    async with gateway(media=False) as site:
        token = await site.signed_in(await site.account())
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
        made = await site.ask("POST", "/api/meetings", {}, token=token, headers=headers)
        assert made.json["url"] == f"{site.url}/m/{made.json['code']}"
        evil = headers | {"Origin": "https://evil.example"}
        assert (await site.ask("POST", "/api/meetings", {}, token=token, headers=evil)).code == "cross_site"


async def test_links_begin_with_the_operators_public_url() -> None:
    async with gateway(media=False, public_url="https://meet.example.org") as site:
        token = await site.signed_in(await site.account())
        made = await site.ask("POST", "/api/meetings", {}, token=token)
        assert made.json["url"].startswith("https://meet.example.org/m/")


def test_old_versions_of_tls_are_not_spoken(files: Files) -> None:
    context = tls_context(settings(files))
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_without_a_certificate_it_is_http() -> None:
    assert tls_context(Settings()) is None


def test_a_certificate_and_key_that_dont_belong_together_are_refused(files: Files, tmp_path: Path) -> None:
    other = make_certificate(tmp_path)
    with pytest.raises(FatalError, match=r"tls_certificate and tls_key can't be used: .+"):
        tls_context(settings((files[0], other[1])))


def test_files_that_are_no_certificate_are_refused(files: Files, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    with pytest.raises(FatalError, match=r"tls_certificate and tls_key can't be used: .+"):
        tls_context(settings((nonsense, files[1])))


@pytest.mark.parametrize(
    ("changed", "url"),
    [
        ({}, "http://localhost:8080"),
        ({"host": "0.0.0.0"}, "http://localhost:8080"),
        ({"host": "::"}, "http://localhost:8080"),
        ({"host": "192.0.2.1"}, "http://192.0.2.1:8080"),
        ({"host": "2001:db8::1"}, "http://[2001:db8::1]:8080"),
        ({"public_url": "https://meet.example.org"}, "https://meet.example.org"),
    ],
)
def test_the_operator_is_told_an_address_that_can_be_opened(changed: dict[str, str], url: str) -> None:
    assert url_of(Settings(**changed), 8080) == url
