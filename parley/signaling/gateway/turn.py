"""TURN credentials that end by themselves: coturn's REST scheme (use-auth-secret), draft-uberti-behave-turn-rest-00.

username = expiry in seconds since 1970 ":" identity; credential = base64(HMAC-SHA1(secret, username)).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from parley.signaling.schema.common import IceServer


def turn_credentials(secret: str, identity: str, expires_at: float) -> tuple[str, str]:
    """(username, credential), valid until `expires_at` (seconds since 1970). ":" separates, so identity has none."""
    username = f"{int(expires_at)}:{identity.replace(':', '_')}"
    digest = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
    return username, base64.b64encode(digest).decode()


def ice_servers(urls: Sequence[str], secret: str | None, identity: str, expires_at: float) -> list[IceServer]:
    """The servers for one person: STUN without credentials, TURN with credentials when there is a secret."""
    stun = [url for url in urls if url.startswith(("stun:", "stuns:"))]
    turn = [url for url in urls if url.startswith(("turn:", "turns:"))]
    servers = [IceServer(urls=stun)] if stun else []
    if turn and secret:
        username, credential = turn_credentials(secret, identity, expires_at)
        servers.append(IceServer(urls=turn, username=username, credential=credential))
    return servers
