"""Whoever wants to know whether they can reach the media port learns it, and gets nothing else there."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.endpoint import EndpointConfig, MediaEndpoint
from parley.sfu.ice import Credentials
from parley.sfu.probe import MAX_ANSWERS, MAX_PROBES, PROBE_SECONDS, Probes, ProbesExhaustedError
from tests.sfu.ice_client import IceClient, UdpWay, until
from tests.sfu.test_ice import check, without

HOME = ("192.0.2.7", 40_000)
FAR = ("2001:db8:1234:5678:9abc:def0:1234:5678", 65_535)


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [HOME, FAR])
def test_a_check_of_a_probe_is_answered_with_the_address_it_came_from(address: tuple[str, int]) -> None:
    probes = Probes()
    credentials = probes.create(0.0)
    answer = probes.answer(check(credentials), address, 1.0)
    assert answer is not None
    response = stun.parse_message(answer)
    assert response.message_class == stun.Class.RESPONSE
    assert response.attributes["XOR-MAPPED-ADDRESS"] == address
    assert response.check_message_integrity(credentials.password.encode())


@pytest.mark.parametrize("address", [HOME, FAR])
@pytest.mark.parametrize("controlled", [False, True])
def test_an_answer_is_never_larger_than_the_smallest_check(address: tuple[str, int], controlled: bool) -> None:
    probes = Probes()
    credentials = probes.create(0.0)
    whole = check(credentials, "a", controlled=controlled)
    assert probes.answer(whole, address, 1.0) is not None
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{credentials.ufrag}:"
    request.add_message_integrity(credentials.password.encode())
    answer = probes.answer(bytes(request), address, 1.0)
    assert answer is None or len(answer) <= len(bytes(request))


def test_who_doesnt_know_the_password_is_not_answered() -> None:
    probes = Probes()
    credentials = probes.create(0.0)
    stranger = Credentials("nobodys", credentials.password)
    for request in (
        check(credentials, password="guessed"),
        check(stranger),
        without(check(credentials), 0x0008),  # MESSAGE-INTEGRITY
        without(check(credentials), 0x8028),  # FINGERPRINT
        without(check(credentials), 0x0006),  # USERNAME
        bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)),
    ):
        assert probes.answer(request, HOME, 1.0) is None
    assert probes.answer(check(credentials), HOME, 1.0) is not None


def test_a_probe_ends_by_itself() -> None:
    probes = Probes()
    first, second = probes.create(0.0), probes.create(5.0)
    assert probes.answer(check(first), HOME, PROBE_SECONDS - 0.1) is not None
    assert probes.answer(check(first), HOME, PROBE_SECONDS) is None
    assert probes.expire(PROBE_SECONDS) == [first.ufrag]
    assert probes.answer(check(second), HOME, PROBE_SECONDS) is not None
    assert probes.expire(PROBE_SECONDS + 5.0) == [second.ufrag]
    assert len(probes) == 0


def test_a_probe_is_answered_only_so_often_from_whatever_address_and_that_is_nobody_elses_loss() -> None:
    probes = Probes()
    greedy, other = probes.create(0.0), probes.create(0.0)
    request = check(greedy)
    answers = [probes.answer(request, (f"192.0.2.{number}", number), 1.0) for number in range(MAX_ANSWERS + 50)]
    assert sum(answer is not None for answer in answers) == MAX_ANSWERS
    assert probes.answer(check(other), HOME, 1.0) is not None


def test_what_cant_be_answered_costs_the_probe_nothing() -> None:
    probes = Probes()
    credentials = probes.create(0.0)
    for _ in range(2 * MAX_ANSWERS):
        assert probes.answer(check(credentials, password="guessed"), HOME, 1.0) is None
    assert probes.answer(check(credentials), HOME, 1.0) is not None


def test_when_too_many_live_the_next_is_refused_and_those_that_live_go_on() -> None:
    probes = Probes()
    first = probes.create(0.0)
    for _ in range(MAX_PROBES - 1):
        probes.create(0.0)
    with pytest.raises(ProbesExhaustedError):
        probes.create(1.0)
    assert probes.answer(check(first), HOME, 1.0) is not None
    probes.expire(PROBE_SECONDS)
    probes.create(PROBE_SECONDS)


@pytest.mark.fuzz
@given(st.data())
def test_hostile_bytes_are_not_answered_with_more_than_they_are_and_raise_nothing(data: st.DataObject) -> None:
    probes = Probes()
    request = bytearray(check(probes.create(0.0)))
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(request) - 1), st.binary(max_size=4)), max_size=4)
    ):
        request[at : at + len(value)] = value
    cut = bytes(request[: data.draw(st.integers(20, len(request)))])
    answer = probes.answer(cut, HOME, 1.0)
    assert answer is None or len(answer) <= len(cut)


# --- the port ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def endpoint() -> AsyncIterator[MediaEndpoint]:
    running = MediaEndpoint(EndpointConfig(hosts=("127.0.0.1",)))
    await running.start()
    yield running
    await running.close()


def prober(offer: str) -> IceClient:
    """A browser that was given this offer."""
    client = IceClient()
    client.server_ufrag, client.server_password = (
        re.findall(rf"a=ice-{name}:(\S+)", offer)[0] for name in ("ufrag", "pwd")
    )
    return client


def test_the_offers_tell_the_two_ways_apart(endpoint: MediaEndpoint) -> None:
    offers = endpoint.create_probe(0.0)
    assert offers.tcp is not None
    for offer, protocol, port in ((offers.udp, "udp", endpoint.udp_port), (offers.tcp, "tcp", endpoint.tcp_port)):
        candidates = re.findall(r"a=candidate:\S+ 1 (\w+) \d+ (\S+) (\d+) typ host", offer)
        assert candidates == [(protocol, "127.0.0.1", str(port))]
        assert "a=ice-lite" in offer


async def test_both_ways_answer_and_neither_takes_anything_else_from_there(endpoint: MediaEndpoint) -> None:
    now = 1e9  # long after what the sockets read from the clock, so that the probe lives
    client = prober(endpoint.create_probe(now).udp)
    assert endpoint.tcp_port is not None
    ways = [client.udp(endpoint.udp_port), await client.tcp(endpoint.tcp_port)]
    for way in ways:
        response = await client.check(way)
        assert response.attributes["XOR-MAPPED-ADDRESS"] == way.address
    client.raw.clear()
    unknown = endpoint.dropped.unknown_source
    for way in ways:
        way.send(b"\x16\xfe\xfd" + bytes(60))  # a ClientHello, as a browser that connected sends
    await until(lambda: endpoint.dropped.unknown_source == unknown + 2)
    assert client.raw == []
    assert endpoint.demux.counts()[1] == 0, "no path is held"
    await client.close()


async def test_a_tcp_connection_that_only_probes_doesnt_stay(endpoint: MediaEndpoint) -> None:
    client = prober(endpoint.create_probe(1e9).udp)
    assert endpoint.tcp_port is not None
    way = await client.tcp(endpoint.tcp_port)
    await client.check(way)
    assert not way.closed, "the answer would be lost with it"
    endpoint.tick(1e9)
    await until(lambda: way.closed)
    await client.close()


async def test_a_probe_is_forgotten_when_it_ends(endpoint: MediaEndpoint) -> None:
    client = prober(endpoint.create_probe(0.0).udp)
    assert endpoint.demux.counts() == (1, 0)
    endpoint.tick(PROBE_SECONDS)
    assert endpoint.demux.counts() == (0, 0)
    unknown = endpoint.dropped.unknown_ufrag
    way = client.udp(endpoint.udp_port)
    way.send(bytes(client.request()))
    await until(lambda: endpoint.dropped.unknown_ufrag == unknown + 1)
    await client.close()


async def test_a_check_with_any_bit_changed_that_it_proves_gets_no_answer_at_the_port(endpoint: MediaEndpoint) -> None:
    client = prober(endpoint.create_probe(1e9).udp)
    answers: list[bytes] = []
    stranger = UdpWay(("127.0.0.1", endpoint.udp_port), lambda way, data: answers.append(data), "127.0.0.1")
    rng = random.Random(1)
    for _ in range(300):
        data = bytearray(bytes(client.request()))
        data[rng.randrange(len(data) - 8)] ^= 1 << rng.randrange(8)
        stranger.send(bytes(data))
    await client.check(client.udp(endpoint.udp_port))  # all that was sent before has been read
    assert answers == []
    assert endpoint.dropped.failures == 0
    stranger.close()
    await client.close()
