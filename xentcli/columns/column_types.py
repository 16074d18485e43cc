"""What a column of a binary file can hold, judged by its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xentcli.errors import ContentError, Where
from xentcli.sources.arrays import is_list, leaf_type

if TYPE_CHECKING:
    import pyarrow as pa


def is_text(kind: pa.DataType) -> bool:
    """Whether a value is a text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether a value is a number, or as good as one."""
    from pyarrow import types

    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(number or types.is_boolean(kind))


def holds_numbers(kind: pa.DataType | None) -> bool:
    """Whether a value is a list of numbers."""
    return kind is not None and is_list(kind) and is_number(leaf_type(kind))


def may_be_number(kind: pa.DataType) -> bool:
    """Whether a column of this type holds numbers, lists or structs, or text, which may spell numbers."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return may_be_number(kind.value_type)
    return is_number(kind) or is_text(kind) or types.is_null(kind) or types.is_nested(kind)


def is_whole_number(kind: pa.DataType) -> bool:
    """Whether a value is an integer by its type."""
    from pyarrow import types

    return bool(types.is_integer(kind))


def is_label(kind: pa.DataType) -> bool:
    """Whether a value has one way of being written, so that it can be a label: a timestamp has several."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return is_label(kind.value_type)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    return bool(is_text(kind) or number or types.is_date(kind))


def refuse_number_type(kind: pa.DataType | None, where: Where, column: str, *, nested: bool = False) -> None:
    """Raise a `ContentError` if a column, or what its lists or structs hold, cannot be numbers.

    A type of None is text, which is read as asked.
    """
    if kind is None:
        return
    items = [kind]
    if nested:
        from pyarrow import types

        leaf = leaf_type(kind)
        items = [field.type for field in leaf] if types.is_struct(kind) else [leaf]
    bad = next((each for each in items if not is_number(each)), None)
    if bad is not None:
        hint = "numbers stored as text: cast the column to float64" if is_text(bad) else None
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
