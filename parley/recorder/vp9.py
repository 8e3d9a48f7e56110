"""VP9 in RTP (RFC 9628): strips payload descriptors, and joins the layer frames of a picture to a superframe."""

from __future__ import annotations

from parley.recorder.bits import BitReader, BitsError
from parley.recorder.frame import Frame

MAX_LAYERS = 8
_SYNC_CODE = 0x498342
_SRGB = 7


def _skip_descriptor(payload: bytes) -> tuple[int, int]:
    """Where the descriptor (section 4.2) ends, and the spatial layer. Raises IndexError on a cut one."""
    flags = payload[0]
    position = 1
    spatial = 0
    if flags & 0x80:  # I: picture id
        position += 2 if payload[position] & 0x80 else 1
    if flags & 0x20:  # L: layer indices
        spatial = payload[position] >> 1 & 7
        position += 1 if flags & 0x10 else 2
    if flags & 0x50 == 0x50:  # F and P: reference indices, each saying whether another follows
        for _ in range(3):
            position += 1
            if not payload[position - 1] & 0x01:
                break
    if flags & 0x02:  # V: scalability structure
        structure = payload[position]
        position += 1
        if structure & 0x10:
            position += 4 * ((structure >> 5) + 1)
        if structure & 0x08:
            pictures = payload[position]
            position += 1
            for _ in range(pictures):
                position += 1 + (payload[position] >> 2 & 3)
    if position >= len(payload):
        raise IndexError
    return position, spatial


def key_frame_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame (VP9 bitstream section 6.2); None for another frame. Raises BitsError."""
    bits = BitReader(data[:32])
    if bits.read(2) != 2:
        raise BitsError("not a VP9 frame")
    profile = bits.read(1) | bits.read(1) << 1
    if profile == 3:
        bits.skip(1)
    if bits.read(1):  # show_existing_frame
        return None
    frame_type, _, _ = bits.read(1), bits.read(1), bits.read(1)
    if frame_type != 0:
        return None
    if bits.read(24) != _SYNC_CODE:
        raise BitsError("no sync code")
    if profile >= 2:
        bits.skip(1)
    if bits.read(3) != _SRGB:
        bits.skip(1)
        if profile in (1, 3):
            bits.skip(3)
    elif profile in (1, 3):
        bits.skip(1)
    return bits.read(16) + 1, bits.read(16) + 1


class Vp9Depacketiser:
    """See the module."""

    def begins(self, payload: bytes) -> bool:
        """A picture begins with the begin (B) of its lowest layer frame."""
        if len(payload) < 2 or not payload[0] & 0x08:
            return False
        try:
            return _skip_descriptor(payload)[1] == 0
        except IndexError:
            return False

    def assemble(self, payloads: list[bytes]) -> Frame | None:
        """A picture of one layer is that layer's frame as it came."""
        layers: list[bytearray] = []
        try:
            for payload in payloads:
                start, _ = _skip_descriptor(payload)
                if payload[0] & 0x08 or not layers:
                    layers.append(bytearray())
                layers[-1] += payload[start:]
            sizes = [key_frame_size(bytes(layer[:32])) for layer in layers]
        except (IndexError, BitsError):
            return None
        if len(layers) > MAX_LAYERS:
            return None
        data = bytes(layers[0]) if len(layers) == 1 else superframe(layers)
        if payloads[0][0] & 0x40 or sizes[0] is None:  # P: predicted from another picture
            return Frame(data, False)
        width, height = next(size for size in reversed(sizes) if size is not None)
        return Frame(data, True, width, height)


def superframe(frames: list[bytearray]) -> bytes:
    """Several frames of one time with their index behind them (VP9 bitstream annex B)."""
    size_bytes = max((len(frame).bit_length() + 7) // 8 for frame in frames)
    marker = bytes([0xC0 | (size_bytes - 1) << 3 | (len(frames) - 1)])
    sizes = b"".join(len(frame).to_bytes(size_bytes, "little") for frame in frames)
    return b"".join(frames) + marker + sizes + marker
