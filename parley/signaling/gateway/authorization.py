"""Who may use which HTTP route: the one function that every request passes.

It knows visitors, accounts and the operator. What an account is to the conversation or meeting that a request names is
decided in parley/conversations/, by its own one table; a test walks every route with every kind of person.
"""

from __future__ import annotations

from enum import StrEnum

from parley.conversations.accounts import Account
from parley.signaling.gateway.problems import ProblemCode, ProblemError, not_found


class Access(StrEnum):
    """What a route demands."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    OPERATOR = "operator"


def authorise(access: Access, account: Account | None, operator: bool) -> None:
    """Raises ProblemError when someone may not use a route. operator: the request comes from this machine, or with the
    operator's token; others aren't told that there is such a thing."""
    if access is Access.OPERATOR and not operator:
        raise not_found()
    if access is Access.ACCOUNT and account is None:
        raise ProblemError(401, ProblemCode.SIGN_IN_REQUIRED, "Sign in first.", {"WWW-Authenticate": "Session"})
