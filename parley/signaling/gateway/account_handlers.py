"""Signing up, in and out."""

from __future__ import annotations

from parley.conversations import accounts
from parley.conversations.errors import InvalidError
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.names import clean_line
from parley.signaling.schema.common import MAX_NAME_CHARS
from parley.signaling.schema.http import Account, CreateAccount, Session, SignIn


def _view(account: accounts.Account) -> Account:
    return Account(account_id=account.account_id, email=account.email, name=account.name)


async def sign_up(call: Call, body: CreateAccount) -> Account:
    """A new account, signed in at once."""
    name = clean_line(body.name, MAX_NAME_CHARS)
    if not name:
        raise InvalidError("Your name needs at least one letter or digit.")
    account = await call.services.accounts.sign_up(body.email, name, body.password, body.accept_terms)
    await _sign_in(call, account)
    return _view(account)


async def sign_in(call: Call, body: SignIn) -> Session:
    """Sign in by e-mail and password."""
    account = await call.services.accounts.sign_in(body.email, body.password, call.source.limit_key)
    await _sign_in(call, account)
    return Session(account=_view(account))


async def _sign_in(call: Call, account: accounts.Account) -> None:
    if call.token is not None:
        await call.services.sessions.revoke(call.token)  # a browser has one session, and never one it brought itself
    call.new_cookie = await call.services.sessions.create(account.account_id)


async def who_am_i(call: Call) -> Session:
    """Who is signed in. The cookie's life starts anew with the session's."""
    if call.account is None:
        if call.token is not None:
            call.new_cookie = ""
        return Session(account=None)
    call.new_cookie = call.token
    return Session(account=_view(call.account))


async def sign_out(call: Call) -> None:
    """Sign this browser out. A call it is in goes on."""
    if call.token is not None:
        await call.services.sessions.revoke(call.token)
    call.new_cookie = ""
