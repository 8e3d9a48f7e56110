"""TURN credentials as coturn's use-auth-secret checks them: they end by themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac

from parley.signaling.gateway.turn import ice_servers, turn_credentials

URLS = ["stun:stun.example.org", "turn:turn.example.org:3478", "turns:turn.example.org:5349?transport=tcp"]


def test_the_username_tells_when_it_ends_and_the_credential_proves_it() -> None:
    username, credential = turn_credentials("secret", "guest-1", 1_700_000_000.9)
    assert username == "1700000000:guest-1"
    expected = hmac.new(b"secret", username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(credential) == expected


def test_an_identity_cant_make_up_another_end() -> None:
    username, _ = turn_credentials("secret", "9999999999:guest", 1_700_000_000)
    assert username.count(":") == 1


def test_two_people_have_two_credentials() -> None:
    assert turn_credentials("secret", "a", 1.0) != turn_credentials("secret", "b", 1.0)


def test_stun_needs_no_credentials_and_turn_has_them() -> None:
    stun, turn = ice_servers(URLS, "secret", "guest-1", 1.7e9)
    assert (stun.urls, stun.username, stun.credential) == (URLS[:1], None, None)
    assert turn.urls == URLS[1:]
    assert turn.username
    assert turn.credential


def test_without_a_secret_no_turn_server_is_given_out() -> None:
    assert [server.urls for server in ice_servers(URLS, None, "guest-1", 1.7e9)] == [URLS[:1]]
    assert ice_servers([], "secret", "guest-1", 1.7e9) == []
