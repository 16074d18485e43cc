"""The algebra that all states share: field by field, states merge and counts add."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Self

import numpy as np


class Merging:
    """A dataclass of states and counts. `merge` is commutative and associative, as it is for the fields."""

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        mine, theirs = self.__dict__, other.__dict__
        return type(self)(*[_merged(mine[name], theirs[name]) for name in _names(type(self))])  # type: ignore[arg-type]


def _merged(one: object, two: object) -> object:
    return one + two if isinstance(one, int | np.ndarray) else one.merge(two)  # type: ignore[attr-defined, operator]


@cache
def _names(state: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(state))  # for thousands of merges, asked for once
