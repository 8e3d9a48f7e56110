"""The browser's types are those of the server."""

from __future__ import annotations

import re
import typing

from parley.signaling.schema import client, server
from parley.signaling.schema.typescript import OUTPUT, generate


def test_the_committed_types_are_current() -> None:
    committed = OUTPUT.read_text()
    assert committed == generate(), f"run: python -m parley.signaling.schema.typescript > {OUTPUT}"


def test_every_message_is_an_interface_with_its_tag() -> None:
    text = generate()
    for kind in (*typing.get_args(client.AnyClientMessage), *typing.get_args(server.AnyServerMessage)):
        assert f'  type: "{kind.__struct_config__.tag}";' in text


def test_only_what_the_client_sends_has_optional_fields() -> None:
    interfaces = dict(re.findall(r"export interface (\w+) \{\n(.*?)\n\}", generate(), re.DOTALL))
    assert "name?: string | null;" in interfaces["Hello"]
    assert "seq: number;" in interfaces["Joined"]
    assert "username: string | null;" in interfaces["IceServer"]


def test_no_name_hides_a_global_and_none_is_defined_twice() -> None:
    names = re.findall(r"export (?:interface|type|const) (\w+)", generate())
    assert len(names) == len(set(names))
    assert not {"Error", "Event", "Request", "Response"} & set(names)
