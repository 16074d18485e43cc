"""What a column of a binary file can hold, judged by its type."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from xentcli.data.source import Wanted
from xentcli.errors import ContentError, Where


def is_list(kind: pa.DataType) -> bool:
    """Whether a row is a list."""
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether a value is a number, or as good as one."""
    types = pa.types
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(number or types.is_boolean(kind))


def is_label(kind: pa.DataType) -> bool:
    """Whether a value can be a label."""
    types = pa.types
    if types.is_dictionary(kind):
        return is_label(kind.value_type)
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return bool(text or types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def refuse_number_types(wanted: Wanted, types: Mapping[str, pa.DataType | None], where: Where) -> None:
    """Raise a `ContentError` for a column that is to hold numbers and cannot; None is text, read as asked."""
    inside = {name: _item_types(types[name]) for name in wanted.lists}
    inside |= {name: [types[name]] for name in wanted.numbers}
    for name, kinds in inside.items():
        bad = next((kind for kind in kinds if kind is not None and not is_number(kind)), None)
        if bad is not None:
            text = pa.types.is_string(bad) or pa.types.is_large_string(bad)
            hint = "numbers stored as text: cast the column to float64 when the file is written" if text else None
            raise ContentError(
                "not_a_number", f"has type {types[name]}, not a number", hint=hint, where=where, column=name
            )


def refuse_label_type(kind: pa.DataType | None, where: Where, column: str) -> None:
    """Raise a `ContentError` for a column that is to hold labels and cannot."""
    if kind is not None and not is_label(kind):
        raise ContentError(
            "label_type",
            f"has type {kind}, which cannot be a label",
            hint="labels are text, integers or booleans",
            where=where,
            column=column,
        )


def _item_types(kind: pa.DataType | None) -> list[pa.DataType | None]:
    if kind is None:
        return []
    return [field.type for field in kind] if pa.types.is_struct(kind) else [kind.value_type]
