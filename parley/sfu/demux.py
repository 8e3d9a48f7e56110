"""Says whose a datagram is.

STUN is told apart by the username fragment it is for, everything else by the address it comes from, which a valid STUN
check has proven before. What belongs to nobody is dropped and counted; nothing is ever sent to an address that has not
proven itself (RFC 7983; CVE-2023-51443 shows what happens otherwise).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from parley.sfu.ice import is_stun, local_ufrag_of
from parley.sfu.inbound import Inbound
from parley.sfu.native_layer import NativeLayer
from parley.sfu.sockets import Address, Path, ReceiveBuffer, TcpPath, UdpPath, UdpSocket
from parley.sfu.types import MAX_PACKET_BYTES

log = logging.getLogger(__name__)

CLAIM_SECONDS = 10.0
"""An address that one transport proved is out of others' reach this long: a participant who can forge source addresses
could otherwise take another's packets away from him. Browsers check every 2.5 to 6 s."""


class Listener(Protocol):
    """Whoever has username fragments."""

    def receive_stun(self, data: bytes, path: Path, now: float) -> None:
        """A STUN message for one of this listener's fragments. An owner calls `Demux.hold` when it proves the path."""


class Owner(Listener, Protocol):
    """What the demultiplexer needs of a transport."""

    inbound: Inbound

    def receive(self, length: int, now: float) -> None:
        """A datagram from a path that this owner holds lies in the receive buffer."""

    def receive_media(self, length: int, now: float) -> None:
        """An RTP packet of this owner's, authentic and decrypted, lies in the receive buffer."""

    def last_check(self, path: Path) -> float | None:
        """When the last valid check came by this path."""


@dataclass(slots=True)
class Dropped:
    """Datagrams that were nobody's, and what could not be handled."""

    unknown_source: int = 0
    unknown_ufrag: int = 0
    malformed: int = 0
    claimed: int = 0
    failures: int = 0


class Demux:
    """One for each node. Its receiving methods never raise, whatever the bytes are."""

    def __init__(self, buffer: ReceiveBuffer) -> None:
        self.dropped = Dropped()
        self._buffer = buffer.bytes
        self._by_ufrag: dict[str, Listener] = {}
        self._held: dict[Owner, set[Path]] = {}

    # --- who is there -----------------------------------------------------------------------------------------------

    def listen(self, ufrag: str, listener: Listener) -> None:
        """Checks for this fragment are the listener's."""
        self._by_ufrag[ufrag] = listener

    def unlisten(self, ufrag: str) -> None:
        """Checks for this fragment are nobody's any more."""
        self._by_ufrag.pop(ufrag, None)

    def hold(self, path: Path, owner: Owner) -> None:
        """What comes by this path is the owner's: a valid check has proven it."""
        previous = _owner_of(path)
        if previous is owner:
            return
        if previous is not None:
            self._held[previous].discard(path)
        self._held.setdefault(owner, set()).add(path)
        if isinstance(path, TcpPath):
            path.owner = owner
        else:
            path.link.hold(path.address, owner)

    def release(self, path: Path, owner: Owner) -> None:
        """The path is no longer the owner's; a TCP connection ends with that."""
        held = self._held.get(owner)
        if held is None or path not in held:
            return
        held.discard(path)
        if isinstance(path, TcpPath):
            path.owner = None
            path.close()
        else:
            path.link.release(path.address)

    def paths_of(self, owner: Owner) -> list[Path]:
        """The paths that are the owner's."""
        return list(self._held.get(owner, ()))

    def forget(self, owner: Owner) -> None:
        """The owner is gone, with its fragments and paths."""
        for path in self.paths_of(owner):
            self.release(path, owner)
        self._held.pop(owner, None)
        for ufrag in [ufrag for ufrag, listener in self._by_ufrag.items() if listener is owner]:
            del self._by_ufrag[ufrag]

    def counts(self) -> tuple[int, int]:
        """Fragments listened for, and paths held."""
        return len(self._by_ufrag), sum(len(paths) for paths in self._held.values())

    # --- receiving --------------------------------------------------------------------------------------------------

    def datagram(self, length: int, address: Address, sock: UdpSocket, now: float) -> None:
        """A UDP datagram lies in the receive buffer."""
        owner = sock.owners.get(address)
        try:
            if owner is not None and self._buffer[0] > 3 and 0 < length <= MAX_PACKET_BYTES:
                owner.receive(length, now)
            elif is_stun(self._buffer, length):
                self._stun(length, UdpPath(sock, address), owner, now)
            elif owner is None:
                self.dropped.unknown_source += 1
            else:
                self.dropped.malformed += 1
        except Exception:
            self._failed()

    def frame(self, length: int, path: TcpPath, now: float) -> None:
        """A frame of a TCP connection lies in the receive buffer."""
        owner = path.owner
        try:
            if owner is not None and self._buffer[0] > 3 and 0 < length <= MAX_PACKET_BYTES:
                owner.receive(length, now)
            elif is_stun(self._buffer, length):
                self._stun(length, path, owner, now)
            elif owner is None:
                self.dropped.unknown_source += 1
            else:
                self.dropped.malformed += 1
        except Exception:
            self._failed()

    def decrypted(self, length: int, owner: Owner, now: float) -> None:
        """C decrypted a packet of this owner, and doesn't know what to do with it."""
        try:
            owner.receive_media(length, now)
        except Exception:
            self._failed()

    def left(self, layer: NativeLayer | None) -> None:
        """C sent a packet of this layer, but not to all."""
        try:
            if layer is not None:
                layer.send_left()
        except Exception:
            self._failed()

    def _stun(self, length: int, path: Path, holder: Owner | None, now: float) -> None:
        data = bytes(self._buffer[:length])
        ufrag = local_ufrag_of(data)
        listener = self._by_ufrag.get(ufrag) if ufrag is not None else None
        if listener is None:
            self.dropped.unknown_ufrag += 1
            return
        if holder is not None and holder is not listener:
            checked = holder.last_check(path)
            if checked is not None and now - checked < CLAIM_SECONDS:
                self.dropped.claimed += 1
                return
        listener.receive_stun(data, path, now)

    def _failed(self) -> None:
        self.dropped.failures += 1
        count = self.dropped.failures
        if count & (count - 1) == 0:  # the 1st, 2nd, 4th, 8th …: a flood must not fill the log
            log.exception("a datagram could not be handled", extra={"failures": count})


def _owner_of(path: Path) -> Owner | None:
    if isinstance(path, TcpPath):
        return path.owner
    return path.link.owners.get(path.address)
