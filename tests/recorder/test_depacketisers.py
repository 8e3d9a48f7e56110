"""Payload formats: a browser's packets become the encoder's frames again, and nothing else becomes a frame."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recorder import opus
from parley.recorder.av1 import Av1Depacketiser
from parley.recorder.codecs import depacketiser
from parley.recorder.frame import Frame
from parley.recorder.h264 import H264Depacketiser, picture_size, sprop_parameter_sets
from parley.recorder.vp8 import Vp8Depacketiser
from parley.recorder.vp9 import Vp9Depacketiser, superframe
from parley.store.recording import Codec
from tests.recorder import packetising
from tests.recorder.packetising import payloads, pictures

VIDEO: tuple[Codec, ...] = ("vp8", "vp9", "h264", "av1")


def whole(codec: Codec, number: int, width: int = 160, height: int = 96) -> Frame | None:
    encoded = pictures(codec, 3, width, height)
    format = depacketiser(codec)
    frame = None
    for index, picture in enumerate(encoded[: number + 1]):
        parts = payloads(codec, picture.data, key=picture.key, picture_id=index)
        assert format.begins(parts[0])
        frame = format.assemble(parts)
    return frame


@pytest.mark.parametrize("codec", VIDEO)
@pytest.mark.parametrize(("width", "height"), [(160, 96), (176, 90)])
def test_a_key_frame_tells_its_size(codec: Codec, width: int, height: int) -> None:
    frame = whole(codec, 0, width, height)
    assert frame is not None
    assert (frame.keyframe, frame.width, frame.height) == (True, width, height)


@pytest.mark.parametrize("codec", VIDEO)
def test_what_follows_is_no_key_frame(codec: Codec) -> None:
    frame = whole(codec, 1)
    assert frame is not None
    assert not frame.keyframe


@pytest.mark.parametrize("codec", ["vp8", "vp9"])
def test_frames_come_out_as_the_encoder_gave_them(codec: Codec) -> None:
    frame = whole(codec, 1)
    assert frame is not None
    assert frame.data == pictures(codec, 3, 160, 96)[1].data


@pytest.mark.parametrize("codec", VIDEO)
def test_a_frame_without_its_first_packet_is_none(codec: Codec) -> None:
    key = pictures(codec, 1, 640, 480)[0]
    parts = payloads(codec, key.data + (bytes(3000) if codec in ("vp8", "vp9") else b""), key=True)
    if codec == "av1":
        parts = [b"\x80" + parts[0][1:]]
    else:
        parts = parts[1:]
        if codec == "h264":  # the parameter sets were in it
            parts = parts[1:]
    assert not parts or codec == "h264" or not depacketiser(codec).begins(parts[0])
    frame = depacketiser(codec).assemble(parts) if parts else None
    assert frame is None or not frame.keyframe


@pytest.mark.parametrize("codec", ["opus", *VIDEO])
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_no_bytes_make_a_depacketiser_raise(codec: Codec, garbage: list[bytes]) -> None:
    format = depacketiser(codec, "sprop-parameter-sets=Z0LA,aM4=")
    for payload in garbage:
        format.begins(payload)
    format.assemble(garbage)


@pytest.mark.parametrize("codec", VIDEO)
@given(data=st.data())
def test_no_damage_to_real_packets_makes_a_depacketiser_raise(codec: Codec, data: st.DataObject) -> None:
    parts = payloads(codec, pictures(codec, 1, 640, 480)[0].data, key=True)
    index = data.draw(st.integers(0, len(parts) - 1))
    damaged = bytearray(parts[index])
    for at in data.draw(st.lists(st.integers(0, min(60, len(damaged) - 1)), max_size=5)):
        damaged[at] = data.draw(st.integers(0, 255))
    parts[index] = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    format = depacketiser(codec)
    format.begins(parts[0])
    format.assemble(parts)


# --- VP8, VP9 -------------------------------------------------------------------------------------------------------


def test_a_vp8_descriptor_may_have_every_field() -> None:
    key = pictures("vp8", 1)[0].data
    frame = Vp8Depacketiser().assemble([b"\x90\xf0\x81\x02\x03\x04" + key])
    assert frame is not None
    assert frame.data == key


def test_a_vp9_descriptor_may_have_every_field() -> None:
    key = pictures("vp9", 1)[0].data
    structure = b"\x18" + struct.pack(">HH", 160, 96) + b"\x01\x04\x01"
    frame = Vp9Depacketiser().assemble([b"\xae\x81\x02\x00\x05" + structure + key])
    assert frame is not None
    assert (frame.data, frame.keyframe) == (key, True)


def test_the_layers_of_a_vp9_picture_become_a_superframe() -> None:
    first, second = pictures("vp9", 2)
    low = b"\x28\x00\x00" + first.data
    high = b"\x6c\x02\x00" + second.data
    frame = Vp9Depacketiser().assemble([low, high])
    assert frame is not None
    assert frame.data == superframe([bytearray(first.data), bytearray(second.data)])
    assert frame.data[-1] & 0xE7 == 0xC1
    assert int.from_bytes(frame.data[-3:-2], "little") == len(first.data) & 0xFF or len(first.data) > 255
    assert not Vp9Depacketiser().begins(high)


# --- H.264 ----------------------------------------------------------------------------------------------------------


def units(number: int = 0) -> list[bytes]:
    return packetising.split_units(pictures("h264", 2)[number].data)


def test_aggregated_parameter_sets_are_taken_apart() -> None:
    sps, pps, *rest = [unit for unit in units() if unit[0] & 0x1F in (5, 7, 8)]
    frame = H264Depacketiser().assemble([packetising.stap_a([sps, pps]), *rest])
    assert frame is not None
    assert frame.keyframe
    assert frame.data.startswith(b"\0\0\0\1" + sps + b"\0\0\0\1" + pps)


def test_parameter_sets_sent_earlier_or_in_the_session_description_are_put_in_front() -> None:
    import base64

    sps, pps, *rest = [unit for unit in units() if unit[0] & 0x1F in (5, 7, 8)]
    fmtp = "packetization-mode=1; sprop-parameter-sets=" + ",".join(base64.b64encode(u).decode() for u in (sps, pps))
    frame = H264Depacketiser(fmtp).assemble(rest)
    assert frame is not None
    assert frame.keyframe
    assert sps in frame.data


def test_a_picture_without_any_parameter_sets_is_not_one_to_begin_with() -> None:
    assert H264Depacketiser().assemble([unit for unit in units() if unit[0] & 0x1F == 5]) is None


def test_other_parameter_sets_are_another_configuration() -> None:
    format = H264Depacketiser()
    first = format.assemble(payloads("h264", pictures("h264", 1)[0].data))
    second = format.assemble(payloads("h264", pictures("h264", 1, 320, 192)[0].data))
    assert first is not None
    assert second is not None
    assert first.configuration != second.configuration
    assert (second.width, second.height) == (320, 192)


@pytest.mark.parametrize("fmtp", ["", "sprop-parameter-sets=!!!", "sprop-parameter-sets=", "a;b=c"])
def test_a_garbled_session_description_gives_no_parameter_sets(fmtp: str) -> None:
    assert sprop_parameter_sets(fmtp) == []


def test_cropping_counts_in_the_size() -> None:
    sps = next(u for u in packetising.split_units(pictures("h264", 1, 176, 90)[0].data) if u[0] & 0x1F == 7)
    assert picture_size(sps) == (176, 90)


# --- AV1 ------------------------------------------------------------------------------------------------------------


def test_an_av1_element_may_be_cut_over_three_packets() -> None:
    obus = packetising.split_obus(pictures("av1", 1)[0].data)
    stream = obus[0]
    big = bytes([0x30]) + bytes(300)  # a frame OBU
    parts = [
        b"\x68" + bytes([len(stream)]) + stream + big[:100],  # Y, W=2, N
        b"\xd0" + big[100:200],
        b"\x90" + big[200:],
    ]
    frame = Av1Depacketiser().assemble(parts)
    assert frame is not None
    assert frame.keyframe
    assert frame.data.endswith(b"\x32\xac\x02" + bytes(300))


def test_delimiters_and_padding_are_left_out() -> None:
    obus = packetising.split_obus(pictures("av1", 1)[0].data)
    delimiter, padding = b"\x10", b"\x78\x01\x02"
    elements = b"".join(bytes([len(o)]) + o for o in (delimiter, padding, obus[0]))
    frame = Av1Depacketiser().assemble([b"\x08" + elements])
    assert frame is not None
    assert frame.keyframe
    assert frame.data[0] >> 3 & 15 == 1


# --- Opus -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packet", "seconds"),
    [(b"\x78x", 0.02), (b"\xf8\xff", 0.02), (b"\x0bx", 0.0), (b"\x1b\x02", 0.12), (b"\x83\x30", 0.12), (b"", 0.0)],
)
def test_the_first_bytes_tell_how_long_an_opus_packet_sounds(packet: bytes, seconds: float) -> None:
    assert opus.duration(packet) == pytest.approx(seconds)
