"""Links to a blob that are good for one account and for minutes.

The link says who may use it; whoever serves it still asks whether that account may see the recording, so that a member
who was removed loses access at once.
"""

from __future__ import annotations

import msgspec

from parley.store.blobs import check_key
from parley.store.secrets import Signer

LINK_SECONDS = 300.0


class MediaLink(msgspec.Struct, frozen=True, array_like=True):
    """What a link opens, and for whom."""

    key: str
    account: str


class MediaLinks:
    """Makes and checks the tokens in links. secret: the signing secret (secrets.py). Times are seconds since 1970."""

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, "media link")

    def sign(self, key: str, account: str, now: float, seconds: float = LINK_SECONDS) -> str:
        """A token that opens this blob for this account until `seconds` from now. Raises BlobKeyError."""
        return self._signer.sign(MediaLink(check_key(key), account), now + seconds)

    def verify(self, token: str, now: float) -> MediaLink:
        """What a token opens. Raises TokenError when it is not ours or over."""
        return self._signer.verify(token, MediaLink, now)
