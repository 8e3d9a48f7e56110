"""What ICE-lite answers, whom it trusts, and how a restart hands over."""

from __future__ import annotations

import struct

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.ice import CONSENT_SECONDS, MAX_SOURCES, MAX_STUN_BYTES, Credentials, IceLite, is_stun, local_ufrag_of

BROWSER = Credentials("brow", "the-browsers-own-password")
HOME = ("192.0.2.7", 40_000)
CAFE = ("198.51.100.9", 50_000)


def check(
    local: Credentials,
    remote_ufrag: str = BROWSER.ufrag,
    *,
    nominate: bool = False,
    password: str | None = None,
    username: str | None = None,
    controlled: bool = False,
) -> bytes:
    """A connectivity check as a browser sends it."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = username if username is not None else f"{local.ufrag}:{remote_ufrag}"
    request.attributes["PRIORITY"] = 1_853_824_767
    request.attributes["ICE-CONTROLLED" if controlled else "ICE-CONTROLLING"] = 7
    if nominate:
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity((password or local.password).encode())
    return bytes(request)


def without(request: bytes, attribute: int, password: str | None = None) -> bytes:
    """The same request without one attribute, with a new MESSAGE-INTEGRITY where a password is given."""
    kept = b""
    position = 20
    while position < len(request):
        kind, size = struct.unpack_from("!HH", request, position)
        end = position + 4 + size + (-size % 4)
        if kind != attribute:
            kept += request[position:end]
        position = end
    return request[:2] + struct.pack("!H", len(kept)) + request[4:20] + kept


def connected() -> IceLite[tuple[str, int]]:
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    assert ice.handle(check(ice.local, nominate=True), HOME, HOME, 1.0)
    return ice


def untouched(ice: IceLite[tuple[str, int]]) -> bool:
    return ice.selected is None and ice.sources() == [] and ice.last_check is None


@pytest.mark.parametrize("source", [HOME, ("2001:db8::17", 40_001)])
def test_a_valid_check_is_answered_with_the_address_it_came_from_and_proof_of_our_password(
    source: tuple[str, int],
) -> None:
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    request = check(ice.local)
    answer = ice.handle(request, source, source, 5.0)
    assert answer is not None
    response = stun.parse_message(answer)  # checks the fingerprint
    assert response.message_class == stun.Class.RESPONSE
    assert response.transaction_id == request[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == source
    assert "FINGERPRINT" in response.attributes
    assert response.check_message_integrity(ice.local.password.encode())
    assert ice.sources() == [source]
    assert ice.checked(source) == 5.0
    assert ice.selected is None, "a check without USE-CANDIDATE nominates nothing"


def test_use_candidate_moves_the_path_at_once_and_back() -> None:
    ice = connected()
    assert ice.selected == HOME
    assert ice.handle(check(ice.local, nominate=True), CAFE, CAFE, 2.0)
    assert ice.selected == CAFE
    assert ice.handle(check(ice.local, nominate=True), HOME, HOME, 3.0)
    assert ice.selected == HOME


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda ours: check(ours, password="a guess"), id="wrong password"),
        pytest.param(lambda ours: check(ours, password=BROWSER.password), id="the browser's password instead of ours"),
        pytest.param(lambda ours: check(ours, "other"), id="another browser's fragment"),
        pytest.param(lambda ours: check(ours, username=ours.ufrag), id="only our fragment"),
        pytest.param(lambda ours: check(ours, username=f"{BROWSER.ufrag}:{ours.ufrag}"), id="fragments swapped"),
        pytest.param(lambda ours: check(ours, username=f"{ours.ufrag}:{BROWSER.ufrag}x"), id="a longer username"),
        pytest.param(lambda ours: check(ours, username=f"{ours.ufrag}:é"), id="a username beyond ASCII"),
        pytest.param(lambda ours: without(check(ours), 0x0008), id="no MESSAGE-INTEGRITY"),
        pytest.param(lambda ours: without(check(ours), 0x8028), id="no FINGERPRINT"),
        pytest.param(lambda ours: without(check(ours), 0x0006), id="no USERNAME"),
        pytest.param(lambda ours: check(ours)[:-4] + b"\0\0\0\0", id="wrong FINGERPRINT"),
        pytest.param(lambda ours: b"\x00\x11" + check(ours)[2:], id="an indication"),
        pytest.param(lambda ours: b"\x01\x01" + check(ours)[2:], id="a response"),
        pytest.param(lambda ours: b"\x00\x03" + check(ours)[2:], id="a TURN allocation"),
    ],
)
def test_what_is_not_a_genuine_check_is_neither_answered_nor_trusted(forge) -> None:  # type: ignore[no-untyped-def]
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    assert ice.handle(forge(ice.local), HOME, HOME, 1.0) is None
    assert untouched(ice)


def test_use_candidate_added_after_the_integrity_does_not_nominate() -> None:
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    request = without(check(ice.local), 0x8028) + struct.pack("!HH", 0x0025, 0)
    request = request[:2] + struct.pack("!H", len(request) - 20 + 8) + request[4:]
    request += struct.pack("!HHI", 0x8028, 4, stun.message_fingerprint(request))
    stun.parse_message(request)  # well-formed
    assert ice.handle(request, HOME, HOME, 1.0) is not None
    assert ice.selected is None


def test_a_check_that_comes_before_the_browsers_answer_is_answered_for_it_knows_our_password() -> None:
    ice: IceLite[tuple[str, int]] = IceLite()
    assert ice.handle(check(ice.local), HOME, HOME, 1.0) is not None
    assert ice.handle(check(ice.local, password="a guess"), CAFE, CAFE, 1.0) is None
    assert ice.sources() == [HOME]


def test_a_browser_that_believes_itself_controlled_is_told_so_and_not_trusted_yet() -> None:
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    answer = ice.handle(check(ice.local, controlled=True, nominate=True), HOME, HOME, 1.0)
    assert answer is not None
    response = stun.parse_message(answer)
    assert response.message_class == stun.Class.ERROR
    assert response.error_code == 487
    assert response.check_message_integrity(ice.local.password.encode())
    assert untouched(ice)


# --- restart ----------------------------------------------------------------------------------------------------------


def test_after_a_restart_old_checks_work_until_a_pair_with_the_new_credentials_is_nominated() -> None:
    ice = connected()
    old = ice.local
    ice.restart()
    new = ice.local
    assert new != old
    assert ice.ufrags() == [new.ufrag, old.ufrag]
    assert ice.selected == HOME, "media keeps flowing"
    assert ice.handle(check(old, nominate=True), HOME, HOME, 2.0) is not None

    ice.set_remote("next", "a-new-password-of-the-browser")
    assert ice.handle(check(new, "next"), CAFE, CAFE, 3.0) is not None
    assert ice.selected == HOME, "a new pair that is only checked takes nothing over"
    assert ice.handle(check(old), HOME, HOME, 3.1) is not None

    assert ice.handle(check(new, "next", nominate=True), CAFE, CAFE, 3.2) is not None
    assert ice.selected == CAFE
    assert ice.ufrags() == [new.ufrag]
    assert ice.handle(check(old, nominate=True), HOME, HOME, 3.3) is None, "now the old ones are void"
    assert ice.selected == CAFE


def test_new_fragments_go_with_new_fragments_only() -> None:
    ice = connected()
    old = ice.local
    ice.restart()
    ice.set_remote("next", "a-new-password-of-the-browser")
    assert ice.handle(check(ice.local, BROWSER.ufrag), CAFE, CAFE, 2.0) is None
    assert ice.handle(check(old, "next"), CAFE, CAFE, 2.0) is None


def test_restarting_twice_keeps_the_credentials_that_media_flows_by() -> None:
    ice = connected()
    flowing = ice.local
    ice.restart()
    between = ice.local
    ice.restart()
    assert ice.ufrags() == [ice.local.ufrag, flowing.ufrag]
    assert ice.handle(check(flowing), HOME, HOME, 2.0) is not None
    assert ice.handle(check(between), HOME, HOME, 2.0) is None


def test_other_credentials_of_the_browser_are_its_restart_and_the_same_again_are_not() -> None:
    ice = connected()
    before = ice.local
    ice.set_remote(BROWSER.ufrag, BROWSER.password)
    assert ice.local == before
    ice.set_remote("next", "a-new-password-of-the-browser")
    assert ice.local != before
    assert ice.handle(check(ice.local, "next", nominate=True), CAFE, CAFE, 2.0) is not None
    assert ice.selected == CAFE


# --- bounds and consent -----------------------------------------------------------------------------------------------


def test_verified_sources_are_bounded_and_the_selected_one_is_never_the_one_that_goes() -> None:
    ice = connected()
    for port in range(2_000):
        source = ("203.0.113.1", port)
        assert ice.handle(check(ice.local), source, source, 2.0)
    assert len(ice.sources()) == MAX_SOURCES
    assert ice.selected == HOME
    assert ice.checked(HOME) is not None


def test_consent_runs_out_thirty_seconds_after_the_last_check() -> None:
    ice = connected()
    assert ice.handle(check(ice.local), CAFE, CAFE, 20.0)
    assert ice.expire(1.0 + CONSENT_SECONDS) == []
    assert ice.expire(1.1 + CONSENT_SECONDS) == [HOME]
    assert ice.selected is None
    assert ice.sources() == [CAFE]


def test_every_transport_has_its_own_credentials_as_long_as_the_standard_asks() -> None:
    many = [IceLite[int]().local for _ in range(50)]
    assert len({one.ufrag for one in many}) == 50
    assert len({one.password for one in many}) == 50
    assert all(4 <= len(one.ufrag) <= 256 and 22 <= len(one.password) <= 256 for one in many)


# --- hostile bytes ----------------------------------------------------------------------------------------------------


def test_the_fast_check_knows_stun_from_everything_else_on_the_port() -> None:
    request = check(Credentials("ours", "x" * 22))
    assert is_stun(request, len(request))
    assert is_stun(bytearray(request) + b"left over from before", len(request))
    assert not is_stun(request, len(request) - 4)
    assert not is_stun(b"\x16\xfe\xfd" + request[3:], len(request))
    assert not is_stun(b"\x80" + request[1:], len(request))
    assert not is_stun(request[:4] + b"\0\0\0\0" + request[8:], len(request))
    assert not is_stun(request[:19], 19)
    assert not is_stun(b"", 0)
    size = MAX_STUN_BYTES + 4 - MAX_STUN_BYTES % 4
    long = request[:2] + struct.pack("!H", size - 20) + request[4:20] + bytes(size - 20)
    assert not is_stun(long, len(long))


def test_our_fragment_is_found_without_parsing_the_rest() -> None:
    assert local_ufrag_of(check(Credentials("ours", "x" * 22))) == "ours"
    assert local_ufrag_of(check(Credentials("ours", "x" * 22), username="no colon")) is None
    assert local_ufrag_of(without(check(Credentials("ours", "x" * 22)), 0x0006)) is None
    assert local_ufrag_of(b"\x01\x01" + check(Credentials("ours", "x" * 22))[2:]) is None


GENUINE = Credentials("ours", "our-password-that-is-long-enough")


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Random bytes, random attributes behind a true header, or a genuine check with a few bytes changed."""
    kind = draw(st.sampled_from(["noise", "attributes", "bitten"]))
    if kind == "noise":
        return draw(st.binary(max_size=700))
    if kind == "bitten":
        data = bytearray(check(GENUINE, nominate=True))
        for _ in range(draw(st.integers(1, 6))):
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)
    known = st.sampled_from([entry[0] for entry in stun.ATTRIBUTES])
    body = b""
    for _ in range(draw(st.integers(0, 6))):
        value = draw(st.binary(max_size=40))
        size = draw(st.one_of(st.just(len(value)), st.integers(0, 65_535)))
        body += struct.pack("!HH", draw(known), size) + value + bytes(-len(value) % 4)
    method = draw(st.sampled_from([0x0001, 0x0101, 0x0011, 0x0111, 0x0003, 0x3FFF, 0x0002]))
    return struct.pack("!HHI12s", method, len(body), stun.COOKIE, bytes(12)) + body


@given(hostile(), st.booleans())
def test_no_bytes_raise_and_none_but_the_genuine_ones_are_answered(data: bytes, remote_known: bool) -> None:
    ice: IceLite[tuple[str, int]] = IceLite()
    ice.local = GENUINE
    if remote_known:
        ice.set_remote(BROWSER.ufrag, BROWSER.password)
    is_stun(data, len(data))
    if len(data) >= 20:
        local_ufrag_of(data)
    if ice.handle(data, HOME, HOME, 1.0) is None:
        assert untouched(ice)
    else:
        assert stun.parse_message(data).check_message_integrity(GENUINE.password.encode())


@given(st.binary(min_size=20, max_size=MAX_STUN_BYTES))
def test_a_fragment_is_a_prefix_of_bytes_that_are_in_the_message(tail: bytes) -> None:
    data = b"\x00\x01" + struct.pack("!H", len(tail)) + b"\x21\x12\xa4\x42" + bytes(12) + tail
    ufrag = local_ufrag_of(data)
    if ufrag is not None and ufrag.isascii():
        assert ufrag.encode() + b":" in tail
