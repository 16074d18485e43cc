"""`replace`, `asdict` and `fields` for the values of the program, which are Structs, and of the tests alike."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def replace(value: Value, /, **changes: Any) -> Value:
    """The same value with other fields."""
    other = dataclasses.replace if dataclasses.is_dataclass(value) else msgspec.structs.replace
    return other(value, **changes)  # type: ignore[type-var]  # one of the two


def fields(value: Any) -> tuple[str, ...]:
    """The names of the fields of a value or a class."""
    if dataclasses.is_dataclass(value):
        return tuple(field.name for field in dataclasses.fields(value))
    names: tuple[str, ...] = value.__struct_fields__
    return names


def asdict(value: Any) -> Any:
    """Fields by name, and so on inside."""
    if isinstance(value, msgspec.Struct) or dataclasses.is_dataclass(value):
        return {name: asdict(getattr(value, name)) for name in fields(value)}
    if isinstance(value, tuple | list):
        return type(value)(map(asdict, value))
    if isinstance(value, dict):
        return {key: asdict(item) for key, item in value.items()}
    return value
