"""Both registries keep the same promise: a room has one node, for as long as that node lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio

from parley.store import registry as registry_module
from parley.store.registry import EmbeddedRegistry, NodeAddress, RedisRegistry, Registry, RegistryError
from tests.support.redis import redis_server

A = NodeAddress("/run/a.sock", "node-a")
B = NodeAddress("/run/b.sock", "node-b")


@pytest.fixture
async def redis_url(tmp_path: Path) -> AsyncIterator[str]:
    async with redis_server(tmp_path) as url:
        yield url


@pytest.fixture(params=["embedded", "redis"])
async def registry(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Registry]:
    """With the nodes A and B known to it."""
    if request.param == "embedded":
        yield EmbeddedRegistry([A.address, B.address])
        return
    async with redis_server(tmp_path) as url:
        made = RedisRegistry(url)
        await made.announce(A, [])
        await made.announce(B, [])
        yield made
        await made.close()


# --- the promise ------------------------------------------------------------------------------------------------------


async def test_the_nodes_are_known(registry: Registry) -> None:
    assert {node.address for node in await registry.nodes()} == {A.address, B.address}


async def test_a_room_that_nobody_claimed_has_no_node(registry: Registry) -> None:
    assert await registry.room_node("m") is None


async def test_the_first_claim_counts_and_the_second_learns_of_it(registry: Registry) -> None:
    assert await registry.claim_room("m", "node-a") == "node-a"
    assert await registry.claim_room("m", "node-b") == "node-a"
    assert await registry.room_node("m") == "node-a"


async def test_claiming_again_for_the_same_node_changes_nothing(registry: Registry) -> None:
    await registry.claim_room("m", "node-a")
    assert await registry.claim_room("m", "node-a") == "node-a"


async def test_of_many_claims_at_once_one_wins_and_all_agree(registry: Registry) -> None:
    claims = (registry.claim_room("m", f"node-{'ab'[number % 2]}") for number in range(40))
    assert len(set(await asyncio.gather(*claims))) == 1


async def test_a_released_room_can_be_claimed_by_another(registry: Registry) -> None:
    await registry.claim_room("m", "node-a")
    await registry.release_room("m", "node-a")
    assert await registry.room_node("m") is None
    assert await registry.claim_room("m", "node-b") == "node-b"


async def test_nobody_releases_what_another_has(registry: Registry) -> None:
    await registry.claim_room("m", "node-a")
    await registry.release_room("m", "node-b")
    assert await registry.room_node("m") == "node-a"


async def test_the_claims_of_a_dead_node_count_no_more_and_others_do(registry: Registry) -> None:
    await registry.claim_room("m", "node-a")
    await registry.claim_room("other", "node-b")
    await registry.forget_node("node-a")
    assert await registry.room_node("m") is None
    assert await registry.claim_room("m", "node-b") == "node-b"
    assert await registry.room_node("other") == "node-b"


async def test_a_node_that_comes_back_learns_which_rooms_it_lost_and_keeps_the_others(registry: Registry) -> None:
    for meeting in ("kept", "lost"):
        await registry.claim_room(meeting, "node-a")
    await registry.forget_node("node-a")
    await registry.claim_room("lost", "node-b")
    assert await registry.announce(A, ["kept", "lost"]) == ["lost"]
    assert await registry.room_node("kept") == "node-a"
    assert await registry.room_node("lost") == "node-b"


async def test_an_announced_room_is_claimed_by_that(registry: Registry) -> None:
    assert await registry.announce(A, ["m"]) == []
    assert await registry.claim_room("m", "node-b") == "node-a"


# --- what only Redis does ---------------------------------------------------------------------------------------------


async def test_two_machines_see_the_same(redis_url: str) -> None:
    here, there = RedisRegistry(redis_url), RedisRegistry(redis_url)
    await here.announce(A, [])
    assert await there.nodes() == [A]
    await here.claim_room("m", "node-a")
    assert await there.claim_room("m", "node-b") == "node-a"
    await here.close()
    await there.close()


async def test_a_node_that_falls_silent_runs_out_with_its_claims(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "ANNOUNCEMENT_SECONDS", 1)
    registry = RedisRegistry(redis_url)
    await registry.announce(A, ["m"])
    async with asyncio.timeout(5):
        while await registry.nodes():  # noqa: ASYNC110 - Redis says nothing when a key runs out
            await asyncio.sleep(0.05)
    assert await registry.room_node("m") is None
    monkeypatch.undo()
    await registry.announce(B, [])
    assert await registry.claim_room("m", "node-b") == "node-b"
    await registry.close()


async def test_nothing_is_kept_for_ever(redis_url: str) -> None:
    registry = RedisRegistry(redis_url)
    await registry.announce(A, ["m"])
    await registry.claim_room("n", "node-a")
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        left = {key: await client.ttl(key) for key in await client.keys("{parley}:[nr]o[do]?*:*")}
    assert len(left) == 3
    assert all(0 < seconds <= registry_module.CLAIM_SECONDS for seconds in left.values())
    await registry.close()


async def test_a_redis_that_is_gone_is_a_registry_error_in_every_method(tmp_path: Path) -> None:
    registry = RedisRegistry(f"unix://{tmp_path}/nobody.sock")
    for attempt in (
        registry.nodes(),
        registry.announce(A, []),
        registry.forget_node("node-a"),
        registry.claim_room("m", "node-a"),
        registry.room_node("m"),
        registry.release_room("m", "node-a"),
    ):
        with pytest.raises(RegistryError, match="Redis"):
            await attempt
    await registry.close()


async def test_a_redis_that_comes_back_is_used_again(tmp_path: Path) -> None:
    async with redis_server(tmp_path) as url:
        registry = RedisRegistry(url)
        await registry.announce(A, [])
    (tmp_path / "redis.sock").unlink()
    with pytest.raises(RegistryError):
        await registry.nodes()
    async with redis_server(tmp_path):
        await registry.announce(A, ["m"])
        assert await registry.room_node("m") == "node-a"
    await registry.close()


async def test_a_redis_that_does_not_answer_holds_nobody_up_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "REDIS_TIMEOUT_SECONDS", 0.05)
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_unix_server(silent, tmp_path / "silent.sock")
    async with server:
        registry = RedisRegistry(f"unix://{tmp_path}/silent.sock")
        async with asyncio.timeout(5):
            with pytest.raises(RegistryError):
                await registry.nodes()
        await registry.close()
        over.set()


async def test_an_announcement_that_is_not_ours_is_a_registry_error(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.sadd("{parley}:nodes", "x")
        await client.set("{parley}:node:x", "no JSON")
    registry = RedisRegistry(redis_url)
    with pytest.raises(RegistryError, match="not ours"):
        await registry.nodes()
    await registry.close()


@pytest.mark.parametrize("url", ["", "http://x", "nonsense"])
def test_an_address_that_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(RegistryError, match="address"):
        RedisRegistry(url)
