"""Turns a received packet into the one form that all its consumers get: the template.

Publishers number header extensions as they like; subscribers all know the same few by the same ids (codecs.py). So the
header is written anew once for each packet, and for each consumer only its bytes 1 to 11 are patched. The payload's
bytes stay as they came.

    12 bytes  RTP header without CSRCs and padding
     4 bytes  extension header (RFC 8285 section 4.2)
     4 bytes  abs-send-time
    [4 bytes  audio level or video orientation]
              payload
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from parley.sfu import codecs

MAX_PAYLOAD_BYTES = 1400
"""Larger payloads would make datagrams that networks fragment; browsers stay below 1200."""

_WITHOUT_ELEMENT = struct.Struct("!BBHIIII").pack
_WITH_ELEMENT = struct.Struct("!BBHIIIIBBH").pack
_SEND_TIME = struct.Struct("!I").pack_into

_SEND_TIME_TAG = (codecs.SUBSCRIBE_EXTENSIONS[codecs.ABS_SEND_TIME] << 4 | 2) << 24
LEVEL_TAG = codecs.SUBSCRIBE_EXTENSIONS[codecs.AUDIO_LEVEL] << 4
ORIENTATION_TAG = codecs.SUBSCRIBE_EXTENSIONS[codecs.VIDEO_ORIENTATION] << 4

_FIRST_BYTE = 0x90  # version 2, extension
_ONE_WORD, _TWO_WORDS = 0xBEDE0001, 0xBEDE0002


class ExtensionIds:
    """The ids that one publish transport's offer gave to header extensions; 0 for those it doesn't have."""

    __slots__ = ("audio_level", "mid", "repaired_rid", "rid", "transport_cc", "video_orientation")

    def __init__(self, by_uri: Mapping[str, int]) -> None:
        self.mid = by_uri.get(codecs.MID, 0)
        self.rid = by_uri.get(codecs.RID, 0)
        self.repaired_rid = by_uri.get(codecs.REPAIRED_RID, 0)
        self.audio_level = by_uri.get(codecs.AUDIO_LEVEL, 0)
        self.video_orientation = by_uri.get(codecs.VIDEO_ORIENTATION, 0)
        self.transport_cc = by_uri.get(codecs.TRANSPORT_CC, 0)


def build_template(
    payload: bytes | bytearray, marker: int, timestamp: int, send_time: int, tag: int, value: int
) -> bytes:
    """The template of a packet.

    marker: 0 or 1. send_time: rtp.abs_send_time. tag and value: LEVEL_TAG or ORIENTATION_TAG and the element's byte; a
    tag of 0 leaves it out.
    """
    if tag:
        return (
            _WITH_ELEMENT(
                _FIRST_BYTE, marker << 7, 0, timestamp, 0, _TWO_WORDS, _SEND_TIME_TAG | send_time, tag, value, 0
            )
            + payload
        )
    return _WITHOUT_ELEMENT(_FIRST_BYTE, marker << 7, 0, timestamp, 0, _ONE_WORD, _SEND_TIME_TAG | send_time) + payload


def payload_offset(template: bytes | bytearray) -> int:
    """Where the payload starts."""
    return 16 + 4 * template[15]


def template_timestamp(template: bytes | bytearray) -> int:
    """The producer's timestamp."""
    return int.from_bytes(template[4:8], "big")


def retransmission(template: bytes | bytearray, sequence_number: int, send_time: int) -> bytearray:
    """The packet that carries a template again (RFC 4588 section 4): its payload behind the number it had.

    The send time is now's: with the old one, the subscriber's browser would take it for a packet that was very late.
    """
    offset = payload_offset(template)
    packet = bytearray(template[:offset])
    packet += sequence_number.to_bytes(2, "big")
    packet += template[offset:]
    _SEND_TIME(packet, 16, _SEND_TIME_TAG | send_time)
    return packet
