"""Security headers on every answer: what a page of ours may load, and that nobody may frame it."""

from __future__ import annotations

import pytest

from tests.signaling.gateway.running import Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_KIND = [
    ("GET", "/"),
    ("GET", "/m/abcd-efgh-jkmn-pqrs"),
    ("GET", "/no-such-page"),
    ("GET", "/assets/app-1a2b3c.js"),
    ("GET", "/assets/none.js"),
    ("GET", "/api/site"),
    ("GET", "/api/nothing"),
    ("GET", "/api/meetings"),
    ("POST", "/api/session"),
    ("PUT", "/api/session"),
    ("GET", "/api/ws"),
    ("GET", "/healthz"),
    ("GET", "/metrics"),
]


def policy(text: str) -> dict[str, list[str]]:
    """A content security policy by directive."""
    directives = [directive.split() for directive in text.split(";")]
    return {words[0]: words[1:] for words in directives}


@pytest.mark.parametrize(("method", "path"), EVERY_KIND)
async def test_every_answer_has_the_security_headers(site: Gateway, method: str, path: str) -> None:
    headers = (await site.ask(method, path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert policy(headers["Content-Security-Policy"])["default-src"] == ["'none'"]
    assert policy(headers["Content-Security-Policy"])["frame-ancestors"] == ["'none'"]
    assert "Strict-Transport-Security" not in headers, "over plain HTTP it means nothing"
    assert len(headers.getall("Content-Security-Policy")) == 1


async def test_a_page_loads_nothing_from_elsewhere_and_runs_no_inline_script(site: Gateway) -> None:
    directives = policy((await site.ask("GET", "/")).headers["Content-Security-Policy"])
    known = {"'self'", "'none'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:"}
    assert {source for sources in directives.values() for source in sources} <= known
    assert directives["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert directives["worker-src"] == ["'self'"]
    assert directives["connect-src"] == ["'self'"]
    assert directives["base-uri"] == ["'none'"]
    assert directives["form-action"] == ["'self'"]
    for name, sources in directives.items():
        assert name == "style-src" or "'unsafe-inline'" not in sources


async def test_an_answer_of_the_api_may_load_nothing_at_all(site: Gateway) -> None:
    directives = policy((await site.ask("GET", "/api/site")).headers["Content-Security-Policy"])
    assert directives == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}


async def test_a_page_may_use_camera_microphone_and_screen_and_hands_them_to_nobody(site: Gateway) -> None:
    permissions = (await site.ask("GET", "/")).headers["Permissions-Policy"]
    granted = dict(item.split("=") for item in permissions.split(", "))
    assert {name for name, value in granted.items() if value == "(self)"} >= {
        "camera",
        "microphone",
        "display-capture",
        "fullscreen",
    }
    assert set(granted.values()) == {"(self)", "()"}
    assert granted["geolocation"] == "()"


async def test_a_meetings_link_travels_in_no_referer(site: Gateway) -> None:
    assert (await site.ask("GET", "/m/abcd-efgh-jkmn-pqrs")).headers["Referrer-Policy"] == "no-referrer"
    assert (await site.ask("GET", "/")).headers["Referrer-Policy"] == "same-origin"


async def test_answers_of_the_api_are_kept_by_nobody(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    for path in ("/api/session", "/api/meetings", "/api/site", "/api/nothing", "/healthz"):
        assert (await site.ask("GET", path, token=token)).headers["Cache-Control"] == "no-store", path


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    async with gateway(media=False, trusted_proxies=["127.0.0.1"]) as site:
        for path in ("/", "/api/site", "/api/nothing"):
            reply = await site.ask("GET", path, headers={"X-Forwarded-Proto": "https"})
            assert "max-age=31536000" in reply.headers["Strict-Transport-Security"]
            assert "includeSubDomains" not in reply.headers["Strict-Transport-Security"], "not ours to decide"
