"""What a column of a binary file can hold, judged by its type."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from xentcli.errors import ContentError, Where
from xentcli.sources.source import Wanted


def is_number(kind: pa.DataType) -> bool:
    """Whether a value is a number, or as good as one."""
    types = pa.types
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(number or types.is_boolean(kind))


def is_label(kind: pa.DataType) -> bool:
    """Whether a value has one way of being written, so that it can be a label: a timestamp has several."""
    types = pa.types
    if types.is_dictionary(kind):
        return is_label(kind.value_type)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    return bool(_is_text(kind) or number or types.is_date(kind))


def refuse_number_types(wanted: Wanted, types: Mapping[str, pa.DataType | None], where: Where) -> None:
    """Raise a `ContentError` for a column that is to hold numbers and cannot; None is text, read as asked."""
    for name in wanted.lists:
        refuse_number_type(types[name], where, name, nested=True)
    for name in wanted.numbers:
        refuse_number_type(types[name], where, name)


def refuse_number_type(kind: pa.DataType | None, where: Where, column: str, *, nested: bool = False) -> None:
    """Raise a `ContentError` if a column, or what its lists or structs hold, cannot be numbers."""
    inside = _item_types(kind) if nested else [kind]
    bad = next((each for each in inside if each is not None and not is_number(each)), None)
    if bad is not None:
        hint = "numbers stored as text: cast the column to float64" if _is_text(bad) else None
        raise ContentError("not_a_number", f"has type {kind}, not a number", hint=hint, where=where, column=column)


def refuse_label_type(kind: pa.DataType | None, where: Where, column: str, purpose: str = "be a label") -> None:
    """Raise a `ContentError` for a column that is to hold labels, or other text, and cannot."""
    if kind is not None and not is_label(kind):
        raise ContentError(
            "label_type",
            f"has type {kind}, which cannot {purpose}",
            hint="text, integers, booleans and dates have one way of being written",
            where=where,
            column=column,
        )


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _item_types(kind: pa.DataType | None) -> list[pa.DataType | None]:
    if kind is None:
        return []
    return [field.type for field in kind] if pa.types.is_struct(kind) else [kind.value_type]
