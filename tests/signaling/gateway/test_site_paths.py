"""Whatever a path is made of, it leads to a file of the client or to none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway.site_files import PAGES, SiteFiles
from tests.signaling.gateway.running import build_site

PARTS = st.sampled_from(["", ".", "..", "assets", "app-1a2b3c.js", ".hidden", "\x00", "~", "\\", "é", "x" * 300])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("built"))


@given(parts=st.lists(PARTS, max_size=6))
def test_a_path_leads_to_a_public_file_inside_or_to_none(built: Path, parts: list[str]) -> None:
    found = SiteFiles(built)._find("/" + "/".join(parts))
    assert found is None or (found.is_relative_to(built) and found.is_file() and found.name != ".hidden")


def test_the_file_that_is_there_is_found(built: Path) -> None:
    assert SiteFiles(built)._find("/assets/app-1a2b3c.js") == built / "assets" / "app-1a2b3c.js"
    assert SiteFiles(built)._find("/index.html") is None, "pages have addresses of their own"


@given(path=st.text(max_size=50) | st.from_regex(PAGES, fullmatch=True).map(lambda page: page[1:]))
def test_no_page_has_a_dot_or_a_space_in_its_address(path: str) -> None:
    if PAGES.fullmatch("/" + path):
        assert path.isascii()
        assert not {".", " "} & set(path)
