"""Arrow arrays of any type near some values, and what they really hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa

from tests.properties.generating.drafts import Draft
from tests.properties.generating.texts import WHOLE

Values = list[float | None]
LIMITS = {"f4": 3e38, "f2": 6e4}
EXACT = Context(prec=60)
TYPES = ("f8",) * 6 + ("f4", "f2", "decimal", "integer", "boolean")


def draw_numbers(rng: Random, values: Sequence[float | None]) -> tuple[pa.Array, Values]:
    """A column of numbers of any type that can hold them, roughly."""
    name = rng.choice(TYPES)
    present = [x for x in values if x is not None]
    finite = all(map(math.isfinite, present))
    if name == "decimal" and finite and all(abs(x) < 1e6 for x in present):
        return as_decimals(rng, values)
    if name == "integer" and finite and all(x == int(x) and abs(x) < 100 for x in present):
        kind = rng.choice((pa.int8(), pa.int16(), pa.int64()))
        return held(pa.array([None if x is None else int(x) for x in values], kind))
    if name == "boolean" and all(x in (0, 1) for x in present):
        return held(pa.array([None if x is None else bool(x) for x in values]))
    if name in LIMITS and (name == "f4" or all(abs(x) < LIMITS["f2"] for x in present)):
        kind = {"f4": pa.float32(), "f2": pa.float16()}[name]
        return held(pa.array([None if x is None else rounded(x, name) for x in values], kind))
    return held(pa.array(values, pa.float64()))


def rounded(x: float, name: str) -> Any:
    """The nearest number of a smaller type, within its range."""
    limit = LIMITS[name]
    return np.dtype(name).type(max(min(x, limit), -limit) if math.isfinite(x) else x)


def as_decimals(rng: Random, values: Sequence[float | None]) -> tuple[pa.Array, Values]:
    digits = rng.choice((3, 12, 20, 30))
    unit = Decimal(1).scaleb(-digits)
    kind = pa.decimal128(38, digits) if digits > 3 or rng.random() < 0.5 else pa.decimal128(15, digits)
    return held(
        pa.array([None if x is None else Decimal(repr(x)).quantize(unit, context=EXACT) for x in values], kind)
    )


def held(array: pa.Array) -> tuple[pa.Array, Values]:
    """An array, and its values as float64."""
    return array, [None if x is None else float(x) for x in array.to_pylist()]


def draw_labels(rng: Random, labels: Sequence[str | None]) -> pa.Array:
    """A column of labels: text of any type, a dictionary, or whole numbers."""
    kind = rng.choice(("string", "large", "dictionary", "view", "integer"))
    if kind == "integer" and all(label is None or WHOLE.fullmatch(label) for label in labels):
        numbers = [None if label is None else int(label) for label in labels]
        small = all(number is None or number < 200 for number in numbers)
        return pa.array(numbers, rng.choice((pa.int64(), pa.int32(), pa.uint8())) if small else pa.int64())
    if kind == "dictionary":
        return pa.array(labels, pa.string()).dictionary_encode()
    return pa.array(labels, pa.large_string() if kind == "large" else pa.string())


def draw_keys(rng: Random, values: Sequence[str | None]) -> pa.Array:
    """A column of keys."""
    array = pa.array(values, pa.string())
    return array.dictionary_encode() if rng.random() < 0.3 and array.null_count < len(array) else array


def draw_scores(rng: Random, draft: Draft) -> tuple[dict[str, pa.Array], list[dict[str, Any]]]:
    """The score columns, and the scores that each row holds."""
    if draft.style == "list":
        array, lists = draw_lists(rng, [list(row.scores) for row in draft.rows], len(draft.classes))
        return {draft.scores[0]: array}, [{draft.scores[0]: each} for each in lists]
    by_column = [list(each) for each in zip(*(row.scores for row in draft.rows), strict=True)]
    drawn = [draw_numbers(rng, each) for each in by_column]
    values = list(zip(*(each for _, each in drawn), strict=True))
    if draft.style == "struct":
        struct = pa.StructArray.from_arrays([array for array, _ in drawn], names=list(draft.classes))
        return {draft.scores[0]: struct}, [{draft.scores[0]: list(each)} for each in values]
    columns = {name: array for name, (array, _) in zip(draft.scores, drawn, strict=True)}
    return columns, [dict(zip(draft.scores, each, strict=True)) for each in values]


ODD_LISTS: tuple[list[float | None], ...] = ([], [0.5], [0.1] * 7)
LISTS: tuple[Callable[[int], Any], ...] = (
    lambda size: pa.list_(pa.float64()),
    lambda size: pa.large_list(pa.float64()),
    lambda size: pa.list_(pa.float64(), size),
    lambda size: pa.list_(pa.float32()),
)


def draw_lists(rng: Random, lists: list[Values], size: int) -> tuple[pa.Array, list[Values | None]]:
    """A column of lists of any type; seldom one that is missing, or of another length."""
    kind = rng.choice(LISTS)(size)
    found: list[Values | None] = list(lists)
    if kind.value_type == pa.float32():
        found = [[None if x is None else float(rounded(x, "f4")) for x in each] for each in lists]
    later = range(1, len(found))  # the first row tells the number of classes
    if later and rng.random() < 0.06:
        found[rng.choice(later)] = None
    if later and rng.random() < 0.06 and not pa.types.is_fixed_size_list(kind):
        found[rng.choice(later)] = rng.choice(ODD_LISTS)
    return pa.array(found, kind), found
