"""The table of what is forwarded: numbers that are unique, allowed, and the same for what decodes the same."""

from __future__ import annotations

import pytest

from parley.sfu.codecs import _PAYLOAD_TYPES, SUPPORTED, CodecParameters, canonical_name, parse_fmtp


def codec(name: str, fmtp: str) -> CodecParameters:
    return CodecParameters(name, 100, 90_000, 1, fmtp)


def test_no_payload_type_is_given_twice_or_could_be_taken_for_rtcp() -> None:
    numbers = [number for pair in _PAYLOAD_TYPES.values() for number in pair if number is not None]
    assert len(set(numbers)) == len(numbers)
    assert all(35 <= number <= 63 or 96 <= number <= 127 for number in numbers), "RFC 5761 section 4"
    assert {name for name, _ in _PAYLOAD_TYPES} == {name for names in SUPPORTED.values() for name in names}


@pytest.mark.parametrize(
    ("name", "one", "other", "same"),
    [
        ("H264", "profile-level-id=42e01f;packetization-mode=1", "packetization-mode=1;profile-level-id=42E034", True),
        ("H264", "profile-level-id=42e01f;packetization-mode=1", "profile-level-id=42e01f", False),
        ("H264", "profile-level-id=42e01f;packetization-mode=1", "profile-level-id=64001f;packetization-mode=1", False),
        ("VP9", "", "profile-id=0", True),
        ("VP9", "profile-id=0", "profile-id=2", False),
        ("AV1", "", "level-idx=5;profile=0;tier=0", True),
        ("VP8", "", "max-fs=12288", True),
    ],
)
def test_streams_have_one_number_when_one_decoder_takes_them(name: str, one: str, other: str, same: bool) -> None:
    first, second = codec(name, one).outgoing, codec(name, other).outgoing
    assert first is not None
    assert second is not None
    assert (first == second) is same


@pytest.mark.parametrize(
    ("name", "fmtp"),
    [
        ("H264", "profile-level-id=;packetization-mode=1"),
        ("H264", "profile-level-id=zzzzzz"),
        ("H264", "profile-level-id=42e01f;packetization-mode=2"),
        ("VP9", "profile-id=9"),
        ("AV1", "profile=x"),
    ],
)
def test_profiles_that_nobody_knows_are_not_forwarded(name: str, fmtp: str) -> None:
    assert codec(name, fmtp).outgoing is None


@pytest.mark.parametrize(("name", "profile"), list(_PAYLOAD_TYPES))
def test_what_subscribers_are_told_describes_the_very_profile(name: str, profile: str) -> None:
    mode = profile.partition("/")[2]
    fmtp = {
        "H264": f"profile-level-id={profile[:4]}0a;packetization-mode={mode}",
        "VP9": f"profile-id={profile}",
        "AV1": f"profile={profile}",
    }.get(name, "")
    told = codec(name, fmtp).outgoing_fmtp
    assert codec(name, told).profile == profile
    assert codec(name, told).outgoing == codec(name, fmtp).outgoing


def test_names_are_told_whatever_their_case() -> None:
    assert [canonical_name(name) for name in ("OPUS", "vp8", "h264", "telephone-event", "")] == [
        "opus", "VP8", "H264", None, None,
    ]  # fmt: skip


def test_format_parameters_are_read_with_any_spacing() -> None:
    assert parse_fmtp(" A=1; b=2;c;d=e=f ;") == {"a": "1", "b": "2", "d": "e=f"}
