"""The slices of a result: what each contributes to the loss, and its own numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ratio
from xentcli.core.numbers.summary import Summary, summarize
from xentcli.core.row_means import RowMeans
from xentcli.engine.slices import MOST_SLICES, SliceState
from xentcli.engine.totals import Totals
from xentcli.errors import RequestError
from xentcli.results.parts import LabelResult, SliceResult
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


def label_results(run: Run, options: SummaryOptions) -> tuple[LabelResult, ...] | None:
    """The labels of rows that have several, in their order; None of other rows."""
    form, sets = run.columns.multilabel, run.columns.keys.by
    if form is None:
        return None
    number = sets.index((form.by,))
    states = {values[0]: state for (of, values), state in run.totals.slices.states.items() if of == number}
    found = ((name, states[name]) for name in form.names if name in states and states[name].score.losses.rows)
    return tuple(_label(name, state, run, options) for name, state in found)


def _label(name: str, state: SliceState, run: Run, options: SummaryOptions) -> LabelResult:
    summary = _summary(state, run.totals, run.classes, options)
    metrics = summary.metrics
    return LabelResult(
        name=name,
        rows=metrics.rows,
        share=summary.per_class[1].share,
        log_loss=metrics.log_loss,
        contribution=_contribution(state, run.totals),
        accuracy=metrics.accuracy,
        brier=metrics.brier,
    )


def of_rows(summary: Summary, row_means: RowMeans | None) -> Summary:
    """The summary with the rows of the input counted, where several scores are of one row."""
    if row_means is None:
        return summary
    return replace(summary, metrics=replace(summary.metrics, rows=row_means.count))


def _summary(state: SliceState, whole: Totals, classes: Sequence[str], options: SummaryOptions) -> Summary:
    means = state.row_means if whole.row_means.count else None
    clusters = state.clusters if whole.clusters.count else means
    return of_rows(summarize(state.score, classes, options, clusters), means)


def _contribution(state: SliceState, whole: Totals) -> float | None:
    losses = state.score.losses
    return math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), whole.state.losses.weight)


def _slice(
    by: tuple[tuple[str, str | None], ...],
    state: SliceState,
    whole: Totals,
    classes: Sequence[str],
    options: SummaryOptions,
) -> SliceResult:
    summary = _summary(state, whole, classes, options)
    loss = _contribution(state, whole)
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
