"""Attributes that lie in C's memory, so that Python and C count in one place."""

from __future__ import annotations

from operator import attrgetter
from typing import Any


def in_cell(field: str, *, unsigned_32: bool = False) -> Any:
    """What stands under this name in an object's `cell`, to be read and written like an attribute."""

    def write(holder: Any, value: Any) -> None:
        setattr(holder.cell, field, value & 0xFFFFFFFF if unsigned_32 else value)

    return property(attrgetter(f"cell.{field}"), write)  # which is read in C, and is read a lot


def lay_in_cell(owner: type, *attributes: str, **renamed: str) -> None:
    """Make these attributes of a class the cell's fields of the same name; renamed: attribute="field"."""
    for attribute, field in {**dict(zip(attributes, attributes, strict=True)), **renamed}.items():
        setattr(owner, attribute, in_cell(field))
