"""AV1 in RTP (AOM's "RTP Payload Format For AV1"): joins fragments of OBUs to a temporal unit as files have it."""

from __future__ import annotations

from parley.recorder.bits import BitReader, BitsError, leb128, to_leb128
from parley.recorder.frame import Frame

SEQUENCE_HEADER, TEMPORAL_DELIMITER, TILE_LIST, PADDING = 1, 2, 8, 15
_LEFT_OUT = frozenset({TEMPORAL_DELIMITER, TILE_LIST, PADDING})
_HAS_SIZE = 0x02
_HAS_EXTENSION = 0x04


def obus(payloads: list[bytes]) -> list[bytes]:
    """The OBUs in the packets of a temporal unit (section 4.4), as they were cut up. Raises BitsError."""
    found: list[bytes] = []
    pending = b""
    continues = False
    for payload in payloads:
        if len(payload) < 2:
            raise BitsError("a packet without OBU")
        header = payload[0]
        if bool(header & 0x80) != continues:  # Z: the first element continues what the packet before left open
            raise BitsError("a fragment without its beginning")
        elements = _elements(payload, header >> 4 & 3)
        elements[0] = pending + elements[0]
        continues = header & 0x40 != 0  # Y
        pending = elements.pop() if continues else b""
        found += elements
    if continues:
        raise BitsError("a fragment without its end")
    return found


def _elements(payload: bytes, count: int) -> list[bytes]:
    """count: W of the aggregation header; with 0 each element has a length, else the last one has none."""
    elements: list[bytes] = []
    position = 1
    while position < len(payload):
        if count and len(elements) == count - 1:
            size = len(payload) - position
        else:
            size, position = leb128(payload, position)
        if position + size > len(payload):
            raise BitsError("an element is cut")
        elements.append(payload[position : position + size])
        position += size
    if not elements or (count and len(elements) != count):
        raise BitsError("elements are missing")
    return elements


def picture_size(sequence_header: bytes) -> tuple[int, int]:
    """Largest width and height of a sequence (AV1 section 5.5). Raises BitsError."""
    bits = BitReader(sequence_header[:128])
    bits.skip(4)  # seq_profile, still_picture
    if bits.read(1):  # reduced_still_picture_header
        bits.skip(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_operating_points(bits: BitReader) -> None:
    model = False
    delay_bits = 0
    if bits.read(1):  # timing_info_present_flag
        bits.skip(64)
        if bits.read(1):  # equal_picture_interval
            bits.ue()
        model = bits.read(1) == 1
        if model:
            delay_bits = bits.read(5) + 1
            bits.skip(42)
    display = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.skip(12)
        if bits.read(5) > 7:
            bits.skip(1)
        if model and bits.read(1):
            bits.skip(2 * delay_bits + 1)
        if display and bits.read(1):
            bits.skip(4)


class Av1Depacketiser:
    """See the module."""

    def begins(self, payload: bytes) -> bool:
        """Anything that doesn't continue a fragment; a key frame is told by its sequence header."""
        return len(payload) > 1 and not payload[0] & 0x80

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """Temporal delimiters, tile lists and padding are left out (Matroska's AV1 mapping), sizes put in."""
        parts: list[bytes] = []
        key = False
        width = height = 0
        try:
            for index, obu in enumerate(obus(payloads)):
                if not obu:
                    continue
                kind = obu[0] >> 3 & 0x0F
                if kind in _LEFT_OUT or obu[0] & 0x80:
                    continue
                head = 2 if obu[0] & _HAS_EXTENSION else 1
                body = obu[head:]
                if obu[0] & _HAS_SIZE:
                    size, start = leb128(obu, head)
                    body = obu[start : start + size]
                    if len(body) != size:
                        return None
                if kind == SEQUENCE_HEADER and (not parts or index == 0):
                    key = True
                    width, height = picture_size(body)
                parts.append(bytes([obu[0] | _HAS_SIZE]) + obu[1:head] + to_leb128(len(body)) + body)
        except BitsError:
            return None
        return Frame(b"".join(parts), key, width, height) if parts else None
