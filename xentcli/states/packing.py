"""Values of one type, packed by columns as their types say, and the way back.

Values of a type (the totals of all rows, and of each slice) become one column for each of its fields, down to a
few arrays that hold what all of them have: they are read in as many steps as there are fields, not values. What
holds no arrays is left to msgspec. A file can name no class: a new field only takes a new version of the format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from types import NoneType, UnionType
from typing import Any, NamedTuple, get_args, get_origin

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.states.arrays import Malformed


class Form(NamedTuple):
    """What is stored in the place of values of a type: one value of the type `kind`, for all of them."""

    kind: Any
    join: Callable[[Sequence[Any]], Any]
    split: Callable[[Any, int], Sequence[Any]]  # so many values, or a ValueError


FORMS: dict[Any, Form] = {}  # by class
_MOST_VALUES = 1 << 20  # of a type that has a form, as slices have


class Packer:
    """Packs values; their arrays stand in `arrays`, and by number in what is packed."""

    def __init__(self) -> None:
        self.arrays: list[NDArray[Any]] = []

    def pack(self, kind: Any, values: Sequence[Any]) -> Any:
        """What JSON can hold of values of the type `kind`."""
        origin, args, plain = _read(kind)
        if not values:
            return None
        if plain:
            return msgspec.to_builtins(list(values))
        if form := FORMS.get(origin):
            return self.pack(form.kind, [form.join(values)])
        if origin is np.ndarray:
            return self._pack_arrays(values)
        if origin is UnionType:
            kept = [value for value in values if value is not None]
            return [[value is not None for value in values], self.pack(args[0], kept)]
        if origin in (tuple, dict):
            items = [self.pack(arg, list(chain.from_iterable(each))) for arg, each in _items(origin, args, values)]
            return [[len(value) for value in values], *items]
        return {
            name: self.pack(field, [getattr(value, name) for value in values])
            for name, field in _fields(kind).items()
        }

    def _pack_arrays(self, values: Sequence[NDArray[Any]]) -> list[Any]:
        """Side by side, along their last axis, and the length of each along it."""
        self.arrays.append(np.concatenate(values, axis=-1))
        return [[value.shape[-1] for value in values], len(self.arrays) - 1]


class Unpacker:
    """Reads what was packed, with these arrays."""

    def __init__(self, arrays: Sequence[NDArray[Any]]) -> None:
        self._arrays = arrays

    def unpack(self, kind: Any, packed: Any, count: int) -> Sequence[Any]:
        """So many values of the type `kind`; raises `Malformed` or another ValueError."""
        origin, args, plain = _read(kind)
        if not count and packed is None:
            return []
        if plain:
            return _of_length(msgspec.convert(packed, list[kind]), count)
        if form := FORMS.get(origin):
            if count > _MOST_VALUES:
                raise Malformed("state", "has more values than there can be")
            return _of_length(form.split(self.unpack(form.kind, packed, 1)[0], count), count)
        if origin is np.ndarray:
            return self._unpack_arrays(np.dtype(get_args(args[1])[0]), packed, count)
        if origin is UnionType:
            given, kept = _parts(packed, 2)
            given = _of_length(msgspec.convert(given, list[bool]), count)
            values = iter(self.unpack(args[0], kept, sum(given)))
            return [next(values) if each else None for each in given]
        if origin in (tuple, dict):
            return self._unpack_items(origin, args, packed, count)
        fields = _fields(kind)
        if not isinstance(packed, dict) or packed.keys() != fields.keys():
            raise Malformed(kind.__name__, "has other fields")
        columns = [self.unpack(field, packed[name], count) for name, field in fields.items()]
        return [origin(*values) for values in zip(*columns, strict=True)]

    def _unpack_items(self, origin: Any, args: tuple[Any, ...], packed: Any, count: int) -> list[Any]:
        lengths, *items = _parts(packed, 3 if origin is dict else 2)
        lengths = _lengths(lengths, count)
        kinds = args[:1] if origin is tuple else args
        columns = [self.unpack(arg, each, sum(lengths)) for arg, each in zip(kinds, items, strict=True)]
        rows = iter(columns[0] if origin is tuple else zip(*columns, strict=True))
        values = [origin(next(rows) for _ in range(length)) for length in lengths]
        if any(len(value) != length for value, length in zip(values, lengths, strict=True)):
            raise Malformed("state", "has a key twice")
        return values

    def _unpack_arrays(self, dtype: np.dtype[Any], packed: Any, count: int) -> list[NDArray[Any]]:
        lengths, number = _parts(packed, 2)
        lengths = _lengths(lengths, count)
        if type(number) is not int or not 0 <= number < len(self._arrays):
            raise Malformed("array", "is none of those that are there")
        array = self._arrays[number]
        if array.dtype != dtype or not array.ndim or array.shape[-1] != sum(lengths):
            raise Malformed("array", f"is no {dtype} of that length")
        return [array] if count == 1 else np.split(array, np.cumsum(lengths)[:-1], axis=-1)


def _items(origin: Any, args: tuple[Any, ...], values: Sequence[Any]) -> list[tuple[Any, list[Any]]]:
    """(Type, the items of that type of each value): a tuple has one kind, a dictionary has keys and values."""
    if origin is tuple:
        return [(args[0], list(values))]
    ordered = [sorted(value.items(), key=lambda each: repr(each[0])) for value in values]
    return [(arg, [[each[at] for each in value] for value in ordered]) for at, arg in enumerate(args)]


def _parts(packed: Any, count: int) -> list[Any]:
    if not isinstance(packed, list) or len(packed) != count:
        raise Malformed("state", f"has not {count} parts where it should")
    return packed


def _of_length(values: Sequence[Any], count: int) -> Sequence[Any]:
    if len(values) != count:
        raise Malformed("state", f"has {len(values)} values where {count} should be")
    return values


def _lengths(packed: Any, count: int) -> list[int]:
    lengths = _of_length(msgspec.convert(packed, list[int]), count)
    if min(lengths, default=0) < 0:
        raise Malformed("state", "has a length below 0")
    return list(lengths)


@lru_cache(maxsize=256)
def _fields(kind: Any) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(kind)}


@lru_cache(maxsize=256)
def _read(kind: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """The class of a type, its arguments, and whether msgspec knows all that is in its values."""
    origin, args = get_origin(kind) or kind, get_args(kind)
    if origin in FORMS or origin is np.ndarray:
        return origin, args, False
    inside = _fields(kind).values() if isinstance(origin, type) and issubclass(origin, Struct) else args
    return origin, args, all(_read(each)[2] for each in inside if each not in (Ellipsis, NoneType))
