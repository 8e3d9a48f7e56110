"""What came from one transport: counted here, and by C where the native plane decrypts its packets.

`NativeInbound` tells C what it needs for that: the key, the ids of header extensions, and the tracks by their SSRCs.
What C can't say at once - when which packet arrived, how loud it was - waits in the cell until it is drained.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from parley.sfu.native.cells import lay_in_cell
from parley.sfu.native.library import loaded
from parley.sfu.native_layer import NativeLayer
from parley.sfu.producer_layer import ProducerLayer
from parley.sfu.srtp import SrtpContext, address
from parley.sfu.template import ExtensionIds
from parley.sfu.transport_cc import TransportCcReceiver

MAX_TRACKS = 24
"""SSRCs of one transport that C looks for (PARLEY_TRACKS); Python takes the others."""

_ARRIVAL = struct.Struct("=dII")
_LEVEL = struct.Struct("=dii")


class Inbound:
    """Packets and bytes that were authentic, packets that weren't, and when the last one came (seconds, monotonic)."""

    __slots__ = ("bytes", "last_seen", "packets", "rejected")

    def __init__(self) -> None:
        self.last_seen = 0.0
        self.packets = 0
        self.bytes = 0
        self.rejected = 0

    def set_key(self, srtp: SrtpContext | None) -> None:
        """Packets are encrypted with this from now on; None when there is no key any more."""

    def set_ids(self, ids: ExtensionIds) -> None:
        """The header extensions' ids."""

    def add_track(self, ssrc: int, layer: ProducerLayer) -> None:
        """Packets of this SSRC are the layer's, which is open."""

    def clear_tracks(self) -> None:
        """Whose an SSRC is may have changed."""

    def arrivals(self) -> Iterator[tuple[float, int, int]]:
        """Transport-wide numbers that C saw since the last call: when, number and SSRC."""
        return iter(())

    def levels(self) -> Iterator[tuple[float, int]]:
        """Audio levels of the microphone that C saw since the last call: when, and the extension's byte."""
        return iter(())

    def feedback(self, receiver: TransportCcReceiver) -> bytes | None:
        """The feedback packet for what C saw, where it is the usual one; None where `arrivals` are to be taken."""
        return None


class NativeInbound(Inbound):
    """The same, with C."""

    __slots__ = ("_ffi", "_library", "_packet", "_srtp", "_tracks", "cell")

    def __init__(self, ffi: Any, library: Any) -> None:
        self._ffi, self._library = ffi, library
        self._packet: Any = ffi.new("uint8_t[]", library.PARLEY_FEEDBACK_BYTES)
        self.cell: Any = ffi.new("struct parley_in *")
        self._srtp: SrtpContext | None = None
        self._tracks: dict[int, NativeLayer] = {}
        super().__init__()

    def set_key(self, srtp: SrtpContext | None) -> None:
        self.cell.context = self._ffi.NULL if srtp is None else self._ffi.cast("void *", address(srtp.context))
        self._srtp = srtp  # owns the context

    def set_ids(self, ids: ExtensionIds) -> None:
        cell = self.cell
        cell.transport_cc, cell.audio_level = ids.transport_cc, ids.audio_level
        cell.video_orientation = ids.video_orientation

    def add_track(self, ssrc: int, layer: ProducerLayer) -> None:
        if ssrc in self._tracks or len(self._tracks) >= MAX_TRACKS or not isinstance(layer, NativeLayer):
            return
        place = len(self._tracks)
        self._tracks[ssrc] = layer  # holds what the pointer points to
        self.cell.ssrcs[place] = ssrc
        self.cell.layers[place] = layer.cell
        self.cell.tracks = place + 1

    def clear_tracks(self) -> None:
        self.cell.tracks = 0
        self._tracks.clear()

    def track_of(self, cell: Any) -> NativeLayer | None:
        """The layer that has this cell."""
        return next((layer for layer in self._tracks.values() if layer.cell == cell), None)

    def arrivals(self) -> Iterator[tuple[float, int, int]]:
        count = self.cell.arrived
        if not count:
            return iter(())
        self.cell.arrived = 0
        return _ARRIVAL.iter_unpack(bytes(self._ffi.buffer(self.cell.arrivals, count * _ARRIVAL.size)))

    def levels(self) -> Iterator[tuple[float, int]]:
        count = self.cell.levelled
        if not count:
            return iter(())
        self.cell.levelled = 0
        found = bytes(self._ffi.buffer(self.cell.levels, count * _LEVEL.size))
        return ((at, value) for at, value, _ in _LEVEL.iter_unpack(found))

    def feedback(self, receiver: TransportCcReceiver) -> bytes | None:
        following, count = receiver.following(), self.cell.arrived
        if following is None or not count:
            return None
        base, number = following
        size = self._library.parley_feedback(
            self.cell, receiver.sender_ssrc, base & 0xFFFF, number & 0xFF, self._packet
        )
        if not size:
            return None
        receiver.told(count, self.cell.arrivals[count - 1].ssrc)
        self.cell.arrived = 0
        return bytes(self._ffi.buffer(self._packet, size))


lay_in_cell(NativeInbound, "bytes", "last_seen", "packets", "rejected")


def new_inbound() -> Inbound:
    """For the plane that is used here."""
    native = loaded()
    return Inbound() if native is None else NativeInbound(*native)
