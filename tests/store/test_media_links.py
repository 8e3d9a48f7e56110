"""Links to media: good for one blob, one account and five minutes."""

from __future__ import annotations

import pytest

from parley.store.blobs import BlobKeyError
from parley.store.media_links import MediaLink, MediaLinks
from parley.store.secrets import Signer, TokenError

NOW = 1_790_000_000.0
LINKS = MediaLinks(b"secret" * 8)


def test_a_link_opens_its_blob_for_its_account_during_five_minutes() -> None:
    token = LINKS.sign("recordings/a/reel.mp4", "ann", NOW)
    assert LINKS.verify(token, NOW) == MediaLink("recordings/a/reel.mp4", "ann")
    assert LINKS.verify(token, NOW + 299.9)
    with pytest.raises(TokenError, match="expired"):
        LINKS.verify(token, NOW + 300)


def test_a_link_can_be_shorter() -> None:
    token = LINKS.sign("a", "ann", NOW, seconds=10)
    with pytest.raises(TokenError, match="expired"):
        LINKS.verify(token, NOW + 10)


def test_a_link_with_the_longest_key_is_taken_back() -> None:
    key = "/".join(["k" * 127] * 4)
    assert LINKS.verify(LINKS.sign(key, "a" * 32, NOW), NOW).key == key


def test_what_we_did_not_sign_opens_nothing() -> None:
    token = LINKS.sign("a", "ann", NOW)
    others = [
        MediaLinks(b"another" * 8).sign("a", "ann", NOW),
        Signer(b"secret" * 8, "guest").sign(MediaLink("a", "ann"), NOW + 60),
        token[:-2],
        token[1:],
        "",
        ".",
        "é.é",
    ]
    for other in others:
        with pytest.raises(TokenError):
            LINKS.verify(other, NOW)


def test_only_the_key_of_a_blob_can_be_signed() -> None:
    with pytest.raises(BlobKeyError):
        LINKS.sign("../secret", "ann", NOW)
