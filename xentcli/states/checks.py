"""Whether the parts of a state that was read fit one another, where types alone do not tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import ScoreLayout
from xentcli.core.cells import LossCells, PairLosses
from xentcli.core.exact import ExactProducts, ExactSums
from xentcli.core.kept_rows import BUDGET, KeptRows, Rows
from xentcli.core.layout import layout
from xentcli.core.numbers.standard_errors import ClassErrors
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.table import LIMIT
from xentcli.core.state import ScoreState
from xentcli.engine.slices import MOST_SLICES, Slices
from xentcli.engine.worst import Worst
from xentcli.errors import MOST_SHARDS
from xentcli.states.arrays import Malformed
from xentcli.states.run import NoRows, Run

_CELLS = 1 << 16  # of the grid of losses


def check(run: Run | NoRows) -> None:
    """Raise `Malformed` for what cannot be."""
    for place, fine in _numbers_fit(run) if isinstance(run, NoRows) else _conditions(run):
        if not fine:
            raise Malformed(f"state.{place}", "does not fit the rest")
    if isinstance(run, NoRows):
        return
    like = ScoreState.empty(run.columns.class_count)
    _check_like(run.totals.state, like, "state.merged.state")
    for state in run.totals.slices.states.values():
        _check_like(state.score, like, "state.merged.slices.states")


def _conditions(run: Run) -> Iterator[tuple[str, bool]]:
    columns, totals = run.columns, run.totals
    count, classes = columns.class_count, columns.classes
    yield "inputs", len(run.inputs) > 0
    yield from _numbers_fit(run)
    yield "columns.scores", all(group.rows > 0 for group in (columns.scores, columns.targets) if group)
    yield "columns.classes", len(set(classes)) == len(classes) == count if classes else columns.single or not count
    yield "columns.scores", len(columns.scores.column_of) in (1, count)
    yield "columns.targets", columns.targets is None or len(columns.targets.column_of) in (1, count)
    prior = run.prior or ()
    yield "prior", len(prior) in (0, count) and all(share >= 0 for share in prior)
    places = layout(count)
    yield "state.class_count", totals.state.class_count == count
    yield "state.counts", totals.state.counts.shape == (places.number_count,)
    yield "state.sums", totals.state.sums.groups == places.group_count
    several = columns.scores.layout is ScoreLayout.TOKENS  # tokens in a row
    yield "merged.tally", several or sum(totals.rows.values()) * columns.scores_of_row >= totals.state.losses.rows
    yield "merged.tally", set(_numbers_of_examples(run)) <= set(run.numbers)
    yield "totals.state.losses", (totals.state.losses.weight > 0) == run.is_scored
    yield "merged.filtered", 0 <= totals.filtered <= sum(totals.rows.values())
    yield "merged.labels", all(index in (0, 1) for index, _ in totals.labels)
    yield "merged.slices", _slices_fit(totals.slices, columns.keys.by)
    yield "merged.clusters", (columns.clustered and run.is_scored) == (totals.clusters.count > 0)
    whole = totals.clusters.whole
    yield "merged.clusters", whole is None or len(whole.sums) < 5  # as those of documents have
    listed = totals.documents.sums.count > 0 or totals.documents.too_many
    yield "merged.documents", (columns.documents and run.is_scored) == listed
    yield "worst", _listed_rows_fit(totals.worst, run)
    yield "class_errors", _class_errors_fit(totals.class_errors, count)
    yield "breakdown", run.plan.breakdown or not totals.state.breakdown.kept.total


def _numbers_fit(run: Run | NoRows) -> Iterator[tuple[str, bool]]:
    """Whether the inputs could have these numbers."""
    numbers, inputs = run.numbers, run.inputs
    yield "inputs", all(each.rows >= 0 for each in inputs)
    yield "inputs", isinstance(run, Run) or not any(each.rows for each in inputs)
    yield "numbers", len(set(numbers)) == len(inputs) == len(numbers)
    yield "numbers", all(0 <= number < MOST_SHARDS for number in numbers)
    yield "numbers", run.numbered or numbers == tuple(range(len(inputs)))
    yield "empty_parts", run.empty_parts >= 0


def _numbers_of_examples(run: Run) -> Iterator[int]:
    for entry in run.totals.tally.entries.values():
        yield from (example.where[0] for example in entry.examples)


def _slices_fit(slices: Slices, sets: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the slices are of these sets of columns."""
    numbers = [number for number, _ in slices.states]
    known = {*numbers, *slices.too_many} <= set(range(len(sets)))
    few = all(numbers.count(number) <= MOST_SLICES for number in set(numbers))
    return known and few and all(len(values) == len(sets[number]) for number, values in slices.states)


