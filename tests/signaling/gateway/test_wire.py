"""Decoding what strangers send: a typed result, or one sentence that says which field is wrong, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.gateway import wire
from parley.signaling.gateway.route_table import ROUTES
from parley.signaling.schema.client import CLIENT_DECODER

BODIES = [msgspec.json.Decoder(route.request) for route in ROUTES if route.request is not None]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=10,
)

FIELDS = st.sampled_from(
    ["type", "id", "protocol", "code", "name", "text", "seq", "sdp", "tracks", "knock_ids", "resume"]
)
KINDS = st.sampled_from(["hello", "ack", "leave", "chat.send", "publish.offer", "knock.admit", "no.such"])
MESSAGES = st.dictionaries(FIELDS, JSON, max_size=5).flatmap(
    lambda fields: KINDS.map(lambda kind: {**fields, "type": kind})
)


def decode(decoder: msgspec.json.Decoder[Any], data: bytes | str) -> str:
    """The complaint, or nothing when it was decoded."""
    try:
        wire.decode(decoder, data)
    except wire.BadJsonError as bad:
        return str(bad)
    return ""


def is_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text and len(text) < 400 and "msgspec" not in text and "$" not in text


@given(data=st.binary(max_size=200) | st.text(max_size=100) | JSON.map(json.dumps))
def test_any_bytes_are_a_message_or_one_sentence(data: bytes | str) -> None:
    complaint = decode(CLIENT_DECODER, data)
    assert not complaint or is_sentence(complaint)


@given(message=MESSAGES | JSON)
def test_nearly_right_messages_are_a_message_or_one_sentence(message: Any) -> None:
    text = json.dumps(message)
    complaint = decode(CLIENT_DECODER, text)
    assert not complaint or is_sentence(complaint)
    assert isinstance(wire.request_id(text), int)


@given(body=st.dictionaries(st.sampled_from(["email", "name", "password", "title", "text"]), JSON, max_size=5))
@pytest.mark.parametrize("decoder", BODIES, ids=lambda decoder: decoder.type.__name__)
def test_any_body_of_the_http_api_is_taken_or_one_sentence(decoder: Any, body: dict[str, Any]) -> None:
    complaint = decode(decoder, json.dumps(body))
    assert not complaint or is_sentence(complaint)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ('{"id": 7}', 7),
        ('{"id": 0, "type": "no.such", "more": [1]}', 0),
        ('{"id": 9007199254740991}', 2**53 - 1),
        ('{"id": 9007199254740992}', -1),
        ('{"id": -1}', -1),
        ('{"id": true}', -1),
        ('{"id": 1.5}', -1),
        ('{"id": "7"}', -1),
        ('{"id": null}', -1),
        ("{}", -1),
        ("[7]", -1),
        ("7", -1),
        ("", -1),
        (b"\xff", -1),
        ("[" * 100_000, -1),
        ('{"id": ' + "[" * 100_000, -1),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_message_is_answered_under_its_id_where_it_has_one(data: bytes | str, found: int) -> None:
    assert wire.request_id(data) == found


@given(data=st.binary(max_size=100) | st.text(max_size=60))
def test_looking_for_an_id_never_fails(data: bytes | str) -> None:
    assert -1 <= wire.request_id(data) < 2**53
