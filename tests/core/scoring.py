"""Rows scored in one call: all that is known of each, and what they add up to."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.values import fields
from xentcli.core.accumulator import Accumulator, RowNumbers, score_rows
from xentcli.core.batch import Batch, IndexArray, InputKind, Policy, RowScores
from xentcli.core.kernel import BROKEN
from xentcli.core.moments import Moments, ScoreTest
from xentcli.core.state import BreakdownTotals, ByGroup, ClassTotals, Counts, LossTotals, ScoreState

# What the kernel tells of rows, besides what the batch says.
FOUND = tuple(
    name for name in fields(RowScores) if name not in ("classes", "labels", "weights", "sizes", "targets")
)


def scored_rows(batch: Batch, policy: Policy | None = None, rows: IndexArray | None = None) -> RowScores:
    """All that is known of the rows, or of some."""
    found, code = score_rows(batch, policy or Policy(), FOUND, rows)
    assert not code & BROKEN
    return found


def state_of(
    *batches: Batch,
    policy: Policy | None = None,
    breakdown: bool = True,
    numbers: IndexArray | None = None,
    rows: IndexArray | None = None,
) -> ScoreState:
    """The state of the rows of these batches, or of `rows` of each; `numbers` are those of the rows of all."""
    whole = Accumulator(policy or Policy(), ScoreState.empty(batches[0].classes), breakdown=breakdown)
    at = 0
    for batch in batches:
        keys = None if numbers is None else RowNumbers(0, numbers[at : at + batch.rows])
        _, code = whole.add(batch, rows=rows, keys=keys)
        assert not code & BROKEN
        at += batch.rows
    return whole.state()


def tokens(x: Any, w: Any = None, sizes: Any = None) -> Batch:
    """Tokens of losses x >= 0."""
    given = (None if values is None else np.array(values, np.float64) for values in (w, sizes))
    weights, bytes_of = given
    return Batch(InputKind.LOG_PROBABILITY, (-np.array(x, np.float64),), None, weights, sizes=bytes_of)


def same_totals(one: Any, two: Any) -> bool:
    """Whether states, or parts of them, have equal totals, though sums be scaled by other powers of two."""
    if isinstance(one, ScoreState):
        return all(
            same_totals(getattr(one, view), getattr(two, view)) for view in ("losses", "classes", "breakdown")
        )
    if isinstance(one, LossTotals | ClassTotals | BreakdownTotals | ByGroup | Moments | ScoreTest | Counts):
        return all(same_totals(getattr(one, name), getattr(two, name)) for name in fields(one))
    return np.array_equal(one, two) if isinstance(one, np.ndarray) else bool(one == two)
