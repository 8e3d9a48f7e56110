"""The media node process: opens the media ports, listens for gateways, and drains its rooms before it ends."""

from __future__ import annotations

import errno
import logging
import secrets
import socket
from pathlib import Path

from parley.sfu.endpoint import EndpointConfig
from parley.sfu.media_server import MediaServer
from parley.signaling.child import Child, FatalError
from parley.signaling.media_node import MediaNode
from parley.signaling.rooms.config import RoomConfig
from parley.signaling.rpc import RpcServer, is_unix, split_host_port
from parley.store.settings import Settings

log = logging.getLogger(__name__)


def endpoint_config(settings: Settings, index: int) -> EndpointConfig:
    """Where the machine's media node with this index takes media."""
    port = settings.media_port + index
    return EndpointConfig(
        hosts=tuple(settings.media_hosts),
        udp_port=port,
        tcp_port=port if settings.media_tcp else None,
        public_addresses=tuple(settings.media_public_addresses),
    )


def room_config(settings: Settings) -> RoomConfig:
    """What the operator set about rooms."""
    return RoomConfig(
        capacity=settings.capacity,
        knock_lifetime=float(settings.knock_lifetime),
        resume_window=float(settings.resume_window),
        empty_room_lifetime=float(settings.empty_room_lifetime),
    )


def new_node_id(settings: Settings, name: str) -> str:
    """A name for this life of the node: a node that starts again has none of its rooms, so it must not be taken for the
    one before."""
    base = settings.node_id or (name if settings.role == "all" else f"{socket.gethostname()}-{settings.media_port}")
    return f"{base[:64]}.{secrets.token_hex(4)}"


async def run_node(settings: Settings, child: Child) -> None:
    """Be a media node until `child.stop`. Raises FatalError when ports or the registry can't be had."""
    _check_advertised(child.orders.advertise)
    media = await _open_media(settings, child.orders.index)
    try:
        node_id = new_node_id(settings, child.orders.name)
        registry = child.registry if settings.role != "all" else None
        recorder = Path(child.orders.recorder) if child.orders.recorder else None
        node = MediaNode(
            node_id,
            media,
            room_config(settings),
            registry,
            child.orders.advertise,
            recorder=recorder,
            recordings=settings.recordings,
        )
        server = RpcServer(node_id, child.rpc_secret, node)
        await _listen(server, child.orders.listen)
        await node.start()
        log.info("media node serves", extra={"node_id": node_id})
        child.ready()
        await child.stop.wait()
        log.info("media node drains", extra={"node_id": node_id, "rooms": node.load().rooms})
        node.drain()
        await node.close()
        await server.close()
    finally:
        await media.close()


def _check_advertised(address: str) -> None:
    if is_unix(address):
        return
    try:
        host, _ = split_host_port(address)
    except ValueError:
        raise FatalError(f"rpc_listen and rpc_advertise have the form host:port, not {address!r}.") from None
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - refused, not bound
        raise FatalError(
            f"Gateways can't reach this media node at {address}: set rpc_advertise to the address of this machine."
        )


async def _open_media(settings: Settings, index: int) -> MediaServer:
    media = MediaServer(endpoint_config(settings, index))
    try:
        await media.start()
    except OSError as failure:
        await media.close()
        port = settings.media_port + index
        if failure.errno == errno.EADDRINUSE:
            text = f"Media port {port} (UDP{' or TCP' if settings.media_tcp else ''}) is already in use."
            raise FatalError(f"{text} Stop what uses it, or choose another with --media-port.") from failure
        if failure.errno == errno.EADDRNOTAVAIL:
            raise FatalError(
                f"This machine lacks one of the addresses {settings.media_hosts}: see --media-hosts."
            ) from failure
        if failure.errno == errno.EACCES:
            raise FatalError(f"Not allowed to open media port {port}: choose one above 1023.") from failure
        raise FatalError(f"Media port {port} can't be opened: {failure.strerror or failure}.") from failure
    return media


async def _listen(server: RpcServer, address: str) -> None:
    try:
        await server.listen(address)
    except ValueError:
        raise FatalError(f"rpc_listen has the form host:port, not {address!r}.") from None
    except OSError as failure:
        reason = "is already in use" if failure.errno == errno.EADDRINUSE else f"can't be used ({failure.strerror})"
        raise FatalError(f"The address for gateways, {address}, {reason}.") from failure
