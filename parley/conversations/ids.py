"""Makes ids and meeting codes."""

from __future__ import annotations

import secrets

CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that can't be mistaken for each other when read out."""
CODE_GROUPS = 4
CODE_GROUP_LENGTH = 4


def new_id() -> str:
    """Sixteen random characters, 96 bits."""
    return secrets.token_urlsafe(12)


def new_code() -> str:
    """A meeting's code, like abcd-efgh-jkmn-pqrs: 79 bits, not to be guessed over a network."""
    groups = ("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUP_LENGTH)) for _ in range(CODE_GROUPS))
    return "-".join(groups)
