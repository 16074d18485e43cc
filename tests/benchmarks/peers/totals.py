"""From totals of each label and top class, which is all that a query has to return, to the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Totals(NamedTuple):
    """Of the rows of one label with one top class."""

    label: Any
    top: Any
    rows: int
    loss: float
    squared_loss: float
    entropy: float
    brier: float


def numbers(groups: Sequence[Totals]) -> dict[str, Any]:
    """The metrics, and those of each class, as xent defines and names them."""
    rows, loss = sum(g.rows for g in groups), math.fsum(g.loss for g in groups)
    squares = math.fsum(g.squared_loss for g in groups) - loss * loss / rows
    return {
        "log_loss": loss / rows,
        "accuracy": sum(g.rows for g in groups if g.label == g.top) / rows,
        "log_loss_se": math.sqrt(squares / (rows - 1) / rows),
        "predictive_entropy": math.fsum(g.entropy for g in groups) / rows,
        "brier": math.fsum(g.brier for g in groups) / rows,
        "per_class": [_of_class(name, groups) for name in sorted({g.label for g in groups})],
    }


def _of_class(name: Any, groups: Sequence[Totals]) -> dict[str, Any]:
    def count(wanted: Callable[[Totals], bool]) -> int:
        return sum(g.rows for g in groups if wanted(g))

    rows, forecast = count(lambda g: g.label == name), count(lambda g: g.top == name)
    right = count(lambda g: g.label == g.top == name)
    return {
        "class": str(name),
        "rows": rows,
        "log_loss": math.fsum(g.loss for g in groups if g.label == name) / rows,
        "recall": right / rows,
        "precision": right / forecast if forecast else None,
    }
