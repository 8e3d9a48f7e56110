"""Which media nodes there are, and which of them has a meeting's room: what gateways must agree on.

A claim binds a meeting to a node for as long as that node lives. On one machine both are known in the gateway's own
process (EmbeddedRegistry); between machines they are in Redis (RedisRegistry), where nodes announce themselves with a
time to live and keep the claims of their open rooms alive.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import redis.asyncio
from redis.exceptions import RedisError

ANNOUNCEMENT_SECONDS = 5
"""A node not heard of for this long is gone, and so are its claims."""

CLAIM_SECONDS = 60
"""A claim that its node doesn't renew goes away by itself, so that a dead node leaves nothing behind for ever."""

REDIS_TIMEOUT_SECONDS = 2.0


class RegistryError(Exception):
    """The registry can't be reached or used; the text says why."""


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """Where a media node listens for gateways: a path or host:port. The id is None until the node has told its own."""

    address: str
    node_id: str | None = None


class Registry(Protocol):
    """See the module. Every method may raise RegistryError."""

    @property
    def nodes_keep_claims(self) -> bool:
        """Whether the nodes renew and release their claims themselves; else the gateway releases them."""

    async def nodes(self) -> list[NodeAddress]:
        """The nodes that announced themselves."""

    async def announce(self, node: NodeAddress, meeting_ids: Iterable[str]) -> list[str]:
        """A node lives and has these rooms open. Returns the meetings that another node has claimed meanwhile."""

    async def forget_node(self, node_id: str) -> None:
        """The node is dead or gone: its claims count no more."""

    async def claim_room(self, meeting_id: str, node_id: str) -> str:
        """Claim a room for a node unless a live node has it. Returns the node that has it now."""

    async def room_node(self, meeting_id: str) -> str | None:
        """The live node that has the room."""

    async def release_room(self, meeting_id: str, node_id: str) -> None:
        """The room is closed; nothing happens when it isn't this node's."""

    async def close(self) -> None:
        """Let go of connections."""


class EmbeddedRegistry:
    """For one gateway on one machine: addresses from the supervisor, claims in this process."""

    nodes_keep_claims = False

    def __init__(self, addresses: Iterable[str]) -> None:
        self._nodes = [NodeAddress(address) for address in addresses]
        self._claims: dict[str, str] = {}

    async def nodes(self) -> list[NodeAddress]:
        """The addresses it was made with."""
        return list(self._nodes)

    async def announce(self, node: NodeAddress, meeting_ids: Iterable[str]) -> list[str]:
        """The gateway says what it found open on a node: claims from before it was started."""
        node_id = node.node_id
        assert node_id is not None
        return [meeting for meeting in meeting_ids if self._claims.setdefault(meeting, node_id) != node_id]

    async def forget_node(self, node_id: str) -> None:
        """Drop the node's claims."""
        self._claims = {meeting: node for meeting, node in self._claims.items() if node != node_id}

    async def claim_room(self, meeting_id: str, node_id: str) -> str:
        """First come, first served."""
        return self._claims.setdefault(meeting_id, node_id)

    async def room_node(self, meeting_id: str) -> str | None:
        """Who claimed it."""
        return self._claims.get(meeting_id)

    async def release_room(self, meeting_id: str, node_id: str) -> None:
        """Forget the claim if it is this node's."""
        if self._claims.get(meeting_id) == node_id:
            del self._claims[meeting_id]

    async def close(self) -> None:
        """Nothing to let go of."""


# All keys share the hash tag {parley}, so that scripts work on a Redis cluster too: they lie in one slot.
_NODE = "{parley}:node:"
_NODES_KEY = "{parley}:nodes"
_ROOM = "{parley}:room:"

_CLAIM = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and redis.call('EXISTS', ARGV[3] .. holder) == 1 then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
"""

_HOLDER = """
local holder = redis.call('GET', KEYS[1])
if holder and redis.call('EXISTS', ARGV[1] .. holder) == 1 then return holder end
return false
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""

_NODES = """
local found = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local value = redis.call('GET', ARGV[1] .. id)
  if value then found[#found + 1] = {id, value} else redis.call('SREM', KEYS[1], id) end
end
return found
"""

_ANNOUNCE = """
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
local lost = {}
for index = 3, #KEYS do
  local holder = redis.call('GET', KEYS[index])
  if holder and holder ~= ARGV[1] and redis.call('EXISTS', ARGV[5] .. holder) == 1 then
    lost[#lost + 1] = index - 3
  else
    redis.call('SET', KEYS[index], ARGV[1], 'EX', ARGV[4])
  end
end
return lost
"""


class RedisRegistry:
    """For many machines. `url` as redis-py takes it: redis://, rediss:// or unix://."""

    nodes_keep_claims = True

    def __init__(self, url: str) -> None:
        try:
            self._redis = redis.asyncio.Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=REDIS_TIMEOUT_SECONDS,
                socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            )
        except ValueError as wrong:
            raise RegistryError(f"the Redis address can't be used: {wrong}") from None

    async def nodes(self) -> list[NodeAddress]:
        """Every node whose announcement hasn't run out."""
        found = await self._script(_NODES, [_NODES_KEY], [_NODE])
        try:
            return [NodeAddress(str(json.loads(value)["address"]), str(node_id)) for node_id, value in found]
        except (ValueError, KeyError, TypeError) as wrong:
            raise RegistryError(f"Redis holds an announcement that is not ours: {wrong!r}") from None

    async def announce(self, node: NodeAddress, meeting_ids: Iterable[str]) -> list[str]:
        """Renew the announcement and the claims of open rooms, in one step."""
        assert node.node_id is not None
        meetings = list(meeting_ids)
        keys = [_NODE + node.node_id, _NODES_KEY, *(_ROOM + meeting for meeting in meetings)]
        arguments = [
            node.node_id,
            json.dumps({"address": node.address}),
            ANNOUNCEMENT_SECONDS,
            CLAIM_SECONDS,
            _NODE,
        ]
        lost = await self._script(_ANNOUNCE, keys, arguments)
        return [meetings[index] for index in lost]

    async def forget_node(self, node_id: str) -> None:
        """Remove the announcement; claims hang on it."""
        await _reraise(self._redis.delete(_NODE + node_id))

    async def claim_room(self, meeting_id: str, node_id: str) -> str:
        """Claim it unless a node that still announces itself has it."""
        return str(await self._script(_CLAIM, [_ROOM + meeting_id], [node_id, CLAIM_SECONDS, _NODE]))

    async def room_node(self, meeting_id: str) -> str | None:
        """The holder, if it still announces itself."""
        holder = await self._script(_HOLDER, [_ROOM + meeting_id], [_NODE])
        return None if holder is None else str(holder)

    async def release_room(self, meeting_id: str, node_id: str) -> None:
        """Delete the claim if it is this node's."""
        await self._script(_RELEASE, [_ROOM + meeting_id], [node_id])

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _script(self, script: str, keys: list[str], arguments: list[Any]) -> Any:
        return await _reraise(self._redis.eval(script, len(keys), *keys, *arguments))


async def _reraise(command: Awaitable[Any]) -> Any:
    try:
        return await command
    except (RedisError, OSError) as failure:
        raise RegistryError(f"Redis: {failure}") from failure
