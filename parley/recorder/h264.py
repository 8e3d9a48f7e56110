"""H.264 in RTP (RFC 6184): single NAL units, STAP-A and FU-A, to a byte stream with start codes."""

from __future__ import annotations

import base64
import binascii

from parley.recorder.bits import BitReader, BitsError
from parley.recorder.frame import Frame

SLICE, IDR, SPS, PPS, STAP_A, FU_A = 1, 5, 7, 8, 24, 28
_START_CODE = b"\x00\x00\x00\x01"
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


def nal_units(payloads: list[bytes]) -> list[bytes] | None:
    """The NAL units of an access unit's packets, or None where a packet is cut or of a kind that isn't negotiated."""
    units: list[bytes] = []
    fragments: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F if payload else 0
        if fragments and kind != FU_A:
            return None
        if 1 <= kind <= 23:
            units.append(payload)
        elif kind == STAP_A:
            position = 1
            while position < len(payload):
                size = int.from_bytes(payload[position : position + 2], "big")
                position += 2
                if size == 0 or position + size > len(payload):
                    return None
                units.append(payload[position : position + size])
                position += size
        elif kind == FU_A and len(payload) > 2:
            header = payload[1]
            if header & 0x80:
                if fragments:
                    return None
                fragments = [bytes([payload[0] & 0xE0 | header & 0x1F])]
            elif not fragments:
                return None
            fragments.append(payload[2:])
            if header & 0x40:
                units.append(b"".join(fragments))
                fragments = []
        else:
            return None
    return units if units and not fragments else None


def picture_size(sps: bytes) -> tuple[int, int]:
    """Width and height that a sequence parameter set asks for (ITU-T H.264 section 7.3.2.1.1). Raises BitsError."""
    bits = BitReader(sps[:256].replace(b"\x00\x00\x03", b"\x00\x00")[1:])
    profile = bits.read(8)
    bits.skip(16)
    bits.ue()
    chroma, separate = 1, 0
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            separate = bits.read(1)
        bits.ue()
        bits.ue()
        bits.skip(1)
        if bits.read(1):
            for index in range(8 if chroma != 3 else 12):
                if bits.read(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        for _ in range(min(256, bits.ue())):
            bits.se()
    bits.ue()
    bits.skip(1)
    width = 16 * (bits.ue() + 1)
    map_units = bits.ue() + 1
    frames_only = bits.read(1)
    height = 16 * map_units * (2 - frames_only)
    if not frames_only:
        bits.skip(1)
    bits.skip(1)
    if bits.read(1):
        across = 2 if chroma in (1, 2) and not separate else 1
        down = (2 if chroma == 1 and not separate else 1) * (2 - frames_only)
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= across * (left + right)
        height -= down * (top + bottom)
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise BitsError("an absurd picture size")
    return width, height


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def sprop_parameter_sets(fmtp: str) -> list[bytes]:
    """Parameter sets that the session description gave (RFC 6184 section 8.1); none where it is silent or garbled."""
    for parameter in fmtp.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "sprop-parameter-sets":
            try:
                return [base64.b64decode(part, validate=True) for part in value.split(",") if part]
            except (binascii.Error, ValueError):
                return []
    return []


class H264Depacketiser:
    """See the module. fmtp: the format's parameters of the session description."""

    def __init__(self, fmtp: str = "") -> None:
        self._sps = b""
        self._pps: dict[bytes, bytes] = {}
        self._note(sprop_parameter_sets(fmtp))

    def begins(self, payload: bytes) -> bool:
        """Anything but a later part of a fragmented unit may be first: `assemble` tells what is whole."""
        if not payload:
            return False
        return payload[0] & 0x1F != FU_A or (len(payload) > 1 and payload[1] & 0x80 != 0)

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """An access unit. A key frame has the parameter sets in front, also where the sender sent them before only."""
        units = nal_units(payloads)
        if units is None:
            return None
        self._note(units)
        kinds = [unit[0] & 0x1F for unit in units]
        if IDR not in kinds:
            return Frame(_byte_stream(units), False) if SLICE in kinds else None
        first_slice = units[kinds.index(IDR)]
        whole = len(first_slice) > 1 and first_slice[1] & 0x80 != 0  # first_mb_in_slice is 0
        if not whole or not self._sps or not self._pps:
            return None
        try:
            width, height = picture_size(self._sps)
        except BitsError:
            return None
        sets = [self._sps, *self._pps.values()]
        units = [*sets, *(unit for unit, kind in zip(units, kinds, strict=True) if kind not in (SPS, PPS))]
        return Frame(_byte_stream(units), True, width, height, _byte_stream(sets))

    def _note(self, units: list[bytes]) -> None:
        for unit in units:
            kind = unit[0] & 0x1F if unit else 0
            if kind == SPS and unit != self._sps:
                self._sps, self._pps = unit, {}
            elif kind == PPS and len(unit) < 1024:
                self._pps[unit[1:2]] = unit
                while len(self._pps) > 16:
                    del self._pps[next(iter(self._pps))]


def _byte_stream(units: list[bytes]) -> bytes:
    """ITU-T H.264 annex B."""
    return b"".join(_START_CODE + unit for unit in units)


def length_prefixed(stream: bytes) -> bytes:
    """A frame as files with an avcC have it (ISO/IEC 14496-15): sizes of four bytes instead of start codes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in stream.split(_START_CODE) if unit)
