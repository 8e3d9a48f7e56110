"""The built client and the operator's texts: what is served where, how it may be cached, and what never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.signaling.gateway.running import SITE, Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASSET = "/assets/app-1a2b3c.js"

PAGE_PATHS = [
    "/",
    "/sign-in",
    "/sign-up",
    "/terms",
    "/privacy",
    "/meetings",
    "/conversations",
    "/conversations/a_B-9",
    "/m/abcd-efgh-jkmn-pqrs",
    "/m/abcd-efgh-jkmn-pqrs/",
    "/m/abcd-efgh-jkmn-pqrs/left",
]


@pytest.mark.parametrize("path", PAGE_PATHS)
async def test_every_page_of_the_client_is_the_same_html(site: Gateway, path: str) -> None:
    reply = await site.ask("GET", path)
    assert (reply.status, reply.body.decode()) == (200, SITE["index.html"])
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/nothing", "/m/short", "/m/UPPERCASE-CODE", "/sign-in/more", "/m/../../etc"])
async def test_where_the_client_has_no_page_it_says_so_itself_with_404(site: Gateway, path: str) -> None:
    answer = await site.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert SITE["index.html"].encode() in answer


async def test_hashed_assets_may_be_kept_for_ever(site: Gateway) -> None:
    reply = await site.ask("GET", ASSET)
    assert (reply.status, reply.body.decode()) == (200, SITE["assets/app-1a2b3c.js"])
    assert "javascript" in reply.headers["Content-Type"]
    assert "immutable" in reply.headers["Cache-Control"]


async def test_other_files_are_asked_for_again(site: Gateway) -> None:
    reply = await site.ask("GET", "/favicon.svg")
    assert reply.headers["Content-Type"].startswith("image/svg+xml")
    assert reply.headers["Cache-Control"] == "no-cache"
    unchanged = await site.ask("GET", "/favicon.svg", headers={"If-None-Match": reply.headers["Etag"]})
    assert (unchanged.status, unchanged.body) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding", "file"),
    [
        ("gzip, deflate, br", "br", "assets/app-1a2b3c.js.br"),
        ("gzip", "gzip", "assets/app-1a2b3c.js.gz"),
        ("identity", None, "assets/app-1a2b3c.js"),
        ("zstd", None, "assets/app-1a2b3c.js"),
    ],
)
async def test_a_compressed_copy_is_sent_to_who_takes_it(
    site: Gateway, accepted: str, encoding: str | None, file: str
) -> None:
    reply = await site.ask("GET", ASSET, headers={"Accept-Encoding": accepted})
    assert reply.headers.get("Content-Encoding") == encoding
    assert reply.body.decode() == SITE[file]
    assert "javascript" in reply.headers["Content-Type"], "of what is in it, not of how it is packed"
    assert "Accept-Encoding" in reply.headers.get("Vary", "")


async def test_head_says_what_get_would(site: Gateway) -> None:
    for path in ("/", ASSET):
        head, get = await site.ask("HEAD", path), await site.ask("GET", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


TRAVERSALS = [
    "/../data/secret",
    "/assets/../../data/secret",
    "/..%2fdata%2fsecret",
    "/%2e%2e/data/secret",
    "/%2e%2e%2fdata%2fsecret",
    "/..%5cdata%5csecret",
    "/assets/..%2f..%2fdata/secret",
    "/assets//../../data/secret",
    "/assets/%00",
    "/data/secret%00.js",
    "/%252e%252e/data/secret",
    "//etc/passwd",
    "/./../data/secret",
    "/outside",
    "/.hidden",
    "/assets/../.hidden",
]


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_nothing_outside_the_built_client_is_served(site: Gateway, path: str) -> None:
    secret = site.root.parent / "data" / "secret"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("TOP SECRET")
    link = site.root / "outside"
    if not link.is_symlink():
        link.symlink_to(secret)
    answer = await site.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert b"TOP SECRET" not in answer
    assert b"root:" not in answer
    assert SITE[".hidden"].encode() not in answer
    assert answer.split(b" ")[1] in (b"400", b"404"), answer


async def test_a_client_that_isnt_built_is_said_so(tmp_path: Path) -> None:
    async with gateway(media=False, web_dist=tmp_path) as site:
        reply = await site.ask("GET", "/")
        assert (reply.status, reply.code) == (503, "unavailable")
        assert "make web" in reply.json["detail"]
        assert (await site.ask("GET", "/api/site")).status == 200


async def test_without_an_operators_text_there_is_one_of_ours(site: Gateway) -> None:
    for name in ("terms", "privacy"):
        page = (await site.ask("GET", f"/api/pages/{name}")).json
        assert page["title"]
        assert len(page["markdown"]) > 500


async def test_the_operators_texts_replace_ours(tmp_path: Path) -> None:
    terms, privacy = tmp_path / "terms.md", tmp_path / "privacy.md"
    terms.write_text("Intro.\n\n# House rules\n\nBe kind — always.\n")
    privacy.write_text("Nothing is kept.\n")
    async with gateway(media=False, terms_file=terms, privacy_file=privacy) as site:
        assert (await site.ask("GET", "/api/pages/terms")).json == {
            "title": "House rules",
            "markdown": "Intro.\n\n# House rules\n\nBe kind — always.\n",
        }
        assert (await site.ask("GET", "/api/pages/privacy")).json["title"] == "Privacy"
        terms.write_text("# New rules")
        assert (await site.ask("GET", "/api/pages/terms")).json["title"] == "New rules"
        terms.unlink()
        assert (await site.ask("GET", "/api/pages/terms")).code == "not_found"
