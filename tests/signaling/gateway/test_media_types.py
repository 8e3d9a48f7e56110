"""What a file is, by its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway.media_types import TEXT, UNKNOWN, MediaTypeFinder

WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\x82\x84webm\x42\x87\x81\x04"
SAMPLES = {
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "image/gif": b"GIF89a\x01\x00\x01\x00",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "application/zip": b"PK\x03\x04\x14\x00\x00\x00",
    "video/mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2",
    "video/webm": WEBM,
    "application/ogg": b"OggS\x00\x02\x00\x00\x00\x00",
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    TEXT: "Grüße, 你好\r\n\tand so on\n".encode(),
}


def found(*parts: bytes) -> str:
    finder = MediaTypeFinder()
    for part in parts:
        finder.feed(part)
    return finder.found()


@pytest.mark.parametrize(("media_type", "data"), SAMPLES.items())
def test_the_bytes_say_what_it_is_however_they_are_cut(media_type: str, data: bytes) -> None:
    assert found(data) == media_type
    assert found(*(data[at : at + 1] for at in range(len(data)))) == media_type
    assert found(data + bytes(100_000) if media_type != TEXT else data * 5000) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x7fELF\x02\x01\x01",
        b"MZ\x90\x00",
        b"RIFF\x24\x00\x00\x00AVI LIST",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        WEBM.replace(b"\x84webm", b"\x88matroska"),
        "latin-1: \xe9".encode("latin-1"),
        "cut off: é".encode()[:-1],
        "UTF-16".encode("utf-16"),
        b"a bell \x07",
        b"a surrogate \xed\xa0\x80",
    ],
)
def test_everything_else_is_not_known(data: bytes) -> None:
    assert found(data) == UNKNOWN


@pytest.mark.parametrize("data", [b"<!doctype html><script>alert(1)</script>", b"<svg xmlns='x'/>", b"#!/bin/sh\n"])
def test_what_could_be_run_is_text_and_no_more(data: bytes) -> None:
    assert found(data) == TEXT


def test_text_is_text_to_its_end() -> None:
    assert found(b"x" * 1_000_000, b"\xff") == UNKNOWN


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_no_bytes_are_too_strange_and_cuts_dont_matter(parts: list[bytes]) -> None:
    assert found(*parts) == found(b"".join(parts))
