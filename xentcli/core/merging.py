"""The algebra that all states share: field by field, states merge and counts add."""

from __future__ import annotations

from dataclasses import fields
from typing import Self

import numpy as np


class Merging:
    """A dataclass of states and counts. `merge` is commutative and associative, as it is for the fields."""

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        merged = {}
        for field in fields(self):  # type: ignore[arg-type]  # the subclasses are dataclasses
            one, two = getattr(self, field.name), getattr(other, field.name)
            merged[field.name] = one + two if isinstance(one, int | np.ndarray) else one.merge(two)
        return type(self)(**merged)
