"""Receives in C (native/socket.c): one call reads all that waits at a socket, decrypts and forwards it.

What isn't simply the next packet of a track that is open comes back to Python, one packet at a time and in order: as it
came, or decrypted.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from parley.sfu.inbound import NativeInbound
from parley.sfu.native.library import loaded
from parley.sfu.native_layer import NativeLayer
from parley.sfu.outbound import address_from, sockaddr_of
from parley.sfu.srtp import UNPROTECT, address

if TYPE_CHECKING:
    from parley.sfu.demux import Owner
    from parley.sfu.sockets import ReceiveBuffer


class NativeReceiver:
    """The receiving side of one UDP socket.

    receive calls one of three for each packet that C doesn't deal with alone. raw(length, address, now): a datagram
    lies in the buffer as it came; decrypted(length, owner, now): a packet of this owner does; left(layer): C sent the
    layer's newest packet, but not to all.

    timer: a file descriptor to wait for instead of the socket's while packets are gathered, or -1.
    """

    def __init__(
        self, sock: socket.socket, buffer: ReceiveBuffer, raw: Callable[[int, Any, float], None],
        decrypted: Callable[[int, Owner, float], None], left: Callable[[NativeLayer | None], None],
    ) -> None:  # fmt: skip
        native = loaded()
        assert native is not None
        self._ffi, library = native
        self.cell: Any = self._ffi.new("struct parley_node *")
        self.cell.unprotect = self._ffi.cast("parley_crypt", address(UNPROTECT))
        self.cell.fd = sock.fileno()
        self._family = sock.family
        self._target = self._ffi.from_buffer("uint8_t[]", buffer.bytes)
        self._receive = library.parley_receive
        self._hold = library.parley_hold
        self._gather = library.parley_gather
        self._owners: dict[int, tuple[Owner, NativeInbound]] = {}
        self._held: dict[Any, int] = {}
        self._on_raw, self._on_decrypted, self._on_left = raw, decrypted, left
        self._raw, self._left = library.PARLEY_RAW, library.PARLEY_LEFT
        library.parley_start(self.cell)
        self.cell.timer = self.timer = library.parley_timer()

    def gather(self, every: float) -> bool:
        """Let `timer` go off every so many seconds, 0 for never, and reset it with each read; False where it can't."""
        return self.timer >= 0 and not self._gather(self.cell, int(every * 1e9))

    def close(self) -> None:
        """Give the timer back."""
        if self.timer >= 0:
            os.close(self.timer)
            self.cell.timer = self.timer = -1

    @property
    def received(self) -> int:
        """Datagrams that came."""
        return int(self.cell.received)

    def hold(self, address_: Any, owner: Owner | None) -> None:
        """What comes from this address is the owner's from now on; nobody's with None."""
        inbound = owner.inbound if owner is not None else None
        name = bytes(sockaddr_of(self._family, address_)).ljust(28, b"\0")
        if owner is None or not isinstance(inbound, NativeInbound):
            self._hold(self.cell, name, self._ffi.NULL)
            self._held.pop(address_, None)
        elif self._hold(self.cell, name, inbound.cell):
            self._held[address_] = key = self._number(inbound.cell)
            self._owners[key] = (owner, inbound)
        used = set(self._held.values())
        for key in [key for key in self._owners if key not in used]:
            del self._owners[key]

    def _number(self, pointer: Any) -> int:
        return int(self._ffi.cast("uintptr_t", pointer))

    def receive(self, now: float) -> bool:
        """Read and forward what waits; see the class. Whether one of the three was called: what that queued is still to
        be sent, as all else has been."""
        called = False
        while kind := self._receive(self.cell, now):
            called = True
            self._take(kind, now)
        return called

    def _take(self, kind: int, now: float) -> None:
        cell = self.cell
        if kind == self._left:
            _, inbound = self._owners[self._number(cell.source)]
            self._on_left(inbound.track_of(cell.layer))
            return
        length = cell.length
        self._ffi.memmove(self._target, cell.slots[cell.place], length)
        if kind == self._raw:
            name = bytes(self._ffi.buffer(cell.names[cell.place], 28))
            self._on_raw(length, address_from(self._family, name), now)
        else:
            self._on_decrypted(length, self._owners[self._number(cell.source)][0], now)


def native_receiver(
    sock: socket.socket, buffer: ReceiveBuffer, raw: Callable[[int, Any, float], None],
    decrypted: Callable[[int, Owner, float], None], left: Callable[[NativeLayer | None], None],
) -> NativeReceiver | None:  # fmt: skip
    """For this socket, where the native plane is loaded."""
    return NativeReceiver(sock, buffer, raw, decrypted, left) if loaded() is not None else None
