"""Signed tokens: genuine ones of the right purpose and time are taken, everything else is refused."""

from __future__ import annotations

import base64
import stat
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.store.secrets import MAX_TOKEN_CHARS, SECRET_BYTES, Signer, TokenError, load_secret


class Body(msgspec.Struct, frozen=True):
    """Something to sign."""

    key: str
    number: int = 0


class OtherBody(msgspec.Struct, frozen=True):
    """What another version signed."""

    something: str


SIGNER = Signer(b"secret", "guest")
BODY = Body("guest-1", 7)
TOKEN = SIGNER.sign(BODY, expires=1000.0)


def test_a_token_brings_back_what_was_signed() -> None:
    assert SIGNER.verify(TOKEN, Body, now=999.0) == BODY


def test_a_token_ends() -> None:
    with pytest.raises(TokenError, match="expired"):
        SIGNER.verify(TOKEN, Body, now=1000.0)


def test_a_token_fits_into_addresses_and_headers() -> None:
    assert TOKEN.isascii()
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize("signer", [Signer(b"other", "guest"), Signer(b"secret", "invitation"), Signer(b"", "guest")])
def test_a_token_is_worth_nothing_elsewhere(signer: Signer) -> None:
    with pytest.raises(TokenError, match="forged"):
        signer.verify(TOKEN, Body, now=0.0)


def test_a_token_with_another_body_than_expected_is_refused() -> None:
    with pytest.raises(TokenError, match="malformed"):
        SIGNER.verify(SIGNER.sign(OtherBody("x"), 1000.0), Body, now=0.0)


@given(position=st.integers(0, len(TOKEN) - 1), char=st.sampled_from("ABCxyz019-_."))
def test_no_changed_character_of_the_payload_passes(position: int, char: str) -> None:
    changed = TOKEN[:position] + char + TOKEN[position + 1 :]
    payload = TOKEN.partition(".")[0]
    if changed.partition(".")[0] != payload:
        with pytest.raises(TokenError):
            SIGNER.verify(changed, Body, now=0.0)


@given(expires=st.floats(0, 2e9), later=st.floats(1, 1e9))
def test_the_time_cant_be_changed_by_who_holds_the_token(expires: float, later: float) -> None:
    token = SIGNER.sign(BODY, expires)
    payload, _, tag = token.partition(".")
    envelope = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    envelope[0] = expires + later
    longer = base64.urlsafe_b64encode(msgspec.json.encode(envelope)).rstrip(b"=").decode()
    with pytest.raises(TokenError):
        SIGNER.verify(f"{longer}.{tag}", Body, now=expires)


@given(text=st.text(max_size=80) | st.text("AZaz09-_.=", max_size=80) | st.binary(max_size=60).map(repr))
def test_any_text_is_refused_with_a_token_error_and_nothing_else(text: str) -> None:
    with pytest.raises(TokenError):
        SIGNER.verify(text, Body, now=0.0)


@given(text=st.text(max_size=40))
def test_a_genuine_tag_over_any_payload_is_refused_too(text: str) -> None:
    """As a former version's tokens may be, after an update."""
    payload = base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()
    tag = base64.urlsafe_b64encode(SIGNER._tag(payload)).rstrip(b"=").decode()
    with pytest.raises(TokenError):
        SIGNER.verify(f"{payload}.{tag}", Body, now=0.0)


def test_a_huge_token_is_not_looked_at() -> None:
    with pytest.raises(TokenError, match="malformed"):
        SIGNER.verify("x" * MAX_TOKEN_CHARS + "." + "y", Body, now=0.0)


# --- the secret -------------------------------------------------------------------------------------------------------


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    secret = load_secret(directory)
    assert len(secret) == SECRET_BYTES
    assert load_secret(directory) == secret
    assert stat.S_IMODE((directory / "secret").stat().st_mode) == 0o600
    assert [file.name for file in directory.iterdir()] == ["secret"], "nothing else is left behind"


def test_two_servers_have_two_secrets(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "one") != load_secret(tmp_path / "two")


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def load() -> None:
        barrier.wait()
        found.append(load_secret(tmp_path))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_given_secret_needs_no_directory(tmp_path: Path) -> None:
    directory = tmp_path / "never-made"
    assert load_secret(directory, "given") == load_secret(directory, "given") != load_secret(directory, "other")
    assert not directory.exists()


@pytest.mark.parametrize("size", [0, SECRET_BYTES - 1])
def test_a_secret_that_was_cut_off_is_not_used(tmp_path: Path, size: int) -> None:
    (tmp_path / "secret").write_bytes(b"x" * size)
    with pytest.raises(OSError, match="too short") as error:
        load_secret(tmp_path)
    assert error.value.strerror, "which the operator is shown"
