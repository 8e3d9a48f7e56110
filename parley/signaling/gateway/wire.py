"""Decoding JSON that strangers send: one typed result or one sentence that says which field is wrong."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class BadJsonError(Exception):
    """The input can't be used. The text is a sentence for people and names the field."""


_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_RULES: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"Object missing required field `(.*)`"), "{field} needs the field {0}"),
    (re.compile(r"Object contains unknown field `(.*)`"), "{field} has a field {0} that is not known"),
    (re.compile(r"Expected `(?:str|array)` of length >= (\d+)"), "{field} is too short (at least {0})"),
    (re.compile(r"Expected `(?:str|array)` of length <= (\d+)"), "{field} is too long (at most {0})"),
    (re.compile(r"Expected `str` matching regex .*", re.DOTALL), "{field} is not in the form it should have"),
    (re.compile(r"Expected `(?:int|float)` >= (.*)"), "{field} must be at least {0}"),
    (re.compile(r"Expected `(?:int|float)` <= (.*)"), "{field} must be at most {0}"),
    (re.compile(r"Invalid (?:enum )?value .*", re.DOTALL), "{field} has a value that is not known"),
    (re.compile(r"Expected `(.*?)`(?:, got `(.*)`)?"), "{field} must be {0}"),
    (re.compile(r"(?:Integer value|Number) out of range"), "{field} is out of range"),
]
_TYPES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}
_TYPES |= {"object": "an object", "array": "a list", "null": "null"}


def explain(error: msgspec.ValidationError, whole: str = "The message") -> str:
    """A validation error as a sentence. `whole` is what the outermost object is called."""
    match = _PATH.match(str(error))
    assert match is not None
    what, path = match["what"], (match["path"] or "").lstrip(".")
    field = f"`{path[:80]}`" if path else whole
    for pattern, sentence in _RULES:
        found = pattern.fullmatch(what)
        if found is not None:
            groups = [_words(group or "") for group in found.groups()]
            return sentence.format(*groups, field=field) + "."
    return f"{field} is not valid."


def _words(group: str) -> str:
    parts = [part.strip() for part in group.split("|")]
    if all(part in _TYPES for part in parts):
        return " or ".join(_TYPES[part] for part in parts)
    return group if group.isdigit() else f"`{group[:80]}`"


def decode(decoder: msgspec.json.Decoder[T], data: bytes | str, whole: str = "The message") -> T:
    """Decode and validate. Raises BadJsonError and nothing else."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise BadJsonError(explain(error, whole)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadJsonError(f"{whole} is not valid JSON.") from None


class _Request(msgspec.Struct):
    id: Any = None


_REQUEST: msgspec.json.Decoder[_Request] = msgspec.json.Decoder(_Request)


def request_id(data: bytes | str) -> int:
    """The `id` of a message that could not be decoded as a whole, or -1 when there is none to read."""
    try:
        found = _REQUEST.decode(data).id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return -1
    is_id = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53
    return found if is_id else -1


def to_json(value: Any) -> bytes:
    """JSON for schemas and the like, keys in the order they were written."""
    return json.dumps(value, separators=(",", ":")).encode()