def _listed_rows_fit(worst: Worst, run: Run) -> bool:
    """Whether the rows of the largest loss are of these inputs, classes and columns, and in order."""
    rows, classes, shown = worst.rows, {None, *range(run.columns.class_count)}, run.columns.keys.show
    few = len(rows) <= worst.most and {row.place[0] for row in rows} <= {*run.numbers}
    known = all({row.label, row.forecast} <= classes and row.loss >= 0 and row.weight > 0 for row in rows)
    columns = all(tuple(name for name, _ in row.columns) == shown for row in rows)
    return few and known and columns and list(rows) == sorted(rows, key=lambda row: row.order)


def _class_errors_fit(errors: ClassErrors, count: int) -> bool:
    """Whether the totals are of so many classes; those of no row may not know how many there are."""
    names = [name for name in errors.__struct_fields__ if name != "beyond"]
    return errors.beyond >= 0 and all(getattr(errors, name).groups in (0, count) for name in names)


def _check_like(value: Any, like: Any, place: str) -> None:
    """Whether arrays have the shapes, and sums the groups, that those of an empty state have."""
    if type(value) in _CHECKS:
        fine = _CHECKS[type(value)](value, like)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            _check_like(getattr(value, name), getattr(like, name), f"{place}.{name}")
        return
    elif isinstance(value, np.ndarray):
        fine = value.shape == like.shape and bool((value >= 0).all())
    else:
        fine = value >= 0
    if not fine:
        raise Malformed(place, "does not fit the rest")


def _sums_fit(sums: ExactSums, like: ExactSums) -> bool:
    return sums.groups == like.groups


def _cells_fit(cells: LossCells, like: LossCells) -> bool:
    size = cells.largest.size
    inside = cells.largest.shape == (size,) and cells.first >= 0 and cells.first + size <= _CELLS
    return inside and cells.weight.groups == size and _finite(cells.largest)


def _pairs_fit(pairs: PairLosses, like: PairLosses) -> bool:
    size = pairs.pairs.size
    arrays = (pairs.pairs, pairs.rows, pairs.infinite)
    shapes = all(array.shape == (size,) and bool((array >= 0).all()) for array in arrays)
    return shapes and bool((np.diff(pairs.pairs) > 0).all()) and pairs.loss.groups == size


def _odds_fit(odds: OddsCells, like: OddsCells) -> bool:
    keys, exponents, halves = odds.totals.keys, odds.totals.exponents, odds.totals.halves
    size = keys.size
    limbs = odds.totals.squares() if halves.shape == (4, size) else halves
    shapes = keys.shape == exponents.shape == (size,) and limbs.shape == (8, size)
    if not shapes or odds.limit != LIMIT:
        return False
    rising = (keys[1:] > keys[:-1]) | ((keys[1:] == keys[:-1]) & (exponents[1:] > exponents[:-1]))
    inside = bool(((exponents > 0) & (exponents < 2047)).all() and (halves >= 0).all() and (limbs >= 0).all())
    return bool(rising.all()) and inside


def _kept_fit(kept: KeptRows, like: KeptRows) -> bool:
    head = kept.classes == like.classes and kept.budget == BUDGET and 0 <= kept.level <= 64
    if not head or not kept.classes * kept.rows <= BUDGET or not kept.rows <= kept.total:
        return False
    fine = all(_rows_fit(piece.rows, kept.classes, piece.keys.shape) for piece in kept.pieces)
    return fine and (kept.level > 0 or kept.rows == kept.total)


def _rows_fit(rows: Rows, classes: int, shape: tuple[int, ...]) -> bool:
    """Whether each row has a prediction, a weight and one thing that happened."""
    q, labels, soft, weights = rows.log_q, rows.labels, rows.targets, rows.weights
    if len(shape) != 1 or q.shape != (classes, *shape) or np.isnan(q).any() or np.isposinf(q).any():
        return False
    if weights is not None and not (weights.shape == shape and _finite(weights) and (weights > 0).all()):
        return False
    if labels is not None:
        inside = bool(((labels >= 0) & (labels < classes)).all())
        return soft is None and labels.shape == shape and inside
    return soft is not None and soft.shape == q.shape and bool(((soft >= 0) & (soft <= 1)).all())


def _finite(array: Any) -> bool:
    return not array.size or math.isfinite(float(np.abs(array).max()))


_CHECKS: dict[type, Callable[[Any, Any], bool]] = {
    ExactSums: _sums_fit,
    ExactProducts: lambda products, like: True,  # of one group each, or they could not be read
    LossCells: _cells_fit,
    PairLosses: _pairs_fit,
    OddsCells: _odds_fit,
    KeptRows: _kept_fit,
}
