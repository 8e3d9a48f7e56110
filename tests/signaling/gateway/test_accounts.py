"""Signing up, in and out over HTTP, and the one cookie that says who a browser is."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie

import pytest
from sqlalchemy import func, select

from parley.store.tables import AccountRow
from tests.signaling.gateway.running import PASSWORD, Gateway, Reply, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = "/api/session"


def cookie(reply: Reply, name: str = "parley_session") -> Morsel[str]:
    """The cookie an answer sets, with its attributes."""
    return SimpleCookie(reply.cookie)[name]


def sign_up(address: str, **changed: object) -> dict[str, object]:
    return {"email": address, "name": "Ann", "password": PASSWORD, "accept_terms": True} | changed


async def accounts(site: Gateway) -> int:
    """How many there are."""
    async with site.services.database.session() as session:
        return (await session.execute(select(func.count()).select_from(AccountRow))).scalar_one()


async def test_signing_up_signs_in(site: Gateway) -> None:
    reply = await site.ask("POST", "/api/accounts", sign_up("Ann@Example.org"))
    assert reply.status == 201
    assert reply.json["email"] == "ann@example.org"
    assert PASSWORD.encode() not in reply.body
    session = (await site.ask("GET", WHO, token=cookie(reply).value)).json
    assert session == {"account": reply.json}


async def test_the_cookie_is_for_no_script_and_no_other_site(site: Gateway) -> None:
    token = cookie(await site.ask("POST", "/api/accounts", sign_up("flags@example.org")))
    assert token["httponly"]
    assert token["samesite"] == "Lax"
    assert token["path"] == "/"
    assert token["domain"] == ""
    assert 0 < int(token["max-age"]) <= 31 * 24 * 3600
    assert not token["secure"], "over plain HTTP a browser would not keep it"


async def test_each_sign_in_has_a_token_of_its_own(site: Gateway) -> None:
    account = await site.account()
    body = {"email": account.email, "password": PASSWORD}
    first, second = [cookie(await site.ask("POST", WHO, body)).value for _ in range(2)]
    assert first != second
    assert len(first) >= 32
    for token in (first, second):
        assert (await site.ask("GET", WHO, token=token)).json["account"]["account_id"] == account.account_id


async def test_signing_in_never_keeps_a_token_that_the_browser_brought(site: Gateway) -> None:
    account = await site.account()
    planted = await site.signed_in(await site.account("Mallory"))
    reply = await site.ask("POST", WHO, {"email": account.email, "password": PASSWORD}, token=planted)
    assert cookie(reply).value != planted
    assert (await site.ask("GET", WHO, token=planted)).json == {"account": None}


async def test_signing_out_ends_the_session_on_the_server_too(site: Gateway) -> None:
    account = await site.account()
    token, elsewhere = await site.signed_in(account), await site.signed_in(account)
    reply = await site.ask("DELETE", WHO, token=token)
    assert reply.status == 204
    assert cookie(reply).value == ""
    assert cookie(reply)["max-age"] == "0"
    assert (await site.ask("GET", WHO, token=token)).json == {"account": None}
    assert (await site.ask("GET", WHO, token=elsewhere)).json["account"], "the other browser stays signed in"


async def test_signing_out_twice_or_without_a_session_is_fine(site: Gateway) -> None:
    assert (await site.ask("DELETE", WHO)).status == 204
    assert (await site.ask("DELETE", WHO, token="unknown")).status == 204


@pytest.mark.parametrize("token", ["x", "x" * 5000, "ÄÖÜ", "' OR 1=1 --"])
async def test_a_token_that_is_none_of_ours_is_nobody(site: Gateway, token: str) -> None:
    reply = await site.ask("GET", WHO, token=token)
    assert (reply.status, reply.json) == (200, {"account": None})


async def test_a_dead_token_is_taken_from_the_browser(site: Gateway) -> None:
    reply = await site.ask("GET", WHO, token="no-longer-valid")
    assert cookie(reply)["max-age"] == "0"


async def test_each_visit_prolongs_the_cookie(site: Gateway) -> None:
    token = await site.signed_in(await site.account())
    again = cookie(await site.ask("GET", WHO, token=token))
    assert again.value == token
    assert int(again["max-age"]) > 0


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(site: Gateway) -> None:
    account = await site.account()
    wrong = await site.ask("POST", WHO, {"email": account.email, "password": "not the password"})
    unknown = await site.ask("POST", WHO, {"email": "nobody@example.org", "password": "not the password"})
    assert (wrong.status, wrong.code) == (401, "bad_credentials")
    assert (unknown.status, unknown.body) == (wrong.status, wrong.body)
    assert not wrong.cookie
    assert unknown.headers.keys() == wrong.headers.keys()


async def test_signing_in_doesnt_mind_how_the_address_is_written(site: Gateway) -> None:
    account = await site.account()
    reply = await site.ask("POST", WHO, {"email": account.email.upper(), "password": PASSWORD})
    assert reply.json["account"]["email"] == account.email


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"accept_terms": False}, 400, "terms_required"),
        ({"name": " \u200b\u202e "}, 400, "bad_request"),
        ({"name": "x" * 81}, 400, "bad_request"),
        ({"password": "123456789"}, 400, "bad_request"),
        ({"password": "x" * 257}, 400, "bad_request"),
        ({"email": "nowhere"}, 400, "bad_request"),
        ({"email": "a b@example.org"}, 400, "bad_request"),
        ({"email": "a\x00b@example.org"}, 400, "bad_request"),
        ({"email": "x" * 250 + "@example.org"}, 400, "bad_request"),
    ],
)
async def test_what_no_account_can_be_made_of_is_refused(
    site: Gateway, changed: dict[str, object], status: int, code: str
) -> None:
    before = await accounts(site)
    reply = await site.ask("POST", "/api/accounts", sign_up("refused@example.org", **changed))
    assert (reply.status, reply.code) == (status, code)
    assert not reply.cookie
    assert await accounts(site) == before


async def test_an_address_has_one_account(site: Gateway) -> None:
    account = await site.account()
    reply = await site.ask("POST", "/api/accounts", sign_up(account.email.upper()))
    assert (reply.status, reply.code) == (409, "email_taken")


async def test_names_are_kept_without_what_cant_be_seen(site: Gateway) -> None:
    reply = await site.ask(
        "POST", "/api/accounts", sign_up("invisible@example.org", name=" \u202eAnn\n \u200bLee\x07 ")
    )
    assert reply.json["name"] == "Ann Lee"


async def test_a_server_closed_for_sign_up_still_takes_its_first_account() -> None:
    async with gateway(media=False, sign_up_open=False) as site:
        assert (await site.ask("GET", "/api/site")).json["sign_up_open"] is True
        assert (await site.ask("POST", "/api/accounts", sign_up("first@example.org"))).status == 201
        assert (await site.ask("GET", "/api/site")).json["sign_up_open"] is False
        second = await site.ask("POST", "/api/accounts", sign_up("second@example.org"))
        assert (second.status, second.code) == (403, "sign_up_closed")
