"""The message schema as TypeScript: `python -m parley.signaling.schema.typescript` prints it.

The browser's types are made from the very types that the server decodes with, so that the two can't drift apart. The
output is committed as web/src/protocol.generated.ts; a test says when it is stale.
"""

from __future__ import annotations

import ast
import enum
import inspect
import itertools
import json
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect as schema

from parley.signaling.schema import client, common, http, recaps, server

OUTPUT = Path(__file__).parents[3] / "web" / "src" / "protocol.generated.ts"

_NAMES = {"Error": "ErrorAnswer"}
"""Names that would hide a global of the browser."""

_HEADER = """\
// Made from parley/signaling/schema/ by `python -m parley.signaling.schema.typescript`. Don't edit.
//
// What the client sends may leave optional fields (`?`) out; what the server sends is always complete.
"""


def generate() -> str:
    """The whole TypeScript module."""
    structs = list(_structs())
    enums = {kind for struct in structs for kind in _enums_of(struct)}
    parts = [_HEADER, *_constants()]
    parts += [_enum(kind) for kind in sorted(enums, key=lambda kind: kind.__name__)]
    parts += [_interface(struct) for struct in structs]
    client_messages = typing.get_args(client.AnyClientMessage)
    server_messages = typing.get_args(server.AnyServerMessage)
    answers = [kind for kind in server_messages if "re" in kind.__struct_fields__]
    events = [kind for kind in server_messages if issubclass(kind, server.Event)]
    parts += [
        _union("ClientMessage", "Everything a client may say.", client_messages),
        _union("ClientRequest", "What the server answers, with `re` set to the request's `id`.", _with_id()),
        _union("ServerMessage", "Everything the server may say.", server_messages),
        _union("ServerAnswer", "What answers a request.", answers),
        _union("ServerEvent", "The numbered events, which are sent again after a resume.", events),
    ]
    return "\n".join(parts)


def _with_id() -> list[type]:
    return [kind for kind in typing.get_args(client.AnyClientMessage) if "id" in kind.__struct_fields__]


# --- what to write ---------------------------------------------------------------------------------------------------


def _structs() -> Iterator[type[msgspec.Struct]]:
    """Every concrete struct of the schema, in the order of the source: shared ones, client's, server's, HTTP."""
    bases = {client.ClientMessage, server.ServerMessage, server.Answer, server.Event, http.Request}
    for module in (common, client, server, http, recaps):
        for value in vars(module).values():
            if not (isinstance(value, type) and issubclass(value, msgspec.Struct)) or value in bases:
                continue
            if value.__module__ == module.__name__:
                yield value


def _enums_of(struct: type[msgspec.Struct]) -> Iterator[type[enum.Enum]]:
    stack: list[Any] = list(typing.get_type_hints(struct).values())
    while stack:
        hint = stack.pop()
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            yield hint
        stack.extend(typing.get_args(hint))


def _sent_by_client(struct: type[msgspec.Struct]) -> bool:
    return struct.__module__ == client.__name__ or issubclass(struct, http.Request)


# --- how it is written -----------------------------------------------------------------------------------------------


def _name(kind: type) -> str:
    return _NAMES.get(kind.__name__, kind.__name__)


def _comment(text: str | None, indent: str = "") -> list[str]:
    lines = inspect.cleandoc(text or "").replace("*/", "* /").splitlines()
    if not lines:
        return []
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def _constants() -> Iterator[str]:
    """The numbers of common.py with the docstrings beneath them, and the bounds of text that forms must know."""
    docs = dict(_constant_docs(common))
    for name, value in vars(common).items():
        if name.isupper() and isinstance(value, int):
            yield "\n".join([*_comment(docs.get(name)), f"export const {name} = {value};", ""])
    for name, alias, bound in (
        ("MIN_PASSWORD_CHARS", http.Password, "min_length"),
        ("MAX_PASSWORD_CHARS", http.Password, "max_length"),
        ("MAX_TITLE_CHARS", http.Title, "max_length"),
        ("MAX_EMAIL_CHARS", http.Email, "max_length"),
    ):
        meta = typing.get_args(alias)[1]
        yield f"export const {name} = {getattr(meta, bound)};\n"


def _constant_docs(module: types.ModuleType) -> Iterator[tuple[str, str]]:
    body = ast.parse(inspect.getsource(module)).body
    for statement, following in itertools.pairwise(body):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            yield statement.targets[0].id, str(following.value.value)


def _enum(kind: type[enum.Enum]) -> str:
    values = [json.dumps(member.value) for member in kind]
    return "\n".join([*_comment(kind.__doc__), f"export type {_name(kind)} = {' | '.join(values)};", ""])


def _interface(struct: type[msgspec.Struct]) -> str:
    info = schema.type_info(struct)
    assert isinstance(info, schema.StructType)
    lines = [*_comment(struct.__doc__), f"export interface {_name(struct)} {{"]
    if info.tag_field is not None:
        lines.append(f"  {info.tag_field}: {json.dumps(info.tag)};")
    for field in info.fields:
        optional = "?" if not field.required and _sent_by_client(struct) else ""
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};")
    return "\n".join([*lines, "}", ""])


def _union(name: str, doc: str, kinds: Iterable[type]) -> str:
    members = [f"  | {_name(kind)}" for kind in kinds]
    return "\n".join([*_comment(doc), f"export type {name} =", *members[:-1], members[-1] + ";", ""])


def _type(kind: schema.Type) -> str:
    match kind:
        case schema.StrType():
            return "string"
        case schema.IntType() | schema.FloatType():
            return "number"
        case schema.BoolType():
            return "boolean"
        case schema.NoneType():
            return "null"
        case schema.StructType(cls=cls) | schema.EnumType(cls=cls):
            return _name(cls)
        case schema.ListType(item_type=item):
            text = _type(item)
            return f"({text})[]" if "|" in text else f"{text}[]"
        case schema.DictType(value_type=value):
            return f"Record<string, {_type(value)}>"
        case schema.UnionType(types=members):
            ordered = sorted(members, key=lambda member: isinstance(member, schema.NoneType))
            return " | ".join(_type(member) for member in ordered)
        case schema.Metadata(type=inner):
            return _type(inner)
    raise TypeError(f"no TypeScript for {kind}")


if __name__ == "__main__":
    print(generate(), end="")
