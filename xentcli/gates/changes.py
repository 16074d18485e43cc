"""What changed since the baseline: the numbers that a reviewer asks for first, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.gates.baseline import Baseline
from xentcli.results.gate import Change
from xentcli.results.metrics import UNITS
from xentcli.results.parts import Number
from xentcli.results.score import ScoreResult

COMPARED = {
    "metrics": ("log_loss", "accuracy", "brier", "rows"),
    "breakdown": ("uncertainty", "discrimination", "miscalibration"),
}


def changes(result: ScoreResult, baseline: Baseline) -> tuple[Change, ...]:
    """The numbers of `COMPARED` in the result's unit, where one of the two has them."""
    return tuple(each for each in _changes(result, baseline) if (each.baseline, each.value) != (None, None))


def _changes(result: ScoreResult, baseline: Baseline) -> Iterator[Change]:
    factor = result.unit.of(baseline.unit.nats)
    for table, names in COMPARED.items():
        for name in names:
            old = _number(baseline.document.get(table), name)
            if old is not None and UNITS[name] == "info":
                old *= factor
            yield Change(name, old, getattr(getattr(result, table), name, None))


def _number(part: object, name: str) -> Number:
    """A number of a saved JSON; whatever else stands there is not available."""
    value = part.get(name) if isinstance(part, dict) else None
    if value == "Infinity":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond float64
        return None
