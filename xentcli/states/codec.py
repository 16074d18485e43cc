"""Frozen dataclasses, the states among them, to JSON and back.

What is read is told by the declared types of the fields and never by the file: a file can name no class, and
whatever is not of the declared type is refused. So a new field needs nothing here but a new version of the format.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from msgspec import Struct

from xentcli.core.clusters import Clusters
from xentcli.core.exact import ExactProducts, ExactSums
from xentcli.core.kept_rows import KeptRows
from xentcli.core.odds_cells import OddsCells
from xentcli.engine.scoring import PartScore
from xentcli.states import stored
from xentcli.states.arrays import Malformed, array_json, array_of

# Classes that are stored as another: its type, the way there, and back.
_STORED_AS: dict[type, tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = {
    ExactSums: (stored.StoredSums, stored.stored_sums, stored.exact_sums),
    ExactProducts: (stored.StoredProducts, stored.stored_products, stored.exact_products),
    PartScore: (stored.StoredPart, stored.stored_part, stored.part_score),
    OddsCells: (stored.StoredOdds, stored.stored_odds, stored.odds_cells),
    Clusters: (stored.StoredClusters, stored.stored_clusters, stored.clusters_of),
    KeptRows: (stored.StoredRows, stored.stored_rows, stored.kept_rows),
}

_PLAIN = 1 << 53  # whole numbers below are numbers in JSON, for every reader the same
_LARGE = re.compile(r"(-?)0x([0-9a-f]+)p([0-9]{1,5})")  # m 2^e: totals in units of 2^-1074 end in zeros


def to_json(value: Any, kind: Any) -> Any:
    """The JSON of a value of the type `kind`."""
    origin, inner = get_origin(kind), get_args(kind)
    if _is_union(origin):
        return None if value is None else to_json(value, _not_none(inner))
    if origin is np.ndarray:
        return array_json(value)
    if origin is tuple:
        return [to_json(item, type_) for item, type_ in zip(value, _items(inner, len(value)), strict=True)]
    if origin is frozenset:
        return sorted(to_json(item, inner[0]) for item in value)
    if origin is dict:
        pairs = ([to_json(key, inner[0]), to_json(item, inner[1])] for key, item in value.items())
        return sorted(pairs, key=lambda pair: repr(pair[0]))  # so that equal ones are equal in the file
    if kind in _STORED_AS:
        type_, there, _ = _STORED_AS[kind]
        return to_json(there(value), type_)
    if _is_class(kind):
        return {name: to_json(getattr(value, name), type_) for name, type_ in fields_of(kind).items()}
    if issubclass(kind, Enum):
        return value.value
    return _number_json(value) if kind is int else value


def of_json(value: Any, kind: Any, place: str = "state") -> Any:
    """The value of the type `kind` that this is the JSON of; raises `Malformed`."""
    origin, inner = get_origin(kind), get_args(kind)
    if _is_union(origin):
        return None if value is None else of_json(value, _not_none(inner), place)
    if origin is np.ndarray:
        return array_of(value, np.dtype(get_args(inner[1])[0]), place)
    if origin in (tuple, frozenset):
        found = _of_list(value, (inner[0], ...) if origin is frozenset else inner, place)
        return origin(found)
    if origin is dict:
        pairs = _of_list(value, (types.GenericAlias(tuple, inner), ...), place)
        if len(dict(pairs)) < len(pairs):
            raise Malformed(place, "has a key twice")
        return dict(pairs)
    if kind in _STORED_AS:
        type_, _, back = _STORED_AS[kind]
        try:
            return back(of_json(value, type_, place))
        except ValueError as fault:
            raise Malformed(place, str(fault)) from None
    if _is_class(kind):
        return kind(*_of_object(value, fields_of(kind), place))
    if issubclass(kind, Enum):
        return _of_enum(value, kind, place)
    return _of_scalar(value, kind, place)


@cache
def fields_of(kind: Any) -> dict[str, Any]:
    """The types of the fields of a dataclass, by name, in order."""
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__}


def _of_object(value: Any, types_: dict[str, Any], place: str) -> list[Any]:
    if not isinstance(value, dict) or value.keys() != types_.keys():
        raise Malformed(place, f"has not the fields {', '.join(types_)}")
    return [of_json(value[name], type_, f"{place}.{name}") for name, type_ in types_.items()]


def _of_list(value: Any, inner: tuple[Any, ...], place: str) -> list[Any]:
    if not isinstance(value, list) or (... not in inner and len(value) != len(inner)):
        raise Malformed(place, "is not the list it should be")
    kinds = _items(inner, len(value))
    return [of_json(item, kind, f"{place}[{i}]") for i, (item, kind) in enumerate(zip(value, kinds, strict=True))]


def _of_enum(value: Any, kind: type[Enum], place: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise Malformed(place, f"is no {kind.__name__}") from None


def _of_scalar(value: Any, kind: type, place: str) -> Any:
    if kind is int and type(value) is str and (match := _LARGE.fullmatch(value)):
        sign, digits, power = match.groups()
        return (-1 if sign else 1) * int(digits, 16) << int(power)
    if type(value) is not kind or (type(value) is float and not math.isfinite(value)):
        raise Malformed(place, f"is not a {'finite ' if kind is float else ''}{kind.__name__}")
    return value


def _number_json(value: int) -> int | str:
    if abs(value) < _PLAIN:
        return value
    power = (value & -value).bit_length() - 1
    return f"{'-' if value < 0 else ''}{abs(value) >> power:#x}p{power}"


def _items(inner: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """The types of the items of a tuple."""
    return inner[:1] * count if ... in inner else inner


def _is_union(origin: Any) -> bool:
    return origin in (Union, types.UnionType)


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _not_none(inner: tuple[Any, ...]) -> Any:
    [kind] = [each for each in inner if each is not types.NoneType]
    return kind
