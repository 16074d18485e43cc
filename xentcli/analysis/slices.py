"""The slices of a result: what each contributes to the loss, and its own numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ratio
from xentcli.core.numbers.summary import summarize
from xentcli.engine.slices import MOST_SLICES, SliceState
from xentcli.engine.totals import Totals
from xentcli.errors import RequestError
from xentcli.results.parts import SliceResult
from xentcli.states.run import Run


def slice_results(run: Run, options: SummaryOptions) -> Iterator[SliceResult]:
    """The slices of each set of columns, the costliest first; those without a row of positive weight are none.

    Raises `RequestError` for a set of columns with too many values.
    """
    slices, sets, classes = run.totals.slices, run.columns.keys.by, run.classes
    if slices.too_many:
        _refuse_many(sets[min(slices.too_many)])
    for number, columns in enumerate(sets):
        found = [
            _slice(tuple(zip(columns, values, strict=True)), state, run.totals, classes, options)
            for (of, values), state in slices.states.items()
            if of == number and state.score.losses.rows
        ]
        yield from sorted(found, key=lambda each: (-(each.contribution or 0.0), _sortable(each)))


def _slice(
    by: tuple[tuple[str, str | None], ...],
    state: SliceState,
    whole: Totals,
    classes: Sequence[str],
    options: SummaryOptions,
) -> SliceResult:
    losses = state.score.losses
    clusters = state.clusters if whole.clusters.count else None
    summary = summarize(state.score, classes, replace(options, calibration=False), clusters)
    loss = math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), whole.state.losses.weight)
    return SliceResult(
        by, summary.metrics.rows, summary.weight, loss, summary.metrics, summary.breakdown, summary.basis
    )


def _sortable(each: SliceResult) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for _, value in each.by]


def _refuse_many(columns: Sequence[str]) -> None:
    names = ", ".join(columns)
    raise RequestError(
        "too_many_slices",
        f"--by {names} has more than {MOST_SLICES:,} different values",
        hint="--bins COL=0,18,65 slices a column of numbers by ranges",
        column=columns[0] if len(columns) == 1 else None,
    )
